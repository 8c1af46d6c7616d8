"""Values deep in what was read from JSON or TOML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast


def part(tree: object, *keys: str) -> object:
    """The value under these keys, None where one of them is missing."""
    for key in keys:
        if not isinstance(tree, Mapping):
            return None
        tree = cast("Mapping[str, object]", tree).get(key)
    return tree
