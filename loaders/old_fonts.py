"""Vietnamese as it was written before Unicode: TCVN3 (ABC), VNI-Windows and VISCII, as bytes or as the wrong letters they show as.

Tables: TCVN 5712:1993 (VN3), VNI for Windows (a mark after its letter), RFC 1456 (VISCII).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TCVN3_LETTERS = (
    "Ă¡ Â¢ Đ§ Ê£ Ô¤ Ơ¥ Ư¦ ă¨ â© đ® ê« ô¬ ơ­ ư® àµ ả¶ ã· á¸ ạ¹ ằ» ẳ¼ ẵ½ ắ¾ ặÆ ầÇ ẩÈ ẫÉ ấÊ ậË èÌ ẻÎ ẽÏ éÐ ẹÑ ềÒ ểÓ ễÔ ếÕ ệÖ ì× ỉØ ĩÜ íÝ ịÞ "
    "òß ỏá õâ óã ọä ồå ổæ ỗç ốè ộé ờê ởë ỡì ớí ợî ùï ủñ ũò úó ụô ừõ ửö ữ÷ ứø ựù ỳú ỷû ỹü ýý ỵþ"
)
TCVN3 = {pair[1]: pair[0] for pair in _TCVN3_LETTERS.split(" ") if len(pair) == 2}
# the seven letters without a tone stand at fixed places
TCVN3 |= dict(zip("\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae", "ĂÂÊÔƠƯĐăâêôơưđ", strict=True))

_VISCII_HIGH = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
VISCII = {chr(0x80 + n): letter for n, letter in enumerate(_VISCII_HIGH)}
VISCII |= {"\x02": "Ẳ", "\x05": "Ẵ", "\x06": "Ẫ", "\x14": "Ỷ", "\x19": "Ỹ", "\x1e": "Ỵ"}

_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"
_VNI_MARKS = {
    "ø": _GRAVE, "ù": _ACUTE, "û": _HOOK, "õ": _TILDE, "ï": _DOT, "â": _CIRCUMFLEX, "à": _CIRCUMFLEX + _GRAVE, "á": _CIRCUMFLEX + _ACUTE,
    "å": _CIRCUMFLEX + _HOOK, "ã": _CIRCUMFLEX + _TILDE, "ä": _CIRCUMFLEX + _DOT, "ê": _BREVE, "è": _BREVE + _GRAVE, "é": _BREVE + _ACUTE,
    "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE, "ë": _BREVE + _DOT,
}  # fmt: skip
_VNI_SINGLE = {
    "ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "Ñ": "Đ", "Ô": "Ơ", "Ö": "Ư", "Æ": "Ỉ",
    "Ó": "Ĩ", "Ò": "Ị", "Î": "Ỵ",
}  # fmt: skip

_TONES = {_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT}
_SYLLABLE = re.compile(
    r"(ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvxfjwz])?"
    r"(oai|oay|oeo|uay|uây|uyê|uya|uyu|iêu|yêu|ươi|ươu|uôi|oao|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe"
    r"|oi|oo|ôi|ơi|ua|uâ|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|yê"
    r"|[aăâeêioôơuưy])(ch|ng|nh|[cmnpt])?"
)


@lru_cache(maxsize=200_000)
def is_syllable(word: str) -> bool:
    """Whether a word can be Vietnamese: one syllable with at most one tone."""
    apart = unicodedata.normalize("NFD", word.lower())
    tones = sum(char in _TONES for char in apart)
    bare = unicodedata.normalize("NFC", "".join(char for char in apart if char not in _TONES))
    return tones <= 1 and _SYLLABLE.fullmatch(bare) is not None


def likeness(text: str) -> tuple[int, int]:
    """Words of a text that are more than plain ASCII: how many can be Vietnamese, and how many there are."""
    words = [word for word in re.split(r"[\s0-9!-/:-@\[-`{-~]+", text) if word and not word.isascii()]
    return sum(is_syllable(word) for word in words), len(words)


def from_tcvn3(text: str) -> str:
    return "".join(TCVN3.get(char, char) for char in text)


def from_viscii(text: str) -> str:
    return "".join(VISCII.get(char, char) for char in text)


def from_vni(text: str) -> str:
    """Text in VNI: a mark follows its letter."""
    made: list[str] = []
    for char in text:
        small = char.lower()
        if made and small in _VNI_MARKS and made[-1][-1:].lower() in "aeouyơư" and _takes(made[-1].lower(), small):
            made[-1] = unicodedata.normalize("NFC", made[-1] + _VNI_MARKS[small])
        else:
            made.append(_VNI_SINGLE.get(char, char))
    return "".join(made)


def _takes(letter: str, mark: str) -> bool:
    if _CIRCUMFLEX in _VNI_MARKS[mark]:
        return letter in "aeo"
    return letter == "a" if _BREVE in _VNI_MARKS[mark] else True


FORMS = {"tcvn3": from_tcvn3, "vni": from_vni, "viscii": from_viscii}


def legacy(text: str) -> tuple[str, str] | None:
    """The text as it was meant and the name of its old form, where that is sure: it cannot be Vietnamese as it stands, and it can
    in exactly one of the old forms (the likest). `text`: one letter per byte, as latin-1 shows it."""
    good, words = likeness(text)
    if not words or good == words:
        return None
    best: tuple[float, str, str] | None = None
    for name, convert in FORMS.items():
        meant = convert(text)
        fine, count = likeness(meant)
        share = fine / count if count else 0.0
        if fine and (best is None or share > best[0]):
            best = (share, name, meant)
    if best is None or best[0] < 0.9 or best[0] <= good / words:
        return None
    return best[2], best[1]
