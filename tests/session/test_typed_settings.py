"""What the node list types, over the wire: its paths are read in one go, and its values count and are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.node import Typed
from checks.scan import Scanner
from checks.session.winrm import WinRmSession
from checks.simulator.site import start_demo


@pytest.fixture
def scan(resources, scripts):
    """`scan(**changes)`: the healthy node of the demo, as the node list describes it with these changes."""
    running = start_demo(resources)
    node = next(one for one in running.nodes if one.name == "worker-01")

    def read(**changes):
        own = replace(node, **changes)
        session = WinRmSession(own, running.credentials, scripts)
        try:
            return Scanner(scripts).read(session, own)
        finally:
            session.close()

    yield read
    running.close()


def test_a_typed_path_is_the_one_that_counts(scan):
    plain, moved = scan(), scan(paths=(Typed("cni_conf_dir", "D:\\cni", "node"),))
    assert moved.error is None
    reasons = [{one.check: one.reason for one in each.findings} for each in (plain, moved)]
    assert [each["network.outbound-nat-exceptions"] for each in reasons] == ["listed", "missing"]
    assert [one.path for one in moved.facts.cni.folders] == ["D:\\cni"]
    assert moved.requests <= plain.requests


def test_a_typed_value_stands_beside_what_the_node_shows(scan):
    report = scan(cluster=(Typed("service_cidr", "172.20.0.0/16", "list"), Typed("hyperv_host", "hv-01", "group")))
    values = {one.name: one for one in report.context}
    assert (values["service_cidr"].value, values["service_cidr"].source) == ("172.20.0.0/16", "node list")
    assert values["service_cidr"].found == "10.96.0.0/12"
    assert values["hyperv_host"].source == "node list, group"
    assert values["cluster_cidr"].source == "C:\\run\\flannel\\subnet.env"
    missing = {one.check: one for one in report.findings}["network.outbound-nat-exceptions"]
    assert (missing.reason, missing.value("missing")) == ("service-missing", "172.20.0.0/16")
