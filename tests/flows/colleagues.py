"""People at their Teams: activities as the Bot Connector sends them in, what each of them sees out."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.fakes.teams import Conversation, FakeTeams, Member
from tests.fakes.teams_cards import (
    MOST_BYTES,
    Json,
    actions,
    card_complaints,
    card_of,
    inputs,
    labels,
    near,
    size,
    takes_inputs,
    words,
)

_numbers = itertools.count(1_655_000_000_001)


@dataclass(frozen=True)
class Shown:
    """What somebody sees: a card or words, and the activity that it stands in."""

    on: str  # the conversation
    id: str
    card: Json | None = None
    text: str = ""

    @property
    def words(self) -> str:
        return self.text if self.card is None else words(self.card)

    @property
    def title(self) -> str:
        """What stands at its head."""
        return self.words.splitlines()[0]

    @property
    def buttons(self) -> list[str]:
        """What can be pressed, but for the one that takes what was typed ahead."""
        return [label for label in labels(self.card or {}) if label != "Go"]

    @property
    def wrong(self) -> tuple[str, ...]:
        """What is said at the fields of a form."""
        return tuple(line.removeprefix("⚠ ") for line in self.words.splitlines() if line.startswith("⚠ "))


def shown(conversation: str, activity: Json) -> Shown:
    """An activity as it stands in a conversation."""
    card = card_of(activity) if activity.get("attachments") else None
    return Shown(conversation, activity["id"], card, activity.get("text", ""))


@dataclass
class Colleague:
    """Someone in the tenant. `bot`: the address of the bot's web process; `old`: their client knows Action.Submit alone."""

    teams: FakeTeams
    bot: str
    member: Member
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=20, verify=False))
    old: bool = False

    def __enter__(self) -> Colleague:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    # what everybody does, in Slack as well (`Person`)

    def asks(self, text: str) -> Shown:
        """Types a command; the private answer."""
        return self.says(text)

    def chooses(self, what: Shown, label: str, about: str = "") -> Shown:
        """Presses a button, about or beside somebody where there are several; what they see then."""
        asked = inputs(what.card or {}).values() if about else ()
        if any(each["label"].startswith("Whom") for each in asked):
            return self.presses(what, label, submit=self.old, whom=about)
        return self.presses(what, label, submit=self.old, near=about)

    def picks(self, what: Shown, typed: str) -> Shown:
        """Takes whom the type-ahead input finds first; what they see then."""
        return self.presses(what, "Go", submit=self.old, find=typed)

    def finds(self, what: Shown, typed: str) -> list[str]:
        """Types into the type-ahead input; whom it offers."""
        return [label for label, _ in self.looks_up(what, typed)]

    def turns(self, page: Shown, label: str) -> Shown:
        """Turns a page; the one that takes its place."""
        turned = self.chooses(page, label)
        assert turned.id == page.id
        return turned

    def fills(self, form: Shown, button: str, **values: str) -> Shown:
        """Fills the form's inputs (by the start of their label, `_` for a blank) and sends it; what stands there then."""
        return self.presses(form, button, submit=self.old, **values)

    # what is Teams' own

    def says(self, text: str, *, to: str | None = None) -> Shown:
        """Writes to the bot, in their own chat or (mentioning it) elsewhere; the last answer in their own chat."""
        before = self._heard()
        answer = self.sends(self.message(text, to=to))
        assert answer.status_code == 200, (answer.status_code, answer.text)
        heard = self.hears(before)
        assert heard, "no answer came"
        return heard[-1]

    def hears(self, before: int = 0) -> list[Shown]:
        """What the bot wrote in their own chat, all of it or after the first few."""
        chat = self.teams.personal(self.member.aad)
        return [] if chat is None else [shown(chat.id, each) for each in self.teams.said(chat.id)[before:]]

    def presses(
        self, what: Shown, label: str, *, near: str = "", submit: bool = False, twice: bool = False, **values: str
    ) -> Shown:
        """Presses a button, inputs filled in (by the start of their label, `_` for a blank); what they see then.

        `submit`: on a client that knows Action.Submit alone. A card that comes back stands where the old one stood.
        """
        given = self.press(what, label, near=near, submit=submit, **values)
        before, stood = self._heard(), self._standing(what)
        answer = self.sends(given)
        if twice:
            answer = self.sends(given)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        if not submit:
            return self._executed(what, answer.json(), before)
        assert not answer.text
        now = self._standing(what)
        if now is not None and now != stood:
            return now
        heard = self.hears(before)
        assert heard, "nothing was said"
        return heard[-1]

    def is_told(self, what: Shown, label: str, *, near: str = "", submit: bool = False, **values: str) -> str:
        """Presses, and gives the words that they see then."""
        return self.presses(what, label, near=near, submit=submit, **values).words

    def looks_up(self, what: Shown, typed: str) -> list[tuple[str, str]]:
        """Types into the card's type-ahead input: labels and values."""
        assert what.card is not None
        asked = next(each for each in inputs(what.card).values() if "choices.data" in each)
        value = {
            "queryText": typed,
            "queryOptions": {"skip": 0, "top": 15},
            "dataset": asked["choices.data"]["dataset"],
        }
        answer = self.sends(self.invoke("application/search", value, on=what.on or None, reply_to=what.id))
        assert answer.status_code == 200, answer.text
        said = answer.json()
        assert (said["statusCode"], said["type"]) == (200, "application/vnd.microsoft.search.searchResponse")
        return [(each["title"], each["value"]) for each in said["value"]["results"]]

    def dialog(self, name: str, value: Json) -> Shown:
        """Asks the message extension for something; the dialog that opens, or the words it ends with."""
        answer = self.sends(self.invoke(name, value))
        assert answer.status_code == 200, answer.text
        task = answer.json()["task"]
        if task["type"] == "message":
            return Shown("", "", None, task["value"])
        card = task["value"]["card"]["content"]
        assert card_complaints(card, dialog=True) == []
        return Shown("", "", card)

    def goes_on(self, what: Shown, label: str, **values: str) -> Shown:
        """Presses a button of a dialog."""
        data = {**button(what, label)["data"], **self._inputs(what, values)}
        return self.dialog(
            "composeExtension/submitAction", {"commandId": "x", "commandContext": "message", "data": data}
        )

    def installs(self, *, on: str | None = None) -> httpx.Response:
        """Adds the app for themselves, or to a chat or team."""
        self.teams.installed.add(self.member.aad)
        return self.sends(self.activity(on, type="installationUpdate", action="add"))

    # activities

    def activity(self, on: str | None = None, **more: Any) -> dict[str, Any]:
        """An activity of theirs, from their own chat or another conversation."""
        chat = self._conversation(on)
        number = str(next(_numbers))
        conversation: dict[str, Any] = {
            "id": chat.id,
            "conversationType": chat.kind,
            "tenantId": self.teams.login.tenant,
        }
        channel: dict[str, Any] = {"tenant": {"id": self.teams.login.tenant}}
        if chat.kind != "personal":
            conversation["isGroup"] = True
        if chat.kind == "channel":
            conversation["id"] += f";messageid={more.get('replyToId', number)}"
            channel |= {"team": {"id": "19:team@thread.tacv2"}, "channel": {"id": chat.id}, "teamsChannelId": chat.id}
        return {
            "id": number,
            "channelId": "msteams",
            "serviceUrl": self.teams.service_url,
            "timestamp": "2022-06-16T08:30:00.000Z",
            "from": {"id": self.member.here, "name": self.member.name, "aadObjectId": self.member.aad},
            "recipient": {"id": f"28:{self.teams.login.client_id}", "name": "NPQ"},
            "conversation": conversation,
            "channelData": channel,
            "locale": "en-GB",
            **more,
        }

    def message(self, text: str, *, to: str | None = None) -> dict[str, Any]:
        """Words to the bot; where others read along they mention it."""
        more: dict[str, Any] = {}
        if to is not None and self._conversation(to).kind != "personal":
            mention = {"type": "mention", "mentioned": {"id": f"28:{self.teams.login.client_id}", "name": "NPQ"}}
            text, more = f"<at>NPQ</at>\N{NO-BREAK SPACE}{text}", {"entities": [{**mention, "text": "<at>NPQ</at>"}]}
        return self.activity(to, type="message", textFormat="plain", text=text, **more)

    def invoke(self, name: str, value: Json, *, on: str | None = None, reply_to: str = "") -> dict[str, Any]:
        """What a client asks for and shows the answer to."""
        more = {"replyToId": reply_to} if reply_to else {}
        return self.activity(on, type="invoke", name=name, value=dict(value), **more)

    def press(self, what: Shown, label: str, *, near: str = "", submit: bool = False, **values: str) -> dict[str, Any]:
        """The activity of such a press. A client sends none where an input that is required was left empty."""
        action = button(what, label, near)
        assert not values or takes_inputs(action), f"“{label}” takes no inputs along"
        data = {**action["data"], **(self._inputs(what, values) if takes_inputs(action) else {})}
        if submit or action["type"] == "Action.Submit":
            return self.activity(what.on, type="message", value=data, replyToId=what.id)
        execute = {"type": "Action.Execute", "title": label, "verb": action["verb"], "data": data}
        value = {"action": execute, "trigger": "manual"}
        return self.invoke("adaptiveCard/action", value, on=what.on, reply_to=what.id)

    def sends(self, activity: Any, *, token: str | None = None, **claims: Any) -> httpx.Response:
        """Sends an activity as the Connector does; `claims` as `Login.signed` takes them; `token` in place of its own ("": none)."""
        proof = self.teams.login.signed(self.teams.service_url, **claims) if token is None else token
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        headers: dict[str, Any] = {"Content-Type": "application/json"}
        if proof:
            headers["Authorization"] = f"Bearer {proof}".encode("latin-1")
        return self.http.post(f"{self.bot}/api/messages", content=body, headers=headers)

    # within

    def _conversation(self, on: str | None) -> Conversation:
        if on is not None:
            return self.teams.conversations[on]
        chat = self.teams.personal(self.member.aad)
        return chat or self.teams.chat(f"a:{self.member.aad}", "personal", self.member.aad)

    def _heard(self) -> int:
        return len(self.hears())

    def _standing(self, what: Shown) -> Shown | None:
        found = [each for each in self.teams.said(what.on) if each["id"] == what.id]
        return shown(what.on, found[0]) if found else None

    def _executed(self, what: Shown, said: Mapping[str, Any], before: int) -> Shown:
        assert said["statusCode"] == 200, said
        if said["type"] == "application/vnd.microsoft.card.adaptive":
            assert card_complaints(said["value"]) == []
            assert size(said["value"]) <= MOST_BYTES
            return Shown(what.on, what.id, said["value"])
        assert said["type"] == "application/vnd.microsoft.activity.message"
        assert isinstance(said["value"], str)
        heard = self.hears(before)
        return heard[-1] if heard else Shown(what.on, what.id, None, said["value"])

    def _inputs(self, what: Shown, values: Mapping[str, str]) -> dict[str, str]:
        """What the client adds to an action's data: every input of the card."""
        assert what.card is not None
        left = {label.replace("_", " ").casefold(): value for label, value in values.items()}
        found: dict[str, str] = {}
        for name, each in inputs(what.card).items():
            wanted = next((key for key in left if each["label"].casefold().startswith(key)), None)
            value = str(each.get("value", "")) if wanted is None else self._chosen(what, each, left.pop(wanted))
            assert value or not each.get("isRequired"), f"the client asks for “{each['label']}” first"
            if value:
                found[name] = value
        assert not left, f"the card has no {list(left)}: {[each['label'] for each in inputs(what.card).values()]}"
        return found

    def _chosen(self, what: Shown, asked: Json, wanted: str) -> str:
        if asked["type"] != "Input.ChoiceSet" or not wanted:
            return wanted
        if "choices.data" in asked:
            offered = self.looks_up(what, wanted)
            return next(value for _, value in offered)
        offered = [(choice["title"], choice["value"]) for choice in asked["choices"]]
        fitting = [value for title, value in offered if wanted in (title, value)]
        assert fitting, f"no choice “{wanted}” among {offered}"
        return str(fitting[0])


def button(what: Shown, label: str, beside: str = "") -> Json:
    """The button that says this."""
    assert what.card is not None, what.text
    where = near(what.card, beside) if beside else what.card
    found = [action for action in actions(where) if action["title"] == label]
    assert found, f"no button says “{label}”, only {[action['title'] for action in actions(where)]}"
    return found[0]
