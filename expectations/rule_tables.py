"""The catalogue as a campaign has it, as a table of the register that dbt reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from expectations.catalogue import tune
from expectations.rule import Rule
from tiendo.campaign import Campaign
from tiendo.home import written_whole
from tiendo.settings import Settings

_text, _bool = pa.string(), pa.bool_()
SCHEMA = pa.schema(
    [(name, _text) for name in ("campaign_id", "rule_id", "edition", "name_vi", "name_en", "dimension", "severity", "responsibility")]
    + [("place", _text), ("relation", _text), ("rule_version", _text), ("is_on", _bool), ("is_shadow", _bool), ("is_latest", _bool)]
    + [("effective_from", pa.date32()), ("effective_to", pa.date32())]
    + [(name, _text) for name in ("message_vi", "message_en", "remedy_vi", "remedy_en", "explanation_vi", "explanation_en", "params")]
    # What the warehouse runs: SQL over `relation`, and what its findings show (macros/failing.sql).
    + [("condition", _text), ("shows", _text)]
)


def rule_rows(campaign: Campaign) -> list[dict[str, Any]]:
    """One row per version of a rule, on or off."""
    tuned = tune(campaign)
    rows = [rule_row(rule, is_latest=tuned[rule.id].edition == rule.edition) for rule in tuned.rules]
    return [{"campaign_id": campaign.id} | row for row in sorted(rows, key=lambda row: row["edition"])]


def rule_row(rule: Rule, *, is_latest: bool = True) -> dict[str, Any]:
    """A version of a rule as a row, without its campaign."""
    texts = {"message": rule.message, "remedy": rule.remedy, "explanation": rule.explanation}
    is_of_warehouse = rule.place == "warehouse"
    return {
        "rule_id": rule.id, "edition": rule.edition, "dimension": rule.dimension, "severity": rule.severity,
        "name_vi": rule.name.vi if rule.name else rule.id, "name_en": rule.name.en if rule.name else rule.id,
        "responsibility": rule.responsibility, "place": "warehouse" if is_of_warehouse else "gate", "relation": rule.over,
        "rule_version": rule.version, "is_on": rule.on, "is_shadow": rule.shadow, "is_latest": is_latest,
        "effective_from": rule.effective_from, "effective_to": rule.effective_to,
        **{f"{kind}_{language}": getattr(names, language) for kind, names in texts.items() for language in ("vi", "en")},
        "params": json.dumps(rule.params, sort_keys=True),
        "condition": rule.condition() if is_of_warehouse else None, "shows": json.dumps(rule.shows, sort_keys=True),
    }  # fmt: skip


def write_rules(settings: Settings, campaign: Campaign) -> Path:
    """`register/rules/campaign_id=C.parquet`: one row per version of a rule, on or off; not touched when unchanged."""
    content = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rule_rows(campaign), schema=SCHEMA), content, compression="zstd")
    target = settings.register / "rules" / f"campaign_id={campaign.id}.parquet"
    written = content.getvalue().to_pybytes()
    if not target.is_file() or target.read_bytes() != written:
        with written_whole(target) as scratch:
            scratch.write_bytes(written)
    return target
