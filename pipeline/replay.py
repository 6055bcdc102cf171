"""What a change of the rules would do to what is archived: old and new catalogue over the same files, neither room touched.

All files of the landing are judged as one batch in a lake of its own, once by each catalogue, so that both see the same history and a
row that only one of them holds is nobody's baseline there. Rules of the warehouse are run over the relations of the warehouse as it
stands. Releases and waivers are left out on both sides.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from expectations.catalogue import Tuned, lenient_entries, tune
from pipeline.transform import SCRATCH
from tiendo import plain_yaml
from tiendo.campaign import Campaign
from tiendo.campaign_file import load_campaign
from tiendo.errors import NotFoundError, TiendoError
from tiendo.home import scratch_folder
from tiendo.settings import ROOT, Settings

RULES = "expectations/rules"


@dataclass(frozen=True)
class _Apart(Settings):
    """The home's landing, with an empty lake and a scratch that are thrown away."""

    apart: Path

    @property
    def lake(self) -> Path:
        return self.apart / "lake"

    @property
    def scratch(self) -> Path:
        return self.apart / "scratch"


@dataclass
class RuleChange:
    """What one rule finds that it did not find (`newly`), or finds no more (`no_longer`): findings, and the units they are of."""

    rule_id: str
    newly: int = 0
    newly_units: list[str] = field(default_factory=list)
    no_longer: int = 0
    no_longer_units: list[str] = field(default_factory=list)


@dataclass
class Replayed:
    """A campaign under both catalogues. `lanes`: (old lane, new lane, rows) of the rows that change; `said`: what could not be compared."""

    campaign_id: str
    files: int = 0
    rows: int = 0
    rules: list[RuleChange] = field(default_factory=list)
    lanes: list[tuple[str, str, int]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def newly_kept_out(self) -> int:
        """Rows that would newly be held or rejected."""
        return sum(count for old, new, count in self.lanes if new in ("held", "rejected") and old not in ("rejected", new))


def replay(settings: Settings, campaign_id: str, base: str) -> Replayed:
    """Judge everything archived of a campaign by the rules at `base` and by those of today.

    `base`: a folder of rules, or a git revision (rules, and the campaign's own tunings where its folder is in the same repository).
    Raises NotFoundError (no such revision or folder), RuleError and CampaignError (faults of either catalogue).
    """
    from loaders.landing import pending
    from loaders.reading import read_batch
    from tiendo import units

    campaign = load_campaign(settings, campaign_id)
    result = Replayed(campaign_id)
    with scratch_folder(Path(tempfile.gettempdir()), "tiendo-replay-") as folder, _rules_at(base, folder) as rules:
        old_campaign = _campaign_at(campaign, base, result)
        entries, left_out = lenient_entries(rules)
        result.said += left_out
        old, new = tune(old_campaign, entries), tune(campaign)
        apart = _Apart(settings.home, settings.campaigns, folder)
        receipts = pending(apart, campaign)
        if receipts:
            register = units.load_units(apart, campaign)
            parsed = folder / "parsed"
            parsed.mkdir()
            read_batch(apart, campaign, receipts, parsed, register)
            for name, tuned in (("old", old), ("new", new)):
                _judge(apart, campaign, parsed, register, tuned, folder / name)
            result.files = len(receipts)
            _compare(result, folder)
        _compare_in_warehouse(settings, result, old, new)
    result.rules.sort(key=lambda change: (-change.newly, -change.no_longer, change.rule_id))
    return result


def _judge(apart: _Apart, campaign: Campaign, parsed: Path, register: object, tuned: Tuned, target: Path) -> None:
    from expectations.engine import count_in_duckdb
    from expectations.gate import judge_into

    target.mkdir()
    judge_into(target, apart, campaign, parsed, register, count=count_in_duckdb, tuned=tuned, row_lanes=target / "row_lanes.parquet")  # type: ignore[arg-type]


def _compare(result: Replayed, folder: Path) -> None:
    with duckdb.connect() as connection:
        for name in ("old", "new"):
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{folder / name / 'findings.parquet'}')")
        _add(result, connection, "old", "new")
        result.lanes = connection.execute(
            f"""SELECT o.lane, n.lane, count(*) FROM read_parquet('{folder / "old" / "row_lanes.parquet"}') o
                JOIN read_parquet('{folder / "new" / "row_lanes.parquet"}') n USING (file_id, row_number)
                WHERE o.lane <> n.lane GROUP BY ALL ORDER BY ALL"""
        ).fetchall()
        counted = connection.execute(f"SELECT count(*) FROM read_parquet('{folder / 'new' / 'row_lanes.parquet'}')").fetchone()
        result.rows = counted[0] if counted else 0


def _add(result: Replayed, connection: duckdb.DuckDBPyConnection, old: str, new: str) -> None:
    """Add what the relations `old` and `new` (finding_id, rule_id, unit_code) do not share."""
    changes = {change.rule_id: change for change in result.rules}
    for newer, left, right in ((True, new, old), (False, old, new)):
        rows = connection.execute(
            f"""SELECT rule_id, count(*), list(DISTINCT unit_code ORDER BY unit_code) FILTER (unit_code IS NOT NULL)
                FROM {left} ANTI JOIN {right} USING (finding_id) GROUP BY rule_id ORDER BY rule_id"""
        ).fetchall()
        for rule_id, count, found_units in rows:
            change = changes.setdefault(rule_id, RuleChange(rule_id))
            if newer:
                change.newly, change.newly_units = count, found_units or []
            else:
                change.no_longer, change.no_longer_units = count, found_units or []
    result.rules = list(changes.values())


def _compare_in_warehouse(settings: Settings, result: Replayed, old: Tuned, new: Tuned) -> None:
    """The rules of the warehouse over its relations; nothing where there is no warehouse yet."""
    file = settings.warehouse / "warehouse.duckdb"
    if not file.is_file():
        result.said.append("rules of the warehouse are left out: there is no warehouse yet (`tiendo run`)")
        return
    with duckdb.connect() as connection:
        # Views remember the name of the file that dbt built them in.
        built_as = Path(SCRATCH).stem
        connection.execute(f"ATTACH '{file}' AS {built_as} (READ_ONLY)")
        present = {
            row[0].removeprefix("int_checked_")
            for row in connection.execute("SELECT view_name FROM duckdb_views() WHERE view_name LIKE 'int_checked_%'").fetchall()
        }
        for name, tuned in (("old", old), ("new", new)):
            rules = [rule for rule in tuned.on("warehouse") if rule.over in present]
            result.said += [
                f"{rule.edition}: the warehouse does not have the relation '{rule.over}' yet (`tiendo run`)"
                for rule in tuned.on("warehouse")
                if rule.over not in present
            ]
            queries = [
                f"""SELECT concat_ws('|', '{rule.id}', unit_code, indicator_id, as_of, slot_id) AS finding_id, '{rule.id}' AS rule_id,
                        unit_code
                    FROM {built_as}.intermediate.int_checked_{rule.over}
                    WHERE campaign_id = '{result.campaign_id}' AND {rule.condition()}"""
                for rule in rules
            ]
            nothing = "SELECT '' AS finding_id, '' AS rule_id, '' AS unit_code WHERE false"
            connection.execute(f"CREATE TEMP TABLE {name}_failing AS {' UNION ALL '.join([*queries, nothing])}")
        _add(result, connection, "old_failing", "new_failing")


@contextmanager
def _rules_at(base: str, scratch: Path) -> Iterator[Path]:
    """The folder of rules that `base` names: itself, or the rules of a git revision, unpacked."""
    if Path(base).is_dir():
        yield Path(base).resolve()
        return
    done = _git(ROOT, "archive", "--format=tar", base, RULES)
    if done is None:
        raise NotFoundError(
            f"'{base}' is neither a folder of rules nor a revision that git knows here",
            where=str(ROOT),
            way_out="Give a folder with the old *.yml, or a revision such as HEAD~5 in a checkout of the repository",
        )
    with tarfile.open(fileobj=io.BytesIO(done)) as archive:
        safe: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # since 3.11.4; the archive is git's own
        archive.extractall(scratch / "base", **safe)
    yield scratch / "base" / RULES


def _campaign_at(campaign: Campaign, base: str, result: Replayed) -> Campaign:
    """The campaign with its tunings at a git revision; as it is where its folder is not in the repository or `base` is a folder."""
    if Path(base).is_dir():
        return campaign
    text = _git(campaign.folder, "show", f"{base}:./campaign.yml")
    if text is None:
        result.said.append(f"the campaign's own tunings are as today on both sides: git has no campaign.yml of {campaign.id} at {base}")
        return campaign
    try:
        given = plain_yaml.load(text.decode("utf-8"))
        today = plain_yaml.load((campaign.folder / "campaign.yml").read_text(encoding="utf-8-sig"))
        earlier = Campaign.model_validate(today | {"rules": given.get("rules", {})})
    except (ValueError, AttributeError) as error:
        raise TiendoError(
            f"campaign.yml at {base} cannot be read: {' '.join(str(error).split())[:200]}",
            where=campaign.id,
            way_out="Choose another revision",
        ) from None
    earlier._folder = campaign.folder
    return earlier


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints, or nothing where it is not there or does not know."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
