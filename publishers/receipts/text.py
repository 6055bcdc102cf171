"""A receipt as plain text that pastes into a chat: verdict first, then each finding, then the time left and what happens next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from publishers.receipts.facts import Document

CHAT = 2000  # characters that a message in a chat may have

_VERDICTS = {
    "accepted": {"vi": "ĐƯỢC CHẤP NHẬN", "en": "ACCEPTED"},
    "held": {"vi": "BỊ TREO", "en": "HELD"},
    "rejected": {"vi": "BỊ LOẠI", "en": "REJECTED"},
    "duplicate": {"vi": "TRÙNG, không tính lần nữa", "en": "DUPLICATE, not counted again"},
}
_EFFECTS = {
    "reject": {"vi": "bị loại", "en": "rejected"},
    "hold": {"vi": "bị treo", "en": "held"},
    "duplicate": {"vi": "trùng", "en": "duplicate"},
    "flag": {"vi": "lưu ý", "en": "remark"},
    "none": {"vi": "được miễn trừ", "en": "waived"},
}


def render(document: Document, language: str, limit: int | None = CHAT, most: int = 50) -> str:
    """The text of a receipt in `language` (vi, en). At most `most` findings and, with a `limit`, as many as fit into that many characters;
    the rest is counted."""
    head, tail = "\n".join(_head(document, language)), "\n".join(_tail(document, language))
    total = document["findings"]["count"]
    blocks = [_block(n, finding, language) for n, finding in enumerate(document["findings"]["listed"][:most], 1)]
    while True:
        parts = [head, *blocks]
        if total > len(blocks):
            parts.append(_rest(document, len(blocks), language))
        text = "\n\n".join(part for part in [*parts, tail] if part) + "\n"
        if limit is None or len(text) <= limit or not blocks:
            return text if limit is None else text[:limit]
        blocks.pop()


def _head(document: Document, language: str) -> Iterator[str]:
    said = _VERDICTS[document["verdict"]][language]
    if document["is_partial"]:
        said += _say(language, " MỘT PHẦN", " IN PART")
    if document["file"]["status"] == "unreadable":
        said += _say(language, ": không đọc được tệp", ": the file cannot be read")
    trial = "" if document["is_landed"] else _say(language, " (kiểm tra thử, chưa gửi)", " (trial, not sent)")
    yield f"{said}{trial}"
    rows = document["rows"]
    counted = _say(
        language,
        "{received} dòng = {accepted} được chấp nhận + {held} bị treo + {rejected} bị loại + {duplicate} trùng",
        "Rows: {received} = {accepted} accepted + {held} held + {rejected} rejected + {duplicate} duplicate",
    )
    yield counted.format(**{lane: number(count, language) for lane, count in rows.items()})
    container = f" ({_cut(document['file']['container_name'], 80)})" if document["file"]["container_name"] else ""
    yield _say(language, "Tệp: ", "File: ") + _cut(document["file"]["file_name"], 120) + container
    yield _say(language, "Chiến dịch: ", "Campaign: ") + _cut(document["campaign_name"][language], 120)
    if document["is_simulated"]:
        yield _say(language, "Số liệu mô phỏng", "Simulated figures")
    units = document["units"]
    if units["count"] == 1 and units["listed"][0]["unit_code"]:
        unit = units["listed"][0]
        yield _say(language, "Đơn vị: ", "Unit: ") + f"{unit['unit_name'] or '–'} ({unit['unit_code']})"
    elif units["count"] > 1:
        yield _say(language, "Báo cáo của đơn vị trong tệp: ", "Units' reports in the file: ") + number(units["count"], language)
    yield _say(language, "Nhận lúc: ", "Received: ") + moment(document["received_at"], document["time_zone"], language)


def _block(position: int, finding: dict[str, Any], language: str) -> str:
    place = finding["place"]
    parts = [_EFFECTS[finding["effect"]][language]]
    if place["sheet"] and place["row"]:
        parts.append(_say(language, "trang “{}”", "sheet “{}”").format(_cut(place["sheet"], 40)))
    if place["row"]:
        parts.append(_say(language, "dòng ", "row ") + str(place["row"]))
    if place["column"]:
        parts.append(_say(language, "cột “{}”", "column “{}”").format(_cut(place["column"], 60)))
    if finding["found"] and place["row"]:
        parts.append(_say(language, "ghi “{}”", "says “{}”").format(_cut(finding["found"], 60)))
    parts.append(finding["rule_id"])
    lines = [f"{position}. " + ", ".join(parts), f"   {finding['message'][language]}"]
    if finding["responsibility"] == "sender":
        lines.append(f"   → {finding['remedy'][language]}")
    else:
        whose = _say(language, "   (không phải lỗi của bên gửi) → ", "   (not the sender's fault) → ")
        lines.append(whose + finding["remedy"][language])
    return "\n".join(lines)


def _rest(document: Document, shown: int, language: str) -> str:
    """How many findings are not listed, and of all of them how many by rule."""
    left = document["findings"]["count"] - shown
    said = _say(language, "Còn {} phát hiện không kể ở đây.", "{} more findings are not listed here.").format(number(left, language))
    by_rule = document["findings"]["by_rule"]
    counted = ", ".join(f"{row['rule_id']} {number(row['count'], language)}" for row in by_rule[:6])
    return f"{said} {_say(language, 'Tất cả: ', 'In all: ')}{counted}{', …' if len(by_rule) > 6 else ''}"


def _tail(document: Document, language: str) -> Iterator[str]:
    if document["notes"]:
        rules = ", ".join(sorted({note["rule_id"] for note in document["notes"]}))
        yield _say(language, "Được miễn trừ, không ảnh hưởng: ", "Waived, without effect: ") + rules
    if document["slots"]:
        yield _time_left(document, language)
    yield document["next"][language]
    if document["workbook"]["name"]:
        yield _say(language, "Tệp có đánh dấu ô sai: ", "Your file with the wrong cells marked: ") + document["workbook"]["name"]
    if document["is_landed"]:
        yield _say(language, "Mã biên nhận: ", "Receipt: ") + document["receipt_id"]


def _time_left(document: Document, language: str) -> str:
    """Of several slots the one that is still open longest counts; the others are counted."""
    slot = document["slots"][-1]
    cutoff = moment(slot["cutoff_at"], document["time_zone"], language)
    minutes = slot["minutes_left"]
    if slot["standing"] == "in_time":
        said = _say(language, "Hạn nộp {}: còn {}.", "Cutoff {}: {} left.").format(cutoff, span(minutes, language))
    elif slot["standing"] == "in_grace":
        said = _say(language, "Hạn nộp {} đã qua {}, còn trong thời gian gia hạn nên vẫn tính đúng hạn.",
                    "Cutoff {} passed {} ago; within the grace, so it is on time.").format(cutoff, span(-minutes, language))  # fmt: skip
    else:
        said = _say(language, "Hạn nộp {} đã qua {}.", "Cutoff {} passed {} ago.").format(cutoff, span(-minutes, language))
    if slot["extended_until"]:
        until = moment(slot["extended_until"], document["time_zone"], language)
        said += _say(language, " Được gia hạn nộp đến {}, vẫn ghi là muộn.", " Extended until {}; it is marked late all the same.").format(
            until
        )
    others = len(document["slots"]) - 1
    if others:
        said += _say(language, " (Tệp còn có {} kỳ báo cáo khác.)", " (The file has {} other slots.)").format(number(others, language))
    return said


def number(value: int, language: str) -> str:
    """1.167.685 in vi, 1,167,685 in en."""
    text = f"{value:,}"
    return text.replace(",", ".") if language == "vi" else text


def moment(text: str, zone: str, language: str) -> str:
    """A moment on the campaign's clock."""
    local = datetime.fromisoformat(text).astimezone(ZoneInfo(zone))
    return local.strftime("%H:%M ngày %d/%m/%Y") if language == "vi" else local.strftime("%Y-%m-%d %H:%M")


def span(minutes: int, language: str) -> str:
    """A length of time in the two largest units that it has."""
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    names = (("ngày", "giờ", "phút"), ("d", "h", "min"))[language == "en"]
    parts = [f"{number(amount, language)} {name}" for amount, name in zip((days, hours, left), names, strict=True) if amount]
    return " ".join(parts[:2]) or f"0 {names[2]}"


def _cut(text: str, length: int) -> str:
    """One line of at most `length` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def _say(language: str, vi: str, en: str) -> str:
    return vi if language == "vi" else en
