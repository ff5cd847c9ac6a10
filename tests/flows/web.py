"""Web processes of the tests: each a real uvicorn on a port of its own, all in one thread that stays."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp

ENDS_WITHIN = 2.0  # seconds that requests under way get

Result = TypeVar("Result")


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The app on a free loopback port; gives its address. At the end it finishes what is under way, as at SIGTERM."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    _there(_start(server, listener))
    try:
        yield address
    finally:
        _there(_end(server, listener))


@contextmanager
def nothing_given_up() -> Iterator[None]:
    """Fails where a process that is stopped meanwhile leaves an answer undone."""
    told: list[str] = []
    handler, log = logging.Handler(logging.ERROR), logging.getLogger("bot.web.follow_up")
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
    assert told == []


async def _start(server: uvicorn.Server, listener: socket.socket) -> None:
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets=[listener])
    assert not server.should_exit, "the app did not start"


async def _end(server: uvicorn.Server, listener: socket.socket) -> None:
    """As uvicorn's own `shutdown`, which looks ten times a second whether all is done."""
    for each in server.servers:
        each.close()
    listener.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    by = time.monotonic() + ENDS_WITHIN
    while (server.server_state.connections or server.server_state.tasks) and time.monotonic() < by:
        await asyncio.sleep(0.001)
    for task in server.server_state.tasks:
        task.cancel()
    await server.lifespan.shutdown()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Starts at the first use, and goes on: to start and end a thread and a loop for each story takes longer than many a story."""
    make = uvicorn.Config("").get_loop_factory()
    loop = asyncio.new_event_loop() if make is None else make()
    thread = threading.Thread(target=loop.run_forever, name="web", daemon=True)
    thread.start()

    @atexit.register
    def end() -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)

    return loop


def _there(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run_coroutine_threadsafe(work, _loop()).result(timeout=30)
