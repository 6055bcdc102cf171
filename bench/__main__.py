"""`make bench`: what the line costs, in one run, against what is needed of it and against plain pandas.

Figures differ from machine to machine and from run to run; the ratios of one run are what to compare.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from bench import gate
from bench.measure import ROOT, CommandFailed, Measured, measure, tiendo
from bench.national.__main__ import measure_days

NOW = "2026-06-01T00:00:00+00:00"
DEMO = "hai_phong_vneid_2023"
STEPS = ("land", "read", "gate", "gx", "register", "dbt", "publish")
LABELS = {"land": "landing", "read": "reading", "gate": "gate", "gx": "GX", "register": "register", "dbt": "dbt", "publish": "publishing"}
console = Console(width=max(160, Console().width))


@dataclass
class Line:
    """One row of the table: what was measured and what is needed of it (None: shown for comparison)."""

    what: str
    measured: Measured
    need_seconds: float | None = None
    need_mb: float | None = None
    note: str = ""


def main() -> int:
    """Measure, print, and say with the exit code whether every need was met."""
    data = Path(os.environ.get("TIENDO_SHARED_DATA") or ROOT.parent / "shared" / "data").absolute()
    if os.getloadavg()[0] > 0.5:
        console.print(f"The machine is busy (load {os.getloadavg()[0]:.1f}): wall times will be too long. Compare seconds of CPU")
    lines: list[Line] = []
    shares: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory(prefix="tiendo-bench-") as folder:
        try:
            if data.is_dir():
                _enrolment(Path(folder), data, lines, shares)
                _nightly(Path(folder), data, lines, shares)
            else:
                console.print(f"Real submissions are not there ({data}): only the demo is measured. Set TIENDO_SHARED_DATA")
            _demo(Path(folder), lines, shares)
            console.print("A twentieth of the country, twice a day; all of it: make bench-national")
            measure_days(60, quick=True)
        except CommandFailed as error:
            console.print(str(error), markup=False, style="red")
            return 1
    _print_lines(lines)
    _print_shares(shares)
    return gate.compare() or (0 if all(_is_met(line) for line in lines) else 1)


def _enrolment(folder: Path, data: Path, lines: list[Line], shares: dict[str, Measured]) -> None:
    home, source = folder / "uidai", data / "in_uidai_2017" / "UIDAI-ENR-DETAIL-20170308.csv.gz"
    around = {"TIENDO_SHARED_DATA": str(data), "TIENDO_NOW": NOW}
    run = tiendo(home, "run", "in_uidai_2017", **around)
    shares["in_uidai_2017, 440,818 rows"] = run
    whole = run + tiendo(home, "leaderboard", "in_uidai_2017", **around)
    plain = measure([sys.executable, str(ROOT / "bench" / "pandas_in_uidai_2017.py"), str(source)])
    same = _same_answers(home, json.loads(plain.output))
    ratio = f"{whole.seconds / plain.seconds:.1f} x the time, {whole.peak_mb / plain.peak_mb:.1f} x the memory of pandas"
    lines.append(Line("in_uidai_2017: file to leaderboard", whole, 40, 2000, ratio))
    lines.append(Line("  the same answers by plain pandas", plain, note="same answers" if same else "ANSWERS DIFFER"))
    if not same:
        raise CommandFailed("in_uidai_2017: the line and plain pandas give different answers")


def _nightly(folder: Path, data: Path, lines: list[Line], shares: dict[str, Measured]) -> None:
    home, around = folder / "dpc", {"TIENDO_SHARED_DATA": str(data), "TIENDO_NOW": NOW}
    first = tiendo(home, "run", "it_dpc_province", "--to", "2020-12-30", **around)
    lines.append(Line("it_dpc_province: 311 days at once", first))
    night = tiendo(home, "run", "it_dpc_province", "--to", "2020-12-31", **around)
    lines.append(
        Line("it_dpc_province: a night with one new day", night, 25, note=f"{first.seconds / night.seconds:.1f} x faster than all days")
    )
    again = tiendo(home, "run", "it_dpc_province", "--to", "2020-12-31", **around)
    lines.append(Line("it_dpc_province: again without news", again, 12))
    shares |= {"it_dpc_province, 311 days": first, "it_dpc_province, one new day": night, "it_dpc_province, no news": again}


def _demo(folder: Path, lines: list[Line], shares: dict[str, Measured]) -> None:
    bare = tiendo(folder / "bare", "run", DEMO)
    shares[f"{DEMO}, without Airflow"] = bare
    through = measure(["make", "--no-print-directory", "demo"], TIENDO_HOME=str(folder / "demo"))
    airflow = through.seconds - bare.seconds
    note = f"Airflow and the board: {airflow:.1f} s = {100 * airflow / through.seconds:.0f} %"
    lines.append(Line("make demo after set-up", through, 90, note=note))
    lines.append(Line("  the same by `tiendo run`", bare, note=f"{through.seconds / bare.seconds:.1f} x the time through Airflow"))


def _same_answers(home: Path, plain: dict) -> bool:
    with duckdb.connect(str((home / "published").resolve() / "marts.duckdb"), read_only=True) as marts:
        totals = marts.execute(
            "select indicator_id, value::bigint from marts.progress where level = 'country' and as_of_date = '2017-03-08'"
        ).fetchall()
        board = """
            from marts.leaderboard as board join marts.dim_unit as unit using (campaign_id, unit_code)
            where indicator_id = 'generated' and rank is not null
        """
        states = marts.execute(f"select board.unit_name, value::bigint {board} and board.level = 'state'").fetchall()
        districts = marts.execute(
            f"select parent_name, board.unit_name, value::bigint {board} and board.level = 'district' order by rank limit 20"
        ).fetchall()
        rows = marts.execute("select sum(rows_accepted)::bigint from marts.reconciliation").fetchall()
    return (
        rows[0][0] == plain["rows"]
        and dict(totals) == plain["totals"]
        and sorted(map(list, states)) == sorted(plain["states"])
        and sorted(map(list, districts)) == sorted(plain["districts"])
    )


def _is_met(line: Line) -> bool:
    in_time = line.need_seconds is None or line.measured.seconds <= line.need_seconds
    return in_time and (line.need_mb is None or line.measured.peak_mb <= line.need_mb)


def _print_lines(lines: list[Line]) -> None:
    table = Table(title=f"Measured in one run on {os.cpu_count()} cores", title_justify="left")
    for heading in ("what", "seconds", "of CPU", "needed", "ratio", "peak MB", "needed", "ratio", "met", ""):
        table.add_column(heading, justify="left" if heading in ("what", "") else "right", overflow="fold")
    for line in lines:
        found = line.measured
        table.add_row(
            line.what,
            f"{found.seconds:.1f}",
            f"{found.cpu_seconds:.1f}",
            *_against(found.seconds, line.need_seconds),
            f"{found.peak_mb:,.0f}",
            *_against(found.peak_mb, line.need_mb),
            "" if line.need_seconds is None else ("yes" if _is_met(line) else "NO"),
            line.note,
        )
    console.print(table)


def _against(found: float, need: float | None) -> tuple[str, str]:
    return ("", "") if need is None else (f"{need:,.0f}", f"{found / need:.2f}")


def _print_shares(shares: dict[str, Measured]) -> None:
    table = Table(title="Where the time of a run goes: seconds and share", title_justify="left")
    table.add_column("run")
    for step in STEPS:
        table.add_column(LABELS[step], justify="right")
    table.add_column("start and rest", justify="right")
    for what, run in shares.items():
        # GX is a part of the gate; where its own seconds are not told, all of the gate stands under GX
        gx = run.steps.get("gx", run.steps.get("judge", 0))
        steps = run.steps | {"gx": gx, "gate": run.steps.get("judge", 0) - gx}
        cells = [steps.get(step, 0) for step in STEPS]
        cells.append(run.seconds - sum(cells))
        table.add_row(what, *[f"{cell:.1f} {100 * cell / run.seconds:3.0f} %" for cell in cells])
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
