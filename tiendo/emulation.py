"""The emulation score (thi đua): what a campaign may say of it, and that as tables of the register."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from tiendo.model import Id, Model, Names

if TYPE_CHECKING:
    from tiendo.campaign import Campaign

PartId = Literal["attainment", "milestones", "timeliness", "quality", "recounts"]

# Measure at which a part gives nothing, and at which it gives all its points; in between it is a straight line.
SCALES: dict[str, tuple[float, float]] = {
    "attainment": (0.0, 100.0),  # percent of the target at the end of the period
    "milestones": (-10.0, 10.0),  # days early, on the average of the milestones due in the period
    "timeliness": (0.0, 100.0),  # percent of the slots owed
    "quality": (0.0, 100.0),  # percent: the worst of correct, sufficient and clean
    "recounts": (10.0, 0.0),  # percent by which recounts differ from reports, on the average
}


class EmulationPeriod(Model):
    id: Id
    name: Names
    first_on: date
    last_on: date

    @model_validator(mode="after")
    def _in_order(self) -> EmulationPeriod:
        if self.last_on < self.first_on:
            raise ValueError(f"last_on {self.last_on} is before first_on {self.first_on}")
        return self


class EmulationPart(Model):
    """One part of the formula; default scales in SCALES."""

    id: PartId
    weight: Annotated[float, Field(gt=0, le=1000)]
    zero_at: float | None = None  # the measure that gives nothing
    full_at: float | None = None  # the measure that gives all points

    @property
    def scale(self) -> tuple[float, float]:
        zero, full = SCALES[self.id]
        return (zero if self.zero_at is None else self.zero_at, full if self.full_at is None else self.full_at)

    @model_validator(mode="after")
    def _has_a_slope(self) -> EmulationPart:
        if self.scale[0] == self.scale[1]:
            raise ValueError(f"zero_at and full_at are both {self.scale[0]}: then no measure lies between them")
        return self


class EmulationClass(Model):
    id: Id
    name: Names
    min: float  # score out of 100


class Emulation(Model):
    """Points by a formula, per period, unit and responsible person."""

    indicator: Id | None = None  # default: the board's
    levels: list[Id] = []  # default: the board's
    periods: Annotated[list[EmulationPeriod], Field(min_length=1)]
    parts: Annotated[list[EmulationPart], Field(min_length=1)]
    classes: list[EmulationClass] = []

    @model_validator(mode="after")
    def _each_once(self) -> Emulation:
        for name in ("periods", "parts", "classes"):
            ids = [item.id for item in getattr(self, name)]
            twice = sorted({one for one in ids if ids.count(one) > 1})
            if twice:
                raise ValueError(f"{name}: id '{twice[0]}' is used twice. Give each its own")
        return self


def emulation_tables(campaign: Campaign) -> dict[str, list[dict[str, Any]]]:
    """emulation_periods (one row per period and level), emulation_parts, emulation_classes; empty where the campaign has no formula."""
    said = campaign.emulation
    if said is None:
        return {"emulation_periods": [], "emulation_parts": [], "emulation_classes": []}
    indicator = said.indicator or campaign.board_indicator
    return {
        "emulation_periods": [
            {"period_id": p.id, "name_vi": p.name.vi, "name_en": p.name.en, "first_on": p.first_on, "last_on": p.last_on,
             "indicator_id": indicator, "level": level}
            for p in said.periods for level in said.levels or [campaign.board_level]
        ],
        "emulation_parts": [
            {"part_id": p.id, "weight": p.weight, "zero_at": p.scale[0], "full_at": p.scale[1], "position": n}
            for n, p in enumerate(said.parts, 1)
        ],
        "emulation_classes": [
            {"class_id": c.id, "name_vi": c.name.vi, "name_en": c.name.en, "min_score": c.min} for c in said.classes
        ],
    }  # fmt: skip
