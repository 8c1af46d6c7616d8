"""Entries of the catalogue: words of a check, a fix, an error, and a place to ask. Their shape is what its files may hold."""

from __future__ import annotations

from typing import Annotated

import msgspec

from checks.finding import Area

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]


class ReasonWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`summary`: the few words right of a row; `saw`: what we saw, whole sentences; `todo`: what to do (empty when nothing)."""

    summary: str
    saw: str
    todo: str = ""


class CheckWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`title` is true when the check passes; `why` says what breaks for pods otherwise."""

    id: Name
    tip: str
    area: Area
    title: str
    why: str
    severity: int
    """1 (worst) to 3: how bad it is when this check fails."""
    reasons: dict[str, ReasonWords]
    help: str = ""
    """Markdown: how to check by hand, limits, where the page is wrong."""
    learn_more: str = ""
    limits: str = ""
    """What this check can't tell, in a few words: for the table in README."""
    order: int = 100


class CheckTranslation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A check in another language: its words alone. Tip, area, severity and order stand with the English ones."""

    id: Name
    title: str
    why: str
    reasons: dict[str, ReasonWords]
    help: str = ""
    learn_more: str = ""


class ParameterWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label: str
    hint: str = ""
    error: str = ""


class FixWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`verb` starts the confirm button: "<verb> on <node>". `steps` are titles by step kind, with `{target}`."""

    id: Name
    title: str
    verb: str
    about: str
    impact: str
    undo: str
    parameters: dict[str, ParameterWords]
    steps: dict[str, str]
    reasons: dict[str, str]
    """Sentences for refusals and notes by code."""


class ErrorWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    what: str
    why: str
    do: str


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place to ask; its words are the label `help.<id>`."""

    id: Name
    address: Annotated[str, msgspec.Meta(pattern=r"^https://")]
