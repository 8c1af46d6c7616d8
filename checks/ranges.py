"""Address ranges: thin words over `ipaddress` for values as nodes write them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import cast

Range = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@lru_cache(maxsize=1024)
def parse_range(text: str) -> Range | None:
    """10.244.3.1/24 → 10.244.3.0/24; None for anything that is no range."""
    if "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.strip().strip("[]"))
    except ValueError:
        return None


def contains(outer: Range, inner: Range) -> bool:
    return outer.version == inner.version and inner.subnet_of(outer)  # pyright: ignore[reportArgumentType] same version


def overlap(one: Range, other: Range) -> bool:
    """Whether two ranges share addresses."""
    return contains(one, other) or contains(other, one)


def holds(outer: Range, address: Address) -> bool:
    return outer.version == address.version and address in outer


def covered(wanted: Range, given: Iterable[Range]) -> bool:
    """Whether the given ranges together take in all of the wanted one."""
    return _covered(wanted, tuple(given))


@lru_cache(maxsize=1024)
def _covered(wanted: Range, given: tuple[Range, ...]) -> bool:
    same = cast("list[ipaddress.IPv4Network]", [one for one in given if one.version == wanted.version])
    return any(contains(one, wanted) for one in ipaddress.collapse_addresses(same))


def is_link_local(text: str) -> bool:
    """169.254.*: Windows gave the address itself because nobody else did."""
    address = parse_address(text)
    return address is not None and address.is_link_local
