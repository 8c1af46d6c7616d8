"""What the steps of fixes are made from, and what they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from checks.errors import Refused
from checks.facts import NodeFacts
from checks.node import Node
from checks.profile import Profile
from checks.session import Json

Change = Mapping[str, Json]
"""One step as `Invoke-Change.ps1` takes it; `title` and `target` are for the plan."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What steps are made from."""

    node: Node
    facts: NodeFacts
    profile: Profile
    values: Mapping[str, str]
    scripts: Mapping[str, str]
    """Text of shipped scripts that are laid on the node, by name."""


Steps = Callable[[Inputs], tuple[Change, ...]]


def refuse(fix: str, node: Node, reason: str) -> Refused:
    """Nothing was changed; `reason` is a code of the fix's sentences."""
    return Refused("fix-refused", fix=fix, node=node.name, reason=reason)


def canonical(changes: tuple[Change, ...]) -> str:
    """Steps as one JSON text, the same for the same steps."""
    return json.dumps(changes, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
