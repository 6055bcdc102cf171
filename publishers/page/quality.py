"""Who is held, who is silent, and where to count again: the rows of a campaign's page on quality."""

from __future__ import annotations

import duckdb

from publishers.page.figures import Figures, rows

SHOWN = 20


def add_quality(con: duckdb.DuckDBPyConnection, page: Figures) -> None:
    """Fill holds, silent, queue and recounted of `page`; lists hold at most SHOWN rows, their totals count all."""
    campaign = page.campaign
    keys = {"c": campaign["campaign_id"], "tz": campaign["time_zone"], "i": campaign["board_indicator_id"]}
    page.holds = rows(
        con,
        f"""select *, received_at at time zone $tz as received_local, count(*) over () as total from holds
        where campaign_id = $c and status = 'open' order by received_at desc, hold_id limit {SHOWN}""",
        keys,
    )
    # Of each unit the newest slot that it did not answer, if it was the last one that it owed.
    page.silent = rows(
        con,
        f"""select s.*, count(*) over () as total from silent s where campaign_id = $c and slot_id = $s
        order by slots_silent desc, unit_code limit {SHOWN}""",
        {**keys, "s": page.newest_slot["slot_id"] if page.newest_slot else ""},
    )
    page.queue = rows(
        con, f"select *, count(*) over () as total from recount_queue where campaign_id = $c order by position limit {SHOWN}", keys
    )
    page.hold_total, page.silent_total, page.queue_total = (
        found[0]["total"] if found else 0 for found in (page.holds, page.silent, page.queue)
    )
    recounted = rows(
        con,
        """select v.*, u.unit_name from verification_factors v join dim_unit u on u.campaign_id = $c and u.unit_code = v.unit_code
        where v.campaign_id = $c and v.indicator_id = $i order by u.depth, v.unit_code limit 1""",
        keys,
    )
    page.recounted = recounted[0] if recounted else None
