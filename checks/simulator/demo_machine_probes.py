"""Answers of the probes about the machine itself: what it has for containers, its way to the API server."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from ntpath import dirname, join
from urllib.parse import urlsplit

from checks.session import Json
from checks.simulator.demo_answers import asked_paths, document, full_path, stamp, texts
from checks.simulator.demo_reach import reach
from checks.simulator.demo_rules import decode_text
from checks.simulator.demo_state import FirewallRule, NodeState

Parameters = Mapping[str, Json]

_RKE2 = "\\var\\lib\\rancher\\rke2"
_KUBECONFIGS = (
    "\\k\\config", "\\k\\flannel\\kubeconfig.yml", "\\etc\\kubernetes\\kubelet.conf",
    "\\var\\lib\\kube-proxy\\kubeconfig.conf", "\\hpc\\mounts\\kubeconfig.conf",
    "\\hpc\\mounts\\var\\lib\\kube-proxy\\kubeconfig-win.conf", f"{_RKE2}\\agent\\kubelet.kubeconfig",
    f"{_RKE2}\\agent\\kubeproxy.kubeconfig", f"{_RKE2}\\agent\\flannel.kubeconfig",
)  # fmt: skip
_CERTIFICATES = (
    "\\var\\lib\\kubelet\\pki\\kubelet-client-current.pem",
    f"{_RKE2}\\agent\\client-kubelet.crt",
    f"{_RKE2}\\agent\\client-kube-proxy.crt",
)
_KEY = """(?im)(?:^|[\\s{,])["']?%s["']?[ \\t]*:[ \\t]*["']?"""
_SERVER = re.compile(_KEY % "server" + r"((?:https?://)?[\w.:\[\]/@%*~-]+)")
_NAMED = re.compile(_KEY % "client-certificate" + r"""([^\s"',}]+)""")
_INLINE = re.compile(_KEY % "client-certificate-data" + r"([A-Za-z0-9+/=]+)")
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
_KUBELET = re.compile(r"(?i)^(rancher-wins-)?kubelet(\.exe)?$")
MOST_SERVERS = 3


_CURRENT = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion"
_OWED = {
    f"{_CURRENT}\\Component Based Servicing\\RebootPending": "component-servicing",
    f"{_CURRENT}\\WindowsUpdate\\Auto Update\\RebootRequired": "windows-update",
}


def machine_document(state: NodeState, _: Parameters) -> dict[str, Json]:
    system = state.system
    return document(
        "Get-MachineFact",
        {
            "containers": lambda: {
                "hns": state.service("hns") is not None,
                "vmcompute": state.service("vmcompute") is not None,
                "feature": "not-asked" if state.service("hns") and state.service("vmcompute") else "absent",
                "hyper_v": state.service("vmms") is not None,
            },
            "pending_reboots": lambda: [who for key, who in _OWED.items() if state.registry.key(key)],
            "disks": lambda: [
                {"drive": one.letter.upper(), "size_bytes": one.size, "free_bytes": one.free} for one in state.drives
            ],
            "hns_service": lambda: _hns_service(state),
            "clock_service": lambda: _clock_service(state),
            "guest": lambda: {
                "hyper_v_host": system.hyper_v_host,
                "virtual_machine": system.virtual_machine,
                "chassis_tag": system.chassis_tag,
            },
        },
    )


def _hns_service(state: NodeState) -> Json:
    service = state.service("hns")
    if service is None or service.state != "Running":
        told = "absent" if service is None else service.state.lower()
        return {"state": told, "process_id": 0, "threads": None, "created": None}
    return {
        "state": "running",
        "process_id": service.process_id,
        "threads": state.hns.threads,
        "created": stamp(state.hns.started or state.boot_time),
    }


def _clock_service(state: NodeState) -> Json:
    service = state.service("W32Time")
    if service is None:
        return {"state": "absent", "disabled": False}
    start = state.registry.get(service.key, "Start")
    return {"state": service.state.lower(), "disabled": start is not None and start.number == 4}


def firewall_document(state: NodeState, _: Parameters) -> dict[str, Json]:
    walls = state.firewall
    return document(
        "Get-FirewallFact",
        {
            "profiles": lambda: [
                {"name": name, "enabled": walls.enabled, "lets_in": walls.lets_in}
                for name in ("domain", "private", "public")
            ],
            "rules": lambda: [told for one in walls.rules if (told := _firewall_rule(one)) is not None],
            "kubelet_listens": lambda: any(_KUBELET.search(one.name) for one in state.processes),
        },
    )


def _firewall_rule(rule: FirewallRule) -> dict[str, Json] | None:
    kubelet, overlay = _cover(rule, "TCP", 10250), _cover(rule, "UDP", 4789)
    if not kubelet and not overlay:
        return None
    return {
        "name": rule.name,
        "allows": rule.allows,
        "blocks": not rule.allows,
        "profiles": list(rule.profiles),
        "kubelet": kubelet,
        "overlay": overlay,
        "program": rule.program,
    }


def _cover(rule: FirewallRule, protocol: str, port: int) -> str:
    if rule.protocol not in (protocol, "Any"):
        return ""
    if rule.port == "Any":
        return "any"
    first, _, last = rule.port.partition("-")
    return "port" if int(first) <= port <= int(last or first) else ""


def access_document(state: NodeState, parameters: Parameters) -> dict[str, Json]:
    paths = asked_paths(state, _KUBECONFIGS, texts(parameters.get("Kubeconfig")))
    return document(
        "Get-AccessFact",
        {"servers": lambda: _servers(state, paths), "certificates": lambda: _certificates(state, paths)},
    )


def _text(state: NodeState, path: str) -> str:
    file = state.disk.file(path)
    return decode_text(file.data) if file else ""


def _target(server: str) -> str:
    parts = urlsplit(server if "://" in server else f"https://{server}")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or (80 if parts.scheme == 'http' else 443)}"


def _servers(state: NodeState, paths: list[str]) -> list[Json]:
    found: dict[str, list[Json]] = {}
    for path in (*paths, "C:\\etc\\rancher\\rke2\\config.yaml"):
        for server in _SERVER.findall(_text(state, path)):
            named = found.setdefault(_target(server), [])
            if path not in named:
                named.append(path)
    return [
        {"target": target, "paths": named, "reached": is_open(state, target)}
        for target, named in list(found.items())[:MOST_SERVERS]
    ]


def is_open(state: NodeState, target: str) -> bool:
    """Whether a TCP connection without any proxy comes about."""
    return reach(state.reach, {}, target) == "ok" and target not in state.reach.closed


def _certificates(state: NodeState, paths: list[str]) -> list[Json]:
    files = [full_path(state, path) for path in _CERTIFICATES]
    found: list[Json] = []
    for path in paths:
        text = _text(state, path)
        for named in _NAMED.findall(text):
            is_full = re.match(r"[A-Za-z]:|[\\/]", named) is not None
            full = full_path(state, named if is_full else join(dirname(path), named))
            if full.lower() not in [one.lower() for one in files]:
                files.append(full)
        found += [_certificate(path, _decoded(one)) for one in _INLINE.findall(text)]
    present = [file for path in files if (file := state.disk.file(path))]
    return found + [_certificate(file.path, file.data.decode("ascii", "replace")) for file in present]


def _decoded(data: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode("ascii", "replace")
    except binascii.Error:
        return ""


def _certificate(source: str, text: str) -> Json:
    fact: dict[str, Json] = {"source": source, "not_before": None, "not_after": None, "problem": ""}
    found = _BLOCK.search(text)
    if found is None:
        return {**fact, "problem": "no certificate in it"}
    from cryptography import x509

    try:
        read = x509.load_der_x509_certificate(base64.b64decode(found[1]))
    except ValueError as error:
        return {**fact, "problem": str(error)}
    return {**fact, "not_before": stamp(read.not_valid_before_utc), "not_after": stamp(read.not_valid_after_utc)}
