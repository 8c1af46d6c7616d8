"""Rules by area: pure functions from facts to findings. A new module of rules is listed here."""

from __future__ import annotations

from checks.check import Check
from checks.rules import flannel, network, node, source_vip

CHECKS: tuple[Check, ...] = (
    *node.CHECKS,
    *network.CHECKS,
    *flannel.CHECKS,
    *source_vip.CHECKS,
)
