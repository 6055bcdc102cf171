"""Cells as SQL: numbers in their source's form, what says that nothing happened, and what stands there instead of a number."""

from __future__ import annotations

import duckdb

from loaders.opened import MACHINE
from loaders.parsing import number, shown, sql_text, trimmed
from tiendo.campaign import Campaign, Source
from tiendo.text import nfc


def is_nil(text: str, source: Source) -> str:
    """SQL: whether a text is one of those by which the source says that nothing happened."""
    words = ", ".join(sql_text(nfc(word).lower()) for word in source.nil_cells)
    return f"lower(nfc_normalize({trimmed(text)})) in ({words})" if words else "false"


def _flaw(text: str) -> str:
    """SQL: what stands in a cell instead of a number, as its rule is called; the first that fits is told."""
    errors = r"#(N/A|N/V|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|ERROR!|GETTING_DATA)"
    forms = (
        ("spreadsheet_error", errors),
        ("formula_for_number", r"[=@].*|[+-][A-Za-z(].*"),
        ("percent_for_number", r"[+-]?[0-9][0-9.,  ]*\s*[%％]"),
        ("date_for_number", r"[0-9]{1,4}[-/][0-9]{1,2}([-/][0-9]{1,4})?|[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+"),
        ("scientific_notation", r"[+-]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+"),
        ("number_with_words", r"[+-]?[0-9][0-9.,  ]*\s*[(]?\p{L}.*"),
    )
    cases = " ".join(f"when regexp_full_match({text}, {sql_text(form)}) then '{flaw}'" for flaw, form in forms)
    return f"case {cases} end"


def write_cells(con: duckdb.DuckDBPyConnection, sources: list[Source], campaign: Campaign, target: str) -> None:
    """cells.parquet: every distinct text is parsed once in its source's form of numbers; what is wrong with it becomes a mark.

    A cell that says nothing happened is 'nil': 0 of an indicator that adds up, and no value (so the last one stands) of a cumulative one.
    """
    con.execute("create or replace temp table texts as select distinct f.source_no, c.raw_text from cells c join files f using (file_no)")
    columns = "source_no integer, raw_text varchar, value double, cell varchar, flaw varchar, grouping varchar"
    con.execute(f"create or replace temp table parsed ({columns})")
    for source_no, source in enumerate(sources):
        empty = ", ".join(sql_text(text) for text in {"", *(nfc(text) for text in source.empty_cells)})
        text = trimmed(shown("raw_text"))
        con.execute(
            rf"""insert into parsed
            select source_no, raw_text, value,
                case when nil then 'nil' when empty then 'missing' when value is null and form is not null then 'flawed'
                    when value is null then 'unparsable' when value = 0 then 'zero' else 'value' end,
                case when not nil and not empty and value is null then form end,
                case when not typed and regexp_full_match({text}, '[+-]?[1-9][0-9]{{0,2}}(\.[0-9]{{3}})+') then '.'
                    when not typed and regexp_full_match({text}, '[+-]?[1-9][0-9]{{0,2}}(,[0-9]{{3}})+') then ',' end
            from (
                select source_no, raw_text, {is_nil("raw_text", source)} as nil, starts_with(raw_text, {sql_text(MACHINE)}) as typed,
                    coalesce(nfc_normalize({trimmed("raw_text")}) in ({empty}), true) as empty,
                    case when not empty and not nil then {number("raw_text", source.numbers)} end as value,
                    {_flaw(text)} as form
                from texts where source_no = ?
            )""",
            [source_no],
        )
    _mark_cells(con, campaign)
    kinds = ", ".join(f"({sql_text(i.id)}, {sql_text(i.kind)})" for i in campaign.indicators)
    has_nil = any(source.nil_cells for source in sources)
    row_is_nil = "coalesce(r.is_nil and p.cell = 'missing', false)" if any(source.nil_column for source in sources) else "false"
    rows = "join picked r using (file_no, row_number)" if row_is_nil != "false" else ""
    nil = f"(p.cell = 'nil' or {row_is_nil})"
    con.execute(
        f"""copy (
            select f.file_id, c.row_number, c.indicator_id, c.column_name, {shown("c.raw_text")} as raw_text,
                {f"case when {nil} then if(k.kind = 'increment', 0, null) else p.value end" if has_nil else "p.value"} as value,
                {f"if({row_is_nil}, 'nil', p.cell)" if has_nil else "p.cell"} as cell
            from cells c join files f using (file_no) {rows}
            join parsed p on p.source_no = f.source_no and p.raw_text is not distinct from c.raw_text
            {f"left join (values {kinds}) k(indicator_id, kind) using (indicator_id)" if has_nil else ""}
            order by c.file_no, c.row_number, c.indicator_id
        ) to {sql_text(target)} (format parquet)"""
    )


def _mark_cells(con: duckdb.DuckDBPyConnection, campaign: Campaign) -> None:
    """Marks on cells that hold something else than a number, and on numbers grouped with dots in a column that also has commas."""
    fractional = ", ".join(sql_text(i.id) for i in campaign.indicators if i.fractional) or "''"
    same = "p.source_no = f.source_no and p.raw_text is not distinct from c.raw_text"
    readable = "join picked r on r.file_no = c.file_no and r.row_number = c.row_number and r.fault_rule is null"
    if con.execute("select count(*) from parsed where flaw is not null").fetchone() != (0,):
        con.execute(
            f"""insert into marks
            select c.file_no, c.row_number, c.column_name, c.indicator_id, p.flaw, {shown("c.raw_text")}, 1, 'row'
            from cells c join files f using (file_no) join parsed p on {same} {readable} where p.flaw is not null"""
        )
    if con.execute("select count(*) from (select source_no from parsed group by 1 having count(distinct grouping) > 1)").fetchone() != (0,):
        con.execute(
            f"""insert into marks
            with grouped as (
                select c.*, p.grouping from cells c join files f using (file_no) join parsed p on {same} {readable}
                where p.grouping is not null and c.indicator_id not in ({fractional})
            ), mixed as (
                select file_no, indicator_id from grouped group by all having count(distinct grouping) > 1
            )
            select file_no, row_number, column_name, indicator_id, 'mixed_separators', raw_text, 1, 'row'
            from grouped join mixed using (file_no, indicator_id)"""
        )
