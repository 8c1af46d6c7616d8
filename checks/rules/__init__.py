"""Rules by area: pure functions from facts to findings. A new module of rules is listed here."""

from __future__ import annotations

from checks.check import Check
from checks.rules import access, flannel, limits, network, node, source_vip

CHECKS: tuple[Check, ...] = (
    *node.CHECKS,
    *access.CHECKS,
    *network.CHECKS,
    *limits.CHECKS,
    *flannel.CHECKS,
    *source_vip.CHECKS,
)
