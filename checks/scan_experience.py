"""Between one scan and the scanner that it runs for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol

from checks.beside import Aside
from checks.check import Check
from checks.node import Node
from checks.probe import ExtraPaths
from checks.session import Request
from checks.watched import Memory


class Experience(Protocol):
    """What a scan takes from its scanner, which sees many nodes, and gives back to it."""

    @property
    def deadline_s(self) -> float: ...

    def now(self) -> datetime: ...

    def request(self, field: str, paths: ExtraPaths, uses: Collection[str] | None = None) -> Request: ...

    def asides(self, checks: Iterable[Check]) -> tuple[Aside, ...]: ...

    def memory(self, node: Node) -> Memory: ...

    def known(self, node: Node) -> tuple[ExtraPaths, frozenset[str]]: ...

    def learn(self, node: Node, paths: ExtraPaths, follow_ups: frozenset[str]) -> None: ...
