"""What tells the layouts of nodes apart, and where the API server is."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.base import FileFact, Problem, VariableFact


@dataclass(frozen=True, slots=True)
class ApiServerFact:
    """Only the `server:` line of a kubeconfig leaves the node, never the file."""

    path: str
    server: str


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """`Get-ProfileFact.ps1`: evidence for the profile (domain.md 2.2) and where the API server is."""

    present_paths: tuple[str, ...] | Problem
    """Those of the asked paths that are there."""
    pipes: tuple[str, ...] | Problem
    """Named pipes of interest: rancher_wins, containerd-containerd, docker_engine."""
    api_servers: tuple[ApiServerFact, ...] | Problem
    rke2_settings: tuple[VariableFact, ...] | Problem
    """`server`, `node-name` and `pause-image` of `C:\\etc\\rancher\\rke2\\config.yaml`; never its token."""
    containerd_config: tuple[FileFact, ...] | Problem
    """containerd's config.toml and drop-in files; credentials in them (`auth`, `password`, `token`) are masked on the node."""
    kubelet_config: tuple[FileFact, ...] | Problem
    """kubelet's configuration in its known places and drop-in files, masked in the same way."""
    kube_proxy_config: tuple[FileFact, ...] | Problem
