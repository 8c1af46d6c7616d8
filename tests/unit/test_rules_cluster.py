"""What only the cluster side tells: one change on a healthy node, and the verdict, reason, fixes and cause that follow."""

from __future__ import annotations

import cases_cluster
import pytest
from cases_cluster import node
from node_changes import Case, unread
from node_facts import healthy, judge
from reasons import given_reasons

from checks.finding import Evidence
from checks.rules.pulls import pull_cause

CASES = cases_cluster.CASES
ALL = [(check, case) for check, cases in CASES.items() for case in cases]


@pytest.mark.parametrize(("check", "case"), ALL, ids=[f"{check}: {case.name}" for check, case in ALL])
def test_a_change_is_judged(check: str, case: Case):
    found = judge(case.facts)[check]
    assert (found.verdict, found.reason) == (case.verdict, case.reason), found
    assert (found.fixes, found.cause) == (case.fixes, case.cause)


def test_every_reason_of_the_rules_is_reached():
    causes = {
        pull_cause(text)
        for text in (
            "429",
            "proxyconnect",
            "401",
            "x509:",
            "404",
            "no such host",
            "dial tcp",
            "no space left on device",
            "?",
        )
    }
    given = given_reasons("pulls") | given_reasons("names") | given_reasons("leases") | causes
    assert {case.reason for _, case in ALL} == given | {"not-read", "typed-not-there", "other-cni", "no-flannel"}


def test_no_two_cases_have_one_name():
    for check, cases in CASES.items():
        names = [case.name for case in cases]
        assert len(names) == len(set(names)), check


def test_every_old_address_is_told_with_its_place():
    found = judge(node(public_ip="10.2.0.66")(healthy("sdn-native")))["network.node-address-agrees"]
    assert found.value("old") == "10.2.0.66"
    assert found.value("places") == "flannel.alpha.coreos.com/public-ip"
    assert found.value("address") == "10.2.0.13"
    assert Evidence("address", "10.2.0.13", "flanneld --iface") in found.evidence


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("rpc error: code = NotFound desc = failed to pull and unpack image: no match for platform in manifest: not found", "platform"),
        ("no matching manifest for windows/amd64 10.0.18362 in the manifest list entries", "platform"),
        ("hcsshim: The container operating system does not match the host operating system. (0xc0370101)", "platform"),
        ('image operating system "linux" cannot be used on this platform', "platform"),
        ('failed to do request: Head "https://r/v2/": proxyconnect tcp: dial tcp: lookup proxy: no such host', "proxy"),
        ("failed to do request: Head: Service Unavailable by proxy", "proxy"),
        ("dial tcp: lookup registry.example.com: no such host", "name"),
        ("pull access denied, repository does not exist or may require authorization: server message: insufficient_scope", "sign-in"),
        ("unexpected status from HEAD request to https://r/v2/a/manifests/b: 403 Forbidden", "sign-in"),
        ("toomanyrequests: You have reached your pull rate limit", "rate-limit"),
        ("failed to resolve reference: r/a:b: not found", "not-found"),
        ('tls: failed to verify certificate: x509: certificate has expired or is not yet valid', "certificate"),
        ("dial tcp 10.0.0.1:443: connect: connection refused", "network"),
        ("failed to extract layer: hcsshim::ProcessBaseLayer: failed in Win32: (0x70)", "disk"),
        ('Back-off pulling image "example.com/web:4290"', "unclear"),
        ("", "unclear"),
    ],
)  # fmt: skip
def test_a_message_tells_its_cause(message: str, cause: str):
    assert pull_cause(message) == cause


@pytest.mark.parametrize("check", ["flannel.source-vip", "flannel.subnet-env", "network.hns-network-exists"])
def test_the_assigned_range_stands_beside_what_the_node_uses(check: str):
    told = Evidence("pod-cidr", "10.244.3.0/24", "kubectl get node")
    assert told in judge(healthy("sdn-native"))[check].evidence
    assert told not in judge(unread("cluster")(healthy("sdn-native")))[check].evidence
