"""Changes of what a node's programs say, and of containerd's configuration."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from node_changes import Change, each, more, put
from node_facts import CONTAINERD_CONFIG, fact, service, with_fact
from node_files import file

from checks.facts import NodeFacts, PluginFolderFact, ProgramFact


def says(name: str, **values: Any) -> Change:
    """Another answer of a program to its first question: --version, or crictl's info."""
    return each("runtime.programs", lambda one: replace(one, **values) if one.name == name else one)


def kubernetes(version: str) -> Change:
    told = f"Kubernetes v{version}"
    return each(
        "runtime.programs",
        lambda one: replace(one, output=told) if one.name in ("kubelet", "kube-proxy") else one,
    )


def containerd(version: str) -> Change:
    return says("containerd", output=f"containerd github.com/containerd/containerd/v2 v{version} 0123abc")


def no_version(name: str) -> Change:
    return says(name, output="", errors="", exit_code=None, problem="it did not end within 30 seconds")


def absent(name: str) -> Change:
    return says(name, path="", exit_code=None, output="")


def logged(*lines: str) -> Change:
    return put("runtime.kubelet_log", lines)


def config(text: str | bytes | None, path: str = CONTAINERD_CONFIG) -> Change:
    """containerd's main file, with this content."""
    return put("profile.containerd_config", (file(path, text),))


def in_config(change: Callable[[str], str | bytes]) -> Change:
    def changed(facts: NodeFacts) -> NodeFacts:
        first, *rest = fact(facts, "profile.containerd_config")
        new = file(first.path, change(first.data.decode("utf-8")))
        return with_fact(facts, "profile.containerd_config", (new, *rest))

    return changed


def imports(path: str, text: str | None) -> Change:
    """A further file of containerd's."""
    return more("profile.containerd_config", file(path, text))


def image(reference: str) -> Change:
    """containerd's pause image."""
    return in_config(lambda text: text.replace("registry.k8s.io/pause:3.9", reference))


def copy_of(reference: str, spec: dict[str, Any] | None) -> Change:
    """What crictl tells of the image's copy on the node; None: it is not there."""
    output = json.dumps({"status": {}, "info": {"imageSpec": spec}}) if spec is not None else ""
    asked = f"inspecti -o json {reference}"
    path = "C:\\containerd\\crictl.exe"
    failed = ProgramFact("crictl", path, asked, 1, "", "no such image")
    return more("runtime.programs", ProgramFact("crictl", path, asked, 0, output) if spec is not None else failed)


def windows(build: int) -> dict[str, Any]:
    return {"os": "windows", "os.version": f"10.0.{build}.2928"}


def build(number: int) -> Change:
    return put("system.build", number)


def plugin_folder(path: str, *programs: str, present: bool | None = True, problem: str = "") -> Change:
    """The only folder of plugins on the node."""
    return put("cni.plugins", (PluginFolderFact(path, present, programs, problem),))


def docker(state: str = "running", start_mode: str = "auto") -> Change:
    return more("daemons.services", service("docker", "C:\\docker\\dockerd.exe", state=state, start_mode=start_mode))
