"""What the commands print of the bundled campaign: the published board, the milestones, the findings, the accounts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tiendo.settings import ROOT

CAMPAIGN = "hai_phong_vneid_2023"


def tiendo(home: Path, *words: str, lang: str = "vi") -> str:
    command = [sys.executable, "-m", "tiendo", "--lang", lang, *words]
    environment = {**os.environ, "TIENDO_HOME": str(home), "PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_leaderboard_of_29_june_reads_as_published(hai_phong_home: Path) -> None:
    shown = tiendo(hai_phong_home, "leaderboard", CAMPAIGN, "--at", "2023-06-29")
    ranked = re.findall(r"^\s+(\d+)\s+(?:Huyện|Quận) (\S+ \S+)\s+[\d.]+\s+[\d.]+\s+([\d,]+)", shown, flags=re.MULTILINE)
    assert len(ranked) == 14
    assert ranked[0] == ("1", "Cát Hải", "124,56")
    assert ranked[-1] == ("14", "Lê Chân", "100,07")
    assert re.search(r"–\s+Huyện Bạch Long Vĩ\s+chưa giao chỉ tiêu", shown)
    assert "SỐ LIỆU MÔ PHỎNG" in shown


def test_the_leaderboard_speaks_english_and_takes_level_and_indicator(hai_phong_home: Path) -> None:
    shown = tiendo(
        hai_phong_home, "leaderboard", CAMPAIGN, "--at", "2023-06-13", "--level", "city", "--indicator", "eid_activated", lang="en"
    )
    assert re.search(r"1\s+Thành phố Hải Phòng\s+449,470\s+1,167,685\s+38\.49", shown)


def test_an_unknown_level_is_told_with_those_there_are(hai_phong_home: Path) -> None:
    command = [sys.executable, "-m", "tiendo", "leaderboard", CAMPAIGN, "--level", "ward", "--home", str(hai_phong_home)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 8
    assert "không có bảng ở cấp 'ward'. Cách xử lý: Được dùng: city, district" in done.stderr


def test_milestones_count_the_units_by_status_and_name_them(hai_phong_home: Path) -> None:
    shown = tiendo(hai_phong_home, "milestones", CAMPAIGN, "--level", "district", lang="en")
    assert re.search(r"Check of 20 June\s+2023-06-20\s+reached early\s+1\s+2023-06-13\s+Huyện Cát Hải", shown)
    assert re.search(r"Check of 30 June\s+2023-06-30\s+reached early\s+14\s", shown)
    assert "… +8" in shown


def test_milestones_name_their_levels_from_the_top_down_in_the_language_asked_for(hai_phong_home: Path) -> None:
    levels = [re.findall(rf"^ ({city}|{district}) ", tiendo(hai_phong_home, "milestones", CAMPAIGN, lang=lang), flags=re.MULTILINE)
              for lang, city, district in (("vi", "Thành phố", "Quận/Huyện"), ("en", "City", "District"))]  # fmt: skip
    assert levels[0] == ["Thành phố"] * 4 + ["Quận/Huyện"] * 9 and levels[1] == ["City"] * 4 + ["District"] * 9


@pytest.mark.parametrize("words", [["leaderboard"], ["milestones"], ["findings", "--limit", "1"], ["silent"], ["recounts"], ["briefing"]])
def test_whatever_shows_figures_of_a_simulated_campaign_says_so(hai_phong_home: Path, words: list[str]) -> None:
    shown = tiendo(hai_phong_home, words[0], CAMPAIGN, *words[1:], lang="en")
    assert "SIMULATED FIGURES" in " ".join(shown.split())


@pytest.mark.parametrize(("lang", "said"), [("vi", "giảm từ"), ("en", "falls from")])
def test_findings_tell_the_fall_in_both_languages(hai_phong_home: Path, lang: str, said: str) -> None:
    shown = tiendo(hai_phong_home, "findings", CAMPAIGN, "--rule", "cumulative_fall", lang=lang)
    assert re.search(r"cumulative_fall\s+correct\s+hold\s+1", shown)
    assert said in shown


def test_reconcile_prints_the_sum_of_the_batch(hai_phong_home: Path) -> None:
    # The file that came twice is judged after all that came in between, in a batch of its own.
    printed = tiendo(hai_phong_home, "reconcile")
    assert re.search(r"hai_phong_vneid_2023\s+\S+\s+659\s+659\s+654\s+2\s+3\s+0\s+✓", printed)
    assert re.search(r"hai_phong_vneid_2023\s+\S+\s+1\s+1\s+0\s+0\s+0\s+1\s+✓", printed)


def test_a_second_run_changes_no_mart(hai_phong_home: Path) -> None:
    published = (hai_phong_home / "published").resolve()
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in published.rglob("*") if path.is_file()}
    assert "Không có gì thay đổi" in tiendo(hai_phong_home, "run", CAMPAIGN)
    assert (hai_phong_home / "published").resolve() == published
    assert {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in published.rglob("*") if path.is_file()} == before


def test_the_briefing_of_30_june_tells_what_the_plan_and_the_published_board_make_of_it(hai_phong_home: Path) -> None:
    """14 districts on 7 days, Dương Kinh not on the 25th; Kiến Thuỵ's fall of the 7th is still held; all were at 100 % by the 29th."""
    said = tiendo(hai_phong_home, "briefing", CAMPAIGN, "--meeting", "2023-07-01").splitlines()
    assert said[1:3] == ["SỐ LIỆU MÔ PHỎNG", "Giao ban thứ sáu 19:00, 30/06/2023 · bảng ngày 30/06/2023"]
    rows = (ROOT / "tests" / "golden" / CAMPAIGN / "expected" / "briefing_2023-06-30.txt").read_text(encoding="utf-8").splitlines()
    assert len(rows) >= 20 and [row for row in rows if row not in said] == []
    explain = said.index("Đơn vị giải trình")
    assert said[explain + 3 : explain + 5] == ["", "Đơn vị chia sẻ cách làm"]  # nobody else


def test_a_briefing_goes_to_a_file_with_its_queries_and_a_day_before_all_meetings_is_told(hai_phong_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "briefing.txt"
    tiendo(hai_phong_home, "briefing", CAMPAIGN, "--queries", "--output", str(file), lang="en")
    text = file.read_text(encoding="utf-8")
    assert text.count("    select ") + text.count("    with recursive ") == text.count("\n- ") - text.count("\n- none")
    asked = ["--lang", "en", "briefing", CAMPAIGN, "--meeting", "2023-05-18", "--home", str(hai_phong_home)]
    done = subprocess.run([sys.executable, "-m", "tiendo", *asked], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 8 and "Meetings with a briefing: 2023-05-19, 2023-05-26" in done.stderr


def test_a_briefing_as_json_has_its_statements_in_the_order_of_the_text(hai_phong_home: Path) -> None:
    told = json.loads(tiendo(hai_phong_home, "briefing", CAMPAIGN, "--meeting", "2023-06-23", "--json"))["statements"]
    text = tiendo(hai_phong_home, "briefing", CAMPAIGN, "--meeting", "2023-06-23")
    assert [f"- {row['text_vi']}" for row in told] == [line for line in text.splitlines() if line.startswith("- ") and line != "- không có"]


def test_every_number_of_the_briefings_has_its_query(
    hai_phong_home: Path, unanswered: Callable[[duckdb.DuckDBPyConnection], list[str]]
) -> None:
    with duckdb.connect(str((hai_phong_home / "published" / "marts.duckdb").resolve()), read_only=True) as marts:
        assert unanswered(marts) == []
