"""Command lines of Windows, and flags as Go programs read them."""

from __future__ import annotations

import ntpath
import re
from functools import lru_cache

_WORD = re.compile(r'(?:[^\s"]|"[^"]*")+')


@lru_cache(maxsize=1024)
def words(command_line: str) -> tuple[str, ...]:
    """Words of a command line; double quotes hold together and are dropped."""
    return tuple(found.replace('"', "") for found in _WORD.findall(command_line))


@lru_cache(maxsize=4096)
def flags(command_line: str | None, name: str) -> tuple[str, ...]:
    """The values of `--name=value`, `--name value` or `-name value`, each time it is given; `true` for a bare one."""
    found: list[str] = []
    given = words(command_line or "")
    for index, word in enumerate(given):
        if not word.startswith("-"):
            continue
        key, equals, rest = word.lstrip("-").partition("=")
        if key != name:
            continue
        if equals:
            found.append(rest)
        elif index + 1 < len(given) and not given[index + 1].startswith("-"):
            found.append(given[index + 1])
        else:
            found.append("true")
    return tuple(found)


def flag(command_line: str | None, name: str) -> str | None:
    """The value of a flag; the last one wins; None if absent."""
    return next(reversed(flags(command_line, name)), None)


def is_on(value: str | None) -> bool:
    """Whether a boolean flag of Go is set."""
    return value is not None and value.lower() in ("1", "t", "true")


_PROGRAM = re.compile(r'\s*(?:"([^"]*)"|(.+?\.exe)(?=\s|$)|(\S+))', re.IGNORECASE)


def arguments_of(command_line: str) -> tuple[str, ...]:
    """The words after the program, whose own path may hold spaces without quotes."""
    found = _PROGRAM.match(command_line)
    return words(command_line[found.end() :]) if found else ()


def program(command_line: str) -> str:
    """The program's path: the first word, or all up to .exe where an unquoted path holds spaces."""
    found = _PROGRAM.match(command_line)
    return next((part for part in found.groups() if part), "") if found else ""


@lru_cache(maxsize=1024)
def role(command_line: str) -> str:
    """kubelet for "C:\\k\\rancher-wins-kubelet.exe" --v=4."""
    name = ntpath.basename(program(command_line)).lower()
    return name.removesuffix(".exe").removeprefix("rancher-wins-")


def variable(lines: tuple[str, ...] | None, name: str) -> str | None:
    """The value of NAME in `NAME=value` lines, any case; the last wins; None where it is absent."""
    value: str | None = None
    for line in lines or ():
        key, equals, rest = line.partition("=")
        if equals and key.strip().upper() == name.upper():
            value = rest
    return value


@lru_cache(maxsize=1024)
def windows_path(path: str) -> str:
    """A daemon's path as Windows finds it: /run/x is C:\\run\\x for a daemon that runs on C:."""
    turned = path.strip().strip('"').replace("/", "\\")
    return "C:" + turned if turned.startswith("\\") and not turned.startswith("\\\\") else turned


@lru_cache(maxsize=4096)
def _folded(path: str) -> str:
    return ntpath.normcase(windows_path(path))


def same_path(one: str, other: str) -> bool:
    return _folded(one) == _folded(other)
