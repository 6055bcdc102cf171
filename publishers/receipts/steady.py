"""Workbooks with the same bytes for the same content: without the clock of the machine that wrote them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

_OLDEST = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP can hold
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def steady(content: bytes) -> bytes:
    """The same workbook with a fixed time of writing, its members in a fixed order."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as found, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in _in_order(found.namelist()):
            member = zipfile.ZipInfo(name, _OLDEST)
            member.create_system, member.compress_type = 3, zipfile.ZIP_DEFLATED
            part = found.read(name)
            if name == "docProps/core.xml":
                part = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", part)
            target.writestr(member, part)
    return made.getvalue()


def _in_order(names: Sequence[str]) -> list[str]:
    """Each member once, the list of types first, as some programs want it."""
    return sorted(dict.fromkeys(names), key=lambda name: (name != "[Content_Types].xml", name))
