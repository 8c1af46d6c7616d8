"""Rows of what is known of a node's site: a value with its origin, and notes. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    TYPED = "typed"
    """In the node list; `source` is list, group or node: where it stands there."""
    FOUND = "found"
    """On the node; `source` is the place."""
    DEFAULT = "default"
    """Nobody says otherwise; `source` says whose default, or is empty."""
    NONE = "none"
    """There is no value; a note says why."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence by its code (`note.<code>` among the words) and the one value that it tells."""

    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class SiteRow:
    """`label` is a key of the catalogue's labels."""

    label: str
    value: str
    origin: Origin
    source: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteSection:
    name: str
    """cluster, layout, places or names."""
    rows: tuple[SiteRow, ...]


def label(name: str) -> str:
    return f"here.{name}"


def nothing(name: str, code: str, value: str = "") -> SiteRow:
    """A row without a value, and why."""
    return SiteRow(label(name), "", Origin.NONE, "", (Note(code, value),))
