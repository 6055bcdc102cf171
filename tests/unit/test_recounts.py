"""recounts.csv: what is read, and how its faults are told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from tiendo.campaign import Campaign, Recounts
from tiendo.campaign_file import read_campaign
from tiendo.errors import CampaignError
from tiendo.recounts import WEIGHTS, load_recounts, recount_weights
from tiendo.settings import ROOT

UNITS = pd.DataFrame({"unit_code": ["303", "304"]})
HEAD = "unit_code,indicator_id,as_of,recounted_value,recounted_on,recounted_by,note\n"


def campaign(folder: Path, lines: str, **more: object) -> Campaign:
    (folder / "recounts.csv").write_text(HEAD + lines, encoding="utf-8")
    found = read_campaign(ROOT / "campaigns" / "hai_phong_vneid_2023")
    copy = found.model_copy(update={"recounts": Recounts.model_validate({"file": "recounts.csv", **more})})
    copy._folder = folder
    return copy


def test_a_recount_knows_what_had_come_by_the_end_of_its_day_in_the_campaigns_zone(tmp_path: Path) -> None:
    [row] = load_recounts(campaign(tmp_path, "303,eid_activated,2023-06-13,899.5,2023-06-15,Tổ phúc tra,\n"), UNITS).to_dict("records")
    assert (row["unit_code"], row["as_of_date"], row["recounted_value"], row["note"]) == ("303", date(2023, 6, 13), 899.5, None)
    assert row["known_until"] == datetime(2023, 6, 15, 16, 59, 59, tzinfo=UTC)


def test_every_fault_names_its_line_and_what_is_allowed(tmp_path: Path) -> None:
    lines = (
        "303,eid_activated,2023-06-13,1000,2023-06-15,team,\n"
        "999,eid_activated,2023-06-13,1000,2023-06-15,team,\n"
        "303,nothing,2023-06-13,1000,2023-06-15,team,\n"
        "303,eid_activated,2023-06-14,1.000.000,2023-06-15,team,\n"
        "303,eid_activated,2023-06-16,1000,2023-06-15,team,\n"
        "303,eid_activated,2021-06-16,1000,2023-06-15,team,\n"
        "303,eid_activated,13/06/2023,1000,2023-06-15,,\n"
        "303,eid_activated,2023-06-13,1001,2023-06-15,team,\n"
    )
    with pytest.raises(CampaignError) as found:
        load_recounts(campaign(tmp_path, lines), UNITS)
    file = tmp_path / "recounts.csv"
    assert [fault.removeprefix(f"{file}:").split(". ")[0] for fault in found.value.faults] == [
        "3: found unit_code '999', which is no unit of units.csv",
        "4: found indicator_id 'nothing'",
        "5: found '1.000.000' as recounted_value",
        "6: recounted_on 2023-06-15 is before as_of 2023-06-16",
        "7: as_of 2021-06-16 is outside the campaign, 2023-05-15 to 2023-07-15",
        "8: recounted_by is empty",
        "8: as_of: found '13/06/2023'",
        "9: the same recount as on line 2",
    ]


def test_a_campaign_changes_the_weights_it_names_and_keeps_the_others(tmp_path: Path) -> None:
    weights = recount_weights(campaign(tmp_path, "", weights={"size": 0}, rules={"outlier": 2}, audit_pct=20))
    given = {(row.kind, row.name): row.weight for row in weights.itertuples(index=False, name="Row")}
    assert given == {("part", name): weight for name, weight in WEIGHTS.items()} | {
        ("part", "size"): 0, ("rule", "outlier"): 2, ("audit_pct", ""): 20,
    }  # fmt: skip
