"""Answers of the fix scripts for a simulated node; applying and undoing change its state."""

from __future__ import annotations

from collections.abc import Mapping

from checks.session import Json
from checks.simulator.demo_state import NodeState

Parameters = Mapping[str, Json]


def fix(state: NodeState, script: str, parameters: Parameters) -> dict[str, Json] | None:
    """Answer a fix script by name; None when it is no fix."""
    return None
