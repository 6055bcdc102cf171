"""Numbers and dates as SQL: one pass over the distinct texts of a batch."""

from __future__ import annotations

import re

from loaders.opened import MACHINE

WHITE = " \t\r\n\u00a0\u2007\u2009\u200a\u202f\u3000\ufeff\u200b"
_WIDE = "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff0e\uff0c\uff0b\uff0d\u2212\u00a0\u2007\u2009\u202f\u3000"
_PLAIN = "0123456789.,+--     "
GROUP = {"vi": ".", "en": ","}
POINT = {"vi": ",", "en": "."}


def sql_text(text: str) -> str:
    """A SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def trimmed(column: str) -> str:
    """SQL: the text without outer white space of any kind (no-break spaces and marks of byte order among it)."""
    return f"trim({column}, {sql_text(WHITE)})"


def shown(column: str) -> str:
    """SQL: the text as the sender sees it, without the mark of a typed value."""
    return f"ltrim({column}, {sql_text(MACHINE)})"


def number(column: str, form: str) -> str:
    """SQL: DOUBLE of a text in one form (vi: 1.167.685 and 38,49; en: 1,167,685 and 38.49), null where it is not exactly that.

    Groups have three digits and one separator (dot or comma by form, or a space); no exponents, no percentages. Text in
    machine form is a number whatever the form.
    """
    group, point = GROUP[form], POINT[form]
    text = f"translate({trimmed(column)}, {sql_text(_WIDE)}, {sql_text(_PLAIN)})"
    plain = rf"[+-]?[0-9]+(\{point}[0-9]+)?"
    grouped = rf"[+-]?[1-9][0-9]{{0,2}}((\{group}[0-9]{{3}})+|( [0-9]{{3}})+)(\{point}[0-9]+)?"
    bare = f"replace(replace(replace({text}, ' ', ''), '{group}', ''), '{point}', '.')"
    value = f"""case
        when starts_with({column}, {sql_text(MACHINE)}) then try_cast({column}[2:] as double)
        when regexp_full_match({text}, '{plain}|{grouped}') then try_cast({bare} as double) end"""
    return f"(select case when isfinite(v) then v end from (select {value} as v))"


def moment(column: str, formats: list[str], zone: str) -> str:
    """SQL: wall-clock TIMESTAMP of a text in one of the formats, null where none fits; an offset in the text moves it to `zone`.

    Formats are those of strptime; typed dates come in machine form. A format with %z is read like one without.
    """
    listed = _list(formats)
    without = _list([re.sub(r"\s*(%z|%Z|Z)$", "", f) for f in formats])
    text = trimmed(column)
    offset = r"[0-9]\s*(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})$"
    mark = f"case when regexp_matches({text}, ':[0-9]{{2}}') then regexp_extract({text}, '{offset}', 1) else '' end"
    bare = f"rtrim(left({text}, len({text}) - len({mark})))"
    sign = f"case when {mark}[1] = '-' then -1 else 1 end"
    minutes = f"case when {mark} in ('', 'Z', 'UTC', 'GMT') then 0 else ({mark}[2:3]::int * 60 + right({mark}, 2)::int) * {sign} end"
    parsed = f"try_strptime({bare}, {without})"
    return f"""case
        when starts_with({column}, {sql_text(MACHINE)}) then try_cast({column}[2:] as timestamp)
        when {mark} = '' then try_strptime({text}, {listed})
        else timezone({sql_text(zone)}, timezone('UTC', {parsed} - to_minutes({minutes}))) end"""


def _list(texts: list[str]) -> str:
    return "[" + ", ".join(sql_text(text) for text in texts) + "]"
