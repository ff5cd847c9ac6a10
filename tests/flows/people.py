"""People at their Slack, and the bot's web process they reach: signed requests in, what they see out."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import uvicorn
from starlette.applications import Starlette

from tests.fakes.slack import FakeSlack, Whisper, controls, words
from tests.fakes.slack_blocks import message_complaints, options_complaints, view_complaints


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """The app behind a real uvicorn on a free loopback port; gives its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started:
            assert time.monotonic() < deadline, "the app did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


def signed(secret: str, body: str, *, seconds_ago: float = 0) -> dict[str, str]:
    """The headers with which Slack proves that a request is its own."""
    stamp = str(int(time.time() - seconds_ago))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


@dataclass
class Person:
    """Someone in the workspace. What comes back is what they see."""

    slack: FakeSlack
    bot: str  # the address of the bot's web process
    id: str
    channel: str = "C0TEAM"
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10))

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def says(self, command: str) -> Whisper:
        """Types a slash command; the private answer in the reply's body, or whispered within five seconds."""
        word, _, text = command.partition(" ")
        before = len(self.slack.whispers)
        answer = self.post(
            "application/x-www-form-urlencoded",
            urlencode(
                {
                    "command": word,
                    "text": text,
                    "user_id": self.id,
                    "user_name": "someone",
                    "team_id": "T1",
                    "channel_id": self.channel,
                    "trigger_id": self.slack.trigger(),
                    "response_url": self.slack.response_url(self.id),
                    "api_app_id": "A1",
                }
            ),
        )
        assert answer.status_code == 200, (answer.status_code, answer.text)
        if answer.text:
            message = answer.json()
            assert message.get("response_type", "ephemeral") == "ephemeral", "the answer would be public"
            assert message_complaints(message) == []
            return Whisper(self.id, message)
        assert self.slack.wait_until(lambda: len(self.slack.whispers) > before), "no answer came"
        return self.slack.whispers[-1]

    def presses(
        self, message: Mapping[str, Any], label: str, *, near: str = "", twice: bool = False, trigger: str | None = None
    ) -> httpx.Response:
        """Presses the button (or overflow entry, or menu entry) with this label; `near`: within the block that says so."""
        body = self.press(message, label, near=near, trigger=trigger)
        answer = self.interacts(body)
        return self.interacts(body) if twice else answer

    def press(
        self, message: Mapping[str, Any], label: str, *, near: str = "", trigger: str | None = None
    ) -> dict[str, Any]:
        """The payload of such a press."""
        action = self._control(message, label, near)
        return {
            "type": "block_actions",
            "user": {"id": self.id, "team_id": "T1"},
            "team": {"id": "T1"},
            "api_app_id": "A1",
            **self._surface(message),
            "trigger_id": trigger or self.slack.trigger(),
            "actions": [{"action_ts": f"{time.time():.6f}", **action}],
            "state": {"values": {}},
        }

    def opens(self, message: Mapping[str, Any], label: str, *, near: str = "") -> dict[str, Any]:
        """Presses, and gives the form that opens."""
        before = len(self.slack.opened)
        answer = self.presses(message, label, near=near)
        assert answer.status_code == 200, answer.text
        assert self.slack.wait_until(lambda: len(self.slack.opened) > before), "no form opened"
        return self.slack.opened[-1]

    def is_told(self, message: Mapping[str, Any], label: str, *, near: str = "") -> str:
        """Presses, and gives the words whispered back."""
        before = len(self.slack.whispers)
        answer = self.presses(message, label, near=near)
        assert answer.status_code == 200, answer.text
        assert self.slack.wait_until(lambda: len(self.slack.whispers) > before), "nothing was said"
        whisper = self.slack.whispers[-1]
        assert whisper.user == self.id
        return whisper.words

    def submits(self, view: Mapping[str, Any], *, twice: bool = False, **values: str | None) -> dict[str, Any]:
        """Fills the form's fields (by the start of their label, `_` for a blank) and submits it; Slack's answer."""
        body = self.submission(view, **values)
        answer = self.interacts(body)
        if twice:
            answer = self.interacts(body)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json() if answer.text else {}
        if "view" in said:
            assert view_complaints(said["view"]) == []
        fields = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
        assert set(said.get("errors", {})) <= fields, "Slack shows errors only on input blocks"
        return said

    def submission(self, view: Mapping[str, Any], **values: str | None) -> dict[str, Any]:
        """The payload of such a submission."""
        state: dict[str, dict[str, Any]] = {}
        left = {label.replace("_", " ").casefold(): value for label, value in values.items()}
        for block in view["blocks"]:
            if block["type"] != "input":
                continue
            element, label = block["element"], block["label"]["text"].casefold()
            wanted = next((key for key in left if label.startswith(key)), None)
            chosen = left.pop(wanted) if wanted is not None else _initial(element)
            state[block["block_id"]] = {element["action_id"]: _filled(element, chosen)}
        assert not left, (
            f"the form has no {list(left)}: {[b['label']['text'] for b in view['blocks'] if b['type'] == 'input']}"
        )
        return {
            "type": "view_submission",
            "user": {"id": self.id, "team_id": "T1"},
            "team": {"id": "T1"},
            "api_app_id": "A1",
            "trigger_id": self.slack.trigger(),
            "view": {**view, "state": {"values": state}},
            "response_urls": [],
        }

    def looks_up(self, where: Mapping[str, Any], typed: str) -> list[str]:
        """Types into a type-ahead menu; the labels it offers."""
        menu = next(control for control in controls(where) if control["type"] == "external_select")
        answer = self.interacts(
            {
                "type": "block_suggestion",
                "user": {"id": self.id},
                "team": {"id": "T1"},
                "api_app_id": "A1",
                "action_id": menu["action_id"],
                "block_id": menu["block_id"],
                "value": typed,
                "view": dict(where),
            }
        )
        assert answer.status_code == 200, answer.text
        assert options_complaints(answer.json()) == []
        return [option["text"]["text"] for option in answer.json()["options"]]

    def interacts(self, payload: Mapping[str, Any]) -> httpx.Response:
        """Sends an interaction's payload."""
        return self.post("application/x-www-form-urlencoded", urlencode({"payload": json.dumps(payload)}))

    def event(self, event: Mapping[str, Any], *, event_id: str | None = None, retry: int = 0) -> httpx.Response:
        """Sends an event of the Events API."""
        body = {
            "type": "event_callback",
            "team_id": "T1",
            "api_app_id": "A1",
            "event_id": event_id or "Ev" + secrets.token_hex(5),
            "event": {"user": self.id, "channel": self.channel, "ts": f"{time.time():.6f}", **event},
        }
        extra = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
        return self.post("application/json", json.dumps(body), **extra)

    def post(
        self, content_type: str, body: str, *, seconds_ago: float = 0, secret: str | None = None, **headers: str
    ) -> httpx.Response:
        """A signed request to /slack/events."""
        proof = signed(secret or self.slack.signing_secret, body, seconds_ago=seconds_ago)
        return self.http.post(
            f"{self.bot}/slack/events", content=body, headers={"Content-Type": content_type, **proof, **headers}
        )

    def _surface(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Where a press happens: in a form, on a post, or on an answer that this person alone sees."""
        if shown.get("type") == "modal":
            return {"container": {"type": "view", "view_id": shown["id"]}, "view": dict(shown)}
        whispered = "ts" not in shown
        return {
            "container": {
                "type": "message",
                "message_ts": shown.get("ts", "1.1"),
                "channel_id": self.channel,
                "is_ephemeral": whispered,
            },
            "channel": {"id": self.channel},
            "response_url": self.slack.response_url(self.id),
            **({} if whispered else {"message": dict(shown)}),
        }

    def _control(self, message: Mapping[str, Any], label: str, near: str) -> dict[str, Any]:
        blocks = message["blocks"]
        if near:
            first = next(number for number, block in enumerate(blocks) if near in words({"blocks": [block]}))
            blocks = blocks[first:]
        for control in controls({"blocks": blocks}):
            base = {key: control[key] for key in ("type", "action_id", "block_id")}
            if control["type"] == "button" and control["text"]["text"] == label:
                return {**base, "text": control["text"], "value": control.get("value", "")}
            for option in control.get("options") or []:
                if option["text"]["text"] == label:
                    return {**base, "selected_option": option}
        raise AssertionError(f"nothing to press says “{label}”")


def errors(answer: Mapping[str, Any]) -> str:
    """The words that stand on the fields of a form that was sent back."""
    assert answer.get("response_action") == "errors", answer
    return "\n".join(answer["errors"].values())


def shown(answer: Mapping[str, Any]) -> str:
    """The words of the view that a form turned into."""
    assert answer.get("response_action") == "update", answer
    return words(answer["view"])


def _initial(element: Mapping[str, Any]) -> str | None:
    option = element.get("initial_option")
    if option is not None:
        return str(option["value"])
    value = element.get("initial_value") or element.get("initial_date")
    return None if value is None else str(value)


def _filled(element: Mapping[str, Any], value: str | None) -> dict[str, Any]:
    kind = element["type"]
    if kind == "datepicker":
        return {"type": kind, "selected_date": value}
    if kind in ("static_select", "radio_buttons", "external_select"):
        options = element.get("options") or [element.get("initial_option")]
        chosen = next((o for o in options if o and value in (o["value"], o["text"]["text"])), None)
        if chosen is None and value is not None:
            assert kind == "external_select", f"no option “{value}” among {[o['text']['text'] for o in options if o]}"
            chosen = {"text": {"type": "plain_text", "text": value}, "value": value}
        return {"type": kind, "selected_option": chosen}
    if kind == "plain_text_input" or kind == "number_input":
        return {"type": kind, "value": value}
    raise AssertionError(f"no hand for a {kind}")
