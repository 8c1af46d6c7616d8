"""One thread computes at a time, and whoever waits lets the others in."""

import threading

import pytest

from checks.turn import computing, waiting

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
