"""Campaign folders read and judged: every fault with file, line, what was found and what is allowed."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from tiendo import plain_yaml
from tiendo.campaign import Campaign
from tiendo.errors import CampaignError
from tiendo.model import Model
from tiendo.settings import Settings

Path_ = tuple[str | int, ...]
M = TypeVar("M", bound=Model)


def load_campaign(settings: Settings, campaign_id: str) -> Campaign:
    """The campaign of that id; raises NotFoundError or CampaignError."""
    return read_campaign(settings.campaign_folder(campaign_id))


def read_campaign(folder: Path) -> Campaign:
    """The campaign in `folder`, checked against the model and against itself; raises CampaignError with all faults."""
    file = folder / "campaign.yml"
    campaign, lines, faults = read_model(file, Campaign, "Create it with `tiendo campaign new`")
    campaign._folder = folder.absolute()
    faults += [f"{file}:{nearest_line(lines, path)}: {what}" for path, what in _cross_checks(campaign)]
    if faults:
        raise CampaignError(faults)
    return campaign


def read_model(file: Path, kind: type[M], way_out: str) -> tuple[M, dict[Path_, int], list[str]]:
    """A YAML file as `kind`: the document, the line of every key, and faults found so far (keys given twice).

    Raises CampaignError with all faults where the file cannot be read as `kind`; `way_out` is for a file that is not there.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CampaignError([f"{file}: cannot be read ({error.strerror}). {way_out}"]) from None
    except UnicodeDecodeError as error:
        raise CampaignError([f"{file}: not UTF-8 at byte {error.start}. Save it as UTF-8"]) from None
    try:
        node = plain_yaml.compose(text)
        data = plain_yaml.load(text)
        lines = _lines(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise CampaignError([f"{file}:{line}: not YAML: {getattr(error, 'problem', error)}. Mend the line"]) from None
    except RecursionError:
        raise CampaignError([f"{file}:1: nested too deeply, or a part (&name) holds itself (*name). Write it out"]) from None
    faults = [f"{file}:{lines.get(path, 1)}: '{key}' is given twice. Keep one" for path, key in _twice(node)]
    if not isinstance(data, dict):
        expected = ", ".join(f"{name}:" for name in list(kind.model_fields)[:3])
        raise CampaignError([f"{file}:1: found {type(data).__name__}, expected keys such as {expected}"])
    try:
        return kind.model_validate(data), lines, faults
    except ValidationError as error:
        found = [_line_of_fault(file, lines, fault, kind) for fault in error.errors()]
        raise CampaignError(faults + list(dict.fromkeys(found))) from None


def _cross_checks(campaign: Campaign) -> list[tuple[Path_, str]]:
    """What the model cannot see: names that must exist elsewhere in the file, files that must exist beside it."""
    faults: list[tuple[Path_, str]] = []
    levels, indicators = campaign.level_ids, [i.id for i in campaign.indicators]

    def known(path: Path_, value: str | None, allowed: list[str], what: str) -> None:
        if value is not None and value not in allowed:
            faults.append((path, f"found '{value}', which is no {what}. Allowed: {', '.join(allowed)}{did_you_mean(value, allowed)}"))

    def unique(path: Path_, ids: list[str]) -> None:
        for position, value in enumerate(ids):
            if value in ids[:position]:
                faults.append(((*path, position, "id"), f"id '{value}' is used twice. Give each its own"))

    def file(path: Path_, name: str | None) -> None:
        if name is not None and not (campaign.folder / name).is_file():
            faults.append((path, f"found '{name}', but there is no such file beside campaign.yml. Add it or mend the name"))

    if campaign.folder.name != campaign.id:
        faults.append((("id",), f"found '{campaign.id}', but the folder is called '{campaign.folder.name}'. Make them equal"))
    for name in ("levels", "indicators", "slots", "sources", "milestones", "compare", "tiers", "meetings", "remarks"):
        unique((name,), [item.id for item in getattr(campaign, name)])
    file(("units", "file"), campaign.units.file)
    file(("units", "aliases"), campaign.units.aliases)
    file(("units", "crosswalk"), campaign.units.crosswalk)
    if campaign.senders:
        file(("senders", "file"), campaign.senders.file)
    if campaign.recounts.file:
        file(("recounts", "file"), campaign.recounts.file)
    file(("reinforcement", "people"), campaign.reinforcement.people)
    known(("reinforcement", "indicator"), campaign.reinforcement.indicator, indicators, "indicator")
    if campaign.emulation:
        known(("emulation", "indicator"), campaign.emulation.indicator, indicators, "indicator")
        for n, level in enumerate(campaign.emulation.levels):
            known(("emulation", "levels", n), level, levels, "level")
    if campaign.units.root:
        known(("units", "root", "level"), campaign.units.root.level, levels, "level")
    if campaign.targets:
        if not campaign.targets.is_outside:
            file(("targets", "file"), campaign.targets.file)
        for key in campaign.targets.columns:
            known(("targets", "columns", key), key, indicators, "indicator")
    for n, indicator in enumerate(campaign.indicators):
        known(("indicators", n, "part_of"), indicator.part_of, indicators, "indicator")
        for key in ("increment_of", "related_to", "devices"):
            known(("indicators", n, key), getattr(indicator, key), indicators, "indicator")
        if indicator.part_of == indicator.id:
            faults.append(
                (("indicators", n, "part_of"), f"found '{indicator.id}', the indicator itself. Name the whole that it is a part of")
            )
    for n, slot in enumerate(campaign.slots):
        for m, level in enumerate(slot.levels):
            known(("slots", n, "levels", m), level, levels, "level")
        for key, day in (("first_on", slot.first_on), ("last_on", slot.last_on)):
            if day and not campaign.starts_on <= day <= campaign.ends_on:
                what = f"found {day}, when nothing can be reported. Allowed: {campaign.starts_on} to {campaign.ends_on}"
                faults.append((("slots", n, key), what))
    for n, comparison in enumerate(campaign.compare):
        if not campaign.starts_on < comparison.since <= campaign.ends_on:
            what = f"found {comparison.since}, before which there is nothing to compare with, or after which nothing comes"
            faults.append((("compare", n, "since"), f"{what}. Allowed: after {campaign.starts_on}, to {campaign.ends_on}"))
    for name in ("obligations", "exemptions", "extensions"):
        for n, record in enumerate(getattr(campaign, name)):
            known((name, n, "slot"), record.slot, [slot.id for slot in campaign.slots], "slot")
            known((name, n, "level"), record.level, levels, "level")
    for n, milestone in enumerate(campaign.milestones):
        known(("milestones", n, "indicator"), milestone.indicator, indicators, "indicator")
        for m, level in enumerate(milestone.levels):
            known(("milestones", n, "levels", m), level, levels, "level")
    known(("leaderboard", "indicator"), campaign.leaderboard.indicator, indicators, "indicator")
    known(("leaderboard", "level"), campaign.leaderboard.level, levels, "level")
    if campaign.follows == campaign.id:
        faults.append((("follows",), f"found '{campaign.id}', the campaign itself. Name the one that went before"))
    for n, source in enumerate(campaign.sources):
        for key in source.indicators:
            known(("sources", n, "indicators", key), key, indicators, "indicator")
        for key, value in source.indicator_names.items():
            known(("sources", n, "indicator_names", key), value, indicators, "indicator")
        for part in ("names", "codes"):
            for key in getattr(source.unit, part):
                known(("sources", n, "unit", part, key), key, levels, "level")
        known(("sources", n, "unit", "level"), source.unit.level, levels, "level")
        for key in source.remarks:
            known(("sources", n, "remarks", key), key, [remark.id for remark in campaign.remarks], "remark")
        if source.kind == "simulation":
            file(("sources", n, "path"), source.path)
    return faults


def key_lines(file: Path) -> dict[Path_, int]:
    """Line number of every key and item of a campaign file that was read before without a fault."""
    return _lines(plain_yaml.compose(file.read_text(encoding="utf-8-sig")))


def _lines(node: yaml.Node | None, path: Path_ = ()) -> dict[Path_, int]:
    """Line number (from 1) of every key and item in a YAML document."""
    if node is None:
        return {}
    lines: dict[Path_, int] = {path: node.start_mark.line + 1}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            lines |= _lines(value, (*path, key.value))
            lines[(*path, key.value)] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            lines |= _lines(item, (*path, position))
    return lines


def _twice(node: yaml.Node | None, path: Path_ = ()) -> list[tuple[Path_, str]]:
    found: list[tuple[Path_, str]] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                found.append(((*path, key.value), key.value))
            seen.add(key.value)
            found += _twice(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            found += _twice(item, (*path, position))
    return found


def nearest_line(lines: dict[Path_, int], path: Path_) -> int:
    """The line of the deepest key of `path` that the file has."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _line_of_fault(file: Path, lines: dict[Path_, int], fault: Any, root: type[Model]) -> str:
    path = _as_written(tuple(part for part in fault["loc"] if part not in ("date", "datetime")), lines)
    where = f"{file}:{nearest_line(lines, path)}"
    key = ".".join(str(part) for part in path) or root.__name__.lower()
    if fault["type"] == "extra_forbidden":
        allowed = sorted(_keys_at(path[:-1], root))
        return f"{where}: unknown key '{key}'. Allowed here: {', '.join(allowed)}{did_you_mean(str(path[-1]), allowed)}"
    if fault["type"] == "missing":
        return f"{where}: '{key}' is missing. Add it (docs/campaigns.md explains it)"
    if fault["type"] == "value_error":
        return f"{where}: {key}: {fault['msg'].removeprefix('Value error, ')}"
    found = fault["input"] if isinstance(fault["input"], str | int | float | bool) else type(fault["input"]).__name__
    return f"{where}: {key}: found '{found}'. {fault['msg']}"


def _as_written(path: Path_, lines: dict[Path_, int]) -> Path_:
    """The path in the file: the model makes a list of one where the file has the item alone."""
    for n, part in enumerate(path):
        if isinstance(part, int) and path[: n + 1] not in lines:
            return _as_written(path[:n] + path[n + 1 :], lines)
    return path


def _keys_at(path: Path_, root: type[Model]) -> set[str]:
    """The keys that the model allows at a path."""
    current: Any = root
    for part in path:
        if isinstance(part, int):
            continue
        if isinstance(current, type) and issubclass(current, Model) and part in current.model_fields:
            current = _inner_model(current.model_fields[part].annotation)
    if isinstance(current, type) and issubclass(current, Model):
        return {field.alias or name for name, field in current.model_fields.items()}
    return set()


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner_model(argument)
        if found is not None:
            return found
    return None


def did_you_mean(value: str, allowed: list[str]) -> str:
    close = difflib.get_close_matches(value, allowed, n=1)
    return f". Did you mean '{close[0]}'?" if close else ""
