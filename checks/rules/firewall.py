"""Area network: the firewall lets in kubelet's port and the overlay network's packets."""

from __future__ import annotations

import ntpath

from checks.check import Check, Context, said, unread
from checks.daemons import all_processes, daemon_flag, services
from checks.facts import FirewallProfileFact, FirewallRuleFact, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.given import all_of, answer_of, first_problem

KUBELET_PORT = "10250"
_PROGRAMS = {"kubelet": ("kubelet.exe", "rke2.exe"), "overlay": ("flanneld.exe", "system")}


def firewall_lets_in(context: Context) -> Finding:
    """6.7: by port filters, never by the names of rules."""
    facts = context.facts
    firewall = answer_of(facts.firewall, lambda one: all_of(one.profiles, one.rules))
    if isinstance(firewall, Problem):
        return unread(firewall)
    trouble = first_problem(services(facts), all_processes(facts))
    if trouble is not None:
        return unread(trouble)  # which port kubelet was told is not known
    profiles, rules = firewall
    shut = tuple(one for one in profiles if one.enabled and not one.lets_in)
    listens = answer_of(facts.firewall, lambda one: one.kubelet_listens)
    evidence = (
        *(_profile(one) for one in profiles),
        None if isinstance(listens, Problem) else _listens(listens),
    )
    if not profiles:
        return said(Verdict.UNKNOWN, "no-profiles", (Evidence("firewall-profile", "–", "Get-NetFirewallProfile"),))
    if not shut:
        return said(Verdict.PASS, "open", evidence)
    port = daemon_flag(facts, "kubelet", "port") or KUBELET_PORT
    if port != KUBELET_PORT:
        return said(Verdict.UNKNOWN, "other-port", evidence, port=port)
    return _judge_doors(context, rules, shut, evidence)


def _judge_doors(
    context: Context,
    rules: tuple[FirewallRuleFact, ...],
    shut: tuple[FirewallProfileFact, ...],
    evidence: tuple[Evidence | None, ...],
) -> Finding:
    needs_overlay = context.profile.uses_flannel is not False and context.profile.is_overlay is not False
    doors = {"kubelet": _Door("kubelet", rules, shut)}
    if needs_overlay:
        doors["overlay"] = _Door("overlay", rules, shut)
    told = (*evidence, *(one for door in doors.values() for one in door.evidence))
    is_sure = context.profile.uses_flannel is True and context.profile.is_overlay is True
    for name, door in doors.items():
        if name == "overlay" and not is_sure and not door.is_open:
            return said(Verdict.UNKNOWN, "mode-unknown", told)
        if door.blocking:
            return said(Verdict.FAIL, "blocked", told, rule=door.blocking, port=door.port)
        if door.is_open:
            continue
        if door.may_be_open:
            return said(Verdict.UNKNOWN, "program-unread", told, port=door.port)
        if name == "kubelet":
            return said(Verdict.FAIL, "kubelet-shut", told, profiles=", ".join(one.name for one in shut))
        return said(Verdict.FAIL, "overlay-shut", told, profiles=", ".join(one.name for one in shut))
    partly = next((door for door in doors.values() if door.shut_for), None)
    if partly is not None:
        return said(Verdict.WARN, "some-profiles", told, port=partly.port, profiles=", ".join(partly.shut_for))
    return said(Verdict.PASS, "rules", told)


class _Door:
    """One port, and the rules that take it in for profiles that else keep it shut."""

    def __init__(self, name: str, rules: tuple[FirewallRuleFact, ...], shut: tuple[FirewallProfileFact, ...]) -> None:
        self.port = "UDP 4789" if name == "overlay" else f"TCP {KUBELET_PORT}"

        def cover(one: FirewallRuleFact) -> str:
            return one.overlay if name == "overlay" else one.kubelet

        names = {one.name for one in shut}
        own = [one for one in rules if cover(one) and ("any" in one.profiles or names & set(one.profiles))]
        fitting = [one for one in own if _fits(one, name)]
        allowing = [one for one in fitting if one.allows and (cover(one) == "port" or one.program is not None)]
        self.is_open = bool(allowing)
        covered = {profile for one in allowing for profile in one.profiles}
        self.shut_for = () if "any" in covered else tuple(one.name for one in shut if one.name not in covered)
        self.may_be_open = any(one.allows and one.program is None for one in fitting)
        self.blocking = next((one.name for one in fitting if one.blocks and cover(one) == "port"), "")
        quoted = allowing[:3] or [one for one in fitting if one.blocks][:3]
        self.evidence = tuple(
            Evidence("firewall-rule", f"{self.port}: {one.name} ({', '.join(one.profiles)})", "Get-NetFirewallRule")
            for one in quoted
        ) or (Evidence("firewall-rule", f"{self.port}: –", "Get-NetFirewallPortFilter"),)


def _fits(rule: FirewallRuleFact, name: str) -> bool:
    """Whether the rule is for this daemon, or for every program; one whose program was not read may be."""
    return not rule.program or ntpath.basename(rule.program).lower() in _PROGRAMS[name]


def _profile(one: FirewallProfileFact) -> Evidence:
    state = "off" if not one.enabled else "on, lets in" if one.lets_in else "on, keeps out"
    return Evidence("firewall-profile", f"{one.name}: {state}", "Get-NetFirewallProfile")


def _listens(answer: bool) -> Evidence:
    return Evidence("listens", f"TCP {KUBELET_PORT}: {'yes' if answer else 'no'}", "Get-NetTCPConnection")


CHECKS = (
    Check(
        "network.firewall-lets-in",
        (
            "firewall.profiles",
            "firewall.rules",
            "daemons.services",
            "daemons.processes",
            "profile.present_paths",
            "hns.networks",
            "flannel.net_conf",
            "cni.folders",
        ),
        firewall_lets_in,
    ),
)
