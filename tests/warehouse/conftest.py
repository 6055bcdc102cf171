"""Lets the tests of this folder import `tiny_lake`, and builds what two files of them share."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def reorganised(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Two campaigns through reorganisations, four nights of both in one warehouse."""
    import test_reorganisation
    import test_successive_changes
    from tiny_lake import House

    house = House(tmp_path_factory.mktemp("reorganised"))
    for night in range(4):
        for campaign in (test_reorganisation, test_successive_changes):
            campaign.prepare(house, night)
        house.build("nightly").close()
    return house
