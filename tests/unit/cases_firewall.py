"""The firewall: what is changed on a healthy node, and what must be said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from node_changes import Case, Change, each, first, in_line, more, put, unread

from checks.facts import FirewallProfileFact, FirewallRuleFact
from checks.finding import Verdict

FAIL, WARN, PASS, UNKNOWN = Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.UNKNOWN


def rules(*kept: FirewallRuleFact) -> Change:
    return put("firewall.rules", kept)


def rule(kubelet: str = "", overlay: str = "", **values: Any) -> FirewallRuleFact:
    return replace(FirewallRuleFact("{5E1D}", True, False, ("any",), kubelet, overlay, ""), **values)


KUBELET, OVERLAY = rule("port"), rule("", "port")
OFF = each("firewall.profiles", lambda one: replace(one, enabled=False))
DOMAIN_ONLY = put(
    "firewall.profiles", (FirewallProfileFact("domain", True, False), FirewallProfileFact("public", False, False))
)
FIREWALL = (
    *(Case(f"healthy {one}", one, (), PASS, "rules") for one in ("sdn-native", "sdn-nssm", "hostprocess", "rke2")),
    Case("off", "sdn-native", (OFF, rules()), PASS, "open"),
    Case("lets in", "sdn-native", (each("firewall.profiles", lambda one: replace(one, lets_in=True)),), PASS, "open"),
    Case("nothing for kubelet", "sdn-native", (rules(OVERLAY),), FAIL, "kubelet-shut"),
    Case("nothing for the overlay", "sdn-native", (rules(KUBELET),), FAIL, "overlay-shut"),
    Case("l2bridge needs none", "sdn-nssm", (rules(KUBELET),), PASS, "rules"),
    Case("one rule for everything", "sdn-native", (rules(rule("any", "any")),), PASS, "rules"),
    Case("for kubelet's program", "sdn-nssm", (rules(rule("any", program="C:\\k\\kubelet.exe")),), PASS, "rules"),
    Case("for another program", "sdn-nssm", (rules(rule("port", program="C:\\x\\y.exe")),), FAIL, "kubelet-shut"),
    Case("program unread, port named", "sdn-nssm", (rules(rule("port", program=None)),), PASS, "rules"),
    Case("program unread, every port", "sdn-nssm", (rules(rule("any", program=None)),), UNKNOWN, "program-unread"),
    Case(
        "for a profile that is off",
        "sdn-nssm",
        (DOMAIN_ONLY, rules(rule("port", profiles=("public",)))),
        FAIL,
        "kubelet-shut",
    ),
    Case(
        "for the profile that is on",
        "sdn-nssm",
        (DOMAIN_ONLY, rules(rule("port", profiles=("domain", "private")))),
        PASS,
        "rules",
    ),
    Case("for one of three profiles", "sdn-nssm", (rules(rule("port", profiles=("domain",))),), WARN, "some-profiles"),
    Case(
        "for all three by two rules",
        "sdn-nssm",
        (rules(rule("port", profiles=("domain", "private")), rule("any", profiles=("public",))),),
        PASS,
        "rules",
    ),
    Case(
        "the overlay for some profiles",
        "sdn-native",
        (rules(KUBELET, rule("", "port", profiles=("private", "domain"))),),
        WARN,
        "some-profiles",
    ),
    Case("blocked", "sdn-nssm", (more("firewall.rules", rule("port", allows=False, blocks=True)),), FAIL, "blocked"),
    Case("neither allows nor blocks", "sdn-nssm", (rules(rule("port", allows=False)),), FAIL, "kubelet-shut"),
    Case(
        "overlay blocked",
        "sdn-native",
        (more("firewall.rules", rule("", "port", allows=False, blocks=True)),),
        FAIL,
        "blocked",
    ),
    Case(
        "another port of kubelet",
        "sdn-nssm",
        (in_line("kubelet", "--hostname", "--port=10260 --hostname"),),
        UNKNOWN,
        "other-port",
    ),
    Case(
        "network mode not known",
        "sdn-native",
        (rules(KUBELET), unread("hns", "flannel", "cni")),
        UNKNOWN,
        "mode-unknown",
    ),
    Case("nobody listens", "sdn-native", (put("firewall.kubelet_listens", False),), PASS, "rules"),
    Case("listeners unread", "sdn-native", (unread("firewall.kubelet_listens"),), PASS, "rules"),
    Case("no profiles", "sdn-native", (put("firewall.profiles", ()),), UNKNOWN, "no-profiles"),
    Case("profiles unread", "sdn-native", (unread("firewall.profiles"),), UNKNOWN, "not-read"),
    Case("rules unread", "sdn-native", (unread("firewall.rules"),), UNKNOWN, "not-read"),
    Case("off, rules unread", "sdn-native", (OFF, unread("firewall.rules")), UNKNOWN, "not-read"),
    Case("no answer", "sdn-native", (unread("firewall"),), UNKNOWN, "not-read"),
    Case("processes unread", "sdn-native", (unread("daemons.processes"),), UNKNOWN, "not-read"),
    Case("first profile off", "sdn-native", (first("firewall.profiles", enabled=False),), PASS, "rules"),
)

CASES = {"network.firewall-lets-in": FIREWALL}
