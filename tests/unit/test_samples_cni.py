"""CNI files of the samples in force on a node: W2b."""

from __future__ import annotations

import pytest
from cases_network import AS_WINS
from node_changes import Change, each, put
from node_files import file
from samples import Golden, Place, sample

from checks.facts import CniFolderFact

CHECK = "network.outbound-nat-exceptions"
L2 = Place("sdn-nssm", "10.127.130.38")
SDN_OVERLAY = Place("sdn-native", own="192.168.3", pods="192.168.0.0/16", services="11.0.0.0/8")
HPC = Place("hostprocess", "192.168.79.40")
RKE2 = Place("rke2", "10.11.0.211")


def in_folder(**files: str) -> Change:
    """The CNI folder holds these samples and no other file."""

    def change(folder: CniFolderFact) -> CniFolderFact:
        held = tuple(file(f"{folder.path}\\{name}", sample(f"cni/{one}")) for name, one in files.items())
        return CniFolderFact(folder.path, True, held)

    return each("cni.folders", change)


PIPE = put("profile.pipes", ("rancher_wins",))
NAT = "shadowing-0-containerd-nat.conf"
SHADOWED = in_folder(**{"0-containerd-nat.conf": NAT, "10-flannel.conf": "good-hpc-overlay-10-flannel.conf"})
"""containerd's own file comes first by name."""


def golden(name: str, place: Place, verdict: str, *changes: Change) -> Golden:
    # An address of before stands in other places than this file too.
    cause = "network.node-address-agrees" if verdict == "fail stale-address" else ""
    return Golden(f"cni/{name}", place, (in_folder(**{"10-own.conf": name}), *changes), CHECK, verdict, cause)


GOLDEN = (
    golden("good-sdn-l2bridge-cni.conf", L2, "pass listed"),
    golden("good-sdn-overlay-cni.conf", SDN_OVERLAY, "pass listed"),
    golden("good-hpc-overlay-10-flannel.conf", HPC, "pass listed"),
    golden("good-rke2-07-flannel.conflist", RKE2, "pass listed"),
    golden("good-wins-hostgw-containerd-10-flannel.conf", L2, "pass listed"),
    golden("bad-comments-seed-literal.conf", L2, "fail not-json"),
    golden("bad-exceptions-empty-10-flannel.conf", HPC, "fail empty"),
    golden("bad-exceptions-too-wide-cni.conf", L2, "fail everything"),
    golden("bad-stale-mgmt-ip-cni.conf", L2, "fail stale-address"),
    golden("bad-utf8-bom-cni.conf", L2, "fail marked"),
    golden("bad-v1-policies-under-apiversion2.conflist", HPC, "fail old-shape"),
    # The same good files where they do not fit: another node, another cluster.
    golden("good-sdn-l2bridge-cni.conf", Place("sdn-nssm", "10.127.130.39"), "fail stale-address"),
    golden(
        "good-sdn-l2bridge-cni.conf",
        Place("sdn-nssm", "10.127.130.38", "10.200.3", "10.200.0.0/16"),
        "fail cluster-missing",
    ),
    golden("good-hpc-overlay-10-flannel.conf", Place("hostprocess", "192.168.79.41"), "fail stale-address"),
    golden(
        "good-rke2-07-flannel.conflist", Place("rke2", "10.11.0.211", "10.62.3", "10.62.0.0/16"), "fail cluster-missing"
    ),
    golden("good-sdn-overlay-cni.conf", Place("sdn-native"), "fail cluster-missing"),
    Golden(f"cni/{NAT}", HPC, (SHADOWED,), CHECK, "fail not-flannel", "network.cni-file-is-flannels"),
    Golden(f"cni/{NAT}", HPC, (SHADOWED, *AS_WINS, PIPE), CHECK, "warn not-flannel"),
)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda one: f"{one.sample} on {one.place.layout}: {one.verdict}")
def test_a_cni_file_gets_the_verdict_it_deserves(golden: Golden):
    golden.hold()
