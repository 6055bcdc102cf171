"""What the campaign page and the index say, worked out by hand from the trial campaign (publish_trial.py)."""

from __future__ import annotations

import html
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml

from publishers.marts_export import export_marts
from publishers.page import render_pages
from publishers.page.language import words
from publishers.page.render import DEFINED

pytestmark = pytest.mark.slow

make_warehouse = runpy.run_path(str(Path(__file__).with_name("publish_trial.py")))["make_warehouse"]

EMPTY = """
insert into marts.dim_campaign by name select * replace ('bare' as campaign_id, 'Trống' as name_vi, 'Bare' as name_en, null as about_vi,
  null as about_en, false as is_simulated) from marts.dim_campaign where campaign_id = 'trial';
"""
NO_TARGETS = """
delete from marts.dim_tier; delete from marts.dim_milestone; delete from marts.milestones; delete from marts.dim_slot;
delete from marts.fct_slot_status; delete from marts.reporting; delete from marts.fct_findings; delete from marts.fct_restatements;
delete from marts.parent_sums; update marts.dim_campaign set rank_by = 'value', is_simulated = false;
update marts.progress set target = null, attained_pct = null, gap = null, required_pace = null, next_milestone_id = null, days_left = null;
update marts.leaderboard set target = null, attained_pct = null, tier = null, rank_low = null, rank_high = null;
"""
MANY = """
insert into marts.dim_unit by name select 'trial' as campaign_id, 'x' || i as unit_code, 'Xã ' || i as unit_name, 'district' as level,
  2 as depth,
  '31' as parent_code, 'Thành phố Hải Phòng > Xã ' || i as path_name, 'unit' as kind from range(3000) t(i);
insert into marts.leaderboard by name select * exclude (i) replace ('x' || i as unit_code, 'Xã ' || i as unit_name,
  100 + i as position) from marts.leaderboard,
  range(3000) t(i) where unit_code = '301';
insert into marts.fct_slot_status by name select * exclude (i) replace ('x' || i as unit_code) from marts.fct_slot_status,
  range(3000) t(i) where unit_code = '301';
insert into marts.reporting by name select * exclude (i) replace ('x' || i as unit_code) from marts.reporting, range(3000) t(i)
  where unit_code = '301';
insert into marts.fct_findings by name select * exclude (i) replace ('g' || i as finding_id) from marts.fct_findings,
  range(3000) t(i) where finding_id = 'f9';
insert into marts.milestones by name select * exclude (i) replace ('x' || i as unit_code) from marts.milestones, range(3000) t(i)
  where unit_code = '301';
"""
EVIL = '<script>document.title="harm"</script>'
NAMED_BADLY = f"""
update marts.dim_unit set unit_name = '{EVIL}', path_name = '" onmouseover="harm()' where unit_code = '303';
update marts.leaderboard set unit_name = '{EVIL}' where unit_code = '303';
update marts.fct_findings set message_vi = '{EVIL}', unit_name = '{EVIL}', file_name = '{EVIL}';
update marts.dim_campaign set name_vi = '{EVIL}';
"""


def pages_of(folder: Path, also: str = "") -> Path:
    warehouse = make_warehouse(folder / "warehouse.duckdb", also=also)
    render_pages(export_marts(warehouse, folder), folder / "pages")
    return folder / "pages"


def text_of(page: Path) -> str:
    """The page's text, tags gone and white space made one."""
    bare = re.sub(r"<(style|script).*?</\1>", " ", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def rows_of(page: Path, table: str) -> list[list[str]]:
    body = re.search(rf'<table id="{table}".*?<tbody>(.*?)</tbody>', page.read_text(encoding="utf-8"), re.DOTALL)
    assert body
    cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in re.findall(r"<tr.*?</tr>", body[1], re.DOTALL)]
    return [[" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pages_of(tmp_path_factory.mktemp("pages"))


def test_the_headline_says_value_target_percentage_pace_and_as_of_when(pages: Path) -> None:
    vi, en = text_of(pages / "trial" / "index.html"), text_of(pages / "trial" / "index.en.html")
    # 83,195 of 105,000 = 79.233 %; 21,805 are missing, 17 days are left: 1,282.65 a day, and 83,195 / 30 = 2,773.2 a day were done.
    assert "79,23 % 83.195 / 105.000 Số liệu đến 13/06/2023" in vi
    assert "79.23 % 83,195 / 105,000 Figures as of 13 Jun 2023" in en
    assert "Đúng tiến độ Cần 1.283 mỗi ngày để kịp mốc Mốc 3: 100 % (17 ngày nữa); hiện đạt 2.773 mỗi ngày." in vi
    assert "Số liệu mô phỏng Số liệu đến 23:59 13/06/2023" in vi
    assert "Simulated figures Figures as of 13 Jun 2023, 23:59" in en


def test_after_the_last_milestone_the_pace_is_not_judged_and_on_its_day_what_is_missing_is_late(tmp_path: Path) -> None:
    over = "update marts.progress set next_milestone_id = null, days_left = null, required_pace = null"
    assert "Không còn mốc nào phía trước" in text_of(pages_of(tmp_path / "over", over) / "trial" / "index.html")
    due = "update marts.progress set days_left = 0, required_pace = null"
    assert "Chậm tiến độ" in text_of(pages_of(tmp_path / "due", due) / "trial" / "index.html")


def test_the_headline_says_when_the_target_will_be_reached_and_how_likely_the_milestone_is(pages: Path) -> None:
    vi, en = text_of(pages / "trial" / "index.html"), text_of(pages / "trial" / "index.en.html")
    assert "Dự báo đạt chỉ tiêu vào ngày 02/07/2023 (khoảng tin cậy 80 %: từ 27/06/2023 đến 20/07/2023)." in vi
    assert "Khả năng đạt mốc Mốc 3: 100 % đúng hạn: 35 %." in vi
    assert "Target forecast to be reached on 2 Jul 2023 (80 % interval: 27 Jun 2023 to 20 Jul 2023)." in en


def test_a_target_that_is_out_of_sight_or_a_short_history_gets_no_date(tmp_path: Path) -> None:
    hopeless = "update marts.forecasts set target_outlook = 'out_of_sight', target_date = null, milestone_probability = 0"
    vi = text_of(pages_of(tmp_path / "hopeless", hopeless) / "trial" / "index.html")
    assert "Theo diễn biến hiện nay, chưa dự báo được ngày đạt chỉ tiêu. Khả năng đạt mốc Mốc 3: 100 % đúng hạn: 1 %." in vi
    new = "update marts.forecasts set target_outlook = 'insufficient', target_date = null, milestone_probability = null"
    vi = text_of(pages_of(tmp_path / "new", new) / "trial" / "index.html")
    assert "Chưa đủ số liệu để dự báo (cần ít nhất 7 kỳ báo cáo)." in vi and "Khả năng đạt mốc" not in vi


def test_the_leaderboard_shows_place_movement_interval_tier_and_why_a_unit_has_no_place(pages: Path) -> None:
    board = rows_of(pages / "trial" / "index.html", "board")
    assert len(board) == 15
    assert board[0] == ["1", "Huyện Cát Hải", "100,00 %", "", "Hoàn thành", "▲ 1 tăng 1 hạng", "14.000", "14.000", "1–2", "C"]
    assert board[1] == ["2", "Huyện Vĩnh Bảo", "95,00 %", "", "Khá", "▼ 1 giảm 1 hạng", "12.350", "13.000", "2–3", "B"]
    assert board[11][:3] == ["12", "Quận Lê Chân tạm tính, số liệu cũ 2 ngày", "45,00 %"]
    assert board[13][:5] == ["14", "Quận Hồng Bàng", "35,00 %", "", "Chậm"]
    assert board[14] == ["–", "Huyện Bạch Long Vĩ chưa giao chỉ tiêu", "–", "", "", "–", "945", "–", "–", "A"]


def test_milestones_slots_findings_changes_and_accounts_are_told(pages: Path) -> None:
    vi = text_of(pages / "trial" / "index.html")
    assert "15/06/2023 Mốc 2: 60 % 9 đạt đúng hạn 5 có nguy cơ 1 chưa giao chỉ tiêu Từng đơn vị (15)" in vi
    assert "Kỳ gần nhất đã khóa: 17:00 13/06/2023" in vi
    assert "1 không có báo cáo : Quận Lê Chân ! 1 không hợp lệ : Huyện An Dương ◐ 2 muộn : Quận Ngô Quyền (muộn 95 phút)" in vi
    assert "Phát hiện từ 07/06/2023 đến 13/06/2023: 2 lỗi, 1 lưu ý, 1 đã xử lý." in vi
    assert "Từ đầu chiến dịch: 3 lỗi, mới nhất 13/06/2023." in vi  # one was found in May
    assert "31/05/2023 Mốc 1: 20 % 14 đạt muộn 1 chưa giao chỉ tiêu" in vi
    assert "Gửi bản đính chính có đánh dấu baocao.csv, dòng 4 16:00 13/06/2023" in vi
    assert "10/06/2023 2.100 2.050 −50 10:00 12/06/2023 có khai báo" in vi
    assert "66.000 65.000 +1.000" in vi
    # 150 + 70 = 140 + 66 + 2 + 2 + 3 + 1 + 5 + 1
    assert "220 dòng nhận = 206 được chấp nhận + 4 bị treo + 4 bị loại + 6 trùng ✓ khớp" in vi


def test_a_settled_hold_is_told_as_settled_and_neither_it_nor_a_flag_counts_as_an_error(pages: Path) -> None:
    vi, en = text_of(pages / "trial" / "index.html"), text_of(pages / "trial" / "index.en.html")
    assert "3 cumulative_fall treo đúng · 3 đơn vị · trong đó 1 đã xử lý" in vi
    assert "Huyện Thủy Nguyên cumulative_fall đã thả Số lũy kế giảm" in vi and "cumulative_fall released The cumulative" in en
    assert "Lỗi chưa xử lý, 7 ngày 2 " in text_of(pages / "index.html")


def test_the_heat_grid_has_a_cell_with_symbol_and_words_for_each_unit_and_day(pages: Path) -> None:
    page = (pages / "trial" / "index.html").read_text(encoding="utf-8")
    assert len(re.findall(r'<td class="s-\w+" title="\d\d/\d\d: [^"]+">[✓◐!×–]</td>', page)) == 15 * 30
    assert '<td class="s-late" title="13/06: muộn 95 phút">◐</td>' in page
    assert 'title="15/05: được miễn (Đảo xa, mất liên lạc)">–</td>' in page


def test_the_worst_of_the_four_scores_is_marked_with_a_sign_and_words(pages: Path) -> None:
    page = (pages / "trial" / "index.html").read_text(encoding="utf-8")
    grid = page.split('class="heat"')[1].split("</table>")[0]
    # the trial says of every unit that live, 90 %, is the worst
    assert grid.count('<span class="sr">thấp nhất trong bốn điểm: </span>90') == 15
    assert len(re.findall(r'<th scope="row"', grid)) == 15


def test_the_queue_of_recounts_says_where_first_and_why_and_what_it_is_for(pages: Path) -> None:
    vi, en = text_of(pages / "trial" / "index.html"), text_of(pages / "trial" / "index.en.html")
    assert "Nơi cần kiểm đếm lại trước Xếp theo nguy cơ" in vi and "chỗ đứng không nói lên lỗi của ai" in vi
    assert "1 Huyện Bạch Long Vĩ 75 tăng 15 lần 2 Huyện Cát Hải 70 tăng 14 lần" in vi
    assert "12 Quận Hải An rút thăm 20 tăng 4 lần" in vi and "12 Quận Hải An by lot 20 grew 4 times" in en
    assert "Thành phố Hải Phòng: đã kiểm đếm lại 2 đơn vị, báo cáo 1.550, đếm được 1.340. Hệ số kiểm chứng : 0,86" in vi
    assert "Inflation by everybody alike shows in no series" in en


def test_who_is_silent_and_what_is_held_is_told(pages: Path) -> None:
    vi = text_of(pages / "trial" / "index.html")
    assert "1 đơn vị chưa có báo cáo hợp lệ của kỳ gần nhất" in vi and "Quận Lê Chân 2 không có báo cáo 11/06/2023" in vi
    assert "1 báo cáo đang treo" in vi and "Huyện An Dương 16:00 13/06/2023 1 cumulative_fall baocao.csv" in vi


def test_the_query_on_the_page_gives_the_number_on_the_page(tmp_path: Path) -> None:
    import duckdb

    pages = pages_of(tmp_path)
    page = (pages / "trial" / "index.html").read_text(encoding="utf-8")
    queries = [html.unescape(query) for query in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)]
    assert len(queries) == 2
    with duckdb.connect(str(tmp_path / "marts.duckdb"), read_only=True) as con:
        assert con.execute(queries[0]).fetchall()[0][:3] == ("31", 83195.0, 105000.0)
        assert [row[2] for row in con.execute(queries[1]).fetchall()[:2]] == ["Huyện Cát Hải", "Huyện Vĩnh Bảo"]


def test_the_chart_is_drawn_with_vietnamese_text_and_both_sizes(pages: Path) -> None:
    page = (pages / "trial" / "index.html").read_text(encoding="utf-8")
    charts = re.findall(r'<svg class="marks".*?</svg>', page, re.DOTALL)
    assert len(charts) == 2
    for chart in charts:
        assert ">Chỉ tiêu: 105.000</text>" in chart and ">83.195</text>" in chart and ">15/06</text>" in chart
        assert "NaN" not in chart and "null" not in chart


def test_no_page_names_another_host_and_only_our_script_may_run(pages: Path) -> None:
    found = list(pages.rglob("*.html"))
    assert len(found) == 4
    for path in found:
        page = path.read_text(encoding="utf-8")
        assert not re.findall(r"""(?:src|href|url|action)\s*[=(]\s*["']?(?:https?:)?//""", page), path
        assert "default-src &#39;none&#39;" in page and "script-src &#39;sha256-" in page
        links = [link.split("#")[0] for link in re.findall(r'href="([^"]+)"', page) if not link.startswith(("#", "data:"))]
        for link in links:
            if not link.startswith("../../"):
                assert (path.parent / link).resolve().is_file(), f"{path}: {link}"


def test_a_unit_with_a_script_for_a_name_does_no_harm(tmp_path: Path) -> None:
    page = (pages_of(tmp_path, NAMED_BADLY) / "trial" / "index.html").read_text(encoding="utf-8")
    assert page.count("<script>") == 1 and EVIL not in page
    assert "&lt;script&gt;document.title=&#34;harm&#34;&lt;/script&gt;" in page
    assert 'onmouseover="harm' not in page


def test_a_campaign_without_figures_says_so_on_its_page_and_on_the_index(tmp_path: Path) -> None:
    pages = pages_of(tmp_path, EMPTY)
    bare = text_of(pages / "bare" / "index.html")
    assert bare.count("Chưa có số liệu nào được chấp nhận.") == 3  # headline, leaderboard, accounts
    assert "Chiến dịch này chưa khai báo mốc." in bare and "Chiến dịch này không có kỳ báo cáo" in bare
    assert "mô phỏng" not in bare
    index = text_of(pages / "index.html")
    assert "Trống Chưa có số liệu nào được chấp nhận." in index and "Kích hoạt tài khoản định danh Số liệu mô phỏng" in index


def test_a_campaign_without_targets_slots_or_milestones_shows_values_ranked_by_value(tmp_path: Path) -> None:
    pages = pages_of(tmp_path, NO_TARGETS)
    vi = text_of(pages / "trial" / "index.html")
    assert "Thành phố Hải Phòng 83.195 Số liệu đến 13/06/2023" in vi and "Chưa giao chỉ tiêu" in vi
    assert "Xếp theo số thực hiện" in vi
    page = (pages / "trial" / "index.html").read_text(encoding="utf-8")
    assert 'style="width:100.0%"' in page and 'style="width:2.5%"' in page  # 14,000 is the largest; 350 / 14,000 = 2.5 %
    assert "Không có." in vi
    assert rows_of(pages / "trial" / "index.html", "board")[0] == ["1", "Huyện Cát Hải", "14.000", "", "▲ 1 tăng 1 hạng", "–", "C"]
    assert "Nhịp độ cần có Hạn" not in vi


def test_thousands_of_units_stay_a_page_and_the_number_of_all_is_told(tmp_path: Path) -> None:
    pages = pages_of(tmp_path, MANY)
    page = pages / "trial" / "index.html"
    assert len(rows_of(page, "board")) == 200
    assert "Hiện 200 đơn vị đầu trong 3.015." in text_of(page)
    assert "3.002 lỗi" in text_of(page) and "Chi tiết (100)" in text_of(page)
    assert page.stat().st_size < 1_500_000
    # the grid shows its first units, the worst, and folds the rest
    first, folded = page.read_text(encoding="utf-8").split('class="heat"')[1:]
    assert (first.count('<th scope="row"'), folded.split("</table>")[0].count('<th scope="row"')) == (25, 175)
    assert "175 đơn vị còn lại" in text_of(page)


def keys_of(tree: dict[str, Any], stem: str = "") -> set[str]:
    return {key for name, node in tree.items() for key in (keys_of(node, f"{stem}{name}.") if isinstance(node, dict) else {stem + name})}


def test_both_languages_have_the_same_words_with_the_same_blanks() -> None:
    vi, en = words("vi"), words("en")
    assert keys_of(vi.tree) == keys_of(en.tree) and len(keys_of(vi.tree)) > 150
    for key in keys_of(vi.tree):
        assert set(re.findall(r"\{(\w+)\}", vi(key))) == set(re.findall(r"\{(\w+)\}", en(key))), key
    for key in DEFINED:
        assert vi(f"definitions.{key}") != en(f"definitions.{key}")


def test_the_word_files_hold_each_key_once() -> None:
    class Strict(yaml.SafeLoader):
        pass

    def once(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), keys
        return loader.construct_mapping(node, deep=True)

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, once)
    folder = Path(words.__wrapped__.__code__.co_filename).parent / "words"
    files = sorted(folder.glob("*.yml"))
    assert [path.name for path in files] == ["en.yml", "vi.yml"]
    for path in files:
        yaml.load(path.read_text(encoding="utf-8"), Loader=Strict)


def test_numbers_and_dates_are_written_as_each_language_writes_them() -> None:
    from datetime import date, datetime

    vi, en = words("vi"), words("en")
    assert (vi.number(1167685), en.number(1167685)) == ("1.167.685", "1,167,685")
    assert (vi.number(0), vi.number(None), vi.number(2.5)) == ("0", "–", "2,5")
    assert (vi.pct(38.4907), en.pct(124.56)) == ("38,49\u00a0%", "124.56\u00a0%")
    assert (vi.signed(-50), vi.signed(1000), vi.signed(0)) == ("−50", "+1.000", "0")
    assert (vi.date(date(2023, 6, 3)), en.date(date(2023, 6, 3))) == ("03/06/2023", "3 Jun 2023")
    assert (vi.moment(datetime(2023, 6, 3, 17, 5)), en.moment(datetime(2023, 6, 3, 17, 5))) == ("17:05 03/06/2023", "3 Jun 2023, 17:05")
