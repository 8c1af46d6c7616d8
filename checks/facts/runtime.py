"""What the node's programs say of themselves, and what kubelet's log says last."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class ProgramFact:
    """One start of a program: `C:\\k\\kubelet.exe --version` -> `Kubernetes v1.30.4`.

    `path` empty: it lies nowhere on this node. `exit_code` None: it did not run, or did not end; `problem` says why.
    """

    name: str
    """kubelet, kube-proxy, flanneld, containerd or crictl."""
    path: str
    arguments: str
    exit_code: int | None
    output: str = ""
    """Standard output, secrets masked on the node."""
    errors: str = ""
    """Up to 2,000 characters of standard error."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RuntimeFacts:
    """`Get-RuntimeFact.ps1`."""

    programs: tuple[ProgramFact, ...] | Problem
    kubelet_log: tuple[str, ...] | Problem
    """The last 40 errors in the newest of kubelet's log files; empty where a profile keeps none."""
