"""Pairs of planted nodes that are held against each other, and what is said of both; the second is described here or by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """Two descriptions of nodes, and "verdict reason" by check of area fleet."""

    name: str
    first: str | dict[str, object]
    second: str | dict[str, object]
    expected: dict[str, str]


PAIRS = (
    # By default a planted node has 10.244.3.0/24 of 10.244.0.0/16, as the healthy one has.
    Pair(
        "the same subnet, another version, exceptions from the proxy on one alone",
        "healthy-overlay",
        {
            "node": "worker-04",
            "address": "10.2.0.14",
            "versions": {"kubernetes": "v1.29.8"},
            "serviceEnvironment": {"docker": ["NO_PROXY=10.2.0.0/24"]},
        },
        {
            "fleet.pod-subnets-apart": "fail twice",
            "fleet.pod-cidrs-apart": "fail twice",
            "fleet.flannel-alike": "pass alike",
            "fleet.versions-alike": "warn differs",
            "fleet.no-proxy-alike": "warn differs",
            "fleet.nat-exceptions-alike": "pass alike",
        },
    ),
    Pair(
        "another network and other exceptions from NAT",
        "healthy-overlay",
        "rke2-healthy",
        {
            "fleet.pod-subnets-apart": "pass apart",
            "fleet.pod-cidrs-apart": "pass apart",
            "fleet.versions-alike": "pass alike",
            "fleet.no-proxy-alike": "pass alike",
            "fleet.nat-exceptions-alike": "warn differs",
            # RKE2 keeps its net-conf.json elsewhere, and that is the one which counts.
            "fleet.flannel-alike": "fail differs",
        },
    ),
)
