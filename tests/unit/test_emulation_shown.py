"""What `tiendo emulation show --unit` prints: whose score it is, and how the parts add up to it."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from tiendo.cli import cli

CAMPAIGN = {"campaign_id": "c", "name_vi": "Đợt một", "name_en": "First drive", "time_zone": "Asia/Ho_Chi_Minh", "is_simulated": True}
SCORE = {"unit_code": "304", "unit_name": "Quận Ngô Quyền", "period_id": "q2", "as_of_date": date(2021, 4, 30), "is_closed": False,
         "closed_at": None, "score": 75.0, "points": 60.0, "weight_assessed": 80.0, "class_name_vi": "Khá", "class_name_en": "Fair",
         "rank": 2, "ranked_count": 15}  # fmt: skip
PART = {"unit_code": "304", "part_id": "attainment", "measure": 75.0, "measure_count": 1, "zero_at": 0.0, "full_at": 100.0,
        "normalised": 0.75, "weight": 80.0, "points": 60.0, "is_assessed": True, "position": 1}  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "said"), [("vi", "Điểm = 75,00 = 100 × 60,00 / 80,00; Khá, hạng 2/15."),
                       ("en", "Score = 75.00 = 100 × 60.00 / 80.00; Fair, place 2 of 15.")]
)  # fmt: skip
def test_the_parts_of_a_unit_are_shown_with_its_name_and_their_sum(monkeypatch: pytest.MonkeyPatch, lang: str, said: str) -> None:
    def query(_: SimpleNamespace, sql: str, *__: Any) -> list[dict[str, Any]]:
        return [PART] if "emulation_parts" in sql else [SCORE]

    module = import_module("tiendo.cli.emulation")  # the package has the command under that name
    monkeypatch.setattr(module, "query", query)
    monkeypatch.setattr(module, "known_campaign", lambda *_: CAMPAIGN)
    shown = CliRunner().invoke(cli, ["--lang", lang, "emulation", "show", "c", "--unit", "304"])
    assert shown.exit_code == 0, shown.output
    assert " ".join(shown.output.split()).startswith("Quận Ngô Quyền · ")
    assert said in " ".join(shown.output.split())
