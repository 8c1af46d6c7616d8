"""Area network: MAC spoofing on the virtual machine's adapters, which only its host can tell."""

from __future__ import annotations

from collections.abc import Mapping

from checks.check import Check, Context, said, unread
from checks.facts import GuestFact, HyperVFacts, NodeFacts, Problem, VirtualAdapterFact
from checks.finding import Evidence, Finding, Verdict
from checks.given import all_of, answer_of
from checks.host_settings import typed_host
from checks.hyperv_host import AZURE_TAG, GUEST_KEY, guest_macs, is_hyper_v_guest

_CLOUDS = ("amazon", "google", "alibaba", "oracle", "digitalocean")
_HYPERVISORS = ("vmware", "qemu", "xen", "nutanix", "red hat", "innotek", "parallels")
_HOST_SAID = "Get-VMNetworkAdapter, {host}"
WHY_NOT: Mapping[str, str] = {
    "sign-in-refused": "host-refused",
    "no-password": "host-no-password",
    "no-user": "host-no-password",
    "access-denied": "host-denied",
    "0x80070005": "host-denied",
    **dict.fromkeys(
        ("deadline", "silent", "name-not-found", "connection-refused", "no-answer", "no-route", "connection-lost"),
        "host-unreachable",
    ),
}
"""Codes of what went wrong with the host, and the reason that has words for it."""


def mac_spoofing(context: Context) -> Finding:
    """W1: whether the question matters here, and what the host says. Seen from inside, the answer can't be read."""
    facts = context.facts
    computer = answer_of(facts.system, lambda one: all_of(one.manufacturer, one.model))
    if isinstance(computer, Problem):
        return unread(computer)
    maker, model = computer
    told = Evidence("computer", f"{maker} · {model}", "Win32_ComputerSystem")
    values = {"maker": maker, "model": model}
    if maker.lower().startswith(_CLOUDS):
        return said(Verdict.NOT_APPLICABLE, "cloud", (told,), **values)
    if maker.lower().startswith(_HYPERVISORS):
        return said(Verdict.NOT_APPLICABLE, "other-hypervisor", (told,), **values)
    if not is_hyper_v_guest(maker, model):
        return said(Verdict.NOT_APPLICABLE, "no-virtual-machine", (told,), **values)
    return _hyper_v_guest(context, told)


def _hyper_v_guest(context: Context, told: Evidence) -> Finding:
    facts = context.facts
    guest = answer_of(facts.machine, lambda one: one.guest)
    if isinstance(guest, Problem):
        return unread(guest)
    if guest.chassis_tag == AZURE_TAG:
        tag = Evidence("chassis-tag", guest.chassis_tag, "Win32_SystemEnclosure")
        return said(Verdict.NOT_APPLICABLE, "cloud", (told, tag), maker="Azure", model=guest.chassis_tag)
    typed = typed_host(context.node)
    host = typed.value if typed is not None else guest.hyper_v_host
    evidence = (
        told,
        Evidence("hyper-v-host", host or "–", typed.source if typed is not None else GUEST_KEY),
        Evidence("virtual-machine", guest.virtual_machine or "–", GUEST_KEY),
    )
    answer = facts.hyperv
    if isinstance(answer, HyperVFacts):
        return _host_answered(facts, answer, guest, evidence)
    if answer.code != "not-asked":
        return _not_told(answer, host, guest, evidence)
    if not host:
        return said(Verdict.UNKNOWN, "host-not-named", evidence)
    return said(Verdict.UNKNOWN, "ask-host", evidence, host=host, machine=_quoted(guest.virtual_machine or "<VM>"))


def _quoted(name: str) -> str:
    """As it stands between single quotes in PowerShell."""
    return name.replace("'", "''")


def _not_told(problem: Problem, host: str, guest: GuestFact, evidence: tuple[Evidence, ...]) -> Finding:
    """The host was to be asked and gave no answer, or not this one."""
    why = problem.message or problem.code or "?"
    reason = WHY_NOT.get(problem.code, "host-not-read")
    told = Evidence("not-read", why, problem.fact)
    values = {"host": host or "?", "machine": _quoted(guest.virtual_machine or "<VM>"), "why": why}
    return said(Verdict.UNKNOWN, reason, (*evidence, told), **values)


def _host_answered(facts: NodeFacts, answer: HyperVFacts, guest: GuestFact, evidence: tuple[Evidence, ...]) -> Finding:
    host = evidence[1].value if isinstance(answer.host, Problem) else answer.host
    if answer.module is False:
        absent = Evidence("hyper-v-module", "–", f"Get-Command, {host}")
        return said(Verdict.UNKNOWN, "host-no-module", (*evidence, absent), host=host)
    if isinstance(answer.adapters, Problem):
        return _not_told(answer.adapters, host, guest, evidence)
    macs = guest_macs(facts)
    if isinstance(macs, Problem):
        return unread(macs)
    own = _own(answer.adapters, guest)
    source = _HOST_SAID.format(host=host)
    shown = (*evidence, *(_adapter_evidence(one, source) for one in own))
    missing = [mac for mac in macs if mac not in {one.mac for one in own}]
    if not macs or missing:
        there = Evidence("mac-addresses", ", ".join(missing) or "–", "Get-NetAdapter")
        values = {"host": host, "named": guest.hyper_v_host or "–", "macs": there.value}
        return said(Verdict.UNKNOWN, "machine-not-found", (*shown, there), **values)
    if len({(one.machine_id, one.machine) for one in own}) > 1:
        machines = ", ".join(sorted({one.machine for one in own}))
        return said(Verdict.UNKNOWN, "machines-alike", shown, host=host, machines=machines)
    return _judged(facts, own, shown, host)


def _own(adapters: tuple[VirtualAdapterFact, ...], guest: GuestFact) -> tuple[VirtualAdapterFact, ...]:
    """A copied machine may have the same MAC address: the name that the guest knows tells which is meant."""
    named = tuple(one for one in adapters if one.machine.casefold() == guest.virtual_machine.casefold())
    return named or adapters


def _adapter_evidence(one: VirtualAdapterFact, source: str) -> Evidence:
    state = {True: "On", False: "Off", None: "?"}[one.spoofing]
    where = " · ".join(part for part in (one.machine, one.name, one.switch, one.mac) if part)
    return Evidence("mac-spoofing", f"{state} ({where})", source)


def _judged(facts: NodeFacts, own: tuple[VirtualAdapterFact, ...], shown: tuple[Evidence, ...], host: str) -> Finding:
    machine = own[0].machine
    values = {"host": host, "machine": _quoted(machine)}
    off = [one for one in own if one.spoofing is False]
    if off:
        values["adapters"] = ", ".join(one.name or one.mac for one in off)
        network = _transparent(facts)
        if network is not None:
            return said(Verdict.FAIL, "off-transparent", (*shown, network), network=network.value, **values)
        return said(Verdict.WARN, "off", shown, **values)
    if any(one.spoofing is None for one in own):
        return said(Verdict.UNKNOWN, "neither", shown, **values)
    return said(Verdict.PASS, "on", shown, **values)


def _transparent(facts: NodeFacts) -> Evidence | None:
    """A network whose pods send their own MAC addresses: there it can't work without."""
    hns = facts.hns
    networks = () if isinstance(hns, Problem) or isinstance(hns.networks, Problem) else hns.networks
    return next(
        (Evidence("network", one.name, "Get-HnsNetwork") for one in networks if one.type.casefold() == "transparent"),
        None,
    )


CHECKS = (
    Check(
        "network.mac-spoofing",
        (
            "system.manufacturer",
            "system.model",
            "machine.guest",
            "network.adapters",
            "hyperv.module",
            "hyperv.adapters",
        ),
        mac_spoofing,
        waits_for=("hns",),
    ),
)
