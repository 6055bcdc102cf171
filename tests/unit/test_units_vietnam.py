"""The official lists of Viet Nam before July 2025: 10,035 communes found by their path of names, and never another's."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from loaders.unit_resolution import Label, UnitIndex
from tiendo.text import fold

SHARED = Path(os.environ.get("TIENDO_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
LIST = SHARED / "vn_units" / "gso" / "danhmuchanhchinh.gso.gov.vn_ward_2025-07-18.csv"
LEVELS = ["province", "district", "commune"]


def bare(name: str) -> str:
    return re.sub(r"^(Tỉnh|Thành phố|Quận|Huyện|Thị xã|Thị trấn|Phường|Xã) ", "", name)


@pytest.fixture(scope="module")
def communes() -> list[tuple[str, tuple[str, str, str], tuple[str, str]]]:
    """Code, names of the path, codes of province and district."""
    if not LIST.is_file():
        pytest.skip(f"needs the shared data: set TIENDO_SHARED_DATA (no file {LIST.name} in it)")
    with LIST.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(r["Mã"], (r["Tỉnh / Thành Phố"], r["Quận Huyện"], r["Tên"]), (r["Mã TP"], r["Mã QH"])) for r in rows]


@pytest.mark.parametrize(
    ("written", "found", "ambiguous"),
    [
        (str, 10035, 0),
        (str.upper, 10035, 0),
        (fold, 9991, 44),
        (bare, 9995, 40),
        (lambda name: fold(bare(name)), 9947, 88),
    ],
    ids=["as listed", "capitals", "no marks", "no kind", "neither"],
)
def test_a_commune_is_found_as_itself_or_held_as_ambiguous(communes, written: Callable[[str], str], found: int, ambiguous: int) -> None:  # type: ignore[no-untyped-def]
    units: dict[str, tuple[str, str, str | None]] = {}
    for code, (province, district, commune), (province_code, district_code) in communes:
        units[f"p{province_code}"] = (province, "province", None)
        units[f"d{district_code}"] = (district, "district", f"p{province_code}")
        units[code] = (commune, "commune", f"d{district_code}")
    frame = pd.DataFrame([(code, *unit) for code, unit in units.items()], columns=["unit_code", "unit_name", "level", "parent_code"])
    index = UnitIndex(SimpleNamespace(level_ids=LEVELS), frame, [])  # type: ignore[arg-type]
    source = SimpleNamespace(unit=SimpleNamespace(level=None, names=dict.fromkeys(LEVELS, "")))
    fates: Counter[str] = Counter()
    for code, path, _ in communes:
        names = tuple((level, written(name)) for level, name in zip(LEVELS, path, strict=True))
        unit = index.resolve(Label("", "", (), names), source)  # type: ignore[arg-type]
        fates["itself" if unit.unit_code == code else "another" if unit.unit_code else unit.unit_match] += 1
    assert fates == Counter({"itself": found, "ambiguous": ambiguous} if ambiguous else {"itself": found})
