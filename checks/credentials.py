"""Passwords in the keyring of this computer: one entry per user and address, and nothing anywhere else.

Keyrings are other people's plugins: D-Bus, COM and import errors come out of them as they are. All become a `ToolError`
that names their type alone; what they say might hold the password.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.errors import ToolError
from checks.node import Credentials, Node

SERVICE = "Nodepane"


def _entry(node: Node) -> str:
    return f"{node.user}@{node.address}:{node.effective_port}"


def is_shared(node: Node, others: Iterable[Node]) -> bool:
    """Whether one of the others signs in with what is kept for this node: by user and address, whatever else is different."""
    return any(_entry(one) == _entry(node) or (one.user, one.url) == (node.user, node.url) for one in others)


def find(node: Node) -> Credentials | None:
    """What the keyring holds for this node; None where there is nothing, or no keyring. `ToolError` keyring if locked."""
    if not node.user:
        return None
    import keyring
    import keyring.errors

    try:
        password = keyring.get_password(SERVICE, _entry(node))
    except keyring.errors.NoKeyringError:
        return None
    except Exception as error:
        raise _silent(error, node) from None
    return Credentials(node.user, password) if password else None


def is_missing() -> bool:
    """Whether this computer has no keyring at all."""
    import keyring
    import keyring.backends.fail

    try:
        return isinstance(keyring.get_keyring(), keyring.backends.fail.Keyring)
    except Exception:
        return True


def _silent(error: Exception, node: Node) -> ToolError:
    return ToolError("keyring", detail=type(error).__name__, node=node.name)


def save(node: Node, password: str) -> None:
    """Keep a password. Raises `ToolError` (code `keyring`) where that is not possible."""
    import keyring

    try:
        keyring.set_password(SERVICE, _entry(node), password)
    except Exception as error:
        raise _silent(error, node) from None


def forget(node: Node) -> None:
    """Remove what is kept for this node; nothing happens where nothing is."""
    import keyring
    import keyring.errors

    try:
        keyring.delete_password(SERVICE, _entry(node))
    except (keyring.errors.PasswordDeleteError, keyring.errors.NoKeyringError):
        return
    except Exception as error:
        raise _silent(error, node) from None
