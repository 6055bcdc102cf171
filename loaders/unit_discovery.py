"""Units that a source's own columns show and the register does not have yet (`units: {discover: true}`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import pandas as pd

from loaders.names import TOTAL_WORDS, folded, marked
from loaders.unit_resolution import Label, Resolved, UnitIndex
from tiendo.campaign import Campaign
from tiendo.lake import digest
from tiendo.text import nfc, slug
from tiendo.units import kind_of

UNIT_COLUMNS = ("unit_code", "unit_name", "level", "parent_code", "kind")


@dataclass
class _Walk:
    """A label on its way down the levels; `parent` is the unit reached so far."""

    label: Label
    rows: int
    path: list[tuple[str, str, str]]  # level, code, name
    parent: str | None
    match: str = "name"
    done: Resolved | None = None


@dataclass
class _Known:
    """Units by code, and by (parent, level, folded name); grows as units are found."""

    units: dict[str, tuple[str, str, str | None]] = field(default_factory=dict)  # code -> name, level, parent
    named: dict[tuple[str | None, str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, code: str, name: str, level: str, parent: str | None) -> None:
        self.units[code] = (name, level, parent)
        self.named[parent, level, folded(name)].append(code)


def discover(
    campaign: Campaign, units: pd.DataFrame, index: UnitIndex, labels: list[tuple[Label, int, str | None]]
) -> tuple[dict[Label, Resolved], pd.DataFrame]:
    """The unit of every label that names one by its own columns, and the units that are new.

    `labels` are (label, rows that carry it, level of its code column). Spellings that fold alike under one parent are one unit,
    called by its most frequent spelling; names that differ in their diacritics are two. Homonyms under different parents stay apart.
    """
    known = _Known()
    for code, name, level, parent in zip(units["unit_code"], units["unit_name"], units["level"], units["parent_code"], strict=True):
        known.add(code, name, level, parent)
    before = set(known.units)
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    starts = (_start(campaign, label, rows, level) for label, rows, level in labels)
    walks = [walk for walk in starts if walk is not None]
    listed = set(units.loc[~units["is_discovered"], "unit_code"])
    for level in campaign.level_ids:
        here = [walk for walk in walks if walk.done is None and walk.path and walk.path[0][0] == level]
        steps = [(walk, *walk.path.pop(0)[1:]) for walk in here]
        rest = [(walk, code, name) for walk, code, name in steps if not _in_register(walk, code, name, level, index, listed, known)]
        _by_codes([step for step in rest if step[1]], level, known, spellings)
        _by_names([step for step in rest if not step[1]], level, known, spellings)
        for walk, _, _ in steps:
            if walk.done is None and not walk.path:
                walk.done = Resolved(walk.parent, walk.match)
    new = [
        (code, _best(spellings[code], name), level, parent)
        for code, (name, level, parent) in sorted(known.units.items())
        if code not in before
    ]
    frame = pd.DataFrame([(c, n, at, p, kind_of(campaign, c, n)) for c, n, at, p in new], columns=list(UNIT_COLUMNS))
    return {walk.label: walk.done for walk in walks if walk.done}, frame


def _start(campaign: Campaign, label: Label, rows: int, code_level: str | None) -> _Walk | None:
    """The path of a label; None where the unit is that of the whole file."""
    if label.whole and not label.code and not any(text for _, text in (*label.codes, *label.names)):
        return None
    codes, names = dict(label.codes), dict(label.names)
    if label.code or (code_level and code_level not in names and code_level not in codes):
        codes.setdefault(code_level or campaign.level_ids[-1], label.code)
    path = [(level, codes.get(level, ""), names.get(level, "")) for level in campaign.level_ids if level in codes or level in names]
    walk = _Walk(label, rows, path, None)
    root = campaign.units.root
    if root and path and campaign.level_ids.index(path[0][0]) > campaign.level_ids.index(root.level or campaign.level_ids[0]):
        walk.parent = root.code
    if path and any(folded(text) in TOTAL_WORDS for text in path[-1][1:] if text):
        walk.done = Resolved(None, "total_undeclared")
    elif not path or not all(code or name for _, code, name in path):
        walk.done = Resolved(None, "total_undeclared" if label.is_total else "unknown")
    return walk


def _in_register(walk: _Walk, code: str, name: str, level: str, index: UnitIndex, listed: set[str], known: _Known) -> bool:
    """Follow an alias, or a unit that units.csv lists, where the label means exactly one; say whether it did."""
    if not name:
        return False
    for alias in index.aliases.get(folded(name), []):
        meant, parent = alias["unit_code"], alias["parent_code"]
        below = parent == walk.parent or (not parent and walk.parent is not None and meant == f"{walk.parent}/{meant.rpartition('/')[2]}")
        if meant not in index.units and alias["level"] in ("", level) and below:  # a unit that is still to be discovered
            if meant not in known.units:
                known.add(meant, nfc(name), level, walk.parent)
            walk.parent, walk.match = meant, "alias"
            return True
    if walk.parent is not None and walk.parent not in index.units:
        return False
    scope = {walk.parent} if walk.parent is not None else None
    found = index.by_alias(name, level, scope)
    if len(found) == 1:
        walk.parent, walk.match = next(iter(found)), "alias"
        return True
    if not code and len(listed) > 1:
        found = index.by_name(name, level, scope) & listed
        if len(found) == 1:
            walk.parent, walk.match = next(iter(found)), "name"
            return True
    return False


Step = tuple[_Walk, str, str]


def _by_codes(steps: list[Step], level: str, known: _Known, spellings: dict[str, Counter[str]]) -> None:
    """Units whose level has a column of codes: the code as in the source. One that names units of several levels, or of several
    parents under several names, is told apart by its parent's code."""
    owners: dict[str, Counter[tuple[str | None, str]]] = defaultdict(Counter)
    for walk, code, name in steps:
        owners[code][walk.parent, folded(name) if name else ""] += walk.rows
    for walk, code, name in sorted(steps, key=lambda step: (step[1], step[2])):
        own = known.units.get(code)
        parents, names = {parent for parent, _ in owners[code]}, {text for _, text in owners[code]}
        taken = own is not None and own[1] != level
        homonym = len(parents) > 1 and len(names) > 1
        moved = own is not None and own[1] == level and own[2] != walk.parent and folded(own[0]) != folded(name)
        if taken or (homonym and own is None) or moved:
            code = f"{walk.parent}/{code}" if walk.parent else f"{level}/{code}"
        if code not in known.units:
            known.add(code, nfc(name or code), level, walk.parent)
        spellings[code][nfc(name or code)] += walk.rows
        walk.parent, walk.match = code, "code"


def _by_names(steps: list[Step], level: str, known: _Known, spellings: dict[str, Counter[str]]) -> None:
    groups: dict[tuple[str | None, str], list[Step]] = defaultdict(list)
    for step in steps:
        groups[step[0].parent, folded(step[2])].append(step)
    for (parent, text), group in sorted(groups.items(), key=lambda item: (item[0][0] or "", item[0][1])):
        weights: Counter[str] = Counter()
        for walk, _, name in group:
            weights[marked(name)] += walk.rows
        codes = _codes(parent, level, text, weights, known)
        for walk, _, name in group:
            code = codes.get(marked(name))
            if code is None:
                walk.done = Resolved(
                    None, "ambiguous", ", ".join(f"{known.units[c][0]} ({c})" for c in sorted(set(codes.values()))[:3] if c in known.units)
                )
                continue
            spellings[code][nfc(name)] += walk.rows
            walk.parent, walk.match = code, "name"


def _codes(parent: str | None, level: str, text: str, weights: Counter[str], known: _Known) -> dict[str, str]:
    """Code per spelling (marked form) of one folded name under one parent. Spellings without any diacritics are variants of the
    one that has them; where two have them and differ, they are two units, and a bare spelling means neither."""
    there = {marked(known.units[code][0]): code for code in known.named.get((parent, level, text), [])}
    base = f"{parent}/{_slug(text)}" if parent else _slug(text)
    accented = sorted(
        {form for form in (*there, *weights) if form != _bare(form)}, key=lambda form: (form not in there, -weights[form], form)
    )
    if len(accented) <= 1:
        code = next(iter(there.values()), base)
        if code not in known.units:
            known.add(code, text, level, parent)
        return dict.fromkeys(weights, code)
    codes = dict(there)
    for form in accented:
        if form in codes or form not in weights:
            continue
        code = base if base not in known.units else f"{base}-{digest(form)[:4]}"
        known.add(code, text, level, parent)
        codes[form] = code
    return {form: codes[form] for form in weights if form in codes}


def _bare(form: str) -> str:
    return " ".join(word.partition("'")[0] for word in form.split())


def _slug(text: str) -> str:
    return slug(text) or nfc(text).casefold().replace(" ", "-")


def _best(spellings: Counter[str], otherwise: str) -> str:
    """The most frequent spelling; of equals the first in the alphabet."""
    return min(spellings, key=lambda name: (-spellings[name], name)) if spellings else otherwise
