"""NO_PROXY as Go programs read it (golang.org/x/net/http/httpproxy)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.ranges import Address, Range, covered, holds, parse_address, parse_range

_WITH_PORT = re.compile(r"(?:\[([^\[\]]*)\]|([^:\[\]]*)):([^:\[\]]*)")


@dataclass(frozen=True, slots=True)
class _Host:
    """What an entry excepts that is no range. `port` '': every port; `itself` False: only names below it."""

    name: str
    address: Address | None
    port: str
    itself: bool

    def takes(self, name: str, address: Address | None, port: str) -> bool:
        if self.port and self.port != port:
            return False
        if self.address is not None:
            return self.address == address
        return address is None and ((self.itself and name == self.name) or name.endswith("." + self.name))


def entries(value: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in value.split(",") if entry.strip())


def _host(entry: str) -> _Host | None:
    """`name`, `.name` and `*.name` (only below it), an address, each with or without `:port`."""
    found = _WITH_PORT.fullmatch(entry)
    name, port = (found.group(1) or found.group(2) or "", found.group(3)) if found else (entry, "")
    address = parse_address(name)
    if address is not None or not name:
        return _Host(name, address, port, True) if name else None
    below = name.removeprefix("*")
    return _Host(below.removeprefix("."), None, port, not below.startswith("."))


def excepts_host(value: str, host: str, port: str = "") -> bool:
    """Whether `host` (a name or an address) is reached without the proxy; an entry for one port excepts that port only."""
    name = host.strip("[]").rstrip(".").lower()
    address = parse_address(name)
    if name == "localhost" or (address is not None and address.is_loopback):
        return True
    for entry in entries(value):
        if entry == "*":
            return True
        ranged = parse_range(entry)
        if ranged is not None:
            if address is not None and holds(ranged, address):
                return True
            continue
        told = _host(entry.lower())
        if told is not None and told.takes(name, address, port):
            return True
    return False


def excepts_range(value: str, wanted: Range) -> bool:
    """Whether every address of `wanted` is reached without the proxy."""
    given = [ranged for entry in entries(value) if (ranged := parse_range(entry)) is not None]
    return "*" in entries(value) or covered(wanted, given)


def excepts_suffix(value: str, suffix: str) -> bool:
    """Whether names that end in `suffix` (`.svc`) are reached without the proxy."""
    return excepts_host(value, f"any{suffix}")
