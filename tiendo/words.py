"""Words that commands, pages, receipts and glossary share: each said once, in both languages (a test finds other ones).

Keys are GROUP.WORD. `instead_of` are Vietnamese words that were in use for the same thing and are not used any more.
"""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """A word in Vietnamese and English, and what is not said for it in Vietnamese."""

    vi: str
    en: str
    instead_of: tuple[str, ...] = ()


WORDS: dict[str, Word] = {
    "lane.received": Word("đã nhận", "received"),
    "lane.accepted": Word("được chấp nhận", "accepted", ("được nhận", "{} nhận", "số liệu đã nhận")),
    "lane.held": Word("bị treo", "held", ("bị giữ", "tạm giữ")),
    "lane.rejected": Word("bị loại", "rejected", ("bị từ chối",)),
    "lane.duplicate": Word("trùng", "duplicate"),
    "effect.reject": Word("loại", "reject"),
    "effect.hold": Word("treo", "hold"),
    "effect.flag": Word("lưu ý", "flag", ("cảnh báo",)),
    "dimension.correct": Word("đúng", "correct"),
    "dimension.sufficient": Word("đủ", "sufficient"),
    "dimension.clean": Word("sạch", "clean"),
    "dimension.live": Word("sống", "live"),
    "slot.on_time": Word("đúng hạn", "on time"),
    "slot.late": Word("muộn", "late", ("trễ hạn", "là trễ")),
    "slot.invalid": Word("không hợp lệ", "invalid"),
    "slot.missing": Word("không có báo cáo", "missing", ("thiếu báo cáo",)),
    "slot.exempt": Word("được miễn", "exempt"),
    "slot.unsolicited": Word("ngoài kỳ", "unsolicited", ("nộp thêm",)),
    "slot.pending": Word("chưa đến hạn", "not yet due"),
    "hold_status.open": Word("đang treo", "open"),
    "hold_status.corrected": Word("đã có bản sửa", "corrected"),
    "hold_status.released": Word("đã thả", "released"),
    "hold_status.discarded": Word("đã bỏ", "discarded"),
    "silent.missing": Word("không có báo cáo", "nothing came"),
    "silent.held": Word("báo cáo đang treo", "held"),
    "silent.invalid": Word("báo cáo không hợp lệ", "invalid"),
    "without_effect.shadow": Word("chạy thử", "on trial"),
    "without_effect.waiver": Word("được miễn trừ", "waived"),
    "without_effect.settled": Word("đã xử lý", "settled"),
    "status.reached_early": Word("đạt sớm", "reached early"),
    "status.reached_on_time": Word("đạt đúng hạn", "reached on time"),
    "status.reached_late": Word("đạt muộn", "reached late"),
    "status.on_track": Word("đúng tiến độ", "on track"),
    "status.at_risk": Word("có nguy cơ", "at risk"),
    "status.missed": Word("không đạt", "missed"),
    "status.no_target": Word("chưa giao chỉ tiêu", "no target set", ("không có chỉ tiêu",)),
    "unranked.no_target": Word("chưa giao chỉ tiêu", "no target set"),
    "unranked.no_figure": Word("chưa có số liệu", "no figure yet"),
    "unranked.placeholder": Word("đơn vị tạm", "placeholder", ("chưa phân về đơn vị nào",)),
    "unranked.closed": Word("đã giải thể", "closed"),
    "unranked.other": Word("chưa xếp hạng", "not ranked"),
    "briefing.headline": Word("số liệu chính", "headline figures"),
    "briefing.movers": Word("lên hạng, xuống hạng", "movers"),
    "briefing.milestones": Word("các mốc", "milestones"),
    "briefing.explain": Word("đơn vị giải trình", "who must explain"),
    "briefing.show": Word("đơn vị chia sẻ cách làm", "who has something to show"),
    "briefing.silent": Word("chưa có báo cáo hợp lệ", "the silent"),
    "briefing.recounts": Word("kiểm đếm lại chưa xử lý xong", "open recounts"),
    "briefing.changes": Word("thay đổi so với bảng đã công bố lần trước", "changes of the last meeting's board"),
    "thing.slot": Word("kỳ báo cáo", "slot"),
    "thing.cutoff": Word("hạn nộp", "cutoff", ("giờ chốt", "giờ khóa")),
    "thing.lane": Word("luồng", "lane", ("làn",)),
    "thing.target": Word("chỉ tiêu", "target"),
    "thing.tier": Word("xếp loại", "tier"),
    "thing.value": Word("thực hiện", "value"),
    "thing.finding": Word("phát hiện", "finding"),
    "thing.release": Word("thả", "release"),
    "thing.discard": Word("bỏ", "discard"),
    "thing.waiver": Word("miễn trừ", "waiver"),
    "thing.correction": Word("đính chính", "correction"),
    "thing.provisional": Word("tạm tính", "provisional"),
    "thing.reconciliation": Word("đối chiếu số dòng", "reconciliation", ("đối soát",)),
    "thing.days_held": Word("số ngày treo", "days held", ("ngày tuổi",)),
}


def word(key: str, language: str, *, upper: bool = False) -> str:
    """The word of a key in `language` (vi, en), with its first letter as a capital if wanted."""
    text = WORDS[key].vi if language == "vi" else WORDS[key].en
    return text[:1].upper() + text[1:] if upper else text


def group(name: str, language: str) -> dict[str, str]:
    """The words of a group by their name in it: group('slot', 'vi')['late'] is 'muộn'."""
    return {key.partition(".")[2]: word(key, language) for key in WORDS if key.startswith(f"{name}.")}
