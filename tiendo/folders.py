"""What a campaign's folder said when: every version of it that boards were built from, kept beside the lake.

`lake/folders/campaign_id=C/0001-20230613T165959Z.json` holds campaign.yml and every file that it names, as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tiendo.campaign import Campaign
from tiendo.corrections import FILE as CORRECTIONS
from tiendo.home import write_json
from tiendo.settings import Settings


def keep_folder(settings: Settings, campaign: Campaign, at: datetime) -> None:
    """Keep what the folder says from `at` on, unless it says what it said before. Versions never go back in time.

    `at` is the moment up to which the run looks. The caller is the only one that writes.
    """
    files = {name: (campaign.folder / name).read_bytes().decode("utf-8") for name in _names(campaign)}
    known = _versions(settings, campaign.id)
    recorded_at = at.astimezone(UTC)
    if known:
        last = _read(known[-1])
        if last["files"] == files:
            return
        recorded_at = max(recorded_at, datetime.fromisoformat(last["recorded_at"]))
    name = f"{len(known) + 1:04}-{recorded_at:%Y%m%dT%H%M%SZ}.json"
    document = {"campaign_id": campaign.id, "recorded_at": recorded_at.isoformat(), "files": files}
    write_json(_folder(settings, campaign.id) / name, document)


def folder_as_known(settings: Settings, campaign_id: str, at: datetime) -> dict[str, str] | None:
    """File name -> text, as the folder stood at `at`; the first version where it is younger; None where none was kept."""
    documents = [_read(path) for path in _versions(settings, campaign_id)]
    if not documents:
        return None
    known = [one for one in documents if datetime.fromisoformat(one["recorded_at"]) <= at]
    return dict((known[-1] if known else documents[0])["files"])


def _names(campaign: Campaign) -> list[str]:
    """campaign.yml, corrections.yml and what campaign.yml names beside it; not what sources bring, but the plan of a simulation."""
    said = campaign.model_dump(exclude={"sources"})
    texts = {*_texts(said), *[source.path for source in campaign.sources if source.kind == "simulation"], "campaign.yml", CORRECTIONS}
    inside = [text for text in texts if text and len(text) < 200 and "\n" not in text and not Path(text).is_absolute()]
    return sorted(text for text in inside if ".." not in Path(text).parts and (campaign.folder / text).is_file())


def _texts(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict):
        for value in said.values():
            yield from _texts(value)
    elif isinstance(said, list):
        for value in said:
            yield from _texts(value)


def _folder(settings: Settings, campaign_id: str) -> Path:
    return settings.lake / "folders" / f"campaign_id={campaign_id}"


def _versions(settings: Settings, campaign_id: str) -> list[Path]:
    return sorted(_folder(settings, campaign_id).glob("*.json"))


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_bytes()))
