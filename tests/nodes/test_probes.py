"""Every probe on planted nodes: what it answers, that it answers when things are amiss, and that it leaves no trace."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from checks.facts import NodeFacts, Problem
from checks.probe import PROBES, ExtraPaths, decode

pytestmark = pytest.mark.node

HERE = Path(__file__).resolve()
SCRIPTS = HERE.parents[2] / "resources" / "scripts" / "probes"
CANARY = "SECRET-CANARY-0b1e"


def load_shell() -> Any:
    """`run_script.py` beside this file: test folders are no packages."""
    spec = importlib.util.spec_from_file_location("run_script", HERE.parent / "run_script.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.NodeShell


NodeShell = load_shell()

KUBECONFIG = f"clusters:\n- cluster:\n    server: https://me:{CANARY}@api.example.com:6443\nusers:\n- token: {CANARY}\n"
PROXY = f"http://me:{CANARY}@proxy.example.com:3128"

# A node on which much is amiss: no cmdlets of HNS, secrets in many places, files too big or of another encoding.
POD = {
    "metadata": {
        "namespace": "default",
        "name": "agent-1",
        "annotations": {"note": CANARY},
        "ownerReferences": [{"kind": "DaemonSet", "name": "agent"}],
    },
    "spec": {
        "nodeSelector": {"kubernetes.io/os": "windows"},
        "containers": [{"name": "main", "env": [{"name": "PASSWORD", "value": CANARY}]}],
    },
    "status": {
        "phase": "Pending",
        "containerStatuses": [
            {
                "name": "main",
                "image": "registry.example.com/agent:1",
                "state": {
                    "waiting": {
                        "reason": "ErrImagePull",
                        "message": f"Head https://me:{CANARY}@registry.example.com/v2/: 401",
                    }
                },
            }
        ],
    },
}
TROUBLE: dict[str, object] = {
    "runtime": "containerd",
    "programs": {"kubectl": {"match": "^get pods", "stdout": json.dumps({"kind": "List", "items": [POD]})}},
    "hns": {"cmdlets": False},
    "environment": {"HTTPS_PROXY": PROXY, "no_proxy": "*", "UNRELATED": "x"},
    "crictl": [
        {
            "match": "^info$",
            "stdout": json.dumps(
                {
                    "config": {"registry": {"configs": {"r": {"auth": {"username": "me", "password": CANARY}}}}},
                    "cniconfig": {"Source": json.dumps({"policy": {"k8s_auth_token": CANARY}})},
                }
            ),
        }
    ],
    "serviceEnvironment": {"containerd": [f"HTTPS_PROXY={PROXY}", "NO_PROXY=*"]},
    "files": {
        "C:\\Program Files\\containerd\\conf.d\\10-mirror.toml": f'[a.b]\n  username = "me"\n  password = "{CANARY}"\n',
        "C:\\k\\net-conf.json": {"text": '{"Network":"10.244.0.0/16"}', "encoding": "utf-16"},
        "C:\\k\\cni\\config\\00-other.conf": '{"type":"other"}',
        "C:\\k\\cni\\config\\99-big.json": "x" * 262145,
        "C:\\k\\cni\\config\\notes.txt": "no configuration",
        "C:\\custom\\kubeconfig": KUBECONFIG,
        "C:\\custom\\cni\\20-calico.conf": f'{{"name":"한국어","policy":{{"k8s_auth_token":"{CANARY}"}}}}',
        "C:\\custom\\subnet.env": "",
        "C:\\custom\\log.txt": "".join(f"line {number}\n" for number in range(20000)),
        "C:\\var\\lib\\cni\\networks\\vxlan0\\last_reserved_ip.0": "10.244.3.9",
        "C:\\var\\lib\\cni\\networks\\vxlan0\\lock": "",
        "C:\\var\\lib\\cni\\networks\\other\\fd00__5": "0123\r\neth0",
    },
    "then": [
        "$key = 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\kubelet\\Parameters'",
        f"Set-ItemProperty $key AppParameters ((Get-ItemProperty $key).AppParameters + ' --bootstrap-token {CANARY}')",
        f"Set-ItemProperty $key AppEnvironmentExtra ([string[]]@('A=%PATH%', 'RKE2_TOKEN={CANARY}')) -Type MultiString",
        "Restart-Service kubelet -Force",
    ],
}

CROWD: dict[str, object] = {
    "hns": {
        "endpoints": [
            {
                "ID": f"00000000-0000-4000-8000-{number:012}",
                "Name": f"e{number}",
                "VirtualNetwork": "N",
                "VirtualNetworkName": "vxlan0",
                "IPAddress": f"10.244.{number // 250}.{number % 250 + 3}",
                "State": 3,
                "IsRemoteEndpoint": number % 10 != 0,
                "Policies": [{"Type": "OutBoundNAT", "ExceptionList": ["10.244.0.0/16", "10.96.0.0/12"]}],
            }
            for number in range(5000)
        ]
    }
}

OWN_SPECS = {"trouble": TROUBLE, "crowd": CROWD}


class Lab:
    """Planted nodes for this file, each copied on first use; one PowerShell on each."""

    def __init__(self, winnode: Path, store: Any, folder: Path) -> None:
        self.winnode = winnode
        self.store = store
        self.folder = folder
        self.shells: dict[str, Any] = {}

    def node(self, name: str) -> Path:
        node = self.folder / name
        return node if node.exists() else self.store.copy(OWN_SPECS.get(name, name), "WORKER-03", node)

    def shell(self, name: str) -> Any:
        if name not in self.shells:
            self.shells[name] = NodeShell(self.winnode, self.node(name))
        return self.shells[name]

    def ask(self, name: str, field: str, more: ExtraPaths | None = None) -> tuple[Any, str]:
        """Facts of one probe and the document they were made from."""
        probe = PROBES[field]
        text = (SCRIPTS / f"{probe.script}.ps1").read_text(encoding="utf-8")
        said = self.shell(name).run(text, **probe.parameters(more or ExtraPaths()))
        return decode(field, json.loads(said)), said

    def close(self) -> None:
        for shell in self.shells.values():
            shell.close()
        for node in self.folder.iterdir():
            if node.is_dir():
                subprocess.run([self.winnode, "remove", node], capture_output=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def lab(winnode: Path, node_store: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(winnode, node_store, tmp_path_factory.mktemp("probes"))
    yield lab
    lab.close()


def problems(facts: object) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in fields(facts):  # type: ignore[arg-type]
        value = getattr(facts, one.name)
        if isinstance(value, Problem):
            found[value.fact] = value.message
    return found


# What the simulated Windows itself can't answer: its Win32_OperatingSystem fails; Wine does not list pipes and has no event logs.
# Its kubectl may only get the Node object unless the description answers more.
KNOWN = {
    "system.culture",
    "daemons.crashes",
    "profile.pipes",
    "firewall.kubelet_listens",
    "cluster.pods",
    "cluster.events",
}

HEALTHY = {
    "healthy-overlay": {
        "build": 17763,
        "network": ("vxlan0", "Overlay", ("10.244.3.0/24",)),
        "api": "https://10.2.0.2:6443",
        "roles": {"dockerd", "flanneld", "kubelet", "kube-proxy"},
        "path": "C:\\k\\nssm.exe",
        "vip": "C:\\k\\sourceVip.json",
        "cni": "C:\\k\\cni\\config\\cni.conf",
    },
    "hostprocess-healthy": {
        "build": 20348,
        "network": ("flannel.4096", "Overlay", ("10.244.3.0/24",)),
        "api": "https://10.2.0.2:6443",
        "roles": {"containerd", "flanneld", "kubelet", "kube-proxy", "start-script"},
        "path": "C:\\k\\StartKubelet.ps1",
        "vip": "C:\\sourcevip\\sourceVip.json",
        "cni": "C:\\etc\\cni\\net.d\\10-flannel.conf",
    },
    "rke2-healthy": {
        "build": 26100,
        "network": ("flannel.4096", "Overlay", ("10.42.3.0/24",)),
        "api": "https://10.2.0.2:6443",
        "roles": {"containerd", "flanneld", "kubelet", "kube-proxy", "rke2"},
        "path": "C:\\etc\\rancher\\rke2\\config.yaml",
        "vip": None,
        "cni": "C:\\var\\lib\\rancher\\rke2\\agent\\etc\\cni\\07-flannel.conflist",
    },
}


CONTAINERD_PROXY = ("HKLM\\SYSTEM\\CurrentControlSet\\Services\\containerd\\Environment", "HTTPS_PROXY")


@pytest.mark.parametrize("name", sorted(HEALTHY))
def test_a_healthy_node_is_read_wholly(lab: Lab, name: str) -> None:
    expected = HEALTHY[name]
    answers = {field: lab.ask(name, field) for field in PROBES if field != "proxy"}  # none is set
    facts = NodeFacts(**{field: answer[0] for field, answer in answers.items()})
    told = {fact for field in answers for fact in problems(getattr(facts, field))}
    assert told <= KNOWN

    assert facts.system.computer_name == "WORKER-03"
    assert facts.system.host_name == "worker-03"
    assert facts.system.build == expected["build"]
    assert facts.system.boot_time < facts.system.node_time
    assert facts.environment.machine == ()
    assert facts.environment.machine_changed.year >= 2020

    assert {process.role for process in facts.daemons.processes} == expected["roles"]
    states = {service.name: service.state for service in facts.daemons.services}
    assert states["hns"] == "running"
    assert set(states.values()) == {"running"}

    network = facts.hns.networks[0]
    assert (network.name, network.type, network.subnets) == expected["network"]
    assert network.management_ip == "10.2.0.13"
    assert network.adapter_name == "Ethernet"
    assert len(network.remote_subnets) == 2
    assert facts.hns.endpoint_count == len(facts.hns.endpoints)

    subnet = network.subnets[0].replace(".0/24", ".1/24")
    assert f"FLANNEL_SUBNET={subnet}\n".encode() in facts.flannel.subnet_env[0].data
    present = [file.path for file in facts.flannel.source_vip if file.present]
    assert present == ([expected["vip"]] if expected["vip"] else [])
    assert [file.present for file in facts.flannel.source_vip_request] == [
        file.present for file in facts.flannel.source_vip
    ]
    assert [one.content for one in facts.flannel.reservations] == (["dummy\r\ndummy"] if expected["vip"] else [])
    assert [file.path for folder in facts.cni.folders for file in folder.files] == [expected["cni"]]

    assert {server.server for server in facts.profile.api_servers} == {expected["api"]}
    assert expected["path"] in facts.profile.present_paths
    assert [(one.address, one.prefix_length) for one in facts.network.addresses] == [("10.2.0.13", 24)]
    assert [one.name for one in facts.network.adapters if not one.is_virtual] == ["Ethernet"]
    assert facts.network.routes[0].prefix == "0.0.0.0/0"
    assert facts.egress.reached is True

    for _, said in answers.values():
        assert_no_secret(json.loads(said))


def assert_no_secret(value: object) -> None:
    """The canary of the node's files is nowhere in an answer, also not in a file's bytes of whatever encoding."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "content" and isinstance(inner, str):
                try:
                    data = base64.b64decode(inner, validate=True)
                except ValueError:
                    data = inner.encode()
                for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                    assert CANARY.encode(encoding) not in data
            assert_no_secret(inner)
    elif isinstance(value, list):
        for inner in value:
            assert_no_secret(inner)
    elif isinstance(value, str):
        assert CANARY not in value


def test_the_node_tells_its_node_object_and_what_it_may_not_read(lab: Lab) -> None:
    cluster, _ = lab.ask("healthy-overlay", "cluster")
    assert (cluster.kubectl, cluster.kubeconfig) == ("C:\\k\\kubectl.exe", "C:\\k\\config")
    assert (cluster.asked_name, cluster.node.name, cluster.node.pod_cidrs) == (
        "worker-03",
        "worker-03",
        ("10.244.3.0/24",),
    )
    assert {one.code for one in (cluster.pods, cluster.events)} == {"forbidden"}


@pytest.mark.parametrize("name", ["kubectl", "kubeconfig"])
def test_where_a_place_is_named_no_other_counts(lab: Lab, name: str) -> None:
    path = f"C:\\nowhere\\{name}"
    more = ExtraPaths(**{"node_kubeconfig" if name == "kubeconfig" else name: (path,)})
    cluster, _ = lab.ask("healthy-overlay", "cluster", more)
    assert getattr(cluster, name).message == f"{path} is not there"
    assert (cluster.node.message, cluster.node.code) == (f"{path} is not there", "no-kubectl")


def test_of_pods_only_the_named_fields_leave_the_node(lab: Lab) -> None:
    cluster, said = lab.ask("trouble", "cluster")
    assert CANARY not in said
    (pod,) = cluster.pods
    assert (pod.owner, pod.node_selector, pod.containers[0].waiting_reason) == (
        "DaemonSet/agent",
        ("kubernetes.io/os=windows",),
        "ErrImagePull",
    )
    assert pod.containers[0].waiting_message == "Head https://me:***@registry.example.com/v2/: 401"


def test_nssm_services_and_parents(lab: Lab) -> None:
    daemons, _ = lab.ask("healthy-overlay", "daemons")
    services = {service.name: service for service in daemons.services}
    flanneld = services["flanneld"]
    assert flanneld.start_mode == "auto"
    assert flanneld.path_name == "C:\\k\\nssm.exe"
    assert flanneld.environment is None
    assert flanneld.nssm.application == "C:\\flannel\\flanneld.exe"
    assert flanneld.nssm.app_environment_extra == ("NODE_NAME=worker-03",)
    assert flanneld.nssm.app_environment is None
    assert services["kubelet"].depends_on == ("docker",)
    assert services["docker"].nssm is None
    parents = {process.role: process.parent_name for process in daemons.processes}
    assert parents == {
        "dockerd": "services.exe",
        "flanneld": "nssm.exe",
        "kubelet": "nssm.exe",
        "kube-proxy": "nssm.exe",
    }


def test_rke2_settings_never_tell_the_token(lab: Lab) -> None:
    profile, said = lab.ask("rke2-healthy", "profile")
    assert [(one.name, one.value) for one in profile.rke2_settings] == [
        ("server", "https://10.2.0.2:9345"),
        ("node-name", "worker-03"),
    ]
    assert CANARY not in said


def test_a_dead_flanneld_shows_in_the_facts(lab: Lab) -> None:
    daemons, _ = lab.ask("flanneld-dead", "daemons")
    assert {process.role for process in daemons.processes} == {"dockerd", "kubelet", "kube-proxy"}
    flannel, _ = lab.ask("flanneld-dead", "flannel")
    assert [(file.path, file.present, file.problem) for file in flannel.subnet_env] == [
        ("C:\\run\\flannel\\subnet.env", False, "")
    ]
    assert flannel.reservations == ()
    hns, _ = lab.ask("flanneld-dead", "hns")
    assert hns.networks == ()
    profile, _ = lab.ask("flanneld-dead", "profile")
    assert "C:\\k\\start.ps1" in profile.present_paths


def test_marks_and_encodings_arrive_as_bytes_on_korean_windows(lab: Lab) -> None:
    cni, _ = lab.ask("korean-broken-cni", "cni")
    assert cni.folders[0].files[0].data.startswith(b"\xef\xbb\xbf{")
    flannel, _ = lab.ask("korean-broken-cni", "flannel")
    assert flannel.subnet_env[0].data.startswith(b"\xff\xfeF\x00L\x00")
    daemons, _ = lab.ask("korean-broken-cni", "daemons")
    assert {service.state for service in daemons.services} == {"running"}
    network, _ = lab.ask("korean-broken-cni", "network")
    assert {adapter.status for adapter in network.adapters} == {"up"}


def test_no_secret_leaves_a_node(lab: Lab) -> None:
    more = ExtraPaths(
        subnet_env=("C:\\custom\\kubeconfig",),
        net_conf=("/custom/kubeconfig",),
        logs=("C:\\custom\\kubeconfig",),
        cni_folders=("C:\\custom\\cni",),
        kubeconfigs=("C:\\custom\\kubeconfig",),
        containerd_configs=("C:\\custom\\kubeconfig",),
        proxy=CONTAINERD_PROXY,
    )
    for field in PROBES:
        facts, said = lab.ask("trouble", field, more)
        assert_no_secret(json.loads(said))
        assert not isinstance(facts, Problem)
    environment, _ = lab.ask("trouble", "environment")
    assert [(one.name, one.value, one.has_password) for one in environment.machine] == [
        ("HTTPS_PROXY", "http://me:***@proxy.example.com:3128", True),
        ("no_proxy", "*", False),
    ]
    daemons, _ = lab.ask("trouble", "daemons")
    services = {service.name: service for service in daemons.services}
    assert services["containerd"].environment == ("HTTPS_PROXY=http://me:***@proxy.example.com:3128", "NO_PROXY=*")
    assert services["kubelet"].nssm.app_environment_extra == ("A=%PATH%", "RKE2_TOKEN=***")
    assert services["kubelet"].nssm.app_parameters.endswith(" --bootstrap-token ***")
    kubelet = next(process for process in daemons.processes if process.role == "kubelet")
    assert kubelet.command_line.endswith(" --bootstrap-token ***")
    profile, _ = lab.ask("trouble", "profile", more)
    assert "https://me:***@api.example.com:6443" in {one.server for one in profile.api_servers}
    drop_in = next(file for file in profile.containerd_config if file.path.endswith("10-mirror.toml"))
    assert drop_in.data == b'[a.b]\n  username = "me"\n  password = "***"\n'
    cni, _ = lab.ask("trouble", "cni", more)
    calico = next(file for folder in cni.folders for file in folder.files if file.path.endswith("20-calico.conf"))
    assert json.loads(calico.data) == {"name": "한국어", "policy": {"k8s_auth_token": "***"}}


def test_files_of_all_sorts(lab: Lab) -> None:
    cni, _ = lab.ask("trouble", "cni")
    files = {file.path.rsplit("\\", 1)[1]: file for file in cni.folders[0].files}
    assert list(files) == ["00-other.conf", "99-big.json", "cni.conf"]
    big = files["99-big.json"]
    assert (big.present, big.size_bytes, big.content, big.problem) == (True, 262145, "", "too big")
    assert files["00-other.conf"].problem == ""
    more = ExtraPaths(
        subnet_env=(
            "/custom/subnet.env",
            "C:\\k\\cni",
            "relative\\subnet.env",
            "\\\\server\\share\\x",
            "c:\\RUN\\flannel\\subnet.env",
        ),
        logs=("C:\\custom\\log.txt",),
    )
    flannel, _ = lab.ask("trouble", "flannel", more)
    subnet = flannel.subnet_env
    assert [(file.path, file.present, bool(file.problem)) for file in subnet] == [
        ("C:\\run\\flannel\\subnet.env", True, False),
        ("C:\\custom\\subnet.env", True, False),
        ("C:\\k\\cni", True, True),
        ("relative\\subnet.env", None, True),
        ("\\\\server\\share\\x", None, True),
    ]
    assert subnet[1].data == b""
    assert flannel.net_conf[1].data.startswith(b"\xff\xfe{\x00")
    assert [(one.network, one.address) for one in flannel.reservations] == [
        ("other", "fd00::5"),
        ("vxlan0", "10.244.3.2"),
    ]
    assert len(flannel.flanneld_log) <= 40


def test_a_long_log_is_read_from_its_end(lab: Lab) -> None:
    lab.shell("trouble").run("[IO.File]::SetLastWriteTimeUtc('C:\\custom\\log.txt', [DateTime]::UtcNow.AddMinutes(5))")
    flannel, _ = lab.ask("trouble", "flannel", ExtraPaths(logs=("C:\\custom\\log.txt",)))
    assert flannel.flanneld_log == tuple(f"line {number}" for number in range(19960, 20000))


@pytest.mark.parametrize("name", ["unicode", "bigendianunicode"])
def test_a_log_in_utf_16(lab: Lab, name: str) -> None:
    """Whatever order its bytes have."""
    lab.shell("trouble").run(
        f"[IO.File]::WriteAllText('C:\\custom\\{name}.txt', ('old' * 20000 + \"`r`nnew\"), [Text.Encoding]::{name})\n"
        f"[IO.File]::SetLastWriteTimeUtc('C:\\custom\\{name}.txt', [DateTime]::UtcNow.AddMinutes(9))"
    )
    flannel, _ = lab.ask("trouble", "flannel", ExtraPaths(logs=(f"C:\\custom\\{name}.txt",)))
    assert flannel.flanneld_log == ("new",)


def test_a_folder_is_no_kubeconfig(lab: Lab) -> None:
    lab.shell("trouble").run("[void][IO.Directory]::CreateDirectory('C:\\k\\flannel\\kubeconfig.yml')")
    profile, _ = lab.ask("trouble", "profile")
    access, _ = lab.ask("trouble", "access")
    assert {one.path for one in profile.api_servers} == {"C:\\k\\config"}
    assert [one.paths for one in access.servers] == [("C:\\k\\config",)]
    assert not isinstance(access.certificates, Problem)
    lab.shell("trouble").run("[IO.Directory]::Delete('C:\\k\\flannel', $true)")


def test_of_very_many_files_the_first_are_read(lab: Lab) -> None:
    lab.shell("trouble").run(
        "[void][IO.Directory]::CreateDirectory('C:\\custom\\many')\n"
        "foreach ($one in 1..80) { [IO.File]::WriteAllText(('C:\\custom\\many\\{0:d2}.conf' -f $one), '{}') }"
    )
    cni, _ = lab.ask("trouble", "cni", ExtraPaths(cni_folders=("C:\\custom\\many",)))
    folder = next(one for one in cni.folders if one.path == "C:\\custom\\many")
    assert [file.path[-7:] for file in folder.files] == [f"{number:02}.conf" for number in range(1, 65)]


def test_hnsdiag_stands_in_for_missing_cmdlets(lab: Lab) -> None:
    hns, _ = lab.ask("trouble", "hns")
    assert [(one.name, one.subnets) for one in hns.networks] == [("vxlan0", ("10.244.3.0/24",))]
    assert isinstance(hns.endpoints, Problem)


def test_files_that_others_hold(lab: Lab) -> None:
    holder = NodeShell(lab.winnode, lab.node("trouble"))
    try:
        holder.run(
            "$global:a = [IO.File]::Open('C:\\run\\flannel\\subnet.env', 'Open', 'ReadWrite', 'None')\n"
            "$global:b = [IO.File]::Open('C:\\etc\\kube-flannel\\net-conf.json', 'Open', 'ReadWrite', 'Read')"
        )
        flannel, _ = lab.ask("trouble", "flannel")
        held, shared = flannel.subnet_env[0], flannel.net_conf[0]
        assert (held.present, held.content) == (True, "")
        assert held.problem
        assert (shared.present, shared.problem) == (True, "")
        assert b"10.244.0.0/16" in shared.data
    finally:
        holder.close()


def test_a_crowd_of_endpoints(lab: Lab) -> None:
    started = time.monotonic()
    hns, said = lab.ask("crowd", "hns")
    took = time.monotonic() - started
    assert hns.endpoint_count == 5000
    assert len(hns.endpoints) == 2048
    assert sum(not one.is_remote for one in hns.endpoints) == 500
    assert hns.endpoints[0].nat_exceptions == ("10.244.0.0/16", "10.96.0.0/12")
    assert len(said) < 2_000_000
    assert took < PROBES["hns"].budget_s


# Tells each value below these keys; the time of a key's own last write is not a value.
REGISTRY = r"""
$builder = New-Object Text.StringBuilder
function Add-Key($Key) {
    $names = try { $Key.GetValueNames() } catch { return }
    foreach ($name in $names) {
        $value = $Key.GetValue($name, $null, 'DoNotExpandEnvironmentNames')
        [void]$builder.AppendLine($Key.Name + '|' + $name + '|' + $Key.GetValueKind($name) + '|' + ($value -join ','))
    }
    foreach ($name in @($Key.GetSubKeyNames())) {
        $child = $Key.OpenSubKey($name)
        if ($child) { Add-Key $child }
    }
}
foreach ($path in 'SYSTEM\CurrentControlSet\Services', 'SYSTEM\CurrentControlSet\Control', 'SOFTWARE\Microsoft') {
    Add-Key ([Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($path))
}
Add-Key ([Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Environment'))
$builder.ToString()
"""


def files_of(node: Path) -> dict[str, str]:
    """Every file of the node's C: with its hash, without Windows' own and the notes on open shells."""
    root = node / "drive_c"
    found: dict[str, str] = {}
    for folder, names, files in os.walk(root):
        here = Path(folder)
        if here == root:
            names.remove("windows")
        if here.name == "ClusterNode":
            names.remove("sessions")
        for name in files:
            path = here / name
            found[str(path.relative_to(root))] = (
                f"{path.stat().st_mtime_ns} {hashlib.sha256(path.read_bytes()).hexdigest()}"
            )
        found[str(here.relative_to(root))] = "folder"
    return found


@pytest.mark.parametrize("name", ["trouble", "healthy-overlay"])
def test_probes_leave_no_trace(lab: Lab, name: str) -> None:
    shell = lab.shell(name)
    registry = shell.run(REGISTRY)
    assert "flanneld" in registry
    assert registry.count("\n") > 1000
    files = files_of(lab.node(name))
    for field in PROBES:
        paths = ExtraPaths(*[("C:\\custom\\x",)] * len(fields(ExtraPaths)))
        lab.ask(name, field, replace(paths, images=("registry.example.com/pause:3.9",), proxy=CONTAINERD_PROXY))
    assert files_of(lab.node(name)) == files
    assert shell.run(REGISTRY) == registry


def test_a_stopped_host_network_service_is_a_problem(lab: Lab) -> None:
    lab.shell("crowd").run("Stop-Service hns -Force")
    hns, _ = lab.ask("crowd", "hns")
    assert {getattr(hns, one.name).code for one in fields(hns)} == {"0x80070426"}
    daemons, _ = lab.ask("crowd", "daemons")
    assert [service.state for service in daemons.services if service.name == "hns"] == ["stopped"]
    lab.shell("crowd").run("Start-Service hns")


def test_the_proxy_is_asked_where_the_registry_holds_it(lab: Lab) -> None:
    """With the account that it has there, which leaves the node nowhere; and without kubectl by a connection alone."""
    proxy, said = lab.ask("trouble", "proxy", ExtraPaths(proxy=CONTAINERD_PROXY))
    assert_no_secret(json.loads(said))
    assert proxy.address == "proxy.example.com:3128"
    assert (proxy.answer.program, proxy.answer.exit_code, proxy.answer.is_open) == ("C:\\k\\kubectl.exe", 1, None)
    assert "proxyconnect tcp: dial tcp: lookup of ***@proxy.example.com:3128 failed" in proxy.answer.message

    other = (CONTAINERD_PROXY[0], "HTTP_PROXY")
    gone, _ = lab.ask("trouble", "proxy", ExtraPaths(proxy=other))
    assert gone.address == Problem("proxy.address", "the variable is not there any more")
    assert isinstance(gone.answer, Problem)

    shell = lab.shell("trouble")
    shell.run("Rename-Item C:\\k\\kubectl.exe C:\\k\\kubectl.bak")
    try:
        alone, _ = lab.ask("trouble", "proxy", ExtraPaths(proxy=CONTAINERD_PROXY))
    finally:
        shell.run("Rename-Item C:\\k\\kubectl.bak C:\\k\\kubectl.exe")
    assert (alone.answer.program, alone.answer.exit_code, alone.answer.is_open) == ("", None, True)
