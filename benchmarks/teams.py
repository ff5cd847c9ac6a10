"""From message to reply in Teams: `status` beside the SDK's bare echo, both with tokens checked against the same keys.

    python -m benchmarks.teams [--people 5000] [--requests 600] [--rounds 5] [--seed 7]

A stand-in for Microsoft's services (keys, sign-in, the Connector) runs in this process and takes every reply. The bot and the
echo, as the SDK's own documentation has it, are processes of their own. Signed messages go to each in turn; one is done when its
reply has been posted and the request answered. The echo gets its outgoing token for nothing. Good for comparing within one run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from aiohttp import web

from benchmarks.chatting import asking, one_client
from benchmarks.measuring import Ratio
from benchmarks.roster import USERS, caseload
from benchmarks.serving import NOW, Running, free_port, wait_for, wait_until_settled

APP, TENANT = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
ECHO, BOT = "the SDK's bare echo", "status in Teams"
AT_ONCE = 16


class World:
    """Microsoft's side: keys, sign-in, the Connector."""

    def __init__(self, port: int) -> None:
        import jwt
        from cryptography.hazmat.primitives.asymmetric import rsa

        self.url = f"http://127.0.0.1:{port}"
        self.replies = 0
        self._port = port
        key = rsa.generate_private_key(65537, 2048)
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
        self._keys = {"keys": [{**public, "kid": "k1", "use": "sig", "alg": "RS256", "endorsements": ["msteams"]}]}
        now = int(time.time())
        claims = {
            "iss": "https://api.botframework.com",
            "aud": APP,
            "serviceurl": self.url,
            "nbf": now,
            "exp": now + 7200,
        }
        self._token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"})

    async def serve(self) -> web.AppRunner:
        """Answers until the runner is cleaned up."""
        app = web.Application()
        app.router.add_get("/v1/.well-known/keys", self._give_keys)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._give_token)
        app.router.add_post("/v3/conversations/{conversation}/activities", self._take_reply)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        return runner

    def message(self, user: str, text: str, number: int) -> bytes:
        """A signed message in somebody's own chat, as a whole HTTP request."""
        body = json.dumps(
            {
                "type": "message",
                "id": f"m{number}",
                "text": text,
                "channelId": "msteams",
                "serviceUrl": self.url,
                "from": {"id": f"29:{user}", "aadObjectId": _in_entra(user), "name": "Somebody"},
                "recipient": {"id": f"28:{APP}", "name": "NPQ"},
                "conversation": {"id": f"a:{user}", "conversationType": "personal", "tenantId": TENANT},
                "channelData": {"tenant": {"id": TENANT}},
            }
        )
        return (
            f"POST /api/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    async def _give_keys(self, _: web.Request) -> web.Response:
        return web.json_response(self._keys)

    async def _give_token(self, _: web.Request) -> web.Response:
        return web.json_response({"access_token": "benchmark", "expires_in": 3600})

    async def _take_reply(self, request: web.Request) -> web.Response:
        await request.read()
        self.replies += 1
        return web.json_response({"id": f"r{self.replies}"}, status=201)


def run(people: int, requests: int, rounds: int, seed: int) -> list[Ratio]:
    """Both, round by round in a shuffled order."""
    with tempfile.TemporaryDirectory(prefix="npq-bench-") as name:
        folder, chance = Path(name), random.Random(seed)
        print(f"a caseload of {people:,} people through the importers, seed {seed} …", file=sys.stderr)
        names = caseload(folder, people, chance)
        _let_in(folder)
        rates = asyncio.run(_measure(folder, names, requests, rounds, chance))
    ours, theirs = median(rates[BOT]), median(rates[ECHO])
    said = f"{ours:,.0f} / {theirs:,.0f} per second"
    sizes = f"{people:,} people, {AT_ONCE} at once"
    return [Ratio("Teams: message → reply", ECHO, ours / theirs, 0.7, at_least=True, said=said, sizes=sizes)]


async def _measure(
    folder: Path, names: Sequence[str], requests: int, rounds: int, chance: random.Random
) -> dict[str, list[float]]:
    world = World(free_port())
    runner = await world.serve()
    rates: dict[str, list[float]] = {ECHO: [], BOT: []}
    asked, number = asking(names, chance), 0
    try:
        with _servers(folder, world.url) as running:
            for port in [each.port for each in running.values()]:
                await asyncio.to_thread(wait_for, port)
            await asyncio.to_thread(wait_until_settled, folder / "bot.log")
            for round_number in range(rounds + 1):
                for name in chance.sample(list(rates), len(rates)):
                    count = requests if round_number else 64
                    messages = []
                    for _ in range(count):
                        user, who = next(asked)
                        number += 1
                        messages.append(world.message(user, f"status {who}", number))
                    before, began = world.replies, time.perf_counter()
                    port = running[name].port
                    await asyncio.gather(
                        *(one_client(port, messages[at::AT_ONCE], answers=False) for at in range(AT_ONCE))
                    )
                    took = time.perf_counter() - began
                    assert world.replies - before == count, "a message was not answered once"
                    if round_number:
                        rates[name].append(count / took)
    finally:
        await runner.cleanup()
    return rates


@contextmanager
def _servers(folder: Path, world: str) -> Iterator[dict[str, Running]]:
    ports = {ECHO: free_port(), BOT: free_port()}
    commands = {
        ECHO: [sys.executable, "-m", "benchmarks.teams", "--echo", str(ports[ECHO]), world],
        BOT: [sys.executable, "-c", "from bot.app import serve; from bot.settings import Settings; serve(Settings())"],
    }
    settings = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder}/npq.db",
        "NPQ_NOW": NOW,
        "PORT": str(ports[BOT]),
        "TEAMS_CLIENT_ID": APP,
        "TEAMS_CLIENT_SECRET": "benchmark",
        "TEAMS_TENANT_ID": TENANT,
        "TEAMS_OPENID_URL": f"{world}/v1/.well-known/openidconfiguration",
        "TEAMS_LOGIN_URL": world,
    }
    logs = {ECHO: folder / "echo.log", BOT: folder / "bot.log"}
    running = {
        name: Running(subprocess.Popen(command, env=settings, stderr=logs[name].open("w")), ports[name])
        for name, command in commands.items()
    }
    try:
        yield running
    finally:
        for each in running.values():
            each.process.terminate()
        for each in running.values():
            each.process.wait(timeout=10)


def serve_echo(port: int, world: str) -> None:
    """The SDK's echo on its own server, with its own check of tokens."""
    import jwt
    import uvicorn
    from fastapi import FastAPI
    from microsoft_teams.api.auth.cloud_environment import PUBLIC, with_overrides
    from microsoft_teams.apps import ActivityContext, App, FastAPIAdapter

    fast = FastAPI()
    ours = jwt.encode({"appid": APP, "exp": 4102444800}, "x" * 32, algorithm="HS256")
    cloud = with_overrides(PUBLIC, openid_metadata_url=f"{world}/v1/.well-known/openidconfiguration")
    adapter = FastAPIAdapter(app=fast)
    app = App(
        http_server_adapter=adapter, client_id=APP, tenant_id=TENANT, cloud=cloud, token=lambda scope, tenant: ours
    )

    @app.on_message
    async def echo(ctx: ActivityContext[Any]) -> None:
        await ctx.send(f"You said: {ctx.activity.text}")

    async def main() -> None:
        await app.initialize()
        config = uvicorn.Config(fast, host="127.0.0.1", port=port, log_config=None, access_log=False)
        await uvicorn.Server(config).serve()

    asyncio.run(main())


def _in_entra(user: str) -> str:
    """Somebody's object id."""
    return str(uuid5(NAMESPACE_OID, user))


def _let_in(folder: Path) -> None:
    from bot.platforms import IDS
    from core.database.database import open_database
    from core.derived.installation import Installation
    from core.services.staff import staffing
    from core.services.staff.actors import Actor
    from reference.loading import load_pack

    installation = Installation(open_database(f"sqlite:///{folder}/npq.db"), load_pack("edt-v18"), platforms=IDS)
    for user, role in USERS.items():
        staffing.add_staff(
            installation,
            Actor.console("benchmark"),
            platform="teams",
            platform_id=_in_entra(user),
            name=role,
            role=role,
            partner=None,
            now=datetime.now(UTC),
        )
    installation.engine.dispose()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the comparison and prints its line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--requests", type=int, default=600, help="per server and round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--echo", nargs=2, metavar=("PORT", "URL"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.echo:
        serve_echo(int(chosen.echo[0]), chosen.echo[1])
        return 0
    (ratio,) = run(chosen.people, chosen.requests, chosen.rounds, chosen.seed)
    print(ratio.line())
    return 0 if ratio.reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
