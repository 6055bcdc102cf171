"""What a campaign may say of a source: where its files come from and how they are read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from tiendo.model import Code, Id, Model, Pattern, SqlPattern, TimeForm


class Options(Model):
    """How to read the file; everything left out is detected and recorded."""

    delimiter: Annotated[str | None, Field(min_length=1, max_length=1)] = None
    encoding: Literal["utf-8", "utf-16", "windows-1258", "latin-1", "tcvn3", "vni", "viscii"] | None = None
    sheet: str | None = None
    header_row: Annotated[int | None, Field(ge=1)] = None
    records: str | None = None  # JSON: dotted path of the list of records


class UnitColumns(Model):
    """Heading of the unit's code, and of its name at each level (the path down to the unit)."""

    code: str | None = None
    names: dict[Id, str] = {}
    codes: dict[Id, str] = {}
    level: Id | None = None  # the level these rows report at; default: the lowest named


class Received(Model):
    """When a file arrived: our clock, or the record of an archive that this campaign trusts."""

    by: Literal["clock", "file_name", "index", "column"] = "clock"
    format: TimeForm | None = None
    column: str | None = None
    index: str | None = None  # file name of the index, beside the data
    index_file_column: str | None = None
    index_key_column: str | None = None
    trusted: bool = False

    @model_validator(mode="after")
    def _trusted_archive(self) -> Received:
        if self.by != "clock" and not self.trusted:
            raise ValueError("only a trusted archive may say when a file arrived: add trusted: true if it is one")
        return self


class TotalRow(Model):
    """A row that is a total of others: it is the report of `unit` itself, never added."""

    column: str
    equals: str
    unit: Code


class Source(Model):
    id: Id
    kind: Literal["files", "simulation"] = "files"
    path: str  # folder, file, glob or fsspec URL; relative to the campaign folder
    members: str = "*"  # which files, and which members of archives, by name
    format: Literal["auto", "csv", "xlsx", "json", "jsonl", "parquet"] = "auto"
    options: Options = Options()
    numbers: Literal["vi", "en"] = "en"  # vi: 1.167.685 and 38,49; en: 1,167,685 and 38.49
    dates: Annotated[list[TimeForm], Field(min_length=1)] = ["%Y-%m-%d"]
    layout: Literal["wide", "long"] = "wide"
    headings: dict[str, str] = {}  # heading found -> heading meant
    unit: UnitColumns = UnitColumns()
    unit_code: Code | None = None  # the whole file is of this one unit
    as_of: str | None = None  # heading of the time column
    as_of_from: Literal["column", "file_name", "received"] = "column"
    slot: str | None = None  # heading of the slot's id
    file_name: Pattern | None = None  # regular expression with named groups: as_of, unit, slot, sender, received
    indicators: dict[Id, str] = {}  # wide: indicator -> heading
    indicator: str | None = None  # long: heading of the indicator's name
    indicator_names: dict[str, Id] = {}  # long: name found -> indicator
    value: str | None = None  # long: heading of the value
    sender: str | None = None
    sender_role: str | None = None
    correction: str | None = None  # heading of the column in which a sender declares a correction
    received: Received = Received()
    rows: Literal["figures", "summed"] = "figures"
    row_key: list[str] = []  # headings; with rows: summed, equal rows are duplicates (default: all columns)
    resubmits: Literal["slot", "whole_series", "whole_file"] = "slot"
    total_rows: list[TotalRow] = []
    empty_cells: list[str] = [""]  # texts that mean: no figure here
    nil_cells: list[str] = []  # texts that mean: reported, nothing happened
    nil_column: str | None = None  # heading of a column in which one of them speaks for the whole row
    checks: dict[str, SqlPattern] = {}  # heading -> regular expression that every filled cell of the column is to match
    remarks: dict[Id, str] = {}  # remark -> heading of its column
    allowed_roles: list[str] = []  # roles that may report; empty: any
    priority: int = 0  # where two sources say different things of one figure at one time, the higher wins

    @model_validator(mode="after")
    def _complete(self) -> Source:
        if self.layout == "wide" and not self.indicators:
            raise ValueError("layout wide needs indicators: which heading holds which indicator")
        if self.layout == "long" and not (self.indicator and self.value):
            raise ValueError("layout long needs indicator: and value: (their headings)")
        if self.nil_column and not self.nil_cells:
            raise ValueError("nil_column needs nil_cells: the texts that mean nothing happened")
        if self.as_of_from == "column" and not self.as_of:
            raise ValueError("say when the figures are of: as_of: HEADING, or as_of_from: file_name | received")
        if self.as_of_from == "file_name" and "(?P<as_of>" not in (self.file_name or ""):
            raise ValueError("as_of_from: file_name needs file_name: with a group (?P<as_of>...)")
        if not (self.unit.code or self.unit.names or self.unit_code or "(?P<unit>" in (self.file_name or "")):
            raise ValueError("say which unit a row is of: unit: {code: HEADING} or {names: {level: HEADING}}")
        return self
