"""How PowerShell takes the parameters of the scripts that change a node, and what it says of those it does not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from checks.session import Json


class Thrown(Exception):
    """A script ended with an error instead of its document; its text is what PowerShell says."""

    def __init__(self, message: str, type_name: str = "RuntimeException", code: str = "0x80131501") -> None:
        super().__init__(message)
        self.type_name = type_name
        self.code = code


@dataclass(frozen=True, slots=True)
class Declared:
    """One line of a script's `param()`: its name and what its Validate attributes allow."""

    name: str
    default: Json = None
    words: tuple[str, ...] = ()
    pattern: str = ""
    is_mandatory: bool = False


_ID = "^[A-Za-z0-9-]{1,80}$"
SIGNATURES: Mapping[str, tuple[Declared, ...]] = {
    "Invoke-Change": (
        Declared("Mode", "rehearse", words=("rehearse", "apply", "undo", "keep", "back")),
        Declared("Id", "none", pattern=_ID),
        Declared("Steps"),
        Declared("ExpectedHash", ""),
        Declared("Detach", False),
        Declared("BackMinutes", 0),
        Declared("ParameterFile", ""),
    ),
    "Get-ChangeResult": (
        Declared("Id", pattern=_ID, is_mandatory=True),
        Declared("Mode", "apply", words=("apply", "undo", "back")),
    ),
}


def bind(script: str, given: Mapping[str, Json]) -> dict[str, Json]:
    """Give each declared parameter its value; names ignore case. Raises `Thrown` as PowerShell refuses a call."""
    declared = {one.name.lower(): one for one in SIGNATURES[script]}
    bound: dict[str, Json] = {one.name: one.default for one in declared.values()}
    told: set[str] = set()
    for name, value in given.items():
        parameter = declared.get(name.lower())
        if parameter is None:
            words = f"A parameter cannot be found that matches parameter name '{name}'."
            raise Thrown(words, "ParameterBindingException")
        _validate(parameter, "" if value is None else str(value))
        bound[parameter.name] = value
        told.add(parameter.name)
    missing = " ".join(one.name for one in declared.values() if one.is_mandatory and one.name not in told)
    if missing:
        words = f"Cannot process command because of one or more missing mandatory parameters: {missing}."
        raise Thrown(words, "ParameterBindingException")
    return bound


def _validate(parameter: Declared, value: str) -> None:
    words = ""
    if parameter.words and value.lower() not in parameter.words:
        words = (
            f'The argument "{value}" does not belong to the set "{",".join(parameter.words)}" specified by the '
            "ValidateSet attribute. Supply an argument that is in the set and then try the command again."
        )
    if parameter.pattern and not re.search(parameter.pattern, value):
        words = (
            f'The argument "{value}" does not match the "{parameter.pattern}" pattern. Supply an argument that '
            f'matches "{parameter.pattern}" and try the command again.'
        )
    if words:
        raise Thrown(words, "ValidationMetadataException")
