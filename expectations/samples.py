"""Messages shown without data: every placeholder with a sample value, worded by the very SQL that words findings."""

from __future__ import annotations

from functools import cache

import duckdb

from expectations.messages import MACROS, PLACEHOLDERS, rendered
from expectations.rule import Rule

SAMPLES: dict[str, str] = {
    "unit": "'Phường Máy Tơ (11359)'", "column": "'Số tài khoản kích hoạt'", "raw": "'1.2o0'", "file": "'bao_cao_2023-06-13.xlsx'",
    "suggestions": "'Phường Máy Tơ (11359), Phường Máy Chai (11329)'", "value": "12500", "previous": "12700", "expected": "12700",
    "row": "12", "other": "9", "minutes": "25", "score": "6.5",
    "indicator_vi": "'Tài khoản kích hoạt'", "indicator_en": "'Accounts activated'", "whole_vi": "'Hồ sơ tiếp nhận'",
    "whole_en": "'Dossiers received'", "slot_vi": "'daily ngày 13/06/2023'", "slot_en": "'daily of 2023-06-13'",
    "cutoff_vi": "'17:00 ngày 13/06/2023'", "cutoff_en": "'2023-06-13 17:00'",
}  # fmt: skip


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(MACROS)
    return connection


def sample(template: str, language: str) -> str:
    """A message template as its readers would see it; raises duckdb.Error or ValueError where it cannot be rendered."""
    others = [f"{name}{ending}" for name in sorted(PLACEHOLDERS) for ending in ("", "_vi", "_en")]
    samples = dict.fromkeys(others, "'…'") | SAMPLES
    shown = ", ".join(f"{value} AS show_{name}" for name, value in samples.items())
    row = _connection().execute(f"SELECT {rendered(template, language)} FROM (SELECT {shown})").fetchone()
    return str(row[0]) if row else ""


def sample_message(rule: Rule, language: str) -> str:
    """Message and remedy of a rule with sample values."""
    return f"{sample(getattr(rule.message, language), language)} {sample(getattr(rule.remedy, language), language)}"
