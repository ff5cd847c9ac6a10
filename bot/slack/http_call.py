"""One call of Slack's Web API: over within its time, and when it is given up nothing of it arrives any more.

A socket's time limit begins anew with each address that is tried and each byte that comes, and what the system has not
got through yet it goes on sending after the call was given up. Either would let a post arrive after somebody else has looked
for it in vain and sent it again.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import struct
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_sdk import WebClient

from bot.delivery.sender import TIME_LIMIT, InTime, TooLate, always

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

AN_ADDRESS = 0.3  # of the time limit: for connecting to one of the addresses that a name stands for
ENOUGH = 0.2  # of the time limit: with less of it left, as after a slow look-up, nothing is begun any more
_DISCARDING = struct.pack("ii", 1, 0)


class TooSlow(TimeoutError):
    """Connecting took so long that nothing was sent."""


_in_time: ContextVar[InTime] = ContextVar("_in_time", default=always)


@contextmanager
def sent_while(in_time: InTime) -> Iterator[None]:
    """For the calls within: raises `TooLate` instead of sending what is connected too late."""
    before = _in_time.set(in_time)
    try:
        yield
    finally:
        _in_time.reset(before)


class OneCallClient(WebClient):
    """Slack's client on connections that end in time. It follows no redirect: a post would go on as something else."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._opener = urllib.request.build_opener(_Plain, _Encrypted(ssl.create_default_context()), _Nowhere)

    def _perform_urllib_http_request_internal(self, url: str, req: urllib.request.Request) -> dict[str, Any]:
        with self._opener.open(req, timeout=self.timeout) as answer:
            charset = answer.headers.get_content_charset() or "utf-8"
            return {"status": answer.code, "headers": answer.headers, "body": answer.read().decode(charset)}


class _InTime(http.client.HTTPConnection):
    def connect(self) -> None:
        limit = self.timeout or TIME_LIMIT
        by = time.monotonic() + limit
        self.response_class = partial(_Answer, by=by)  # type: ignore[assignment]
        self.timeout = limit * AN_ADDRESS
        super().connect()
        if (left := by - time.monotonic()) < limit * ENOUGH:
            raise TooSlow
        self.sock.settimeout(left)
        # closed, it forgets what has not got through; nor does it go on with that while this process stands still
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DISCARDING)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(left * 1000))

    def send(self, data: Any) -> None:
        """Head and body apart: without its last byte a request does nothing."""
        if self.sock is None:
            self.connect()
        if not _in_time.get()():
            raise TooLate
        super().send(data)


class _InTimeEncrypted(_InTime, http.client.HTTPSConnection):
    """`_InTime.connect` goes on to the encrypted one's."""


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *given: Any, by: float, **more: Any) -> None:
        super().__init__(sock, *given, **more)
        self.fp: Any = io.BufferedReader(_Until(by, sock, self.fp.detach()))


class _Until(io.RawIOBase):
    """What comes in on a connection until a moment of the monotonic clock, however little at a time."""

    def __init__(self, by: float, sock: socket.socket, coming_in: io.RawIOBase) -> None:
        self._by = by
        self._sock = sock
        self._coming_in = coming_in

    def readable(self) -> bool:
        return True

    def readinto(self, into: WriteableBuffer) -> int | None:
        if (left := self._by - time.monotonic()) <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._coming_in.readinto(into)

    def close(self) -> None:
        self._coming_in.close()
        super().close()


class _Plain(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_InTime, req)


class _Encrypted(urllib.request.HTTPSHandler):
    def __init__(self, trusted: ssl.SSLContext) -> None:
        super().__init__(context=trusted)
        self._trusted = trusted

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_InTimeEncrypted, req, context=self._trusted)


class _Nowhere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Leaves the answer as it is."""
