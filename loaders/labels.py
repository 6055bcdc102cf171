"""The labels of a batch, each looked up once: which unit its rows are of, and which units are new."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from loaders import rows
from loaders.parsing import sql_text
from loaders.text_marks import code_as_text
from loaders.unit_discovery import UNIT_COLUMNS, discover
from loaders.unit_resolution import Label, Resolved, UnitIndex
from tiendo.campaign import Campaign, Source
from tiendo.units import load_aliases

_TEXT, _MOMENT = pa.string(), pa.timestamp("us", tz="UTC")


def register_files(
    con: duckdb.DuckDBPyConnection, receipts: list[dict[str, Any]], files: list[dict[str, Any]], campaign: Campaign, sources: dict[str, int]
) -> None:
    """The table `files`: what the rows of a file take from it."""
    table = []
    for file_no, (receipt, file) in enumerate(zip(receipts, files, strict=True)):
        facts, source_no = receipt.get("facts") or {}, sources.get(file["source_id"])
        whole = (campaign.sources[source_no].unit_code if source_no is not None else None) or facts.get("unit") or ""
        table.append(
            {
                "file_no": file_no, "source_no": source_no, "file_id": file["file_id"], "sheet": file["sheet"], "unit_fact": whole,
                "slot_fact": facts.get("slot"), "as_of_fact": facts.get("as_of") or "", "sender": file["sender"],
                "received_at": file["received_at"], "as_of_column": "column",
            }
        )  # fmt: skip
    texts = ("file_id", "sheet", "unit_fact", "slot_fact", "as_of_fact", "sender", "as_of_column")
    schema = pa.schema([("file_no", pa.int32()), ("source_no", pa.int32()), *((name, _TEXT) for name in texts), ("received_at", _MOMENT)])
    con.register("files_in", pa.Table.from_pylist(table, schema=schema))
    con.execute("create table files as select * from files_in")


def resolve(con: duckdb.DuckDBPyConnection, campaign: Campaign, units: pd.DataFrame, target: Path) -> None:
    """The table `labels`: the unit of every distinct label of the batch; new units go to `target`."""
    aliases = load_aliases(campaign, units)
    found = con.execute(
        """select f.source_no, f.unit_fact, p.label, count(*) filter (p.fault_rule is null)
        from picked p join files f using (file_no)
        where p.label is not null and p.total_unit is null group by all order by all"""
    ).fetchall()
    index = UnitIndex(campaign, units, aliases)
    labels = [
        (source_no, whole, text, _as_codes(rows.label_of(campaign.sources[source_no], whole, text), index), count)
        for source_no, whole, text, count in found
    ]
    known: dict[Label, Resolved] = {}
    new = pd.DataFrame(columns=list(UNIT_COLUMNS))
    if campaign.units.discover:
        known, new = discover(
            campaign, units, index, [(label, count, _code_level(campaign.sources[n])) for n, _, _, label, count in labels if count]
        )
        if len(new):
            index = UnitIndex(campaign, pd.concat([units, new], ignore_index=True), aliases)
    resolved = [
        (n, whole, text, label, known.get(label) or index.resolve(label, campaign.sources[n])) for n, whole, text, label, _ in labels
    ]
    con.register(
        "labels_in",
        pa.table(
            {
                "source_no": pa.array([n for n, *_ in resolved], pa.int32()),
                "whole": pa.array([whole for _, whole, *_ in resolved], _TEXT),
                "label": pa.array([text for _, _, text, *_ in resolved], _TEXT),
                "unit_raw": pa.array([label.raw for *_, label, _ in resolved], _TEXT),
                "unit_code": pa.array([unit.unit_code for *_, unit in resolved], _TEXT),
                "unit_match": pa.array([unit.unit_match for *_, unit in resolved], _TEXT),
                "suggestions": pa.array([unit.suggestions for *_, unit in resolved], _TEXT),
            }
        ),
    )
    con.execute("create table labels as select * from labels_in")
    _mark_codes(con, campaign, resolved)
    table = {name: pa.array([value if isinstance(value, str) else None for value in new[name]], _TEXT) for name in UNIT_COLUMNS}
    pq.write_table(pa.table(table), target)


def _as_codes(label: Label, index: UnitIndex) -> Label:
    """The label with codes that a spreadsheet wrote as numbers (303.0) as codes again."""

    def code(text: str) -> str:
        return text if text in index.units else code_as_text(text)

    return replace(label, code=code(label.code), codes=tuple((level, code(text)) for level, text in label.codes))


def _mark_codes(con: duckdb.DuckDBPyConnection, campaign: Campaign, resolved: list[tuple[int, str, str, Label, Resolved]]) -> None:
    """Marks on codes whose zeros at the front were lost, and on codes written as numbers; one per file, with its first row."""
    odd = []
    for source_no, whole, text, label, unit in resolved:
        given = rows.label_of(campaign.sources[source_no], whole, text).code
        if not given or unit.unit_code is None:
            continue
        if given != label.code:
            odd.append((source_no, whole, text, "code_as_number", given))
        elif given.isdigit() and given != unit.unit_code and given.lstrip("0") == unit.unit_code.lstrip("0"):
            odd.append((source_no, whole, text, "leading_zeros_lost", f"{given} → {unit.unit_code}"))
    if not odd:
        return
    con.execute("create or replace temp table odd_codes (source_no integer, whole varchar, label varchar, mark varchar, raw_text varchar)")
    con.executemany("insert into odd_codes values (?, ?, ?, ?, ?)", odd)
    headings = "[" + ", ".join(sql_text(source.unit.code or "") for source in campaign.sources) + "]"
    con.execute(
        f"""insert into marks
        select p.file_no, min(p.row_number), any_value({headings}[f.source_no + 1]), null, o.mark, arg_min(o.raw_text, p.row_number),
            count(*), 'file'
        from picked p join files f using (file_no)
        join odd_codes o on o.source_no = f.source_no and o.whole = f.unit_fact and o.label = p.label
        group by p.file_no, o.mark"""
    )


def _code_level(source: Source) -> str | None:
    """The level whose codes the column `unit: code:` holds, where the source says so."""
    return source.unit.level or (list(source.unit.names)[-1] if source.unit.names else None)
