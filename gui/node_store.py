"""The node list's file as the window keeps it: read once at start, saved after each change, never overwritten unread."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checks.errors import BadFile
from checks.kept_copy import keep, kept
from checks.node import Node, SignIn, Typed


class NodeStore:
    """`path` None: the list lives in memory only (the demo). `copy`: where what it came to is kept for the next start."""

    def __init__(self, path: Path | None, copy: Path | None = None) -> None:
        self._path = path
        self._copy = copy
        self._is_unread = False

    def load(self, *, must_exist: bool) -> tuple[Node, ...]:
        """The nodes of the file; none where it does not exist yet. Raises `BadFile`; the file is then kept as it is."""
        if self._path is None or (not must_exist and not self._path.exists()):
            return ()
        try:
            raw = self._path.read_bytes() if self._copy is not None else b""
        except (OSError, ValueError):
            raw = b""  # the loader below says what is wrong with it
        if self._copy is not None and raw:
            nodes = _nodes_of(kept(self._copy, raw))
            if nodes is not None:
                return nodes
        return self._parse(raw)

    def _parse(self, raw: bytes) -> tuple[Node, ...]:
        from checks.inventory import load_nodes, read_nodes

        assert self._path is not None
        try:
            nodes = read_nodes(raw, str(self._path)) if raw else load_nodes(self._path)
        except BadFile:
            self._is_unread = True
            raise
        if self._copy is not None and raw:
            keep(self._copy, raw, _told(nodes))
        return nodes

    def save(self, nodes: tuple[Node, ...]) -> None:
        """Write the list. A file that could not be read is moved aside first. Raises `BadFile`."""
        from checks.inventory import save_nodes

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


def _told(nodes: tuple[Node, ...]) -> object:
    """The nodes as JSON can hold them, with the names of their fields: another version's copy is not read."""
    fields = Node.__match_args__
    return {"fields": list(fields), "nodes": [[_plain(getattr(node, name)) for name in fields] for node in nodes]}


def _plain(value: object) -> object:
    """A text, number or flag; or a block of typed values as a list of lists."""
    return [[one.name, one.value, one.scope] for one in value] if isinstance(value, tuple) else value


def _nodes_of(value: object) -> tuple[Node, ...] | None:
    if not isinstance(value, dict) or value.get("fields") != list(Node.__match_args__):
        return None
    try:
        return tuple(_node(dict(zip(Node.__match_args__, entry, strict=True))) for entry in value["nodes"])
    except (KeyError, TypeError, ValueError):
        return None


def _node(fields: dict[str, Any]) -> Node:
    blocks = {name: tuple(Typed(*one) for one in told) for name, told in fields.items() if isinstance(told, list)}
    return Node(**{**fields, **blocks, "sign_in": SignIn(fields["sign_in"])})
