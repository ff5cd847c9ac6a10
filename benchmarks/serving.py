"""Servers at work: the bot and two empty bolt apps, each a process of its own, and what they hold.

python -m benchmarks.serving documented|before PORT     # one of the empty ones
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECRET = "benchmark-signing-secret"
TOKEN = "xoxb-benchmark"
NOW = "2022-06-16T09:00:00+01:00"
EMPTY, EMPTY_BEFORE, BOT = "empty app, as documented", "empty app, process_before_response", "npq status"


@dataclass(frozen=True, slots=True)
class Running:
    """A server at work."""

    process: subprocess.Popen[bytes]
    port: int


def surroundings(folder: Path) -> dict[str, str]:
    """The settings of the bot's processes."""
    return {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder}/npq.db",
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_APP_TOKEN": "",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "NPQ_NOW": NOW,
    }


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, Running]]:
    """The three servers, by name, until the end of the block."""
    here = [sys.executable, "-m", "benchmarks.serving"]
    ports = {name: free_port() for name in (EMPTY, EMPTY_BEFORE, BOT)}
    commands = {
        EMPTY: [*here, "documented", str(ports[EMPTY])],
        EMPTY_BEFORE: [*here, "before", str(ports[EMPTY_BEFORE])],
        BOT: [sys.executable, "-c", "from bot.app import serve; from bot.settings import Settings; serve(Settings())"],
    }
    settings = {**surroundings(folder), "PORT": str(ports[BOT])}
    said = {name: folder / f"{port}.log" for name, port in ports.items()}
    running = {
        name: Running(subprocess.Popen(command, env=settings, stderr=said[name].open("w")), ports[name])
        for name, command in commands.items()
    }
    try:
        for port in ports.values():
            wait_for(port)
        wait_until_settled(said[BOT])
        yield running
    finally:
        for each in running.values():
            each.process.terminate()
        for each in running.values():
            each.process.wait(timeout=10)


def serve_empty(port: int, *, before_response: bool) -> None:
    """An app that acknowledges `/npq` and does nothing else."""
    import uvicorn
    from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
    from slack_bolt.async_app import AsyncAck, AsyncApp
    from slack_bolt.authorization import AuthorizeResult
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=TOKEN)

    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=before_response)

    @app.command("/npq")
    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    routes = [Route("/slack/events", events, methods=["POST"])]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=port, log_config=None, access_log=False)


def memory(process: subprocess.Popen[bytes]) -> float:
    """Megabytes that a process holds."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"no server came up on port {port}")


def wait_until_settled(log: Path) -> None:
    """Right after its start the bot works out everybody's standing; what is measured is how it answers from then on."""
    deadline = time.monotonic() + 120
    while "worked out where" not in log.read_text(encoding="utf-8"):
        if time.monotonic() > deadline:
            raise SystemExit(f"the bot did not settle: {log.read_text(encoding='utf-8')[-500:]}")
        time.sleep(0.2)


def wait_until_idle(pid: int) -> None:
    """After an import the bot finishes its answers anew; what is measured at rest is how it answers from then on."""
    deadline, calm, last = time.monotonic() + 60, 0, -1
    while calm < 6 and time.monotonic() < deadline:
        time.sleep(0.5)
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        used = int(fields[11]) + int(fields[12])
        calm = calm + 1 if used - last <= 1 else 0
        last = used


if __name__ == "__main__":
    serve_empty(int(sys.argv[2]), before_response=sys.argv[1] == "before")
