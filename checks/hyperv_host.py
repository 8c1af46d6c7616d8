"""A node as a guest of Hyper-V: whether asking its host would tell anything, and about which adapters."""

from __future__ import annotations

from checks.facts import NodeFacts, Problem

AZURE_TAG = "7783-7084-3265-9085-8269-3286-77"
"""Chassis asset tag of every virtual machine on Azure."""
GUEST_KEY = "HKLM\\SOFTWARE\\Microsoft\\Virtual Machine\\Guest\\Parameters"


def same_host(one: str, other: str) -> bool:
    """Whether two names can be one computer's: with and without its domain, in any case."""
    first, second = one.casefold().rstrip("."), other.casefold().rstrip(".")
    return first == second or (first + ".").startswith(second + ".") or (second + ".").startswith(first + ".")


def is_hyper_v_guest(maker: str, model: str) -> bool:
    """Hyper-V's virtual machines, those of Azure among them."""
    return maker.lower().startswith("microsoft") and model.lower().startswith("virtual")


def guest_macs(facts: NodeFacts) -> tuple[str, ...] | Problem:
    """MAC addresses of the adapters that the host gave: those that are up and made by no software of the guest."""
    network = facts.network
    adapters = network if isinstance(network, Problem) else network.adapters
    if isinstance(adapters, Problem):
        return adapters
    plain = (plain_mac(one.mac) for one in adapters if one.status == "up" and not one.is_virtual)
    return tuple(dict.fromkeys(mac for mac in plain if mac))


def plain_mac(text: str) -> str:
    """12 digits in capitals, or '' where this is no MAC address."""
    digits = "".join(letter for letter in text.upper() if letter in "0123456789ABCDEF")
    return digits if len(digits) == 12 and digits.strip("0") else ""


def is_worth_asking(facts: NodeFacts) -> bool:
    """Whether this node is a virtual machine of a Hyper-V host that somebody runs themselves."""
    system, machine = facts.system, facts.machine
    if isinstance(system, Problem) or isinstance(machine, Problem):
        return False
    maker, model, guest = system.manufacturer, system.model, machine.guest
    if isinstance(maker, Problem) or isinstance(model, Problem) or isinstance(guest, Problem):
        return False
    return is_hyper_v_guest(maker, model) and guest.chassis_tag != AZURE_TAG
