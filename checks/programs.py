"""Starts of the node's programs: their versions, and what kubelet's log says of why pods do not start."""

from __future__ import annotations

import re

from checks.facts import NodeFacts, Problem, ProgramFact
from checks.given import answer_of
from checks.tables import numbers

VERSION = re.compile(r"\bv?(\d+\.\d+(?:\.\d+)?)")


def asked(facts: NodeFacts, name: str, arguments: str) -> ProgramFact | Problem | None:
    """One start of a program; None where it lies nowhere on this node, or was not asked this."""
    programs = answer_of(facts.runtime, lambda one: one.programs)
    if isinstance(programs, Problem):
        return programs
    found = (one for one in programs if one.name == name and one.arguments == arguments)
    return next((one for one in found if one.path), None)


def version(facts: NodeFacts, name: str) -> tuple[int, ...] | Problem:
    """(1, 30, 4) of kubelet, kube-proxy, flanneld or containerd."""
    said = asked(facts, name, "--version")
    if isinstance(said, Problem):
        return said
    if said is None:
        return Problem("runtime.programs", f"{name}.exe was not found on this node")
    # Some print it to one stream, some to the other; after a fork's name there may be digits too: the last word counts.
    found = VERSION.search(re.sub(r"\S*/\S*", "", f"{said.output} {said.errors}"))
    if found is None:
        told = said.problem or said.errors or f"exit code {said.exit_code}"
        return Problem("runtime.programs", f"{said.path} --version: {told}"[:400])
    return numbers(found[1])


def shown(told: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in told)


# What kubelet's log says of why pods do not start: codes and words of the programs themselves, never of Windows.
_LOG = (
    ("unknown flag:", "unknown-flag"),
    ("unrecognized feature gate", "unknown-flag"),
    ("wincat", "no-tool"),
    ("0xc0370101", "os-mismatch"),
    ("hcsshim::CreateComputeSystem", "os-mismatch"),
    ("no matching manifest for windows/", "no-manifest"),
    ("no match for platform in manifest", "no-manifest"),
    ("no IP addresses available in range set", "no-address"),
    ("failed to find plugin", "no-plugin"),
    ("cni plugin not initialized", "no-network-config"),
    ("no network config found in", "no-network-config"),
    ("subnet.env", "no-subnet-env"),
    ("failed to find HNSEndpoint", "no-endpoint"),
)


def classify_log_line(line: str) -> str:
    """The class of one line, '' where it is none that we know."""
    return next((name for words, name in _LOG if words.lower() in line.lower()), "")


def log_line(facts: NodeFacts, *classes: str) -> str:
    """The last line of kubelet's log of one of these classes, '' where there is none or it was not read."""
    if isinstance(facts.runtime, Problem) or isinstance(facts.runtime.kubelet_log, Problem):
        return ""
    found = (line for line in reversed(facts.runtime.kubelet_log) if classify_log_line(line) in classes)
    return next(found, "")
