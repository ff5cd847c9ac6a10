"""An HTTP server on loopback for a fake of somebody's service: real sockets, threads of its own, and connections that can be cut."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener:
    """An HTTP server on a free port that, once closed, leaves no connection open."""

    def __init__(self, serve: Callable[[BaseHTTPRequestHandler, bytes], None]) -> None:
        connections: set[socket.socket] = set()
        self._connections = connections

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # a body that follows its head would wait for 40 ms

            def setup(self) -> None:
                super().setup()
                connections.add(self.connection)

            def finish(self) -> None:
                connections.discard(self.connection)
                super().finish()

            def do_POST(self) -> None:
                serve(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        """Until closed, which ends it at once: the library's own loop looks for that now and then."""
        with contextlib.suppress(OSError):
            while True:
                self._server.process_request(*self._server.get_request())

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._server.socket.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def wait_out(slow: float | threading.Event) -> None:
    """So many seconds, or until something has happened."""
    if isinstance(slow, threading.Event):
        slow.wait(30)
    else:
        time.sleep(float(slow))


def drop(request: BaseHTTPRequestHandler) -> None:
    """Hangs up without an answer."""
    request.close_connection = True
    with contextlib.suppress(OSError):
        request.connection.shutdown(socket.SHUT_RDWR)


def answer(
    request: BaseHTTPRequestHandler, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> None:
    """Answers in JSON."""
    data = json.dumps(body).encode()
    try:
        request.send_response(status)
        request.send_header("Content-Type", "application/json; charset=utf-8")
        request.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)
    except OSError:
        pass  # the caller has gone


@contextlib.contextmanager
def answered_by(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that takes one connection, and hardly anything of it before it is read; ends when it has ended."""

    def one() -> None:
        with listening, contextlib.suppress(OSError), listening.accept()[0] as connection:
            serve(connection)

    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        serves = threading.Thread(target=one)
        serves.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        serves.join(timeout=20)


def drips(connection: socket.socket) -> None:
    """An answer of which a byte comes every tenth of a second, for three seconds."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n")
    for _ in range(30):
        connection.sendall(b" ")
        time.sleep(0.1)
