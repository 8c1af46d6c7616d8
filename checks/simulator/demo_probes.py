"""Answers of the probe scripts for a simulated node: the very document that the real script gives on such a node."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import lru_cache

from checks.session import Json
from checks.simulator.demo_answers import document, stamp, texts
from checks.simulator.demo_cluster import cluster_document
from checks.simulator.demo_file_probes import cni_document, flannel_document, profile_document
from checks.simulator.demo_hosts import host_document
from checks.simulator.demo_machine_probes import access_document, firewall_document, is_open, machine_document
from checks.simulator.demo_network_probes import hns_document, network_document
from checks.simulator.demo_programs import runtime_document
from checks.simulator.demo_proxy import proxy_document
from checks.simulator.demo_secrets import hide_in_line, hide_in_proxy, hide_in_variable
from checks.simulator.demo_state import MACHINE_ENVIRONMENT, NodeState, Service

Parameters = Mapping[str, Json]

_DAEMONS = ("kubelet", "kube-proxy", "flanneld", "containerd", "dockerd", "rke2")
_SERVICES = (
    "kubelet", "kube-proxy", "kubeproxy", "flanneld", "containerd", "docker", "rke2", "rancher-wins",
    "hns", "vmcompute",
)  # fmt: skip
_STATES = {"Running": "running", "Stopped": "stopped", "Paused": "paused"}
_MODES = {0: "boot", 1: "system", 2: "auto", 3: "manual", 4: "disabled"}
_START_SCRIPT = re.compile(r"""(?:^|[\\/\s"'])(?:start|startkubelet)\.ps1(?![\w.])""", re.IGNORECASE)
_VARIABLES = re.compile(r"(?:(?:HTTP|HTTPS|NO|ALL)_PROXY|NODE_NAME|KUBE_NETWORK|CONTAINERD_\w*PROXY)", re.IGNORECASE)


def probe(state: NodeState, script: str, parameters: Parameters) -> dict[str, Json] | None:
    """Answer a probe script by name; None when it is no probe."""
    answer = _ANSWERS.get(script)
    if answer is None:
        return None
    with state.lock:
        return answer(state, parameters)


def _system(state: NodeState, _: Parameters) -> dict[str, Json]:
    system = state.system
    return document(
        "Get-SystemFact",
        {
            "computer_name": lambda: system.computer_name,
            "host_name": lambda: system.host_name,
            "product_name": lambda: system.product_name,
            "build": lambda: system.build,
            "ubr": lambda: system.ubr,
            "is_64_bit_process": lambda: True,
            "culture": lambda: system.culture,
            "boot_time": lambda: stamp(state.boot_time),
            "node_time": lambda: stamp(state.clock() + timedelta(seconds=system.clock_ahead_s)),
            "manufacturer": lambda: system.manufacturer,
            "model": lambda: system.model,
        },
    )


@lru_cache(maxsize=1024)
def _role(text: str) -> str:
    """Tell the daemon that a path or command line runs; an unquoted path may hold spaces and then ends with .exe."""
    found = (
        re.match(r'\s*"([^"]*)"', text) or re.match(r"(?i)\s*(.+?\.exe)(?:\s|$)", text) or re.match(r"\s*(\S+)", text)
    )
    program = re.sub(r"^.*[\\/]", "", found[1]) if found else ""
    return re.sub(r"(?i)^rancher-wins-", "", re.sub(r"(?i)\.exe$", "", program)).lower()


def _text(state: NodeState, key: str, name: str) -> str | None:
    value = state.registry.get(key, name)
    return None if value is None else hide_in_line(value.text)


def _lines(state: NodeState, key: str, name: str) -> list[Json] | None:
    value = state.registry.get(key, name)
    return None if value is None else [hide_in_variable(line) for line in value.lines]


def _nssm(state: NodeState, service: Service) -> Json:
    key = service.parameters_key
    return {
        "application": _text(state, key, "Application"),
        "app_parameters": _text(state, key, "AppParameters"),
        "app_directory": _text(state, key, "AppDirectory"),
        "app_environment": _lines(state, key, "AppEnvironment"),
        "app_environment_extra": _lines(state, key, "AppEnvironmentExtra"),
        "app_stdout": _text(state, key, "AppStdout"),
        "app_stderr": _text(state, key, "AppStderr"),
    }


def _services(state: NodeState, more: tuple[str, ...]) -> Iterator[Json]:
    for service in sorted(state.services.values(), key=lambda one: one.name.lower()):
        image = state.registry.text(service.key, "ImagePath")
        is_named = service.name.lower() in (*_SERVICES, *(one.lower() for one in more))
        is_wrapper = re.match(r"nssm|srvany", _role(image)) is not None
        if not is_named and _role(image) not in _DAEMONS:
            if not is_wrapper:
                continue
            inner = state.registry.text(service.parameters_key, "AppParameters")
            application = state.registry.text(service.parameters_key, "Application")
            if _role(f'"{application}"') not in _DAEMONS and not re.search(r"(?i)start-?kube\w*\.ps1", inner):
                continue
        start = state.registry.get(service.key, "Start")
        has_nssm = is_wrapper or state.registry.get(service.parameters_key, "Application") is not None
        yield {
            "name": service.name,
            "state": _STATES.get(service.state, "other"),
            "start_mode": _MODES.get(start.number if start else 3, "other"),
            "path_name": hide_in_line(image),
            "process_id": service.process_id,
            "account": state.registry.text(service.key, "ObjectName") or "LocalSystem",
            "exit_code": abs(service.exit_code),
            "depends_on": [name for name in state.registry.lines(service.key, "DependOnService") if name],
            "environment": _lines(state, service.key, "Environment"),
            "nssm": _nssm(state, service) if has_nssm else None,
        }


def _processes(state: NodeState, more: tuple[str, ...]) -> Iterator[Json]:
    processes = state.all_processes()
    by_id = {process.id: process for process in processes}
    wanted = {one.lower() for one in more}
    typed = {one.process_id for one in state.services.values() if one.name.lower() in wanted and one.process_id}
    for process in processes:
        role = _role(f'"{process.name}"')
        if role in ("powershell", "pwsh"):
            if not _START_SCRIPT.search(process.command_line or ""):
                continue
            role = "start-script"
        parent = by_id.get(process.parent)
        # A number is used again after its process ended: a parent is never younger than its child.
        is_parent = parent is not None and parent.created <= process.created
        is_typed = process.id in typed or (is_parent and process.parent in typed)
        if role not in ("start-script", *_DAEMONS) and not is_typed:
            continue
        yield {
            "name": process.name,
            "role": role,
            "process_id": process.id,
            "parent_process_id": process.parent,
            "parent_name": parent.name if parent and is_parent else "",
            "command_line": None if process.command_line is None else hide_in_line(process.command_line),
            "executable_path": process.path,
            "created": stamp(process.created),
        }


def _crashes(state: NodeState) -> Iterator[Json]:
    """Services whose program ended under them: what the service manager writes events of."""
    fallen = [one for one in state.services.values() if one.crashes]
    for service in sorted(fallen, key=lambda one: max(one.crashes), reverse=True):
        yield {"service": service.name, "count": len(service.crashes), "last": stamp(max(service.crashes))}


def _daemons(state: NodeState, parameters: Parameters) -> dict[str, Json]:
    return document(
        "Get-DaemonFact",
        {
            "services": lambda: list(_services(state, texts(parameters.get("Service")))),
            "processes": lambda: list(_processes(state, texts(parameters.get("Service"))))[:256],
            "crashes": lambda: list(_crashes(state)),
        },
    )


def _variables(state: NodeState) -> list[Json]:
    found: list[Json] = []
    for name, value in sorted(state.machine_environment().items()):
        if _VARIABLES.fullmatch(name):
            hidden = hide_in_proxy(value)
            found.append({"name": name, "value": hidden, "has_password": hidden != value})
    return found


def _environment(state: NodeState, _: Parameters) -> dict[str, Json]:
    key = state.registry.key(MACHINE_ENVIRONMENT)
    changed = key.changed if key else state.boot_time
    return document(
        "Get-EnvironmentFact",
        {"machine": lambda: _variables(state), "machine_changed": lambda: stamp(changed)},
    )


def _egress(state: NodeState, parameters: Parameters) -> dict[str, Json]:
    target = f"{parameters.get('Target')}:{parameters.get('Port', 443)}"
    return document("Get-EgressFact", {"target": lambda: target, "reached": lambda: is_open(state, target)})


_ANSWERS: Mapping[str, Callable[[NodeState, Parameters], dict[str, Json]]] = {
    "Get-SystemFact": _system,
    "Get-DaemonFact": _daemons,
    "Get-EnvironmentFact": _environment,
    "Get-FlannelFact": flannel_document,
    "Get-CniFact": cni_document,
    "Get-ProfileFact": profile_document,
    "Get-ClusterFact": cluster_document,
    "Get-NetworkFact": network_document,
    "Get-HnsFact": hns_document,
    "Get-MachineFact": machine_document,
    "Get-FirewallFact": firewall_document,
    "Get-AccessFact": access_document,
    "Get-RuntimeFact": runtime_document,
    "Get-ProxyFact": proxy_document,
    "Get-EgressFact": _egress,
    "Get-HyperVHostFact": host_document,
}
