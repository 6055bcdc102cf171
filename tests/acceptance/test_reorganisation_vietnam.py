"""Viet Nam's reorganisation of 2025-07-01, whole: the official lists, a made-up figure for every commune, sums as then and as now."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bench import reorganisation
from bench.measure import ROOT

LISTS = Path(os.environ.get("TIENDO_SHARED_DATA") or ROOT.parent / "shared" / "data").absolute() / "vn_units"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not LISTS.is_dir():
        pytest.skip("needs the shared data: set TIENDO_SHARED_DATA (no folder vn_units in it)")
    folder: Path = tmp_path_factory.mktemp("vietnam")
    reorganisation.write_campaign(LISTS, folder / "reorganisation")
    reorganisation.run(folder / "reorganisation", folder / "home")
    return reorganisation.answers(folder / "home")


def test_three_levels_become_two(found: dict[str, Any]) -> None:
    assert found["units"] == {
        "before province": 63, "before district": 696, "before commune": 10035, "after province": 34, "after commune": 3321,
    }  # fmt: skip


def test_471_communes_were_split(found: dict[str, Any]) -> None:
    assert found["split"] == 471


def test_sums_are_equal_as_then_and_as_now_on_every_day(found: dict[str, Any]) -> None:
    sums = {(row["indicator_id"], row["day"]): row for row in found["sums"]}
    assert sorted(sums) == [(name, f"2025-0{day}") for name in ("activated", "cards") for day in ("6-29", "6-30", "7-01", "7-02", "7-03")]
    for row in sums.values():
        assert row["as_now"] == pytest.approx(row["as_then"], abs=1e-3)
        assert row["as_now_provinces"] == pytest.approx(row["as_then_provinces"], abs=1e-3)
        assert row["as_now"] == pytest.approx(row["as_now_provinces"], abs=1e-3)
        assert row["units_now"] == 3321
        # every commune reported, and so did the five districts without communes
        assert row["units_then"] == (10040 if row["day"] < "2025-07-01" else 3321)
    # what the old communes handed on is what the new ones took over
    assert sums["activated", "2025-07-01"]["as_then"] == pytest.approx(sums["activated", "2025-06-30"]["as_then"], abs=1e-3)
    # each of 1,000 new communes reports 3 more cards
    assert sums["cards", "2025-07-02"]["as_now"] == pytest.approx(sums["cards", "2025-06-30"]["as_now"] + 3000, abs=1e-3)
