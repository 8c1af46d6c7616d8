"""flannel's files and logs, and the source VIP's files of the samples on a node: F1, F2, F3."""

from __future__ import annotations

import pytest
from cases_flannel import CONSOLE, DEAD, card
from cases_network import NAT
from node_changes import Change, in_process, more, put
from node_facts import fact, with_fact
from node_files import BOOT, file
from samples import Golden, Place, sample, text

from checks.facts import NodeFacts, ReservationFact
from checks.flanneld_log import classify

ENV, FLANNELD, VIP = "flannel.subnet-env", "flannel.flanneld-runs", "flannel.source-vip"
L2 = Place("sdn-nssm", own="10.244.4")
OVERLAY = Place("sdn-native", own="10.244.4")
FIVE = Place("sdn-native", own="10.244.5")
UPSTREAM = Place("sdn-nssm", own="10.1.74", pods="10.1.0.0/16")


def content(path: str, name: str) -> Change:
    """The sample in the place of the first file of a list."""
    return lambda facts: with_fact(facts, path, (file(fact(facts, path)[0].path, sample(name)), *fact(facts, path)[1:]))


def env(name: str, place: Place, verdict: str, *changes: Change) -> Golden:
    return Golden(f"flannel/{name}", place, (content("flannel.subnet_env", f"flannel/{name}"), *changes), ENV, verdict)


ENVS = (
    env("subnet-good-hostgw.env", L2, "pass whole"),
    env("subnet-good-vxlan.env", OVERLAY, "pass whole"),
    env("subnet-good-dualstack.env", Place("rke2", own="10.42.0"), "pass whole"),
    env("subnet-upstream-sample.env", UPSTREAM, "pass whole", *card(1472)),
    env("subnet-bad-copied-from-control-plane.env", OVERLAY, "fail differs"),
    env("subnet-bad-truncated.env", L2, "fail missing-keys"),
    env("subnet-bad-utf16le.env", L2, "fail marked"),
    env("subnet-bad-utf8-bom.env", L2, "fail marked"),
    # Where they do not fit: a host-gw file under vxlan, another card, a file of another node, of another cluster.
    env("subnet-good-hostgw.env", OVERLAY, "warn mtu"),
    env("subnet-upstream-sample.env", UPSTREAM, "warn mtu-differs"),
    env("subnet-good-vxlan.env", FIVE, "fail differs"),
    env("subnet-upstream-sample.env", Place("sdn-nssm", own="10.1.74"), "warn outside-net-conf"),
)


def log(name: str) -> Change:
    return lambda facts: with_fact(facts, "flannel.flanneld_log", tuple(text(f"flannel/{name}").splitlines()))


GONE = (*DEAD, put("hns.networks", (NAT,)))


def flanneld(name: str, verdict: str, *changes: Change, place: Place = L2) -> Golden:
    return Golden(
        f"flannel/{name}",
        place,
        (log(name), *changes),
        FLANNELD,
        verdict,
        BAD_FILE if "bad-net-conf" in verdict else "",
    )


LOGS = (
    flanneld("log-1109-management-ip-not-found.log", "fail no-management-ip", *GONE),
    flanneld("log-hostgw-no-management-ip-constructed.log", "fail no-management-ip", *GONE),
    flanneld("log-iface-not-found.log", "fail no-interface", *GONE),
    flanneld("log-network-name-exists.log", "fail name-exists", *GONE),
    flanneld("log-wrong-diskette-after-update.log", "fail other-version", *GONE),
    flanneld("log-wrong-diskette-after-update.log", "warn other-version", *DEAD),
    flanneld("log-bad-config-constructed.log", "fail bad-vxlan", *GONE, place=OVERLAY),
    # Cut off, or whole: they tell of no error, so only that it is dead is known.
    flanneld("log-hostgw-1066-2018.log", "fail dead", *GONE),
    flanneld("log-vxlan-start-2019.log", "fail dead", *GONE, place=OVERLAY),
    flanneld("log-hostgw-healthy-partly-constructed.log", "fail dead", *GONE),
    flanneld("log-hostgw-healthy-partly-constructed.log", "pass runs"),
    # flanneld runs, and what its log told of an earlier start is past.
    flanneld("log-network-name-exists.log", "pass runs"),
    # What the console of start.ps1 prints is not flanneld's.
    flanneld("start-ps1-console-stuck-constructed.txt", "fail dead", *GONE, more("daemons.processes", CONSOLE)),
)
# Each line of a sample that holds eight starts.
CONFIGURATION = (
    "bad-vxlan",
    "bad-vxlan",
    "no-pod-cidr",
    "outside-network",
    "no-name",
    "no-net-conf",
    "bad-vxlan",
)
NET_CONFS = (
    ("net-conf-sdn-hostgw.json", L2, GONE, "fail dead"),
    ("net-conf-sdn-overlay.json", OVERLAY, GONE, "fail dead"),
    ("net-conf-hpc-vxlan-4096.json", OVERLAY, GONE, "fail dead"),
    ("net-conf-bad-host_gw-typo.json", L2, GONE, "fail bad-net-conf"),
)
BAD_FILE = "flannel.vxlan-parameters"
"""What flanneld ends with is the file's own fault."""
FILES = (
    *ENVS,
    *LOGS,
    *(
        Golden(
            f"flannel/{name}",
            place,
            (content("flannel.net_conf", f"flannel/{name}"), *changes),
            FLANNELD,
            verdict,
            BAD_FILE if "bad-net-conf" in verdict else "",
        )
        for name, place, changes, verdict in NET_CONFS
    ),
)


def vip(name: str, verdict: str, place: Place = FIVE, *changes: Change) -> Golden:
    return Golden(
        f"sourcevip/{name}", place, (content("flannel.source_vip", f"sourcevip/{name}"), *changes), VIP, verdict
    )


def reserved(name: str, address: str) -> Change:
    """host-local's file with the sample's content, as the only one."""

    def change(facts: NodeFacts) -> NodeFacts:
        held = ReservationFact("net", address, f"C:\\var\\lib\\cni\\networks\\net\\{address}", text(name), BOOT)
        return with_fact(facts, "flannel.reservations", (held,))

    return change


def request(place: Place, verdict: str) -> Golden:
    name = "sourcevip/sourceVipRequest.json"
    return Golden(name, place, (content("flannel.source_vip_request", name),), VIP, verdict)


def proxy_log(facts: NodeFacts) -> NodeFacts:
    return with_fact(facts, "flannel.kube_proxy_log", tuple(text(REFUSED).splitlines()))


REFUSED = "kube-proxy/source-vip-invalid.log"
"""Of the kube-proxy with process id 3560."""
HELD = "sourcevip/host-local-reservation-10.244.5.2.txt"
RKE2 = "sourcevip/host-local-reservation-rke2.txt"
VIPS = (
    vip("sourceVip-good-cni-0.2.0.json", "pass fits"),
    vip("sourceVip-good-cni-0.2.0.utf16le.json", "pass fits"),
    vip("sourceVip-good-cni-0.3.0.json", "pass fits"),
    vip("sourceVip-good-cni-0.3.0.json", "pass fits", Place("hostprocess", own="10.244.5")),
    vip("sourceVip-bad-error-object.json", "fail no-address"),
    vip("sourceVip-good-cni-0.2.0.json", "fail stale", OVERLAY),
    vip("sourceVip-good-cni-0.2.0.utf16le.json", "fail stale", OVERLAY),
    vip("sourceVip-good-cni-0.2.0.json", "not_applicable not-overlay", Place("sdn-nssm", own="10.244.5")),
    request(FIVE, "pass fits"),
    request(OVERLAY, "warn request-stale"),
    Golden(REFUSED, FIVE, (proxy_log,), VIP, "pass fits"),
    Golden(REFUSED, FIVE, (proxy_log, in_process("kube-proxy", process_id=3560)), VIP, "warn log-refused"),
    Golden(HELD, FIVE, (reserved(HELD, "10.244.5.2"),), VIP, "pass fits"),
    Golden(HELD, FIVE, (reserved(HELD, "10.244.9.2"),), VIP, "warn reservation-missing"),
    Golden(RKE2, Place("rke2"), (reserved(RKE2, "10.42.3.2"),), VIP, "pass fits"),
    Golden(RKE2, Place("rke2"), (reserved(RKE2, "10.42.1.2"),), VIP, "fail stale-reservation"),
)


@pytest.mark.parametrize(
    "golden", [*FILES, *VIPS], ids=lambda one: f"{one.sample} on {one.place.layout}: {one.verdict}"
)
def test_a_sample_gets_the_verdict_it_deserves(golden: Golden):
    golden.hold()


def test_each_start_of_a_log_is_told_by_its_own_error():
    lines = text("flannel/log-bad-config-constructed.log").splitlines()
    assert tuple(classify((line,))[0] for line in lines) == CONFIGURATION
