"""One thing at a time beside the caller."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from core.database.one_thread import OneThread


def test_what_was_started_runs_beside_and_its_result_comes_when_asked_for() -> None:
    go_on = threading.Event()
    with closing(OneThread[int]()) as aside:
        assert aside.result(0) == 0
        aside.start(lambda: 7 if go_on.wait(5) else 0)
        go_on.set()  # it waits for this, so it does not hold its caller up
        assert aside.result(0) == 7
        assert aside.result(0) == 0


def test_its_trouble_is_raised_to_who_asks_for_the_result() -> None:
    with closing(OneThread[int]()) as aside:
        aside.start(lambda: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            aside.result(0)


def test_closing_waits_for_what_was_started_whatever_comes_of_it() -> None:
    done: list[int] = []

    def task() -> None:
        threading.Event().wait(0.05)
        done.append(1)
        raise ValueError

    with closing(OneThread[None]()) as aside:
        aside.start(task)
    assert done
