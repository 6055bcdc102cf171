"""Rows and cells as SQL: from the text columns of one file to the columns that the gate reads."""

from __future__ import annotations

import duckdb

from loaders import personal_data
from loaders.cells import is_nil
from loaders.names import TOTAL_WORDS, folded
from loaders.opened import Opened
from loaders.parsing import moment, shown, sql_text, trimmed
from loaders.unit_resolution import Label
from tiendo.campaign import Campaign, Source
from tiendo.text import nfc

UNIT_SEPARATOR = "\x1e"
NO_WORDS = ("", "0", "0.0", "false", "no", "n", "khong", "không", "-")  # in a column of corrections they mean: none

TABLES = """
    create table picked (
        file_no integer, row_number bigint, label varchar, total_unit varchar, as_of_raw varchar, slot_raw varchar,
        sender varchar, sender_role varchar, correction varchar, received_raw varchar, row_key varchar, row_hash varchar,
        fault_rule varchar, fault_text varchar, first_text varchar, is_nil boolean
    );
    create table cells (file_no integer, row_number bigint, indicator_id varchar, column_name varchar, raw_text varchar);
"""


def pick(con: duckdb.DuckDBPyConnection, opened: Opened, source: Source, campaign: Campaign) -> None:
    """Move the rows of `fresh`, all of one layout, into `picked` and `cells`."""
    columns = opened.columns

    def text(use: str) -> str:
        return f"nullif({trimmed(shown(_field(columns[use])))}, '')" if use in columns else "null"

    def typed(use: str) -> str:
        return f"nullif({trimmed(_field(columns[use]))}, '')" if use in columns else "null"

    keys = [f"coalesce({_field(columns[f'key.{n}'])}, '')" for n in range(len(source.row_key))]
    key = f"md5(concat_ws(chr(31), {', '.join(keys)}))" if keys else "row_hash"
    totals = [
        f"when lower(nfc_normalize({text(f'total.{n}')})) = {sql_text(nfc(row.equals).lower())} then {sql_text(row.unit)}"
        for n, row in enumerate(source.total_rows)
        if f"total.{n}" in columns
    ]
    uses = ["unit.code", *(f"unit.code.{at}" for at in source.unit.codes), *(f"unit.name.{at}" for at in source.unit.names)]
    parts = ", ".join(f"coalesce({text(use)}, '')" for use in uses)
    rule = sql_text(personal_data.RULE)
    is_personal = con.execute(f"select count(*) from marks where mark = {rule}").fetchone() != (0,)
    with_marks = f"left join (select distinct file_no, row_number from marks where mark = {rule}) m using (file_no, row_number)"
    marked = with_marks if is_personal else ""
    label = f"concat_ws({sql_text(UNIT_SEPARATOR)}, {parts})"
    con.execute(
        f"""
        insert into picked
        select file_no, row_number, case when fault is null then {label} end,
            {"case " + " ".join(totals) + " end" if totals else "null"},
            {typed("as_of")}, {text("slot")}, {text("sender")}, {text("sender_role")}, {text("correction")}, {typed("received")},
            {f"case when fault is null then {key} else row_hash end" if source.rows == "summed" else "null"}, row_hash,
            case when fault is not null then 'row_unreadable' {f"when m.row_number is not null then {rule}" if marked else ""} end, fault,
            {trimmed(shown("fields[1]"))}, {is_nil(f"coalesce({text('nil')}, '')", source) if "nil" in columns else "null"}
        from (select *, md5(coalesce(fault, array_to_string(fields, chr(31)))) as row_hash from fresh)
        {marked}
        """
    )
    if source.layout == "long":
        _pick_long(con, opened, source, campaign)
    else:
        for use, column in columns.items():
            if use.startswith("figure."):
                con.execute(
                    f"insert into cells select file_no, row_number, ?, ?, {_field(column)} from fresh where fault is null",
                    [use.removeprefix("figure."), opened.headings[column]],
                )
    con.execute("truncate fresh")


def _field(column: int) -> str:
    return f"fields[{column + 1}]"


def _pick_long(con: duckdb.DuckDBPyConnection, opened: Opened, source: Source, campaign: Campaign) -> None:
    """One cell per row, of the indicator that the row names; rows that name none are faulty."""
    name_field = _field(opened.columns["indicator"])
    con.execute(
        f"""create or replace temp table named as
        select file_no, row_number, {trimmed(shown(name_field))} as name from fresh where fault is null"""
    )
    known = indicator_names(source, campaign)
    found = [(name, known.get(folded(name or ""))) for (name,) in con.execute("select distinct name from named").fetchall()]
    con.execute("create or replace temp table meant (name varchar, indicator_id varchar)")
    con.executemany("insert into meant values (?, ?)", found or [(None, None)])
    con.execute(
        f"""insert into cells
        select file_no, row_number, indicator_id, ?, {_field(opened.columns["value"])}
        from fresh join named using (file_no, row_number) join meant using (name) where indicator_id is not null""",
        [opened.headings[opened.columns["value"]]],
    )
    con.execute(
        """update picked set fault_rule = 'unknown_indicator', fault_text = coalesce(n.name, '')
        from named n left join meant m on n.name = m.name
        where picked.file_no = n.file_no and picked.row_number = n.row_number and m.indicator_id is null"""
    )


def indicator_names(source: Source, campaign: Campaign) -> dict[str, str]:
    """Folded name -> indicator: the declared names and ids; where none are declared also the indicators' own names."""
    names = {folded(indicator.id): indicator.id for indicator in campaign.indicators}
    if not source.indicator_names:
        names |= {folded(text): i.id for i in campaign.indicators for text in (i.name.vi, i.name.en)}
    return names | {folded(name): indicator for name, indicator in source.indicator_names.items()}


def label_of(source: Source, whole: str, text: str) -> Label:
    """The parts of a row's unit label, as `pick` joined them."""
    parts = text.split(UNIT_SEPARATOR)
    levels = list(source.unit.codes)
    codes = tuple(zip(levels, parts[1 : 1 + len(levels)], strict=True))
    names = tuple(zip(source.unit.names, parts[1 + len(levels) :], strict=True))
    return Label(whole, parts[0], codes, names)


def write_rows(con: duckdb.DuckDBPyConnection, sources: list[Source], campaign: Campaign, target: str) -> None:
    """rows.parquet: times parsed once per distinct text, units joined from the table `labels` (source_no, whole, label, ...)."""
    con.execute("create or replace temp table times (source_no integer, raw varchar, as_of timestamp, other timestamp, is_serial boolean)")
    con.execute("create or replace temp table arrivals (source_no integer, raw varchar, received_at timestamptz)")
    zone = sql_text(campaign.time_zone)
    for source_no, source in enumerate(sources):
        formats = source.dates
        column = "coalesce(p.as_of_raw, '')"
        if source.as_of_from == "file_name":
            formats = [*source.dates, "%Y-%m-%d", "%Y%m%d", "%Y-%m-%dT%H:%M:%S", "%Y%m%dT%H%M%S", "%Y%m%d%H%M", "%d-%m-%Y"]
            column = "f.as_of_fact"
        elif source.as_of_from == "received":
            formats, column = ["%Y-%m-%d"], f"timezone({zone}, f.received_at)::date::varchar"
        con.execute(
            f"""insert into times
            select source_no, raw, {moment("raw", list(dict.fromkeys(formats)), campaign.time_zone)} as as_of,
                {moment("raw", turned(formats), campaign.time_zone) if turned(formats) else "null"},
                as_of is null and regexp_full_match({shown("raw")}, '[2-6][0-9]{{4}}([.,][0-9]+)?')
            from (select distinct f.source_no, {column} as raw from picked p join files f using (file_no) where f.source_no = ?)""",
            [source_no],
        )
        con.execute("update files set as_of_column = ? where source_no = ?", [source.as_of_from, source_no])
        if source.received.by == "column":
            listed = (
                [source.received.format]
                if source.received.format
                else ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", *source.dates]
            )
            con.execute(
                f"""insert into arrivals
                select source_no, raw, timezone({zone}, {moment("raw", listed, campaign.time_zone)})
                from (
                    select distinct f.source_no, p.received_raw as raw from picked p join files f using (file_no) where f.source_no = ?
                )""",
                [source_no],
            )
    first = "trim(regexp_replace(lower(strip_accents(p.first_text)), '[^a-z0-9]+', ' ', 'g'))"
    no_words = ", ".join(sql_text(word) for word in NO_WORDS)
    totals = ", ".join(sql_text(word) for word in sorted(TOTAL_WORDS))
    con.execute(
        f"""copy (
            select f.file_id, p.row_number, f.sheet,
                case when p.total_unit is not null then p.total_unit else l.unit_code end as unit_code,
                case when p.total_unit is not null then 'total' when p.fault_rule = 'row_unreadable' then 'unknown'
                    when l.unit_match = 'unknown' and {first} in ({totals}) then 'total_undeclared'
                    else l.unit_match end as unit_match,
                coalesce(l.unit_raw, '') as unit_raw, coalesce(l.suggestions, '') as unit_suggestions,
                {shown("t.raw")} as as_of_raw, t.as_of, coalesce(p.slot_raw, f.slot_fact) as slot_raw,
                coalesce(p.sender, f.sender) as sender, p.sender_role,
                coalesce(lower(p.correction) not in ({no_words}), false) as is_correction,
                coalesce(a.received_at, f.received_at) as received_at, p.row_key, p.row_hash,
                coalesce(p.fault_rule, case when t.is_serial then 'spreadsheet_serial_date' end) as fault_rule,
                coalesce(p.fault_text, case when t.is_serial then {shown("t.raw")} end) as fault_text
            from picked p join files f using (file_no)
            left join labels l on l.source_no = f.source_no and l.whole = f.unit_fact and l.label = p.label
            left join times t on t.source_no = f.source_no and t.raw = case f.as_of_column
                when 'file_name' then f.as_of_fact
                when 'received' then timezone({zone}, f.received_at)::date::varchar
                else coalesce(p.as_of_raw, '') end
            left join arrivals a on a.source_no = f.source_no and a.raw = p.received_raw
            order by p.file_no, p.row_number
        ) to {sql_text(target)} (format parquet)"""
    )
    _mark_dates(con, sources)


def turned(formats: list[str]) -> list[str]:
    """The forms with day and month the other way round, where both are numbers."""
    swapped = [form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m") for form in formats]
    return [new for new, old in zip(swapped, formats, strict=True) if new != old and not old.startswith("%Y")]


def _mark_dates(con: duckdb.DuckDBPyConnection, sources: list[Source]) -> None:
    """Marks on dates that read two ways, where the file has one that is a date only the other way round, or the campaign allows both."""
    both = [n for n, source in enumerate(sources) if set(turned(source.dates)) & set(source.dates)]
    doubtful = "other is not null and other <> as_of"
    if con.execute(f"select count(*) from times where as_of is null and other is not null or {doubtful}").fetchone() == (0,):
        return
    con.execute(
        f"""insert into marks
        with dated as (
            select p.file_no, p.row_number, p.fault_rule, f.source_no, t.* exclude (source_no)
            from picked p join files f using (file_no) join times t on t.source_no = f.source_no and t.raw = coalesce(p.as_of_raw, '')
            where f.as_of_column = 'column'
        ), turned as (
            select distinct file_no from dated where as_of is null and other is not null
        )
        select file_no, row_number, null, null, 'ambiguous_date', {shown("raw")}, 1, 'row' from dated
        where {doubtful} and fault_rule is null and (file_no in (from turned) or source_no in (select unnest({both}::integer[])))"""
    )
