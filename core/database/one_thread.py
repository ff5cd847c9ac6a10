"""One thing at a time beside the caller: a database works on what it was given while Python reads on.

Drivers let others run while they wait for their database. A connection is still used by one at a time: whoever started
something asks for its result before using the connection again.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Generic, TypeVar

T = TypeVar("T")


class OneThread(Generic[T]):
    """A thread for one task after the other, started when first needed."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="npq-aside")
        self._doing: Future[T] | None = None

    def start(self, task: Callable[[], T]) -> None:
        """Begins a task; the result of the one before must have been asked for."""
        assert self._doing is None
        begun = Event()

        def run() -> T:
            begun.set()
            return task()

        self._doing = self._thread.submit(run)
        begun.wait()  # it has the interpreter now, until it waits for its database

    def result(self, otherwise: T) -> T:
        """Waits for what was started and gives its result, or raises what it raised; `otherwise` when there is nothing."""
        if self._doing is None:
            return otherwise
        doing, self._doing = self._doing, None
        return doing.result()

    def close(self) -> None:
        """Waits for what was started, whatever comes of it."""
        self._thread.shutdown(wait=True)
        self._doing = None
