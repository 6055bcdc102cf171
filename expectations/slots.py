"""Which slot a row belongs to, and which hour its figures are about."""

from __future__ import annotations

import duckdb
import pandas as pd
import pyarrow as pa

from tiendo import calendar
from tiendo.campaign import Campaign

_SLOTS = pa.schema(
    [
        ("slot_id", pa.string()), ("slot_name", pa.string()), ("slot_date", pa.date32()), ("cutoff_at", pa.timestamp("us", "UTC")),
        ("closes_at", pa.timestamp("us", "UTC")), ("level", pa.string()), ("cutoff_local", pa.timestamp("us")),
        ("cutoff_vi", pa.string()), ("cutoff_en", pa.string()), ("slot_vi", pa.string()), ("slot_en", pa.string()),
    ]
)  # fmt: skip


def facts(connection: duckdb.DuckDBPyConnection, campaign: Campaign) -> None:
    """Table slots: one row per slot and level that owes it, with its cutoff as the campaign's clock and both languages say it."""
    due = calendar.slots(campaign)
    local = due["cutoff_at"].dt.tz_convert(campaign.time_zone)
    due["cutoff_local"] = local.dt.tz_localize(None)
    due["cutoff_vi"], due["cutoff_en"] = local.dt.strftime("%H:%M ngày %d/%m/%Y"), local.dt.strftime("%Y-%m-%d %H:%M")
    days = pd.to_datetime(due["slot_date"]).dt
    due["slot_vi"] = due["slot_name"].astype(str) + " ngày " + days.strftime("%d/%m/%Y").astype(str)
    due["slot_en"] = due["slot_name"].astype(str) + " of " + days.strftime("%Y-%m-%d").astype(str)
    arrow = pa.Table.from_pandas(due, schema=_SLOTS, preserve_index=False)
    connection.register("slots_given", arrow)
    connection.execute("CREATE TABLE slots AS SELECT * FROM slots_given")
    connection.unregister("slots_given")


def place_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Tables placed (row_id, file_no, unit_no, as_of, slot_no, is_slot_unknown), slot_times (slot_no, slot_id, cutoff_at, closes_at; 0 for
    no slot) and submission_heads (file_no, unit_no, report_no, submission_no), from base_rows and slots.

    Numbers stand for slots and units here: a million strings are slow to compare. `report_no` numbers the slots by their id alone.
    """
    _times_of_slots(connection)
    _slots_of_rows(connection)


def _times_of_slots(connection: duckdb.DuckDBPyConnection) -> None:
    """A row that gives a day and names one of its several slots is about that slot's hour.

    Otherwise the evening's figure would stand in the place of the morning's: a restatement that is none, and of two increments
    one would be lost. A cutoff on a later day counts as the end of the day, in the order of the cutoffs.
    """
    connection.execute(
        """UPDATE base_rows SET as_of = t.stands_at FROM (
               SELECT level, slot_name, slot_date, count(*) OVER day AS slots_that_day, CASE
                   WHEN CAST(cutoff_local AS DATE) = slot_date AND CAST(cutoff_local AS TIME) <> TIME '00:00:00' THEN cutoff_local
                   ELSE CAST(slot_date + 1 AS TIMESTAMP) - to_seconds(row_number() OVER (day ORDER BY cutoff_at DESC, slot_name)) END
                   AS stands_at
               FROM slots WINDOW day AS (PARTITION BY level, slot_date)
           ) t
           WHERE t.slots_that_day > 1 AND t.level = base_rows.unit_level AND t.slot_name = base_rows.slot_raw
               AND base_rows.as_of = CAST(t.slot_date AS TIMESTAMP)"""
    )


def _slots_of_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """The slot of each row: named; else by the time in as_of; else the only one of the day; else the first still open on arrival."""
    connection.execute(
        """CREATE TABLE slot_picks AS
           WITH keys AS (
               SELECT DISTINCT unit_level, as_of, slot_raw, received_at FROM base_rows WHERE unit_level IS NOT NULL AND as_of IS NOT NULL
           ), rated AS (
               SELECT k.*, s.slot_id, s.cutoff_at, s.closes_at, CASE
                   WHEN k.slot_raw IS NOT NULL THEN [0, 0]
                   WHEN CAST(k.as_of AS TIME) <> TIME '00:00:00' AND s.cutoff_local >= k.as_of THEN [0, epoch_ms(s.cutoff_at)]
                   WHEN s.closes_at >= k.received_at THEN [1, epoch_ms(s.closes_at)]
                   ELSE [2, -epoch_ms(s.closes_at)] END AS rating
               FROM keys k JOIN slots s ON s.level = k.unit_level AND s.slot_date = CAST(k.as_of AS DATE)
               WHERE k.slot_raw IS NULL OR s.slot_name = k.slot_raw
           )
           SELECT unit_level, as_of, slot_raw, received_at, arg_min(slot_id, rating) AS slot_id,
               arg_min(cutoff_at, rating) AS cutoff_at, arg_min(closes_at, rating) AS closes_at
           FROM rated GROUP BY ALL"""
    )
    # One report of a whole series is owed in the slot of its newest day; a date in the future must not pick the slot.
    connection.execute(
        """CREATE TABLE series_slots AS
           SELECT r.file_no, r.unit_no, arg_max(p.slot_id, r.as_of) AS slot_id, arg_max(p.cutoff_at, r.as_of) AS cutoff_at,
               arg_max(p.closes_at, r.as_of) AS closes_at
           FROM base_rows r JOIN slot_picks p ON p.unit_level = r.unit_level AND p.as_of = r.as_of
               AND p.slot_raw IS NOT DISTINCT FROM r.slot_raw AND p.received_at = r.received_at
           WHERE r.is_whole_series AND r.as_of_on <= r.received_on
           GROUP BY ALL"""
    )
    connection.execute(
        """CREATE TABLE slot_times AS
           SELECT row_number() OVER (ORDER BY slot_id, cutoff_at, closes_at) AS slot_no, dense_rank() OVER (ORDER BY slot_id) AS report_no,
               slot_id, cutoff_at, closes_at FROM (
               SELECT slot_id, cutoff_at, closes_at FROM slot_picks UNION SELECT slot_id, cutoff_at, closes_at FROM series_slots)
           UNION ALL SELECT 0, 0, NULL, NULL, NULL"""
    )
    same = "t.slot_id = {0}.slot_id AND t.cutoff_at = {0}.cutoff_at AND t.closes_at = {0}.closes_at"
    connection.execute(
        f"""CREATE TABLE placed AS
           WITH picks AS (SELECT p.*, t.slot_no FROM slot_picks p JOIN slot_times t ON {same.format("p")}),
           wholes AS (SELECT s.file_no, s.unit_no, t.slot_no FROM series_slots s JOIN slot_times t ON {same.format("s")})
           SELECT r.row_id, r.file_no, r.unit_no, r.as_of,
               coalesce(CASE WHEN r.is_whole_series THEN w.slot_no ELSE p.slot_no END, 0) AS slot_no,
               r.slot_raw IS NOT NULL AND p.slot_id IS NULL AND r.unit_level IS NOT NULL AND r.as_of IS NOT NULL AS is_slot_unknown
           FROM base_rows r
           LEFT JOIN picks p ON p.unit_level = r.unit_level AND p.as_of = r.as_of
               AND p.slot_raw IS NOT DISTINCT FROM r.slot_raw AND p.received_at = r.received_at
           LEFT JOIN wholes w ON w.file_no = r.file_no AND w.unit_no = r.unit_no"""
    )
    connection.execute(
        """CREATE TABLE submission_heads AS
           SELECT file_no, unit_no, report_no, min(row_id) AS submission_no
           FROM placed JOIN slot_times USING (slot_no) WHERE unit_no IS NOT NULL GROUP BY ALL"""
    )
