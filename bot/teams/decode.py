"""What Teams sends, as the neutral requests of the conversation. Pure: no network, no clock, no database.

A press arrives as an `adaptiveCard/action` invoke from Action.Execute, or as a message with a `value` from Action.Submit:
one decoder reads both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.conversation import verbs
from bot.conversation.requests import Command, Lookup, Origin, Press, Submit, event_id_of
from bot.conversation.verbs import Call
from bot.teams import limits
from bot.teams.card_data_names import CALL, FOUND, HERE, NOBODY, PEOPLE, PERSON, POST
from bot.teams.incoming import id_shapes, typed_words

Activity = Mapping[str, Any]
Kind = Literal["personal", "groupChat", "channel", "unknown"]

_OURS = frozenset({CALL, PERSON, POST, FOUND, HERE, "npq_on", "msteams"})  # what is not a field of a form
_NO_FILES = re.compile(
    r"text/.*|.*[rR]eference|application/vnd\.microsoft\.card\..*"
)  # what else is attached to messages


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an activity comes from: enough to answer there, and to come back later."""

    conversation: str  # without the message that a thread hangs from
    thread: str  # with it, as it came
    kind: Kind  # "unknown": others may read along
    service_url: str
    tenant: str
    bot: str
    person: str  # the sender's id in Entra, else the platform's own for them
    person_here: str  # the platform's own id for them
    name: str = ""

    @property
    def private(self) -> bool:
        """Whether nobody else reads along."""
        return self.kind == "personal"


def spot(activity: Activity) -> Spot:
    """Where it comes from."""
    conversation, sender = _part(activity, "conversation"), _part(activity, "from")
    thread = _text(conversation, "id")
    tenant = _text(conversation, "tenantId") or _text(_part(_part(activity, "channelData"), "tenant"), "id")
    here = _text(sender, "id")
    return Spot(
        conversation=thread.partition(";")[0],
        thread=thread,
        kind=_kind(activity, conversation, thread.partition(";")[0]),
        service_url=_text(activity, "serviceUrl").rstrip("/"),
        tenant=tenant,
        bot=_text(_part(activity, "recipient"), "id"),
        person=_text(sender, "aadObjectId") or here,
        person_here=here,
        name=_text(sender, "name"),
    )


def _kind(activity: Activity, conversation: Mapping[str, Any], its_id: str) -> Kind:
    """Personal is only what Teams calls so, where nothing else in the activity says that others read along."""
    said = conversation.get("conversationType")
    if said == "groupChat" or said == "channel":
        return said  # type: ignore[no-any-return]
    beside = _part(activity, "channelData")
    in_a_team = any(_text(_part(beside, name), "id") for name in ("team", "channel")) or _text(beside, "teamsChannelId")
    shared = conversation.get("isGroup") or in_a_team
    return "personal" if said == "personal" and not shared and id_shapes.can_be_alone(its_id) else "unknown"


def organisations(activity: Activity) -> frozenset[str]:
    """The tenants that an activity names: its conversation's, and the one beside it."""
    beside = _part(_part(activity, "channelData"), "tenant")
    return frozenset({_text(_part(activity, "conversation"), "tenantId"), _text(beside, "id")} - {""})


def command(activity: Activity) -> Command:
    """A message to the bot, or one that mentions it: what stands beside the mention is read like a command."""
    return Command(_origin(activity, _event("message", activity)), typed(activity), file=_with_file(activity))


def identity(activity: Activity) -> str:
    """What tells an activity from all others, however often it is delivered; "" where it has no id."""
    return _event("activity", activity, _text(activity, "type"))


def typed(activity: Activity) -> str:
    """What somebody typed, without the mention of the bot and what they quote."""
    return typed_words.words_of(activity)


def from_a_bot(activity: Activity) -> bool:
    """Whether no person wrote it."""
    sender = _part(activity, "from")
    return _text(sender, "role").lower() in ("bot", "skill") or _text(sender, "id").startswith("28:")


def pressed(activity: Activity) -> Mapping[str, Any] | None:
    """What an action carries together with its card's inputs; None where the activity is no press.

    It stands in `value.action.data` of an Execute, in `value` of a Submit, in `value.data` of a dialog.
    """
    value = activity.get("value")
    if not isinstance(value, Mapping):
        return None
    action = value.get("action")
    if isinstance(action, Mapping):
        value = action
    elif activity.get("type") == "message":
        return value
    data = value.get("data")
    return data if isinstance(data, Mapping) else {}


def post(data: Mapping[str, Any]) -> str | None:
    """The tag of the reminder that a button stands on, where it stands on one."""
    tag = data.get(POST)
    return tag if id_shapes.is_id(tag) and len(str(tag)) <= limits.TAG else None


def press(activity: Activity, data: Mapping[str, Any]) -> Press | Submit:
    """A button pressed or a form sent. The same form sent again with the same values is the same event."""
    encoded = _text(data, CALL)
    call = verbs.decode_action("", encoded)
    if call.verb == verbs.FIND:
        call = _found(_text(data, FOUND))
    elif verbs.is_form(call.verb):
        values = {name: value for name, value in data.items() if name not in _OURS and isinstance(value, str)}
        here, filled = spot(activity), json.dumps(values, sort_keys=True)
        event_id = event_id_of("form", here.thread, here.person, _text(activity, "replyToId"), encoded, filled)
        return Submit(_origin(activity, event_id), call, values)
    elif PERSON in data:
        call = _about(call, _text(data, PERSON))
    return Press(_origin(activity, _event("press", activity, encoded)), call)


def lookup(activity: Activity) -> Lookup | None:
    """Letters typed into a type-ahead input of people; None where the input is another."""
    value = _part(activity, "value")
    dataset, _, verb = _text(value, "dataset").partition(":")
    if dataset != PEOPLE:
        return None
    return Lookup(_origin(activity, ""), _text(value, "queryText"), verb if verbs.is_known(verb) else verbs.STATUS)


def searched(activity: Activity) -> Lookup:
    """Letters typed into the search of the message extension."""
    parameters = _part(activity, "value").get("parameters")
    first = parameters[0] if isinstance(parameters, list) and parameters and isinstance(parameters[0], Mapping) else {}
    return Lookup(_origin(activity, ""), "" if first.get("name") == "initialRun" else _text(first, "value"))


def written_at(activity: Activity) -> str:
    """When the message was written that the message extension is to act on, as Teams says it."""
    return _text(_part(_part(activity, "value"), "messagePayload"), "createdDateTime")


def _with_file(activity: Activity) -> bool:
    """Whether a file or a picture came along. What is quoted, a card, and the words once more as HTML are none."""
    kinds = [_text(each, "contentType") for each in typed_words.attached(activity)]
    return any(kind and not _NO_FILES.fullmatch(kind) for kind in kinds) or typed_words.shows_a_picture(activity)


def _found(chosen: str) -> Call:
    """Who was chosen while typing; where a client offers nobody, what was typed is looked up."""
    call = verbs.decode_action("", chosen)
    if call.verb != verbs.UNKNOWN:
        return call
    return Call(verbs.SAY, words=f"status {'' if chosen == NOBODY else chosen}".strip())


def _about(call: Call, chosen: str) -> Call:
    """A press in a row of buttons that stands for several people, with the one who was chosen."""
    try:
        participant, output, revision, *more = json.loads(chosen)
        [course] = more or [None]  # posts from before somebody could take several courses do not say it
    except (ValueError, RecursionError, TypeError):
        return Call(verbs.UNKNOWN)
    # through the one decoder: it believes no type
    return verbs.decode_action(
        "", verbs.encode(replace(call, participant=participant, output=output, revision=revision, course=course))
    )


def _origin(activity: Activity, event_id: str) -> Origin:
    here = spot(activity)
    return Origin("teams", here.person, here.conversation, event_id, alias=here.person_here)


def _event(kind: str, activity: Activity, *more: str) -> str:
    """An id is an activity's own within its conversation alone: others may have theirs from the same millisecond."""
    its_id, here = _text(activity, "id"), spot(activity)
    return event_id_of(kind, here.thread, here.person_here, its_id, *more) if its_id else ""


def _part(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = given.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""
