"""Golden cases run the real line once per session, through the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tiendo.settings import ROOT


@pytest.fixture(scope="session")
def hai_phong_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the bundled campaign was run once, from landing to published."""
    home = tmp_path_factory.mktemp("hai_phong_home")
    command = [sys.executable, "-m", "tiendo", "--lang", "en", "run", "hai_phong_vneid_2023"]
    environment = {key: value for key, value in os.environ.items() if key not in ("TIENDO_NOW", "TIENDO_CAMPAIGNS")}
    done = subprocess.run(command, cwd=ROOT, env=environment | {"TIENDO_HOME": str(home)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return home
