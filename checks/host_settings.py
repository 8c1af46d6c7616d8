"""The Hyper-V host that the node list gives for a node, and how to sign in there."""

from __future__ import annotations

from checks.node import Node, SignIn, Typed
from checks.site_settings import SCOPES


def typed_host(node: Node) -> Typed | None:
    """The host that the node list gives: the nearest of `hyperv_host` and the cluster's value of that name."""
    block = next((one for one in node.hyperv_host if one.name == "address"), None)
    named = next((one for one in node.cluster if one.name == "hyperv_host"), None)
    if block is None or named is None:
        return block or named
    return named if SCOPES.index(named.scope) > SCOPES.index(block.scope) else block


def host_node(node: Node) -> Node | None:
    """How that host is reached, as on the node where nothing else is typed; None where no host is given.

    A pinned certificate is the node's own and says nothing of its host; a CA file may stand for both.
    """
    typed = typed_host(node)
    if typed is None:
        return None
    told = {one.name: one.value for one in node.hyperv_host}
    https = told["https"].lower() in ("true", "yes") if "https" in told else node.https
    is_pin = node.certificate.lower().startswith("sha256:")
    return Node(
        name=typed.value,
        address=typed.value.strip("[]"),
        port=int(told["port"]) if "port" in told else None,
        https=https,
        sign_in=SignIn(told["sign_in"]) if "sign_in" in told else node.sign_in,
        user=told.get("user", node.user),
        certificate=told.get("certificate", "" if is_pin else node.certificate),
    )
