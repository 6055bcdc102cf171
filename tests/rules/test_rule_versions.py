"""Rules on trial, versions by effective dates and dated tunings: a past period is never judged by a newer rule."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rule_batches import campaign, run_batch, table

from expectations import catalogue
from expectations.catalogue import check_rules, check_versions, load_catalogue, tune
from expectations.rule import Rule
from expectations.rule_tables import rule_rows
from tiendo.errors import RuleError

NEGATIVE = {"unit": "303", "received": -5}


def findings(home: Path) -> list[tuple[str, str, str, str | None]]:
    return [(f["rule_id"], f["severity"], f["effect"], f["effect_reason"]) for f in table(home, "findings")]


def with_catalogue(monkeypatch: pytest.MonkeyPatch, *changed: Rule) -> None:
    others = [rule for rule in load_catalogue() if rule.id not in {new.id for new in changed}]
    monkeypatch.setattr(catalogue, "load_catalogue", lambda: [*others, *changed])


def rule(rule_id: str, **changes: Any) -> Rule:
    return next(rule for rule in load_catalogue() if rule.id == rule_id).model_copy(update=changes)


def test_a_rule_on_trial_is_recorded_and_does_nothing(tmp_path: Path) -> None:
    result = run_batch(tmp_path, campaign(rules={"negative_value": {"shadow": True}}), [NEGATIVE])
    assert findings(tmp_path) == [("negative_value", "hold", "none", "shadow")]
    assert (result.counts["rows_accepted"], result.counts["rows_held"]) == (1, 0)
    assert (result.findings, result.by_rule, result.shadows) == (0, {}, {"negative_value": 1})
    assert [s["finding_count"] for s in table(tmp_path, "submissions")] == [0]


@pytest.mark.parametrize("changes", [{"fails": "nonesuch > 0"}, {"shows": {"raw": "nonesuch"}}])
def test_a_rule_on_trial_that_raises_is_told_and_stops_nothing(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_catalogue(monkeypatch, rule("negative_value", shadow=True, **changes))
    result = run_batch(tmp_path, campaign(), [NEGATIVE])
    (problem,) = result.problems
    assert "negative_value" in problem and "nonesuch" in problem and "our" not in result.counts
    assert (result.counts["rows_accepted"], findings(tmp_path)) == (1, [])


def test_a_rule_on_trial_over_the_history_holds_nothing(tmp_path: Path) -> None:
    rows = [{"unit": "303", "received": 100, "at": "2023-06-12"}, {"unit": "303", "received": 90}]
    result = run_batch(tmp_path, campaign(rules={"cumulative_fall": {"shadow": True}}), rows)
    assert (result.counts["rows_accepted"], result.shadows) == (2, {"cumulative_fall": 1})


def test_a_tuning_from_a_day_on_leaves_earlier_days_as_they_were_judged(tmp_path: Path) -> None:
    """12 June is judged by the old tuning though it comes on the 14th; the 13th by the new one."""
    tunings = [{"severity": "flag"}, {"from": "2023-06-13", "severity": "reject"}]
    late = {"unit": "303", "received": -5, "at": "2023-06-12", "got": "2023-06-14 01:00"}
    result = run_batch(tmp_path, campaign(rules={"negative_value": tunings}), [late, {"unit": "304", "received": -6, "at": "2023-06-13"}])
    assert sorted(findings(tmp_path))[1:] == [("negative_value", "flag", "flag", None), ("negative_value", "reject", "reject", None)]
    assert (result.counts["rows_accepted"], result.counts["rows_rejected"]) == (1, 1)
    versions = {f["severity"]: f["rule_version"] for f in table(tmp_path, "findings") if f["rule_id"] == "negative_value"}
    assert versions["flag"] != versions["reject"]


def test_before_the_first_dated_tuning_a_rule_is_as_the_catalogue_has_it() -> None:
    editions = tune(campaign(rules={"negative_value": [{"from": "2023-06-13", "on": False}]})).editions("negative_value")
    assert [(e.on, e.effective_from, e.effective_to) for e in editions] == [
        (True, None, date(2023, 6, 12)), (False, date(2023, 6, 13), None),
    ]  # fmt: skip


def test_a_figure_whose_day_is_unknown_or_to_come_is_judged_by_the_rules_of_its_arrival(tmp_path: Path) -> None:
    tunings = {"unparsable_date": [{"from": "2023-06-14", "shadow": True}], "negative_value": [{"from": "2023-06-14", "severity": "flag"}]}
    no_day = {"unit": "303", "received": 5, "at": None, "got": "2023-06-13 01:00"}
    to_come = {"unit": "304", "received": -5, "at": "2023-06-20", "got": "2023-06-13 01:00"}
    result = run_batch(tmp_path, campaign(rules=tunings), [no_day, to_come])
    assert result.by_rule["unparsable_date"] == 1
    assert {f["severity"] for f in table(tmp_path, "findings") if f["rule_id"] == "negative_value"} == {"hold"}


def test_a_rule_may_take_effect_by_arrival_instead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_catalogue(monkeypatch, rule("negative_value", effective_from=date(2023, 6, 14), effective_by="arrival"))
    early = {"unit": "303", "received": -5, "at": "2023-06-12", "got": "2023-06-13 01:00"}
    late = {"unit": "304", "received": -5, "at": "2023-06-12", "got": "2023-06-14 01:00"}
    run_batch(tmp_path, campaign(), [early, late])
    assert [f["unit_code"] for f in table(tmp_path, "findings") if f["rule_id"] == "negative_value"] == ["304"]


def test_versions_of_a_rule_judge_their_own_days(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = rule("fractional_count", effective_to=date(2023, 6, 12), severity="flag")
    new = rule("fractional_count", effective_from=date(2023, 6, 13))
    with_catalogue(monkeypatch, old, new)
    rows = [{"unit": unit, "received": 1.5, "at": at} for unit, at in (("303", "2023-06-12"), ("304", "2023-06-13"))]
    run_batch(tmp_path, campaign(), rows)
    assert [(f["unit_code"], f["effect"]) for f in table(tmp_path, "findings") if f["rule_id"] == "fractional_count"] == [
        ("303", "flag"), ("304", "hold"),
    ]  # fmt: skip
    rows_of = [(r["edition"], r["is_latest"]) for r in rule_rows(campaign()) if r["rule_id"] == "fractional_count"]
    assert rows_of == [("fractional_count", False), ("fractional_count@2023-06-13", True)]


def test_two_versions_in_effect_on_one_day_are_refused() -> None:
    with pytest.raises(RuleError, match="fractional_count"):
        touching = [rule("fractional_count", effective_to=date(2023, 6, 13)), rule("fractional_count", effective_from=date(2023, 6, 13))]
        check_versions(touching)


def test_the_version_of_a_rule_is_that_of_its_judgement_not_of_its_days() -> None:
    plain = rule("fractional_count")
    assert plain.version == rule("fractional_count", effective_to=date(2023, 6, 12)).version
    assert plain.version != rule("fractional_count", severity="flag").version
    assert rule("future_date").version != rule("future_date", params={"days": 3}).version


def test_faults_of_tunings_say_what_is_allowed() -> None:
    faults = check_rules(
        campaign(
            rules={
                "negative_value": [{"from": "2023-06-13"}, {"from": "2023-06-13"}],
                "fractional_count": [{}, {"severity": "flag"}],
                "future_date": {"params": {"days": "many"}},
                "cumulative_fal": {},
            }
        )
    )
    assert len(faults) == 4
    assert "2023-06-13, which is not after 2023-06-13" in faults[0]
    assert "Add from:" in faults[1]
    assert "found 'many', expected a number" in faults[2]
    assert "Did you mean 'cumulative_fall'?" in faults[3]
