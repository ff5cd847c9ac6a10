"""Socket Mode over a real WebSocket: the bot dials out, hears and answers there."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from bot.slack.receive import Slack
from tests.fakes.slack import words
from tests.flows.conftest import House

COMMAND = {
    "command": "/npq",
    "text": "status p-001",
    "user_id": "U0COORD",
    "team_id": "T1",
    "channel_id": "C0TEAM",
    "trigger_id": "1.1",
}
SUGGESTION = {
    "type": "block_suggestion",
    "user": {"id": "U0COORD"},
    "team": {"id": "T1"},
    "action_id": "pick:status",
    "block_id": "b",
    "value": "jane",
}
UNKNOWN = {"type": "shortcut", "callback_id": "x", "user": {"id": "U0COORD"}}
ENVELOPES = [("slash_commands", COMMAND), ("interactive", UNKNOWN), ("interactive", SUGGESTION)]


async def test_what_comes_by_socket_mode_is_answered_there(house: House) -> None:
    heard: dict[str, Any] = {}
    complete = asyncio.Event()

    async def opens(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer xapp-1"
        return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{server.port}/link"})

    async def link(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        for number, (kind, payload) in enumerate(ENVELOPES):
            await socket.send_json({"type": kind, "envelope_id": f"e{number}", "payload": payload})
        async for message in socket:
            if message.type == WSMsgType.TEXT and message.data.startswith("{"):
                answer = json.loads(message.data)
                heard[answer["envelope_id"]] = answer.get("payload")
                if {"e0", "e2"} <= heard.keys():
                    complete.set()
        return socket

    service = web.Application()
    service.add_routes([web.post("/api/apps.connections.open", opens), web.get("/link", link)])
    async with TestServer(service) as server:
        slack = Slack(
            house.installation,
            house.settings.clock,
            bot_token="xoxb-1",
            signing_secret=None,
            app_token="xapp-1",
            api_url=str(server.make_url("/api/")),
            not_ready=lambda: None,
            redraw_posts=lambda: None,
        )
        async with slack.running():
            await asyncio.wait_for(complete.wait(), 20)
    assert "Jane Smith" in words(heard["e0"])
    assert heard["e0"]["response_type"] == "ephemeral"
    assert [option["text"]["text"] for option in heard["e2"]["options"]]
    assert "e1" not in heard, "nobody asked for this, so nobody says that it was done"


def test_a_web_process_loads_nothing_that_it_does_not_need() -> None:
    """Each of these takes it 2 to 12 MB for as long as it runs."""
    heavy = ("httpx", "alembic", "rich", "microsoft_teams", "apscheduler")
    code = f"import sys, bot.app, bot.slack.receive; print([name for name in {heavy!r} if name in sys.modules])"
    house = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=house, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
