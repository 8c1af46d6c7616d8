"""Steps of a fix as the node would be sent them, made from facts alone."""

from __future__ import annotations

from typing import Any

from node_changes import Change
from node_facts import NODE, healthy

from checks.facts import NodeFacts
from checks.fix import Inputs
from checks.fix_list import FIXES, steps_of
from checks.profile import detect

SERVICES = "SYSTEM\\CurrentControlSet\\Services"


def node(layout: str, *changes: Change) -> NodeFacts:
    facts = healthy(layout)
    for change in changes:
        facts = change(facts)
    return facts


def proposed(fix: str, facts: NodeFacts) -> dict[str, str]:
    return {one.name: one.default(facts) for one in FIXES[fix].parameters}


def steps(fix: str, facts: NodeFacts, **values: str) -> list[dict[str, Any]]:
    """All steps, guards too. Raises `Refused` as the fix does."""
    told = {**proposed(fix, facts), **values}
    return [dict(one) for one in steps_of(fix)(Inputs(NODE, facts, detect(facts), told, {"Start-Flanneld": "# x"}))]


def working(fix: str, facts: NodeFacts, **values: str) -> list[dict[str, Any]]:
    """The steps that do something."""
    return [one for one in steps(fix, facts, **values) if one["kind"] not in ("guard", "watch")]
