"""What the models of campaign files share: no unknown keys, ids, codes, names in two languages."""

from __future__ import annotations

import re
from typing import Annotated

import duckdb
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from tiendo.text import nfc

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Code = Annotated[str, BeforeValidator(lambda v: v if isinstance(v, str) else _not_text(v))]
Pattern = Annotated[str, BeforeValidator(lambda v: _pattern(str(v)))]
SqlPattern = Annotated[str, BeforeValidator(lambda v: _sql_pattern(str(v)))]
TimeForm = Annotated[str, BeforeValidator(lambda v: _time_form(str(v)))]

_TIME_FORM = re.compile(r"(?:[^%]|%%|%-?[dHIjmMSy]|%[aAbBfpTYzZ])+")


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return value


def _sql_pattern(value: str) -> str:
    """A regular expression that DuckDB matches cells against: no look-around, no back references."""
    try:
        duckdb.execute("select regexp_full_match('', ?)", [value])
    except duckdb.Error as error:
        raise ValueError(f"not a regular expression of RE2: {' '.join(str(error).split())[:200]}") from None
    return value


def _time_form(value: str) -> str:
    if not _TIME_FORM.fullmatch(value):
        raise ValueError(f"found '{value}', which is no form of a date or time. Write it such as %d/%m/%Y or %Y-%m-%dT%H:%M:%S")
    return value


def _not_text(value: object) -> str:
    raise ValueError(f"codes are text, leading zeros count: write it in quotes, '{value}'")


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(Model):
    """A text in Vietnamese and English."""

    vi: str
    en: str

    @field_validator("vi", "en")
    @classmethod
    def _nfc(cls, value: str) -> str:
        return nfc(value)
