"""One thread computes at a time, and whoever waits lets the others in."""

import threading
import time

import pytest

from checks.turn import PATIENCE_S, computing, first, let_pass, waiting

LIMIT_S = 5.0


def run(*calls) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_S)
        assert not thread.is_alive()


def test_one_at_a_time():
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(50):
            with computing(), computing():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    run(*[work] * 8)
    assert len(most) == 400
    assert set(most) == {1}


def test_whoever_waits_lets_others_in_and_goes_on_in_its_turn():
    other_is_in, told = threading.Event(), []

    def waits() -> None:
        with computing(), computing():
            with waiting():
                assert other_is_in.wait(LIMIT_S)
            told.append("goes on")

    def computes() -> None:
        with computing():
            other_is_in.set()
            told.append("computes")

    run(waits, computes)
    assert told == ["computes", "goes on"]


def test_an_error_gives_the_turn_back():
    for outer in (computing, waiting):
        with pytest.raises(ValueError, match="broken"), outer(), computing(), waiting():
            raise ValueError("broken")
    came: list[str] = []

    def work() -> None:
        with computing():
            came.append("in")

    run(work)
    assert came == ["in"]


def test_what_computes_lets_pass_what_goes_first():
    told: list[str] = []
    is_first, asks = threading.Event(), threading.Event()

    def computes() -> None:
        assert is_first.wait(LIMIT_S)
        asks.set()
        with computing():
            told.append("computes")
            let_pass()

    thread = threading.Thread(target=computes)
    thread.start()
    with first(), first():
        is_first.set()
        assert asks.wait(LIMIT_S)
        thread.join(PATIENCE_S / 2)
        told.append("first")
    thread.join(LIMIT_S)
    assert not thread.is_alive()
    assert told == ["first", "computes"]


def test_patience_ends_once_for_all():
    """Whoever goes first may wait for what is computed: then that goes on, and does not stop again at each step."""
    steps = 50
    done = threading.Event()

    def computes() -> None:
        with computing():
            for _ in range(steps):
                let_pass()
        done.set()

    thread = threading.Thread(target=computes)
    with first():
        began = time.monotonic()
        thread.start()
        assert done.wait(LIMIT_S)
        assert PATIENCE_S <= time.monotonic() - began < steps * PATIENCE_S / 2
    thread.join(LIMIT_S)


def test_an_error_frees_the_way():
    with pytest.raises(ValueError, match="broken"), first():
        raise ValueError("broken")
    began = time.monotonic()
    let_pass()
    assert time.monotonic() - began < PATIENCE_S


def test_what_goes_first_does_not_wait_for_itself():
    began = time.monotonic()
    with first(), computing():
        let_pass()
    assert time.monotonic() - began < PATIENCE_S
