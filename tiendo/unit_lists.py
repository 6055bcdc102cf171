"""Lists of units as a statistics office publishes them, CSV or JSON: read as paths, carried on into units.csv, compared."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tiendo.errors import CampaignError
from tiendo.text import fold, nfc

HEADINGS = ["unit_code", "unit_name", "level", "parent_code", "opened_on", "closed_on", "kind", "peer_group"]
DEFAULT_LEVELS = ["province", "district", "commune"]
_CODE, _NAME, _PARENT = ("unit code", "ma", "ma px", "code"), ("unit name", "ten", "phuong xa", "name"), ("parent code", "parent")
_LEVEL = ("level", "cap")
_ABOVE = [(("ma tp", "ma tinh"), ("tinh thanh pho", "tinh")), (("ma qh", "ma huyen"), ("quan huyen", "huyen"))]
_MIDDLE_KINDS = {"quan", "huyen", "thi xa", "thanh pho"}  # what a unit below a province calls itself that is not a commune
_WIDTHS = {"province": 2, "city": 2, "district": 3, "commune": 5}  # digits of GSO's codes, where a file has them as numbers


@dataclass(frozen=True)
class Listed:
    """A unit of a list: as it is there, or one line of units.csv."""

    unit_code: str
    unit_name: str
    level: str
    parent_code: str
    opened_on: str = ""
    closed_on: str = ""
    kind: str = ""
    peer_group: str = ""


@dataclass(frozen=True)
class Difference:
    """Codes that opened and closed, and (code, before, after) of names and parents that changed; ordered by code."""

    opened: list[Listed]
    closed: list[Listed]
    renamed: list[tuple[str, str, str]]
    moved: list[tuple[str, str, str]]


def read_list(file: Path, levels: list[str] | None = None, known: dict[str, str] | None = None) -> dict[str, Listed]:
    """Units of a list by code: our units.csv (those not closed), a CSV with headings such as GSO's, or JSON, nested or flat.

    `levels`: ids of the levels from the top down; the top of a list is the first of them, its bottom the last. Of a CSV that names parents
    and no levels, units as deep as units of `known` (code -> level) have their level, and others count from the top down. Raises
    CampaignError with file and line for a code with two meanings, an empty code or name, or a file that is none of these.
    """
    levels = levels or DEFAULT_LEVELS
    found: dict[str, Listed] = {}
    faults: list[str] = []
    lines = _json_paths(file, levels) if file.suffix.lower() == ".json" else _csv_paths(file, levels, known or {})
    for line, path in lines:
        parent = ""
        for depth, (code, name, level) in enumerate(path, 1):
            unit = Listed(code, nfc(name), level or _level(levels, depth, len(path)), parent)
            parent = unit.unit_code
            if not unit.unit_code or not unit.unit_name:
                faults.append(f"{file}:{line}: found an empty code or name. Give every unit both")
            elif found.setdefault(unit.unit_code, unit) != unit:
                other = found[unit.unit_code]
                faults.append(
                    f"{file}:{line}: found code '{unit.unit_code}' for {unit.unit_name} below '{unit.parent_code}', but it is"
                    f" {other.unit_name} below '{other.parent_code}' already. Codes are never reused: give each unit its own"
                )
    if not found and not faults:
        faults.append(f"{file}:1: no units found. Give a list with a code, a name and a parent for each")
    if faults:
        raise CampaignError(faults[:200])
    return found


def read_lines(file: Path) -> list[Listed]:
    """All lines of a units.csv of ours, closed ones too."""
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return [Listed(**{name: nfc(row.get(name) or "") for name in HEADINGS}) for row in csv.DictReader(handle)]


def carried_on(lines: list[Listed], units: dict[str, Listed], day: date | None) -> list[Listed]:
    """The lines of units.csv after a list of day `day`: what is no longer listed closes the day before, what is new opens then, and a
    unit with another name, level or parent gets a further line. Without `day` there must be no lines yet."""
    if day is None:
        return list(units.values())
    before, result = str(day - timedelta(days=1)), []
    known = {line.unit_code for line in lines}
    for line in lines:
        now = units.get(line.unit_code)
        if line.closed_on and line.closed_on < str(day):
            result.append(line)
        elif now is None:
            result.append(replace(line, closed_on=before))
        elif (now.unit_name, now.level, now.parent_code) == (line.unit_name, line.level, line.parent_code):
            result.append(line)
        else:
            result.append(replace(line, closed_on=before))
            result.append(replace(now, opened_on=str(day), kind=line.kind, peer_group=line.peer_group))
    result += [replace(unit, opened_on=str(day) if lines else "") for code, unit in units.items() if code not in known]
    return result


def write_lines(file: Any, lines: list[Listed]) -> None:
    """units.csv, all codes quoted, so that a spreadsheet's user sees that they are text."""
    used = [name for name in HEADINGS if name in HEADINGS[:4] or any(getattr(line, name) for line in lines)]
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(used)
    writer.writerows([[getattr(line, name) for name in used] for line in lines])


def differences(old: dict[str, Listed], new: dict[str, Listed]) -> Difference:
    """What differs between two lists of units; a unit of another level counts as moved."""
    both = sorted(old.keys() & new.keys())
    return Difference(
        opened=[new[code] for code in sorted(new.keys() - old.keys())],
        closed=[old[code] for code in sorted(old.keys() - new.keys())],
        renamed=[(code, old[code].unit_name, new[code].unit_name) for code in both if old[code].unit_name != new[code].unit_name],
        moved=[(code, old[code].parent_code, new[code].parent_code) for code in both if old[code].parent_code != new[code].parent_code],
    )


def _level(levels: list[str], depth: int, deepest: int) -> str:
    """The level of a step of a path: the top is the first, the bottom the last, what lies between follows the top."""
    return levels[-1] if depth == deepest and deepest > 1 else levels[min(depth, len(levels)) - 1]


Path_ = list[tuple[str, str, str]]  # (code, name, level or '') from the top down


def _csv_paths(file: Path, levels: list[str], known: dict[str, str]) -> Iterator[tuple[int, Path_]]:
    try:
        handle = file.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CampaignError([f"{file}: cannot be read ({error.strerror}). Give a list of units, CSV or JSON"]) from None
    with handle:
        try:
            rows = csv.DictReader(handle)
            folded = {fold(name): name for name in rows.fieldnames or []}
            heading = {
                key: _first(folded, names) for key, names in (("code", _CODE), ("name", _NAME), ("level", _LEVEL), ("parent", _PARENT))
            }
            if not heading["code"] or not heading["name"]:
                listed = ", ".join(rows.fieldnames or [])
                raise CampaignError(
                    [f"{file}:1: no heading of a code and a name. Found: {listed}. Write unit_code, unit_name, parent_code"]
                )
            above = [(_first(folded, codes), _first(folded, names)) for codes, names in _ABOVE]
            if heading["parent"]:
                yield from _by_parent(file, rows, heading, levels, known)
                return
            for row in rows:
                path = [(nfc(row[code] or ""), row[name] or "", "") for code, name in above if code and name and row[code]]
                kind = fold(row[heading["level"]] or "") if heading["level"] else ""
                level = levels[1] if len(path) == 1 and kind in _MIDDLE_KINDS and len(levels) > 2 else ""
                yield rows.line_num, [*path, (nfc(row[heading["code"]] or ""), row[heading["name"]] or "", level)]
        except (csv.Error, UnicodeDecodeError) as error:
            raise CampaignError([f"{file}: not CSV in UTF-8 ({error}). Save it so"]) from None


def _by_parent(
    file: Path, rows: csv.DictReader, heading: dict[str, str], levels: list[str], known: dict[str, str]
) -> Iterator[tuple[int, Path_]]:
    """Rows that name their parent: the path is looked up. Of several lines of one unit the one that is not closed counts."""
    named: dict[str, tuple[int, dict[str, str]]] = {}
    for row in rows:
        if not row.get("closed_on"):
            named[nfc(row[heading["code"]] or "")] = (rows.line_num, row)
    paths: list[tuple[int, Path_]] = []
    seen: defaultdict[int, Counter[str]] = defaultdict(Counter)  # depth in the list: levels of the known units there
    for code, (line, _) in named.items():
        path: Path_ = []
        above: str | None = code
        while above:
            if above not in named:
                raise CampaignError([f"{file}:{line}: found parent '{above}', which is no unit of the list. Add it, or mend the code"])
            if len(path) > len(levels):
                raise CampaignError([f"{file}:{line}: '{code}' has more units above it than there are levels, or is above itself"])
            found = named[above][1]
            level = (found[heading["level"]] if heading["level"] else "") or ""
            path.insert(0, (above, found[heading["name"]] or "", level))
            above = nfc(found[heading["parent"]] or "")
        paths.append((line, path))
        if known.get(code) in levels:
            seen[len(path)][known[code]] += 1
    at = {depth: seen[depth].most_common(1)[0][0] if depth in seen else level for depth, level in enumerate(levels, 1)}
    for line, path in paths:
        yield line, [(c, n, level if level in levels else at[min(i, len(levels))]) for i, (c, n, level) in enumerate(path, 1)]


def _json_paths(file: Path, levels: list[str]) -> Iterator[tuple[int, Path_]]:
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise CampaignError([f"{file}: cannot be read as JSON ({error}). Give a list of units"]) from None
    yield from _walk(data, [], _depth(data), levels)


def _walk(nodes: Any, above: Path_, deepest: int, levels: list[str]) -> Iterator[tuple[int, Path_]]:
    for node in nodes if isinstance(nodes, list) else []:
        if not isinstance(node, dict) or "code" not in node:
            continue
        level = _level(levels, len(above) + 1, deepest)
        code = node["code"] if isinstance(node["code"], str) else str(node["code"]).zfill(_WIDTHS.get(level, 0))
        path = [*above, (code, str(node.get("name", "")), level)]
        yield 1, path
        for children in node.values():
            if isinstance(children, list):
                yield from _walk(children, path, deepest, levels)


def _depth(nodes: Any) -> int:
    inner = [_depth(value) for node in nodes if isinstance(node, dict) for value in node.values() if isinstance(value, list)]
    return 1 + max(inner, default=0) if isinstance(nodes, list) and any(isinstance(node, dict) for node in nodes) else 0


def _first(folded: dict[str, str], names: tuple[str, ...]) -> str:
    return next((folded[name] for name in names if name in folded), "")
