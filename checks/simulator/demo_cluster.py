"""What the cluster side of a simulated node answers to kubectl, and by which name kube-proxy goes there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from ntpath import dirname

from checks.session import Json
from checks.simulator.demo_answers import Trouble, asked_paths, document, stamp, texts
from checks.simulator.demo_api import Api, ApiPod
from checks.simulator.demo_reach import flag_of, reach, role_of, words_of
from checks.simulator.demo_rules import decode_text
from checks.simulator.demo_secrets import hide_in_line
from checks.simulator.demo_state import NodeState

Parameters = Mapping[str, Json]

_RKE2 = "\\var\\lib\\rancher\\rke2"
KUBECTLS = (
    "\\k\\kubectl.exe", f"{_RKE2}\\bin\\kubectl.exe", "\\bin\\kubectl.exe", "\\usr\\local\\bin\\kubectl.exe",
    "\\Windows\\System32\\kubectl.exe",
)  # fmt: skip
_KUBECONFIGS = ("\\etc\\kubernetes\\kubelet.conf", f"{_RKE2}\\agent\\kubelet.kubeconfig", "\\k\\config")
_OWN_NAME = re.compile(r"system:node:([A-Za-z0-9.-]+)", re.IGNORECASE)
_NO_CONFIG = "no kubeconfig of a node is here"
MOST_PODS, MOST_EVENTS, LONGEST = 512, 64, 600


def cluster_document(state: NodeState, parameters: Parameters) -> dict[str, Json]:
    """Answer `Get-ClusterFact`."""
    asked = _Asked(state, parameters)
    questions: dict[str, Callable[[], Json]] = {
        "kubectl": asked.kubectl,
        "kubeconfig": asked.kubeconfig,
        "kubeconfig_name": asked.kubeconfig_name,
        "asked_name": asked.name,
        "node": lambda: asked.kubectl_get("node", True, partial(_node, state)),
        "pods": lambda: asked.kubectl_get("pods", state.api.pods is not None, partial(_pods, state)),
        "events": lambda: asked.kubectl_get("events", state.api.events is not None, partial(_events, state, asked)),
    }
    return document("Get-ClusterFact", questions)


def _line(state: NodeState, daemon: str) -> list[str]:
    for process in state.all_processes():
        if role_of(process.name) == daemon:
            return words_of(process.command_line or "")
    return []


def _flag(state: NodeState, daemon: str, name: str) -> str:
    value = flag_of(_line(state, daemon), name)
    return "" if value in (None, "true") else value or ""


class _Asked:
    """One run of the script: what it found so far."""

    def __init__(self, state: NodeState, parameters: Parameters) -> None:
        self.state = state
        self.more_programs = texts(parameters.get("Kubectl"))
        self.more_configs = texts(parameters.get("Kubeconfig"))
        self.without_pods = parameters.get("WithoutPods") is True

    def kubectl(self) -> str:
        beside = [
            dirname(process.path) + "\\kubectl.exe"
            for process in self.state.all_processes()
            if process.path and role_of(process.name) in ("kubelet", "kube-proxy")
        ]
        places = asked_paths(self.state, self.more_programs or KUBECTLS, () if self.more_programs else beside)
        for path in places:
            if self.state.disk.file(path):
                return path
        if self.more_programs:
            raise Trouble(f"{self.more_programs[0]} is not there")
        raise Trouble("kubectl.exe is not on this node")

    def kubeconfig(self) -> str:
        own = _flag(self.state, "kubelet", "kubeconfig")
        for path in asked_paths(self.state, self.more_configs or (own, *_KUBECONFIGS)):
            if self.state.disk.file(path):
                return path
        if self.more_configs:
            raise Trouble(f"{self.more_configs[0]} is not there")
        raise Trouble(_NO_CONFIG)

    def kubeconfig_name(self) -> str:
        file = self.state.disk.file(self.kubeconfig())
        found = _OWN_NAME.search(decode_text(file.data)) if file else None
        return found[1] if found else ""

    def name(self) -> str:
        told = _flag(self.state, "kubelet", "hostname-override")
        if not told:
            try:
                told = self.kubeconfig_name()
            except Trouble:
                told = ""
        return (told or self.state.system.host_name).strip().lower()

    def kubectl_get(self, what: str, is_allowed: bool, answer: Callable[[], Json]) -> Json:
        """What kubectl says to `get <what>`, or the error it ends with. Raises `Trouble`."""
        state = self.state
        try:
            self.kubectl()
            self.kubeconfig()
        except Trouble as trouble:
            raise Trouble(str(trouble), "no-kubectl") from trouble
        if what != "node" and self.without_pods:
            raise Trouble("not asked for", "not-asked")
        way = reach(state.reach, state.machine_environment(), state.cluster.api_server)
        if way != "ok":
            raise Trouble(hide_in_line(f"Unable to connect to the server: {way}"), "exit-1")
        if not is_allowed:
            who = f'User "system:node:{state.cluster.node}" cannot get resource "{what}"'
            raise Trouble(f"Error from server (Forbidden): {what} is forbidden: {who}", "forbidden")
        return answer()


def _node(state: NodeState) -> Json:
    api, system, cluster = state.api, state.system, state.cluster
    own = state.management.address if state.management else ""
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
    return {
        "name": api.name or cluster.node,
        "os_label": "windows",
        "build_label": f"10.0.{system.build}",
        "backend_type": cluster.backend,
        "public_ip": api.public_ip or own,
        "public_ip_overwrite": "",
        "pod_cidrs": [one for one in (cluster.pod_cidr if api.pod_cidr is None else api.pod_cidr,) if one],
        "taints": [],
        "addresses": [
            {"type": "InternalIP", "address": api.internal_ip or own},
            {"type": "Hostname", "address": api.name or cluster.node},
        ],
        "conditions": [*_pressure(api), {**ready, "message": "kubelet is posting ready status", "changed": None}],
        "os_image": system.product_name,
        "kernel_version": f"10.0.{system.build}.{system.ubr}",
        "runtime_version": api.runtime,
        "kubelet_version": api.kubernetes,
        "proxy_version": api.kubernetes,
    }


def _pressure(api: Api) -> list[Json]:
    if api.disk_pressure is None:
        return []
    has = "Has" if api.disk_pressure else "HasNo"
    message = f"kubelet has {'' if api.disk_pressure else 'no '}disk pressure"
    told = {"type": "DiskPressure", "status": str(api.disk_pressure), "reason": f"Kubelet{has}DiskPressure"}
    return [{**told, "message": message, "changed": None}]


def _pod(pod: ApiPod) -> Json:
    return {
        "namespace": pod.namespace,
        "name": pod.name,
        "owner": pod.owner,
        "phase": pod.phase,
        "pod_ip": pod.pod_ip,
        "host_network": pod.host_network,
        "os": pod.os,
        "node_selector": sorted(pod.node_selector),
        "affinity_systems": list(pod.affinity_systems),
        "containers": [
            {
                "name": one.name,
                "image": one.image,
                "ready": one.ready,
                "restarts": one.restarts,
                "waiting_reason": one.waiting_reason,
                "waiting_message": hide_in_line(one.waiting_message)[:LONGEST],
            }
            for one in pod.containers
        ],
    }


def _pods(state: NodeState) -> Json:
    return [_pod(pod) for pod in (state.api.pods or ())[:MOST_PODS]]


def _events(state: NodeState, asked: _Asked) -> Json:
    here = {(pod.namespace, pod.name) for pod in (state.api.pods or ())[:MOST_PODS]}
    name = asked.name()
    found = [one for one in state.api.events or () if one.host == name or (one.namespace, one.pod) in here]
    found.sort(key=lambda one: one.last_seen)
    return [
        {
            "namespace": one.namespace,
            "pod": one.pod,
            "reason": one.reason,
            "message": hide_in_line(one.message)[:LONGEST],
            "count": one.count,
            "last_seen": stamp(one.last_seen),
        }
        for one in found[-MOST_EVENTS:]
    ]
