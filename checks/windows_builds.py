"""Builds of Windows with known faults: data in `resources/builds.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import yaml

from checks.conversion import convert
from checks.errors import BadFile

_FILE = Path(__file__).resolve().parents[1] / "resources" / "builds.yaml"


class FaultyBuild(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One window of revisions of a build."""

    build: int
    since: int
    reason: str
    source: str
    until: int | None = None
    """The first revision without the fault; None: not mended yet."""
    knowledge_base: str = ""
    """The update that mends it."""
    overlay: bool = False
    """Only overlay networks suffer."""
    limit: bool = False
    """Nothing to repair on the node: told as a limit."""

    def holds(self, build: int, revision: int) -> bool:
        return self.build == build and self.since <= revision and (self.until is None or revision < self.until)


def load_builds(path: Path) -> tuple[FaultyBuild, ...]:
    """All windows, those to repair first. Raises `BadFile` (code `catalogue`) that names what is wrong."""
    try:
        found = convert(yaml.safe_load(path.read_text(encoding="utf-8")), list[FaultyBuild])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise BadFile("catalogue", detail=f"{path.name}: {error}", file=str(path)) from error
    return tuple(sorted(found, key=lambda one: one.limit))


@cache
def shipped_builds() -> tuple[FaultyBuild, ...]:
    return load_builds(_FILE)
