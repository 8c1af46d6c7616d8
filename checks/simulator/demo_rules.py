"""What a node's programs do when they start: whether they stay, and what they leave on the node.

The rules are those of flanneld, kube-proxy, kubelet, containerd and rke2 on Windows: a repair helps only if it would
help on a real node.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ntpath import dirname

from checks.simulator.demo_networks import HnsEndpoint, HnsNetwork
from checks.simulator.demo_reach import flag_of, in_range, nth_address, reach, role_of, variable, words_of
from checks.simulator.demo_state import NodeState, Process, Service
from checks.simulator.demo_toml import toml_problem

SUBNET_ENV = "C:\\run\\flannel\\subnet.env"
CONTAINERD_CONFIG = "C:\\Program Files\\containerd\\config.toml"
RKE2_BIN = "C:\\var\\lib\\rancher\\rke2\\bin"
SERVICE_MANAGER = 640
"""Process id of services.exe."""
ADDRESS_INVALID = "hcnCreateEndpoint failed in Win32: The address is invalid or reserved. (0x803b002f)"


@dataclass(slots=True)
class Start:
    """How a start went: `is_running`, else the exit code; `log` holds lines as `E what happened`."""

    is_running: bool
    exit_code: int = 0
    log: tuple[str, ...] = ()
    command_line: str = ""
    """As the process shows it, where its wrapper changed it."""
    id: int = 0


def ended(code: int, *log: str) -> Start:
    return Start(False, code, log)


def add_process(state: NodeState, line: str, variables: Mapping[str, str], parent: int, service: str) -> int:
    process = Process(
        id=state.new_process_id(),
        parent=parent,
        command_line=line,
        path=words_of(line)[0],
        created=state.clock(),
        service=service,
        environment=dict(variables),
    )
    state.processes.append(process)
    return process.id


def remove_processes(state: NodeState, ids: set[int]) -> None:
    """End processes and their children. A service whose program was ended so has stopped with 1067."""
    gone = {process.id for process in state.processes if process.id in ids}
    while more := {one.id for one in state.processes if one.parent in gone and one.id not in gone}:
        gone |= more
    state.processes = [process for process in state.processes if process.id not in gone]
    for service in state.services.values():
        if service.process_id in gone:
            service.state, service.process_id, service.exit_code = "Stopped", 0, 1067
            service.crashes.append(state.clock())


def start_program(state: NodeState, line: str, variables: Mapping[str, str], parent: int, service: str = "") -> Start:
    """Start a program by its command line with these variables."""
    words = words_of(line)
    path = words[0] if words else ""
    role = role_of(path)
    if role in ("powershell", "pwsh"):
        script = next((word for word in words if word.lower().endswith(".ps1")), "")
        if script:
            return _start_script(state, script, line, variables, parent, service)
    if re.match(r"[A-Za-z]:\\", path) and not state.disk.exists(path):
        return ended(2, f"E the file {path} was not found")
    rule = {"flanneld": _flanneld, "kube-proxy": _kube_proxy, "kubelet": _kubelet, "containerd": _containerd}.get(role)
    start = rule(state, words, variables) if rule else Start(True)
    if start.is_running:
        start.id = add_process(state, start.command_line or line, variables, parent, service)
    if start.is_running and role == "rke2":
        for child in state.wrappers.get("rke2", ()):
            # rke2 gives flanneld these two only: proxy variables never reach it.
            is_flanneld = role_of(words_of(child)[0]) == "flanneld"
            own = {"NODE_NAME": state.cluster.node, "PATH": RKE2_BIN} if is_flanneld else variables
            start_program(state, child, own, start.id, service)
    return start


def _start_script(
    state: NodeState, script: str, line: str, variables: Mapping[str, str], parent: int, service: str
) -> Start:
    """Run a start script: it stays as long as what it starts."""
    if not state.disk.exists(script):
        return ended(-196608, f"E the script {script} was not found")
    own = add_process(state, line, variables, parent, service)
    children = [lines for path, lines in state.wrappers.items() if path.lower() == script.lower()]
    for child_line in children[0] if children else ():
        child = start_program(state, child_line, variables, own, service)
        if not child.is_running:
            remove_processes(state, {own})
            return Start(False, child.exit_code, child.log, id=own)
    return Start(True, id=own)


def _flanneld(state: NodeState, words: Sequence[str], variables: Mapping[str, str]) -> Start:
    cluster = state.cluster
    manager = "E Failed to create SubnetManager: "
    if "--version" in words or "-version" in words:
        return ended(0)
    if flag_of(words, "kube-subnet-mgr") not in ("true", "1"):
        return ended(
            1,
            manager + "dial tcp 127.0.0.1:2379: connectex: No connection could be made (etcd is the store without "
            "--kube-subnet-mgr)",
        )
    config = flag_of(words, "kubeconfig-file") or ""
    if not state.disk.exists(config):
        return ended(1, manager + f"error reading kubeconfig '{config}': The system cannot find the file specified.")
    name = variable(variables, "NODE_NAME")
    if not name:
        return ended(1, manager + "env variables POD_NAME and POD_NAMESPACE must be set")
    way = reach(state.reach, variables, cluster.api_server)
    if way != "ok":
        url = f"https://{cluster.api_server}/api/v1/nodes/{name}"
        return ended(1, manager + f'error retrieving node: Get "{url}": {way}')
    if name != cluster.node:
        return ended(1, f'E error fetching node: nodes "{name}" not found')
    interface = flag_of(words, "iface")
    if interface and not _is_up(state, interface):
        told = f"error looking up interface {interface}: route ip+net: no such network interface"
        return ended(1, f"E Could not find valid interface matching {interface}: {told}")
    if not cluster.pod_cidr:
        told = f'failed to acquire lease: node "{name}" pod cidr not assigned'
        return ended(1, f"E Error registering network: {told}")
    hns = state.service("hns")
    making = "E Error registering network: failed to create HNSNetwork"
    if hns is None or hns.state != "Running":
        return ended(1, f"{making}: The Host Network Service is not running.")
    if state.hns.failures > 0:
        state.hns.failures -= 1
        told = "hnsCall failed in Win32: The name already exists. (0x803b0010)"
        return ended(1, f"{making} {cluster.network}: {told}")
    make_pod_network(state)
    masquerade = "true" if flag_of(words, "ip-masq") in ("true", "1") else "false"
    subnet = f"{nth_address(cluster.pod_cidr, 1)}/{cluster.pod_cidr.split('/')[1]}"
    text = (
        f"FLANNEL_NETWORK={cluster.cluster_cidr}\nFLANNEL_SUBNET={subnet}\n"
        f"FLANNEL_MTU={1450 if cluster.is_overlay else 1500}\nFLANNEL_IPMASQ={masquerade}\n"
    )
    file = flag_of(words, "subnet-file") or SUBNET_ENV
    state.disk.write(file, text.encode(), state.clock())
    log = (f"I Wrote subnet file to {file}", "I Running backend.", "I Waiting for all goroutines to exit")
    return Start(True, log=log)


def _is_up(state: NodeState, interface: str) -> bool:
    """Whether `--iface` names an adapter that is up, or an address on one."""
    up = {adapter.name for adapter in state.adapters if adapter.status == "Up"}
    return interface in up or any(one.address == interface for one in state.addresses if one.interface in up)


def make_pod_network(state: NodeState) -> None:
    """Make the pods' network as flanneld does: anew when missing or when prefix or management address differ."""
    cluster = state.cluster
    management = state.management
    address = management.address if management else None
    found = next((one for one in state.hns.networks if one.name == cluster.network), None)
    if found and found.subnets[:1] == (cluster.pod_cidr,) and found.management_ip == address:
        return
    if found:
        remove_network(state, found.id)
    network = HnsNetwork(
        id=str(uuid.uuid4()).upper(),
        name=cluster.network,
        type="Overlay" if cluster.is_overlay else "l2bridge",
        management_ip=address,
        subnets=(cluster.pod_cidr,),
        gateways=(nth_address(cluster.pod_cidr, 1),),
        adapter=management.physical if management else None,
        peers=cluster.peers if cluster.is_overlay else (),
    )
    state.hns.networks.append(network)
    if state.hns.blip:
        state.cuts += 1
    if not cluster.is_overlay:
        bridge = nth_address(cluster.pod_cidr, 2)
        name = f"{cluster.network}_ep"
        state.hns.endpoints.append(HnsEndpoint(str(uuid.uuid4()), name, network.id, cluster.network, bridge, state=2))


def remove_network(state: NodeState, network_id: str) -> None:
    state.hns.networks = [one for one in state.hns.networks if one.id != network_id]
    state.hns.endpoints = [one for one in state.hns.endpoints if one.network != network_id]


def _kube_proxy(state: NodeState, words: Sequence[str], variables: Mapping[str, str]) -> Start:
    config = flag_of(words, "kubeconfig")
    if config and not state.disk.exists(config):
        return ended(1, f"E stat {config}: The system cannot find the file specified.")
    way = reach(state.reach, variables, state.cluster.api_server)
    log = [] if way == "ok" else [f"E Failed to watch *v1.Service: failed to list: {way}"]
    line = ""
    if state.cluster.is_overlay and state.source_vip:
        address = _source_vip(state)
        shown = [f'"{word}"' if re.search(r"\s", word) else word for word in words]
        shown = [f"--source-vip={address}" if word.startswith("--source-vip") else word for word in shown]
        line = " ".join(shown)
        if not in_range(address, state.cluster.pod_cidr):
            log.append(f"E Source Vip endpoint creation failed: {ADDRESS_INVALID}")
    return Start(True, log=tuple(log), command_line=line)


def _source_vip(state: NodeState) -> str:
    """Read the source VIP from its file. Only where the file is missing is a new one asked for and kept."""
    disk, now = state.disk, state.clock()
    environment = disk.file(SUBNET_ENV)
    if disk.file(state.source_vip) is None and environment:
        found = re.search(rb"FLANNEL_SUBNET=(\d+\.\d+\.\d+)\.\d+/(\d+)", environment.data)
        if found:
            subnet, length, name = found[1].decode(), found[2].decode(), state.cluster.network
            request = (
                f'{{"cniVersion": "0.2.0", "name": "{name}", "ipam":{{"type":"host-local",'
                f'"ranges":[[{{"subnet":"{subnet}.0/{length}"}}]],"dataDir":"/var/lib/cni/networks"}}}}'
            )
            answer = (
                f'{{\r\n    "cniVersion": "0.2.0",\r\n    "ip4": {{\r\n        "ip": "{subnet}.2/{length}",\r\n'
                f'        "gateway": "{subnet}.1"\r\n    }},\r\n    "dns": {{}}\r\n}}\r\n'
            )
            disk.write(re.sub(r"\.json$", "Request.json", state.source_vip), request.encode(), now)
            disk.write(state.source_vip, answer.encode("utf-16"), now)
            disk.write(f"C:\\var\\lib\\cni\\networks\\{name}\\{subnet}.2", b"dummy\r\ndummy", now)
    file = disk.file(state.source_vip)
    told = re.search(r'"(?:ip|address)":\s*"([\d.]+)/', decode_text(file.data)) if file else None
    return told[1] if told else ""


def decode_text(data: bytes) -> str:
    """As .NET reads a text file: by its byte order mark, else UTF-8."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def _kubelet(state: NodeState, words: Sequence[str], variables: Mapping[str, str]) -> Start:
    way = reach(state.reach, variables, state.cluster.api_server)
    for name in ("config", "kubeconfig"):
        file = flag_of(words, name)
        if file and not state.disk.exists(file):
            return ended(1, f"E failed to load kubelet {name}: {file} not found")
    return Start(True, log=() if way == "ok" else (f"E Unable to register node with API server: {way}",))


def _containerd(state: NodeState, words: Sequence[str], _variables: Mapping[str, str]) -> Start:
    path = flag_of(words, "config") or flag_of(words, "c") or CONTAINERD_CONFIG
    file = state.disk.file(path)
    problem = toml_problem(file.data) if file else ""
    return ended(1, f"E containerd: failed to load TOML: {path}: {problem}") if problem else Start(True)


def append_log(state: NodeState, path: str, lines: Sequence[str]) -> None:
    """Write klog lines at the end of a log file."""
    if not path or not lines:
        return
    now: datetime = state.clock()
    stamp = now.strftime("%m%d %H:%M:%S.%f")
    text = "".join(f"{line[0]}{stamp}    1234 main.go:1] {line[2:]}\n" for line in lines)
    known = state.disk.file(path)
    state.disk.make_folder(dirname(path))
    state.disk.write(path, (known.data if known else b"") + text.encode(), now)


def note(state: NodeState, service: Service, lines: Sequence[str]) -> None:
    state.journal = [*state.journal, *(f"{service.name}: {line}" for line in lines)][-200:]
