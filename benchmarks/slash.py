"""How long `/npq status` takes to answer, beside empty bolt apps that only acknowledge, in one run.

    python -m benchmarks.slash [--people 5000] [--requests 800] [--rounds 5] [--seed 7]

Three servers run side by side under uvicorn, each in its own process: an empty `AsyncApp` as slack-bolt documents it, an empty
one with `process_before_response=True`, and the bot on a made-up caseload that went through the real importers. Signed
requests go to each in turn, round by round in a shuffled order, over kept-open connections, at 1 and at 16 at once. Each
`status` asks for somebody drawn at random, once the bot has worked everybody out after its start. The figures are good for
comparing within one run only. Exit 1 when the bot's p99 at 16 at once is more than twice the empty app's as documented.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import hashlib
import hmac
import os
import platform
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

SECRET = "benchmark-signing-secret"
TOKEN = "xoxb-benchmark"
USER = "U0BENCH"
NOW = "2022-06-16T09:00:00+01:00"
AT_ONCE = (1, 16)
MOST = 2.0  # times the empty app's p99
PARTICIPANTS = (
    "participant_id,full_name,course,cohort,delivery_partner,email,trn,school,application_status,"
    "contract_returned_on,sponsorship_returned_on"
)
ACTIVITIES = "participant_id,block,component,title,credits,completed_on,logged_by"
EMPTY, EMPTY_BEFORE, BOT = "empty app, as documented", "empty app, process_before_response", "npq status"
GIVEN = (
    "Amara",
    "Ben",
    "Chloe",
    "Dev",
    "Ewa",
    "Farid",
    "Grace",
    "Hugh",
    "Isla",
    "Jane",
    "Kofi",
    "Leila",
    "Mo",
    "Nia",
    "Olu",
    "Priya",
    "Quinn",
    "Rosa",
    "Sam",
    "Tess",
)
FAMILY = (
    "Abara",
    "Bello",
    "Carter",
    "Desai",
    "Evans",
    "Flynn",
    "Grant",
    "Hughes",
    "Iqbal",
    "Jones",
    "Khan",
    "Lewis",
    "Mensah",
    "Novak",
    "Okoro",
    "Patel",
    "Reid",
    "Shah",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the whole comparison and prints its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--requests", type=int, default=800, help="per server, round and concurrency")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--serve-empty", choices=["documented", "before"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.serve_empty:
        serve_empty(chosen.port, before_response=chosen.serve_empty == "before")
        return 0
    with tempfile.TemporaryDirectory(prefix="npq-bench-") as folder:
        print(f"a caseload of {chosen.people:,} people through the importers, seed {chosen.seed} …", file=sys.stderr)
        names = caseload(Path(folder), chosen.people, random.Random(chosen.seed))
        with servers(Path(folder)) as ports:
            taken = asyncio.run(measure(ports, names, chosen.requests, chosen.rounds, random.Random(chosen.seed)))
    return report(taken, chosen.people, chosen.seed, chosen.requests * chosen.rounds)


def caseload(folder: Path, people: int, chance: random.Random) -> list[str]:
    """Makes a caseload, imports it into `npq.db` in the folder and links one person; what to ask `status` for."""
    from core.records.database import migrate, open_database
    from core.services import imports, staffing
    from core.services.actors import Actor
    from core.services.office import Office
    from reference.loading import load_pack

    pack = load_pack("edt-v18")
    names = []
    with (
        _csv(folder / "participants.csv", PARTICIPANTS) as participants,
        _csv(folder / "activities.csv", ACTIVITIES) as activities,
    ):
        for number in range(people):
            ident = f"p-{number:05d}"
            name = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)} {number}"
            course = chance.choice(["NPQLT", "NPQLTD", "NPQLBC", "NPQSL", "NPQH"])
            school, sponsorship = f"School {number % 400}", "2021-11-21" if chance.random() < 0.8 else ""
            row = [ident, name, course, 1, f"Partner {number % 5 + 1}", f"{ident}@example.org", f"{number:07d}"]
            participants.writerow([*row, school, "accepted", "2021-11-20", sponsorship])
            names.append(chance.choice([ident, name]))
            listed = {
                (row.block, row.component, row.title): row.credits
                for block in pack.blocks[course]
                for row in block.activities
                if row.credits is not None
            }
            for key in chance.sample(list(listed), min(len(listed), chance.randint(0, 12))):
                day = f"2022-{chance.randint(1, 6):02d}-{chance.randint(1, 15):02d}"
                activities.writerow([ident, *key, listed[key], day, "auto"])
    engine = open_database(f"sqlite:///{folder}/npq.db")
    migrate(engine)
    office = Office(engine, pack)
    files = [folder / "participants.csv", folder / "activities.csv"]
    imports.import_files(office, Actor.console("benchmark"), files, now=datetime.now(UTC))
    staffing.add_staff(
        office,
        Actor.console("benchmark"),
        platform="slack",
        platform_id=USER,
        name="Bench",
        role="coordinator",
        partner=None,
        now=datetime.now(UTC),
    )
    return names


@contextmanager
def _csv(path: Path, header: str) -> Iterator[Any]:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(f"{header}\n")
        yield csv.writer(file)


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, int]]:
    """The three servers, by name with their ports, until the end of the block."""
    here = [sys.executable, "-m", "benchmarks.slash", "--serve-empty"]
    ports = {name: _free_port() for name in (EMPTY, EMPTY_BEFORE, BOT)}
    settings = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder}/npq.db",
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_APP_TOKEN": "",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "NPQ_NOW": NOW,
        "PORT": str(ports[BOT]),
    }
    commands = {
        EMPTY: [*here, "documented", "--port", str(ports[EMPTY])],
        EMPTY_BEFORE: [*here, "before", "--port", str(ports[EMPTY_BEFORE])],
        BOT: [sys.executable, "-c", "from bot.app import serve; from bot.settings import Settings; serve(Settings())"],
    }
    said = {name: folder / f"{port}.log" for name, port in ports.items()}
    running = [
        subprocess.Popen(command, env=settings, stderr=said[name].open("w")) for name, command in commands.items()
    ]
    try:
        for port in ports.values():
            _wait_for(port)
        _wait_until_settled(said[BOT])
        yield ports
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=10)


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


async def measure(
    ports: dict[str, int], names: Sequence[str], requests: int, rounds: int, chance: random.Random
) -> dict[tuple[str, int], list[float]]:
    """Seconds per answer, by server and how many at once. A first, shorter round warms each up and is not counted."""
    taken: dict[tuple[str, int], list[float]] = {(name, at_once): [] for name in ports for at_once in AT_ONCE}
    for round_number in range(rounds + 1):
        order = [(name, at_once) for name in ports for at_once in AT_ONCE]
        chance.shuffle(order)
        for name, at_once in order:
            count = requests if round_number else 100
            asked = [chance.choice(names) for _ in range(count)]
            shares = [asked[place::at_once] for place in range(at_once)]
            measured = await asyncio.gather(*(one_client(ports[name], share, name == BOT) for share in shares))
            if round_number:
                taken[name, at_once] += [seconds for share in measured for seconds in share]
    return taken


async def one_client(port: int, asked: Sequence[str], answers: bool) -> list[float]:
    """One connection that asks one after the other; each request is signed before its time starts."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken = []
    for who in asked:
        request = _request(f"status {who}")
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
        body = await reader.readexactly(int(fields[b"content-length"]))
        taken.append(time.perf_counter() - began)
        assert head.startswith(b"HTTP/1.1 200"), head
        assert not answers or b'"blocks"' in body, body
    writer.close()
    return taken


def _request(text: str) -> bytes:
    body = urlencode(
        {
            "command": "/npq",
            "text": text,
            "user_id": USER,
            "team_id": "T1",
            "channel_id": "C1",
            "trigger_id": "1.2.3",
            "response_url": "http://127.0.0.1:9/respond",
        }
    )
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return (
        f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={digest}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def report(taken: dict[tuple[str, int], list[float]], people: int, seed: int, answers: int) -> int:
    """Prints the table; 0 when the bot is within twice the empty app."""
    print(
        f"\n{people:,} people, seed {seed}, {answers:,} answers a row, Python {platform.python_version()}, {os.cpu_count()} cores"
    )
    print(f"{'server':<38}{'at once':>8}{'p50 ms':>9}{'p99 ms':>9}")
    for (name, at_once), seconds in sorted(taken.items(), key=lambda row: (row[0][1], row[0][0])):
        print(f"{name:<38}{at_once:>8}{_share(seconds, 0.5):>9.2f}{_share(seconds, 0.99):>9.2f}")
    bot = _share(taken[BOT, 16], 0.99)
    ratios = {name: bot / _share(taken[name, 16], 0.99) for name in (EMPTY, EMPTY_BEFORE)}
    for name, ratio in ratios.items():
        print(f"p99 at 16 at once: {ratio:.2f} times the {name}")
    return 0 if ratios[EMPTY] <= MOST else 1


def _share(seconds: Sequence[float], share: float) -> float:
    """Milliseconds within which this share of the answers came."""
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * share))] * 1000


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"no server came up on port {port}")


def _wait_until_settled(log: Path) -> None:
    """Right after its start the bot works out everybody's standing; what is measured is how it answers from then on."""
    deadline = time.monotonic() + 120
    while "worked out where" not in log.read_text(encoding="utf-8"):
        if time.monotonic() > deadline:
            raise SystemExit(f"the bot did not settle: {log.read_text(encoding='utf-8')[-500:]}")
        time.sleep(0.2)


if __name__ == "__main__":
    raise SystemExit(main())
