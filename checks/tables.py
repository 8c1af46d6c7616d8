"""Tables that decide a verdict: data in `resources/tables`, each with its source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from checks.conversion import convert
from checks.errors import BadFile

T = TypeVar("T")
_FOLDER = Path(__file__).resolve().parents[1] / "resources" / "tables"


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table or a part of one; a key that is not known is an error."""


class Build(Table, frozen=True):
    build: int
    name: str
    tags: tuple[str, ...]
    """What images of this build are tagged with by Microsoft."""


class Tag(Table, frozen=True):
    builds: tuple[int, ...]
    """Windows builds that the tag has images for; none: Linux only."""
    partial: bool = False
    """There may be more than these."""


class Family(Table, frozen=True):
    """One image under its names (registry and all)."""

    names: tuple[str, ...]
    source: str
    tags: dict[str, Tag] = msgspec.field(default_factory=dict[str, Tag])
    whole: bool = False
    """Every tag of its time stands here: another one is newer, or not of this image."""
    by_release: bool = False
    """Its tags are those of Windows' releases."""
    tool_from: str = ""
    """The first tag that carries wincat.exe; empty: not known, or never."""
    never_tool: bool = False
    tool_source: str = ""


class ImageTable(Table, frozen=True):
    builds: tuple[Build, ...]
    builds_source: str
    compatible_from: int
    compatible_source: str
    compatible_containerd: tuple[str, ...]
    compatible_containerd_source: str
    frozen: tuple[str, ...]
    frozen_source: str
    families: tuple[Family, ...]


class Release(Table, frozen=True, rename={"since": "from"}):
    since: str
    image: str
    """Its own default; empty: not known."""
    accepts: tuple[int, ...]
    """Versions that a configuration file may name."""


class Section(Table, frozen=True):
    """Where a file of one version has its keys."""

    version: int
    image: tuple[str, ...]
    cni: tuple[str, ...]


class ContainerdTable(Table, frozen=True):
    source: str
    default_path: str
    rke2_path: str
    default_plugin_folder: str
    default_conf_folder: str
    releases: tuple[Release, ...]
    drop_ins_from: str
    drop_ins: str
    dials_itself_from: str
    sections: tuple[Section, ...]

    def release(self, version: tuple[int, ...]) -> Release | None:
        """The last row that is not newer; None for a containerd older than all."""
        known = [one for one in self.releases if numbers(one.since) <= version]
        return known[-1] if known else None


class Flag(Table, frozen=True):
    names: tuple[str, ...]
    daemons: tuple[str, ...]
    removed: str
    source: str


class Gate(Table, frozen=True):
    name: str
    value: str
    """The value that is refused; empty: any."""
    daemons: tuple[str, ...]
    removed: str
    source: str


class PortForward(Table, frozen=True):
    kubernetes: str
    source: str


class FlagTable(Table, frozen=True):
    flags: tuple[Flag, ...]
    gates: tuple[Gate, ...]
    port_forward: PortForward


def numbers(version: str) -> tuple[int, ...]:
    """(1, 7, 27) of 'v1.7.27-k3s1': the leading numbers, for comparing."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def load_table(path: Path, kind: type[T]) -> T:
    """One table. Raises `BadFile` (code `catalogue`) that names the file and what is wrong in it."""
    try:
        return convert(yaml.safe_load(path.read_text(encoding="utf-8")), kind)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise BadFile("catalogue", detail=f"{path.name}: {error}", file=str(path)) from error


@cache
def image_table() -> ImageTable:
    return load_table(_FOLDER / "images.yaml", ImageTable)


@cache
def containerd_table() -> ContainerdTable:
    return load_table(_FOLDER / "containerd.yaml", ContainerdTable)


@cache
def flag_table() -> FlagTable:
    return load_table(_FOLDER / "flags.yaml", FlagTable)


def releases() -> Mapping[int, str]:
    """Names of Windows' releases by build."""
    return {one.build: one.name for one in image_table().builds}
