"""Certificates: the fingerprint of what a node shows, for a person to compare before it is kept."""

from __future__ import annotations

import hashlib
import socket
import ssl

from checks.errors import CannotReachNode
from checks.node import Node


def fetch_fingerprint(node: Node, timeout_s: float = 10.0) -> str:
    """`sha256:<hex>` of the leaf certificate that the node shows now. Nothing is trusted by asking, nothing is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    where = {"node": node.name, "address": node.address, "port": str(node.effective_port)}
    try:
        with (
            socket.create_connection((node.address, node.effective_port), timeout=timeout_s) as wire,
            context.wrap_socket(wire, server_hostname=node.address) as secure,
        ):
            shown = secure.getpeercert(binary_form=True)
    except socket.gaierror as error:
        raise CannotReachNode("name-not-found", detail=str(error), **where) from error
    except ConnectionRefusedError as error:
        raise CannotReachNode("connection-refused", detail=str(error), **where) from error
    except TimeoutError as error:
        raise CannotReachNode("no-answer", detail=str(error), **where) from error
    except ssl.SSLError as error:
        raise CannotReachNode("no-tls", detail=str(error), **where) from error
    except OSError as error:
        raise CannotReachNode("no-route", detail=str(error), **where) from error
    if not shown:
        raise CannotReachNode("no-tls", **where)
    return "sha256:" + hashlib.sha256(shown).hexdigest()


def readable(fingerprint: str) -> str:
    """AB:CD:… as Windows and other tools show it."""
    digits = fingerprint.removeprefix("sha256:").upper()
    return ":".join(digits[index : index + 2] for index in range(0, len(digits), 2))
