"""For every check there is a planted node that has the fault and one that has not.

The descriptions of `tests/nodes/tips` and the pairs of `tests/nodes/fleet_pairs.py` are what tests/nodes holds true on nodes.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from fleet_pairs import PAIRS

from checks.fleet import FLEET_IDS
from checks.rules import CHECKS

NODES = Path(__file__).resolve().parents[1] / "nodes"
LIMITS = ("ping-outside", "local-node-port", "service-address-from-node", "dns-limits")
"""Checks of area network that tell what Windows can't do, or could not before a build: never a fault."""
BESIDE = {"network.mac-spoofing": "test_hyperv_host.py", "network.node-ports-answer": "test_node_ports.py"}
"""Checks that ask beside the scan: a test of their own shows both on planted nodes."""


def told() -> dict[str, set[str]]:
    """The verdicts that some description expects, by check."""
    found: dict[str, set[str]] = defaultdict(set)
    expected = [
        yaml.safe_load(path.read_text(encoding="utf-8")).get("expect", {}) for path in (NODES / "tips").glob("*.yaml")
    ]
    for one in (*expected, *(pair.expected for pair in PAIRS)):
        for check, said in one.items():
            found[check].add(said.split()[0])
    return found


@pytest.mark.parametrize("check", sorted({*(one.id for one in CHECKS), *FLEET_IDS}))
def test_a_node_has_it_and_one_has_not(check: str) -> None:
    verdicts = told()[check]
    if check in BESIDE:
        text = (NODES / BESIDE[check]).read_text(encoding="utf-8")
        assert f'CHECK = "{check}"' in text
        assert "Verdict.PASS, " in text
        assert "Verdict.WARN, " in text or "Verdict.FAIL, " in text
    elif check.removeprefix("network.") in LIMITS:
        assert "info" in verdicts
    else:
        assert "pass" in verdicts, f"no planted node is without the fault of {check}"
        assert verdicts & {"warn", "fail"}, f"no planted node has the fault of {check}"
