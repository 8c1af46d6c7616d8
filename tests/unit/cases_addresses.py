"""Addresses of pods and their network cards: what is changed on a healthy node, and what must be said of it."""

from __future__ import annotations

from dataclasses import replace

from cases_dns import pod
from cases_network import NOT_HERE, STUCK
from cases_network_names import bridged
from cases_node import FAIL, PASS, UNKNOWN, WARN
from node_changes import Change, content, put, unread
from node_files import BOOT

from checks.facts import ReservationFact

HELD, ENDPOINTS, SUBNET_ENV = "flannel.reservations", "hns.endpoints", "flannel.subnet_env"


def held(address: str, content: str) -> ReservationFact:
    return ReservationFact("cbr0", address, f"C:\\var\\lib\\cni\\networks\\cbr0\\{address}", content, BOOT)


def crowd(count: int, *, cards: int, subnet: str = "10.244.3") -> tuple[Change, ...]:
    """So many addresses are handed out, and so many of them have a card."""
    ids = [f"{number:064x}" for number in range(count)]
    told = tuple(held(f"{subnet}.{number + 2}", f"{name}\r\neth0") for number, name in enumerate(ids))
    own = tuple(
        replace(pod(one.address), name=f"{name}_cbr0") for one, name in zip(told[:cards], ids[:cards], strict=True)
    )
    return (put(HELD, told), put(ENDPOINTS, own))


WIDE = content(
    SUBNET_ENV, "FLANNEL_NETWORK=10.240.0.0/12\nFLANNEL_SUBNET=10.244.0.1/18\nFLANNEL_MTU=1500\nFLANNEL_IPMASQ=true\n"
)
MANY = put(HELD, tuple(held(f"10.244.{number // 250}.{number % 250 + 1}", "x") for number in range(1024)))
UNKNOWN_SUBNET = (content(SUBNET_ENV, None), put("hns.networks", ()), put("flannel.net_conf", ()))
LEFT = (
    *NOT_HERE,
    *(bridged(f"healthy {layout}", PASS, "left", layout=layout) for layout in ("sdn-nssm", "sdn-native", "rke2")),
    bridged("half of them", PASS, "left", *crowd(120, cards=120)),
    bridged("some that end just now", PASS, "left", *crowd(20, cards=16)),
    bridged(
        "known by its address",
        PASS,
        "left",
        put(HELD, tuple(held(f"10.244.3.{n}", "x") for n in range(9, 20))),
        put(ENDPOINTS, tuple(pod(f"10.244.3.{n}") for n in range(9, 20))),
    ),
    bridged("empty files", PASS, "left", put(HELD, tuple(held(f"10.244.3.{n}", "") for n in range(9, 20)))),
    bridged("of another subnet", PASS, "left", *crowd(200, cards=0, subnet="10.244.9")),
    bridged("subnet known from the network", PASS, "left", content(SUBNET_ENV, None)),
    bridged("all", FAIL, "exhausted", *crowd(253, cards=253)),
    bridged("all, most of them leaked", FAIL, "exhausted", *crowd(253, cards=10)),
    bridged("few left", WARN, "low", *crowd(240, cards=240)),
    bridged("leaked", WARN, "leaked", *crowd(20, cards=15)),
    bridged("more than the probe tells", UNKNOWN, "too-many", WIDE, MANY),
    bridged("subnet unknown", UNKNOWN, "subnet-unknown", *UNKNOWN_SUBNET, cause=STUCK),
    bridged("unread", UNKNOWN, "not-read", unread(HELD)),
    bridged("flannel's files unread", UNKNOWN, "not-read", unread("flannel")),
    bridged("cards unread", UNKNOWN, "not-read", *crowd(20, cards=0), unread(ENDPOINTS)),
    bridged("HNS unread", UNKNOWN, "not-read", unread("hns")),
)

REMOTE = pod("10.244.3.9", remote=True)
CLEAN = (
    *NOT_HERE,
    *(bridged(f"healthy {layout}", PASS, "clean", layout=layout) for layout in ("sdn-nssm", "sdn-native", "rke2")),
    bridged("more than were told", UNKNOWN, "not-all", put("hns.endpoint_count", 5000)),
    bridged("their number unread", UNKNOWN, "not-read", unread("hns.endpoint_count")),
    bridged("pods of other nodes", PASS, "clean", put(ENDPOINTS, (pod("10.244.3.9"), pod("10.244.4.9", remote=True)))),
    bridged(
        "one address on two networks",
        PASS,
        "clean",
        put(ENDPOINTS, (pod("10.244.3.9"), replace(pod("10.244.3.9"), network_id="N"))),
    ),
    bridged("cards without an address", PASS, "clean", put(ENDPOINTS, (replace(REMOTE, ip_address=None),) * 2)),
    bridged("a pod's address on a remote card", FAIL, "twins", put(ENDPOINTS, (pod("10.244.3.9"), REMOTE))),
    bridged("one address on two cards", FAIL, "doubled", put(ENDPOINTS, (pod("10.244.3.9"),) * 2)),
    bridged("a card left over", WARN, "stale", put(ENDPOINTS, (pod("10.244.3.8"), REMOTE))),
    bridged("subnet unknown", UNKNOWN, "subnet-unknown", *UNKNOWN_SUBNET, cause=STUCK),
    bridged("unread", UNKNOWN, "not-read", unread(ENDPOINTS)),
    bridged("HNS unread", UNKNOWN, "not-read", unread("hns")),
    bridged("networks unread", UNKNOWN, "not-read", unread("hns.networks")),
)

CASES = {"network.addresses-left": LEFT, "network.endpoints-are-clean": CLEAN}
