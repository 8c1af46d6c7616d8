"""Deadlines happen when they are due, in their order, and not where they were cancelled."""

import threading
import time
import weakref

from checks.session.deadlines import LINGER_S, after


def watching() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "deadlines"]


def test_happen_in_the_order_of_their_time_and_not_where_cancelled():
    heard: list[str] = []
    last = threading.Event()
    began = time.monotonic()
    after(0.3, lambda: (heard.append("late"), last.set()))
    after(0.05, lambda: heard.append("soon"))
    after(0.1, lambda: heard.append("never")).cancel()
    after(30, lambda: heard.append("much later")).cancel()
    assert last.wait(5)
    assert heard == ["soon", "late"]
    assert 0.3 <= time.monotonic() - began < 2


def test_one_that_fails_leaves_the_others():
    heard = threading.Event()
    after(0.02, lambda: 1 / 0)
    after(0.05, heard.set)
    assert heard.wait(5)


def test_cancelled_one_holds_nothing():
    class Session:
        def end(self) -> None: ...

    session = Session()
    seen = weakref.ref(session)
    deadline = after(60, session.end)
    deadline.cancel()
    del session
    assert seen() is None


def test_many_need_one_thread_that_ends_with_them():
    deadlines = [after(60, lambda: None) for _ in range(200)]
    assert len(watching()) == 1
    for one in deadlines:
        one.cancel()
    until = time.monotonic() + LINGER_S + 4
    while watching() and time.monotonic() < until:
        time.sleep(0.02)
    assert not watching()
    heard = threading.Event()
    after(0.01, heard.set)
    assert heard.wait(5)


def test_added_by_many_threads_at_once():
    heard: list[int] = []
    done = threading.Event()

    def add(number: int) -> None:
        after(0.01 * (number % 5), lambda: (heard.append(number), len(heard) == 50 and done.set()))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(50)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert done.wait(5)
    assert sorted(heard) == list(range(50))
