"""The seam to the outside: a session runs scripts on one node."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from checks.node import Node

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True, slots=True)
class Script:
    """A shipped PowerShell script: data, sent as text once a session and named by its hash afterwards."""

    name: str
    """File name without `.ps1`, e.g. `Get-HnsFact`."""
    text: str

    @property
    def sha256(self) -> str:
        return _sha256(self.text)


@lru_cache(maxsize=256)
def _sha256(text: str) -> str:
    """Asked for several times a request, and the texts are the same for every node."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Request:
    """One script to run with parameters bound by name. `id` is unique in the session, ASCII, no spaces."""

    id: str
    script: Script
    parameters: Mapping[str, Json] = field(default_factory=dict[str, Json])
    reads: bool = False
    """It changes nothing, so it may be asked once more where a PowerShell that was kept warm turns out to be gone."""
    budget_s: float = 0.0
    """How long it may take, seconds, before the run is given up as overdue; 0: as long as the run's deadline."""


class Reply:
    """One line of the resident PowerShell: kind is started, result, problem or done."""

    __slots__ = ("_document", "digest", "id", "kind", "more")

    def __init__(
        self,
        id: str,
        kind: str,
        document: Mapping[str, Json] | Callable[[], Mapping[str, Json]],
        *,
        more: bool = False,
        digest: bytes = b"",
    ) -> None:
        self.id = id
        self.kind = kind
        self._document = document
        self.more = more
        """The next one has come with it: who draws conclusions may hear it first."""
        self.digest = digest
        """Of the bytes that the document was made from: the same ones make the same document. Empty: not known."""

    @property
    def document(self) -> Mapping[str, Json]:
        """Its JSON. One that came before is read again only for who wants to see it."""
        if callable(self._document):
            self._document = self._document()
        return self._document


@dataclass(frozen=True, slots=True)
class Counts:
    """What a session cost so far, for evidence and tests."""

    requests: int = 0
    shells: int = 0


class Session(Protocol):
    """An open way to run scripts on one node. One thread at a time; opens itself on first use."""

    node: Node

    @property
    def counts(self) -> Counts: ...

    @property
    def is_warm(self) -> bool:
        """Whether the next run needs no new PowerShell on the node."""
        ...

    def run(self, requests: Sequence[Request], deadline_s: float, hold_ms: int = 0) -> Iterator[Reply]:
        """Send all requests at once and yield replies as they come, until each has its `done`.

        Raises a `ToolError` when the node refuses, drops, stays silent past `deadline_s` or talks garbage; replies that
        came before have been yielded then. `ScriptFailed` with code `overdue` names in `request` the one that took longer
        than its budget, or none where that could not be seen. Nothing that may change the node is ever repeated by itself; what only reads is
        asked once more, on a new PowerShell, where one kept warm is gone before it answered anything.
        `hold_ms`: the node may gather replies this long before it writes them (fewer round trips on a warm rescan).
        """
        ...

    def cancel(self) -> None:
        """From any thread: make `run` raise `Cancelled` soon."""
        ...

    def close(self) -> None:
        """Delete the shell. Never raises, takes at most a few seconds."""
        ...
