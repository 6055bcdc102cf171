"""Errors for people: one clear line each, with an exit code, never a traceback.

Exit codes are documented in docs/operation.md; a test keeps the two the same.
"""

from __future__ import annotations

from tiendo.errors_vi import line_vi, vietnamese


class TiendoError(Exception):
    """What went wrong, where, and the way out. `exit_code` is what the command line returns."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", way_out: str = "") -> None:
        self.what, self.where, self.way_out = what, where, way_out
        super().__init__(self.line())

    def line(self, language: str = "en") -> str:
        """The whole error on one line: `where: what. way_out`; in vi as far as tiendo/errors_vi.py has the words."""
        if language == "vi":
            return line_vi(self.what, self.where, self.way_out)
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}. {self.way_out}" if self.way_out else head


class CampaignError(TiendoError):
    """A campaign folder is faulty. `faults` holds every fault found, one line each."""

    exit_code = 2

    def __init__(self, faults: list[str], *, where: str = "") -> None:
        self.faults = faults
        super().__init__("; ".join(faults), where=where)

    def line(self, language: str = "en") -> str:
        return "\n".join(vietnamese(fault) for fault in self.faults) if language == "vi" else "\n".join(self.faults)


class SourceError(TiendoError):
    """A source cannot be reached, or an archive in it may not be opened."""

    exit_code = 3


class RuleError(TiendoError):
    """A rule of ours raised while it ran: our fault, never bad data. The batch stays out of the lake."""

    exit_code = 4


class WarehouseError(TiendoError):
    """dbt failed; the warehouse and what is published are as they were before the run."""

    exit_code = 5


class ReconciliationError(TiendoError):
    """Counts do not add up: received is not accepted + held + rejected + duplicate."""

    exit_code = 6


class LockedError(TiendoError):
    """Another run holds the warehouse."""

    exit_code = 7


class NotFoundError(TiendoError):
    """What was asked for (campaign, unit, rule, indicator, board, hold, waiver) does not exist."""

    exit_code = 8


class ActError(TiendoError):
    """What somebody wants to decide about held figures or rules cannot be decided so: the lake is as it was."""

    exit_code = 9


class CorrectionError(TiendoError):
    """An entry of corrections.yml matches nothing, or says what cannot be. `faults` holds every entry's fault, one line each."""

    exit_code = 10

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))

    def line(self, language: str = "en") -> str:
        return "\n".join(vietnamese(fault) for fault in self.faults) if language == "vi" else "\n".join(self.faults)
