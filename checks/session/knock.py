"""Tries whether ports of a node answer this computer: a connection is opened and closed, nothing is sent."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from checks.errors import CannotReachNode, Refused
from checks.facts import NodePortFacts, PortReachFact
from checks.node import Node

KNOCK_S = 2.0
"""A port that lets us wait so long does not answer."""


def knock(node: Node, own: Collection[str], ports: Sequence[int]) -> NodePortFacts:
    """Try TCP ports at the address by which the node is reached, all at once.

    `own`: the node's own addresses. Where ours leads to another machine (a gateway, forwarded ports), its ports would
    be somebody else's: `Refused` (`not-its-address`). `CannotReachNode` where the name is not known.
    """
    address = _address(node)
    if address not in {_plain(one) for one in own}:
        raise Refused("not-its-address", node=node.name, address=address)
    with ThreadPoolExecutor(max_workers=max(1, len(ports))) as pool:
        tried = tuple(pool.map(partial(_try, address), ports))
    return NodePortFacts(address, tried)


def _plain(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return address


def _address(node: Node) -> str:
    try:
        found = socket.getaddrinfo(node.address, node.effective_port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CannotReachNode("name-not-found", detail=str(error), node=node.name, address=node.address) from error
    return _plain(str(found[0][4][0]))


def _try(address: str, port: int) -> PortReachFact:
    try:
        socket.create_connection((address, port), timeout=KNOCK_S).close()
    except TimeoutError:
        return PortReachFact(port, False, "no-answer")
    except ConnectionRefusedError:
        return PortReachFact(port, False, "refused")
    except OSError as error:
        return PortReachFact(port, False, "no-answer" if error.errno == errno.ETIMEDOUT else "no-route")
    return PortReachFact(port, True, "")
