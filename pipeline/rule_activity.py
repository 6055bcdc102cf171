"""Rules get checked too: what the published marts say of rules that find nobody, or everybody."""

from __future__ import annotations

import duckdb

from tiendo.settings import Settings

TOLD = ("fails_all", "never_applied", "passes_all")


def activity(settings: Settings) -> dict[str, dict[str, list[str]]]:
    """campaign -> verdict -> rules, for the verdicts that deserve a look; empty where nothing is published."""
    marts = settings.published / "marts.duckdb"
    if not marts.is_file():
        return {}
    with duckdb.connect(str(marts.resolve()), read_only=True) as connection:
        rows = connection.execute(
            f"""SELECT campaign_id, verdict, list(rule_id ORDER BY rule_id) FROM marts.rule_activity
                WHERE verdict IN {TOLD} GROUP BY ALL ORDER BY ALL"""
        ).fetchall()
    found: dict[str, dict[str, list[str]]] = {}
    for campaign_id, verdict, rules in rows:
        found.setdefault(campaign_id, {})[verdict] = rules
    return found


def activity_line(settings: Settings, campaign_id: str, lang: str = "en") -> str | None:
    """One line about a campaign's rules over its last 30 slots; nothing where there is nothing to say."""
    found = activity(settings).get(campaign_id)
    if not found:
        return None
    words = {
        "fails_all": {"vi": "sai với tất cả", "en": "fail for everybody"},
        "never_applied": {"vi": "chưa từng được xét", "en": "were never applied"},
        "passes_all": {"vi": "không tìm thấy ai", "en": "find nobody"},
    }
    parts = [
        f"{len(found[verdict])} {words[verdict][lang]}" + (f" ({', '.join(found[verdict])})" if verdict == "fails_all" else "")
        for verdict in TOLD
        if verdict in found
    ]
    head = {"vi": "Quy tắc qua 30 kỳ gần nhất", "en": "Rules over the last 30 slots"}[lang]
    return f"{campaign_id}: {head}: {', '.join(parts)}. tiendo rules activity {campaign_id}"
