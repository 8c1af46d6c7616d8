"""Certificates: the fingerprint of what a node shows, for a person to compare before it is kept."""

from __future__ import annotations

import hashlib
import socket
import ssl

from checks.errors import CannotReachNode
from checks.node import Node
from checks.session.authorities import tls_code
from checks.session.deadlines import after
from checks.session.wires import Wires, connect


def fetch_fingerprint(node: Node, timeout_s: float = 10.0) -> str:
    """`sha256:<hex>` of the leaf certificate that the node shows now. Nothing is trusted by asking, nothing is sent.

    Raises `CannotReachNode` within `timeout_s`, however slowly the other side talks.
    """
    where = {"node": node.name, "address": node.address, "port": str(node.effective_port)}
    wires = Wires()
    timer = after(timeout_s, wires.cut)
    try:
        shown = _shown(node, timeout_s, wires)
    except socket.gaierror as error:
        raise CannotReachNode("name-not-found", detail=str(error), **where) from error
    except ConnectionRefusedError as error:
        raise CannotReachNode("connection-refused", detail=str(error), **where) from error
    except (OSError, ValueError) as error:
        code = tls_code(error) if isinstance(error, ssl.SSLError | ValueError) else "no-route"
        code = "no-answer" if wires.is_cut or isinstance(error, TimeoutError) else code
        raise CannotReachNode(code, detail=str(error), **where) from error
    finally:
        timer.cancel()
    if not shown:
        raise CannotReachNode("no-tls", **where)
    return "sha256:" + hashlib.sha256(shown).hexdigest()


def _shown(node: Node, timeout_s: float, wires: Wires) -> bytes | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with connect(node.address.strip("[]"), node.effective_port, timeout_s, wires) as wire:
        twin = wires.note(wire)
        try:
            wire.settimeout(timeout_s)
            with context.wrap_socket(wire, server_hostname=node.address.strip("[]").partition("%")[0]) as secure:
                return secure.getpeercert(binary_form=True)
        finally:
            wires.drop(twin)


def readable(fingerprint: str) -> str:
    """AB:CD:… as Windows and other tools show it."""
    digits = fingerprint.removeprefix("sha256:").upper()
    return ":".join(digits[index : index + 2] for index in range(0, len(digits), 2))
