"""Why flanneld ended, as its own log tells: codes and words of the program, never of Windows."""

from __future__ import annotations

import re

from checks.facts import NodeFacts, Problem
from checks.finding import Evidence

_CLASSES = (
    ("0x803b0010", "name-exists"),
    ("0x22)", "other-version"),
    ("Cannot find network with Management IP", "no-management-ip"),
    ("failed to get management IP", "no-management-ip"),
    ("Could not find valid interface", "no-interface"),
    ("Failed to find interface", "no-interface"),
    ("failed to find interface", "no-interface"),
    ("failed to enable forwarding", "no-interface"),
    ("POD_NAME and POD_NAMESPACE", "no-name"),
    ("pod cidr not assigned", "no-pod-cidr"),
    ("doesn't contain", "outside-network"),
    ("failed to read net conf", "no-net-conf"),
    ("invalid VXLAN backend config", "bad-vxlan"),
    ("VNI is", "bad-vxlan"),
    ("127.0.0.1:2379", "no-subnet-manager"),
    ("error reading kubeconfig", "no-kubeconfig"),
    ("Service Unavailable by proxy", "through-proxy"),
    ("proxyconnect", "through-proxy"),
    ("i/o timeout", "api-unreachable"),
    ("connection refused", "api-unreachable"),
    ("No connection could be made", "api-unreachable"),
)
_ELSEWHERE = ("no-name", "no-subnet-manager")
"""What the node's own settings tell better: the log is older than they are."""
REASONS = frozenset(name for _, name in _CLASSES if name not in _ELSEWHERE) | {"node-not-found"}
"""Classes that tell why flanneld does not come up."""
NO_RESTART = frozenset({"no-pod-cidr", "outside-network", "no-net-conf", "bad-vxlan", "no-kubeconfig"})
"""Of these: those that a restart with the right flags does not cure."""
_SETTLED = ("Wrote subnet file to", "Running backend.")
"""flanneld came up: what its log tells of before is past."""
# Lines that tell of an error without its letter: the second half of one, and an older flanneld's own words.
_UNMARKED = ("0x22)", "Could not find valid interface")
_NODE = re.compile(r'nodes? "[^"]*" not found')


def classify(lines: tuple[str, ...]) -> tuple[str, str]:
    """The last error of flanneld's last start: its class and its line; ('', '') where there is none we know."""
    for line in reversed(lines):
        if any(words in line for words in _SETTLED):
            break
        if line.startswith(("E", "F")) or any(words in line for words in _UNMARKED):
            name = _class(line)
            if name:
                return name, line
    return "", ""


def _class(line: str) -> str:
    if _NODE.search(line):
        return "node-not-found"
    return next((name for words, name in _CLASSES if words in line), "")


def told(facts: NodeFacts) -> tuple[str, Evidence | None]:
    """The class of the last error, and the line as evidence."""
    if isinstance(facts.flannel, Problem) or isinstance(facts.flannel.flanneld_log, Problem):
        return "", None
    name, line = classify(facts.flannel.flanneld_log)
    return name, Evidence("log", line, "flanneld's log") if line else None
