"""The node list's file as the window keeps it: read once at start, saved after each change, never overwritten unread."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from checks.errors import BadFile
from checks.inventory import load_nodes, save_nodes
from checks.node import Node


class NodeStore:
    """`path` None: the list lives in memory only (the demo)."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._is_unread = False

    def load(self, *, must_exist: bool) -> tuple[Node, ...]:
        """The nodes of the file; none where it does not exist yet. Raises `BadFile`; the file is then kept as it is."""
        if self._path is None or (not must_exist and not self._path.exists()):
            return ()
        try:
            return load_nodes(self._path)
        except BadFile:
            self._is_unread = True
            raise

    def save(self, nodes: tuple[Node, ...]) -> None:
        """Write the list. A file that could not be read is moved aside first. Raises `BadFile`."""
        if self._path is None:
            return
        if self._is_unread and self._path.exists():
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
            try:
                self._path.rename(self._path.with_name(f"{self._path.name}.not-read-{stamp}"))
            except OSError as error:
                raise BadFile("node-list-unwritable", detail=str(error), file=str(self._path)) from error
        self._is_unread = False
        save_nodes(self._path, nodes)
