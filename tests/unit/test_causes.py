"""Root causes: consequences lie under the root of their chain, only failed roots take them, and no chain is a ring."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from node_facts import LAYOUTS, NODE, healthy, judge

from checks.catalogue import Catalogue, load_catalogue
from checks.causes import CONSEQUENCES, Consequence, fold
from checks.finding import Finding, Verdict
from checks.report import report_lines
from checks.rules import CHECKS
from checks.scan import NodeReport

NOW = datetime(2026, 11, 24)
WORDS = load_catalogue(Path(__file__).resolve().parents[2] / "resources" / "catalogue")


def finding(check: str, verdict: Verdict, reason: str, **values: str) -> Finding:
    return Finding(check, verdict, reason, tuple(sorted(values.items())))


def causes(*findings: Finding) -> dict[str, str]:
    return {one.check: one.cause for one in fold(findings)}


HNS = finding("network.hns-network-exists", Verdict.FAIL, "hns-stopped")
MISSING = finding("network.hns-network-exists", Verdict.FAIL, "missing")
DEAD = finding("flannel.flanneld-runs", Verdict.FAIL, "dead")
NO_FILE = finding("flannel.subnet-env", Verdict.FAIL, "missing")
PROXY = finding("node.proxy-variables", Verdict.FAIL, "api-through-proxy")


def test_a_consequence_lies_under_its_cause():
    assert causes(DEAD, NO_FILE, MISSING) == {
        "flannel.flanneld-runs": "",
        "flannel.subnet-env": "flannel.flanneld-runs",
        "network.hns-network-exists": "flannel.flanneld-runs",
    }


def test_a_chain_leads_to_its_root():
    found = causes(NO_FILE, DEAD, MISSING, PROXY)
    assert found.pop("node.proxy-variables") == ""
    assert set(found.values()) == {"node.proxy-variables"}


def test_the_service_behind_all_networks_is_a_root():
    unread = finding("flannel.source-vip", Verdict.UNKNOWN, "not-read", fact="hns.networks", why="stopped")
    other = finding("flannel.subnet-env", Verdict.UNKNOWN, "not-read", fact="flannel.subnet_env", why="denied")
    assert causes(HNS, DEAD, unread, other) == {
        "network.hns-network-exists": "",
        "flannel.flanneld-runs": "network.hns-network-exists",
        "flannel.source-vip": "network.hns-network-exists",
        "flannel.subnet-env": "",
    }


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.FAIL])
def test_only_a_failed_check_is_a_cause(verdict: Verdict):
    assert causes(NO_FILE, finding("flannel.flanneld-runs", verdict, "dead"))["flannel.subnet-env"] == ""


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.INFO, Verdict.NOT_APPLICABLE])
def test_what_is_no_trouble_follows_from_nothing(verdict: Verdict):
    assert causes(DEAD, finding("flannel.subnet-env", verdict, "missing"))["flannel.subnet-env"] == ""


def test_another_reason_of_the_cause_takes_nothing():
    other = finding("node.proxy-variables", Verdict.FAIL, "no-proxy-set")
    assert causes(DEAD, other)["flannel.flanneld-runs"] == ""


def test_a_hanging_service_is_the_root_of_what_it_leaves_unread():
    hangs = finding("network.hns-is-healthy", Verdict.FAIL, "deadlocked")
    silent = tuple(
        finding(check, Verdict.UNKNOWN, "not-read", fact="hns.networks", why="no answer")
        for check in ("network.hns-network-exists", "network.names-agree", "network.dns-load-balancer")
    )
    found = causes(hangs, *silent)
    assert found.pop("network.hns-is-healthy") == ""
    assert set(found.values()) == {"network.hns-is-healthy"}


def test_an_address_of_before_is_told_once():
    moved = finding("network.node-address-agrees", Verdict.FAIL, "changed")
    old = finding("network.outbound-nat-exceptions", Verdict.FAIL, "stale-address")
    assert causes(moved, old)["network.outbound-nat-exceptions"] == "network.node-address-agrees"


def test_a_file_that_containerd_refuses_tells_nothing_of_its_folder():
    refused = finding("node.containerd-config", Verdict.FAIL, "backslash")
    for fact, cause in (("profile.containerd_config", "node.containerd-config"), ("machine.disks", "")):
        disk = finding("node.disk-has-room", Verdict.UNKNOWN, "not-read", fact=fact, why="line 5")
        assert causes(refused, disk)["node.disk-has-room"] == cause


def test_a_ring_would_leave_both_where_they_are(monkeypatch: pytest.MonkeyPatch):
    ring = (Consequence("a", frozenset(), "b"), Consequence("b", frozenset(), "a"))
    monkeypatch.setattr("checks.causes.CONSEQUENCES", ring)
    assert causes(finding("a", Verdict.FAIL, "x"), finding("b", Verdict.FAIL, "x")) == {"a": "", "b": ""}


def reasons_of(check: str) -> set[str]:
    """What this check has words for, and what every check can say."""
    return set(WORDS.check(check).reasons) | {"not-read", "typed-not-there"}


def test_no_chain_is_a_ring():
    """A finding has one reason: the rows are arrows from (check, reason) to (cause, reason)."""
    arrows: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for row in CONSEQUENCES:
        for reason in row.reasons or reasons_of(row.check):
            causing = row.cause_reasons or reasons_of(row.cause)
            arrows.setdefault((row.check, reason), set()).update((row.cause, one) for one in causing)
    for start in arrows:
        reached: set[tuple[str, str]] = set()
        waiting = list(arrows[start])
        while waiting:
            at = waiting.pop()
            # A cause failed: it can't be one that was not read, or that is not there.
            if at not in reached and at[1] not in ("not-read", "typed-not-there"):
                reached.add(at)
                waiting.extend(arrows.get(at, ()))
        assert start not in reached, start


def test_the_table_names_checks_and_reasons_that_there_are():
    known = {one.id for one in CHECKS}
    for row in CONSEQUENCES:
        assert {row.check, row.cause} <= known, row
        assert row.check != row.cause, row
        assert row.reasons <= reasons_of(row.check), row
        assert row.cause_reasons <= reasons_of(row.cause), row


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_healthy_node_has_no_consequences(layout: str):
    assert {one.cause for one in judge(healthy(layout)).values()} == {""}


def test_a_report_lays_consequences_below_their_cause(words: Catalogue):
    findings = fold((finding("node.kubelet-runs", Verdict.PASS, "runs"), NO_FILE, MISSING, DEAD))
    lines = list(report_lines(NodeReport(NODE, "", (), healthy("sdn-nssm"), findings, NOW, 0.0, 0, 0), words))
    titles = [line for line in lines for one in findings if words.check(one.check).title + ":" in line]
    order = [next(one.check for one in findings if words.check(one.check).title in line) for line in titles]
    assert order[0] == "node.kubelet-runs"
    assert order[1] == "flannel.flanneld-runs"
    assert set(order[2:]) == {"flannel.subnet-env", "network.hns-network-exists"}
    width = titles[1].index(words.check("flannel.flanneld-runs").title)
    assert all(
        line.index(words.check(check).title) == width + 4 for line, check in zip(titles[2:], order[2:], strict=True)
    )
