"""Reads descriptions of simulated nodes and hosts: strictly, with file and key of what is wrong."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TypeVar, cast

import msgspec
import yaml

from checks.conversion import convert
from checks.errors import BadFile

_T = TypeVar("_T")
_AGE = re.compile(r"(\d+)\s*(s|min|h|d)")
_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A block of keys; a key that is not known is an error."""


class SpecReader:
    """Reads one file; everything wrong with it is a `BadFile` (code `demo-node`) that names file and key."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def wrong(self, key: str, problem: str) -> BadFile:
        return BadFile("demo-node", detail=f"{key}: {problem}", file=str(self.path), key=key)

    def read(self, kind: type[_T]) -> _T:
        try:
            tree = cast("object", yaml.safe_load(self.path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise self.wrong("$", str(error)) from error
        return self.convert(tree, kind, "$")

    def convert(self, value: object, kind: type[_T], key: str) -> _T:
        try:
            return convert(value, kind)
        except msgspec.ValidationError as error:
            problem, _, place = str(error).partition(" - at `")
            raise self.wrong(key + place.rstrip("`").removeprefix("$"), problem) from error

    def age(self, text: str, key: str) -> timedelta:
        found = _AGE.fullmatch(text.strip())
        if not found:
            raise self.wrong(key, f"{text!r} is no age such as 6d, 90min or 40s")
        return timedelta(seconds=int(found[1]) * _UNITS[found[2]])
