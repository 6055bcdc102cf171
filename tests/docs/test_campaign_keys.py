"""docs/campaigns.md explains every key that the model allows, and its example campaign is valid."""

import re
from pathlib import Path

import pytest

from tiendo import plain_yaml
from tiendo.campaign import Campaign
from tiendo.model import Model, Names
from tiendo.settings import ROOT

TEXT = (ROOT / "docs" / "campaigns.md").read_text(encoding="utf-8")
FILES = ("campaign", "source", "unit_source", "emulation", "remarks", "reinforcement")
MODELS = [found for found in Model.__subclasses__() if found is not Names and found.__module__ in [f"tiendo.{name}" for name in FILES]]


def test_there_are_models_to_check() -> None:
    assert Campaign in MODELS
    assert len(MODELS) > 10


@pytest.mark.parametrize("checked", MODELS, ids=lambda found: found.__name__)
def test_every_key_of_the_model_is_explained(checked: type[Model]) -> None:
    keys = [field.alias or name for name, field in checked.model_fields.items()]
    missing = [key for key in keys if not re.search(rf"`[^`]*\b{key}\b", TEXT)]
    assert not missing, f"docs/campaigns.md does not explain {', '.join(missing)} of {checked.__name__}: add a row with an example"


def test_the_example_campaign_in_the_docs_is_valid() -> None:
    examples = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)
    assert examples
    for example in examples:
        assert Campaign.model_validate(plain_yaml.load(example)).levels


def test_the_bundled_campaigns_have_no_fault(tmp_path: Path) -> None:
    from tiendo.campaign_file import read_campaign

    folders = [path.parent for path in (ROOT / "campaigns").glob("*/campaign.yml")]
    assert folders
    for folder in folders:
        assert read_campaign(folder).id == folder.name
