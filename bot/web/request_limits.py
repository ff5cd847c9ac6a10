"""The door of the web process: how large a request may be and how long it may take; what is turned away is logged with its reason.

Nobody is known here yet. So nothing of what a body holds is looked at, or said.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Message

MOST_BODY = 2_000_000  # bytes of a request; the platforms' own are far smaller
BODY_WITHIN = (
    10.0  # seconds, and a second more at most, in which a body must have come: Slack waits for three, Teams for fifteen
)
TOO_LARGE = f"It is larger than {MOST_BODY:,} bytes."
STOPPING = "This process is being stopped."
LOOK_EVERY = 1.0  # seconds
LOGGED = 80  # characters of what a stranger asks for

Endpoint = Callable[[Request], Awaitable[Response]]

log = logging.getLogger(__name__)


def turned_away(why: str) -> Endpoint:
    """An endpoint that is not there for now, and says why."""

    async def turn_away(_: Request) -> Response:
        return JSONResponse({"error": why}, status_code=503)

    return turn_away


class _TurnedAway(Exception):
    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class _Hurry:
    """Ends the reading of bodies that takes too long: looked at now and then, for a timer to each would cost more than it."""

    def __init__(self) -> None:
        self._since: dict[asyncio.Task[object], float] = {}
        self._watching = False

    async def read(self, reading: Awaitable[Request]) -> Request:
        """What is read. Raises `TimeoutError`."""
        task = asyncio.current_task()
        assert task is not None
        self._since[task] = time.monotonic()
        if not self._watching:
            self._watch()
        try:
            return await reading
        except asyncio.CancelledError:
            if task in self._since:
                raise  # not by us
            task.uncancel()
            raise TimeoutError from None
        finally:
            self._since.pop(task, None)

    def _watch(self) -> None:
        late = time.monotonic() - BODY_WITHIN
        for task in [task for task, since in self._since.items() if since < late]:
            del self._since[task]
            task.cancel()
        self._watching = bool(self._since)
        if self._watching:
            asyncio.get_running_loop().call_later(LOOK_EVERY, self._watch)


def bounded(answer: Endpoint) -> Endpoint:
    """An endpoint that gets requests of a bounded size alone, with a length or in chunks, each with its body read."""
    hurry = _Hurry()

    async def within_bounds(request: Request) -> Response:
        try:
            return await answer(await _read(request, hurry))
        except _TurnedAway as why:
            log.warning("a request to %s was refused (%d): %s", request.url.path, why.status, why.reason)
            return JSONResponse({"error": why.reason}, why.status, why.headers)
        except asyncio.CancelledError:  # by the server, when its time to end has come
            log.warning("a request to %s was given up (503): %s", request.url.path, STOPPING)
            return JSONResponse({"error": STOPPING}, 503)

    return within_bounds


async def not_found(request: Request, _: Exception) -> Response:
    """There is nothing at an address: perhaps one was set up wrongly, so the log says which."""
    log.warning("a request was refused (404): nothing is served at %a", request.url.path[:LOGGED])
    return PlainTextResponse("There is nothing at this address.\n", 404)


async def not_allowed(request: Request, error: Exception) -> Response:
    """An address that is there takes other methods only, as a browser that is pointed at it learns."""
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    takes = headers["Allow"] = ", ".join(sorted(headers.get("Allow", "POST").split(", ")))  # it comes in any order
    came = request.method[:LOGGED]
    log.warning("a request to %s was refused (405): it is a %s, %s is taken", request.url.path, came, takes)
    return PlainTextResponse(f"This address takes {takes} only.\n", 405, headers)


async def _read(request: Request, hurry: _Hurry) -> Request:
    """The request with its body read."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise _TurnedAway(415, "The body is compressed; it is taken as it is alone.", Accept_Encoding="identity")
    length = request.headers.get("content-length")
    if length is not None and int(length) > MOST_BODY:
        raise _TurnedAway(413, TOO_LARGE)
    try:
        return await hurry.read(_read_in_chunks(request) if length is None else _read_whole(request))
    except TimeoutError:
        raise _TurnedAway(408, "The body did not come in time.", Connection="close") from None
    except ClientDisconnect:
        raise _TurnedAway(400, "It ended before its body was complete.") from None


async def _read_whole(request: Request) -> Request:
    await request.body()  # is kept; the server lets in what the length says, and no more
    return request


async def _read_in_chunks(request: Request) -> Request:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY:
            raise _TurnedAway(413, TOO_LARGE)

    async def as_read() -> Message:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return Request(request.scope, as_read)
