"""Command lines and the way to a peer, by the rules of Windows and of Go's programs."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from ntpath import basename

from checks.facts import PortReachFact
from checks.simulator.demo_state import ANY_PROXY, NodeState, Reach

_WORD = re.compile(r'(?:[^\s"]|"[^"]*")+')


def words_of(command_line: str) -> list[str]:
    """Words as Windows parts them: double quotes hold together and vanish."""
    return list(_words(command_line))


@lru_cache(maxsize=1024)
def _words(command_line: str) -> tuple[str, ...]:
    return tuple(word.replace('"', "") for word in _WORD.findall(command_line))


@lru_cache(maxsize=1024)
def role_of(path: str) -> str:
    """Tell the role behind a path: `flanneld` for `rancher-wins-flanneld.exe`."""
    name = re.sub(r"\.[^.]*$", "", basename(path))
    return re.sub(r"^rancher-wins-", "", name, flags=re.IGNORECASE).lower()


def knock_at(state: NodeState, port: int) -> PortReachFact:
    """What a connection to a NodePort from outside finds."""
    with state.lock:
        own = [one for one in state.hns.policy_lists if not one.vips and one.port == port and one.protocol == 6]
    if not own:
        return PortReachFact(port, False, "refused")
    reached = all(one.answers for one in own)
    return PortReachFact(port, reached, "" if reached else "no-answer")


def flag_of(words: Sequence[str], name: str) -> str | None:
    """Read `--name=value`, `--name value` or `-name=value`: the last one counts; 'true' without a value, else None."""
    value: str | None = None
    wanted = (f"-{name}".lower(), f"--{name}".lower())
    for place, word in enumerate(words):
        option, has_value, given = word.partition("=")
        if option.lower() not in wanted:
            continue
        if has_value:
            value = given
        else:
            follows = words[place + 1] if place + 1 < len(words) else "-"
            value = "true" if follows.startswith("-") else follows
    return value


def variable(variables: Mapping[str, str], name: str) -> str:
    """Find a variable whatever the case of its name; '' when absent."""
    return next((value for key, value in variables.items() if key.lower() == name.lower()), "")


def with_lines(variables: Mapping[str, str], lines: Sequence[str]) -> dict[str, str]:
    """Variables with `NAME=value` lines laid over; `NAME=` takes one away."""
    merged = dict(variables)
    for line in lines:
        name, equals, value = line.partition("=")
        if not equals or not name:
            continue
        for known in [known for known in merged if known.lower() == name.lower()]:
            del merged[known]
        if value:
            merged[name] = value
    return merged


def in_range(address: str, prefix: str) -> bool:
    try:
        return ipaddress.IPv4Address(address) in ipaddress.IPv4Network(prefix, strict=False) and "/" in prefix
    except ValueError:
        return False


def nth_address(prefix: str, number: int) -> str:
    """Give the address `number` after the one that a prefix is written with."""
    return str(ipaddress.IPv4Address(prefix.split("/")[0]) + number)


def _is_excepted(name: str, target: str, entry: str) -> bool:
    if entry in {"*", name, target} or in_range(name, entry):
        return True
    return not re.fullmatch(r"[\d./]+", entry) and name.lower().endswith("." + entry.lstrip(".").lower())


def reach(network: Reach, variables: Mapping[str, str], target: str) -> str:
    """Whether a process with these variables reaches `host:port` over HTTPS: 'ok', or what its error says."""
    name = target.split(":")[0]
    proxy = variable(variables, "HTTPS_PROXY")
    exceptions = [entry.strip() for entry in variable(variables, "NO_PROXY").split(",")]
    is_excepted = any(_is_excepted(name, target, entry) for entry in exceptions if entry)
    is_inside = target in network.inside
    if proxy and not is_excepted and name != "localhost" and not name.startswith("127."):
        address = re.sub(r"^[^@]*@", "", re.sub(r"^\w+://", "", proxy)).rstrip("/")
        if network.proxy not in (ANY_PROXY, address):
            return f"proxyconnect tcp: dial tcp: lookup of {proxy} failed"
        return f"Service Unavailable by proxy {address}" if is_inside else "ok"
    return "ok" if is_inside or network.direct else f"dial tcp {target}: i/o timeout"
