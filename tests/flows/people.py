"""People at their Slack: signed requests to the bot in, what they see out."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.fakes.slack import FakeSlack, Whisper, controls, words
from tests.fakes.slack_blocks import message_complaints, options_complaints, view_complaints


@dataclass(frozen=True)
class Seen:
    """What somebody sees: a message, a form or a panel; what they have typed into it, and what was said at its fields."""

    view: Mapping[str, Any]
    typed: Mapping[str, str | None] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """All its text, as a reader would see it."""
        return "\n".join([words(self.view), *self.wrong])

    @property
    def title(self) -> str:
        """What stands above a form or panel."""
        return str(self.view["title"]["text"])

    @property
    def buttons(self) -> list[str]:
        """What can be pressed: buttons, and what a menu of them holds."""
        held = (control.get("options") or [control] for control in controls(self.view))
        return [each["text"]["text"] for inside in held for each in inside if "text" in each]


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

    # what everybody does, in Teams as well (`Colleague`)

    def asks(self, text: str) -> Seen:
        """Types a command; the private answer."""
        return Seen(self.says(f"/npq {text}").message)

    def chooses(self, what: Seen, label: str, about: str = "") -> Seen:
        """Presses a button, beside somebody's name where there are several; what they see then."""
        forms, whispers = len(self.slack.opened), len(self.slack.whispers)
        answer = self.presses(what.view, label, near=about)
        assert answer.status_code == 200, answer.text
        return self._sees(forms, whispers)

    def picks(self, what: Seen, typed: str) -> Seen:
        """Takes whom the type-ahead menu finds first; what they see then."""
        menu = next(control for control in controls(what.view) if control["type"] == "external_select")
        chosen = self._options(what.view, typed)[0]
        pressed = {**{key: menu[key] for key in ("type", "action_id", "block_id")}, "selected_option": chosen}
        forms, whispers = len(self.slack.opened), len(self.slack.whispers)
        assert self.interacts(self._pressed(what.view, pressed)).status_code == 200
        return self._sees(forms, whispers)

    def finds(self, what: Seen, typed: str) -> list[str]:
        """Types into the type-ahead menu; whom it offers."""
        return [option["text"]["text"] for option in self._options(what.view, typed)]

    def turns(self, page: Seen, label: str) -> Seen:
        """Turns a page; the one that takes its place."""
        before = len(self.slack.whispers)
        turned = self.chooses(page, label)
        assert self.slack.whispers[before].replaces
        return turned

    def fills(self, form: Seen, button: str, **values: str | None) -> Seen:
        """Fills the form's fields (by the start of their label, `_` for a blank) and sends it; what stands there then."""
        assert form.view["submit"]["text"] == button
        typed = {**form.typed, **values}
        answer = self.submits(form.view, **typed)
        if answer.get("response_action") == "errors":
            return Seen(form.view, typed, tuple(answer["errors"].values()))
        assert answer.get("response_action") == "update", answer
        return Seen({**answer["view"], "id": form.view["id"]})  # the view stays, and what is in it changes

    def _sees(self, forms: int, whispers: int) -> Seen:
        slack = self.slack
        assert slack.wait_until(lambda: len(slack.opened) > forms or len(slack.whispers) > whispers), (
            "nothing was shown"
        )
        if len(slack.opened) > forms:
            return Seen(slack.opened[-1])
        assert slack.whispers[whispers].user == self.id
        return Seen(slack.whispers[whispers].message)

    # what is Slack's own

    def says(self, command: str) -> Whisper:
        """Types a slash command; the private answer in the reply's body, or whispered within five seconds."""
        before = len(self.slack.whispers)
        answer = self.types(command)
        if answer.text:
            message = answer.json()
            assert message.get("response_type", "ephemeral") == "ephemeral", "the answer would be public"
            assert message_complaints(message) == []
            return Whisper(self.id, message)
        assert self.slack.wait_until(lambda: len(self.slack.whispers) > before), "no answer came"
        return self.slack.whispers[-1]

    def types(self, command: str) -> httpx.Response:
        """Types a slash command; what Slack is answered, which may be a receipt alone."""
        word, _, text = command.partition(" ")
        given = {
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
        answer = self.post("application/x-www-form-urlencoded", urlencode(given))
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer

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
        return self._pressed(message, self._control(message, label, near), trigger)

    def _pressed(
        self, message: Mapping[str, Any], action: Mapping[str, Any], trigger: str | None = None
    ) -> dict[str, Any]:
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

    def _options(self, where: Mapping[str, Any], typed: str) -> list[dict[str, Any]]:
        """What the type-ahead menu offers to somebody who types this."""
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
        options: list[dict[str, Any]] = answer.json()["options"]
        return options

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
