"""The whole of Viet Nam through 2025-07-01: the register of 2024, a made-up figure for every commune, the units of today; equal sums.

    python -m bench.reorganisation [FOLDER]

FOLDER is that of the official lists (default: vn_units of TIENDO_SHARED_DATA). A campaign is made of them in a scratch folder and run as
any other: 10,035 communes and 5 districts without communes report two days before the change, 1,000 new communes on the day after it.
The weights of split communes were never published, so the campaign says `unweighted_splits: equal`. Prints seconds and what the marts say.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from bench.measure import ROOT, Measured, tiendo
from tiendo.unit_lists import carried_on, read_list, write_lines

DAY = date(2025, 7, 1)
NOW = "2025-07-03T18:00:00+00:00"
NEEDED_SECONDS = 60
CAMPAIGN = """
id: reorganisation
name: {vi: Cả nước qua ngày sắp xếp đơn vị, en: The country through its reorganisation}
starts_on: 2025-06-29
ends_on: 2025-07-03
levels:
  - {id: province, name: {vi: Tỉnh, en: Province}}
  - {id: district, name: {vi: Huyện, en: District}}
  - {id: commune, name: {vi: Xã, en: Commune}}
units: {file: units.csv, crosswalk: crosswalk.csv, unweighted_splits: equal}
indicators:
  - {id: activated, name: {vi: Đã kích hoạt, en: Activated}, kind: cumulative}
  - {id: cards, name: {vi: Thẻ đã cấp, en: Cards issued}, kind: increment}
targets: {file: targets.csv}
leaderboard: {level: commune}
sources:
  - {id: communes, path: inbox, unit: {code: unit_code}, as_of: as_of, indicators: {activated: activated, cards: cards}}
"""


def write_campaign(lists: Path, folder: Path) -> None:
    """A campaign of the official lists with made-up figures in `folder`, which must not be there yet."""
    folder.mkdir(parents=True)
    (folder / "inbox").mkdir()
    (folder / "campaign.yml").write_text(CAMPAIGN, encoding="utf-8")
    with duckdb.connect() as con:
        mapping = lists / "mapping" / "interim__convert_legacy_2025_simple.csv"
        con.execute(
            """create table parts as select distinct
                lpad(provinceCode, 2, '0') as old_province, newProvinceCode as new_province, newProvince as new_province_name,
                coalesce(lpad(split_part(wardCode, '.', 1), 5, '0'), lpad(districtCode, 3, '0')) as old_code,
                newWardCode as new_code, newWard as new_name, newWardType as new_kind
            from read_csv(?, all_varchar = true)""",
            [str(mapping)],
        )
        con.execute(
            f"""copy (select distinct new_code as "Mã", new_name as "Tên", new_kind as "Cấp", new_province as "Mã TP",
                new_province_name as "Tỉnh / Thành Phố" from parts order by 1) to '{folder / "list_2025.csv"}' (header)"""
        )
        con.execute(
            f"""copy (
                select old_code, new_code, null as weight, date '{DAY}' as valid_from from parts
                union all
                select distinct old_province, new_province, null, date '{DAY}' from parts where old_province <> new_province
                order by 1, 2) to '{folder / "crosswalk.csv"}' (header)"""
        )
        _write_figures(con, folder)
    old = {code: unit for file in sorted((lists / "gso").glob("*.csv")) for code, unit in read_list(file).items()}
    new = read_list(folder / "list_2025.csv")
    with (folder / "units.csv").open("w", encoding="utf-8", newline="") as file:
        write_lines(file, carried_on(list(old.values()), new, DAY))


def _write_figures(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    con.execute(
        """create table figures as
        select distinct old_code as unit_code, 500 + hash(old_code) % 4000 as activated, 1 + hash(old_code, 'c') % 90 as cards from parts"""
    )
    for on, more in (("2025-06-29", 0), ("2025-06-30", 7)):
        con.execute(
            f"""copy (select unit_code, date '{on}' as as_of, activated + {more} as activated, cards from figures order by 1)
            to '{folder / "inbox" / f"{on}.csv"}' (header)"""
        )
    con.execute(
        f"""copy (
            select new_code as unit_code, date '2025-07-02' as as_of, cast(sum(activated) as bigint) + 50 as activated, 3 as cards
            from parts join figures on old_code = unit_code group by 1 order by 1 limit 1000
        ) to '{folder / "inbox" / "2025-07-02.csv"}' (header)"""
    )
    con.execute(
        f"""copy (select 'activated' as indicator_id, unit_code, 2 * activated as target from figures order by 2)
        to '{folder / "targets.csv"}' (header)"""
    )


def run(campaign: Path, home: Path) -> Measured:
    """`tiendo run` of the campaign; raises bench.measure.CommandFailed."""
    return tiendo(home, "run", campaign.name, "--campaigns", str(campaign.parent), TIENDO_NOW=NOW)


def answers(home: Path) -> dict[str, Any]:
    """What the published marts say: units before and after, split communes, and the sums of each day in both readings."""
    marts = (home / "published" / "marts.duckdb").resolve()
    with duckdb.connect(str(marts), read_only=True) as con:
        counts = con.execute(
            """select 'before', level, count(*) from dim_unit_period where date '2025-06-30' between first_on and last_on group by all
            union all
            select 'after', level, count(*) from dim_unit_period where date '2025-07-01' between first_on and last_on group by all"""
        ).fetchall()
        split = con.execute(
            "select count(distinct from_code) from unit_crosswalk where weight < 1 and last_on = date '2025-06-30'"
        ).fetchone()
        sums = con.execute(
            """select indicator_id, cast(as_of_date as varchar), then_value, now_value, then_provinces, now_provinces, then_units, now_units
            from (
                select indicator_id, as_of_date, sum(value) filter (where value_basis = 'reported') as then_value,
                    sum(value) filter (where level = 'province') as then_provinces,
                    count(*) filter (where value_basis = 'reported') as then_units
                from progress group by all
            ) as then_sums
            full join (
                select indicator_id, as_of_date, sum(value) filter (where level = 'commune') as now_value,
                    sum(value) filter (where level = 'province') as now_provinces, count(*) filter (where level = 'commune') as now_units
                from progress_as_now group by all
            ) as now_sums using (indicator_id, as_of_date)
            order by all"""
        ).fetchall()
        held = con.execute("select coalesce(sum(rows_held), 0) from reconciliation").fetchone()
    names = ["indicator_id", "day", "as_then", "as_now", "as_then_provinces", "as_now_provinces", "units_then", "units_now"]
    return {
        "units": {f"{when} {level}": number for when, level, number in sorted(counts)},
        "split": split[0] if split else 0,
        "rows_held": int(held[0]) if held else 0,
        "sums": [dict(zip(names, row, strict=True)) for row in sums],
    }


def main() -> int:
    """Exit code 1 where the sums differ or it took too long, 2 where the lists are not there."""
    shared = Path(os.environ.get("TIENDO_SHARED_DATA") or ROOT.parent / "shared" / "data")
    lists = Path(sys.argv[1]) if len(sys.argv) > 1 else shared / "vn_units"
    if not lists.is_dir():
        print(f"{lists} is not there: give the folder of the official lists", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        campaign, home = Path(scratch) / "reorganisation", Path(scratch) / "home"
        write_campaign(lists, campaign)
        measured = run(campaign, home)
        found = answers(home)
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in measured.steps.items())
    print(f"tiendo run: {measured.seconds:.1f} s ({measured.cpu_seconds:.1f} s of CPU; {steps}), {measured.peak_mb:.0f} MB")
    print(json.dumps(found, ensure_ascii=False, indent=1))
    equal = all(abs(row["as_then"] - row["as_now"]) < 0.001 for row in found["sums"])
    print(f"sums equal: {equal}; needed: under {NEEDED_SECONDS} s")
    return 0 if equal and measured.seconds < NEEDED_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
