"""Golden cases run the real line once per session."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tiendo.settings import ROOT, load_settings

FIVE = ["ha_noi_order01_2023", "hai_phong_cccd_2021", "hai_phong_vneid_2023", "national_project06_2023", "quang_nam_vneid_2023"]
FOLLOWING = "ha_noi_follow_on_2023"  # goes on from the first of them; nothing of it was published


@pytest.fixture(scope="session")
def hai_phong_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the bundled campaign was run once, from landing to published."""
    home = tmp_path_factory.mktemp("hai_phong_home")
    command = [sys.executable, "-m", "tiendo", "--lang", "en", "run", "hai_phong_vneid_2023"]
    environment = {key: value for key, value in os.environ.items() if key not in ("TIENDO_NOW", "TIENDO_CAMPAIGNS")}
    done = subprocess.run(command, cwd=ROOT, env=environment | {"TIENDO_HOME": str(home)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return home


@pytest.fixture(scope="session")
def five_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with all bundled campaigns in one warehouse, collected one by one and built once."""
    import pipeline

    home = tmp_path_factory.mktemp("five_home")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TIENDO_NOW", raising=False)
        patch.delenv("TIENDO_CAMPAIGNS", raising=False)
        settings = load_settings(home=home)
        for campaign_id in [*FIVE, FOLLOWING]:
            assert pipeline.collect(settings, campaign_id).batch_id, campaign_id
        built = pipeline.transform(settings, pipeline.horizons([*FIVE, FOLLOWING], None))
        pipeline.publish(settings, built.build_id)
        assert not [text for batch in pipeline.reconcile(settings) for text in batch.problems]
    return home


@pytest.fixture(scope="session")
def unanswered() -> Callable[[duckdb.DuckDBPyConnection], list[str]]:
    """A function: statements of the briefings whose query does not give exactly the numbers and names of the sentence."""

    def check(marts: duckdb.DuckDBPyConnection) -> list[str]:
        wrong = []
        statements = marts.execute("select text_en, query, [value, value_2, value_3, value_4], listed from marts.briefing").fetchall()
        assert len(statements) > 100
        for text, query, numbers, listed in statements:
            found = marts.execute(query)
            [values] = found.fetchall()
            row = dict(zip((column[0] for column in found.description or []), values, strict=True))
            names = row.pop("listed", None)
            if ([*row.values(), None, None, None, None][:4], names) != (numbers, listed):
                wrong.append(f"{text}: {query}")
        return wrong

    return check
