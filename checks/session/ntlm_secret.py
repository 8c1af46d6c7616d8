"""What NTLM knows of a password: its NT hash."""

from __future__ import annotations

import spnego
from spnego._ntlm_raw.crypto import ntowfv1

from checks.node import Credentials


def secret_of(who: Credentials) -> spnego.NTLMHash:
    """The same as user and password to NTLM of version 2, the only one there is since Vista.

    From a password pyspnego would also work out the LAN Manager hash of 1987, which nobody takes any more: with a DES in
    Python, for each connection, and that takes as long as two messages. It is pyspnego's own NTLM on every system:
    requests_ntlm asks for that wherever a password is given.
    """
    return spnego.NTLMHash(who.user, nt_hash=ntowfv1(who.password).hex())
