"""What errors say in Vietnamese. The code says them in English, sentence by sentence; here each sentence has its twin.

`{}` stands for what the error names, in both in the same order. A sentence without a twin stays as it is. Logs of operators are English.
"""

from __future__ import annotations

import re
from functools import cache

NOUNS = {
    "campaign": "chiến dịch", "unit": "đơn vị", "unit with code": "đơn vị có mã", "indicator": "chỉ số", "level": "cấp",
    "slot": "kỳ báo cáo", "rule": "quy tắc", "source": "nguồn", "milestone": "mốc", "remark": "ghi nhận", "hold": "báo cáo treo",
    "period": "kỳ thi đua", "milestone ahead at level": "mốc phía trước ở cấp", "unit scored with code": "đơn vị được chấm điểm có mã",
    "folder": "thư mục", "board at level": "bảng ở cấp", "day": "ngày", "date": "ngày", "unit_code of this file": "mã đơn vị trong tệp này",
}  # fmt: skip

SENTENCES = {
    # what people ask for
    "there is no such file": "không có tệp này",
    "Name a file that is there": "Xin ghi đúng tên một tệp đang có",
    "no {noun} '{}'": "không có {noun} '{}'",
    "no {noun} '{}' in {}": "không có {noun} '{}' trong {}",
    "{} has no {noun} '{}'": "{} không có {noun} '{}'",
    "no closed slot '{}'": "không có kỳ báo cáo nào đã khóa là '{}'",
    "no hold '{}'": "không có báo cáo treo '{}'",
    "Allowed: {}": "Được dùng: {}",
    "Known: {}": "Hiện có: {}",
    "Published: {}": "Đã công bố: {}",
    "Slots: {}": "Các kỳ: {}",
    "Did you mean '{}'?": "Có phải là '{}'?",
    "Did you mean '{}'": "Có phải là '{}'",
    "Give a name, or a slot such as {}": "Xin ghi tên kỳ, hoặc một kỳ như {}",
    "Add a folder with `tiendo campaign new`, or point --campaigns at yours":
        "Tạo thư mục bằng `tiendo campaign new`, hoặc chỉ --campaigns đến thư mục của mình",
    "campaign '{}' is not published": "chiến dịch '{}' chưa được công bố",
    "nothing is published yet": "chưa công bố gì",
    "campaign '{}' has no meeting with a complete board": "chiến dịch '{}' chưa có cuộc họp nào có bảng đã đủ số liệu",
    "campaign '{}' has no meeting with a complete board up to {}": "chiến dịch '{}' chưa có cuộc họp nào đến ngày {} có bảng đã đủ số liệu",
    "Meetings with a briefing: {}": "Các cuộc họp đã có báo cáo giao ban: {}",
    "Say when the meetings are, under `meetings` in campaign.yml": "Xin ghi lịch họp ở mục `meetings` trong campaign.yml",
    "Run `{}`": "Xin chạy `{}`",
    "Run `{}` first": "Xin chạy `{}` trước",
    "Run `{}` first, or name the --home": "Xin chạy `{}` trước, hoặc chỉ đúng --home",
    "nothing is archived": "chưa lưu tệp nào",
    "`{}` names them": "`{}` liệt kê các quy tắc",
    "docs/rules.md lists the rules": "docs/rules.md liệt kê các quy tắc",
    "Give the code, as in units.csv": "Xin ghi mã như trong units.csv",
    "Give its code as units.csv has it": "Xin ghi mã đơn vị như trong units.csv",
    "Give the unit's code as in the register": "Xin ghi mã đơn vị như trong danh mục",
    "Give a unit_code of units.csv, zeros at the front included": "Xin ghi mã đơn vị như trong units.csv, kể cả số 0 ở đầu",
    "the environment variable {} is not set": "biến môi trường {} chưa được đặt",
    "Set it: {}": "Xin đặt: {}",
    "{} is '{}', which is no time": "{} là '{}', không phải thời điểm",
    "Write it as {}, or unset it": "Xin ghi như {}, hoặc bỏ biến này",
    "{} is '{}', which is no language": "{} là '{}', không phải ngôn ngữ được dùng",
    "another run holds {}": "một lần chạy khác đang giữ {}",
    "Wait until it has ended, then run again": "Xin đợi lần chạy đó xong rồi chạy lại",
    # check, template, receipt
    "{} fits more than one source": "{} hợp với nhiều nguồn",
    "{} fits no source by its name": "tên {} không hợp với nguồn nào",
    "Say which with --source": "Xin chỉ rõ nguồn bằng --source",
    "source '{}' takes no file of that name ({})": "nguồn '{}' không nhận tệp có tên này ({})",
    "Rename it as the source wants it, or name another source with --source":
        "Xin đổi tên tệp theo mẫu của nguồn, hoặc chỉ nguồn khác bằng --source",
    "no name of a workbook fits source '{}'": "không đặt được tên tệp Excel nào hợp với nguồn '{}'",
    "Name the file yourself with -o, mend the pattern, or choose another source with --source":
        "Xin tự đặt tên bằng -o, sửa mẫu tên trong campaign.yml, hoặc chọn nguồn khác bằng --source",
    "neither unit '{}' nor one below it owes a report for {}": "đơn vị '{}' và các đơn vị trực thuộc không phải báo cáo ngày {}",
    "Give another day with --at, or another unit: slots, obligations and exemptions in campaign.yml say who owes what":
        "Xin chọn ngày khác bằng --at, hoặc đơn vị khác; ai phải báo cáo gì được ghi trong campaign.yml (slots, obligations, exemptions)",
    "a file of source '{}' is of one unit, and '{}' has {}": "mỗi tệp của nguồn '{}' là của một đơn vị, còn '{}' có {} đơn vị",
    "Ask for one of them: {}": "Xin lấy biểu cho từng đơn vị: {}",
    "source {} takes no filled-in workbooks": "nguồn {} không nhận tệp Excel điền tay",
    "no source of the campaign takes filled-in workbooks": "chiến dịch này không có nguồn nào nhận tệp Excel điền tay",
    "A form needs a source with format: auto or xlsx and rows: figures": "Biểu mẫu cần nguồn có format: auto hoặc xlsx và rows: figures",
    "no slot is open any more": "không còn kỳ báo cáo nào đang mở",
    "Give a day with --at": "Xin chọn ngày bằng --at",
    "the form is a workbook": "biểu mẫu là tệp Excel",
    "Let the name end in .xlsx": "Xin đặt tên có đuôi .xlsx",
    "this receipt has no marked workbook": "biên nhận này không kèm tệp đánh dấu",
    "--json says why, under workbook": "Lý do xem ở --json, mục workbook",
    "no receipt of '{}'": "không có biên nhận nào của '{}'",
    "{} receipts begin with '{}'": "có {} biên nhận bắt đầu bằng '{}'",
    "Give the file's name as it was received, or the receipt's whole id": "Xin ghi tên tệp như khi nhận, hoặc cả mã biên nhận",
    # hold, waive
    "nobody is named as the author": "chưa ghi ai là người quyết định",
    "Add --author NAME, or set TIENDO_AUTHOR": "Xin thêm --author TÊN, hoặc đặt TIENDO_AUTHOR",
    "no reason is given": "chưa ghi lý do",
    "Add --reason TEXT: it stands in the audit for good": "Xin thêm --reason LÝ DO; lý do được lưu mãi trong nhật ký quyết định",
    "See `{}`": "Xem `{}`",
    "'{}' may be several holds: {}": "'{}' có thể là nhiều báo cáo treo: {}",
    "'{}' may be a hold of {}": "'{}' có thể là báo cáo treo của {}",
    "Type more of the id": "Xin ghi thêm vài ký tự của mã",
    "Type more of the id, or see `{}`": "Xin ghi thêm vài ký tự của mã, hoặc xem `{}`",
    "rule '{}' cannot be waived": "quy tắc '{}' không miễn trừ được",
    "Only rules that hold or flag can be: the sender mends the rest":
        "Chỉ miễn trừ được quy tắc treo hoặc lưu ý; các lỗi khác bên gửi phải sửa",
    "{} is over": "ngày {} đã qua",
    "A waiver ends today or later": "Miễn trừ phải kết thúc từ hôm nay trở đi",
    "hold {} needs no decision: a newer version was accepted": "báo cáo treo {} không cần quyết định: bản mới hơn đã được chấp nhận",
    "Leave it out": "Xin bỏ mã này ra",
    "hold {} was released by {}: its figures stand": "báo cáo treo {} đã được {} thả, số liệu đang được tính",
    "Take them back with an entry `{}` in corrections.yml": "Muốn rút lại, xin ghi mục `{}` vào corrections.yml",
    "no waiver of {} for {}": "không có miễn trừ quy tắc {} cho {}",
    # emulation and reinforcement
    "Periods: {}": "Các kỳ thi đua: {}",
    "period {} is not closed": "kỳ thi đua {} chưa chốt",
    "no scores of period {} are published that could be signed": "chưa công bố điểm nào của kỳ thi đua {} để chốt",
    "period {} is not over: the boards have not come to the end of {}": "kỳ thi đua {} chưa kết thúc: bảng chưa đến hết ngày {}",
    "Close it when {} is over and `{}` has been run": "Xin chốt sau khi hết ngày {} và đã chạy `{}`",
    "found '{}' as people": "thấy '{}' ở cột people",
    "Write a whole number such as {}": "Xin ghi số nguyên như {}",
    "found '{}' and '{}'": "thấy '{}' và '{}'",
    "Write days such as {}": "Xin ghi ngày như {}",
    "overlaps line {} of the same unit": "trùng thời gian với dòng {} của cùng đơn vị",
    "End that one the day before": "Xin cho dòng đó kết thúc vào ngày hôm trước",
    # sources and runs
    "there is no folder {}": "không có thư mục {}",
    "there is no file or folder {}": "không có tệp hay thư mục {}",
    "Create it, or mend path:": "Xin tạo ra, hoặc sửa path: trong campaign.yml",
    "cannot be listed ({})": "không liệt kê được ({})",
    "cannot be read ({})": "không đọc được ({})",
    "Mend the folder's permissions": "Xin sửa quyền của thư mục",
    "could not be reached: {}": "không kết nối được: {}",
    "nothing is there": "ở đó không có gì",
    "Look at the path, its permissions and the space on the disk, then run again":
        "Xin xem đường dẫn, quyền truy cập và dung lượng đĩa rồi chạy lại",
    # campaign folders
    "no folder '{}'": "không có thư mục '{}'",
    "Give the folder that holds campaign.yml": "Xin chỉ thư mục có tệp campaign.yml",
    "'{}' is no campaign id": "'{}' không phải mã chiến dịch hợp lệ",
    "Use small letters, digits and _, a letter first: hai_phong_2026":
        "Dùng chữ thường không dấu, chữ số và _, bắt đầu bằng chữ: hai_phong_2026",
    "{} is there already": "{} đã có sẵn",
    "Choose another id, or remove the folder": "Xin chọn mã khác, hoặc xóa thư mục đó",
    "Start one with `{}`": "Xin tạo mới bằng `{}`",
    "found '{}', but the folder is called '{}'": "thấy '{}', nhưng thư mục tên là '{}'",
    "Make them equal": "Xin đặt giống nhau",
    "found {}, expected keys such as {}": "thấy {}, cần các khóa như {}",
    "not UTF-8 at byte {}": "không phải UTF-8 từ byte {}",
    "Save it as UTF-8": "Xin lưu tệp ở dạng UTF-8",
    "not YAML: {}": "không đúng cú pháp YAML: {}",
    "Mend the line": "Xin sửa dòng này",
    "nested too deeply, or a part (&name) holds itself (*name)": "lồng nhau quá sâu, hoặc một phần (&tên) chứa chính nó (*tên)",
    "Write it out": "Xin viết đầy đủ ra",
    "'{}' is given twice": "'{}' được ghi hai lần",
    "id '{}' is used twice": "mã '{}' được dùng hai lần",
    "Give each its own": "Mỗi mục xin có mã riêng",
    "Keep one": "Xin giữ một",
    "unknown key '{}'": "không có khóa '{}'",
    "Allowed here: {}": "Ở đây được dùng: {}",
    "after {}, to {}": "sau {}, đến hết {}",
    "'{}' is missing": "chưa có '{}'",
    "Add it (docs/campaigns.md explains it)": "Xin bổ sung (docs/campaigns.md giải thích)",
    # what was known at a moment, meetings, campaigns that follow others
    "found '{}', which is no day or time": "thấy '{}', không phải ngày hay thời điểm",
    'Write 2023-06-13 or "2023-06-13 18:00"': 'Xin ghi 2023-06-13 hoặc "2023-06-13 18:00"',
    "nothing had arrived by then": "đến lúc đó chưa nhận được gì",
    "Ask about a later day": "Xin hỏi về một ngày sau đó",
    "nothing was collected yet": "chưa thu thập được gì",
    "of {} nothing was collected yet": "chưa thu thập được gì của {}",
    "'{}' cannot name a schema of what was known": "không đặt được tên lược đồ là '{}'",
    "Use small letters, digits and '_', not marts or main: friday_meeting":
        "Xin dùng chữ thường không dấu, chữ số và '_', không dùng marts hay main: friday_meeting",
    "found '{}', but there is no such campaign": "thấy '{}', nhưng không có chiến dịch nào như vậy",
    "the campaigns follow each other in a circle: {}": "các chiến dịch tiếp nối nhau thành vòng: {}",
    "Let the first follow none": "Xin để chiến dịch đầu không tiếp nối chiến dịch nào",
    "say when it is held: days: [fri], or dates: [2023-06-03]": "xin ghi họp khi nào: days: [fri], hoặc dates: [2023-06-03]",
    "found '{}', which is no {noun}": "thấy '{}', không phải {noun} nào",
    "found {field} '{}', which is no unit": "thấy {field} '{}', không phải đơn vị nào",
    "found {field} '{}', which is no unit of {}": "thấy {field} '{}', không có trong {}",
    "found {field} '{}', which is no {noun}": "thấy {field} '{}', không có {noun} nào như vậy",
    "Mend the code": "Xin sửa mã",
    "found '{}', but there is no such file beside campaign.yml": "thấy '{}', nhưng không có tệp này cạnh campaign.yml",
    "Add it or mend the name": "Xin bổ sung tệp hoặc sửa tên",
    "found '{}', the campaign itself": "thấy '{}', là chính chiến dịch này",
    "Name the one that went before": "Xin ghi chiến dịch trước đó",
    "found '{}', the indicator itself": "thấy '{}', là chính chỉ số này",
    "Name the whole that it is a part of": "Xin ghi chỉ số tổng mà nó là một phần",
    "found {}, when nothing can be reported": "thấy {}, là ngày không thể có báo cáo",
    "found an empty sender or unit_code": "thấy ô sender hoặc unit_code để trống",
    "Give every line both": "Mỗi dòng xin ghi đủ cả hai",
    "found an empty unit_code or unit_name": "thấy ô unit_code hoặc unit_name để trống",
    "Give every unit both": "Mỗi đơn vị xin ghi đủ cả hai",
    "found {field} '{}'": "thấy {field} '{}'",
    "found '{}' for unit '{}' again, as on line {}": "thấy lại '{}' cho đơn vị '{}', đã có ở dòng {}",
    "'{}' may be any of {}": "'{}' có thể là một trong {}",
    "Give targets by unit code": "Xin ghi chỉ tiêu theo mã đơn vị",
    "Use one of {}": "Xin dùng một trong {}",
    "found '{}' as a target": "thấy '{}' ở cột chỉ tiêu",
    "Write plain digits, such as 1167685 or 38.5": "Xin chỉ ghi chữ số, như 1167685 hoặc 38.5",
    "a second target for {} of unit '{}' from {} (the first: {})": "chỉ tiêu thứ hai của {} cho đơn vị '{}' từ {} (lần đầu: {})",
    "Add the file or mend {}": "Xin bổ sung tệp hoặc sửa {}",
    "Add the file or mend its name in campaign.yml": "Xin bổ sung tệp hoặc sửa tên tệp trong campaign.yml",
    "not CSV ({})": "không phải CSV ({})",
    "Save it as CSV": "Xin lưu tệp ở dạng CSV",
    "Look for a quotation mark that is not closed": "Xin tìm dấu nháy kép chưa đóng",
    "found '{}' as valid_from": "thấy '{}' ở cột valid_from",
    "Write a day such as {}": "Xin ghi ngày như {}",
    "no heading '{}'": "không có tiêu đề '{}'",
    "Found: {}": "Đang có: {}",
    "Needed: {}": "Cần có: {}",
    "more cells than headings": "nhiều ô hơn số tiêu đề",
    "Put text with commas in quotes": "Chữ có dấu phẩy xin đặt trong nháy kép",
    "found {} cells under {} headings": "thấy {} ô dưới {} tiêu đề",
    "Quote cells with commas": "Ô có dấu phẩy xin đặt trong nháy kép",
    "found '{}'": "thấy '{}'",
    "found '{}': {}": "thấy '{}': {}",
    "Allowed: a date such as {}": "Được dùng: ngày như {}",
    "Allowed: a unit of a level above '{}'": "Được dùng: đơn vị ở cấp trên '{}'",
    "found parent_code '{}' at level '{}'": "thấy parent_code '{}' ở cấp '{}'",
    "closed_on {} is before opened_on {}": "closed_on {} trước opened_on {}",
    "last_on {} is before first_on {}": "last_on {} trước first_on {}",
    "ends_on is before starts_on": "ends_on trước starts_on",
    "Mend one of them": "Xin sửa một trong hai",
    "found unit_code '{}' again, it is on line {} already": "thấy lại unit_code '{}', đã có ở dòng {}",
    "Give each unit its own; of a unit that changed, let one line end (closed_on) before the next begins (opened_on)":
        "Mỗi đơn vị xin có mã riêng; với đơn vị đã thay đổi, dòng trước phải kết thúc (closed_on) trước khi dòng sau bắt đầu (opened_on)",
    "found parent_code '{}', which is open {}, not as long as the unit":
        "thấy parent_code '{}', chỉ hoạt động {}, ngắn hơn thời gian của đơn vị",
    "Let this line end then, and give the unit a further line with its new parent":
        "Xin cho dòng này kết thúc khi đó, và thêm một dòng với đơn vị cấp trên mới",
    "found unit_code '{}' again from {}, but it was closed on {} (line {})":
        "thấy lại unit_code '{}' từ {}, nhưng mã này đã đóng ngày {} (dòng {})",
    "Codes are never reused: give the new unit its own": "Mã không được dùng lại: xin cho đơn vị mới một mã riêng",
    "found an empty cell": "thấy ô để trống",
    "Allowed: an alias and the unit_code that it means": "Cần có: tên gọi khác và unit_code tương ứng",
    "say who owes it: unit, units, level or parent": "chưa ghi ai phải báo cáo: unit, units, level hoặc parent",
    "say who is exempt: unit, units, level or parent": "chưa ghi ai được miễn: unit, units, level hoặc parent",
    "codes are text, leading zeros count: write it in quotes, '{}'": "mã là chữ, số 0 ở đầu có nghĩa: xin đặt trong dấu nháy, '{}'",
    "not a time zone: use a name such as {}": "không phải múi giờ: dùng tên như {}",
    "there is no such rule (docs/rules.md lists them)": "không có quy tắc này (docs/rules.md liệt kê các quy tắc)",
    "say when the figures are of: as_of: HEADING, or as_of_from: file_name | received":
        "chưa ghi số liệu của ngày nào: as_of: TIÊU ĐỀ, hoặc as_of_from: file_name | received",
    "say which unit a row is of: unit: {code: HEADING} or {names: {level: HEADING}}":
        "chưa ghi dòng là của đơn vị nào: unit: {code: TIÊU ĐỀ} hoặc {names: {cấp: TIÊU ĐỀ}}",
    "layout wide needs indicators: which heading holds which indicator": "layout: wide cần indicators: tiêu đề nào chứa chỉ số nào",
    "layout long needs indicator: and value: (their headings)": "layout: long cần indicator: và value: (tiêu đề của chúng)",
    "Input should be a valid {}": "Cần một giá trị hợp lệ ({})",
    "Input should be {}": "Cần là {}",
    "String should match pattern {}": "Cần đúng mẫu {}",
}  # fmt: skip

_WAY_OUT = "Cách xử lý: "
# In front of what is wrong: a file with its line, then the key in it.
_PLACE = re.compile(r"((?:[^\s:]*[/.][^:]*?(?::\d+)?: )?(?:[a-z_]+(?:\.[\w@-]+)*: )?)(.*)", re.DOTALL)
_BLANK = re.compile(r"(\{\}|\{noun\}|\{field\})")
_MEANT = {"{}": "(.+?)", "{noun}": f"({'|'.join(sorted(NOUNS, key=len, reverse=True))})", "{field}": "([a-z_]+)"}


def vietnamese(text: str) -> str:
    """The sentences of an error in Vietnamese, with the place in front of them as it was."""
    place, rest = _split(text)
    return place + ". ".join(sentence_vi(each) or each for each in rest)


def line_vi(what: str, where: str, way_out: str) -> str:
    """An error as one line: where: what. Cách xử lý: way_out."""
    head = f"{where}: {vietnamese(what)}" if where else vietnamese(what)
    return f"{head}. {_WAY_OUT}{vietnamese(way_out)}" if way_out else head


def untranslated(text: str) -> list[str]:
    """The sentences of an error that have no twin."""
    return [each for each in _split(text)[1] if sentence_vi(each) is None]


@cache
def sentence_vi(sentence: str) -> str | None:
    """One sentence in Vietnamese; None where it has no twin."""
    for pattern, twin in _patterns():
        if found := pattern.fullmatch(sentence):
            return _filled(twin, list(found.groups()))
    return None


def _filled(twin: str, given: list[str]) -> str:
    said = [part if "{" not in part else (NOUNS[given.pop(0)] if part == "{noun}" else given.pop(0)) for part in _BLANK.split(twin)]
    return "".join(said)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    made = []
    for english, twin in SENTENCES.items():
        pattern = "".join(_MEANT.get(part, re.escape(part)) for part in _BLANK.split(english)).replace("'(.+?)'", "'([^']*)'")
        made.append((re.compile(pattern, re.DOTALL), twin))
    return made


def _split(text: str) -> tuple[str, list[str]]:
    """The place in front, and the sentences."""
    if sentence_vi(text) is not None:
        return "", [text]
    found = _PLACE.fullmatch(text)
    place, rest = (found.group(1), found.group(2)) if found else ("", text)
    return place, re.split(r"\. (?=[A-Z`'-])", rest)
