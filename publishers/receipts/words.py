"""Words of the form to fill in, in both languages."""

from __future__ import annotations

_WORDS = {
    "sheet": ("Báo cáo", "Report"),
    "compare": ("Đối chiếu", "Compare"),
    "compare_title": ("Tự tính từ trang báo cáo, chỉ để đối chiếu trước khi gửi", "Worked out from the report, to compare before sending"),
    "guide": ("Hướng dẫn", "Guide"),
    "unit_name": ("Tên đơn vị", "Unit name"),
    "form_of": ("Biểu báo cáo của {}", "Report form of {}"),
    "day": ("Số liệu của ngày {}", "Figures of {}"),
    "cutoff": ("Hạn nộp{}: {}. Tính theo giờ hệ thống nhận được tệp.", "Cutoff{}: {}. What counts is when the file reaches us."),
    "fill_in": (
        "Chỉ điền các ô màu vàng. Không đổi tiêu đề, không thêm hay xóa cột. Nếu bằng không thì ghi 0; để trống là chưa báo cáo.",
        "Fill in the yellow cells only. Leave headings and columns as they are. Write 0 where there is none; empty means: not reported.",
    ),
    "simulated": ("Chiến dịch này dùng số liệu mô phỏng.", "The figures of this campaign are simulated."),
    "sum": ("Cộng các đơn vị (tự tính)", "Sum of the units (computed)"),
    "last": ("Lần trước", "Last"),
    "last_day": ("Ngày của số liệu lần trước", "Day of the last figures"),
    "change": ("Tăng thêm", "Added"),
    "check": ("Kiểm tra", "Check"),
    "empty": ("Chưa điền {}. ", "{} is empty. "),
    "fell": ("{} thấp hơn lần trước. ", "{} is below the last one. "),
    "over": ("{} lớn hơn {}. ", "{} exceeds {}. "),
    "number_title": ("Số không hợp lệ", "Not a valid number"),
    "number_whole": ("Xin ghi số nguyên từ 0 trở lên, không kèm chữ.", "Please write a whole number of 0 or more, without words."),
    "number_decimal": ("Xin ghi số từ 0 trở lên, không kèm chữ.", "Please write a number of 0 or more, without words."),
    "choice_title": ("Chọn trong danh sách", "Choose from the list"),
    "choice": ("Xin chọn một giá trị trong danh sách.", "Please choose one of the values in the list."),
    "cumulative": (
        "Số lũy kế từ đầu chiến dịch: không giảm, trừ khi khai báo đính chính.",
        "Counted from the beginning on: it does not fall unless a correction is declared.",
    ),
    "increment": ("Số phát sinh của riêng kỳ này.", "What was added in this slot alone."),
    "part_of": ("Không lớn hơn “{}”.", "Never more than “{}”."),
    "optional": ("Không bắt buộc.", "Not required."),
    "use_code": ("Mã đơn vị (đã điền sẵn, dạng chữ)", "Code of the unit (filled in, as text)"),
    "use_name": ("Tên đơn vị (đã điền sẵn)", "Name of the unit (filled in)"),
    "use_shown": ("Tên đơn vị, để đối chiếu", "Name of the unit, to compare"),
    "use_shown_indicator": ("Chỉ số", "Indicator"),
    "use_as_of": ("Ngày của số liệu (đã điền sẵn)", "Day of the figures (filled in)"),
    "use_slot": ("Kỳ báo cáo trong ngày", "Slot of the day"),
    "use_indicator": ("Chỉ số (đã điền sẵn)", "Indicator (filled in)"),
    "use_figure": ("Số liệu của chỉ số ở cùng dòng", "Figure of the indicator in the same row"),
    "use_sender": ("Người báo cáo", "Who reports"),
    "use_role": ("Chức vụ người báo cáo: {}", "Role of who reports: {}"),
    "any_role": ("ghi rõ chức vụ", "write it out"),
    "use_correction": (
        "Ghi “có” nếu số thấp hơn lần trước là đính chính có chủ ý; để trống nếu không",
        "Write “có” (yes) where a lower figure is a correction that is meant; else leave it empty",
    ),
    "guide_headings": ("Các cột của trang “{}”", "The columns of the sheet “{}”"),
    "column": ("Cột", "Column"),
    "meaning": ("Ý nghĩa", "Meaning"),
    "beside": (
        "Các cột màu xám bên phải là số được chấp nhận lần trước. Ô màu cam: thấp hơn lần trước, hoặc lớn hơn số tổng của nó.",
        "The grey columns on the right are the last accepted figures. An orange cell is below the last one, or exceeds its whole.",
    ),
    "compare_hint": (
        "Trang “Đối chiếu” cho biết phần tăng thêm và điều cần xem lại. Chỉ trang báo cáo được đọc.",
        "The sheet “Compare” says what was added and what to look at. Only the report's own sheet is read.",
    ),
    "file_name": ("Lưu tệp với tên: {}", "Save the file as: {}"),
    "try": (
        "Trước khi gửi có thể kiểm tra thử: tiendo check {} --campaign {}",
        "Before you send it you can try it: tiendo check {} --campaign {}",
    ),
    "protected": (
        "Trang được khóa không có mật khẩu, chỉ để tránh sửa nhầm.",
        "The sheet is protected without a password, against slips only.",
    ),
}


def words(language: str) -> dict[str, str]:
    """Every word in one language."""
    return {key: texts[language == "en"] for key, texts in _WORDS.items()}


def correction_words() -> list[str]:
    """What a column of corrections may hold: the readers take the first as no and the second as yes, whatever the form's language."""
    return ["không", "có"]
