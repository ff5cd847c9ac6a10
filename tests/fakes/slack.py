"""A strict workspace on loopback: Slack's Web API as far as the bot uses it, over real sockets, in its own thread.

It believes nothing: tokens, scopes, membership, archived channels, blocks, lengths, rates and trigger ids are checked here,
by rules written for this fake alone. What goes wrong on purpose is asked for with `trouble`.
"""

from __future__ import annotations

import json
import math
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal
from urllib.parse import parse_qsl

from tests.fakes.listening import Listener, answer, drop, wait_out
from tests.fakes.slack_blocks import message_complaints, texts_of, view_complaints

TRIGGER_LASTS = 3.0  # seconds
RESPONSE_URL_USES = 5

SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.postEphemeral": "chat:write",
    "conversations.history": "channels:history",
}


@dataclass
class Channel:
    """A channel, with who is in it and what stands in it now."""

    id: str
    members: set[str] = field(default_factory=set)
    archived: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """One call of the Web API as it came in, with what it was answered (None: nothing was)."""

    method: str
    arguments: dict[str, Any]
    answer: dict[str, Any] | None
    at: float


@dataclass(frozen=True)
class Whisper:
    """Something that one person alone saw: an ephemeral message or an answer on a response_url."""

    user: str | None
    message: dict[str, Any]
    replaces: bool = False

    @property
    def words(self) -> str:
        """All its text, as a reader would see it."""
        return words(self.message)


TroubleKind = Literal[
    "hang_up_before",
    "hang_up_after",
    "hang_before",
    "hang_after",
    "late",
    "late_after",
    "status",
    "status_after",
    "error",
    "raw",
    "raw_after",
]


@dataclass
class Trouble:
    """What goes wrong with the next calls of a method."""

    kind: TroubleKind
    value: Any = None
    retry_after: int | None = None


class FakeSlack:
    """One workspace with one app installed. Use as a context manager; `api_url` is what SLACK_API_URL takes."""

    bot_user = "U0NPQBOT"

    def __init__(self, *, one_a_second: bool = False, a_minute: int | None = None, minute: float = 60.0) -> None:
        self.token: str = "xoxb-fake-" + secrets.token_hex(4)
        self.app_token = "xapp-fake-" + secrets.token_hex(4)
        self.signing_secret = secrets.token_hex(16)
        self.revoked = False
        self.scopes = {"chat:write", "commands", "channels:history", "groups:history"}
        self.one_a_second = one_a_second  # posts to one channel
        self.a_minute = a_minute  # posts to the whole workspace, in any minute
        self.minute = minute  # its seconds: less for those who have no time
        self.channels: dict[str, Channel] = {}
        self.views: dict[str, dict[str, Any]] = {}
        self.opened: list[dict[str, Any]] = []
        self.whispers: list[Whisper] = []
        self.calls: list[Call] = []
        self._troubles: defaultdict[str, deque[Trouble]] = defaultdict(deque)
        self._triggers: dict[str, float] = {}
        self._spent: set[str] = set()
        self._urls: dict[str, tuple[str | None, int]] = {}
        self._last_post: dict[str, float] = {}
        self._last_minute: deque[float] = deque()
        self._posted = 0
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._server: Listener | None = None

    # what a test arranges

    def channel(self, channel_id: str, *, bot_in: bool = True, archived: bool = False) -> Channel:
        """A new channel; the bot is in it unless said otherwise."""
        self.channels[channel_id] = Channel(channel_id, {self.bot_user} if bot_in else set(), archived)
        return self.channels[channel_id]

    def trouble(
        self,
        method: str,
        kind: TroubleKind,
        value: Any = None,
        *,
        times: int = 1,
        retry_after: int | None = None,
    ) -> None:
        """The next calls of a method go wrong.

        hang_up_before / hang_up_after: the connection drops before or after the call took effect. hang_before /
        hang_after: nothing is answered for `value` seconds, then the connection drops. late / late_after: `value`
        seconds pass, or an event is waited for, before or after it takes effect. status / status_after: HTTP status `value`,
        without effect or although it took effect. error: `ok: false` with code `value`, no effect. raw / raw_after: the
        bytes `value` are all that comes back, without effect or although it took effect.
        """
        self._troubles[method].extend(Trouble(kind, value, retry_after) for _ in range(times))

    def trigger(self) -> str:
        """A trigger id as Slack hands out with a press: once, for three seconds."""
        with self._lock:
            trigger_id = f"{secrets.randbelow(10**12)}.{secrets.token_hex(8)}"
            self._triggers[trigger_id] = time.monotonic() + TRIGGER_LASTS
            return trigger_id

    def response_url(self, user: str | None) -> str:
        """An address for answers that this person alone sees: five uses."""
        with self._lock:
            key = secrets.token_hex(8)
            self._urls[key] = (user, RESPONSE_URL_USES)
            return f"{self._root}/respond/{key}"

    # what a test looks at

    def said(self, channel_id: str) -> list[dict[str, Any]]:
        """The messages that stand in a channel now, oldest first."""
        with self._lock:
            return [dict(message) for message in self.channels[channel_id].messages]

    def called(self, method: str) -> list[Call]:
        """Every call of one method so far."""
        with self._lock:
            return [call for call in self.calls if call.method == method]

    def wait_until(self, holds: Callable[[], bool], seconds: float = 5.0) -> bool:
        """Waits until something holds that calls to this workspace bring about."""
        end = time.monotonic() + seconds
        with self._changed:
            while not holds():
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, 0.05))
            return True

    # the server

    @property
    def api_url(self) -> str:
        return f"{self._root}/api/"

    @property
    def _root(self) -> str:
        assert self._server is not None, "use the workspace as a context manager"
        return self._server.address

    def __enter__(self) -> FakeSlack:
        self._server = Listener(self._serve)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    def _serve(self, request: BaseHTTPRequestHandler, given: bytes) -> None:
        body = given.decode()
        path, _, query = request.path.partition("?")
        if path.startswith("/respond/"):
            self._respond(request, path.removeprefix("/respond/"), body)
            return
        if not path.startswith("/api/"):
            answer(request, 404, {"ok": False, "error": "not_found"})
            return
        method = path.removeprefix("/api/")
        arguments = _arguments(request, query, body)
        trouble = self._trouble_with(method)
        kind = trouble.kind if trouble is not None else None
        if trouble is not None and kind in ("late", "hang_before"):
            wait_out(trouble.value)
        if kind in ("hang_up_before", "hang_before"):
            self._record(method, arguments, None)
            drop(request)
            return
        headers: dict[str, str] = {}
        status = 200
        if trouble is not None and kind == "raw":
            self._record(method, arguments, None)
            _say(request, trouble.value)
            return
        if trouble is not None and kind == "status":
            status, said = _failing(trouble)
            if trouble.retry_after is not None:
                headers["Retry-After"] = str(trouble.retry_after)
        elif trouble is not None and kind == "error":
            said = {"ok": False, "error": trouble.value}
        else:
            token = (request.headers.get("Authorization") or "").removeprefix("Bearer ") or arguments.get("token")
            status, said, headers = self._do(method, token, arguments)
        if trouble is not None and kind == "status_after":
            status, said = _failing(trouble)
        self._record(method, arguments, said)
        if trouble is not None and kind in ("late_after", "hang_after"):
            wait_out(trouble.value)
        if kind in ("hang_up_after", "hang_after"):
            drop(request)
            return
        if trouble is not None and kind == "raw_after":
            _say(request, trouble.value)
            return
        answer(request, status, said, headers)

    def _trouble_with(self, method: str) -> Trouble | None:
        """What goes wrong with the call that has just come in."""
        with self._lock:
            return self._troubles[method].popleft() if self._troubles[method] else None

    def _record(self, method: str, arguments: dict[str, Any], answer: dict[str, Any] | None) -> None:
        arguments.pop("token", None)
        with self._changed:
            self.calls.append(Call(method, arguments, answer, time.monotonic()))
            self._changed.notify_all()

    # the methods

    def _do(self, method: str, token: Any, arguments: dict[str, Any]) -> tuple[int, dict[str, Any], dict[str, str]]:
        with self._lock:
            error = self._token_error(method, token)
            if error is not None:
                return 200, {"ok": False, "error": error}, {}
            handler = {
                "auth.test": self._auth_test,
                "chat.postMessage": self._post,
                "chat.update": self._update,
                "chat.postEphemeral": self._ephemeral,
                "conversations.history": self._history,
                "conversations.info": self._info,
                "views.open": self._open,
                "views.push": self._open,
                "views.update": self._update_view,
                "apps.connections.open": self._connect,
            }.get(method)
            if handler is None:
                return 200, {"ok": False, "error": "unknown_method"}, {}
            try:
                return 200, {"ok": True, **handler(arguments)}, {}
            except _No as no:
                answer: dict[str, Any] = {"ok": False, "error": no.error}
                if no.details:
                    answer["response_metadata"] = {"messages": no.details}
                if no.error == "ratelimited":
                    return 429, answer, {"Retry-After": str(no.retry_after)}
                return 200, answer, {}

    def _token_error(self, method: str, token: Any) -> str | None:
        if not token:
            return "not_authed"
        if method == "apps.connections.open":
            return None if token == self.app_token else "invalid_auth"
        if token != self.token:
            return "invalid_auth"
        if self.revoked:
            return "token_revoked"
        scope = SCOPES.get(method)
        if scope is not None and scope not in self.scopes:
            return "missing_scope"
        return None

    def _auth_test(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "team_id": "T1",
            "team": "Fake",
            "user_id": self.bot_user,
            "user": "npq",
            "bot_id": "B1",
            "url": "http://x/",
        }

    def _connect(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        raise _No("internal_error")  # no Socket Mode here

    def _reachable(self, arguments: Mapping[str, Any]) -> Channel:
        channel = self.channels.get(str(arguments.get("channel")))
        if channel is None:
            raise _No("channel_not_found")
        if channel.archived:
            raise _No("is_archived")
        if self.bot_user not in channel.members:
            raise _No("not_in_channel")
        return channel

    def _checked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        message = {key: arguments[key] for key in ("text", "blocks") if arguments.get(key) is not None}
        complaints = message_complaints(message)
        if complaints:
            first = complaints[0]
            raise _No(
                "no_text" if first == "no_text" else "invalid_blocks" if "blocks" in first else "msg_too_long",
                complaints,
            )
        return message

    def _post(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._reachable(arguments)
        message = self._checked(arguments)
        self._keep_pace(channel)
        metadata = arguments.get("metadata")
        if metadata is not None and (
            set(metadata) != {"event_type", "event_payload"} or not isinstance(metadata["event_payload"], dict)
        ):
            raise _No("invalid_metadata_format")
        self._posted += 1
        ts = f"{int(time.time())}.{self._posted:06d}"
        stored = {"type": "message", "user": self.bot_user, "bot_id": "B1", "ts": ts, **message}
        if metadata is not None:
            stored["metadata"] = metadata
        if arguments.get("thread_ts") is not None:
            stored["thread_ts"] = arguments["thread_ts"]
        channel.messages.append(stored)
        return {"channel": channel.id, "ts": stored["ts"], "message": stored}

    def _keep_pace(self, channel: Channel) -> None:
        """Refuses what comes too fast; what was refused does not count."""
        now = time.monotonic()
        if self.one_a_second and now - self._last_post.get(channel.id, -9.0) < 1.0:
            raise _No("ratelimited")
        while self._last_minute and now - self._last_minute[0] >= self.minute:
            self._last_minute.popleft()
        if self.a_minute is not None and len(self._last_minute) >= self.a_minute:
            raise _No("ratelimited", retry_after=math.ceil(self._last_minute[0] + self.minute - now))
        self._last_post[channel.id] = now
        self._last_minute.append(now)

    def _update(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._reachable(arguments)
        stored = next((m for m in channel.messages if m["ts"] == arguments.get("ts")), None)
        if stored is None:
            raise _No("message_not_found")
        stored.update(self._checked(arguments))
        stored["edited"] = {"user": self.bot_user}
        return {"channel": channel.id, "ts": stored["ts"], "text": stored.get("text", "")}

    def _ephemeral(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._reachable(arguments)
        if arguments.get("user") not in channel.members:
            raise _No("user_not_in_channel")
        self.whispers.append(Whisper(str(arguments["user"]), self._checked(arguments)))
        return {"message_ts": f"{time.time():.6f}"}

    def _history(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        channel = self.channels.get(str(arguments.get("channel")))
        if channel is None:
            raise _No("channel_not_found")
        if self.bot_user not in channel.members:
            raise _No("not_in_channel")
        oldest = float(arguments.get("oldest") or 0)
        limit = min(int(arguments.get("limit") or 100), 999)
        start = int(arguments.get("cursor") or 0)
        newest_first = [m for m in reversed(channel.messages) if float(m["ts"]) >= oldest]
        page = newest_first[start : start + limit]
        if str(arguments.get("include_all_metadata")).lower() not in ("true", "1"):
            page = [{key: value for key, value in m.items() if key != "metadata"} for m in page]
        more = start + limit < len(newest_first)
        return {
            "messages": page,
            "has_more": more,
            "response_metadata": {"next_cursor": str(start + limit) if more else ""},
        }

    def _info(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        channel = self.channels.get(str(arguments.get("channel")))
        if channel is None:
            raise _No("channel_not_found")
        return {
            "channel": {
                "id": channel.id,
                "is_member": self.bot_user in channel.members,
                "is_archived": channel.archived,
            }
        }

    def _open(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        trigger_id = str(arguments.get("trigger_id"))
        ends = self._triggers.get(trigger_id)
        if ends is None:
            raise _No("invalid_trigger_id" if trigger_id not in self._spent else "exchanged_trigger_id")
        if time.monotonic() > ends:
            raise _No("expired_trigger_id")
        view = self._checked_view(arguments)
        del self._triggers[trigger_id]
        self._spent.add(trigger_id)
        stored = {"id": f"V{len(self.views) + 1:08d}", "hash": secrets.token_hex(4), "state": {"values": {}}, **view}
        self.views[stored["id"]] = stored
        self.opened.append(stored)
        return {"view": stored}

    def _update_view(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        stored = self.views.get(str(arguments.get("view_id")))
        if stored is None:
            raise _No("not_found")
        if arguments.get("hash") not in (None, stored["hash"]):
            raise _No("hash_conflict")
        stored.update(self._checked_view(arguments), hash=secrets.token_hex(4))
        return {"view": stored}

    def _checked_view(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        view = arguments.get("view")
        if isinstance(view, str):
            view = json.loads(view)
        if not isinstance(view, dict):
            raise _No("invalid_arguments")
        complaints = view_complaints(view)
        if complaints:
            raise _No("invalid_arguments", complaints)
        return view

    def _respond(self, request: BaseHTTPRequestHandler, key: str, body: str) -> None:
        message = json.loads(body)
        trouble = self._trouble_with("response_url")
        if trouble is not None and not trouble.kind.endswith("_after"):
            status, said = _failing(trouble)
            self._record("response_url", message, said)
            wait = {} if trouble.retry_after is None else {"Retry-After": str(trouble.retry_after)}
            return answer(request, status, said, wait)
        with self._changed:
            user, left = self._urls.get(key, (None, 0))
            complaints = [] if message.get("delete_original") else message_complaints(message)
            if left <= 0:
                status, said = 404, {"ok": False, "error": "used_url"}
            elif complaints:
                status, said = 200, {"ok": False, "error": "invalid_blocks", "messages": complaints}
            else:
                status, said = 200, {"ok": True}
                self._urls[key] = (user, left - 1)
                if message.get("response_type", "ephemeral") == "ephemeral":
                    self.whispers.append(Whisper(user, message, bool(message.get("replace_original"))))
            self.calls.append(Call("response_url", message, said, time.monotonic()))
            self._changed.notify_all()
        if trouble is not None:
            status, said = _failing(trouble)
        answer(request, status, said)


class _No(Exception):
    def __init__(self, error: str, details: list[str] | None = None, *, retry_after: int = 1) -> None:
        super().__init__(error)
        self.error = error
        self.retry_after = retry_after
        self.details = details or []


def words(message: Mapping[str, Any]) -> str:
    """All the text in a message's or view's blocks (or its `text` without blocks), as a reader would see it."""
    blocks = message.get("blocks")
    shown = "\n".join(texts_of(blocks)) if blocks else str(message.get("text") or "")
    shown = shown.replace("\N{ZERO WIDTH SPACE}", "")
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def controls(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything that can be pressed or chosen in a message or view, with its block's id as `block_id`."""
    for block in message.get("blocks") or []:
        inside = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
        for element in inside:
            if isinstance(element, dict) and "action_id" in element:
                yield {**element, "block_id": block.get("block_id", "")}


@contextmanager
def workspace(*channels: str, one_a_second: bool = False, a_minute: int | None = None) -> Iterator[FakeSlack]:
    """A running workspace with these channels, the bot in each."""
    with FakeSlack(one_a_second=one_a_second, a_minute=a_minute) as slack:
        for channel_id in channels:
            slack.channel(channel_id)
        yield slack


def _arguments(request: BaseHTTPRequestHandler, query: str, body: str) -> dict[str, Any]:
    arguments: dict[str, Any] = dict(parse_qsl(query))
    if (request.headers.get("Content-Type") or "").startswith("application/json"):
        arguments.update(json.loads(body or "{}"))
    else:
        for key, value in parse_qsl(body):
            try:
                arguments[key] = json.loads(value) if value[:1] in "[{" else value
            except ValueError:
                arguments[key] = value
    return arguments


def _say(request: BaseHTTPRequestHandler, said: bytes) -> None:
    request.wfile.write(said)
    drop(request)


def _failing(trouble: Trouble) -> tuple[int, dict[str, Any]]:
    status = int(trouble.value)
    return status, {"ok": False, "error": "ratelimited" if status == 429 else "internal_error"}
