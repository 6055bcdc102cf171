"""The simulator: figures between published points, files in several forms, and faults in known places."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from loaders.simulation import offers, true_values
from loaders.simulation_plan import DailyShape, read_plan
from loaders.simulation_series import series
from tiendo.campaign import Campaign
from tiendo.campaign_file import read_campaign
from tiendo.errors import CampaignError
from tiendo.settings import ROOT

HAI_PHONG = ROOT / "campaigns" / "hai_phong_vneid_2023"

CAMPAIGN = """\
id: small
name: {{vi: Nhỏ, en: Small}}
starts_on: 2023-05-01
ends_on: 2023-05-31
levels: [{{id: province, name: {{vi: Tỉnh, en: Province}}}}, {{id: district, name: {{vi: Huyện, en: District}}}}]
units: {{file: units.csv}}
indicators:
  - {{id: received, name: {{vi: Nhận, en: Received}}, kind: {kind}}}
  - {{id: done, name: {{vi: Xong, en: Done}}, kind: {kind}, part_of: received}}
slots:
  - {{id: noon, cutoff: "11:00", levels: [district]}}
  - {{id: evening, cutoff: "20:00", levels: [district]}}
sources:
  - id: reports
    kind: simulation
    path: simulation.yml
    numbers: vi
    dates: ["%d/%m/%Y"]
    unit: {{code: Mã}}
    as_of: Ngày
    slot: Buổi
    {layout}
"""
WIDE = "indicators: {received: Nhận, done: Xong}"
LONG = "layout: long\n    indicator: Chỉ tiêu\n    value: Số\n    indicator_names: {Nhận: received, Xong: done}"
SIMULATION = """\
note: {vi: Mô phỏng, en: Simulated}
points: points.csv
first_on: 2023-05-08
last_on: 2023-05-10
columns: [Ngày, Buổi, Mã, Nhận, Xong]
sender: Công an {unit}
arrival: {earliest_minutes: 60, latest_minutes: 10}
forms:
  - {format: csv, thousands: "."}
"""
POINTS = """\
unit_code,indicator_id,as_of_date,value
001,received,2023-05-01,100
001,received,2023-05-10,2100
001,done,2023-05-01,0
001,done,2023-05-10,2000
002,received,2023-05-07,10
002,received,2023-05-10,40
002,done,2023-05-07,0
002,done,2023-05-10,30
"""


def small(
    folder: Path, *, kind: str = "cumulative", layout: str = WIDE, extra: str = "", points: str = POINTS, simulation: str = SIMULATION
) -> Campaign:
    home = folder / "small"
    home.mkdir(parents=True)
    (home / "campaign.yml").write_text(CAMPAIGN.format(kind=kind, layout=layout), encoding="utf-8")
    (home / "units.csv").write_text(
        "unit_code,unit_name,level,parent_code\n1,Tỉnh Mẫu,province,\n001,Huyện Một,district,1\n002,Huyện Hai,district,1\n",
        encoding="utf-8",
    )
    (home / "simulation.yml").write_text(simulation + extra, encoding="utf-8")
    (home / "points.csv").write_text(points, encoding="utf-8")
    return read_campaign(home)


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def sent(campaign: Campaign) -> dict[str, list[dict[str, str]]]:
    return {offer.file_name: table(offer.open().read()) for offer in offers(campaign, campaign.sources[0])}


@pytest.fixture(scope="module")
def hai_phong() -> Campaign:
    return read_campaign(HAI_PHONG)


# Series


def test_a_series_passes_through_every_point_and_never_falls() -> None:
    days = [date(2023, 5, 1) + timedelta(days=n) for n in range(31)]
    points = {days[0]: 7, days[10]: 7, days[20]: 1_000, days[30]: 1_000_000}
    values = series(("a",), points, [(day, "s") for day in days], DailyShape(noise_pct=40))
    assert [values[day, "s"] for day in points] == [7, 7, 1_000, 1_000_000]
    assert {values[day, "s"] for day in days[:11]} == {7}
    found = list(values.values())
    assert found == sorted(found)


def test_growth_speeds_up_towards_a_steeper_stretch() -> None:
    days = [date(2023, 5, 1) + timedelta(days=n) for n in range(21)]
    values = series(("a",), {days[0]: 0, days[10]: 100, days[20]: 2_100}, [(day, "s") for day in days], DailyShape())
    grown = [values[b, "s"] - values[a, "s"] for a, b in pairwise(days)]
    assert grown[0] < grown[5] < grown[9]


def test_a_point_on_a_day_without_an_occasion_holds_between_two() -> None:
    fridays = [(date(2023, 5, 5), "weekly"), (date(2023, 5, 12), "weekly")]
    points = {date(2023, 5, 1): 0, date(2023, 5, 8): 500, date(2023, 5, 12): 510}
    values = series(("a",), points, fridays, DailyShape())
    assert 0 < values[fridays[0]] < 500 and values[fridays[1]] == 510


def test_points_that_do_not_cover_the_occasions_are_refused() -> None:
    with pytest.raises(ValueError, match="do not cover"):
        series(("a",), {date(2023, 5, 1): 0, date(2023, 5, 3): 5}, [(date(2023, 5, 2), "s"), (date(2023, 5, 4), "s")], DailyShape())


# Files


def test_two_slots_a_day_give_two_files_and_the_last_of_the_day_holds_the_point(tmp_path: Path) -> None:
    files = sent(small(tmp_path))
    assert len(files) == 2 * 2 * 3
    assert files["20230510_evening_001_huyen-mot.csv"] == [
        {"Ngày": "2023-05-10", "Buổi": "evening", "Mã": "001", "Nhận": "2.100", "Xong": "2.000"}
    ]
    noon = files["20230510_noon_001_huyen-mot.csv"][0]
    assert int(noon["Nhận"].replace(".", "")) < 2_100


def test_a_report_may_write_the_time_of_its_cutoff(tmp_path: Path) -> None:
    simulation = SIMULATION.replace('thousands: "."', 'dates: "%d/%m/%Y %H:%M"')
    files = sent(small(tmp_path, extra="as_of: cutoff\n", simulation=simulation))
    assert [row["Ngày"] for row in files["20230510_noon_001_huyen-mot.csv"]] == ["10/05/2023 11:00"]
    workbook = simulation.replace("format: csv", "format: xlsx")
    offer = next(offers(other := small(tmp_path / "xlsx", extra="as_of: cutoff\n", simulation=workbook), other.sources[0]))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(offer.open().read())).get_sheet_by_index(0).to_python()
    assert rows[1][0] == datetime(2023, 5, 8, 11, 0)


def test_increments_add_up_to_the_growth_between_the_points(tmp_path: Path) -> None:
    rows = [row for name, rows in sent(small(tmp_path, kind="increment")).items() if "_002_" in name for row in rows]
    assert sum(int(row["Nhận"]) for row in rows) == 30 and sum(int(row["Xong"]) for row in rows) == 30


def test_a_long_source_has_a_row_per_indicator(tmp_path: Path) -> None:
    simulation = SIMULATION.replace("Nhận, Xong]", "Chỉ tiêu, Số]")
    files = sent(small(tmp_path, layout=LONG, simulation=simulation))
    rows = files["20230510_evening_002_huyen-hai.csv"]
    assert [(row["Chỉ tiêu"], row["Số"]) for row in rows] == [("Nhận", "40"), ("Xong", "30")]


def test_one_file_may_hold_all_units_of_a_slot_and_a_faulty_row_travels_alone(tmp_path: Path) -> None:
    extra = 'one_file_per: slot\nfaults: [{kind: late, unit: "002", day: 2023-05-09, slot: noon, minutes: 30}]\n'
    files = sent(small(tmp_path, extra=extra))
    assert [row["Mã"] for row in files["20230508_noon_1_tinh-mau.csv"]] == ["001", "002"]
    assert [row["Mã"] for row in files["20230509_noon_1_tinh-mau.csv"]] == ["001"]
    assert [row["Mã"] for row in files["20230509_noon_002_huyen-hai.csv"]] == ["002"]


def test_a_part_never_exceeds_its_whole_between_points(tmp_path: Path) -> None:
    points = POINTS.replace("001,received,2023-05-01,100", "001,received,2023-05-09,0\n001,received,2023-05-01,0")
    for rows in sent(small(tmp_path, points=points)).values():
        assert all(int(row["Xong"].replace(".", "")) <= int(row["Nhận"].replace(".", "")) for row in rows)


def test_the_bytes_are_the_same_in_another_process_with_another_hash_seed(hai_phong: Campaign) -> None:
    script = (
        "import hashlib, pathlib; from tiendo.campaign_file import read_campaign; from loaders.simulation import offers\n"
        f"c = read_campaign(pathlib.Path({str(HAI_PHONG)!r}))\n"
        "print(hashlib.sha256(b''.join(o.open().read() for o in offers(c, c.sources[0]))).hexdigest())"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "America/Lima", "LC_ALL": "C"}
    there = subprocess.run([sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    here = hashlib.sha256(b"".join(offer.open().read() for offer in offers(hai_phong, hai_phong.sources[0]))).hexdigest()
    assert there.stdout.strip() == here


def test_a_workbook_holds_real_numbers_and_days_and_codes_as_text(hai_phong: Campaign) -> None:
    offer = next(o for o in offers(hai_phong, hai_phong.sources[0]) if o.file_name == "20230613_316_huyen-vinh-bao.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(offer.open().read())).get_sheet_by_name("Báo cáo").to_python()
    assert rows[1][0] == "Số liệu mô phỏng giữa các mốc đã công bố"
    assert rows[4] == [date(2023, 6, 13), "316", "Huyện Vĩnh Bảo", 86805.0, 56761.0, 159388.0, "Trưởng Công an"]


# Faults of simulation.yml


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("faults: [{kind: late, unit: '001', day: 2023-05-09}]", "simulation.yml:10: faults.0: a fault 'late' takes minutes; found none"),
        ("faults: [{kind: missing, unit: '009', day: 2023-05-09}]", "found '009', which has no points"),
        ("faults: [{kind: missing, unit: '001', day: 2023-07-01}]", "found 2023-07-01, outside"),
        ("faults: [{kind: fall, unit: '001', day: 2023-05-09, indicator: x, by: 2}]", "found 'x', which the source does not read"),
        ("unit_nam: Tên", "unknown key 'unit_nam'"),
        ("slots: {night: ['001']}", "found 'night', which is no slot"),
    ],
)
def test_a_faulty_simulation_names_line_and_way_out(tmp_path: Path, extra: str, told: str) -> None:
    campaign = small(tmp_path, extra=extra + "\n")
    with pytest.raises(CampaignError) as raised:
        list(offers(campaign, campaign.sources[0]))
    assert told in raised.value.line()


@pytest.mark.parametrize(
    ("point", "told"),
    [
        ("001,received,2023-05-08,1.5", "points.csv:10: not a point"),
        ("009,received,2023-05-08,1", "points.csv:10: '009'"),
        ("001,received,2023-05-20,5", "falls from 2100 to 5 on 2023-05-20"),
        ("002,done,2023-05-09,4000\n002,done,2023-05-10,4000", "done of 002 exceeds received on 2023-05-09"),
    ],
)
def test_faulty_points_are_told_by_line(tmp_path: Path, point: str, told: str) -> None:
    campaign = small(tmp_path, points=POINTS + point + "\n")
    with pytest.raises(CampaignError) as raised:
        list(offers(campaign, campaign.sources[0]))
    assert told in raised.value.line()


def test_a_simulation_source_must_say_how_it_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "hai_phong_vneid_2023"
    shutil.copytree(HAI_PHONG, folder)
    text = (folder / "campaign.yml").read_text(encoding="utf-8")
    (folder / "campaign.yml").write_text(text.replace("    as_of: Ngày báo cáo\n", ""), encoding="utf-8")
    with pytest.raises(CampaignError, match="say when the figures are of"):
        read_campaign(folder)


# The bundled campaign


def test_hai_phong_passes_through_the_published_totals(hai_phong: Campaign) -> None:
    plan = read_plan(hai_phong, hai_phong.sources[0])
    values = true_values(hai_phong, hai_phong.sources[0], plan)
    totals = {i.id: sum(v[date(2023, 6, 13), "daily"] for (_, key), v in values.items() if key == i.id) for i in hai_phong.indicators}
    assert totals == {"eid_received": 887_301, "eid_activated": 449_470, "cccd_issued": 1_755_013}


def test_hai_phong_has_217_communes_in_14_of_its_15_districts(hai_phong: Campaign) -> None:
    units = read_plan(hai_phong, hai_phong.sources[0]).units.values()
    assert sum(unit.level == "district" for unit in units) == 15
    assert sum(unit.level == "commune" for unit in units) == 217
    per_district = [sum(u.parent == code for u in units) for code in ("311", "312", "317", "318")]
    assert per_district == [37, 16, 12, 0]


def test_hai_phong_sends_660_files_most_between_14_00_and_16_55(hai_phong: Campaign) -> None:
    found = list(offers(hai_phong, hai_phong.sources[0]))
    assert len(found) == 14 * 47 - 2 + 3 + 1  # two reports missing, three mended, one sent twice
    assert {offer.file_name[-4:] for offer in found} == {".csv", "xlsx"}
    assert all(offer.received_at and offer.received_at.tzinfo for offer in found)
    outside = [o for o in found if not "14:00" <= o.received_at.astimezone(hai_phong.zone).strftime("%H:%M") <= "16:55"]  # type: ignore[union-attr]
    assert len(outside) == 2 + 3  # two late, three mended; the second copy of Lê Chân still comes in time


def test_hai_phong_has_no_fault_on_the_days_with_published_figures(hai_phong: Campaign) -> None:
    days = {fault.day for fault in read_plan(hai_phong, hai_phong.sources[0]).simulation.faults}
    assert days and not days & {date(2023, 6, 13), date(2023, 6, 29)}


def test_the_faults_are_in_the_files_where_the_plan_says(hai_phong: Campaign) -> None:
    found = {offer.file_name: offer for offer in offers(hai_phong, hai_phong.sources[0])}
    content = {name: offer.open().read() for name, offer in found.items() if name.endswith(".csv")}
    assert found["20230524_307_quan-kien-an.csv"].received_at == datetime(2023, 5, 24, 11, 35, tzinfo=UTC)  # 18:35 there
    assert "20230604_312_huyen-an-duong.csv" not in found
    assert content["20230601_305_quan-le-chan.csv"] == content["20230601_305_quan-le-chan (1).csv"]
    assert table(content["20230621_308_quan-do-son.csv"])[0]["Mã đơn vị"] == "380"
    assert table(content["20230608_315_huyen-tien-lang.csv"])[0]["Chức vụ người báo cáo"] == "Phó Trưởng Công an"
    assert table(content["20230608_315_huyen-tien-lang_bo-sung.csv"])[0]["Chức vụ người báo cáo"] == "Trưởng Công an"
    written = table(content["20230615_304_quan-ngo-quyen.csv"])[0]["Tài khoản đã kích hoạt"]
    assert written == "khoảng " + table(content["20230615_304_quan-ngo-quyen_bo-sung.csv"])[0]["Tài khoản đã kích hoạt"]
