"""Why a file cannot be read, in Vietnamese: the readers' and the archives' English reasons are the keys.

What stands in braces is taken over as it is: headings, numbers, what a library says.
"""

from __future__ import annotations

import re
from functools import lru_cache

REASONS: dict[str, str] = {
    "the file is empty": "tệp rỗng",
    "the file holds nothing but white space": "tệp chỉ có khoảng trắng",
    "the file holds zero bytes or control characters: it is not text": "tệp có byte 0 hoặc ký tự điều khiển: không phải là văn bản",
    "the file holds binary data, not text": "tệp là dữ liệu nhị phân, không phải văn bản",
    "the file is a web page or XML, not a table; save it as XLSX or CSV":
        "tệp là trang web hoặc XML, không phải bảng số liệu; xin lưu thành XLSX hoặc CSV",
    "the file is a zip archive, not a table": "tệp là tệp nén zip, không phải bảng số liệu",
    "the file is an old Office document, not a table of text": "tệp là tài liệu Office đời cũ, không phải bảng số liệu",
    "the file is {kind}, not a table of text": "tệp là {kind}, không phải bảng số liệu",
    "the file is called an Excel workbook, but it is damaged or is something else":
        "tệp mang tên sổ tính Excel nhưng đã hỏng hoặc là loại khác",
    "the campaign declares {declared}, but the file is damaged or is something else (it looks like {what})":
        "chiến dịch khai báo {declared}, nhưng tệp đã hỏng hoặc là loại khác (giống {what})",
    "the campaign declares {declared}, but the file is {what}": "chiến dịch khai báo {declared}, nhưng tệp là {what}",
    "the campaign declares utf-16, but the file is written in single bytes (utf-8 or windows-1258)":
        "chiến dịch khai báo utf-16, nhưng tệp viết bằng mã một byte (utf-8 hoặc windows-1258)",
    "byte {n} is not UTF-8, which the campaign declares; the file looks like {likely}":
        "byte thứ {n} không phải UTF-8 như chiến dịch khai báo; tệp giống mã {likely}",
    "the file has more than {n} columns; at most {most} are read": "tệp có hơn {n} cột; chỉ đọc tối đa {most} cột",
    "the file has {n} columns; at most {most} are read": "tệp có {n} cột; chỉ đọc tối đa {most} cột",
    "the records have more than {n} keys": "mỗi bản ghi có hơn {n} khóa",
    "sheet '{sheet}' has {n} columns; at most {most} are read": "trang tính '{sheet}' có {n} cột; chỉ đọc tối đa {most} cột",
    "a line has more than {n} characters": "một dòng dài hơn {n} ký tự",
    "the list of records is empty": "danh sách bản ghi rỗng",
    "row {row} holds the headings, and there is no row below it": "dòng {row} là tiêu đề và bên dưới không có dòng nào",
    "no sheet of the workbook holds a cell": "không trang tính nào có nội dung",
    "sheet '{sheet}' is not there; the workbook has {names}": "không có trang tính '{sheet}'; sổ tính có {names}",
    "the workbook cannot be opened: {reason}": "không mở được sổ tính: {reason}",
    "the workbook unpacks to {n} bytes; at most {most} are read": "sổ tính giải nén ra {n} byte; chỉ đọc tối đa {most}",
    "{sheet} spans thousands of rows and of columns, nearly all empty: save the table alone":
        "{sheet} trải hàng nghìn dòng và cột, gần như trống: xin chỉ lưu riêng bảng số liệu",
    "sheet '{sheet}' spans {rows} rows and {columns} columns, nearly all empty":
        "trang tính '{sheet}' trải {rows} dòng và {columns} cột, gần như trống",
    "the Parquet file cannot be opened: {reason}": "không mở được tệp Parquet: {reason}",
    "not valid JSON: {reason}": "không phải JSON hợp lệ: {reason}",
    "no list of records at {place} of the JSON document (found {found}); see options: records:":
        "không có danh sách bản ghi ở {place} của tài liệu JSON (thấy {found}); xem options: records:",
    "no list of records at the top of the JSON document (found {found}); see options: records:":
        "không có danh sách bản ghi ở đầu tài liệu JSON (thấy {found}); xem options: records:",
    "source '{source}' is no longer in the campaign": "nguồn '{source}' không còn trong chiến dịch",
    "its bytes are not in the landing store any more": "nội dung tệp không còn trong kho tiếp nhận",
    "'{heading}' stands in columns {columns} of row {row}; only one may have it":
        "'{heading}' có ở các cột {columns} của dòng {row}; chỉ một cột được mang tiêu đề này",
    "{headings}; row {row} has {found}": "{headings}; dòng {row} có {found}",
    "{n} members were refused; the rest was not read. Send plain files":
        "{n} tệp bên trong bị từ chối; phần còn lại không được đọc. Xin gửi tệp thường",
    "it is damaged: a member begins before the end of the last one. Send it again":
        "tệp nén hỏng: một tệp bên trong bắt đầu trước khi tệp trước kết thúc. Xin gửi lại",
    "it ends in the middle. Send the whole archive again": "tệp nén bị đứt giữa chừng. Xin gửi lại trọn tệp",
    "it ends in the middle. Send the whole file again": "tệp bị đứt giữa chừng. Xin gửi lại trọn tệp",
    "the archive holds no file. Pack the reports and send it again": "tệp nén không có tệp nào. Xin nén lại các báo cáo rồi gửi",
    "it has no list of members at its end. Send the whole archive again": "cuối tệp nén không có danh sách. Xin gửi lại trọn tệp",
    "it is empty or cut off. Send it again": "tệp rỗng hoặc bị cụt. Xin gửi lại",
    "it is no .{kind} file, though its name says so. Name it truly, or pack it again":
        "không phải tệp .{kind} như tên gọi. Xin đặt đúng tên hoặc nén lại",
    "it cannot be unpacked ({reason}). Send it again": "không giải nén được ({reason}). Xin gửi lại",
    "{what}. Send smaller archives or plain files": "{what}. Xin gửi tệp nén nhỏ hơn hoặc tệp thường",
}  # fmt: skip

# phrases inside a reason, put into Vietnamese after it
_PHRASES = (
    (r"\(nearest: '", "(gần giống: '"), (r" and (\d+) more\b", r" và \1 cột khác"), (r"; row (\d+) has nothing", r"; dòng \1 trống"),
    (r"(dòng \d+ có) nothing", r"\1 không gì cả"), (r"(cột \d+) and (?=\d)", r"\1 và "), (r"\ba PDF document\b", "tài liệu PDF"),
    (r"\ba (PNG|JPEG|GIF) picture\b", r"ảnh \1"), (r"\ba zip archive\b", "tệp nén zip"), (r"\ba gzip file\b", "tệp gzip"),
    (r"\ban old Office document\b", "tài liệu Office đời cũ"), (r"\ba Parquet file\b", "tệp Parquet"), (r"\ba program\b", "chương trình"),
    (r"\ba RAR archive\b", "tệp nén RAR"), (r"\ba 7z archive\b", "tệp nén 7z"), (r"\ba SQLite database\b", "cơ sở dữ liệu SQLite"),
    (r"\ban Excel workbook\b", "sổ tính Excel"), (r"\bJSON lines\b", "JSON từng dòng"), (r"\(thấy nothing\)", "(không thấy gì)"),
    (r"\. Sheet '", ". Trang tính '"), (r"\bno reason given\b", "không rõ lý do"),
    (r"The cells are separated by (\w+), but the campaign declares (\w+)", r"Các ô cách nhau bằng \1, nhưng chiến dịch khai báo \2"),
    (r"No delimiter \(comma, semicolon, tab, bar\) parts the lines: is this the right file\?",
     "Không có dấu phân cách (phẩy, chấm phẩy, tab, gạch đứng) giữa các ô: có đúng tệp cần gửi không?"),
    (r"Read as (\S+), the file holds broken characters: its encoding is another",
     r"Đọc theo mã \1 thì tệp có ký tự hỏng: tệp dùng mã khác"),
)  # fmt: skip


@lru_cache(maxsize=1)
def _forms() -> list[tuple[re.Pattern[str], str]]:
    forms = []
    for english, vietnamese in REASONS.items():
        parts = re.split(r"\{(\w+)\}", english)
        pattern = "".join(re.escape(part) if n % 2 == 0 else f"(?P<{part}>.*?)" for n, part in enumerate(parts))
        forms.append((re.compile(pattern, re.DOTALL), vietnamese))
    return forms


def in_vietnamese(reason: str) -> str:
    """A reason in Vietnamese; what is not known (a library's own words) stays as it is."""
    for pattern, vietnamese in _forms():
        if found := pattern.fullmatch(reason):
            reason = vietnamese.format(**found.groupdict())
            break
    for english, meant in _PHRASES:
        reason = re.sub(english, meant, reason)
    return reason
