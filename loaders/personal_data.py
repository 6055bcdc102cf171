"""Personal data where only counts belong: found in any cell, hidden before anything is written.

What is hidden: citizen numbers (Viet Nam's 12 digits: province 001-096, century and sex, year of birth, six digits; the 9 digits of
the old identity card; printed in groups too), 12-digit and 16-digit numbers of other registers, health insurance cards, mobile
numbers (0..., 84..., +84..., with dots or blanks) and e-mail addresses. Nothing of them is kept but their length.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import duckdb

from loaders.marks import add_from
from loaders.opened import MACHINE, Opened
from loaders.parsing import shown, sql_text
from tiendo.campaign import Source
from tiendo.text import fold

RULE, RULE_IN_NAME = "personal_data", "personal_data_in_name"
HIDDEN = "•••"  # no text of ours has it, so that what was hidden is seen again

_PROVINCE = "(?:00[1-9]|0[1-8][0-9]|09[0-6])"
CITIZEN = (
    rf"\b{_PROVINCE}[0-3][0-9]{{8}}\b"
    rf"|\b{_PROVINCE}[ .\-][0-3][0-9]{{2}}[ .\-][0-9]{{3}}[ .\-]?[0-9]{{3}}\b"
    rf"|\b{_PROVINCE}[0-3][ .\-][0-9]{{4}}[ .\-][0-9]{{4}}\b"
)
CARD = r"\b[0-9]{4}[ \-][0-9]{4}[ \-][0-9]{4}(?:[ \-][0-9]{4})?\b|\b[A-Z]{2}[0-9]{13}\b|\b[1-9][0-9]{15}\b"
PHONE = (
    r"\b(?:0|84)[35789][0-9]{8}\b|\+84[ .\-]?(?:\(0\)[ .\-]?|0)?[35789](?:[ .\-]?[0-9]){8}\b"
    r"|\b0[35789][0-9]{2}[ .\-][0-9]{3}[ .\-]?[0-9]{3}\b|\b0[35789][0-9][ .\-][0-9]{3}[ .\-]?[0-9]{4}\b"
)
EMAIL = r"[A-Za-z0-9][A-Za-z0-9._%+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
_TWELVE = r"\b[1-9][0-9]{11}\b"
_MOMENT = r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9]"  # 202306131700 is a time
_OLD_CARD = r"\b0[1-9][0-9]{7}\b"
_NAMED = r"(?:cmnd|cmtnd|cmt|cccd|c[ăa]n c[ướu]+c|[đd][ịi]nh danh|ch[ứu]ng minh|aadhaar|gttt)[^0-9\n]{0,14}[0-9]{9}"
_DECIMAL = r"[+\-]?(?:0|[1-9][0-9]*)[.,][0-9]+(?:[eE][+\-]?[0-9]+)?"
_HINTS = re.compile(r"\b(cmnd|cmtnd|cmt|cccd|can cuoc|chung minh|dinh danh|giay to tuy than|gttt|aadhaar|identity|passport|ho chieu)\b")

# what is looked at more closely: at least nine digits in a row, a number in groups that begins with 0 or +84, an @ with a name after it
_SUSPECT = r"[0-9]{9}|\b0[0-9]{2,3}[ .\-][0-9]{3,4}[ .\-]?[0-9]{3,4}|\+84|@[A-Za-z0-9\-]+\.|\b[0-9]{4}[ \-][0-9]{4}[ \-][0-9]{4}"
_HIDE = ((EMAIL, f"{HIDDEN}@{HIDDEN}"), (CITIZEN, "•" * 12), (CARD, "•" * 12), (PHONE, "•" * 10), (r"[0-9]{9,}", "•" * 9))
_IN_TEXT = [(re.compile(pattern, re.ASCII), instead) for pattern, instead in _HIDE[:4]]
_TWELVE_IN_TEXT = re.compile(rf"(?<![0-9A-Za-z.,])(?!{_MOMENT})[1-9][0-9]{{11}}(?![0-9A-Za-z])")


@lru_cache(maxsize=100_000)
def hidden(text: str) -> str:
    """A text of any kind (file name, heading, what a library says) with its personal data hidden."""
    for pattern, instead in _IN_TEXT:
        text = pattern.sub(instead, text)
    return _TWELVE_IN_TEXT.sub("•" * 12, text)


def is_personal(text: str) -> bool:
    """Whether a text holds anything that `hidden` hides."""
    return hidden(text) != text


def in_bytes(path: Path) -> bool:
    """Whether the text of a file that no reader could read holds personal data, as far as its bytes show."""
    rest = ""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            piece = rest + chunk.replace(b"\x00", b"").decode("latin-1")
            if any(pattern.search(piece) for pattern, _ in _IN_TEXT):
                return True
            rest = piece[-100:]
    return False


def has_citizen_number(text: str) -> bool:
    """Whether a text outside the table holds a citizen's number; the office's own telephone and address may stand there."""
    return re.search(f"{CITIZEN}|{CARD}", text, re.ASCII) is not None or re.search(_NAMED, text, re.IGNORECASE) is not None


def screen(con: duckdb.DuckDBPyConnection, opened: Opened, source: Source, known_codes: list[str]) -> None:
    """Hide personal data in the rows of `fresh` and put a mark on each such cell. One regular expression goes over all text;
    only cells that it finds are looked at further. `known_codes`: codes of units, which are nobody's number."""
    con.execute(
        f"""create or replace temp table suspects as select file_no, row_number, fields, fault from fresh
        where regexp_matches(coalesce(fault, array_to_string(fields, chr(10))), {sql_text(_SUSPECT)})"""
    )
    if con.execute("select count(*) from suspects").fetchone() == (0,):
        return
    con.execute("create or replace temp table uses (place bigint, use varchar, is_hinted boolean)")
    con.executemany("insert into uses values (?, ?, ?)", _uses(opened, source))
    con.execute("create or replace temp table known_codes as select unnest(?::varchar[]) as code", [known_codes])
    con.execute(
        f"""create or replace temp table suspect_cells as
        select s.*, u.use, u.is_hinted, {shown("cell")} as text from (
            select file_no, row_number, unnest(fields) as cell, generate_subscripts(fields, 1) as place from suspects where fault is null
            union all select file_no, row_number, fault, 0 from suspects where fault is not null
        ) s left join uses u using (place) where regexp_matches(cell, {sql_text(_SUSPECT)})"""
    )
    if con.execute("select count(*) from suspect_cells where use = 'figure'").fetchone() != (0,):
        _scales(con, [place for place, use, _ in _uses(opened, source) if use == "figure"])
    else:
        con.execute("create or replace temp table scales (place bigint, middle double)")
    con.execute(
        f"""create or replace temp table personal as
        select c.file_no, c.row_number, c.place, case when c.place = 0 then '{HIDDEN}' else {_hidden_sql("text")} end as masked
        from suspect_cells c left join scales m using (place)
        where ({_is_personal(source)}) and (c.use is distinct from 'code' or text not in (from known_codes))"""
    )
    con.execute(
        """update fresh set fields = m.fields from (
            select s.file_no, s.row_number, list(coalesce(p.masked, s.cell) order by s.place) as fields
            from (select file_no, row_number, unnest(fields) as cell, generate_subscripts(fields, 1) as place from suspects
                where fault is null) s
            left join personal p using (file_no, row_number, place)
            where (s.file_no, s.row_number) in (select (file_no, row_number) from personal)
            group by s.file_no, s.row_number
        ) m where fresh.file_no = m.file_no and fresh.row_number = m.row_number"""
    )
    con.execute(
        """update fresh set fault = p.masked from personal p
        where p.place = 0 and fresh.file_no = p.file_no and fresh.row_number = p.row_number"""
    )
    add_from(con, opened, f"select file_no, row_number, place, '{RULE}' as mark, masked as raw_text from personal")


def _uses(opened: Opened, source: Source) -> list[tuple[int, str, bool]]:
    """What every column serves: figure, code (of a unit, or part of a row's key), time, sender or text."""
    kinds = {"unit": "text", "figure": "figure", "value": "figure", "as_of": "time", "received": "time", "sender": "sender", "key": "code"}
    uses = dict.fromkeys(range(len(opened.headings)), "text")
    for use, column in opened.columns.items():
        kind = "code" if use.startswith("unit.code") else kinds.get(use.split(".")[0], "text")
        if uses.get(column, "text") == "text":
            uses[column] = kind
    return [(n + 1, use, bool(_HINTS.search(fold(opened.headings[n])))) for n, use in uses.items()]


def _scales(con: duckdb.DuckDBPyConnection, places: list[int]) -> None:
    """The middle of what a column of counts holds below 10^9: a number far above it may be somebody's."""
    parts = [
        f"select {n} as place, median(v) as middle from (select try_cast({shown(f'fields[{n}]')} as double) as v from fresh) where v < 1e9"
        for n in places
    ]
    con.execute("create or replace temp table scales as " + " union all ".join(parts))


def _is_personal(source: Source) -> str:
    """SQL: whether a suspect cell (text, use, is_hinted, and the middle of its column) holds personal data."""

    def has(pattern: str) -> str:
        return f"regexp_matches(text, {sql_text(pattern)})"

    def whole(pattern: str) -> str:
        return f"regexp_full_match(text, {sql_text(pattern)})"

    forms = "[" + ", ".join(sql_text(form) for form in source.dates) + "]"
    # what a spreadsheet makes of a citizen's number or a telephone number typed as a number: the zeros at the front are gone
    whole_number = "regexp_replace(text, '[.]0+$', '')"
    lost_zeros = f"regexp_full_match(lpad({whole_number}, 12, '0'), {sql_text(f'{_PROVINCE}[0-3][0-9]{{8}}')})"
    is_typed = whole("[1-9][0-9]{9,10}([.]0+)?")
    typed = f"({is_typed} and ({lost_zeros} or regexp_full_match({whole_number}, '84[35789][0-9]{{8}}')))"
    figure = f"({whole('[1-9][0-9]{11}([.]0+)?')} or {typed}) and coalesce(middle, 0) < 1e6"
    is_time = has(rf"\b{_MOMENT}\b")
    twelve = f"({has(_TWELVE)} and not {is_time} and (is_hinted or not {whole('[0-9]*000')}))"
    is_named = has(f"(?i){_NAMED}")
    old_card = whole("[0-9]{9}|[0-9]{12}")
    return f"""case
        when use = 'figure' then {has(CITIZEN)} or {has(PHONE)} or {has(EMAIL)} or {has(CARD)} or {figure}
        when {whole(_DECIMAL)} then false
        when use = 'time' then try_strptime(text, {forms}) is null and ({has(CITIZEN)} or {has(PHONE)} or {has(EMAIL)})
        when use = 'sender' then {has(CITIZEN)} or {has(CARD)} or {twelve} or {is_named}
        when use = 'code' then {has(CITIZEN)} or {has(PHONE)} or {has(EMAIL)}
        else {has(CITIZEN)} or {has(PHONE)} or {has(EMAIL)} or {has(CARD)} or {twelve} or {has(_OLD_CARD)} or {is_named}
            or (is_hinted and ({old_card} or {typed}))
        end"""


def _hidden_sql(text: str) -> str:
    for pattern, instead in _HIDE:
        text = f"regexp_replace({text}, {sql_text(pattern)}, {sql_text(instead)}, 'g')"
    return text


def hide_headings(opened: Opened) -> tuple[tuple[str, ...], str | None]:
    """Headings and the sheet's name as they may be shown."""
    return tuple(hidden(name) for name in opened.headings), hidden(opened.sheet) if opened.sheet else opened.sheet


__all__ = ["HIDDEN", "MACHINE", "RULE", "RULE_IN_NAME", "has_citizen_number", "hidden", "hide_headings", "is_personal", "screen"]
