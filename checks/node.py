"""A node: a machine we look at, and how it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SignIn(StrEnum):
    NTLM = "ntlm"
    BASIC = "basic"


@dataclass(frozen=True, slots=True)
class Typed:
    """A value that the node list gives. `scope`: list, group or node, where it stands there."""

    name: str
    value: str
    scope: str

    @property
    def source(self) -> str:
        return "node list" if self.scope == "list" else f"node list, {self.scope}"


@dataclass(frozen=True, slots=True)
class Node:
    """One Windows node as the node list describes it. `port` None means 5985, or 5986 with `https`."""

    name: str
    address: str
    port: int | None = None
    https: bool = False
    sign_in: SignIn = SignIn.NTLM
    user: str = ""
    certificate: str = ""
    """Empty: the system's authorities; `sha256:<64 hex>`: exactly this leaf; else a CA file's path."""
    group: str = ""
    profile: str = ""
    """A profile's name to use instead of the detected one; empty: detect."""
    cluster: tuple[Typed, ...] = ()
    """What is typed of its cluster, by name, the nearest scope's."""
    paths: tuple[Typed, ...] = ()
    """Places on this node that are not where its layout has them."""
    names: tuple[Typed, ...] = ()
    """Services, network and CNI file on this node that are not called as its layout calls them."""
    hyperv_host: tuple[Typed, ...] = ()
    """The Hyper-V host that it runs on, and how to sign in there where that is not as on the node."""

    @property
    def effective_port(self) -> int:
        return self.port if self.port is not None else (5986 if self.https else 5985)

    @property
    def url(self) -> str:
        """The WinRM endpoint; IPv6 literals get their brackets, and their zone stays here: it means nothing to the node."""
        host = self.address.partition("%")[0]
        if ":" in host and not host.startswith("["):
            host = f"[{host}]"
        return f"{'https' if self.https else 'http'}://{host}:{self.effective_port}/wsman"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs in. Lives in memory only; `repr` never shows the password."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r}, password=…)"
