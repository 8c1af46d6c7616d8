"""Area network: the runtime finds a network configuration and the programs that it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from checks.check import Check, Context, said, unread
from checks.cni import CniConf, first_file, read_cni
from checks.command_line import flag, same_path, windows_path
from checks.containerd import Setting, config
from checks.crictl import crictl
from checks.daemons import command_line
from checks.facts import CniFolderFact, FileFact, NodeFacts, PluginFolderFact, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.given import answer_of
from checks.images import runtime_kind
from checks.profile import Profile
from checks.programs import log_line, version
from checks.rules.containerd_config import is_refused
from checks.tables import containerd_table
from checks.trees import part

_RKE2 = "C:\\var\\lib\\rancher\\rke2"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the runtime looks, each with where that is told."""

    conf: Setting
    programs: tuple[Setting, ...]


def places(facts: NodeFacts, profile: Profile) -> Places | Problem | None:
    """None: containerd's configuration can't be used."""
    kind = runtime_kind(facts)
    if isinstance(kind, Problem):
        return kind
    if kind == "docker":
        line = command_line(facts, "kubelet")
        if line is None:
            return Problem("daemons.processes", "the command line of kubelet is not known")
        conf = flag(line, "cni-conf-dir") or "C:\\etc\\cni\\net.d"
        programs = flag(line, "cni-bin-dir") or "C:\\opt\\cni\\bin"
        return Places(
            Setting(windows_path(conf), "kubelet --cni-conf-dir"),
            (Setting(windows_path(programs), "kubelet --cni-bin-dir"),),
        )
    own = version(facts, "containerd")
    found = config(facts, own)
    if isinstance(found, Problem):
        return found
    if isinstance(own, Problem):
        return own
    if is_refused(found, own):
        return None
    table = containerd_table()
    usual = (f"{_RKE2}\\agent\\etc\\cni", f"{_RKE2}\\bin", "RKE2")
    if profile.name != "rke2":
        usual = (table.default_conf_folder, table.default_plugin_folder, "containerd's default")
    conf_folder, program_folder, source = usual
    return Places(
        found.cni("conf_dir") or Setting(conf_folder, source),
        found.plugin_folders() or (Setting(program_folder, source),),
    )


def cni_ready(context: Context) -> Finding:
    """6.17: a configuration where the runtime looks, its programs beside, and the runtime's own word."""
    facts = context.facts
    looked = places(facts, context.profile)
    if isinstance(looked, Problem):
        return unread(looked)
    if looked is None:
        told = Evidence("file", "–", "containerd")
        return said(Verdict.UNKNOWN, "config-unusable", (told,))
    ready = _ready(facts)
    file = _conf_file(context, looked, isinstance(ready, Problem) or ready is None or ready.is_ready)
    if isinstance(file, Finding):
        return file
    conf = read_cni(file.data)
    evidence = (Evidence("cni-file", file.path, looked.conf.source),)
    if conf.fault:
        return said(Verdict.UNKNOWN, "conf-broken", evidence, file=file.path)
    found = _programs(facts, looked, conf, ready)
    if found is not None:
        return found
    if isinstance(ready, Problem):
        return unread(ready)
    if ready is not None and not ready.is_ready:
        return said(Verdict.FAIL, "not-ready", (*evidence, ready.evidence), file=file.path)
    folder = ", ".join(one.value for one in looked.programs)
    evidence = (*evidence, Evidence("plugins", ", ".join(conf.programs), folder), ready.evidence if ready else None)
    return said(Verdict.PASS, "ready", evidence, file=file.path, folder=folder)


@dataclass(frozen=True, slots=True)
class _Ready:
    is_ready: bool
    evidence: Evidence


def _ready(facts: NodeFacts) -> _Ready | Problem | None:
    """The condition NetworkReady of `crictl info`; None where there is no crictl."""
    tree = crictl(facts, "info")
    if tree is None or isinstance(tree, Problem):
        return tree
    conditions = part(tree, "status", "conditions")
    listed = cast("Sequence[object]", conditions) if isinstance(conditions, list) else ()
    for one in listed:
        if part(one, "type") == "NetworkReady":
            words = [part(one, "reason"), part(one, "message"), part(tree, "lastCNILoadStatus")]
            told = "; ".join(word for word in words if isinstance(word, str) and word)
            is_ready = part(one, "status") is True
            return _Ready(is_ready, Evidence("network-ready", f"{str(is_ready).lower()} {told}".strip(), "crictl info"))
    return Problem("runtime.programs", "crictl info: no condition NetworkReady")


def _conf_file(context: Context, looked: Places, may_be_ready: bool) -> FileFact | Finding:
    """The configuration in the runtime's folder; a finding where there is none."""
    facts = context.facts
    folders = answer_of(facts.cni, lambda one: one.folders)
    if isinstance(folders, Problem):
        return unread(folders)
    own = next((one for one in folders if same_path(one.path, looked.conf.value)), None)
    if own is None:
        return unread(Problem("cni.folders", f"{looked.conf.value} was not asked for"))
    if own.problem:
        return unread(Problem("cni.folders", f"{own.path}: {own.problem}"))
    file = first_file(own)
    if file is not None:
        return unread(Problem("cni.folders", f"{file.path}: {file.problem}")) if file.problem else file
    return _no_conf(context, looked, folders, may_be_ready)


def _no_conf(context: Context, looked: Places, folders: tuple[CniFolderFact, ...], may_be_ready: bool) -> Finding:
    """Nothing lies where the runtime looks; flannel may write elsewhere."""
    other = next((file for folder in folders if (file := first_file(folder)) is not None), None)
    values = {"folder": looked.conf.value, "source": looked.conf.source}
    evidence: tuple[Evidence, ...] = (Evidence("folder", looked.conf.value, looked.conf.source),)
    if other is None:
        return said(Verdict.FAIL, "no-conf", evidence, **values)
    evidence = (*evidence, Evidence("cni-file", other.path, "CNI folders"))
    values["file"] = other.path
    line = command_line(context.facts, "kubelet")
    told = flag(line, "cni-conf-dir")
    is_told = told is not None and same_path(told, other.path.rpartition("\\")[0])
    if is_told and may_be_ready and flag(line, "container-runtime-endpoint") is None:
        # kubelet was told this folder and no runtime: which of the two looks where can't be told from here.
        return said(Verdict.UNKNOWN, "two-folders", evidence, **values)
    return said(Verdict.FAIL, "elsewhere", evidence, **values)


def _programs(facts: NodeFacts, looked: Places, conf: CniConf, ready: _Ready | Problem | None) -> Finding | None:
    """The programs that the configuration names, against those in the runtime's folders; None: all are there."""
    folders = answer_of(facts.cni, lambda one: one.plugins)
    if isinstance(folders, Problem):
        return unread(folders)
    own = [one for one in folders if any(same_path(one.path, place.value) for place in looked.programs)]
    for one in own:
        if one.problem:
            return unread(Problem("cni.plugins", f"{one.path}: {one.problem}"))
    if len(own) < len(looked.programs):
        return unread(Problem("cni.plugins", f"{looked.programs[0].value} was not asked for"))
    missing = [name for name in conf.programs if not any(_holds(folder, name) for folder in own)]
    if not missing:
        return None
    folder = ", ".join(one.value for one in looked.programs)
    values = {"folder": folder, "missing": ", ".join(f"{name}.exe" for name in missing)}
    evidence = (
        Evidence("plugins", ", ".join(name for one in own for name in one.programs)[:400] or "–", folder),
        Evidence("missing", values["missing"], looked.programs[0].source),
    )
    elsewhere = next((one for one in folders if all(_holds(one, name) for name in conf.programs)), None)
    if elsewhere is not None:
        evidence = (*evidence, Evidence("plugins", ", ".join(conf.programs), elsewhere.path))
        return said(Verdict.FAIL, "plugins-elsewhere", evidence, other=elsewhere.path, **values)
    line = log_line(facts, "no-plugin")
    logged = Evidence("log", line[:400], "kubelet") if line else None
    if len(missing) < len(conf.programs) or line:
        return said(Verdict.FAIL, "plugin-missing", (*evidence, logged), **values)
    if isinstance(ready, _Ready) and not ready.is_ready:
        return None  # what the runtime says of itself tells more
    # Not one of them anywhere we know of, and nothing says that pods fail: they may lie where nobody told us.
    return said(Verdict.UNKNOWN, "no-plugins", evidence, **values)


def _holds(folder: PluginFolderFact, name: str) -> bool:
    return f"{name}.exe".lower() in (one.lower() for one in folder.programs)


CHECKS = (
    Check(
        "network.cni-ready",
        (
            "daemons.services",
            "daemons.processes",
            "profile.containerd_config",
            "profile.present_paths",
            "runtime.programs",
            "runtime.kubelet_log",
            "cni.folders",
            "cni.plugins",
        ),
        cni_ready,
    ),
)
