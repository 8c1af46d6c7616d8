"""What was made of a file's bytes the last time: the same bytes need not be parsed again.

YAML's parser takes longer to load than the window to open. The copy holds the bytes' digest, so an edited file is always
parsed anew, and it names the program that wrote it, so that another version's copy is not read. A copy that cannot be read
or written costs nothing but time. Where a password may stand in a file, nothing of it is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import cast

_PASSWORD = re.compile(r":\S*@")
"""Of `user:password@host`, with a scheme before it or not. What only looks like it costs time alone."""


def kept(copy: Path, raw: bytes) -> object:
    """What was kept for exactly these bytes; None where nothing was."""
    try:
        told: object = json.loads(copy.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    fields = cast("dict[str, object]", told) if isinstance(told, dict) else {}
    if not program() or fields.get("program") != program() or fields.get("digest") != digest(raw):
        return None
    return fields.get("value")


def keep(copy: Path, raw: bytes, value: object) -> None:
    """Keep what these bytes came to, unless a password may be among them: then an older copy goes, too."""
    text = json.dumps({"program": program(), "digest": digest(raw), "value": value})
    if not program() or _PASSWORD.search(text) or _PASSWORD.search(raw.decode("latin-1")):
        with contextlib.suppress(OSError):
            copy.unlink(missing_ok=True)
        return
    part = copy.with_suffix(".part")
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="ascii")
        part.replace(copy)
    except OSError:
        return


def digest(raw: bytes) -> str:
    """What a copy says of the bytes it was made from."""
    return hashlib.sha256(raw).hexdigest()


@cache
def program() -> str:
    """What tells this version of the parsers from every other; '' where that can't be told."""
    try:
        packed = Path(sys.executable) if getattr(sys, "frozen", False) else None
        return stamp_of(packed or Path(__file__).parent)
    except OSError:
        return ""


def stamp_of(place: Path) -> str:
    """Sizes and times of the modules in a folder, or of the one file that all are packed in, in short.

    Parsers lean on other modules, so that all of them count. To look at their entries takes a fraction of a millisecond;
    to read them would not.
    """
    if place.is_file():
        told = [(place.name, place.stat())]
    else:
        told = sorted((one.name, one.stat()) for one in os.scandir(place) if one.name.endswith(".py"))
    sizes = [(name, one.st_size, one.st_mtime_ns) for name, one in told]
    return hashlib.sha256(repr((sys.hexversion, sizes)).encode()).hexdigest()
