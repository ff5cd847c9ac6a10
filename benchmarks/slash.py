"""The path of one question: `/npq status` beside empty bolt apps that only acknowledge, and `npq status` as a process.

    python -m benchmarks.slash [--people 5000] [--requests 800] [--rounds 5] [--seed 7]

Three servers run side by side under uvicorn with uvloop and httptools, each in its own process: an empty `AsyncApp` as slack-bolt
documents it, an empty one with `process_before_response=True`, and the bot on a made-up caseload that went through the real
importers. Signed requests go to each in turn, round by round in a shuffled order, over kept-open connections, at 1 and at
16 at once. They ask for everybody, in random order, by id and by name, from five staff users of five roles, once the bot has
finished its answers after its start. Then the bot alone, at rest and while a sweep of everybody and an import of the
activities run as processes of their own, over and over. The import gives way by itself, as `npq import` does; the sweep gives way
as the worker does, whose sweep it stands for. Figures are good for comparing within one run.
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
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from benchmarks.measuring import Ratio

SECRET = "benchmark-signing-secret"
TOKEN = "xoxb-benchmark"
USERS = {
    "U0VIEW": "viewer",
    "U0FACI": "facilitator",
    "U0COOR": "coordinator",
    "U0LEAD": "lead_provider",
    "U0ADMI": "administrator",
}
NOW = "2022-06-16T09:00:00+01:00"
AT_ONCE = (1, 16)
LONGEST = 3.0  # seconds that Slack waits
PARTICIPANTS = (
    "participant_id,full_name,course,cohort,delivery_partner,email,trn,school,application_status,"
    "contract_returned_on,sponsorship_returned_on"
)
ACTIVITIES = "participant_id,block,component,title,credits,completed_on,logged_by"
AGAIN = """
import os, subprocess, sys
from bot import background
if sys.argv[2] == "at-risk":
    background.give_way()
while not os.path.exists(sys.argv[1]):
    subprocess.run([sys.executable, "-c", "from bot.cli import main; main()", *sys.argv[2:]], stdout=-3, check=True)
"""
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
    ratios = run(chosen.people, chosen.requests, chosen.rounds, chosen.seed)
    print(
        f"\n{chosen.people:,} people, seed {chosen.seed}, {chosen.rounds} rounds of {chosen.requests:,} answers, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores"
    )
    for ratio in ratios:
        print(ratio.line())
    return 0 if all(ratio.reached for ratio in ratios) else 1


def run(people: int, requests: int, rounds: int, seed: int) -> list[Ratio]:
    """Everything that is compared, one after the other."""
    with tempfile.TemporaryDirectory(prefix="npq-bench-") as name:
        folder, chance = Path(name), random.Random(seed)
        print(f"a caseload of {people:,} people through the importers, seed {seed} …", file=sys.stderr)
        names = caseload(folder, people, chance)
        with servers(folder) as running:
            resting = {server: memory(running[server].process) for server in running}
            took = asyncio.run(measure(running, names, requests, rounds, chance))
            loaded = {server: memory(running[server].process) for server in running}
            print("and while a sweep and an import run …", file=sys.stderr)
            idle, busy = beside_work(running[BOT], folder, names, requests, rounds, chance)
        return [
            *answered(took),
            *under_load(idle, busy),
            *remembered(resting, loaded),
            started(folder, rounds, chance.choice(names)),
        ]


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
    for user, role in USERS.items():
        staffing.add_staff(
            office,
            Actor.console("benchmark"),
            platform="slack",
            platform_id=user,
            name=role,
            role=role,
            partner=None,
            now=datetime.now(UTC),
        )
    engine.dispose()
    return names


@contextmanager
def _csv(path: Path, header: str) -> Iterator[Any]:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(f"{header}\n")
        yield csv.writer(file)


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
    here = [sys.executable, "-m", "benchmarks.slash", "--serve-empty"]
    ports = {name: _free_port() for name in (EMPTY, EMPTY_BEFORE, BOT)}
    commands = {
        EMPTY: [*here, "documented", "--port", str(ports[EMPTY])],
        EMPTY_BEFORE: [*here, "before", "--port", str(ports[EMPTY_BEFORE])],
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
            _wait_for(port)
        _wait_until_settled(said[BOT])
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


@dataclass(slots=True)
class Took:
    """What one server took at one number at once: seconds per answer, and answers per second of each round."""

    seconds: list[float]
    rates: list[float]


async def measure(
    running: dict[str, Running], names: Sequence[str], requests: int, rounds: int, chance: random.Random
) -> dict[tuple[str, int], Took]:
    """By server and how many at once. A first, shorter round warms each up and is not counted."""
    took = {(name, at_once): Took([], []) for name in running for at_once in AT_ONCE}
    asked = asking(names, chance)
    for round_number in range(rounds + 1):
        order = list(took)
        chance.shuffle(order)
        for name, at_once in order:
            count = requests if round_number else 100
            seconds, rate = await one_round(running[name].port, asked, count, at_once, answers=name == BOT)
            if round_number:
                took[name, at_once].seconds += seconds
                took[name, at_once].rates.append(rate)
    return took


def asking(names: Sequence[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    """Who asks about whom, without end: everybody once in random order, then everybody again in another."""
    users = cycle(USERS)
    while True:
        for who in chance.sample(names, len(names)):
            yield next(users), who


async def one_round(
    port: int, asked: Iterator[tuple[str, str]], count: int, at_once: int, *, answers: bool
) -> tuple[list[float], float]:
    """Seconds per answer, and answers per second."""
    requests = [_request(*next(asked)) for _ in range(count)]
    began = time.perf_counter()
    shares = await asyncio.gather(*(one_client(port, requests[place::at_once], answers) for place in range(at_once)))
    return [seconds for share in shares for seconds in share], count / (time.perf_counter() - began)


async def one_client(port: int, requests: Sequence[bytes], answers: bool) -> list[float]:
    """One connection that asks one after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken = []
    for request in requests:
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


def _request(user: str, who: str) -> bytes:
    body = urlencode(
        {
            "command": "/npq",
            "text": f"status {who}",
            "user_id": user,
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


def beside_work(
    bot: Running, folder: Path, names: Sequence[str], requests: int, rounds: int, chance: random.Random
) -> tuple[list[float], list[float]]:
    """Seconds per answer, one at a time: at rest, and while a sweep and an import run; turn by turn."""
    idle: list[float] = []
    busy: list[float] = []
    asked = asking(names, chance)
    for _ in range(rounds):
        idle += asyncio.run(one_round(bot.port, asked, requests, 1, answers=True))[0]
        with work(folder):
            busy += asyncio.run(one_round(bot.port, asked, requests, 1, answers=True))[0]
        _wait_until_idle(bot.process.pid)
    return idle, busy


@contextmanager
def work(folder: Path) -> Iterator[None]:
    """While entered: `npq at-risk` for everybody and an import of the activities, over and over, giving way."""
    stop = folder / "stop"
    loops = [
        subprocess.Popen(
            [sys.executable, "-c", AGAIN, str(stop), *arguments],
            env=surroundings(folder),
            stdout=subprocess.DEVNULL,
        )
        for arguments in (["at-risk", "--json"], ["import", str(folder / "activities.csv"), "--json"])
    ]
    time.sleep(2)  # until both have read what they need
    try:
        yield
    finally:
        stop.touch()
        codes = [loop.wait(timeout=120) for loop in loops]
        stop.unlink()
        if any(codes):
            raise SystemExit("the work beside the questions failed")


def memory(process: subprocess.Popen[bytes]) -> float:
    """Megabytes that a process holds."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000


def started(folder: Path, rounds: int, who: str) -> Ratio:
    """`npq status` as a process beside what importing SQLModel alone takes."""
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_run([sys.executable, "-c", "from bot.cli import main; main()", "status", who, "--json"], folder))
        theirs.append(_run([sys.executable, "-c", "import sqlmodel"], folder))
    said = f"{median(ours) * 1000:.0f} ms / {median(theirs) * 1000:.0f} ms"
    return Ratio(
        "npq status as a process", 'python -c "import sqlmodel"', median(ours) / median(theirs), 2.0, said=said
    )


def _run(command: list[str], folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=surroundings(folder), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def answered(took: dict[tuple[str, int], Took]) -> list[Ratio]:
    """How long an answer takes, and how many are given in a second."""
    found = []
    for name, most in ((EMPTY, 0.06), (EMPTY_BEFORE, 1.5)):
        ours, theirs = _share(took[BOT, 1].seconds, 0.5), _share(took[name, 1].seconds, 0.5)
        found.append(
            Ratio("/npq status, 1 at a time: p50", name, ours / theirs, most, said=f"{ours:.2f} / {theirs:.2f} ms")
        )
    for name, least in ((EMPTY_BEFORE, 0.7), (EMPTY, 1.6)):
        rates, others = median(took[BOT, 16].rates), median(took[name, 16].rates)
        said = f"{rates:,.0f} / {others:,.0f} per second"
        found.append(Ratio("/npq status, 16 at once: rate", name, rates / others, least, at_least=True, said=said))
    return found


def under_load(idle: Sequence[float], busy: Sequence[float]) -> list[Ratio]:
    """The slow end, at rest and beside work."""
    ours, theirs, worst = _share(busy, 0.99), _share(idle, 0.99), max(busy)
    return [
        Ratio(
            "slash p99 while a sweep and an import run",
            "idle",
            ours / theirs,
            2.0,
            said=f"{ours:.2f} / {theirs:.2f} ms",
        ),
        Ratio("the slowest of them", "Slack's 3 s", worst / LONGEST, 1.0, said=f"{worst * 1000:.0f} ms"),
    ]


def remembered(resting: dict[str, float], loaded: dict[str, float]) -> list[Ratio]:
    """What the web process holds."""
    return [
        Ratio(
            f"web process memory, {when}",
            EMPTY_BEFORE,
            held[BOT] / held[EMPTY_BEFORE],
            1.5,
            said=f"{held[BOT]:.0f} / {held[EMPTY_BEFORE]:.0f} MB",
        )
        for when, held in (("after its start", resting), ("after load", loaded))
    ]


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


def _wait_until_idle(pid: int) -> None:
    """After an import the bot finishes its answers anew; what is measured at rest is how it answers from then on."""
    deadline, calm, last = time.monotonic() + 60, 0, -1
    while calm < 6 and time.monotonic() < deadline:
        time.sleep(0.5)
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        used = int(fields[11]) + int(fields[12])
        calm = calm + 1 if used - last <= 1 else 0
        last = used


if __name__ == "__main__":
    raise SystemExit(main())
