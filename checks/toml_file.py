"""TOML as Go reads it from a file that Windows tools may have written: what is in it, or the code of what is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from checks.flannel_files import mark
from checks.trees import part

_QUOTED = re.compile(r'"[^"\r\n]*"')


@dataclass(frozen=True, slots=True)
class TomlFile:
    """`fault`: '' or marked (an encoding Go does not take), backslash (in double quotes), not-toml."""

    fault: str
    detail: str = ""
    tree: Mapping[str, object] = field(default_factory=dict[str, object])
    is_utf8: bool = True
    """False: bytes that are no UTF-8. containerd 1.x reads over them, 2.x refuses the file."""

    def at(self, *keys: str) -> object:
        """The value under these keys, None where one of them is missing."""
        return part(self.tree, *keys)

    def text(self, *keys: str) -> str | None:
        value = self.at(*keys)
        return value if isinstance(value, str) else None

    def texts(self, *keys: str) -> tuple[str, ...] | None:
        """The texts of a list; None where there is no list."""
        value = self.at(*keys)
        if not isinstance(value, Sequence) or isinstance(value, str):
            return None
        return tuple(item for item in cast("Sequence[object]", value) if isinstance(item, str))


@lru_cache(maxsize=256)
def read_toml(data: bytes) -> TomlFile:
    """Read a file from its bytes; never raises."""
    named = mark(data) or ("utf-16" if b"\0" in data[:64] else "")
    if named:
        return TomlFile("marked", named)
    try:
        text, is_utf8 = data.decode("utf-8"), True
    except UnicodeDecodeError:
        text, is_utf8 = data.decode("utf-8", "replace"), False
    try:
        return TomlFile("", tree=tomllib.loads(text), is_utf8=is_utf8)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        detail = str(error)[:200]
    return TomlFile("backslash" if _only_backslashes(text) else "not-toml", detail, is_utf8=is_utf8)


def _only_backslashes(text: str) -> bool:
    """Whether the file would be TOML if backslashes in double quotes stood for themselves."""
    try:
        tomllib.loads(_QUOTED.sub(lambda found: found[0].replace("\\", "\\\\"), text))
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    return True
