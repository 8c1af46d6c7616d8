"""Passwords and the keyring: kept per user and address, and every way a keyring can fail."""

from __future__ import annotations

from dataclasses import replace

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest

from checks.credentials import find, forget, is_missing, is_shared, save
from checks.errors import ToolError
from checks.node import Credentials, Node, SignIn

NODE = Node("worker-01", "10.2.0.11", user="CORP\\admin")
PASSWORD = "s3cret-Pa55"


class Kept(keyring.backend.KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def __init__(self, wrong: Exception | None = None) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.wrong = wrong

    def _try(self) -> None:
        if self.wrong is not None:
            raise self.wrong

    def get_password(self, service: str, username: str) -> str | None:
        self._try()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._try()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._try()
        if self.entries.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("none")


@pytest.fixture
def use():
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_what_is_saved_is_found_for_this_user_and_place_alone(use):
    use(Kept())
    assert find(NODE) is None
    save(NODE, PASSWORD)
    found = find(NODE)
    assert found == Credentials("CORP\\admin", PASSWORD)
    assert PASSWORD not in repr(found)
    assert find(Node("another-name", "10.2.0.11", user="CORP\\admin")) == found
    for other in (Node("worker-01", "10.2.0.12", user="CORP\\admin"), Node("worker-01", "10.2.0.11", user="x")):
        assert find(other) is None
    assert find(Node("worker-01", "10.2.0.11", 5986, user="CORP\\admin")) is None
    forget(NODE)
    forget(NODE)
    assert find(NODE) is None


def test_nobody_is_looked_up_without_a_name(use):
    use(Kept(AssertionError("asked")))
    assert find(Node("a", "b")) is None


def test_an_empty_password_is_none(use):
    use(Kept())
    save(NODE, "")
    assert find(NODE) is None


@pytest.mark.parametrize(
    "wrong",
    [keyring.errors.KeyringLocked(PASSWORD), keyring.errors.InitError(PASSWORD), OSError(PASSWORD), RuntimeError()],
)
def test_a_keyring_that_fails_is_told_without_what_it_said(use, words, wrong):
    use(Kept(wrong))
    for call in (lambda: find(NODE), lambda: save(NODE, PASSWORD), lambda: forget(NODE)):
        with pytest.raises(ToolError) as told:
            call()
        assert told.value.code == "keyring"
        assert told.value.detail == type(wrong).__name__
        assert told.value.__cause__ is None
        assert PASSWORD not in repr(told.value)
    assert not is_missing()


def test_no_keyring_at_all(use):
    use(keyring.backends.fail.Keyring())
    assert is_missing()
    assert find(NODE) is None
    forget(NODE)
    with pytest.raises(ToolError):
        save(NODE, PASSWORD)


@pytest.mark.parametrize(
    ("change", "shared"),
    [
        ({}, True),
        ({"name": "other", "certificate": "sha256:" + "3f" * 32, "sign_in": SignIn.BASIC, "group": "B"}, True),
        ({"https": True, "port": 5985}, True),
        ({"https": True}, False),
        ({"user": "EXAMPLE\\other"}, False),
        ({"address": "10.2.0.99"}, False),
        ({"port": 15985}, False),
    ],
)
def test_a_password_is_shared_by_user_and_address(change, shared):
    assert is_shared(NODE, [replace(NODE, address="10.9.9.9"), replace(NODE, **change)]) is shared
    assert not is_shared(NODE, [])
