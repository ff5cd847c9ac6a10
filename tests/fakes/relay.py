"""A way to a server that can go silent: what is sent there is taken, and no answer comes back on what was open by then."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Relay:
    """Takes connections on `port` and passes everything on, until its connections are `hushed`."""

    to: tuple[str, int]
    listener: socket.socket
    _silent: list[threading.Event] = field(default_factory=list)

    @property
    def port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port

    def hush(self) -> None:
        """From now on nothing comes back on the connections that are open; new ones are well."""
        for silent in self._silent:
            silent.set()

    def take(self) -> None:
        """Takes connections until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.to)
                self._silent.append(silent := threading.Event())
                threading.Thread(target=_pass_on, args=(client, server, threading.Event()), daemon=True).start()
                threading.Thread(target=_pass_on, args=(server, client, silent), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, silent: threading.Event) -> None:
    with suppress(OSError):
        while some := source.recv(65_536):
            if not silent.is_set():
                target.sendall(some)
    if not silent.is_set():
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def relay(host: str, port: int) -> Iterator[Relay]:
    """A running relay to a server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = Relay((host, port), listener)
        threading.Thread(target=running.take, daemon=True).start()
        yield running
