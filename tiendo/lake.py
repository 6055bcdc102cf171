"""The lake: append-only Parquet, one file per table, campaign and batch. `docs/data.md` is the schema for readers.

A batch exists once its file in `batches` exists: that one is renamed into place last, so that a killed run leaves
nothing half written. Readers start from `batches` and take the other tables' files of the same batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from tiendo.settings import Settings

_text, _int, _float, _bool, _day = pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32()
_local = pa.timestamp("us")  # wall clock in the campaign's time zone
_moment = pa.timestamp("us", tz="UTC")

_ROWS = [(f"rows_{lane}", _int) for lane in ("received", "accepted", "held", "rejected", "duplicate")]

# fmt: off
SCHEMAS: dict[str, pa.Schema] = {
    # one row per file of the batch
    "batches": pa.schema(
        [
            ("batch_id", _text),
            ("campaign_id", _text),
            ("source_id", _text),
            ("file_id", _text),
            ("file_name", _text),
            ("container_name", _text),
            ("sha256", _text),
            ("size_bytes", _int),
            ("received_at", _moment),
            ("received_by", _text),
            ("landed_at", _moment),
            ("sender", _text),
            ("format", _text),
            ("encoding", _text),
            ("delimiter", _text),
            ("sheet", _text),
            ("header_row", _int),
            ("status", _text),  # read | unreadable | duplicate | acts
            *_ROWS,
            ("is_simulated", _bool),
        ]
    ),
    # one row per submission: what one file says of one unit in one slot (or in no slot)
    "submissions": pa.schema(
        [
            ("batch_id", _text),
            ("campaign_id", _text),
            ("source_id", _text),
            ("file_id", _text),
            ("submission_id", _text),
            ("unit_code", _text),
            ("slot_id", _text),
            ("as_of", _local),
            ("received_at", _moment),
            ("sender", _text),
            ("sender_role", _text),
            ("lane", _text),
            ("is_valid", _bool),
            *_ROWS,
            ("figure_count", _int),
            ("finding_count", _int),
            ("checks_applied", _int),  # rules of the dimension correct x rows, cells and figures that they could judge
        ]
    ),
    # one row per (submission, indicator, unit, as_of, lane); rows that add up are already added
    "figures": pa.schema(
        [
            ("batch_id", _text),
            ("campaign_id", _text),
            ("source_id", _text),
            ("file_id", _text),
            ("submission_id", _text),
            ("unit_code", _text),
            ("indicator_id", _text),
            ("as_of", _local),
            ("as_of_date", _day),
            ("slot_id", _text),
            ("value", _float),
            ("cell", _text),  # value | zero | nil
            ("lane", _text),  # accepted | held | discarded (by an act)
            ("is_correction", _bool),
            ("is_total_row", _bool),
            ("row_count", _int),
            ("priority", _int),
            ("received_at", _moment),
        ]
    ),
    # one row per failure of a rule at one place
    "findings": pa.schema(
        [
            ("finding_id", _text),
            ("batch_id", _text),
            ("campaign_id", _text),
            ("source_id", _text),
            ("file_id", _text),
            ("submission_id", _text),
            ("rule_id", _text),
            ("dimension", _text),
            ("severity", _text),
            ("effect", _text),  # what it did to the row: reject | duplicate | hold | flag | none
            ("effect_reason", _text),  # why it did nothing: shadow | waiver
            ("rule_version", _text),  # a digest of the condition that judged
            ("responsibility", _text),
            ("unit_code", _text),
            ("indicator_id", _text),
            ("as_of", _local),
            ("slot_id", _text),
            ("sheet", _text),
            ("row_number", _int),
            ("column_name", _text),
            ("raw_text", _text),
            ("value", _float),
            ("expected", _float),
            ("score", _float),  # size of the effect, where the rule measures one
            ("message_vi", _text),
            ("message_en", _text),
            ("remedy_vi", _text),
            ("remedy_en", _text),
            ("found_at", _moment),
        ]
    ),
    # one row per file and indicator: the sums to hold against what the sender has
    "totals": pa.schema(
        [
            ("batch_id", _text),
            ("campaign_id", _text),
            ("source_id", _text),
            ("file_id", _text),
            ("indicator_id", _text),
            ("received_total", _float),
            ("accepted_total", _float),
            ("held_total", _float),
            ("rejected_total", _float),
            ("duplicate_total", _float),
        ]
    ),
    # one row per unit that a batch was the first to show (campaigns with units: discover)
    "units": pa.schema(
        [
            ("batch_id", _text),
            ("campaign_id", _text),
            ("unit_code", _text),
            ("unit_name", _text),
            ("level", _text),
            ("parent_code", _text),
            ("kind", _text),
            ("first_seen_at", _moment),
        ]
    ),
    # one row per version of a rule and slot: how often it was applied in this batch, and failed (expectations/activity.py)
    "checks": pa.schema(
        [
            ("batch_id", _text),
            ("campaign_id", _text),
            ("rule_id", _text),
            ("edition", _text),
            ("rule_version", _text),
            ("slot_id", _text),
            ("checks_applied", _int),
            ("reports_judged", _int),
            ("checks_failed", _int),
            ("reports_failed", _int),
        ]
    ),
    # one row per act: what somebody decided about figures (tiendo/acts.py); only batches of acts have this file
    "acts": pa.schema(
        [
            ("act_id", _text),
            ("batch_id", _text),
            ("campaign_id", _text),
            ("kind", _text),  # release | discard | waiver | waiver_end | correction | correction_end | emulation_close | emulation_reopen
            ("hold_id", _text),
            ("submission_id", _text),
            ("file_id", _text),
            ("unit_code", _text),
            ("indicator_id", _text),
            ("as_of", _local),
            ("slot_id", _text),
            ("rule_id", _text),
            ("old_value", _float),
            ("value", _float),
            ("until", _day),
            ("figure_count", _int),  # figures that the act puts into the lake
            ("is_valid", _bool),  # release: whether the submission is a valid report with them
            ("entry_id", _text),  # corrections: digest of the entry in corrections.yml; emulation: the period
            ("reason", _text),
            ("author", _text),
            ("source", _text),
            ("acted_at", _moment),
        ]
    ),
    # one row per report, remark and code said (tiendo/remarks.py); only batches of campaigns with remarks have this file
    "remarks": pa.schema(
        [
            ("batch_id", _text),
            ("campaign_id", _text),
            ("source_id", _text),
            ("file_id", _text),
            ("submission_id", _text),
            ("unit_code", _text),
            ("slot_id", _text),
            ("as_of", _local),
            ("as_of_date", _day),
            ("remark_id", _text),
            ("code", _text),
            ("raw_text", _text),
            ("lane", _text),
            ("received_at", _moment),
        ]
    ),
    # one row per unit and part of an emulation score as signed off; only batches of acts that sign have this file
    "signed_scores": pa.schema(
        [
            ("batch_id", _text),
            ("campaign_id", _text),
            ("act_id", _text),
            ("period_id", _text),
            ("unit_code", _text),
            ("level", _text),
            ("part_id", _text),
            ("position", _int),
            ("measure", _float),
            ("measure_count", _int),
            ("zero_at", _float),
            ("full_at", _float),
            ("normalised", _float),
            ("weight", _float),
            ("points", _float),
            ("is_assessed", _bool),
            ("as_of_date", _day),
            ("score", _float),
            ("points_total", _float),
            ("weight_assessed", _float),
            ("class_id", _text),
            ("class_name_vi", _text),
            ("class_name_en", _text),
            ("rank", _int),
            ("ranked_count", _int),
            ("sender", _text),
            ("sender_name", _text),
        ]
    ),
}
# fmt: on

LAST = "batches"  # the table whose file makes a batch exist
ACTS = "acts"  # source_id and status of a batch that holds acts instead of files
OPTIONAL = (ACTS, "remarks", "signed_scores")  # tables that not every batch has


def file_id(campaign_id: str, source_id: str, sha256: str, facts: Iterable[str] = ()) -> str:
    """Identity of a landed file: its bytes, plus what its name says of unit, time or slot (`facts`)."""
    return digest(campaign_id, source_id, sha256, *facts)


def batch_id(last_received_at_utc: str, file_ids: Iterable[str]) -> str:
    """Identity of a batch: the moment of its last arrival (YYYYMMDDTHHMMSSZ) and its files, whatever their order."""
    return f"{last_received_at_utc}-{digest(*sorted(file_ids))[:12]}"


def digest(*parts: str) -> str:
    """A short stable name (20 hex digits) for parts of text."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:20]


def table_path(lake: Path, table: str, campaign_id: str, batch: str) -> Path:
    return lake / table / f"campaign_id={campaign_id}" / f"{batch}.parquet"


def batch_ids(settings: Settings, campaign_id: str | None = None) -> list[str]:
    """Batches that exist, oldest first by last arrival; of one campaign or of all."""
    folder = settings.lake / LAST
    pattern = f"campaign_id={campaign_id or '*'}/*.parquet"
    return sorted(path.stem for path in folder.glob(pattern)) if folder.is_dir() else []


def paths(settings: Settings, table: str, campaign_id: str) -> list[str]:
    """Files of a table of a campaign's existing batches, oldest first; files of a batch that never came to be are left out."""
    found = [table_path(settings.lake, table, campaign_id, batch) for batch in batch_ids(settings, campaign_id)]
    return [str(path) for path in found if path.is_file()]


def commit(staged: Path, settings: Settings, campaign_id: str, batch: str) -> None:
    """Move `staged/TABLE.parquet` of every table into the lake, `batches` last. Safe to repeat after a kill."""
    for table in [name for name in SCHEMAS if name != LAST] + [LAST]:
        if table in OPTIONAL and not (staged / f"{table}.parquet").is_file():
            continue
        target = table_path(settings.lake, table, campaign_id, batch)
        target.parent.mkdir(parents=True, exist_ok=True)
        (staged / f"{table}.parquet").replace(target)
