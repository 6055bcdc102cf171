"""What somebody would write by hand for the main sums, from the lake's Parquet: day values, attainment, 7-day pace, rank in province.

    python -m bench.national.floor duckdb|pandas LAKE CAMPAIGN_FOLDER [LAST_DAY]

Only communes, only accepted figures, the newest version of each; no history of what was known, no parents, no findings. Prints one JSON
line: seconds (from reading to a table in memory), seconds of CPU, rows, and a checksum by which the two are compared.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

_SCRIPT = """
CREATE TABLE board AS
WITH figures AS (
    SELECT unit_code, indicator_id, as_of_date, arg_max(value, (as_of, received_at)) AS value
    FROM read_parquet('{figures}', hive_partitioning = false) WHERE lane = 'accepted' {bound}
    GROUP BY ALL
), places AS (
    SELECT unit_code, peer_group AS province FROM read_csv('{folder}/units.csv', all_varchar = true) WHERE level = 'commune'
), goals AS (
    SELECT indicator_id, unit_code, target::BIGINT AS target FROM read_csv('{folder}/targets.csv', all_varchar = true)
), days AS (
    SELECT unnest(generate_series(min(as_of_date), max(as_of_date), INTERVAL 1 DAY))::DATE AS as_of_date FROM figures
), every_day AS (
    SELECT unit_code, province, indicator_id, target, as_of_date, last_value(value IGNORE NULLS) OVER series AS value
    FROM goals JOIN places USING (unit_code) CROSS JOIN days LEFT JOIN figures USING (unit_code, indicator_id, as_of_date)
    WINDOW series AS (PARTITION BY unit_code, indicator_id ORDER BY as_of_date)
), paced AS (
    SELECT *, 100 * value / target AS attained_pct, (value - lag(value, 7) OVER series) / 7 AS pace
    FROM every_day WINDOW series AS (PARTITION BY unit_code, indicator_id ORDER BY as_of_date)
)
SELECT *, rank() OVER (PARTITION BY province, indicator_id, as_of_date ORDER BY attained_pct DESC NULLS LAST) AS place FROM paced
WHERE value IS NOT NULL
"""


def by_duckdb(lake: Path, folder: Path, since: str) -> tuple[int, float]:
    """Rows of the board, and the sum of its places and paces."""
    import duckdb

    bound = f"AND as_of_date >= DATE '{since}' - 8" if since else ""
    with duckdb.connect(config={"memory_limit": "3GB", "threads": 2}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(_SCRIPT.format(figures=lake / "figures" / "*" / "*.parquet", folder=folder, bound=bound))
        where = f"WHERE as_of_date >= DATE '{since}'" if since else ""
        rows, total = connection.execute(f"SELECT count(*), sum(place) + round(sum(pace)) FROM board {where}").fetchall()[0]
    return rows, float(total)


def by_pandas(lake: Path, folder: Path, since: str) -> tuple[int, float]:
    """The same answers."""
    import pandas as pd
    import pyarrow.dataset

    wanted = ["unit_code", "indicator_id", "as_of", "as_of_date", "received_at", "value", "lane"]
    files = [str(path) for path in sorted((lake / "figures").glob("*/*.parquet"))]
    figures = pyarrow.dataset.dataset(files).to_table(wanted, filter=pyarrow.dataset.field("lane") == "accepted").to_pandas()
    figures["as_of_date"] = pd.to_datetime(figures["as_of_date"])
    if since:
        figures = figures[figures["as_of_date"] >= pd.Timestamp(since) - pd.Timedelta(days=8)]
    series = ["unit_code", "indicator_id"]
    for name in series:
        figures[name] = figures[name].astype("category")
    figures = figures.sort_values(["as_of", "received_at"]).drop_duplicates([*series, "as_of_date"], keep="last")
    wide = figures.pivot(index=series, columns="as_of_date", values="value").sort_index(axis=1)
    wide = wide.reindex(columns=pd.date_range(wide.columns.min(), wide.columns.max())).ffill(axis=1)
    pace = (wide - wide.shift(7, axis=1)) / 7
    long = pd.DataFrame({"value": wide.stack(future_stack=True), "pace": pace.stack(future_stack=True)}).reset_index()
    long.columns = [*series, "as_of_date", "value", "pace"]
    units = pd.read_csv(folder / "units.csv", dtype=str).set_index("unit_code")["peer_group"]
    targets = pd.read_csv(folder / "targets.csv", dtype={"unit_code": str}).set_index(["indicator_id", "unit_code"])["target"]
    long = long.dropna(subset=["value"]).astype(dict.fromkeys(series, str))
    long["province"] = long["unit_code"].map(units)
    long = long.join(targets, on=["indicator_id", "unit_code"])
    long["attained_pct"] = 100 * long["value"] / long["target"]
    long["place"] = long.groupby(["province", "indicator_id", "as_of_date"])["attained_pct"].rank(method="min", ascending=False)
    if since:
        long = long[long["as_of_date"] >= since]
    return len(long), float(long["place"].sum() + round(long["pace"].sum()))


def main() -> int:
    """Measure one of the two in this process."""
    how, lake, folder, since = [*sys.argv[1:], ""][:4]
    work: Any = {"duckdb": by_duckdb, "pandas": by_pandas}[how]
    started, used = time.perf_counter(), _cpu()
    rows, total = work(Path(lake), Path(folder), since)
    print(json.dumps({"seconds": time.perf_counter() - started, "cpu": _cpu() - used, "rows": rows, "sum": total}))
    return 0


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
