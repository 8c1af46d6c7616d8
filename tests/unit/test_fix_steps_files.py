"""Remove stale subnet files: what goes, what stays, and whether kube-proxy runs afterwards as it did before."""

from __future__ import annotations

import pytest
from fix_steps import node, steps, working
from node_changes import first, gone, in_content, in_service, inside, put, typed_apart, unread, without_service
from node_facts import healthy
from node_files import file, source_vip, source_vip_request

from checks.errors import Refused

FIX = "remove-stale-subnet-files"
ODD = "C:\\k\\old [1] & co"
FOREIGN = in_content("flannel.subnet_env", "10.244.3.1/24", "10.244.5.1/24")
STALE = put("flannel.source_vip", (file(f"{ODD}\\sourceVip.json", source_vip("10.244.9.2")),))
ASKED = put("flannel.source_vip_request", (file(f"{ODD}\\sourceVipRequest.json", source_vip_request("10.244.9.0/24")),))


def test_answer_and_request_go_together_between_stop_and_start() -> None:
    made = working(FIX, node("sdn-native", STALE, ASKED))
    told = [(one["kind"], one.get("action") or one["path"]) for one in made]
    assert told == [
        ("service", "stop"),
        ("move", f"{ODD}\\sourceVip.json"),
        ("move", f"{ODD}\\sourceVipRequest.json"),
        ("service", "start"),
    ]


@pytest.mark.parametrize(
    ("state", "start_mode", "starts"),
    [
        ("running", "auto", True),
        ("running", "manual", True),
        ("paused", "manual", True),
        ("stopped", "auto", True),
        ("stopped", "manual", False),
        ("stopped", "disabled", False),
    ],
)
def test_kube_proxy_comes_back_as_it_was(state: str, start_mode: str, *, starts: bool) -> None:
    made = working(FIX, node("sdn-native", STALE, in_service("kube-proxy", state=state, start_mode=start_mode)))
    assert ("start" in [one.get("action") for one in made]) is starts


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ((), "not-stale"),
        ((STALE, unread("flannel.source_vip")), "not-readable"),
        ((STALE, unread("flannel.reservations")), "not-readable"),
        ((STALE, unread("flannel.subnet_env")), "pod-subnet-unknown"),
        ((STALE, without_service("kube-proxy")), "kube-proxy-no-service"),
        ((STALE, gone("flanneld")), "flanneld-first"),
        ((STALE, FOREIGN), "subnet-uncertain"),
        ((STALE, FOREIGN, unread("cluster")), "subnet-uncertain"),
        ((STALE, inside("cluster.node", pod_cidrs=("10.244.7.0/24",))), "subnet-uncertain"),
        ((STALE, first("hns.networks", subnets=("10.244.7.0/24",))), "subnet-uncertain"),
        ((STALE, in_service("kube-proxy", start_mode="disabled")), "service-disabled"),
        ((STALE, typed_apart("kube_proxy_service")), "service-not-there"),
        ((STALE, typed_apart("flanneld_service")), "service-not-there"),
    ],
)
def test_it_is_refused_where_it_is_not_certain(changes, reason: str) -> None:
    with pytest.raises(Refused) as told:
        steps(FIX, node("sdn-native", *changes))
    assert told.value.fields["reason"] == reason


def test_files_that_fit_stay() -> None:
    for layout in ("sdn-native", "hostprocess"):
        with pytest.raises(Refused):
            steps(FIX, healthy(layout))
