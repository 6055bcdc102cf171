"""Data Docs: Great Expectations' own sections in a frame that asks no other host and is the same every time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from publish_trial import CAMPAIGN, make_warehouse

from publishers import data_docs
from publishers.data_docs import build_data_docs
from publishers.marts_export import export_marts
from tiendo.home import write_json

QUERY = "SELECT item_id FROM {batch} WHERE coalesce((value < 0), false)"


def validation(lake: Path, batch_id: str, failing: int) -> None:
    results: list[dict[str, Any]] = [
        {"rule": "cumulative_fall", "success": not failing, "observed_value": failing, "query": QUERY},
        {"rule": "not_in_the_marts", "success": True, "observed_value": 0, "query": QUERY},
    ]
    suites = [{"relation": name, "rows": 40, "success": not failing, "results": results} for name in ("context_rows", "context_cells")]
    document = {"campaign_id": CAMPAIGN, "batch_id": batch_id, "great_expectations": "1", "suites": suites}
    write_json(lake / "validations" / f"campaign_id={CAMPAIGN}" / f"{batch_id}.json", document)


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    return export_marts(make_warehouse(folder / "warehouse.duckdb"), folder)


def test_every_batch_has_a_page_with_each_rule_and_how_many_fail(marts: Path, tmp_path: Path) -> None:
    validation(tmp_path / "lake", "b1", 0)
    validation(tmp_path / "lake", "b2", 7)
    written = build_data_docs(tmp_path / "lake", marts, tmp_path / "pages")
    assert [path.name.split("-")[0] for path in written] == ["b2", "b1", "index.html"]
    page = written[0].read_text(encoding="utf-8")
    assert page.count("Expectation Suite:") == 2 and page.count("not_in_the_marts") == 2
    _, *suites = page.split("Observed Value")
    for suite in suites:
        rows = re.findall(r'<b class="fa-[\w-]+">(.)</b>.*?<div class="show-scrollbars">(\d+)</div></td></tr>', suite, re.DOTALL)
        assert rows[:2] == [("×", "7"), ("✓", "0")]
    index = written[-1].read_text(encoding="utf-8")
    assert re.findall(r'href="(b\d-\w+\.html)"', index) == [path.name for path in written[:-1]]


def test_no_page_asks_another_host_or_carries_a_script_an_id_or_a_time(marts: Path, tmp_path: Path) -> None:
    validation(tmp_path / "lake", "b1", 3)
    for path in build_data_docs(tmp_path / "lake", marts, tmp_path / "pages"):
        page = path.read_text(encoding="utf-8")
        assert "default-src 'none'" in page
        assert not re.search(r"https?://|<script|<link rel=.stylesheet|<img|\son\w+=|1970|\bid=", page), path.name


def test_two_builds_are_equal_and_the_second_takes_the_pages_of_the_first(
    marts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    validation(tmp_path / "lake", "b1", 3)
    first = build_data_docs(tmp_path / "lake", marts, tmp_path / "one")
    again = build_data_docs(tmp_path / "lake", marts, tmp_path / "two")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]

    def refuse(*_: Any) -> str:
        raise AssertionError("rendered again")

    monkeypatch.setattr(data_docs, "_rendered", refuse)
    copied = build_data_docs(tmp_path / "lake", marts, tmp_path / "three", tmp_path / "one")
    assert [path.read_bytes() for path in copied] == [path.read_bytes() for path in first]
    validation(tmp_path / "lake", "b1", 4)
    with pytest.raises(AssertionError, match="rendered again"):
        build_data_docs(tmp_path / "lake", marts, tmp_path / "four", tmp_path / "one")


def test_a_campaign_without_validations_has_no_data_docs(marts: Path, tmp_path: Path) -> None:
    assert build_data_docs(tmp_path / "lake", marts, tmp_path / "pages") == []
    assert not (tmp_path / "pages").exists()
