"""A made-up country as a campaign folder: 63 provinces, 705 districts, 10,035 communes, targets, milestones, meetings.

Codes, names and figures are generated: nothing is read. A commune's level at a slot is a smooth climb towards its target, taken at a time
up to one slot off, so that levels never fall and no two communes look alike. Targets of later indicators are smaller, so that a
part never exceeds its whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

ID = "national_bench"
STARTS_ON = date(2026, 1, 1)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
INDICATORS = ("cards_issued", "eid_received", "eid_activated", "bank_linked", "health_linked")
SLOTS = (("noon", "11:00"), ("evening", "17:00"))

CAMPAIGN = """
id: {id}
name: {{vi: Cả nước hai lần mỗi ngày, en: The country twice a day}}
time_zone: Asia/Ho_Chi_Minh
starts_on: {starts_on}
ends_on: {ends_on}
levels:
  - {{id: country, name: {{vi: Cả nước, en: Country}}}}
  - {{id: province, name: {{vi: Tỉnh, en: Province}}}}
  - {{id: district, name: {{vi: Huyện, en: District}}}}
  - {{id: commune, name: {{vi: Xã, en: Commune}}}}
units: {{file: units.csv}}
indicators:
  - {{id: cards_issued, name: {{vi: Thẻ đã cấp, en: Cards issued}}, kind: cumulative}}
  - {{id: eid_received, name: {{vi: Hồ sơ định danh đã nhận, en: e-ID files received}}, kind: cumulative}}
  - {{id: eid_activated, name: {{vi: Tài khoản đã kích hoạt, en: Accounts activated}}, kind: cumulative, part_of: eid_received}}
  - {{id: bank_linked, name: {{vi: Đã liên kết ngân hàng, en: Linked to a bank}}, kind: cumulative}}
  - {{id: health_linked, name: {{vi: Đã tích hợp thẻ bảo hiểm y tế, en: Health insurance linked}}, kind: cumulative}}
slots:
  - {{id: noon, cutoff: "11:00", levels: [commune]}}
  - {{id: evening, cutoff: "17:00", levels: [commune]}}
sources:
  - id: provinces
    path: inbox
    file_name: '^(?P<sender>p\\d+)_[a-z]+_(?P<received>\\d{{8}}T\\d{{6}})'
    received: {{by: file_name, format: "%Y%m%dT%H%M%S", trusted: true}}
    unit: {{code: unit_code, level: commune}}
    as_of: day
    slot: slot
    indicators: {{{headings}}}
targets: {{file: targets.csv}}
milestones:
  - id: half
    name: {{vi: Một nửa, en: Half}}
    indicator: eid_activated
    levels: [commune, district, province]
    threshold_pct: 50
    due: {half_on}
  - id: most
    name: {{vi: Phần lớn, en: Most}}
    indicator: eid_activated
    levels: [commune, district, province]
    threshold_pct: 80
    due: {most_on}
  - id: all
    name: {{vi: Tất cả, en: All}}
    indicator: cards_issued
    levels: [commune, district, province]
    threshold_pct: 95
    due: {ends_on}
tiers:
  - {{id: good, name: {{vi: Tốt, en: Good}}, min_pct: 80}}
  - {{id: fair, name: {{vi: Khá, en: Fair}}, min_pct: 50}}
  - {{id: slow, name: {{vi: Chậm, en: Slow}}, min_pct: 0}}
leaderboard: {{indicator: eid_activated, level: commune, peer_group: column}}
meetings:
  - {{id: weekly, name: {{vi: Giao ban tuần, en: Weekly meeting}}, days: [fri], time: "18:00"}}
"""


@dataclass(frozen=True)
class Country:
    """How large the country is and for how many days it reports."""

    days: int
    provinces: int = 63
    districts: int = 705
    communes: int = 10_035

    @property
    def ends_on(self) -> date:
        return STARTS_ON + timedelta(days=self.days + 60)

    def day(self, number: int) -> date:
        """The day of that number; the first is 0."""
        return STARTS_ON + timedelta(days=number)


def now_on(day: date) -> str:
    """A moment in the night after `day`, for TIENDO_NOW."""
    return datetime(day.year, day.month, day.day, 20, tzinfo=ZONE).isoformat()


def write_campaign(connection: duckdb.DuckDBPyConnection, country: Country, folder: Path) -> None:
    """Tables units, goals in `connection`, and campaign.yml, units.csv, targets.csv in the new `folder`."""
    (folder / "inbox").mkdir(parents=True)
    text = CAMPAIGN.format(
        id=ID, starts_on=STARTS_ON, ends_on=country.ends_on, half_on=country.day(country.days // 2), most_on=country.day(country.days),
        headings=", ".join(f"{name}: {name}" for name in INDICATORS),
    )  # fmt: skip
    (folder / "campaign.yml").write_text(text.lstrip(), encoding="utf-8")
    connection.execute(
        f"""
        SET TimeZone = 'UTC';
        CREATE TABLE communes AS
        SELECT i, i % {country.districts} AS district, i % {country.districts} % {country.provinces} AS province,
            lpad((i + 1)::VARCHAR, 5, '0') AS unit_code, (1500 + hash(i, 'size') % 15000)::BIGINT AS people,
            0.5 + (hash(i, 'pace') % 1000) / 500 AS pace
        FROM range({country.communes}) t(i);
        CREATE TABLE units AS
        SELECT 'VN' AS unit_code, 'Cả nước' AS unit_name, 'country' AS level, NULL AS parent_code, 'vn' AS peer_group
        UNION ALL
        SELECT 'p' || lpad((p + 1)::VARCHAR, 2, '0'), 'Tỉnh ' || (p + 1), 'province', 'VN', 'vn' FROM range({country.provinces}) t(p)
        UNION ALL
        SELECT 'd' || lpad((d + 1)::VARCHAR, 3, '0'), 'Huyện ' || (d + 1), 'district',
            'p' || lpad((d % {country.provinces} + 1)::VARCHAR, 2, '0'), 'p' || lpad((d % {country.provinces} + 1)::VARCHAR, 2, '0')
        FROM range({country.districts}) t(d)
        UNION ALL
        SELECT unit_code, 'Xã ' || unit_code, 'commune', 'd' || lpad((district + 1)::VARCHAR, 3, '0'),
            'p' || lpad((province + 1)::VARCHAR, 2, '0')
        FROM communes;
        CREATE TABLE goals AS
        SELECT k, indicator_id, i, unit_code, (people * (100 - 7 * k) // 100)::BIGINT AS target
        FROM communes, (SELECT unnest(range({len(INDICATORS)})) AS k, unnest({list(INDICATORS)}) AS indicator_id);
        COPY units TO '{folder / "units.csv"}' (HEADER);
        COPY (SELECT indicator_id, unit_code, target FROM goals ORDER BY ALL) TO '{folder / "targets.csv"}' (HEADER);
        """
    )


def make_day(connection: duckdb.DuckDBPyConnection, country: Country, number: int) -> None:
    """Tables sent (a row per province and slot: one file each) and said (a row per commune, slot and indicator) of one day.

    One report in a hundred does not come; one file in twenty is late.
    """
    day = country.day(number)
    slots = ", ".join(f"({s}, '{name}', TIME '{cutoff}')" for s, (name, cutoff) in enumerate(SLOTS))
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE sent AS
        SELECT province, s, slot, DATE '{day}' + cutoff AS as_of, file_name, timezone('{ZONE.key}', arrived) AS received_at,
            sha256(file_name) AS sha256, left(sha256(file_name || '/file'), 20) AS file_id
        FROM (
            SELECT *, format('p{{:02}}_{{}}_{{}}.csv', province + 1, slot, strftime(arrived, '%Y%m%dT%H%M%S')) AS file_name
            FROM (
                SELECT p AS province, s, slot, cutoff,
                    DATE '{day}' + cutoff - INTERVAL 50 MINUTE + (hash(p, s, {number}) % 3150)::INTEGER * INTERVAL 1 SECOND AS arrived
                FROM range({country.provinces}) t(p), (VALUES {slots}) v(s, slot, cutoff)
            )
        );
        CREATE OR REPLACE TABLE said AS
        WITH times AS (
            SELECT c.*, s, 2 * {number} + s AS t, hash(c.i, s, {number}) AS chance FROM communes c, (VALUES (0), (1)) v(s)
            WHERE hash(c.i, s, {number}, 'missing') % 100 > 0
        ), climbs AS (
            SELECT t.*, g.k, g.indicator_id, g.target,
                0.1 + 0.85 * (1 - exp(-pace * (t.t + (hash(t.i, g.k, t.t) % 1000) / 1000) / 500)) AS share
            FROM times t JOIN goals g ON g.i = t.i
        )
        SELECT i, unit_code, province, s, k, indicator_id, chance, floor(target * share)::BIGINT AS value FROM climbs;
        """
    )


def write_inbox(connection: duckdb.DuckDBPyConnection, country: Country, number: int, folder: Path) -> int:
    """One CSV per province and slot of that day in `folder`; returns how many figures they hold."""
    make_day(connection, country, number)
    columns = ", ".join(f"max(value) FILTER (indicator_id = '{name}') AS {name}" for name in INDICATORS)
    connection.execute(
        f"CREATE OR REPLACE TABLE lines AS SELECT province, s, unit_code, {columns} FROM said GROUP BY ALL ORDER BY province, s, unit_code"
    )
    for province, s, slot, name in connection.execute("SELECT province, s, slot, file_name FROM sent ORDER BY ALL").fetchall():
        connection.execute(
            f"""COPY (SELECT unit_code, DATE '{country.day(number)}' AS day, '{slot}' AS slot, {", ".join(INDICATORS)}
                      FROM lines WHERE province = {province} AND s = {s} ORDER BY unit_code) TO '{folder / name}' (HEADER)"""
        )
    found = connection.execute("SELECT count(*) FROM said").fetchone()
    return found[0] if found else 0
