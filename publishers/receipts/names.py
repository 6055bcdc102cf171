"""What a form is to be called: a name from which its source reads what it wants there (day, unit, slot, sender, time)."""

from __future__ import annotations

import fnmatch
import importlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from typing import Any

from tiendo.source import Source
from tiendo.text import fold, slug

# The forms of a time that readers know in a name beside the source's own (loaders/rows.py).
_TIMES = ("%Y%m%d", "%Y-%m-%d", "%d-%m-%Y", "%Y%m%d%H%M", "%Y%m%dT%H%M%S", "%Y-%m-%dT%H:%M:%S")
_ENDING = ".xlsx"


@dataclass(frozen=True)
class Told:
    """What a name may have to say. `at`: the cutoff of the slot, else the start of the day, on the campaign's clock; `now`: ours."""

    at: datetime
    now: datetime
    unit_code: str
    unit_name: str
    slot: str
    senders: Sequence[str]  # who may report, the first one first

    @property
    def day(self) -> date:
        return self.at.date()


def name_of(source: Source, told: Told) -> str:
    """A name of a workbook that the source takes and reads rightly; '' where none can be made up."""
    tried = [*_plain(source, told), *_by_pattern(source, told)]
    return next((name for name in tried if name.endswith(_ENDING) and is_right(source, name, told)), "")


def is_right(source: Source, name: str, told: Told) -> bool:
    """Whether the source takes a file of that name, and reads from it what is told (all of it that its pattern names)."""
    if not any(fnmatch.fnmatchcase(name, pattern.strip().rsplit("/", 1)[-1]) for pattern in source.members.split("|")):
        return False
    last = source.path.rsplit("/", 1)[-1]
    if any(c in last for c in "*?[") and not fnmatch.fnmatchcase(name, last):
        return False
    if not source.file_name:
        return True
    found = re.search(source.file_name, name)
    if found is None:
        return False
    says = {group: text for group, text in found.groupdict().items() if text}
    return (
        ("as_of" not in says or told.day in _days(source, says["as_of"]))
        and says.get("unit", told.unit_code) == told.unit_code
        and (not told.slot or says.get("slot", told.slot) == told.slot)
        and (not told.senders or fold(says.get("sender", told.senders[0])) in {fold(sender) for sender in told.senders})
    )


def _days(source: Source, text: str) -> list[date]:
    found = []
    for form in (*source.dates, *_TIMES):
        try:
            found.append(datetime.strptime(text, form).date())
        except ValueError:
            continue
    return found[:1]  # readers take the first form that fits


def _plain(source: Source, told: Told) -> Iterator[str]:
    """Day, slot, unit and its name, joined by _ or -: what people can read."""
    unit = told.unit_code if re.fullmatch(r"[\w.-]+", told.unit_code) else slug(told.unit_code)
    for form in ("%Y%m%d", "%Y-%m-%d", "%d-%m-%Y", *(form for form in source.dates if "/" not in form)):
        for slots, names in product([[told.slot], []] if told.slot else [[]], [[slug(told.unit_name)], []]):
            parts = [told.at.strftime(form), *slots, unit, *names]
            for order, separator in product((parts, [unit, *(part for part in parts if part != unit)]), "_-"):
                yield separator.join(order) + _ENDING


def _by_pattern(source: Source, told: Told) -> Iterator[str]:
    """The source's pattern written out, with what is told in its named groups and the shortest text that fits everywhere else."""
    if not source.file_name:
        return
    # re's own parser is the only one that reads a pattern as re does; it has stood under this name since Python 3.11
    tree = importlib.import_module("re._parser").parse(source.file_name)
    named = {number: name for name, number in re.compile(source.file_name).groupindex.items()}
    senders = [
        form
        for sender in told.senders or (told.unit_code, told.unit_name)
        for form in (sender, slug(sender), slug(sender).replace("-", "_"))
    ]
    values: dict[str, list[str]] = {
        "as_of": [told.at.strftime(form) for form in (*source.dates, *_TIMES)],
        "received": [told.now.strftime(form) for form in ([source.received.format] if source.received.format else _TIMES)],
        "sender": list(dict.fromkeys(senders))[:6],
        "unit": [told.unit_code],
        "slot": [told.slot],
    }
    wanted = [name for name in values if name in named.values()]
    for given in product(*(values[name] for name in wanted)):
        said = dict(zip(wanted, given, strict=True))
        for is_full in (False, True):
            name = _written(tree, {number: said.get(group, "x") for number, group in named.items()}, is_full)
            yield name
            if not name.endswith(_ENDING):
                yield name + _ENDING


def _written(nodes: Any, groups: dict[int, str], is_full: bool) -> str:
    """A text that the parsed pattern matches; `is_full` takes what is optional, too. What cannot be written is left out: the text is
    matched against the pattern afterwards."""
    text = ""
    for kind, said in nodes:
        match str(kind):
            case "LITERAL":
                text += chr(said)
            case "ANY":
                text += "x"
            case "IN":
                text += next((c for c in "0xX_-. " if _is_in(c, said)), "")
            case "SUBPATTERN":
                text += groups[said[0]] if said[0] in groups else _written(said[3], groups, is_full)
            case "MAX_REPEAT" | "MIN_REPEAT":
                text += _written(said[2], groups, is_full) * max(said[0], int(is_full and said[1] > 0))
            case "BRANCH":
                branches = [_written(branch, groups, is_full) for branch in said[1]]
                text += next((branch for branch in branches if "xlsx" in branch), branches[0])
    return text


def _is_in(char: str, said: Any) -> bool:
    """Whether a character is in a set of a parsed pattern."""
    is_not = str(said[0][0]) == "NEGATE"
    inside = False
    for kind, what in said:
        match str(kind):
            case "LITERAL":
                inside |= ord(char) == what
            case "RANGE":
                inside |= what[0] <= ord(char) <= what[1]
            case "CATEGORY":
                letter = {"CATEGORY_DIGIT": r"\d", "CATEGORY_WORD": r"\w", "CATEGORY_SPACE": r"\s"}.get(str(what))
                inside |= letter is not None and re.match(letter, char) is not None
    return inside != is_not
