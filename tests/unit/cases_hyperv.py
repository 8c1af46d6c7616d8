"""MAC spoofing: what kind of computer it is, and what must be said of it."""

from __future__ import annotations

from cases_machine import inside
from node_changes import Case, Change, put, unread

from checks.facts import GuestFact
from checks.finding import Verdict

UNKNOWN, NOT_APPLICABLE = Verdict.UNKNOWN, Verdict.NOT_APPLICABLE


def computer(maker: str, model: str) -> Change:
    def change(facts):
        return put("system.model", model)(put("system.manufacturer", maker)(facts))

    return change


GUEST = computer("Microsoft Corporation", "Virtual Machine")
SPOOFING = (
    Case(
        "a computer of its own",
        "sdn-nssm",
        (computer("Dell Inc.", "PowerEdge R740"),),
        NOT_APPLICABLE,
        "no-virtual-machine",
    ),
    Case(
        "Microsoft's own computer",
        "sdn-nssm",
        (computer("Microsoft Corporation", "Surface"),),
        NOT_APPLICABLE,
        "no-virtual-machine",
    ),
    Case("VMware", "sdn-nssm", (computer("VMware, Inc.", "VMware7,1"),), NOT_APPLICABLE, "other-hypervisor"),
    Case("KVM", "sdn-nssm", (computer("QEMU", "Standard PC"),), NOT_APPLICABLE, "other-hypervisor"),
    Case("Amazon", "sdn-nssm", (computer("Amazon EC2", "m5.large"),), NOT_APPLICABLE, "cloud"),
    Case("Google", "sdn-nssm", (computer("Google", "Google Compute Engine"),), NOT_APPLICABLE, "cloud"),
    Case(
        "Azure",
        "sdn-nssm",
        (GUEST, put("machine.guest", GuestFact("", "", "7783-7084-3265-9085-8269-3286-77"))),
        NOT_APPLICABLE,
        "cloud",
    ),
    Case("Hyper-V", "sdn-nssm", (GUEST,), UNKNOWN, "ask-host"),
    Case(
        "Hyper-V, machine not named",
        "sdn-nssm",
        (GUEST, inside("machine.guest", virtual_machine="")),
        UNKNOWN,
        "ask-host",
    ),
    Case(
        "Hyper-V, host not named",
        "sdn-nssm",
        (GUEST, put("machine.guest", GuestFact("", "", ""))),
        UNKNOWN,
        "host-not-named",
    ),
    Case("guest unread", "sdn-nssm", (GUEST, unread("machine.guest")), UNKNOWN, "not-read"),
    Case("no answer", "sdn-nssm", (GUEST, unread("machine")), UNKNOWN, "not-read"),
    Case("maker unread", "sdn-nssm", (unread("system.manufacturer"),), UNKNOWN, "not-read"),
    Case("model unread", "sdn-nssm", (unread("system.model"),), UNKNOWN, "not-read"),
    Case("machine unread", "sdn-nssm", (unread("system"),), UNKNOWN, "not-read"),
)

CASES = {"network.mac-spoofing": SPOOFING}
