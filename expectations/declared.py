"""A figure beside what its campaign declares of it: milestones and their dues, capacity, related indicators."""

from __future__ import annotations

import duckdb

from tiendo.campaign import Campaign
from tiendo.settings import Settings

COLUMNS: dict[str, str] = {}
TABLES: tuple[str, ...] = ()
UNION = ""


def find(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign) -> None:
    """Nothing yet."""
