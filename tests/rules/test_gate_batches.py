"""Whole batches at the gate: nothing lost, nothing cut off, nothing half written, the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rule_batches import UNITS, campaign, run_batch, table, write_batch

from expectations import catalogue, lanes
from expectations.catalogue import check_rules, load_catalogue, tune
from expectations.gate import judge
from expectations.rule_tables import write_rules
from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.errors import CampaignError, ReconciliationError, RuleError
from tiendo.settings import Settings

pytestmark = pytest.mark.slow

OF_A_BATCH = {name: schema for name, schema in lake.SCHEMAS.items() if name not in lake.OPTIONAL}


def lake_bytes(home: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(home)): path.read_bytes() for path in sorted((home / "lake").rglob("*.parquet"))}
    assert len(found) == len(OF_A_BATCH)
    return found


MIXED = [
    {"unit": "303", "received": 100, "activated": 40},
    {"unit": "303", "received": 100, "activated": 40},
    {"unit": "304", "received": 7.25},
    {"unit": "304", "received": "many", "at": "2023-06-12"},
    {"unit": "399", "received": 0, "activated": "nil"},
    {"unit_raw": "Ở đâu", "received": 3},
]


@pytest.mark.parametrize("count", [21, 201, 5000])
def test_all_failing_rows_are_found_not_the_first_twenty_or_two_hundred(count: int, tmp_path: Path) -> None:
    rows = [{"unit": "303", "received": -1 - n, "at": "2023-06-12", "row": n + 2, "file": f"f{n}"} for n in range(count)]
    result = run_batch(tmp_path, campaign(), rows)
    assert result.by_rule["negative_value"] == count == result.counts["rows_held"]
    assert {f["value"] for f in table(tmp_path, "findings") if f["rule_id"] == "negative_value"} == {-1.0 - n for n in range(count)}


def test_every_row_is_in_exactly_one_lane_and_the_totals_add_up(tmp_path: Path) -> None:
    result = run_batch(tmp_path, campaign(), MIXED, [{"file_id": "z", "status": "duplicate", "duplicate_of": "a"}])
    assert {lane: result.counts[f"rows_{lane}"] for lane in ("received", "accepted", "held", "rejected", "duplicate")} == {
        "received": 12, "accepted": 2, "held": 1, "rejected": 2, "duplicate": 7,
    }  # fmt: skip
    totals = {t["indicator_id"]: t for t in table(tmp_path, "totals")}
    assert [totals["received"][f"{lane}_total"] for lane in ("received", "accepted", "held", "rejected", "duplicate")] == [
        210.25, 100, 7.25, 3, 100,
    ]  # fmt: skip


def test_a_file_that_repeats_one_of_an_earlier_batch_is_told_that_file_s_name(tmp_path: Path) -> None:
    first = {"unit": "303", "received": 1, "file": "a"}
    run_batch(tmp_path, campaign(), [first])
    (name,) = [b["file_name"] for b in table(tmp_path, "batches")]
    run_batch(
        tmp_path, campaign(), [{"unit": "304", "received": 1, "file": "b"}], [{"file_id": "z", "status": "duplicate", "duplicate_of": "a"}]
    )
    (finding,) = [f for f in table(tmp_path, "findings") if f["rule_id"] == "duplicate_file"]
    assert finding["raw_text"] == name
    assert f"has the very content of {name};" in finding["message_en"]


def test_the_lake_gets_exactly_the_documented_schema(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(), MIXED)
    for name, schema in OF_A_BATCH.items():
        (path,) = (tmp_path / "lake" / name).rglob("*.parquet")
        assert pq.read_schema(path).equals(schema), name


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    rows = [*MIXED, *({"unit": "304", "received": n + 0.1, "file": f"f{n}", "at": "2023-06-11"} for n in range(300))]
    run_batch(tmp_path / "one", campaign(), rows)
    run_batch(tmp_path / "two", campaign(), rows)
    assert lake_bytes(tmp_path / "one") == lake_bytes(tmp_path / "two")


def test_zero_missing_and_nil_are_three_different_things(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(), [{"unit": "303", "received": 0, "activated": None}, {"unit": "304", "received": "nil"}])
    assert {(f["unit_code"], f["indicator_id"], f["cell"]) for f in table(tmp_path, "figures")} == {
        ("303", "received", "zero"), ("304", "received", "nil"),
    }  # fmt: skip


def test_a_submission_is_valid_only_with_every_required_indicator(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(), [{"unit": "303", "received": 1}, {"unit": "304", "activated": 1}, {"unit": "399", "received": "x"}])
    assert {s["unit_code"]: (s["lane"], s["is_valid"]) for s in table(tmp_path, "submissions")} == {
        "303": ("accepted", True), "304": ("accepted", False), "399": ("rejected", False),
    }  # fmt: skip


def test_a_row_with_a_time_belongs_to_the_first_cutoff_after_it(tmp_path: Path) -> None:
    slots = [{"id": "morning", "cutoff": "11:00", "levels": ["district"]}, {"id": "evening", "cutoff": "17:00", "levels": ["district"]}]
    rows = [
        {"unit": "303", "received": 1, "at": "2023-06-13 10:59:00"},  # before the morning's cutoff
        {"unit": "304", "received": 1, "at": "2023-06-13 11:00:01"},  # just after it
        {"unit": "399", "received": 1, "at": "2023-06-13", "got": "2023-06-13 05:00"},  # no time: 12:00 here, only the evening is open
        {"unit": "305", "received": 1, "at": "2023-06-09", "slot_raw": "morning"},  # named
    ]
    run_batch(tmp_path, campaign(slots=slots), rows)
    assert {s["unit_code"]: s["slot_id"] for s in table(tmp_path, "submissions")} == {
        "303": "morning/2023-06-13", "304": "evening/2023-06-13", "399": "evening/2023-06-13", "305": "morning/2023-06-09",
    }  # fmt: skip


def test_text_of_a_sender_that_looks_like_a_placeholder_stays_as_it_is(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(), [{"unit_raw": "{suggestions} '; drop", "unit_suggestions": "x", "received": 3}])
    (finding,) = table(tmp_path, "findings")
    assert finding["message_vi"] == "Dòng 2: không có đơn vị “{suggestions} '; drop” trong danh mục của chiến dịch."


def broken(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    rules = [rule.model_copy(update=changes) if rule.id == "negative_value" else rule for rule in load_catalogue()]
    monkeypatch.setattr(catalogue, "load_catalogue", lambda: rules)


@pytest.mark.parametrize(
    ("fails", "said"), [("CAST(cell AS INTEGER) > 0", "Conversion Error"), ("nonesuch > 0", "Binder Error"), ("value <", "Parser Error")]
)
def test_a_rule_that_raises_is_our_fault_and_nothing_is_committed(
    fails: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken(monkeypatch, fails=fails)
    with pytest.raises(RuleError, match=f"negative_value.*{said}"):
        run_batch(tmp_path, campaign(), MIXED)
    assert not (tmp_path / "lake").exists()


def test_a_history_rule_that_raises_is_our_fault_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rules = [r.model_copy(update={"fails": "previous_value < nonesuch"}) if r.id == "cumulative_fall" else r for r in load_catalogue()]
    monkeypatch.setattr(catalogue, "load_catalogue", lambda: rules)
    with pytest.raises(RuleError, match=r"cumulative_fall.*nonesuch"):
        run_batch(tmp_path, campaign(), MIXED)


def test_counts_that_do_not_add_up_stop_the_batch(tmp_path: Path) -> None:
    with pytest.raises(ReconciliationError, match=r"a\.csv: received 6"):
        parsed = write_batch(tmp_path / "parsed", MIXED, [{"file_id": "a", "rows_received": 7}])
        judge(Settings(tmp_path, ()), campaign(), parsed, UNITS)
    assert not (tmp_path / "lake").exists()
    assert lanes.LANES == ("accepted", "held", "rejected", "duplicate")


def test_a_batch_of_nothing_but_unreadable_files_is_kept_with_its_findings(tmp_path: Path) -> None:
    files = [{"file_id": "z", "status": "unreadable", "failure_rule": "empty_file", "failure_text": ""}]
    result = run_batch(tmp_path, campaign(), [], files)
    assert result.by_rule == {"empty_file": 1} and result.counts["files_unreadable"] == 1 and result.counts["rows_received"] == 0


def with_rules(**rules: dict[str, object]) -> Campaign:
    return campaign(rules=rules)


def test_a_campaign_switches_rules_off_and_tunes_severity_and_params(tmp_path: Path) -> None:
    rows = [{"unit": "303", "received": 1.5, "at": "2023-06-14"}]
    tuned = with_rules(fractional_count={"on": False}, future_date={"params": {"days": 1}}, after_cutoff={"severity": "hold"})
    result = run_batch(tmp_path, tuned, rows)
    assert result.findings == 0
    assert "fractional_count" not in {rule.id for rule in tune(tuned).on("gate")}


def test_a_rule_about_a_submission_that_holds_holds_all_its_rows(tmp_path: Path) -> None:
    rows = [{"unit": "303", "received": 1, "got": "2023-06-13 11:00"}, {"unit": "303", "activated": 1, "got": "2023-06-13 11:00"}]
    result = run_batch(tmp_path, with_rules(after_cutoff={"severity": "hold"}), rows)
    assert (result.by_rule, result.counts["rows_held"]) == ({"after_cutoff": 1}, 2)


def test_an_unknown_rule_or_param_in_a_campaign_is_told_with_the_nearest(tmp_path: Path) -> None:
    faults = check_rules(with_rules(cumulative_fal={}, future_date={"params": {"hours": 1}}, empty_file={"on": False}))
    assert len(faults) == 3
    assert "Did you mean 'cumulative_fall'?" in faults[0] and "Allowed: days" in faults[1] and "empty_file" in faults[2]
    with pytest.raises(CampaignError, match="cumulative_fall"):
        tune(with_rules(cumulative_fal={}))


def test_the_register_of_rules_has_every_rule_once_and_is_not_rewritten_when_unchanged(tmp_path: Path) -> None:
    settings = Settings(tmp_path, ())
    path = write_rules(settings, with_rules(after_cutoff={"on": False}))
    rules = pq.read_table(path).to_pylist()
    assert [r["rule_id"] for r in rules] == sorted(rule.id for rule in load_catalogue())
    assert {r["rule_id"] for r in rules if not r["is_on"]} == {"after_cutoff"}
    assert {r["place"] for r in rules} == {"gate", "warehouse"}
    before = path.stat().st_mtime_ns, path.read_bytes()
    write_rules(settings, with_rules(after_cutoff={"on": False}))
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before
