"""Services that ended unexpectedly: shown beside what is judged, and never a reason of their own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from node_changes import gone
from node_facts import healthy, judge, with_fact, with_problem

from checks.facts import CrashFact
from checks.finding import Evidence

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SHOWN = Evidence("crashes", "3, 2026-11-22T08:00:00+00:00", "Get-WinEvent System 7031, 7034")


@pytest.mark.parametrize(
    ("service", "check"),
    [
        ("Kubelet", "node.kubelet-runs"),
        ("kube-proxy", "node.kube-proxy-runs"),
        ("hns", "network.hns-is-healthy"),
        ("docker", "node.containerd-runs"),
    ],
)
def test_the_evidence_tells_how_often_and_when(service, check):
    facts = healthy("sdn-nssm")
    facts = with_fact(facts, "daemons.crashes", (CrashFact(service, 3, AT), CrashFact("other", 9, None)))
    before, after = judge(healthy("sdn-nssm"))[check], judge(facts)[check]
    assert SHOWN in after.evidence
    assert (after.verdict, after.reason) == (before.verdict, before.reason)


def test_flanneld_that_is_down_shows_its_crashes():
    facts = with_fact(gone("flanneld")(healthy("sdn-nssm")), "daemons.crashes", (CrashFact("flanneld", 3, AT),))
    assert SHOWN in judge(facts)["flannel.flanneld-runs"].evidence


def test_an_event_log_that_was_not_read_changes_no_verdict():
    facts = healthy("sdn-nssm")
    less = with_problem(facts, "daemons.crashes")
    verdicts = {check: (one.verdict, one.reason) for check, one in judge(facts).items()}
    assert {check: (one.verdict, one.reason) for check, one in judge(less).items()} == verdicts
