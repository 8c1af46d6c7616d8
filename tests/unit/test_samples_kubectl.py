"""Golden verdicts of the sample answers of kubectl, read as the probe reads them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from node_changes import Change, put
from node_facts import fact, healthy, judge, with_fact

from checks.facts import NodeAddressFact, NodeConditionFact, NodeFacts, PodContainerFact, PodEventFact, PodFact

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "reference" / "samples" / "kubectl"


def told(name: str) -> Any:
    if not FOLDER.is_dir():
        pytest.skip("no samples: put shared/ beside this clone")
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def node_of(sample: Any) -> Change:
    notes = sample["metadata"]["annotations"]

    def change(facts: NodeFacts) -> NodeFacts:
        own = replace(
            fact(facts, "cluster.node"),
            name=sample["metadata"]["name"],
            backend_type=notes["flannel.alpha.coreos.com/backend-type"],
            public_ip=notes["flannel.alpha.coreos.com/public-ip"],
            pod_cidrs=tuple(sample["spec"]["podCIDRs"]),
            addresses=tuple(NodeAddressFact(one["type"], one["address"]) for one in sample["status"]["addresses"]),
            conditions=tuple(
                NodeConditionFact(one["type"], one["status"], one["reason"], one["message"], None)
                for one in sample["status"]["conditions"]
            ),
        )
        return with_fact(facts, "cluster.node", own)

    return change


def container(status: Any) -> PodContainerFact:
    waiting = status["state"].get("waiting", {})
    return PodContainerFact(
        status["name"],
        status["image"],
        status["ready"],
        status["restartCount"],
        waiting.get("reason", ""),
        waiting.get("message", ""),
    )


def pod_of(sample: Any) -> PodFact:
    selector = tuple(f"{key}={value}" for key, value in sample["spec"]["nodeSelector"].items())
    containers = tuple(container(one) for one in sample["status"]["containerStatuses"])
    place, name = sample["metadata"]["namespace"], sample["metadata"]["name"]
    return PodFact(place, name, "", sample["status"]["phase"], "", False, "", selector, (), containers)


def event_of(sample: Any) -> PodEventFact:
    about = sample["involvedObject"]
    return PodEventFact(about["namespace"], about["name"], sample["reason"], sample["message"], sample["count"], None)


PODS, EVENTS, NODE = "pods-on-win1-constructed.json", "events-constructed.json", "node-win1-constructed.json"


def with_pods(*names: str) -> NodeFacts:
    listed = tuple(pod_of(one) for one in told(PODS)["items"] if not names or one["metadata"]["name"] in names)
    events = tuple(event_of(one) for one in told(EVENTS)["items"])
    return put("cluster.events", events)(put("cluster.pods", listed)(healthy("sdn-native")))


@pytest.mark.parametrize(
    ("pods", "verdict", "pod"),
    [
        ((), "fail linux-image", "monitoring/linux-agent-xyz"),
        (("web-0",), "warn unclear", "default/web-0"),
        (("web-1",), "pass pulled", ""),  # it waits for its sandbox, not for an image
    ],
)
def test_pods_wait_for_their_images(pods: tuple[str, ...], verdict: str, pod: str):
    found = judge(with_pods(*pods))["node.images-are-pulled"]
    assert f"{found.verdict.value} {found.reason}" == verdict
    assert found.value("pod") == pod


def test_the_node_of_the_sample_is_not_the_healthy_one():
    found = judge(node_of(told(NODE))(healthy("sdn-native")))
    addresses, ranges = found["network.node-address-agrees"], found["network.pod-cidr-agrees"]
    assert (addresses.verdict.value, addresses.reason) == ("fail", "changed")
    assert addresses.value("places") == "flannel.alpha.coreos.com/public-ip, InternalIP"
    assert (ranges.verdict.value, ranges.reason) == ("fail", "file-differs")
    assert (ranges.value("cidr"), ranges.value("told")) == ("10.244.1.0/24", "10.244.3.0/24")


def test_the_node_of_the_sample_has_no_disk_pressure():
    found = judge(node_of(told(NODE))(healthy("sdn-native")))["node.no-disk-pressure"]
    assert (found.verdict.value, found.reason) == ("pass", "none")
    assert found.evidence[0].value == "DiskPressure · False · KubeletHasNoDiskPressure"
