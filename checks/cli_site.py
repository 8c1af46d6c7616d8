"""What a headless run works on: nodes, who signs in, scripts and receipts."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from checks.catalogue import Catalogue, fill
from checks.cli_output import Output, read_line
from checks.credentials import find, is_missing
from checks.errors import BadFile, SignInRefused, ToolError
from checks.folders import own_folder
from checks.host_question import HyperVHosts
from checks.host_settings import host_node
from checks.inventory import load_nodes
from checks.node import Credentials, Node
from checks.node_ports import Knock, node_ports_aside
from checks.probe import HOST_PROBE
from checks.receipt import ReceiptStore
from checks.repair import Repair
from checks.report import error_lines
from checks.scan import Scanner
from checks.scripts import load_scripts
from checks.session import Script, Session
from checks.session.knock import knock
from checks.session.winrm import WinRmSession


@dataclass(slots=True)
class Site:
    """Nodes by their order in the list; credentials are asked for once per user and node."""

    nodes: tuple[Node, ...]
    words: Catalogue
    scripts: Mapping[str, Script]
    receipts: ReceiptStore
    repair: Repair
    scanner: Scanner
    fixed: Credentials | None
    from_stdin: bool
    output: Output = field(default_factory=Output)
    _known: dict[str, Credentials | ToolError] = field(default_factory=dict[str, "Credentials | ToolError"])
    _stdin_password: str | None = field(default=None, repr=False)
    _told_of_keyring: bool = False

    def node(self, name: str) -> Node:
        """The node called `name`. Raises `BadFile` (code `no-such-node`)."""
        for node in self.nodes:
            if node.name.casefold() == name.casefold():
                return node
        raise BadFile("no-such-node", node=name, known=", ".join(node.name for node in self.nodes) or "–")

    def ask(self, label: str, **fields: str) -> str:
        """A secret from standard input (a line each) or from a prompt that does not echo; never from the command line."""
        if self.from_stdin:
            return read_line(fill(self.words.label(label), fields).strip(" :"))
        if not sys.stdin.isatty():
            raise SignInRefused("no-password", node=fields.get("node", ""), user=fields.get("user", ""))
        try:
            return getpass.getpass(fill(self.words.label(label), fields))
        except EOFError:
            raise SignInRefused("no-password", node=fields.get("node", ""), user=fields.get("user", "")) from None

    def credentials(self, node: Node) -> Credentials:
        """Demo's own, standard input's, the keyring's, or asked for, in this order."""
        if self.fixed is not None:
            return self.fixed
        if node.name not in self._known:
            try:
                self._known[node.name] = self._look_up(node)
            except SignInRefused as error:
                self._known[node.name] = error
        known = self._known[node.name]
        if isinstance(known, ToolError):
            raise known
        return known

    def host_credentials(self, host: Node, node: Node) -> Credentials:
        """For a node's Hyper-V host: the keyring's own entry, else the node's where the user is the same, else asked for.

        Standard input's one password is the nodes': another user never gets it.
        """
        if self.fixed is not None:
            return self.fixed
        key = f"{host.user}@{host.url}"
        if key not in self._known:
            try:
                self._known[key] = self._look_up_host(host, node)
            except ToolError as error:
                self._known[key] = error
        known = self._known[key]
        if isinstance(known, ToolError):
            raise known
        return known

    def _look_up_host(self, host: Node, node: Node) -> Credentials:
        if not host.user:
            raise SignInRefused("no-user", node=host.name)
        stored = self._stored(host)
        if stored is not None:
            return stored
        if host.user == node.user:
            return self.credentials(node)
        if self.from_stdin:
            raise SignInRefused("no-password", node=host.name, user=host.user)
        return Credentials(host.user, self.ask("cli.password-prompt", **_who(host)))

    def prepare(self, node: Node) -> None:
        """Ask for the passwords of a node and its host, before anything runs at once; who has none is told of in its report."""
        host = host_node(node)
        with suppress(SignInRefused):
            self.credentials(node)
        if host is not None:
            with suppress(SignInRefused):
                self.host_credentials(host, node)

    def _look_up(self, node: Node) -> Credentials:
        if not node.user:
            raise SignInRefused("no-user", node=node.name)
        if self.from_stdin:
            if self._stdin_password is None:
                self._stdin_password = self.ask("cli.password-prompt", user=node.user, node=node.name)
            if not self._stdin_password:
                raise BadFile("stdin-ended", what=fill(self.words.label("cli.password-prompt"), _who(node)).strip(" :"))
            return Credentials(node.user, self._stdin_password)
        stored = self._stored(node)
        if stored is not None:
            return stored
        return Credentials(node.user, self.ask("cli.password-prompt", **_who(node)))

    def _stored(self, node: Node) -> Credentials | None:
        """What the keyring holds; where it does not answer, that is said once and the password asked for."""
        try:
            stored = find(node)
        except ToolError as error:
            self._tell_of_keyring(error)
            return None
        if stored is None and is_missing():
            self._tell_of_keyring(ToolError("keyring-missing"))
        return stored

    def _tell_of_keyring(self, error: ToolError) -> None:
        if not self._told_of_keyring:
            self._told_of_keyring = True
            self.output.error("\n".join(error_lines(error, self.words)))

    def open_session(self, node: Node) -> Session:
        return WinRmSession(node, self.credentials(node), self.scripts)


def _who(node: Node) -> dict[str, str]:
    return {"user": node.user, "node": node.name}


@contextmanager
def open_site(
    resources: Path,
    words: Catalogue,
    nodes: Path | None,
    demo: bool,
    from_stdin: bool,
    receipts: Path | None,
    output: Output,
) -> Generator[Site]:
    """Build the objects of one run; the demo's servers end with it."""
    scripts = load_scripts(resources / "scripts")
    store = ReceiptStore(receipts or own_folder() / "receipts")

    def site(listed: tuple[Node, ...], fixed: Credentials | None, knock: Knock) -> Site:
        hosts = HyperVHosts(
            lambda host, node: made.host_credentials(host, node),
            lambda host, who: WinRmSession(host, who, scripts),
            scripts[HOST_PROBE.script],
        )
        scanner = Scanner(scripts, asides=(hosts.aside(), node_ports_aside(knock)))
        repair = Repair(scripts, store, scanner)
        made = Site(listed, words, scripts, store, repair, scanner, fixed, from_stdin, output)
        return made

    if not demo:
        yield site(load_nodes(nodes or own_folder() / "nodes.yaml"), None, knock)
        return
    from checks.simulator.site import start_demo

    running = start_demo(resources)
    try:
        yield site(running.nodes, running.credentials, running.knock)
    finally:
        running.close()
