"""Builds of Windows: what is said of each revision."""

from __future__ import annotations

from node_changes import Case, Change, put, unread

from checks.finding import Verdict

FAIL, INFO, PASS, UNKNOWN, WARN = Verdict.FAIL, Verdict.INFO, Verdict.PASS, Verdict.UNKNOWN, Verdict.WARN


def version(build: int, revision: int) -> Change:
    return lambda facts: put("system.ubr", revision)(put("system.build", build)(facts))


BUILDS = (
    Case("Server 2019, new", "sdn-native", (), PASS, "none-known"),
    Case("Server 2022 before July 2024", "sdn-nssm", (version(20348, 2581),), PASS, "none-known"),
    Case("July 2024", "sdn-nssm", (version(20348, 2582),), INFO, "container-network"),
    Case("September 2024", "sdn-nssm", (version(20348, 2761),), INFO, "container-network"),
    Case("October 2024", "sdn-nssm", (version(20348, 2762),), PASS, "none-known"),
    Case("August 2020", "sdn-nssm", (version(17763, 1397),), WARN, "service-after-hns"),
    Case("KB4571748", "sdn-nssm", (version(17763, 1432),), WARN, "service-after-hns"),
    Case("October 2020", "sdn-nssm", (version(17763, 1554),), PASS, "none-known"),
    Case("too old for overlay", "sdn-native", (version(17763, 378),), WARN, "overlay-too-old"),
    Case("old enough for l2bridge", "sdn-nssm", (version(17763, 378),), PASS, "none-known"),
    Case(
        "old, mode not known",
        "sdn-native",
        (version(17763, 1), unread("hns", "flannel", "cni")),
        UNKNOWN,
        "mode-unknown",
    ),
    Case("2004", "sdn-nssm", (version(19041, 1),), WARN, "loses-address"),
    Case("20H2", "sdn-nssm", (version(19042, 9999),), WARN, "loses-address"),
    Case("Server 2025", "rke2", (version(26100, 2314),), INFO, "acl-policies"),
    Case("Server 2016", "sdn-nssm", (version(14393, 7000),), FAIL, "too-old"),
    Case("build unread", "sdn-nssm", (unread("system.build"),), UNKNOWN, "not-read"),
    Case("revision unread", "sdn-nssm", (unread("system.ubr"),), UNKNOWN, "not-read"),
    Case("machine unread", "sdn-nssm", (unread("system"),), UNKNOWN, "not-read"),
)

CASES = {"node.build-without-known-faults": BUILDS}
