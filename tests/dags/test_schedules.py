"""Cron expressions of a slot, by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "dags"))
from tiendo_schedule import slot_crons


def test_a_cutoff_shortly_after_midnight_is_collected_the_evening_before_too():
    crons = list(slot_crons({"cutoff": "00:10", "days": ["mon"]}))
    # Monday 00:10: half an hour before is Sunday (0) 23:40, then Monday (1) 00:08 and 00:15
    assert crons == ["40 23 * * 0", "8 0 * * 1", "15 0 * * 1"]


def test_a_cutoff_on_the_next_day_moves_the_weekdays():
    crons = list(slot_crons({"cutoff": "08:00", "cutoff_day": 1, "days": ["mon", "fri"]}))
    assert crons == ["30 7 * * 2,6", "58 7 * * 2,6", "5 8 * * 2,6"]


def test_grace_adds_a_fetch_a_minute_before_it_ends():
    crons = list(slot_crons({"cutoff": "16:00", "grace_minutes": 60}))
    assert crons == ["30 15 * * *", "58 15 * * *", "59 16 * * *", "5 17 * * *"]


def test_a_cutoff_that_yaml_read_as_a_number_is_refused():
    with pytest.raises(TypeError):
        list(slot_crons({"cutoff": 960}))
