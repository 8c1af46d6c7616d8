"""Whom a connection to a node trusts. Nothing but the node's settings and this system decides."""

from __future__ import annotations

import contextlib
import re
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import Any

from checks.errors import BadFile, CannotReachNode
from checks.node import Node


def _system_authorities() -> ssl.SSLContext:
    """The authorities that this system trusts.

    `ssl.create_default_context` would let the environment add others, and write the keys of every connection to a file
    (SSL_CERT_FILE, SSL_CERT_DIR, SSLKEYLOGFILE).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.platform == "win32":
        for store in ("CA", "ROOT"):
            for certificate, encoding, purposes in ssl.enum_certificates(store):
                if encoding == "x509_asn" and (purposes is True or ssl.Purpose.SERVER_AUTH.oid in purposes):
                    with contextlib.suppress(ssl.SSLError):  # one that OpenSSL can't read is trusted by nobody
                        context.load_verify_locations(cadata=certificate)
        return context
    places = ssl.get_default_verify_paths()
    file, folder = Path(places.openssl_cafile), Path(places.openssl_capath)
    if file.is_file():
        context.load_verify_locations(cafile=file)
    if folder.is_dir():
        context.load_verify_locations(capath=folder)
    return context


_FINGERPRINT = re.compile(r"[0-9a-fA-F]{64}")
_NOT_AGREED = ("ALERT", "UNSUPPORTED_PROTOCOL", "NO_SHARED_CIPHER", "TOO_SMALL", "TOO_WEAK", "LEGACY_RENEGOTIATION")
"""In OpenSSL's reasons, where the other side speaks TLS, though not as we would have it."""


def tls_code(error: BaseException) -> str:
    """The code of a handshake that failed, other than over trust: it is no TLS, or there is no agreement on it."""
    reason = str(getattr(error, "reason", "") or "")
    return "tls-not-agreed" if any(one in reason for one in _NOT_AGREED) else "no-tls"


_SYSTEM: dict[int, ssl.SSLContext] = {}
_SYSTEM_LOCK = threading.Lock()
_SYSTEM_S = 60
"""So long all nodes share what was read of the system's authorities: 200 copies would be 200 MB."""


def _shared_authorities() -> ssl.SSLContext:
    now = int(time.monotonic() // _SYSTEM_S)
    with _SYSTEM_LOCK:
        if now not in _SYSTEM:
            _SYSTEM.clear()
            _SYSTEM[now] = _system_authorities()
        return _SYSTEM[now]


def terms(node: Node) -> tuple[ssl.SSLContext, dict[str, Any]]:
    """Whom we trust: one leaf, one file of authorities, or the system's; with the words of urllib3 for it.

    Raises `BadFile` (code `ca-file`), `CannotReachNode` (`certificate-not-trusted`) over a fingerprint that is none.
    """
    if node.certificate.lower().startswith("sha256:"):
        if not _FINGERPRINT.fullmatch(node.certificate[7:]):
            # None at all would be one that every certificate has, for urllib3.
            raise CannotReachNode("certificate-not-trusted", detail="no fingerprint is kept", node=node.name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context, {"assert_fingerprint": node.certificate[7:], "assert_hostname": False, "cert_reqs": "CERT_NONE"}
    if node.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cafile=node.certificate)
        except (OSError, ssl.SSLError) as error:
            raise BadFile("ca-file", detail=str(error), node=node.name, file=node.certificate) from error
        return context, {"cert_reqs": "CERT_REQUIRED"}
    return _shared_authorities(), {"cert_reqs": "CERT_REQUIRED"}
