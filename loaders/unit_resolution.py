"""Which unit a row is of: by code, by the path of names, or by alias. Works on distinct labels, never on rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from loaders.names import TOTAL_WORDS, folded, forms, marked, sought
from tiendo.campaign import Campaign, Source
from tiendo.text import nfc

MAX_SUGGESTED_FOR = 2000  # distinct unknown labels of a batch that get suggestions


@dataclass(frozen=True)
class Label:
    """What a row says of its unit. `codes` and `names` are (level, text) from the top down, '' where the cell is empty."""

    whole: str  # unit of the whole file, '' where each row names its own
    code: str
    codes: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()

    @property
    def raw(self) -> str:
        """The label as shown to people."""
        path = " / ".join(text for _, text in self.names if text)
        code = self.code or next((text for _, text in reversed(self.codes) if text), "")
        return f"{code} {path}".strip() if code and path and self.code else path or code or self.whole

    @property
    def is_total(self) -> bool:
        """Whether a cell of it says 'total'."""
        return any(folded(text) in TOTAL_WORDS for text in (self.code, *(text for _, text in (*self.codes, *self.names))) if text)


@dataclass(frozen=True)
class Resolved:
    unit_code: str | None
    unit_match: str  # code, name, alias, code_name_conflict, unknown, ambiguous, total_undeclared
    suggestions: str = ""


class UnitIndex:
    """The register in the forms in which labels are looked up."""

    def __init__(self, campaign: Campaign, units: pd.DataFrame, aliases: list[dict[str, str]]) -> None:
        self.depth = {level: n for n, level in enumerate(campaign.level_ids)}
        columns = ("unit_code", "unit_name", "level", "parent_code")
        self.units = {row[0]: row for row in zip(*(units[name] for name in columns), strict=True)}
        self.children: dict[str, list[str]] = defaultdict(list)
        self.at_level: dict[str, list[str]] = defaultdict(list)
        self.short_codes: dict[str, list[str]] = defaultdict(list)
        for code, _, level, parent in self.units.values():
            self.children[parent or ""].append(code)
            self.at_level[level].append(code)
            self.short_codes[code.lstrip("0")].append(code)
        self.aliases: dict[str, list[dict[str, str]]] = defaultdict(list)
        for alias in aliases:
            self.aliases[folded(alias["alias"])].append(alias)
        self._pools: dict[tuple[str, frozenset[str] | None], dict[int, dict[str, set[str]]]] = {}
        self._below: dict[tuple[str, str], list[str]] = {}
        self.suggested = 0

    def resolve(self, label: Label, source: Source) -> Resolved:
        """The unit of one label."""
        level = source.unit.level or (max(source.unit.names, key=self.depth.__getitem__) if source.unit.names else None)
        code = label.code or next((text for at, text in reversed(label.codes) if at == level), "")
        has_columns = bool(code or any(text for _, text in label.names))
        if label.whole and not has_columns:
            return self._whole(label, level)
        scope = {unit for unit in [self._code(label.whole, None)[0]] if unit} if label.whole else None
        if scope and level and self.depth[self.units[next(iter(scope))][2]] >= self.depth[level]:
            scope = None  # a unit at the rows' own level is no parent of theirs
        if code:
            return self._by_code(label, code, level if source.unit.level else None, scope)
        found, match, lost, pool = self._by_path(label, scope, level)
        if len(found) == 1:
            return Resolved(next(iter(found)), match)
        if label.is_total:
            return Resolved(None, "total_undeclared")
        if found:
            return Resolved(None, "ambiguous", self._listed(sorted(found)[:3]))
        return Resolved(None, "unknown", self._suggest(lost, pool))

    def _whole(self, label: Label, level: str | None) -> Resolved:
        code, match = self._code(label.whole, None)
        if code:
            return Resolved(code, match)
        levels = [level] if level else sorted(self.at_level, key=self.depth.__getitem__, reverse=True)
        for at in levels:
            found, how = self._name(label.whole, at, None)
            if found:
                return Resolved(next(iter(found)), how) if len(found) == 1 else Resolved(None, "ambiguous", self._listed(sorted(found)[:3]))
        return Resolved(None, "unknown", self._suggest(label.whole, self.units))

    def _by_code(self, label: Label, text: str, level: str | None, scope: set[str] | None) -> Resolved:
        code, match = self._code(text, level)
        named = any(name for _, name in label.names)
        found = self._by_path(label, scope, None)[0] if named else set()
        if code is None:
            if label.is_total:
                return Resolved(None, "total_undeclared")
            if match == "ambiguous":
                return Resolved(None, "ambiguous", self._listed(sorted(self.short_codes[text.lstrip("0")])[:3]))
            return Resolved(None, "unknown", self._listed(sorted(found)[:3]) or self._near_codes(text))
        if found and code not in found and len(found) == 1:
            return Resolved(code, "code_name_conflict", self._listed(sorted(found)))
        return Resolved(code, match)

    def _code(self, text: str, level: str | None) -> tuple[str | None, str]:
        """A unit by its code. Zeros that a spreadsheet dropped at the front are put back if only one unit can be meant."""
        code = nfc(text)
        if code in self.units:
            return code, "code"
        alias = {a["unit_code"] for a in self.aliases.get(folded(code), []) if a["unit_code"] in self.units}
        if len(alias) == 1:
            return alias.pop(), "alias"
        if code.isdigit():
            longer = [
                c for c in self.short_codes.get(code.lstrip("0"), []) if len(c) > len(code) and (not level or self.units[c][2] == level)
            ]
            if len(longer) == 1:
                return longer[0], "code"
            return None, "ambiguous" if longer else "unknown"
        return None, "unknown"

    def _by_path(self, label: Label, scope: set[str] | None, target: str | None) -> tuple[set[str], str, str, list[str]]:
        """Candidates of a path of names, each level looked up below the one above; how they matched; the name not found and
        where it was looked for.

        An empty cell above leaves the scope as it is. An empty cell at the level of the rows names no unit.
        """
        match, found = "name", set[str]()
        names = sorted(label.names, key=lambda part: self.depth.get(part[0], 0))
        if target is not None and not dict(names).get(target):
            return set(), "name", "", []
        for level, text in names:
            if target is not None and self.depth[level] > self.depth[target]:
                continue
            if not text:
                continue
            found, how = self._name(text, level, scope)
            if how == "alias":
                match = "alias"
            if not found:
                return set(), match, text, self._pool(level, scope)
            scope = found
        return found, match, "", []

    def _name(self, text: str, level: str, scope: set[str] | None) -> tuple[set[str], str]:
        """Units of a level, below a scope, that a name can mean: those of the first stage that finds any."""
        keys = sought(text)
        stages = self._stages(level, scope)
        for stage, alternatives in enumerate(keys):
            if stage == 4 and (found := self.by_alias(text, level, scope)):
                return found, "alias"
            for key in alternatives:
                if key and (found := stages[stage].get(key, set())):
                    return set(found), "name"
        return set(), "name"

    def by_name(self, text: str, level: str, scope: set[str] | None) -> set[str]:
        """Units of a level, below a scope, that a name can mean."""
        return self._name(text, level, scope)[0]

    def by_alias(self, text: str, level: str, scope: set[str] | None) -> set[str]:
        """Units of a level, below a scope, of which the text is an alias."""
        pool = None if scope is None else set(self._pool(level, scope))
        found, exact = set(), set()
        for alias in self.aliases.get(folded(text), []):
            unit = self.units.get(alias["unit_code"])
            if unit is None or unit[2] != level or (alias["level"] and alias["level"] != level):
                continue
            if alias["parent_code"] and alias["parent_code"] != unit[3]:
                continue
            if pool is None or unit[0] in pool:
                found.add(unit[0])
                if marked(alias["alias"]) == marked(text):
                    exact.add(unit[0])
        return exact or found

    def _pool(self, level: str, scope: set[str] | None) -> list[str]:
        if scope is None:
            return self.at_level[level]
        return [code for parent in sorted(scope) for code in self._descendants(parent, level)]

    def _descendants(self, parent: str, level: str) -> list[str]:
        if (parent, level) not in self._below:
            found: list[str] = []
            open_ = list(self.children.get(parent, []))
            while open_:
                code = open_.pop()
                if self.units[code][2] == level:
                    found.append(code)
                else:
                    open_ += self.children.get(code, [])
            self._below[parent, level] = found
        return self._below[parent, level]

    def _stages(self, level: str, scope: set[str] | None) -> dict[int, dict[str, set[str]]]:
        at = (level, None if scope is None else frozenset(scope))
        if at not in self._pools:
            stages: dict[int, dict[str, set[str]]] = {n: defaultdict(set) for n in range(7)}
            for code in self._pool(level, scope):
                for n, key in enumerate(forms(self.units[code][1])):
                    stages[n][key].add(code)
            self._pools[at] = stages
        return self._pools[at]

    def _suggest(self, text: str, pool: Iterable[str]) -> str:
        """Up to three nearest names where a name was looked for."""
        self.suggested += 1
        if not text or not pool or self.suggested > MAX_SUGGESTED_FOR:
            return ""
        names = {code: forms(self.units[code][1])[6] for code in pool}
        best = process.extract(forms(text)[6], names, scorer=fuzz.ratio, limit=3, score_cutoff=50)
        return self._listed([code for _, _, code in best])

    def _near_codes(self, text: str) -> str:
        self.suggested += 1
        if self.suggested > MAX_SUGGESTED_FOR:
            return ""
        codes = {code: code for code in self.units}
        # swapped digits are one slip of the hand, so 380 is nearer to 308 than to 303
        best = process.extract(text, codes, scorer=DamerauLevenshtein.normalized_similarity, limit=3, score_cutoff=0.6)
        return self._listed([code for _, _, code in best])

    def _listed(self, codes: Iterable[str]) -> str:
        return ", ".join(f"{self.units[code][1]} ({code})" for code in codes)
