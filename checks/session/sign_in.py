"""Signing in with NTLM: with the node and nobody else, and not where other nodes have just refused the password."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import requests
from requests_ntlm import HttpNtlmAuth

from checks.errors import SignInRefused
from checks.node import Credentials, Node
from checks.session.accounts import RefusedElsewhere, accounts
from checks.session.ntlm_secret import secret_of
from checks.session.sealing import is_sealed
from checks.turn import waiting

_NAMES = re.compile(r"(?<![^\s,])(?:negotiate|ntlm)(?![^\s,])", re.IGNORECASE)
_TAKEN = (200, 403, 500)
"""What the service itself says to who was let in; anything else may come from in between."""


def carries_sealed(request: requests.PreparedRequest) -> bool:
    """Whether a message was sealed for one connection."""
    return is_sealed(str(request.headers.get("Content-Type")))


def usual(offers: str) -> str:
    """`WWW-Authenticate` with NTLM's two names as requests_ntlm looks for them: HTTP takes them in any case."""
    return _NAMES.sub(lambda found: "NTLM" if found[0].lower() == "ntlm" else "Negotiate", offers)


class NodeNtlm(HttpNtlmAuth):
    """A proxy in between that asks for it gets no answer.

    Nor does anybody who asks for it again over a sealed message: what was sealed for one connection is of no use on another.
    """

    def __init__(self, node: Node, who: Credentials, is_wanted: Callable[[], bool]) -> None:
        super().__init__(who.user, who.password)
        # pyspnego takes what a person has to show in place of a name; the library hands it on as it is.
        self.username = secret_of(who)  # pyright: ignore[reportAttributeAccessIssue]
        self._node = node
        self._who = who
        self._is_wanted = is_wanted

    def response_hook(self, r: requests.Response, **kwargs: Any) -> requests.Response:  # noqa: ANN401 (signature of requests_ntlm)
        """Sign in where that is asked for. Raises `SignInRefused` (`sign-in-refused-elsewhere`) without asking the node."""
        if r.status_code != 401 or carries_sealed(r.request):
            return r
        who, node = self._who, self._node
        try:
            with ExitStack() as ended:
                with waiting():
                    told = ended.enter_context(accounts.signing_in(who.user, who.password, node.url, self._is_wanted))
                answer = super().response_hook(r, **kwargs)
                if answer.history and (answer.status_code == 401 or answer.status_code in _TAKEN):
                    told.was_taken = answer.status_code != 401
                return answer
        except RefusedElsewhere as error:
            raise SignInRefused("sign-in-refused-elsewhere", node=node.name, user=who.user) from error
