"""Airflow as `make demo` and `make up` start it (scripts/airflow_env.sh), on a home folder of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CAMPAIGNS = Path(__file__).parent / "campaigns"
SOURCED = 'source "$0/scripts/airflow_env.sh" && exec "$@"'


class Line:
    """One home folder, one list of campaign folders, and commands run in Airflow's environment for them."""

    def __init__(self, home: Path, campaigns: Path, port: int = 8080) -> None:
        self.home, self.campaigns = home, campaigns
        self.env = os.environ | {"TIENDO_HOME": str(home), "TIENDO_CAMPAIGNS": str(campaigns), "TIENDO_PORT": str(port)}

    def command(self, *words: str) -> list[str]:
        return ["bash", "-c", SOURCED, str(ROOT), *words]

    def run(self, *words: str, timeout: int = 180) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.command(*words), env=self.env, cwd=self.home, capture_output=True, text=True, timeout=timeout, check=False
        )
        (self.home / f"{words[0].split('/')[-1]}-{words[-1][:20].replace('/', '_')}.log").write_text(done.stdout + done.stderr)
        return done

    def prepare(self) -> None:
        """The metadata database and the pool, as `make demo` makes them."""
        done = self.run(str(ROOT / "scripts" / "airflow_init.sh"))
        assert done.returncode == 0, done.stdout + done.stderr


def _copy_campaign(into: Path, campaign_id: str, **changes: str) -> Path:
    """A copy of the tiny campaign under another id, with texts of its campaign.yml replaced."""
    folder = into / campaign_id
    shutil.copytree(CAMPAIGNS / "tiny", folder)
    file = folder / "campaign.yml"
    text = file.read_text(encoding="utf-8").replace("id: tiny", f"id: {campaign_id}")
    for found, meant in changes.items():
        assert found in text
        text = text.replace(found, meant)
    file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def copy_campaign():
    return _copy_campaign


@pytest.fixture
def new_line():
    return Line


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    """A home with Airflow ready in it, the tiny campaign, and a campaign whose folder is faulty."""
    campaigns = tmp_path_factory.mktemp("campaigns")
    _copy_campaign(campaigns, "tiny")
    _copy_campaign(campaigns, "no_slots", **{'slots:\n  - {id: daily, cutoff: "16:00", levels: [commune], grace_minutes: 15}\n': ""})
    (campaigns / "faulty").mkdir()
    (campaigns / "faulty" / "campaign.yml").write_text("id: [faulty\n", encoding="utf-8")
    line = Line(tmp_path_factory.mktemp("home"), campaigns)
    line.prepare()
    return line


@pytest.fixture(scope="session")
def bag(line: Line) -> dict:
    """What a DAG processor sees: import errors, DAGs, seconds, and which modules parsing has imported."""
    done = line.run("python", str(Path(__file__).parent / "look_at_dags.py"))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
