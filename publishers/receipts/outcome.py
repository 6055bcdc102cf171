"""Verdict and next step of one file: which way it went, and what its sender does now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def verdict(status: str, rows: dict[str, int]) -> str:
    """accepted, held, rejected or duplicate: the worst that happened to a row; rejected where the file could not be read at all."""
    if status == "unreadable" or rows["rejected"]:
        return "rejected"
    if rows["held"]:
        return "held"
    return "accepted" if rows["accepted"] else "duplicate"


def next_step(
    verdict: str, rows: dict[str, int], slots: Sequence[dict[str, Any]], findings: Sequence[dict[str, Any]], is_landed: bool
) -> dict[str, str]:
    """What happens next, in both languages."""
    if verdict == "accepted":
        step = _ACCEPTED_FLAGGED if any(f["effect"] == "flag" for f in findings) else _ACCEPTED
        return step if is_landed else _TRIAL_ACCEPTED
    if verdict == "duplicate":
        return _DUPLICATE
    is_open = any(slot["standing"] != "late" for slot in slots)
    first = _HELD if verdict == "held" else (_REJECTED if rows["accepted"] or rows["held"] else _REJECTED_ALL)
    kept = _KEPT if rows["accepted"] else _NONE
    until = _STILL_OPEN if is_open else (_PASSED if slots else _NONE)
    return {language: " ".join(part[language] for part in (first, kept, until) if part[language]) for language in ("vi", "en")}


_NONE = {"vi": "", "en": ""}
_ACCEPTED = {
    "vi": "Số liệu được chấp nhận và sẽ có trong bảng tổng hợp lần tới. Không phải làm gì thêm.",
    "en": "The figures are taken in and will be in the next tables. There is nothing more to do.",
}
_ACCEPTED_FLAGGED = {
    "vi": "Số liệu được chấp nhận và sẽ có trong bảng tổng hợp lần tới. Xin xem các lưu ý; nếu số liệu đúng thì không phải làm gì thêm.",
    "en": "The figures are taken in and will be in the next tables. Please look at the remarks; if the figures are right, all is done.",
}
_TRIAL_ACCEPTED = {
    "vi": "Đây là kiểm tra thử, tệp chưa được gửi. Tệp có thể gửi được.",
    "en": "This was a trial: nothing was sent. The file can be sent as it is.",
}
_DUPLICATE = {
    "vi": "Nội dung này đã đến trước đó và không tính lần nữa; kết luận của lần đó vẫn giữ nguyên, xin xem biên nhận của tệp nêu trên. "
    "Nếu muốn sửa số liệu, xin gửi tệp có nội dung mới.",
    "en": "This content came before and is not counted again; what was said of it then stands: see the receipt of the file named above. "
    "To correct figures, please send a file that differs.",
}
_HELD = {
    "vi": "Các dòng bị treo chưa được đưa vào bảng tổng hợp; bảng vẫn dùng số liệu được chấp nhận gần nhất. "
    "Xin sửa rồi gửi lại; nếu số liệu đúng, xin báo cơ quan tổng hợp xem xét.",
    "en": "The held rows stay out of the tables, which go on showing the last accepted figures. "
    "Please correct them and send the file again; if the figures are right, please tell the collecting office.",
}
_REJECTED = {
    "vi": "Phần bị loại không được tính. Xin sửa theo hướng dẫn ở trên rồi gửi lại tệp.",
    "en": "What was rejected does not count. Please mend it as said above and send the file again.",
}
_REJECTED_ALL = {
    "vi": "Tệp này không được tính. Xin sửa theo hướng dẫn ở trên rồi gửi lại.",
    "en": "Nothing of this file counts. Please mend it as said above and send it again.",
}
_KEPT = {
    "vi": "Các dòng được chấp nhận vẫn được tính; gửi lại cả tệp không bị tính hai lần.",
    "en": "The accepted rows count all the same; sending the whole file again counts nothing twice.",
}
_STILL_OPEN = {
    "vi": "Gửi lại trước hạn nộp thì vẫn được tính là đúng hạn.",
    "en": "If the mended file comes before the cutoff, it is on time.",
}
_PASSED = {
    "vi": "Hạn nộp đã qua: bản gửi lại vẫn được xét nhưng tính là muộn.",
    "en": "The cutoff has passed: a mended file is taken in and counts as late.",
}
