"""Values of the proxy variables: what is proposed, what is refused and what is warned of."""

from __future__ import annotations

from urllib.parse import urlsplit

from checks.cluster import api_host, cluster_cidr, management_range, service_cidr
from checks.facts import NodeFacts, Problem
from checks.no_proxy import entries
from checks.profile import detect
from checks.proxy import has_password, machine, runtime_service, setting


def check_proxy(value: str) -> str:
    """'' or what is wrong: an address is http:// or https://, a host and nothing after the port."""
    if not value:
        return ""
    if any(letter.isspace() or ord(letter) < 32 or letter in '"<>\\^`{|}' for letter in value):
        return "bad-characters"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return "not-an-address"
    if parts.scheme not in ("http", "https"):
        return "no-scheme"
    if not parts.hostname or port == 0 or parts.query or parts.fragment:
        return "not-an-address"
    return ""


def warn_proxy(value: str) -> str:
    return "password-in-url" if has_password(value) else ""


def check_exceptions(value: str) -> str:
    if any((letter.isspace() and letter != " ") or ord(letter) < 32 or letter in "\"'<>;" for letter in value):
        return "bad-characters"
    return "" if entries(value) else "empty"


def warn_exceptions(value: str) -> str:
    return "everything-excepted" if "*" in entries(value) else ""


def _current(facts: NodeFacts, name: str) -> str:
    """What is set now, unless its password was masked: that can't be proposed again."""
    own = runtime_service(facts)
    told = None if isinstance(own, Problem) else setting(facts, own, name)
    value = told.value if told is not None and not isinstance(told, Problem) else ""
    if not value:
        of_machine = machine(facts, name)
        value = of_machine if isinstance(of_machine, str) else ""
    return "" if "***" in value else value


def default_https(facts: NodeFacts) -> str:
    return _current(facts, "HTTPS_PROXY") or _current(facts, "HTTP_PROXY")


def default_http(facts: NodeFacts) -> str:
    return _current(facts, "HTTP_PROXY") or _current(facts, "HTTPS_PROXY")


def propose_exceptions(facts: NodeFacts) -> str:
    """NO_PROXY from what is set and what the node tells of its cluster (domain facts, 7.2)."""
    told = (api_host(facts), management_range(facts), cluster_cidr(facts), service_cidr(facts, detect(facts)))
    wanted = ["localhost", "127.0.0.1", *(one.value for one in told if one is not None)]
    wanted += [".svc", ".svc.cluster.local", ".cluster.local"]
    return ",".join(dict.fromkeys((*entries(_current(facts, "NO_PROXY")), *wanted)))
