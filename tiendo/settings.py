"""The environment is read here and nowhere else; `.env.example` lists every variable."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tiendo.errors import NotFoundError, SourceError, TiendoError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Where everything lives. `home` holds all data; `campaigns` are the folders searched for campaigns."""

    home: Path
    campaigns: tuple[Path, ...]

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def lake(self) -> Path:
        return self.home / "lake"

    @property
    def register(self) -> Path:
        return self.home / "register"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse"

    @property
    def builds(self) -> Path:
        return self.home / "builds"

    @property
    def published(self) -> Path:
        """A link to the newest build: resolve it once, then read, and you never see two builds mixed."""
        return self.home / "published"

    @property
    def scratch(self) -> Path:
        return self.home / "scratch"

    def campaign_folder(self, campaign_id: str) -> Path:
        """The folder of a campaign; raises NotFoundError with the known ids."""
        folders = self.campaign_folders()
        if campaign_id not in folders:
            known = ", ".join(sorted(folders)) or "none"
            raise NotFoundError(
                f"no campaign '{campaign_id}'",
                way_out=f"Known: {known}. Add a folder with `tiendo campaign new`, or point --campaigns at yours",
            )
        return folders[campaign_id]

    def campaign_folders(self) -> dict[str, Path]:
        """Campaign id -> folder, for every folder with a campaign.yml; the first folder in the list wins."""
        found: dict[str, Path] = {}
        for parent in self.campaigns:
            if (parent / "campaign.yml").is_file():
                found.setdefault(parent.name, parent)
            elif parent.is_dir():
                for child in sorted(parent.iterdir()):
                    if (child / "campaign.yml").is_file():
                        found.setdefault(child.name, child)
        return found


def load_settings(home: str | Path | None = None, campaigns: str | Path | None = None) -> Settings:
    """Settings from arguments, else TIENDO_HOME and TIENDO_CAMPAIGNS (folders joined by ':'), else the defaults."""
    home_path = Path(home or os.environ.get("TIENDO_HOME") or "var").expanduser().absolute()
    listed = str(campaigns or os.environ.get("TIENDO_CAMPAIGNS") or "")
    folders = [Path(part).expanduser().absolute() for part in listed.split(os.pathsep) if part]
    bundled = ROOT / "campaigns"
    if bundled not in folders:
        folders.append(bundled)
    return Settings(home=home_path, campaigns=tuple(folders))


def author_by_default() -> str:
    """Who decides where a command is not told (TIENDO_AUTHOR); '' where nobody is named: the login name says too little."""
    return os.environ.get("TIENDO_AUTHOR", "").strip()


def language_by_default() -> str:
    """The language of commands that are not told one (TIENDO_LANG); vi where it is not set."""
    wanted = os.environ.get("TIENDO_LANG", "").strip() or "vi"
    if wanted not in ("vi", "en"):
        raise TiendoError(f"TIENDO_LANG is '{wanted}', which is no language", way_out="Allowed: vi, en")
    return wanted


def expand_path(text: str) -> str:
    """A path or URL with `~`, `${NAME}` and `${NAME:-default}` filled in; raises SourceError naming a variable that is not set."""

    def value(found: re.Match[str]) -> str:
        name, default = found.group(1), found.group(2)
        if os.environ.get(name):
            return os.environ[name]
        if default is not None:
            return default
        raise SourceError(f"the environment variable {name} is not set", where=text, way_out=f"Set it: export {name}=...")

    filled = re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}", value, text)
    return str(Path(filled).expanduser()) if filled.startswith("~") else filled


def utc_now() -> datetime:
    """Our clock, in UTC to the second. TIENDO_NOW (ISO 8601) sets it for rehearsals and tests."""
    fixed = os.environ.get("TIENDO_NOW")
    try:
        moment = datetime.fromisoformat(fixed) if fixed else datetime.now(UTC)
    except ValueError:
        raise TiendoError(
            f"TIENDO_NOW is '{fixed}', which is no time", way_out="Write it as 2023-06-13T10:30:00+00:00, or unset it"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).replace(microsecond=0)


def child_environment(**added: str) -> dict[str, str]:
    """The environment for a process of ours: this one's, plus `added`."""
    return {**os.environ, **added}
