"""Answers of the probes that read files: flannel's, the CNI configuration, and what tells a node's profile."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from fnmatch import fnmatch
from ntpath import basename, splitext

from checks.session import Json
from checks.simulator.demo_answers import Trouble, asked_paths, document, file_fact, full_path, stamp, texts
from checks.simulator.demo_disk import DiskFile
from checks.simulator.demo_rules import decode_text
from checks.simulator.demo_secrets import hide_in_line
from checks.simulator.demo_state import SERVICES, NodeState

Parameters = Mapping[str, Json]

_AGENT = "\\var\\lib\\rancher\\rke2\\agent"
_PROGRAMS = "C:\\Program Files"
_NETWORKS = "C:\\var\\lib\\cni\\networks"
_SERVER = re.compile(r"""(?im)(?:^|[\s{,])["']?server["']?[ \t]*:[ \t]*["']?((?:https?://)?[\w.:\[\]/@%*~-]+)""")
_RKE2_SETTING = re.compile(r"""(?m)^["']?(server|node-name|pause-image)["']?[ \t]*:[ \t]*["']?([\w.:\[\]/@%*~-]+)""")
_PLACES = (
    "\\k\\start.ps1", "\\k\\helper.psm1", "\\k\\hns.psm1", "\\k\\nssm.exe", "\\k\\StartKubelet.ps1",
    "\\k\\kubeclusterconfig.json", "\\k\\kubeletstart.ps1", "\\k\\kubeproxystart.ps1", "\\k\\azurecni",
    "\\k\\kubelet.exe", "\\k\\kube-proxy.exe", "\\k\\flannel", "\\flannel\\flanneld.exe", "\\hpc", "\\sourcevip",
    "\\var\\lib\\kubelet\\config.yaml", "\\etc\\kubernetes\\kubelet.conf", "\\etc\\cni\\net.d\\10-flannel.conf",
    f"{_PROGRAMS}\\nssm\\nssm.exe", f"{_PROGRAMS}\\containerd\\containerd.exe", f"{_PROGRAMS}\\docker\\dockerd.exe",
    "\\etc\\rancher\\rke2\\config.yaml", "\\usr\\local\\bin\\rke2.exe", "\\var\\lib\\rancher\\rke2\\bin",
    f"{_AGENT}\\etc\\cni\\07-flannel.conflist", f"{_AGENT}\\etc\\cni\\10-calico.conf",
    f"{_AGENT}\\etc\\cni\\10-calico.conflist", "\\etc\\cni\\net.d\\10-calico.conf",
    "\\etc\\cni\\net.d\\10-calico.conflist", "\\CalicoWindows",
)  # fmt: skip
_KUBECONFIGS = (
    "\\k\\config", "\\k\\bootstrap-config", "\\k\\flannel\\kubeconfig.yml", "\\etc\\kubernetes\\kubelet.conf",
    "\\etc\\kubernetes\\bootstrap-kubelet.conf", "\\var\\lib\\kube-proxy\\kubeconfig.conf",
    "\\hpc\\mounts\\kubeconfig.conf", "\\hpc\\mounts\\var\\lib\\kube-proxy\\kubeconfig-win.conf",
    f"{_AGENT}\\kubelet.kubeconfig", f"{_AGENT}\\kubeproxy.kubeconfig", f"{_AGENT}\\flannel.kubeconfig",
)  # fmt: skip
_NET_CONFS = ("\\etc\\kube-flannel\\net-conf.json", "\\k\\net-conf.json", f"{_AGENT}\\flanneld-net-conf.json")
_LOGS = (
    "\\k\\flanneld.log",
    "\\k\\logs\\flanneld\\flanneldsvc.log",
    "\\var\\log\\flanneld\\flanneld.log",
    f"{_AGENT}\\logs\\flanneld.log",
)
_PROXY_LOGS = (
    "\\k\\kube-proxy.log",
    "\\k\\kubeproxy.log",
    "\\k\\kubeproxy.err.log",
    "\\k\\logs\\kube-proxy\\kubproxysvc.log",
    f"{_AGENT}\\logs\\kube-proxy.log",
)
_KLOG = re.compile(r"(?i)kube-proxy\.exe\..*\.log\.")
_KUBELET_CONFIGS = (
    "\\var\\lib\\kubelet\\config.yaml",
    "\\k\\kubeclusterconfig.json",
    f"{_AGENT}\\etc\\kubelet.conf.d",
)
_PROXY_CONFIGS = (
    "\\var\\lib\\kube-proxy\\config.conf",
    "\\hpc\\mounts\\var\\lib\\kube-proxy\\config.conf",
    "\\hpc\\mounts\\config.conf",
)
_CNI_FOLDERS = (
    "\\k\\cni\\config",
    "\\etc\\cni\\net.d",
    f"{_AGENT}\\etc\\cni",
    f"{_PROGRAMS}\\containerd\\cni\\conf",
    "\\k\\azurecni\\netconf",
)
_PLUGIN_FOLDERS = (
    "\\k\\cni",
    "\\opt\\cni\\bin",
    "\\var\\lib\\rancher\\rke2\\bin",
    f"{_PROGRAMS}\\containerd\\cni\\bin",
    "\\k\\azurecni\\bin",
)


def flannel_document(state: NodeState, parameters: Parameters) -> dict[str, Json]:
    def files(default: tuple[str, ...], more: str) -> list[Json]:
        return [file_fact(state, path) for path in asked_paths(state, default, texts(parameters.get(more)))]

    vips = asked_paths(
        state, ("\\k\\sourceVip.json", "\\sourcevip\\sourceVip.json"), texts(parameters.get("SourceVip"))
    )
    requests = [re.sub(r"(?i)\.json$", "", path) + "Request.json" for path in vips]
    return document(
        "Get-FlannelFact",
        {
            "subnet_env": lambda: files(("\\run\\flannel\\subnet.env",), "SubnetEnv"),
            "net_conf": lambda: files(_NET_CONFS, "NetConf"),
            "source_vip": lambda: [file_fact(state, path) for path in vips],
            "source_vip_request": lambda: [file_fact(state, path) for path in requests],
            "reservations": lambda: _reservations(state)[:1024],
            "flanneld_log": lambda: _flanneld_log(state, texts(parameters.get("Log"))),
            "kube_proxy_log": lambda: _kube_proxy_log(state),
        },
    )


def _reservations(state: NodeState) -> list[Json]:
    found: list[Json] = []
    for folder in sorted(state.disk.folders_in(_NETWORKS)):
        for file in sorted(state.disk.files_in(folder), key=lambda one: one.path):
            address = basename(file.path).replace("_", ":")
            try:
                ipaddress.ip_address(address)
            except ValueError:
                continue  # host-local's other files are no addresses
            found.append(
                {
                    "network": basename(folder),
                    "address": address,
                    "path": file.path,
                    "content": decode_text(file.data)[:256],
                    "modified": stamp(file.modified),
                }
            )
    return found


def _log_places(state: NodeState, known: tuple[str, ...], services: tuple[str, ...], pod: str) -> tuple[str, ...]:
    """Where a daemon's log may be: known places, what NSSM was told, and the logs of HostProcess pods."""
    keys = [f"{SERVICES}\\{name}\\Parameters" for name in services]
    named = [state.registry.text(key, name) for key in keys for name in ("AppStderr", "AppStdout")]
    in_pods = re.compile(rf"(?i)C:\\var\\log\\pods\\[^\\]*{pod}[^\\]*\\.*\.log$")
    return (*known, *named, *(file.path for file in state.disk if in_pods.match(file.path)))


def _newest_log(state: NodeState, paths: list[str]) -> list[Json]:
    newest: DiskFile | None = None
    for path in paths:
        file = state.disk.file(path)
        if file and (newest is None or file.modified > newest.modified):
            newest = file
    if newest is None:
        return []
    lines = [line for line in re.split(r"\r?\n", decode_text(newest.data[-65536:])) if line.strip()]
    return [hide_in_line(line[:1000]) for line in lines[-40:]]


def _flanneld_log(state: NodeState, more: tuple[str, ...]) -> list[Json]:
    places = _log_places(state, _LOGS, ("flanneld",), "kube-flannel")
    return _newest_log(state, asked_paths(state, places, more))


def _kube_proxy_log(state: NodeState) -> list[Json]:
    klog = [one.path for one in state.disk.files_in("C:\\k") if _KLOG.match(basename(one.path))]
    places = _log_places(state, (*_PROXY_LOGS, *klog[-64:]), ("kube-proxy", "Kubeproxy"), "kube-proxy")
    return _newest_log(state, asked_paths(state, places))


def cni_document(state: NodeState, parameters: Parameters) -> dict[str, Json]:
    folders = asked_paths(state, _CNI_FOLDERS, texts(parameters.get("Folder")))
    programs = asked_paths(state, _PLUGIN_FOLDERS, texts(parameters.get("ProgramFolder")))
    return document(
        "Get-CniFact",
        {
            "folders": lambda: [_folder_fact(state, path) for path in folders],
            "plugins": lambda: [_plugin_folder(state, path) for path in programs],
        },
    )


def _plugin_folder(state: NodeState, path: str) -> Json:
    fact: dict[str, Json] = {"path": path, "present": None, "programs": [], "problem": ""}
    try:
        fact["path"] = path = full_path(state, path)
        fact["present"] = state.disk.is_folder(path)
        names = [basename(file.path) for file in state.disk.files_in(path)]
        found = [name for name in names if name.lower().endswith(".exe")]
        fact["programs"] = list(sorted(found, key=str.upper)[:256])
    except Trouble as trouble:
        fact["problem"] = str(trouble)
    return fact


def _folder_fact(state: NodeState, path: str) -> Json:
    fact: dict[str, Json] = {"path": path, "present": None, "files": [], "problem": ""}
    try:
        fact["path"] = path = full_path(state, path)
        fact["present"] = state.disk.is_folder(path)
        paths = [file.path for file in state.disk.files_in(path)]
        # Go compares endings with case, and orders by bytes.
        paths = sorted(one for one in paths if splitext(one)[1] in (".conf", ".conflist", ".json"))
        fact["files"] = [file_fact(state, one) for one in paths[:64]]
    except Trouble as trouble:
        fact["problem"] = str(trouble)
    return fact


def profile_document(state: NodeState, parameters: Parameters) -> dict[str, Json]:
    return document(
        "Get-ProfileFact",
        {
            "present_paths": lambda: [path for path in asked_paths(state, _PLACES) if state.disk.exists(path)],
            "pipes": lambda: list(state.pipes),
            "api_servers": lambda: _api_servers(state, texts(parameters.get("Kubeconfig"))),
            "rke2_settings": lambda: _rke2_settings(state),
            "containerd_config": lambda: _containerd_config(state, texts(parameters.get("ContainerdConfig"))),
            "kubelet_config": lambda: _kubelet_config(state, texts(parameters.get("KubeletConfig"))),
            "kube_proxy_config": lambda: [
                file_fact(state, path)
                for path in asked_paths(state, _PROXY_CONFIGS, texts(parameters.get("KubeProxyConfig")))
            ],
        },
    )


def _api_servers(state: NodeState, more: tuple[str, ...]) -> list[Json]:
    found: list[Json] = []
    for path in asked_paths(state, _KUBECONFIGS, more):
        file = state.disk.file(path)
        servers = _SERVER.findall(decode_text(file.data)) if file else []
        found += [{"path": path, "server": server} for server in dict.fromkeys(servers)]
    return found


def _rke2_settings(state: NodeState) -> list[Json]:
    more = sorted(file.path for file in state.disk.files_in("C:\\etc\\rancher\\rke2\\config.yaml.d"))
    settings: dict[str, str] = {}
    for path in ("C:\\etc\\rancher\\rke2\\config.yaml", *more[:32]):
        file = state.disk.file(path)
        settings |= dict(_RKE2_SETTING.findall(decode_text(file.data))) if file else {}
    return [{"name": name, "value": value} for name, value in settings.items()]


def _containerd_config(state: NodeState, named: tuple[str, ...]) -> list[Json]:
    places = [f"{_PROGRAMS}\\containerd\\config.toml", f"{_AGENT}\\etc\\containerd\\config.toml"]
    for pattern in (f"{_PROGRAMS}\\containerd\\conf.d\\*.toml", *named):
        if "*" not in pattern and "?" not in pattern:
            places.append(pattern)
            continue
        folder, _, name = pattern.replace("/", "\\").rpartition("\\")
        try:
            found = sorted(file.path for file in state.disk.files_in(full_path(state, folder)))
        except Trouble:
            places.append(pattern)
            continue
        places += [path for path in found if fnmatch(basename(path).lower(), name.lower())][:32]
    return [file_fact(state, path) for path in asked_paths(state, places)]


def _kubelet_config(state: NodeState, named: tuple[str, ...]) -> list[Json]:
    """Files, and the drop-in files of folders."""
    found: list[Json] = []
    for path in asked_paths(state, _KUBELET_CONFIGS, named):
        if not state.disk.is_folder(path):
            found.append(file_fact(state, path))
            continue
        dropped = sorted(one.path for one in state.disk.files_in(path) if splitext(one.path)[1] == ".conf")
        found += [file_fact(state, one) for one in dropped[:32]]
    return found
