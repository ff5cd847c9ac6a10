"""Signed slash commands over kept-open connections, and how long each answer takes."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import urlencode

from benchmarks.roster import USERS
from benchmarks.serving import BOT, SECRET, Running

AT_ONCE = (1, 16)


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
