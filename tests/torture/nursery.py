"""Starts `npq` processes quickly: a process that has loaded the program once, and forks a child for each.

Every child is a process of its own with its own environment, log, connections and death; it only did not have to load the
program again. One line of JSON asks (`arguments`, `environment`, `log`), one line answers (`pid`).
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Process:
    """A started process. Killed, suspended and waited for by its own handle, so that no other can be hit."""

    pid: int
    handle: int | None  # None: it had ended before one could look

    def send(self, number: signal.Signals) -> None:
        """Sends a signal; nothing happens when it has ended."""
        if self.handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.handle, number)

    def kill(self) -> None:
        """kill -9, and waits until it is gone."""
        self.send(signal.SIGKILL)
        assert self.ended(60), "a killed process did not end"

    def ended(self, within: float = 0.0) -> bool:
        """Whether it has ended, waiting that long for it."""
        if self.handle is None:
            return True
        waiting = select.poll()  # select itself takes no handle beyond the thousandth, and trials are many
        waiting.register(self.handle, select.POLLIN)
        if not waiting.poll(within * 1000):
            return False
        os.close(self.handle)
        self.handle = None
        return True


class Nursery:
    """The process that forks. Use as a context manager; what is still alive at the end is killed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: list[Process] = []

    def __enter__(self) -> Nursery:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            process.send(signal.SIGKILL)
            if process.handle is not None:
                os.close(process.handle)
        self._server.communicate()

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Process:
        """Starts `npq` with these arguments; both its outputs are added to the log."""
        asked = {"arguments": list(arguments), "environment": dict(environment), "log": str(log)}
        with self._lock:
            assert self._server.stdin is not None
            assert self._server.stdout is not None
            self._server.stdin.write(json.dumps(asked) + "\n")
            self._server.stdin.flush()
            pid = int(self._server.stdout.readline())
            try:
                process = Process(pid, os.pidfd_open(pid))
            except ProcessLookupError:
                process = Process(pid, None)
            self._started.append(process)
        return process


def _serve() -> None:

    assert threading.active_count() == 1, "what has threads cannot be forked"
    import psycopg  # noqa: F401  loaded once for all

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children here
    print("ready", flush=True)
    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(asked["arguments"], asked["environment"], asked["log"])
        print(pid, flush=True)


def _become(arguments: list[str], environment: dict[str, str], log: str) -> None:
    """From here on this process is that `npq`."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 70
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 - a new process has not read from its own yet
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.environ.clear()
        os.environ.update(environment)
        from bot.cli import main

        try:
            main(arguments)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        sys.stdout.flush()
    finally:
        os._exit(code)


def until(holds: object, seconds: float, what: str = "it") -> float:
    """Waits until something holds; how long that took. Fails when it does not come to hold in time."""
    assert callable(holds)
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"{what} did not happen within {seconds} s"
        time.sleep(0.01)
    return time.monotonic() - began


if __name__ == "__main__":
    _serve()
