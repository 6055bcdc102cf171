"""When the warehouse may be brought up to date, and when it has to be built anew."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.transform import _build_id, _first_failure, _grew, _read_state
from tiendo.settings import Settings

BEFORE: dict[str, Any] = {
    "registers": {"a": {"digest": "1", "rules": "1", "horizon_at": "2023-06-12T16:59:59+00:00"}},
    "models": "m",
    "batches": ["campaign_id=a/1.parquet"],
}
NEXT_NIGHT = {"digest": "1", "rules": "1", "horizon_at": "2023-06-13T16:59:59+00:00"}
OTHER = {"digest": "7", "rules": "7", "horizon_at": "2023-06-13T16:59:59+00:00"}


def test_a_campaign_whose_batches_were_loaded_before_its_register_is_built_anew() -> None:
    before = BEFORE | {"batches": ["campaign_id=a/1.parquet", "campaign_id=b/1.parquet"]}
    assert _grew(before, before | {"registers": {"a": NEXT_NIGHT, "bb": OTHER}})
    assert not _grew(before, before | {"registers": {"a": NEXT_NIGHT, "b": OTHER}})


def test_a_state_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, campaigns=())
    settings.warehouse.mkdir()
    for damaged in ("", "{", "[]"):
        (settings.warehouse / "state.json").write_text(damaged, encoding="utf-8")
        assert _read_state(settings) == {}
    assert not _grew({}, BEFORE)


def test_of_what_dbt_prints_the_error_is_told_and_no_warning(tmp_path: Path) -> None:
    printed = "Running\nIO Error: not a valid database\nrunpy: RuntimeWarning: found in sys.modules\n"
    assert _first_failure(tmp_path, printed) == "IO Error: not a valid database"
    assert _first_failure(tmp_path, "") == "no output"


@pytest.mark.parametrize(
    ("change", "grew"),
    [
        ({"registers": {"a": NEXT_NIGHT}, "batches": ["campaign_id=a/1.parquet", "campaign_id=a/2.parquet"]}, True),
        ({"registers": {"a": NEXT_NIGHT, "b": OTHER}}, True),
        ({"registers": {"a": NEXT_NIGHT | {"digest": "2"}}}, False),
        ({"registers": {"a": NEXT_NIGHT | {"rules": "2"}}}, False),
        ({"registers": {}}, False),
        ({"models": "n"}, False),
        ({"batches": []}, False),
    ],
    ids=["a_night", "a_campaign_more", "a_folder_changed", "a_rule_changed", "a_campaign_less", "a_model_changed", "a_batch_less"],
)
def test_only_growth_is_followed_by_an_incremental_build(change: dict[str, Any], grew: bool) -> None:
    assert _grew(BEFORE, BEFORE | change) is grew


def test_the_name_of_a_build_says_up_to_when_it_looks_and_changes_with_its_content() -> None:
    name = _build_id(BEFORE)
    assert name.startswith("20230612T165959Z-")
    assert name == _build_id(dict(reversed(BEFORE.items())))
    assert name != _build_id(BEFORE | {"models": "n"})
