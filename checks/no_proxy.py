"""NO_PROXY as Go programs read it (golang.org/x/net/http/httpproxy)."""

from __future__ import annotations

from checks.ranges import Range, contains, holds, parse_address, parse_range


def entries(value: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in value.split(",") if entry.strip())


def excepts_host(value: str, host: str) -> bool:
    """Whether `host` (a name or an address, without port) is reached without the proxy."""
    name = host.strip("[]").rstrip(".").lower()
    address = parse_address(name)
    if name == "localhost" or (address is not None and address.is_loopback):
        return True
    for entry in entries(value):
        bare = entry.lower()
        if bare == "*":
            return True
        ranged = parse_range(bare)
        if ranged is not None:
            if address is not None and holds(ranged, address):
                return True
            continue
        bare = bare.rsplit(":", 1)[0] if bare.count(":") == 1 else bare
        if address is not None:
            if parse_address(bare) == address:
                return True
        elif bare.startswith("."):
            if name.endswith(bare):
                return True
        elif name == bare.removeprefix("*.") or name.endswith("." + bare.removeprefix("*.")):
            return True
    return False


def excepts_range(value: str, wanted: Range) -> bool:
    """Whether every address of `wanted` is reached without the proxy."""
    given = [ranged for entry in entries(value) if (ranged := parse_range(entry)) is not None]
    return "*" in entries(value) or any(contains(one, wanted) for one in given)


def excepts_suffix(value: str, suffix: str) -> bool:
    """Whether names that end in `suffix` (`.svc`) are reached without the proxy."""
    return excepts_host(value, f"any{suffix}")
