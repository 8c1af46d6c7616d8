"""Passwords in the keyring of this computer: one entry per user and address, and nothing anywhere else."""

from __future__ import annotations

from checks.errors import ToolError
from checks.node import Credentials, Node

SERVICE = "Nodepane"


def _entry(node: Node) -> str:
    return f"{node.user}@{node.address}:{node.effective_port}"


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
    except keyring.errors.KeyringError as error:
        raise ToolError("keyring", detail=type(error).__name__, node=node.name) from error
    return None if password is None else Credentials(node.user, password)


def save(node: Node, password: str) -> None:
    """Keep a password. Raises `ToolError` (code `keyring`) where that is not possible."""
    import keyring
    import keyring.errors

    try:
        keyring.set_password(SERVICE, _entry(node), password)
    except keyring.errors.KeyringError as error:
        raise ToolError("keyring", detail=type(error).__name__, node=node.name) from error


def forget(node: Node) -> None:
    """Remove what is kept for this node; nothing happens where nothing is."""
    import keyring
    import keyring.errors

    try:
        keyring.delete_password(SERVICE, _entry(node))
    except (keyring.errors.PasswordDeleteError, keyring.errors.NoKeyringError):
        return
    except keyring.errors.KeyringError as error:
        raise ToolError("keyring", detail=type(error).__name__, node=node.name) from error
