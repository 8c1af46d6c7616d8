"""Area network: MAC spoofing on the virtual machine's adapters, which only its host can tell."""

from __future__ import annotations

from checks.check import Check, Context, said, unread
from checks.facts import Problem
from checks.finding import Evidence, Finding, Verdict

AZURE_TAG = "7783-7084-3265-9085-8269-3286-77"
"""Chassis asset tag of every virtual machine on Azure."""
_CLOUDS = ("amazon", "google", "alibaba", "oracle", "digitalocean")
_HYPERVISORS = ("vmware", "qemu", "xen", "nutanix", "red hat", "innotek", "parallels")


def mac_spoofing(context: Context) -> Finding:
    """W1: whether the question matters here, and whom to ask. Seen from inside, the answer can't be read."""
    facts = context.facts
    if isinstance(facts.system, Problem):
        return unread(facts.system)
    maker, model = facts.system.manufacturer, facts.system.model
    if isinstance(maker, Problem):
        return unread(maker)
    if isinstance(model, Problem):
        return unread(model)
    told = Evidence("computer", f"{maker} · {model}", "Win32_ComputerSystem")
    values = {"maker": maker, "model": model}
    if maker.lower().startswith(_CLOUDS):
        return said(Verdict.NOT_APPLICABLE, "cloud", (told,), **values)
    if maker.lower().startswith(_HYPERVISORS):
        return said(Verdict.NOT_APPLICABLE, "other-hypervisor", (told,), **values)
    if not (maker.lower().startswith("microsoft") and model.lower().startswith("virtual")):
        return said(Verdict.NOT_APPLICABLE, "no-virtual-machine", (told,), **values)
    return _hyper_v_guest(context, told)


def _hyper_v_guest(context: Context, told: Evidence) -> Finding:
    facts = context.facts
    guest = facts.machine if isinstance(facts.machine, Problem) else facts.machine.guest
    if isinstance(guest, Problem):
        return unread(guest)
    if guest.chassis_tag == AZURE_TAG:
        tag = Evidence("chassis-tag", guest.chassis_tag, "Win32_SystemEnclosure")
        return said(Verdict.NOT_APPLICABLE, "cloud", (told, tag), maker="Azure", model=guest.chassis_tag)
    source = "HKLM\\SOFTWARE\\Microsoft\\Virtual Machine\\Guest\\Parameters"
    typed = next((one for one in context.node.cluster if one.name == "hyperv_host"), None)
    host = typed.value if typed is not None else guest.hyper_v_host
    evidence = (
        told,
        Evidence("hyper-v-host", host or "–", typed.source if typed is not None else source),
        Evidence("virtual-machine", guest.virtual_machine or "–", source),
    )
    if not host:
        return said(Verdict.UNKNOWN, "host-not-named", evidence)
    return said(Verdict.UNKNOWN, "ask-host", evidence, host=host, machine=guest.virtual_machine or "<VM>")


CHECKS = (Check("network.mac-spoofing", ("system.manufacturer", "system.model", "machine.guest"), mac_spoofing),)
