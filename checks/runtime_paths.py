"""Places that the runtime's configuration names and that no probe looks at by itself."""

from __future__ import annotations

from checks.command_line import flag, same_path, windows_path
from checks.containerd import config, config_path, import_patterns
from checks.daemons import command_line
from checks.facts import NodeFacts, Problem
from checks.given import answer_of
from checks.programs import version

_PLUGINS = (
    "C:\\k\\cni",
    "C:\\opt\\cni\\bin",
    "C:\\var\\lib\\rancher\\rke2\\bin",
    "C:\\Program Files\\containerd\\cni\\bin",
    "C:\\k\\azurecni\\bin",
)
"""Folders that `Get-CniFact.ps1` lists by itself."""


def plugin_folders(facts: NodeFacts) -> tuple[str, ...]:
    """Folders of network plugins beyond the usual ones."""
    told = flag(command_line(facts, "kubelet"), "cni-bin-dir")
    found = [windows_path(told)] if told else []
    own = config(facts, version(facts, "containerd"))
    if not isinstance(own, Problem):
        found += [one.value for one in own.plugin_folders()]
    kept = (one for one in found if not any(same_path(one, usual) for usual in _PLUGINS))
    return tuple(dict.fromkeys(kept))


def conf_folder(facts: NodeFacts) -> tuple[str, ...]:
    """Where containerd looks for a network configuration, as its own files say."""
    own = config(facts, version(facts, "containerd"))
    told = None if isinstance(own, Problem) else own.cni("conf_dir")
    return (told.value,) if told else ()


def imported(facts: NodeFacts) -> tuple[str, ...]:
    """Patterns of the files that containerd's main file imports."""
    path = config_path(facts)
    files = answer_of(facts.profile, lambda one: one.containerd_config)
    if isinstance(path, Problem) or isinstance(files, Problem):
        return ()
    main = next((one for one in files if same_path(one.path, path)), None)
    return import_patterns(main, version(facts, "containerd")) if main is not None else ()
