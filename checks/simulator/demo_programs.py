"""Programs of a simulated node: where they lie, what they print, and the answer of the probe that asks them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ntpath import basename

from checks.session import Json
from checks.simulator.demo_answers import asked_paths, document, texts
from checks.simulator.demo_disk import DiskFile
from checks.simulator.demo_reach import role_of
from checks.simulator.demo_rules import decode_text
from checks.simulator.demo_secrets import hide_in_bytes, hide_in_line
from checks.simulator.demo_state import SERVICES, Answer, NodeState

Parameters = Mapping[str, Json]

_RKE2 = "\\var\\lib\\rancher\\rke2"
_PROGRAMS = "C:\\Program Files"
_PLACES: Mapping[str, tuple[str, ...]] = {
    "kubelet": ("\\k\\kubelet.exe", f"{_RKE2}\\bin\\kubelet.exe"),
    "kube-proxy": ("\\k\\kube-proxy.exe", "\\k\\kube-proxy\\kube-proxy.exe", f"{_RKE2}\\bin\\kube-proxy.exe"),
    "flanneld": ("\\flannel\\flanneld.exe", "\\k\\flannel\\flanneld.exe", f"{_RKE2}\\bin\\flanneld.exe"),
    "containerd": (f"{_PROGRAMS}\\containerd\\containerd.exe", f"{_RKE2}\\bin\\containerd.exe"),
    "crictl": (
        f"{_PROGRAMS}\\containerd\\crictl.exe", "\\k\\crictl.exe", "\\usr\\local\\bin\\crictl.exe",
        f"{_RKE2}\\bin\\crictl.exe",
    ),
}  # fmt: skip
_SERVICES = ("kubelet", "kube-proxy", "kubeproxy", "flanneld", "containerd", "rke2")
_LOGS = (
    "\\var\\log\\kubelet\\kubelet.err.log", "\\var\\log\\kubelet\\kubelet.out.log", "\\k\\kubelet.err.log",
    "\\k\\kubelet.log", "\\k\\logs\\kubelet\\kubeletsvc.log", f"{_RKE2}\\agent\\logs\\kubelet.log",
)  # fmt: skip
_TELLING = re.compile(
    r"""^\s*[EF]\d{4} |^(?:Error|"command failed")|unknown flag|unrecognized feature gate|wincat"""
    r"""|FailedCreatePodSandBox|0xc0370101""",
    re.IGNORECASE,
)
_ESCAPED = re.compile(
    r"""(\\+"[\w.-]*(?:auth|authorization|passw(?:or)?d|token|secret|api-?key|key-data)\\+"\s*:\s*)\\+"[^"]*?\\+\"""",
    re.IGNORECASE,
)


def runtime_document(state: NodeState, parameters: Parameters) -> dict[str, Json]:
    asked = [(name, ("--version",)) for name in ("kubelet", "kube-proxy", "flanneld", "containerd")]
    asked += [("crictl", ("info",)), ("crictl", ("pods", "--state", "ready")), ("crictl", ("images",))]
    asked += [("crictl", ("inspecti", "-o", "json", image)) for image in texts(parameters.get("Image"))]
    return document(
        "Get-RuntimeFact",
        {
            "programs": lambda: [_asked(state, name, words) for name, words in asked],
            "kubelet_log": lambda: _kubelet_log(state),
        },
    )


def _asked(state: NodeState, name: str, words: tuple[str, ...]) -> Json:
    path = _path(state, name)
    said = run_program(state, path, words) if path else None
    return {
        "name": name,
        "path": path,
        "arguments": " ".join(words),
        "exit_code": None if said is None else said.exit_code,
        "output": "" if said is None else _hide(said.stdout.rstrip()),
        "errors": "" if said is None else _hide(said.stderr.rstrip()[:2000]),
        "problem": "",
    }


def _hide(text: str) -> str:
    text = hide_in_bytes(text.replace("\0", "").encode()).decode() if text else ""
    return _ESCAPED.sub(r'\1\\"***\\"', text)


def _path(state: NodeState, name: str) -> str:
    """Where it runs, where a service starts it, or where it usually lies."""
    files = (f"{name}.exe", f"rancher-wins-{name}.exe")
    if name != "crictl":
        for process in state.all_processes():
            if process.name.lower() in files and process.path:
                return process.path
        for line in _service_lines(state):
            found = re.match(r'\s*"([^"]+)"', line) or re.match(r"(?i)\s*(.+?\.exe)(?:\s|$)", line)
            if found and basename(found[1]).lower() in files and state.disk.file(found[1]):
                return found[1]
    return next((path for path in asked_paths(state, _PLACES[name]) if state.disk.file(path)), "")


def _service_lines(state: NodeState) -> Iterator[str]:
    for name in _SERVICES:
        application = state.registry.text(f"{SERVICES}\\{name}\\Parameters", "Application")
        image = state.registry.text(f"{SERVICES}\\{name}", "ImagePath")
        yield from (line for line in (f'"{application}"' if application else "", image) if line)


def run_program(state: NodeState, path: str, words: tuple[str, ...]) -> Answer:
    """What a program prints, by the rules of a node: versions as laid down, crictl as its answers say."""
    role, versions = role_of(path), state.versions
    if words == ("--version",):
        fork = "k3s-io/containerd" if "\\rke2\\" in path.lower() else "containerd/containerd"
        mark = "-k3s1" if fork.startswith("k3s") else " 1111111111"
        told = {
            "kubelet": f"Kubernetes {versions.kubernetes}",
            "kube-proxy": f"Kubernetes {versions.kubernetes}",
            "containerd": f"containerd github.com/{fork} v{versions.containerd}{mark}",
        }
        if role == "flanneld":
            return Answer("", stderr=versions.flannel)
        return Answer("", stdout=told.get(role, ""))
    line = " ".join(words)
    for answer in state.crictl:
        if re.search(answer.match, line, re.IGNORECASE):
            return answer
    if not any(role_of(process.path or "") == "containerd" for process in state.all_processes()):
        no_pipe = "FATA[0002] validate service connection: open \\\\.\\pipe\\containerd-containerd: "
        return Answer("", stderr=no_pipe + "The system cannot find the file specified.", exit_code=1)
    return Answer("", stderr=f"FATA[0000] no answer is known for '{line}'", exit_code=1)


def _kubelet_log(state: NodeState) -> list[Json]:
    key = f"{SERVICES}\\kubelet\\Parameters"
    named = [state.registry.text(key, "AppStderr"), state.registry.text(key, "AppStdout")]
    for folder in ("C:\\k", "C:\\var\\log\\kubelet"):
        found = (file.path for file in state.disk.files_in(folder))
        named += [path for path in found if re.match(r"(?i)kubelet\.exe\..*\.log\.", basename(path))]
    newest: DiskFile | None = None
    for path in asked_paths(state, (*_LOGS, *named)):
        file = state.disk.file(path)
        if file and file.data and (newest is None or file.modified > newest.modified):
            newest = file
    if newest is None:
        return []
    lines = re.split(r"\r?\n", decode_text(newest.data[-65536:]))
    told: list[Json] = [hide_in_line(line[:1000]) for line in lines if _TELLING.search(line)]
    return told[-40:]
