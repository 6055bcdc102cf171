"""A command's wall time and the most memory that it and its children held at one time."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
CAMPAIGNS = ROOT / "tests" / "acceptance" / "campaigns"
EVERY_S = 0.05


class CommandFailed(Exception):
    """A measured command ended badly; the text is its last words."""


@dataclass
class Measured:
    """`cpu_seconds` beside `seconds` tells a slow program from a busy machine.

    `peak_mb` adds up what all processes of the command held at one moment; pages they share count once for each.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str = ""
    steps: dict[str, float] = field(default_factory=dict)

    def __add__(self, other: Measured) -> Measured:
        steps = {key: self.steps.get(key, 0) + other.steps.get(key, 0) for key in self.steps | other.steps}
        return Measured(
            self.seconds + other.seconds,
            self.cpu_seconds + other.cpu_seconds,
            max(self.peak_mb, other.peak_mb),
            self.output + other.output,
            steps,
        )


def measure(command: list[str], **environment: str) -> Measured:
    """Run a command to its end from the repository's root; raises CommandFailed where it does not end with 0."""
    with tempfile.TemporaryFile() as output:
        cpu, started = _cpu_of_children(), time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT)
        peak, tree = 0.0, psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, _held_mb(tree))
            time.sleep(EVERY_S)
        seconds = time.perf_counter() - started
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if process.returncode != 0:
        raise CommandFailed(f"{' '.join(command[:6])} ended with {process.returncode}:\n{text[-2000:]}")
    return Measured(seconds, _cpu_of_children() - cpu, peak, text)


def tiendo(home: Path, *arguments: str, **environment: str) -> Measured:
    """A `tiendo` command over `home`; a run brings its seconds by step."""
    command = [sys.executable, "-m", "tiendo", "--home", str(home), "--campaigns", str(CAMPAIGNS), *arguments]
    found = measure(command, **environment)
    timings = home / "timings.json"
    if arguments[0] == "run" and timings.is_file():
        found.steps = json.loads(timings.read_text(encoding="utf-8"))
    return found


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _held_mb(tree: psutil.Process) -> float:
    total = 0
    try:
        family = [tree, *tree.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    for process in family:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6
