"""What was made of a file's bytes the last time: the same bytes need not be parsed again.

YAML's parser takes longer to load than the window to open. The copy holds the bytes themselves, so an edited file is
always parsed anew; a copy that cannot be read or written costs nothing but time.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

FORM = 1
"""Raise with each change of what a parser makes of the same bytes."""


def kept(copy: Path, raw: bytes) -> object:
    """What was kept for exactly these bytes; None where nothing was."""
    try:
        told: object = json.loads(copy.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    fields = cast("dict[str, object]", told) if isinstance(told, dict) else {}
    if fields.get("form") != FORM or fields.get("bytes") != raw.decode("latin-1"):
        return None
    return fields.get("value")


def keep(copy: Path, raw: bytes, value: object) -> None:
    """Keep what these bytes came to."""
    document = {"form": FORM, "bytes": raw.decode("latin-1"), "value": value}
    part = copy.with_suffix(".part")
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(document), encoding="ascii")
        part.replace(copy)
    except OSError:
        return
