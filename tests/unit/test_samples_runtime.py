"""Golden verdicts of the samples of containerd's files, crictl's answers and kubelet's logs."""

from __future__ import annotations

import json

import pytest
from node_changes import Change, gone, in_line, put, stopped
from node_facts import RKE2, fact, with_fact
from runtime_changes import build, config, containerd, image, in_config, kubernetes, logged, says
from samples import Golden, Place, sample, text

from checks.facts import CniFolderFact, NodeFacts, PluginFolderFact, ProgramFact
from checks.programs import classify_log_line
from checks.tables import image_table

HPC, SDN, NATIVE = Place("hostprocess"), Place("sdn-nssm"), Place("sdn-native")
FITS, TOOL, FILE, READY, FLAGS = (
    "node.pause-image-fits",
    "node.port-forward-tool",
    "node.containerd-config",
    "network.cni-ready",
    "node.removed-flags",
)


def own_file(name: str) -> Change:
    return lambda facts: config(sample(f"containerd/{name}"))(facts)


def moved_to(conf: str, programs: str) -> Change:
    """The network's file and its programs, where this containerd looks for them."""

    def change(facts: NodeFacts) -> NodeFacts:
        folder, plugins = fact(facts, "cni.folders")[0], fact(facts, "cni.plugins")[0]
        facts = with_fact(facts, "cni.folders", (CniFolderFact(conf, True, folder.files),))
        return with_fact(facts, "cni.plugins", (PluginFolderFact(programs, True, plugins.programs),))

    return change


AKS = moved_to("C:\\k\\azurecni\\netconf", "C:\\k\\azurecni\\bin")
V1_AKS, V1_SDN = own_file("config-v1-aks-style.toml"), own_file("config-v1-sdn-2019.toml")
V2, V2_LINUX = own_file("config-v2-kubeadm-1.7.toml"), own_file("config-v2-bad-linux-only-pause.toml")
V3, V3_AKS = own_file("config-v3-kubeadm-2.3.toml"), own_file("config-v3-aks-style.toml")


def info(name: str) -> Change:
    return lambda facts: says("crictl", output=text(f"cri/{name}"))(facts)


def log(name: str) -> Change:
    return lambda facts: logged(*text(f"kubelet/{name}").splitlines())(facts)


def pause_copy(reference: str) -> Change:
    """The sample of `crictl inspecti`, given for this image."""

    def change(facts: NodeFacts) -> NodeFacts:
        said = text("cri/crictl-inspecti-pause-constructed.json")
        told = ProgramFact("crictl", "C:\\crictl.exe", f"inspecti -o json {reference}", 0, said)
        return with_fact(facts, "runtime.programs", (*fact(facts, "runtime.programs"), told))

    return change


OWN = "registry.example.com/pause:own"
DOCKER_IMAGE = "registry.k8s.io/pause:3.9"
GOLDEN = (
    Golden("containerd/config-v1-aks-style.toml", HPC, (V1_AKS, containerd("1.6.36")), FITS, "pass fits"),
    Golden("containerd/config-v1-aks-style.toml", HPC, (V1_AKS, containerd("1.6.36")), FILE, "pass readable"),
    Golden("containerd/config-v1-aks-style.toml", HPC, (V1_AKS, containerd("1.6.36"), AKS), READY, "pass ready"),
    Golden("containerd/config-v1-aks-style.toml", HPC, (V1_AKS, containerd("2.0.0")), FILE, "fail too-old"),
    Golden("containerd/config-v1-sdn-2019.toml", NATIVE, (V1_SDN,), FITS, "pass fits"),
    Golden("containerd/config-v1-sdn-2019.toml", NATIVE, (V1_SDN, build(20348)), FITS, "fail no-build"),
    Golden("containerd/config-v1-sdn-2019.toml", NATIVE, (V1_SDN,), TOOL, "fail no-tool"),
    Golden("containerd/config-v1-sdn-2019.toml", NATIVE, (V1_SDN,), READY, "pass ready"),
    Golden("containerd/config-v2-bad-linux-only-pause.toml", HPC, (V2_LINUX,), FITS, "fail linux-only"),
    Golden("containerd/config-v2-bad-linux-only-pause.toml", HPC, (V2_LINUX,), TOOL, "fail no-tool", FITS),
    Golden("containerd/config-v2-bad-linux-only-pause.toml", HPC, (V2_LINUX,), FILE, "pass readable"),
    Golden("containerd/config-v2-kubeadm-1.7.toml", HPC, (V2,), FITS, "pass fits"),
    Golden("containerd/config-v2-kubeadm-1.7.toml", HPC, (V2, build(26100)), FITS, "warn newer-host"),
    Golden("containerd/config-v2-kubeadm-1.7.toml", HPC, (V2, containerd("2.1.0")), FITS, "pass fits"),
    Golden("containerd/config-v2-kubeadm-1.7.toml", HPC, (V2,), TOOL, "pass has-tool"),
    Golden("containerd/config-v2-kubeadm-1.7.toml", HPC, (V2,), READY, "pass ready"),
    Golden("containerd/config-v3-kubeadm-2.3.toml", HPC, (V3, containerd("2.3.4"), build(26100)), FITS, "pass fits"),
    Golden("containerd/config-v3-kubeadm-2.3.toml", HPC, (V3, containerd("2.3.4")), READY, "pass ready"),
    Golden("containerd/config-v3-kubeadm-2.3.toml", HPC, (V3, containerd("2.3.4")), TOOL, "not_applicable not-needed"),
    Golden("containerd/config-v3-kubeadm-2.3.toml", HPC, (V3, containerd("1.7.27")), FILE, "fail too-new"),
    Golden(
        "containerd/config-v3-aks-style.toml", HPC, (V3_AKS, containerd("2.0.4"), build(25398)), FITS, "warn newer-host"
    ),
    Golden("containerd/config-v3-aks-style.toml", HPC, (V3_AKS, containerd("2.0.4"), build(20348)), FITS, "pass fits"),
    Golden("containerd/config-v3-aks-style.toml", HPC, (V3_AKS, containerd("2.0.4"), AKS), READY, "pass ready"),
    Golden(
        "cri/crictl-info-1.7-constructed.json", HPC, (info("crictl-info-1.7-constructed.json"),), READY, "pass ready"
    ),
    Golden(
        "cri/crictl-info-2.x-constructed.json", HPC, (info("crictl-info-2.x-constructed.json"),), READY, "pass ready"
    ),
    Golden(
        "cri/crictl-info-1.7-network-not-ready-constructed.json",
        HPC,
        (info("crictl-info-1.7-network-not-ready-constructed.json"),),
        READY,
        "fail not-ready",
    ),
    Golden(
        "cri/crictl-info-1.7-network-not-ready-constructed.json",
        HPC,
        (
            info("crictl-info-1.7-network-not-ready-constructed.json"),
            put("cni.folders", (CniFolderFact("C:\\etc\\cni\\net.d", True, ()),)),
        ),
        READY,
        "fail no-conf",
    ),
    Golden("cri/crictl-inspecti-pause-constructed.json", HPC, (image(OWN), pause_copy(OWN)), FITS, "pass fits"),
    Golden(
        "cri/crictl-inspecti-pause-constructed.json",
        HPC,
        (image(OWN), pause_copy(OWN), build(20348)),
        FITS,
        "fail no-build",
    ),
    Golden(
        "kubelet/pause-no-manifest.log",
        SDN,
        (in_line("kubelet", DOCKER_IMAGE, "k8s.gcr.io/pause:3.1"), log("pause-no-manifest.log")),
        FITS,
        "fail linux-only",
    ),
    Golden(
        "kubelet/pause-no-match-containerd-constructed.log",
        HPC,
        (image("registry.k8s.io/pause:3.5"), build(20348), log("pause-no-match-containerd-constructed.log")),
        FITS,
        "fail no-build",
    ),
    Golden(
        "kubelet/pause-os-mismatch.log",
        SDN,
        (in_line("kubelet", DOCKER_IMAGE, "kubeletwin/pause"), log("pause-os-mismatch.log")),
        FITS,
        "fail log-refused",
    ),
    Golden("kubelet/pause-os-mismatch.log", SDN, (log("pause-os-mismatch.log"),), FITS, "pass fits"),
    Golden("kubelet/wincat-missing.log", SDN, (log("wincat-missing.log"),), TOOL, "warn log-says-missing"),
    Golden(
        "kubelet/wincat-missing.log",
        SDN,
        (in_line("kubelet", DOCKER_IMAGE, "kubeletwin/pause"), log("wincat-missing.log")),
        TOOL,
        "fail no-tool",
    ),
    Golden("kubelet/unknown-flag.log", HPC, (gone("kubelet"), log("unknown-flag.log")), FLAGS, "fail log-names-flag"),
    Golden(
        "kubelet/unknown-flag.log",
        SDN,
        (kubernetes("1.35.0"), stopped("kubelet"), log("unknown-flag.log")),
        FLAGS,
        "fail ends-over-them",
    ),
)


@pytest.mark.parametrize("one", GOLDEN, ids=[f"{number} {one.sample}" for number, one in enumerate(GOLDEN)])
def test_golden_verdict(one: Golden):
    one.hold()


def test_rke2_looks_in_its_own_folders():
    facts = Place("rke2").facts
    changed = in_config(lambda data: data.partition("[plugins.")[0])(facts)
    assert fact(changed, "profile.containerd_config")[0].path.startswith(RKE2)
    Golden("", Place("rke2"), (in_config(lambda data: data.partition("[plugins.")[0]),), READY, "pass ready").hold()


LOGS = {
    "pause-no-manifest.log": {"no-manifest"},
    "pause-no-match-containerd-constructed.log": {"no-manifest"},
    "pause-os-mismatch.log": {"os-mismatch"},
    "wincat-missing.log": {"", "no-tool"},
    "unknown-flag.log": {"unknown-flag"},
    "ipam-exhausted.log": {"no-address"},
    "hns-endpoint-not-found-containerd.log": {"no-endpoint"},
    "subnet-env-missing-containerd-constructed.log": {"no-subnet-env", "no-network-config"},
    "subnet-env-missing-docker.log": {"", "no-subnet-env"},
    "client-cert-expired.log": {""},
}


@pytest.mark.parametrize("name", LOGS)
def test_kubelet_log_lines_have_their_class(name: str):
    assert {classify_log_line(line) for line in text(f"kubelet/{name}").splitlines()} == LOGS[name]


SEEN = {
    "mcr.microsoft.com/k8s/core/pause",
    "mcr.microsoft.com/oss/kubernetes/pause",
    "docker.io/rancher/mirrored-pause",
}


def test_the_tables_hold_what_was_seen_in_registries():
    known = {name: family for family in image_table().families for name in family.names}
    names: set[str] = set()
    for entry in json.loads(text("containerd/pause-os-versions.json"))["entries"]:
        name, _, tag = entry["image"].partition(":")
        name = name if "." in name.partition("/")[0] else f"docker.io/{name}"
        builds = {int(one.split(".")[2]) for one in entry["windows_os_versions_seen"]}
        told = known[name].tags[tag]
        names.add(name)
        assert set(told.builds) == builds
        assert told.partial == entry["partial"]
    assert names == SEEN
