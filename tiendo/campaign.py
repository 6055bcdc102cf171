"""What a campaign folder may say. `docs/campaigns.md` explains every key; a test keeps the two the same."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, field_validator, model_validator

from tiendo.emulation import Emulation
from tiendo.model import Code, Id, Model, Names
from tiendo.reinforcement import Reinforcement
from tiendo.remarks import Remark
from tiendo.source import Source
from tiendo.unit_source import Units

ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")]
Severity = Literal["reject", "hold", "flag"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


# Days that calendars, cutoffs and time zones can be worked out for.
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]


class Level(Model):
    id: Id
    name: Names


class Indicator(Model):
    id: Id
    name: Names
    kind: Literal["cumulative", "increment"]
    required: bool = True
    fractional: bool = False
    part_of: Id | None = None  # this indicator may never exceed that one
    increment_of: Id | None = None  # an increment: what that cumulative indicator grew by
    related_to: Id | None = None  # the ratio to that indicator is judged by its own history
    devices: Id | None = None  # the indicator that says how many devices the unit has
    device_norm: Annotated[float | None, Field(gt=0)] = None  # what a device must reach a day


class Slot(Model):
    id: Id
    cutoff: ClockTime
    cutoff_day: Annotated[int, Field(ge=0, le=31)] = 0  # days after the day the figures are about
    days: list[Weekday] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    grace_minutes: Annotated[int, Field(ge=0)] = 0
    levels: list[Id]
    first_on: Day | None = None
    last_on: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Slot:
        return _days_in_order(self)


class Whom(Model):
    """Units named by code, by level, or as all units below a parent; nobody named means every unit."""

    unit: Code | None = None
    units: list[Code] = []
    level: Id | None = None
    parent: Code | None = None  # every unit below it, at any depth

    @property
    def names_nobody(self) -> bool:
        return not (self.unit or self.units or self.level or self.parent)


class Obligation(Whom):
    """Who owes a slot from when to when. A slot that an obligation names is owed by the units named, and by no others."""

    slot: Id | None = None  # default: every slot
    first_on: Day | None = None
    last_on: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Obligation:
        if self.names_nobody:
            raise ValueError("say who owes it: unit, units, level or parent")
        return _days_in_order(self)


class Exemption(Whom):
    slot: Id | None = None  # default: every slot of those days
    first_on: date
    last_on: date
    reason: str
    author: str

    @model_validator(mode="after")
    def _in_order(self) -> Exemption:
        if self.names_nobody:
            raise ValueError("say who is exempt: unit, units, level or parent")
        return _days_in_order(self)


class Extension(Whom):
    """Reports of these slots may come until then. They stay late: the extension is counted beside the lateness."""

    slot: Id | None = None  # default: every slot of those days
    first_on: Day
    last_on: Day | None = None  # default: first_on
    until: date | datetime  # a date includes its whole day
    reason: str
    author: str

    @model_validator(mode="after")
    def _in_order(self) -> Extension:
        until = self.until.date() if isinstance(self.until, datetime) else self.until
        if until < self.first_on or until.year >= 2200:
            raise ValueError(f"until {self.until} is no time after first_on {self.first_on} and before 2200")
        return _days_in_order(self)


def _days_in_order(given: Any) -> Any:
    if given.first_on and given.last_on and given.last_on < given.first_on:
        raise ValueError(f"last_on {given.last_on} is before first_on {given.first_on}")
    return given


class Senders(Model):
    """Who may report for which units: senders.csv beside campaign.yml."""

    file: str = "senders.csv"


class Targets(Model):
    """Targets: a targets.csv of ours beside campaign.yml, or another file whose headings are named here."""

    file: str = "targets.csv"  # beside campaign.yml, or outside: absolute, or from ${VARIABLE}
    columns: dict[Id, str] = {}  # another layout, one row per unit: indicator -> heading of its targets
    unit_code: str | None = None  # with columns: heading of the unit's code,
    unit_name: str | None = None  # or of its name
    valid_from: date | None = None  # with columns: from when they hold; default: starts_on

    @property
    def is_outside(self) -> bool:
        return self.file.startswith(("/", "~", "$"))

    @model_validator(mode="after")
    def _one_layout(self) -> Targets:
        if self.columns and (self.unit_code is None) == (self.unit_name is None):
            raise ValueError("columns needs exactly one of unit_code: and unit_name: (the heading that says the unit)")
        if not self.columns and (self.unit_code or self.unit_name or self.valid_from):
            raise ValueError("unit_code, unit_name and valid_from go with columns: (indicator: heading of its targets)")
        return self


class Milestone(Model):
    id: Id
    name: Names
    indicator: Id
    levels: list[Id]
    threshold_pct: Annotated[float | None, Field(gt=0)] = None
    threshold_value: Annotated[float | None, Field(gt=0)] = None
    due: date | datetime | None = None  # a date includes its whole day
    consequence: Names | None = None

    @model_validator(mode="after")
    def _one_threshold(self) -> Milestone:
        if (self.threshold_pct is None) == (self.threshold_value is None):
            raise ValueError("give exactly one of threshold_pct and threshold_value")
        if self.due and not 1900 <= self.due.year < 2200:
            raise ValueError(f"due is in the year {self.due.year}. Allowed: 1900 to 2199")
        return self


class Comparison(Model):
    """A day on which something began; the daily average since then is held against the average of the time before it."""

    id: Id
    name: Names
    since: Day
    before_months: Annotated[int | None, Field(ge=1, le=36)] = None  # default: 3
    before_days: Annotated[int | None, Field(ge=1, le=1100)] = None

    @model_validator(mode="after")
    def _one_span(self) -> Comparison:
        if self.before_months and self.before_days:
            raise ValueError("give one of before_months and before_days")
        return self


class Tier(Model):
    id: Id
    name: Names
    min_pct: float


class Leaderboard(Model):
    indicator: Id | None = None  # what boards show first; default: the first indicator
    level: Id | None = None  # default: the first level that owes a slot, else the lowest
    rank_by: Literal["attained_pct", "value"] = "attained_pct"
    peer_group: Literal["level", "parent", "column"] = "level"  # column: units.csv's peer_group
    boards_from: Day | None = None  # boards of earlier days are not kept; default: all are


class Meeting(Model):
    """A meeting that comes again on weekdays, or on days that are listed; holidays make no difference."""

    id: Id
    name: Names
    days: list[Weekday] = []
    dates: list[date] = []
    time: ClockTime | None = None  # default: the end of the day
    first_on: Day | None = None  # for days: default starts_on
    last_on: Day | None = None  # for days: default ends_on

    @model_validator(mode="after")
    def _is_sometime(self) -> Meeting:
        if not self.days and not self.dates:
            raise ValueError("say when it is held: days: [fri], or dates: [2023-06-03]")
        return _days_in_order(self)


RecountPart = Literal["findings", "size", "growth", "jump", "changes", "age", "factor"]
Weight = Annotated[float, Field(ge=0, le=1000)]


class Recounts(Model):
    """Recounts by re-verification teams, and how the queue of units to recount is weighed."""

    file: str | None = None  # beside campaign.yml
    weights: dict[RecountPart, Weight] = {}  # of the parts of the score; what is left out keeps its default
    rules: dict[Id, Weight] = {}  # of a rule's findings; default 1
    audit_pct: Annotated[float, Field(ge=0, le=100)] = 10  # places of the queue that are drawn by lot


class RuleSwitch(Model):
    """How a campaign tunes a rule; from a day on where several tunings follow each other."""

    since: Day | None = Field(None, alias="from")  # by the day the figures are about; default: from the beginning
    on: bool = True
    severity: Severity | None = None
    shadow: bool | None = None
    params: dict[str, float | str] = {}


# One tuning, or a list of tunings by the day from which each holds.
RuleSwitches = Annotated[list[RuleSwitch], BeforeValidator(lambda v: v if isinstance(v, list) else [v]), Field(min_length=1)]


class Campaign(Model):
    id: Id
    name: Names
    about: Names | None = None
    time_zone: str = "Asia/Ho_Chi_Minh"
    starts_on: Day
    ends_on: Day
    levels: Annotated[list[Level], Field(min_length=1)]
    units: Units
    indicators: Annotated[list[Indicator], Field(min_length=1)]
    slots: list[Slot] = []
    holidays: list[date] = []
    obligations: list[Obligation] = []
    exemptions: list[Exemption] = []
    extensions: list[Extension] = []
    senders: Senders | None = None
    sources: Annotated[list[Source], Field(min_length=1)]
    targets: Targets | None = None
    milestones: list[Milestone] = []
    compare: list[Comparison] = []
    tiers: list[Tier] = []
    leaderboard: Leaderboard = Leaderboard()
    meetings: list[Meeting] = []
    follows: Id | None = None  # the campaign whose standings this one takes over
    rules: dict[Id, RuleSwitches] = {}
    recounts: Recounts = Recounts()
    remarks: list[Remark] = []
    emulation: Emulation | None = None
    reinforcement: Reinforcement = Reinforcement()
    _folder: Path = Path()

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def is_simulated(self) -> bool:
        return any(source.kind == "simulation" for source in self.sources)

    @property
    def level_ids(self) -> list[str]:
        return [level.id for level in self.levels]

    @property
    def board_indicator(self) -> str:
        return self.leaderboard.indicator or self.indicators[0].id

    @property
    def board_level(self) -> str:
        owing = [level for slot in self.slots for level in slot.levels]
        return self.leaderboard.level or (owing[0] if owing else self.levels[-1].id)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("not a time zone: use a name such as Asia/Ho_Chi_Minh") from None
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Campaign:
        if self.ends_on < self.starts_on:
            raise ValueError("ends_on is before starts_on")
        return self
