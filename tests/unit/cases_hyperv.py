"""MAC spoofing: what kind of computer it is, and what must be said of it."""

from __future__ import annotations

from dataclasses import replace

from node_changes import Case, Change, first, inside, more, put, unread

from checks.facts import AdapterFact, GuestFact, HyperVFacts, Problem, VirtualAdapterFact
from checks.finding import Verdict

PASS, WARN, FAIL = Verdict.PASS, Verdict.WARN, Verdict.FAIL
UNKNOWN, NOT_APPLICABLE = Verdict.UNKNOWN, Verdict.NOT_APPLICABLE


def computer(maker: str, model: str) -> Change:
    def change(facts):
        return put("system.model", model)(put("system.manufacturer", maker)(facts))

    return change


GUEST = computer("Microsoft Corporation", "Virtual Machine")
OWN = VirtualAdapterFact("worker-03", "m-1", "Network Adapter", "00155D01020D", "LAN", True)


def host(*adapters: VirtualAdapterFact, module: bool = True) -> Change:
    """What the host says of these adapters."""
    return put("hyperv", HyperVFacts("HV-01", module, adapters))


def trouble(code: str) -> Change:
    return put("hyperv", Problem("hyperv", "as it said", code))


NOT_ASKED = put("hyperv", Problem("hyperv", "nobody was asked", "not-asked"))


def off(**values) -> VirtualAdapterFact:
    return replace(OWN, spoofing=False, **values)


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
    Case("Hyper-V", "sdn-nssm", (GUEST, NOT_ASKED), UNKNOWN, "ask-host"),
    Case(
        "Hyper-V, machine not named",
        "sdn-nssm",
        (GUEST, NOT_ASKED, inside("machine.guest", virtual_machine="")),
        UNKNOWN,
        "ask-host",
    ),
    Case(
        "Hyper-V, host not named",
        "sdn-nssm",
        (GUEST, NOT_ASKED, put("machine.guest", GuestFact("", "", ""))),
        UNKNOWN,
        "host-not-named",
    ),
    Case("on", "sdn-nssm", (GUEST, host(OWN)), PASS, "on"),
    Case(
        "on, machine not named", "sdn-nssm", (GUEST, inside("machine.guest", virtual_machine=""), host(OWN)), PASS, "on"
    ),
    Case("off", "sdn-nssm", (GUEST, host(off())), WARN, "off"),
    Case("off on an overlay", "sdn-native", (GUEST, host(off())), WARN, "off"),
    Case("one of two off", "sdn-nssm", (GUEST, host(OWN, off(name="2"))), WARN, "off"),
    Case(
        "off, transparent",
        "sdn-nssm",
        (GUEST, first("hns.networks", type="transparent"), host(off())),
        FAIL,
        "off-transparent",
    ),
    Case("off, networks unread", "sdn-nssm", (GUEST, unread("hns.networks"), host(off())), WARN, "off"),
    Case("neither", "sdn-nssm", (GUEST, host(replace(OWN, spoofing=None))), UNKNOWN, "neither"),
    Case("another host", "sdn-nssm", (GUEST, host()), UNKNOWN, "machine-not-found"),
    Case(
        "a card that the host does not show",
        "sdn-nssm",
        (
            GUEST,
            more("network.adapters", AdapterFact("Ethernet 2", "", 20, "up", "00-15-5D-01-03-0D", False)),
            host(OWN),
        ),
        UNKNOWN,
        "machine-not-found",
    ),
    Case(
        "no card is up",
        "sdn-nssm",
        (GUEST, first("network.adapters", status="down"), host(OWN)),
        UNKNOWN,
        "machine-not-found",
    ),
    Case("a copy beside it", "sdn-nssm", (GUEST, host(OWN, off(machine="copy", machine_id="m-2"))), PASS, "on"),
    Case(
        "two copies",
        "sdn-nssm",
        (GUEST, host(replace(OWN, machine="x"), replace(OWN, machine="y", machine_id="m-2"))),
        UNKNOWN,
        "machines-alike",
    ),
    Case("no module", "sdn-nssm", (GUEST, host(module=False)), UNKNOWN, "host-no-module"),
    Case(
        "no module, so no answer",
        "sdn-nssm",
        (GUEST, host(module=False), unread("hyperv.adapters")),
        UNKNOWN,
        "host-no-module",
    ),
    Case("module unread", "sdn-nssm", (GUEST, host(OWN), unread("hyperv.module")), UNKNOWN, "not-read"),
    Case("may not look", "sdn-nssm", (GUEST, host(), unread("hyperv.adapters")), UNKNOWN, "host-denied"),
    Case("name unread", "sdn-nssm", (GUEST, host(off()), unread("hyperv.host")), WARN, "off"),
    Case("refused", "sdn-nssm", (GUEST, trouble("sign-in-refused")), UNKNOWN, "host-refused"),
    Case("no password", "sdn-nssm", (GUEST, trouble("no-password")), UNKNOWN, "host-no-password"),
    Case("may not sign in", "sdn-nssm", (GUEST, trouble("access-denied")), UNKNOWN, "host-denied"),
    Case("late", "sdn-nssm", (GUEST, trouble("deadline")), UNKNOWN, "host-unreachable"),
    Case("not there", "sdn-nssm", (GUEST, trouble("connection-refused")), UNKNOWN, "host-unreachable"),
    Case("garbled", "sdn-nssm", (GUEST, trouble("shape")), UNKNOWN, "host-not-read"),
    Case("cards unread", "sdn-nssm", (GUEST, host(OWN), unread("network.adapters")), UNKNOWN, "not-read"),
    Case("guest unread", "sdn-nssm", (GUEST, unread("machine.guest")), UNKNOWN, "not-read"),
    Case("no answer", "sdn-nssm", (GUEST, unread("machine")), UNKNOWN, "not-read"),
    Case("maker unread", "sdn-nssm", (unread("system.manufacturer"),), UNKNOWN, "not-read"),
    Case("model unread", "sdn-nssm", (unread("system.model"),), UNKNOWN, "not-read"),
    Case("machine unread", "sdn-nssm", (unread("system"),), UNKNOWN, "not-read"),
)

CASES = {"network.mac-spoofing": SPOOFING}
