"""Paths of the node list put in the place of a layout's own: what is asked of a node, and which answers count."""

from __future__ import annotations

from dataclasses import fields, replace

from checks.command_line import same_path, windows_path
from checks.facts import CniFacts, FileFact, FlannelFacts, Problem, ProfileFacts
from checks.node import Node
from checks.probe import ExtraPaths, ProbeFacts


def typed_path(node: Node, name: str) -> str:
    """A path that the node list gives, or ''."""
    return next((windows_path(one.value) for one in node.paths if one.name == name), "")


def typed_paths(node: Node) -> ExtraPaths:
    """Paths that the probes have to be asked for."""

    def one(name: str) -> tuple[str, ...]:
        path = typed_path(node, name)
        return (path,) if path else ()

    return ExtraPaths(
        subnet_env=one("subnet_env"),
        net_conf=one("net_conf"),
        source_vip=one("source_vip"),
        cni_folders=one("cni_conf_dir"),
        kubeconfigs=one("kubeconfig"),
        containerd_configs=one("containerd_config"),
        kubectl=one("kubectl"),
        node_kubeconfig=one("kubeconfig"),
    )


def together(one: ExtraPaths, other: ExtraPaths) -> ExtraPaths:
    """Paths of both, each once."""
    names = [field.name for field in fields(ExtraPaths)]
    return ExtraPaths(**{name: tuple(dict.fromkeys((*getattr(one, name), *getattr(other, name)))) for name in names})


def narrowed(answer: ProbeFacts | Problem, node: Node) -> ProbeFacts | Problem:
    """The answer with only the files that the node list names, where it names some."""
    if isinstance(answer, FlannelFacts):
        vip = typed_path(node, "source_vip")
        request = f"{vip.removesuffix('.json')}Request.json" if vip else ""
        return replace(
            answer,
            subnet_env=_only(answer.subnet_env, typed_path(node, "subnet_env")),
            net_conf=_only(answer.net_conf, typed_path(node, "net_conf")),
            source_vip=_only(answer.source_vip, vip),
            source_vip_request=_only(answer.source_vip_request, request),
        )
    if isinstance(answer, CniFacts) and not isinstance(answer.folders, Problem):
        folder = typed_path(node, "cni_conf_dir")
        kept = tuple(one for one in answer.folders if not folder or same_path(one.path, folder))
        return replace(answer, folders=kept)
    if isinstance(answer, ProfileFacts):
        return replace(answer, containerd_config=_only(answer.containerd_config, typed_path(node, "containerd_config")))
    return answer


def _only(files: tuple[FileFact, ...] | Problem, path: str) -> tuple[FileFact, ...] | Problem:
    if not path or isinstance(files, Problem):
        return files
    return tuple(one for one in files if same_path(one.path, path))
