"""Layouts: what tells each apart, in the dossier's order, and where a layout of no name keeps its things."""

from __future__ import annotations

import pytest
from cases_network import AKS
from node_changes import Change, first, in_process, put, unread
from node_facts import healthy, process, service

from checks.facts import NodeFacts
from checks.profile import detect, extra_paths

NSSM = "C:\\Program Files\\nssm\\nssm.exe"
STARTS = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe -File C:\\k\\StartKubelet.ps1"
FAMILY = ("C:\\k\\StartKubelet.ps1", "C:\\var\\lib\\kubelet\\config.yaml")
KUBELET = service("kubelet", NSSM, STARTS)


def node(*services: object, paths: tuple[str, ...] = (), pipes: tuple[str, ...] = (), lines: tuple[str, ...] = ()):
    """A node with these services, paths, pipes and processes, and nothing else that tells a layout."""
    return (
        put("daemons.services", services),
        put("daemons.processes", tuple(process(line) for line in lines)),
        put("profile.present_paths", paths),
        put("profile.pipes", pipes),
    )


BASE = "C:\\ProgramData\\Kubernetes"
WRAPPED = tuple(service(name, f'"{BASE}\\{name}Svc.exe" -v') for name in ("FlannelD", "Kubelet", "Kubeproxy"))
HPC = "C:\\C\\0123456789abcdef\\flannel\\flanneld.exe --kube-subnet-mgr"
LAYOUTS: tuple[tuple[str, str, tuple[Change, ...], str], ...] = (
    ("RKE2 by its service", "rke2", node(service("rke2", "C:\\usr\\local\\bin\\rke2.exe")), "rke2: C:\\usr\\local"),
    ("RKE2 by its process", "rke2", node(lines=("C:\\x\\rke2.exe agent",)), "C:\\x\\rke2.exe"),
    ("RKE2 beside leftovers of AKS", "rke2", (*AKS, in_process("kubelet", role="rke2")), "kubelet.exe"),
    ("AKS", "aks", AKS, "azure"),
    ("AKS without its network", "custom", (*AKS, unread("hns.networks")), "kubelet.exe"),
    ("HostProcess by its volume", "kubeadm-hostprocess", node(KUBELET, paths=(*FAMILY, "C:\\hpc")), "C:\\hpc"),
    (
        "HostProcess by source VIP",
        "kubeadm-hostprocess",
        node(KUBELET, paths=(*FAMILY, "C:\\sourcevip")),
        "C:\\sourcevip",
    ),
    ("HostProcess by its pods", "kubeadm-hostprocess", node(KUBELET, paths=FAMILY, lines=(HPC,)), "C:\\C\\0123"),
    (
        "HostProcess that was wins",
        "kubeadm-hostprocess",
        node(KUBELET, service("rancher-wins", "C:\\wins.exe"), paths=(*FAMILY, "C:\\hpc")),
        "C:\\hpc",
    ),
    (
        "wins by its service",
        "wins",
        node(KUBELET, service("rancher-wins", "C:\\wins.exe"), paths=FAMILY),
        "rancher-wins",
    ),
    ("wins by its pipe", "wins", node(KUBELET, paths=FAMILY, pipes=("rancher_wins",)), "rancher_wins"),
    ("kubeadm with nothing else", "custom", node(KUBELET, paths=FAMILY), "custom"),
    (
        "a kubelet without NSSM",
        "custom",
        node(service("kubelet", "C:\\k\\kubelet.exe"), paths=(*FAMILY, "C:\\hpc")),
        "custom",
    ),
    ("KubeCluster", "sdn-kubecluster", node(*WRAPPED), "FlannelDSvc.exe"),
    ("KubeCluster without flannel", "custom", node(*WRAPPED[1:]), "custom"),
    ("SDN under NSSM", "sdn-nssm", (), "flanneld"),
    (
        "NSSM elsewhere",
        "custom",
        node(*(service(name, NSSM, f"C:\\x\\{name}.exe") for name in ("flanneld", "kubelet", "kube-proxy"))),
        "custom",
    ),
    ("SDN without services", "sdn-bare", node(paths=("C:\\k\\helper.psm1",)), "C:\\k\\helper.psm1"),
    (
        "SDN's files beside native services",
        "custom",
        node(service("kubelet", "C:\\k\\kubelet.exe"), paths=("C:\\k\\start.ps1",)),
        "custom",
    ),
    ("nothing known", "custom", node(), "custom"),
    ("nothing answered", "custom", (unread("daemons", "profile", "hns"),), "custom"),
)


def facts_of(changes: tuple[Change, ...]) -> NodeFacts:
    facts = healthy("sdn-nssm")
    for change in changes:
        facts = change(facts)
    return facts


@pytest.mark.parametrize(("about", "name", "changes", "told"), LAYOUTS, ids=[one[0] for one in LAYOUTS])
def test_a_layout_is_told_with_its_evidence(about: str, name: str, changes: tuple[Change, ...], told: str):
    found = detect(facts_of(changes))
    assert found.name == name, found
    assert found.evidence[0].label == "profile"
    assert any(told in one.value for one in found.evidence), found.evidence


def test_wins_is_told_by_a_renamed_process():
    facts = facts_of(node(KUBELET, paths=FAMILY, lines=("C:\\k\\flannel\\rancher-wins-flanneld.exe",)))
    facts = first("daemons.processes", name="rancher-wins-flanneld.exe")(facts)
    assert detect(facts).name == "wins"


def test_the_node_list_overrules():
    found = detect(healthy("sdn-nssm"), "rke2")
    assert (found.name, found.evidence[0].source) == ("rke2", "node list")


def test_kubecluster_keeps_its_things_beside_its_services():
    paths = extra_paths(facts_of(node(*WRAPPED)))
    assert paths.source_vip == (f"{BASE}\\sourceVip.json",)
    assert paths.logs == (f"{BASE}\\logs\\flanneld\\flanneldsvc.log",)
    assert paths.kubeconfigs == (f"{BASE}\\config",)
    assert paths.cni_folders == (f"{BASE}\\cni\\config",)


def test_a_layout_of_no_name_is_read_from_its_command_lines():
    lines = (
        'D:\\kube\\kubelet.exe --kubeconfig=D:\\kube\\conf --config "D:\\kube\\kubelet.yaml" --cni-conf-dir=/etc/own',
        "D:\\kube\\flanneld.exe --net-config-path=D:/kube/net.json --subnet-file /run/own/subnet.env",
        "D:\\kube\\kube-proxy.exe --config=D:\\kube\\proxy.yaml",
        "D:\\kube\\containerd.exe -c D:\\kube\\containerd.toml",
    )
    facts = facts_of(node(lines=lines))
    found, paths = detect(facts), extra_paths(facts)
    assert found.name == "custom"
    assert {lines[0], lines[3]} <= {one.value for one in found.evidence}
    assert paths.cni_folders == ("C:\\etc\\own",)
    assert paths.net_conf == ("D:\\kube\\net.json",)
    assert paths.subnet_env == ("C:\\run\\own\\subnet.env",)
    assert paths.kubeconfigs == ("D:\\kube\\conf",)
    assert paths.containerd_configs == ("D:\\kube\\containerd.toml",)
    assert (paths.kubelet_configs, paths.kube_proxy_configs) == (("D:\\kube\\kubelet.yaml",), ("D:\\kube\\proxy.yaml",))
