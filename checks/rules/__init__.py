"""Rules by area: pure functions from facts to findings. A new module of rules is listed here."""

from __future__ import annotations

from checks.check import Check
from checks.rules import (
    access,
    addresses,
    clock,
    cni_ready,
    containerd_config,
    dns,
    flannel,
    hyperv,
    images,
    leases,
    limits,
    machine,
    names,
    network,
    network_names,
    node,
    outbound_nat,
    pulls,
    removed_flags,
    source_vip,
    subnet_env,
    vxlan,
)

CHECKS: tuple[Check, ...] = (
    *node.CHECKS,
    *removed_flags.CHECKS,
    *containerd_config.CHECKS,
    *images.CHECKS,
    *access.CHECKS,
    *clock.CHECKS,
    *machine.CHECKS,
    *network.CHECKS,
    *cni_ready.CHECKS,
    *outbound_nat.CHECKS,
    *limits.CHECKS,
    *hyperv.CHECKS,
    *network_names.CHECKS,
    *dns.CHECKS,
    *addresses.CHECKS,
    *flannel.CHECKS,
    *vxlan.CHECKS,
    *subnet_env.CHECKS,
    *source_vip.CHECKS,
    *pulls.CHECKS,
    *names.CHECKS,
    *leases.CHECKS,
)
