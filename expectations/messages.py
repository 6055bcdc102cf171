"""Messages of findings: templates turned into SQL, so that a million findings are worded without a loop."""

from __future__ import annotations

from string import Formatter

PLACEHOLDERS = frozenset(
    {
        "unit", "indicator", "whole", "value", "previous", "expected", "raw", "column", "row", "slot", "cutoff", "suggestions",
        "file", "minutes", "other", "score", "reason", "note",
    }
)  # fmt: skip
NUMBERS = ("value", "previous", "expected", "minutes", "score")

# Vietnamese writes 1.167.685 and 38,49; English 1,167,685 and 38.49. At most six decimals are shown.
MACROS = """
CREATE OR REPLACE TEMP MACRO number_en(x) AS CASE
    WHEN x IS NULL THEN NULL
    WHEN abs(x) < 1e15 AND x = floor(x) THEN format('{:,}', CAST(x AS BIGINT))
    WHEN abs(x) < 1e15 THEN rtrim(format('{:,.6f}', x), '0') ELSE CAST(x AS VARCHAR) END;
CREATE OR REPLACE TEMP MACRO number_vi(x) AS translate(number_en(x), ',.', '.,');
CREATE OR REPLACE TEMP MACRO shown(raw) AS CASE
    WHEN length(ltrim(raw, chr(31))) > 80 THEN left(ltrim(raw, chr(31)), 79) || '…' ELSE ltrim(raw, chr(31)) END;
"""


def placeholders_in(template: str) -> list[str]:
    """Names in braces, in order; raises ValueError for one that no finding can fill."""
    names = [name for _, name, spec, conversion in Formatter().parse(template) if name is not None]
    unknown = sorted(set(names) - PLACEHOLDERS)
    if unknown:
        raise ValueError(f"unknown placeholder {', '.join(unknown)}; known: {', '.join(sorted(PLACEHOLDERS))}")
    return names


def rendered(template: str, language: str) -> str:
    """SQL that gives the message in `language` (vi, en), over columns named `show_<placeholder>`.

    Parts are joined, not replaced one after the other: a sender's text that contains '{unit}' stays as it is.
    """
    parts = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            parts.append(_quoted(literal))
        if name is not None:
            parts.append(f"coalesce({_placeholder(name, language)}, '–')")
    return f"concat({', '.join(parts)})"


def _placeholder(name: str, language: str) -> str:
    if name in NUMBERS:
        return f"number_{language}(show_{name})"
    if name == "reason":
        return f"shown(show_reason_{language})"
    if name in ("indicator", "whole", "slot", "cutoff"):
        return f"show_{name}_{language}"
    if name in ("row", "other"):
        return f"CAST(show_{name} AS VARCHAR)"
    if name in ("raw", "suggestions"):
        return f"nullif(shown(show_{name}), '')"
    return f"show_{name}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
