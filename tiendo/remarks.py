"""Remarks: what units say beside their figures. Coded reasons of being stuck, and ways of working that went well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import model_validator

from tiendo.model import Id, Model, Names
from tiendo.text import fold

if TYPE_CHECKING:
    from tiendo.campaign import Campaign

UNKNOWN = "unknown"  # the code of what is none of the campaign's


class RemarkCode(Model):
    id: Id
    name: Names
    words: list[str] = []  # what senders write for it, beside its id and names


class Remark(Model):
    """A column of reports that holds codes (several are parted by ; or , or /) or, without codes, free text."""

    id: Id
    name: Names
    kind: Literal["bottleneck", "practice"]
    codes: list[RemarkCode] = []

    @model_validator(mode="after")
    def _codes(self) -> Remark:
        if self.kind == "bottleneck" and not self.codes:
            raise ValueError("a bottleneck needs codes: what units may say, such as machines, people, line")
        seen: dict[str, str] = {}
        for code in self.codes:
            if code.id == UNKNOWN:
                raise ValueError(f"the code '{UNKNOWN}' is ours: it stands for what is none of the codes")
            for word in words_of(code):
                if seen.setdefault(word, code.id) != code.id:
                    raise ValueError(f"'{word}' stands for both '{seen[word]}' and '{code.id}'. Give it to one")
        return self


def words_of(code: RemarkCode) -> set[str]:
    """Folded texts that mean a code: its id, its names and its words."""
    return {fold(text) for text in (code.id, code.name.vi, code.name.en, *code.words)}


def remark_codes(campaign: Campaign) -> list[dict[str, Any]]:
    """One row per remark and code of it, and one for what is none of them; free text has the one row without a code."""
    rows: list[dict[str, Any]] = []
    for remark in campaign.remarks:
        told = {"remark_id": remark.id, "kind": remark.kind, "name_vi": remark.name.vi, "name_en": remark.name.en}
        codes = [(code.id, code.name.vi, code.name.en) for code in remark.codes]
        codes += [(UNKNOWN, "mã không rõ", "unknown code")] if codes else [(None, None, None)]  # type: ignore[list-item]
        rows += [told | {"code": code, "code_name_vi": vi, "code_name_en": en, "position": n} for n, (code, vi, en) in enumerate(codes, 1)]
    return rows
