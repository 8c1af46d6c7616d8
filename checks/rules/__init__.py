"""Rules by area: pure functions from facts to findings. A new module of rules is listed here."""

from __future__ import annotations

from checks.check import Check
from checks.rules import (
    access,
    clock,
    dns,
    flannel,
    hyperv,
    leases,
    limits,
    machine,
    names,
    network,
    node,
    outbound_nat,
    pulls,
    source_vip,
    subnet_env,
)

CHECKS: tuple[Check, ...] = (
    *node.CHECKS,
    *access.CHECKS,
    *clock.CHECKS,
    *machine.CHECKS,
    *network.CHECKS,
    *outbound_nat.CHECKS,
    *limits.CHECKS,
    *hyperv.CHECKS,
    *dns.CHECKS,
    *flannel.CHECKS,
    *subnet_env.CHECKS,
    *source_vip.CHECKS,
    *pulls.CHECKS,
    *names.CHECKS,
    *leases.CHECKS,
)
