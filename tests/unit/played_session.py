"""A session that answers from memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from checks.errors import CannotReachNode
from checks.node import Node
from checks.session import Counts, Reply, Request

NODE = Node("worker-01", "10.2.0.11")
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


class PlayedSession:
    """Answers each probe with its document, or with a problem where there is none; can break off after some replies."""

    node = NODE

    def __init__(self, documents: Mapping[str, object], break_after: int | None = None, error=None) -> None:
        self.documents = documents
        self.break_after = break_after
        self.error = error or CannotReachNode("connection-lost", node=NODE.name)
        self.sends: list[tuple[tuple[str, ...], int]] = []
        self.counts = Counts()
        self.is_warm = False

    def run(self, requests: Sequence[Request], deadline_s: float, hold_ms: int = 0) -> Iterator[Reply]:
        self.sends.append((tuple(request.script.name for request in requests), hold_ms))
        shells = self.counts.shells + (not self.is_warm)
        self.counts = replace(self.counts, requests=self.counts.requests + 2, shells=shells)
        self.is_warm = True
        left = self.break_after
        for request in requests:
            for reply in self._replies(request):
                if left == 0:
                    raise self.error
                left = None if left is None else left - 1
                yield reply

    def _replies(self, request: Request) -> Iterator[Reply]:
        yield Reply(request.id, "started", {})
        document = self.documents.get(request.script.name)
        if document is None:
            yield Reply(request.id, "problem", {"message": "no such thing", "code": "0x80070002"})
        elif document != "silent":
            yield Reply(request.id, "result", document)
        yield Reply(request.id, "done", {"ms": 1})

    def cancel(self) -> None: ...

    def close(self) -> None: ...
