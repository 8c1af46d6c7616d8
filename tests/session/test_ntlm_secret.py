"""What NTLM is shown of a password, and who does NTLM."""

from __future__ import annotations

import requests_ntlm.requests_ntlm as library
import spnego
from echo_backend import EchoBackend
from test_winrm_session import ask, resident

from checks.node import Credentials, Node
from checks.session.ntlm_secret import secret_of
from checks.session.winrm import WinRmSession
from checks.simulator.server import SimulatorServer


def test_the_hash_is_that_of_the_specification():
    """MS-NLMP 4.2.2.1.2: the hash of `Password`."""
    assert secret_of(Credentials("User", "Password")).nt_hash == "a4f49c406510bdcab6824ee7c30fd852"


def test_ntlm_is_pyspnegos_own_on_every_system(scripts, monkeypatch):
    """With the system's, a hash would be of no use; so it is asked for by name, whatever the system has."""
    seen: list[tuple[object, spnego.NegotiateOptions]] = []
    real = spnego.client

    def client(username, password, **how):
        seen.append((username, how["options"]))
        return real(username, password, **how)

    monkeypatch.setattr(library.spnego, "client", client)
    who = Credentials("EXAMPLE\\관리자", "비밀번호 1!")
    with SimulatorServer(EchoBackend(resident(set())), who) as server:
        session = WinRmSession(Node("a", "127.0.0.1", server.port, user=who.user), who, scripts)
        try:
            assert ask(session, "a-1")
        finally:
            session.close()
    ((shown, options),) = seen
    assert shown == secret_of(who)
    assert options & spnego.NegotiateOptions.use_ntlm
