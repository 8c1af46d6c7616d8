"""Many nodes and one wrong password: the account must not be locked by asking all of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from checks.session.accounts import JUST_S, REFUSED_S, TAKEN_S, TRIES, Accounts, RefusedElsewhere

WHO = ("CORP\\admin", "wrong")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    return Clock()


def end(accounts: Accounts, node: str, was_taken: bool | None, who: tuple[str, str] = WHO) -> None:
    with accounts.signing_in(*who, node) as told:
        told.was_taken = was_taken


@pytest.mark.parametrize("user", ["CORP\\admin", "admin@corp.example", "corp\\ADMIN"])
def test_after_some_refusals_no_other_node_is_asked(clock, user):
    accounts = Accounts(clock)
    for number in range(TRIES):
        end(accounts, f"node-{number}", False, (user, "wrong"))
    with pytest.raises(RefusedElsewhere):
        end(accounts, "another", None, (user, "wrong"))
    end(accounts, "another", True, (user, "right"))
    end(accounts, "node-0", False, (user, "wrong"))  # who asks it again wants to know
    clock.now += REFUSED_S
    end(accounts, "another", True, (user, "wrong"))


@pytest.mark.parametrize("user", ["admin", ".\\admin", "\\admin"])
def test_accounts_of_the_nodes_own_are_asked_for_everywhere(clock, user):
    accounts = Accounts(clock)
    for number in range(10):
        end(accounts, f"node-{number}", False, (user, "wrong"))


def test_one_node_that_takes_it_is_enough(clock):
    accounts = Accounts(clock)
    for was_taken in (False, False, True, False, False, True):
        end(accounts, f"node-{clock.now}", was_taken)
        clock.now += 1


def test_nodes_that_refuse_what_another_has_just_taken_have_reasons_of_their_own(clock):
    accounts = Accounts(clock)
    end(accounts, "node", True)
    for number in range(10):
        end(accounts, f"node-{number}", False)
    clock.now += JUST_S
    for number in range(TRIES):
        end(accounts, f"node-{number}", False)
    with pytest.raises(RefusedElsewhere):
        end(accounts, "another", None)


def test_what_ended_without_a_word_counts_for_nothing(clock):
    accounts = Accounts(clock)
    for number in range(10):
        with pytest.raises(OSError, match="gone"), accounts.signing_in(*WHO, f"node-{number}"):
            raise OSError("gone")
    end(accounts, "another", None)


def side_by_side(accounts: Accounts, nodes: int, was_taken: bool) -> tuple[int, int, int]:
    """How many sign-ins there were, how many at the same time at most, and how many nodes were not asked."""
    lock = threading.Lock()
    asked = most = under_way = spared = 0
    together = threading.Barrier(TRIES, timeout=0.2)

    def one(number: int) -> None:
        nonlocal asked, most, under_way, spared
        try:
            with accounts.signing_in(*WHO, f"node-{number}") as told:
                with lock:
                    asked += 1
                    under_way += 1
                    most = max(most, under_way)
                    first = asked <= TRIES
                if first:
                    together.wait()
                told.was_taken = was_taken
                with lock:
                    under_way -= 1
        except RefusedElsewhere:
            with lock:
                spared += 1

    threads = [threading.Thread(target=one, args=(number,)) for number in range(nodes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    return asked, most, spared


def test_a_wrong_password_is_tried_a_few_times_however_many_ask_at_once():
    assert side_by_side(Accounts(), 32, was_taken=False) == (TRIES, TRIES, 32 - TRIES)


def test_a_right_password_lets_all_others_go_on():
    asked, _, spared = side_by_side(Accounts(), 32, was_taken=True)
    assert (asked, spared) == (32, 0)


def test_a_password_that_was_right_long_ago_is_tried_again_with_care(clock):
    accounts = Accounts(clock)
    end(accounts, "node", True)
    clock.now += TAKEN_S
    asked, most, spared = side_by_side(accounts, 8, was_taken=False)
    assert (asked, most, spared) == (TRIES, TRIES, 8 - TRIES)


def test_who_is_no_longer_wanted_waits_no_longer(clock):
    accounts = Accounts(clock)
    wanted = threading.Event()
    wanted.set()
    with accounts.signing_in(*WHO, "a"), accounts.signing_in(*WHO, "b"), accounts.signing_in(*WHO, "c"):
        waiting = threading.Thread(target=lambda: accounts.signing_in(*WHO, "d", wanted.is_set).__enter__())
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
        wanted.clear()
        waiting.join(2)
        assert not waiting.is_alive()


def test_no_password_is_kept(clock):
    """It outlives what it was typed for."""
    accounts = Accounts(clock)
    end(accounts, "node-0", False, ("CORP\\admin", "hunter2 비밀"))
    end(accounts, "node-0", True, ("CORP\\admin", "hunter2 \udc80"))
    assert "corp" in repr(vars(accounts))
    assert "hunter2" not in repr(vars(accounts))
