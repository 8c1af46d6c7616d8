"""Planted nodes of one cluster held against each other: what clashes is told on each of them, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.fleet import FLEET_IDS, with_fleet

pytestmark = pytest.mark.node

# By default a planted node has 10.244.3.0/24 of 10.244.0.0/16, as the healthy one has.
SECOND = {"node": "worker-04", "address": "10.2.0.14", "versions": {"kubernetes": "v1.29.8"}}


@pytest.fixture
def compared(bench, planted):
    """`compared(spec, …)`: findings of area fleet by node, as "verdict reason" by check."""

    def scan(*specs):
        reports = []
        for number, spec in enumerate(specs):
            report = bench(planted(spec)).scan()
            assert report.error is None
            reports.append(replace(report, node=replace(report.node, name=f"node-{number}")))
        return [
            {one.check: f"{one.verdict.value} {one.reason}" for one in report.findings if one.check in FLEET_IDS}
            for report in with_fleet(reports)
        ]

    return scan


def test_the_same_subnet_and_another_version(compared):
    first, second = compared("healthy-overlay", SECOND)
    assert first == second
    assert first == {
        "fleet.pod-subnets-apart": "fail twice",
        "fleet.pod-cidrs-apart": "fail twice",
        "fleet.flannel-alike": "pass alike",
        "fleet.versions-alike": "warn differs",
        "fleet.no-proxy-alike": "pass alike",
        "fleet.nat-exceptions-alike": "pass alike",
    }


def test_another_network_and_other_exceptions(compared):
    first, second = compared("healthy-overlay", "rke2-healthy")
    assert first == second
    assert first["fleet.pod-subnets-apart"] == "pass apart"
    assert first["fleet.pod-cidrs-apart"] == "pass apart"
    assert first["fleet.nat-exceptions-alike"] == "warn differs"
    # RKE2 keeps its net-conf.json elsewhere, and that is the one which counts.
    assert first["fleet.flannel-alike"] == "fail differs"
