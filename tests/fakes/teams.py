"""A strict Teams on loopback: the Bot Connector as far as the bot uses it, over real sockets, in its own threads.

It believes nothing: tokens, rosters, blocks, sizes, rates and cards are checked here, by rules written for this fake alone.
What goes wrong on purpose is asked for with `trouble`; what was refused as no card stands in `complaints`.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote

from tests.fakes.listening import Listener, answer, drop, wait_out
from tests.fakes.teams_cards import CARD_TYPE, MOST_BYTES, card_complaints, size
from tests.fakes.teams_login import Login

Kind = Literal["personal", "groupChat", "channel"]
RATES = ((7, 1.0), (8, 2.0), (60, 30.0))  # so many calls in so many seconds, to one conversation

TroubleKind = Literal[
    "status", "status_after", "hang_up_before", "hang_up_after", "late", "late_after", "raw", "raw_after"
]


@dataclass(frozen=True)
class Member:
    """Somebody in the tenant: their id in Entra, and the other one that Teams has for them."""

    aad: str
    here: str
    name: str


@dataclass
class Conversation:
    """A chat or channel, who is in it, and what the bot's activities in it look like now."""

    id: str
    kind: Kind
    members: list[Member] = field(default_factory=list)
    bot_in: bool = True
    blocked: bool = False
    activities: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """One call as it came in: "open", "post", "update", "delete", "token" or "keys"; what it was answered (None: nothing)."""

    what: str
    where: str
    body: dict[str, Any]
    status: int | None
    at: float


@dataclass(frozen=True)
class Trouble:
    """What goes wrong with a call."""

    kind: TroubleKind
    value: Any = None
    retry_after: int | None = None
    code: str | None = None
    about: str = ""


class FakeTeams:
    """One tenant with one app. Use as a context manager."""

    def __init__(self, *, rates: bool = False) -> None:
        self.login = Login()
        self.rates = rates
        self.people: dict[str, Member] = {}
        self.installed: set[str] = set()  # aad ids of those who have the app for themselves
        self.conversations: dict[str, Conversation] = {}
        self.calls: list[Call] = []
        self.complaints: list[str] = []
        self._troubles: defaultdict[str, deque[Trouble]] = defaultdict(deque)
        self._paced: defaultdict[str, deque[float]] = defaultdict(deque)
        self._numbers = 1_655_000_000_000
        self._region = "uk"
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._servers: list[Listener] = []

    # what a test arranges

    def person(self, aad: str, name: str, *, installed: bool = True) -> Member:
        """Somebody in the tenant; the app is installed for them unless said otherwise."""
        member = self.people[aad] = Member(aad, f"29:1{aad}", name)
        if installed:
            self.installed.add(aad)
        return member

    def chat(self, conversation_id: str, kind: Kind, *members: str, bot_in: bool = True) -> Conversation:
        """A conversation with these people."""
        found = Conversation(conversation_id, kind, [self.people[aad] for aad in members], bot_in)
        self.conversations[conversation_id] = found
        return found

    def trouble(
        self,
        what: str,
        kind: TroubleKind,
        value: Any = None,
        *,
        times: int = 1,
        retry_after: int | None = None,
        code: str | None = None,
        about: str = "",
    ) -> None:
        """The next calls of a kind go wrong, those that say `about`.

        status / status_after: HTTP status `value` with error `code`, without effect or although it took effect.
        hang_up_before / hang_up_after: the connection drops before or after it took effect. late / late_after: `value`
        seconds pass, or an event is waited for, before or after. raw / raw_after: the bytes `value` are all that comes back.
        """
        self._troubles[what].extend(Trouble(kind, value, retry_after, code, about) for _ in range(times))

    def move(self) -> str:
        """From now on the Connector listens elsewhere, and at its old address nobody does; the new address."""
        old = self._servers.pop()
        self._region = f"{self._region}2"
        self._servers.append(Listener(self._connector))
        old.close()
        return self.service_url

    # what a test looks at

    def said(self, conversation_id: str) -> list[dict[str, Any]]:
        """The bot's activities that stand in a conversation now, oldest first."""
        with self._lock:
            return [dict(activity) for activity in self.conversations[conversation_id].activities]

    def personal(self, aad: str) -> Conversation | None:
        """The chat of somebody with the bot, where there is one."""
        with self._lock:
            alone = [c for c in self.conversations.values() if c.kind == "personal" and c.members[0].aad == aad]
            return alone[-1] if alone else None

    def called(self, what: str) -> list[Call]:
        """Every call of one kind so far."""
        with self._lock:
            return [call for call in self.calls if call.what == what]

    def wait_until(self, holds: Callable[[], bool], seconds: float = 5.0) -> bool:
        """Waits until something holds that calls to this Teams bring about."""
        end = time.monotonic() + seconds
        with self._changed:
            while not holds():
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, 0.05))
            return True

    # the servers: one for sign-in and keys, one for the Connector

    @property
    def login_url(self) -> str:
        return self._servers[0].address

    @property
    def openid_url(self) -> str:
        return f"{self.login_url}/v1/.well-known/openidconfiguration"

    @property
    def service_url(self) -> str:
        """As activities name it: with a slash at its end."""
        return f"{self._servers[-1].address}/{self._region}/{self.login.tenant}/"

    def __enter__(self) -> FakeTeams:
        self._servers = [Listener(self._sign_in), Listener(self._connector)]
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()

    def _sign_in(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        path = request.path
        if path == "/v1/.well-known/openidconfiguration":
            return answer(request, 200, {"issuer": "https://api.botframework.com", "jwks_uri": self._keys_url})
        if path == "/v1/.well-known/keys":
            return self._answered(request, "keys", "", {}, lambda: (200, self.login.keys()))
        tenant, _, rest = path.removeprefix("/").partition("/")
        if rest == "oauth2/v2.0/token" and request.command == "POST":
            form = dict(parse_qsl(body.decode()))
            return self._answered(request, "token", tenant, {}, lambda: self.login.token(tenant, form))
        return answer(request, 404, {"error": "not_found"})

    @property
    def _keys_url(self) -> str:
        return f"{self.login_url}/v1/.well-known/keys"

    def _connector(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        prefix = f"/{self._region}/{self.login.tenant}/v3/conversations"
        path = request.path.partition("?")[0]
        parts = [unquote(part) for part in path.removeprefix(prefix).strip("/").split("/") if part]
        what = {("POST", 0): "open", ("POST", 2): "post", ("PUT", 3): "update", ("DELETE", 3): "delete"}.get(
            (request.command, len(parts))
        )
        if not path.startswith(prefix) or what is None or (parts and parts[1] != "activities"):
            self.complaints.append(f"{request.command} {request.path}: no such address")
            return answer(request, 404, {"message": "No HTTP resource was found that matches the request URI."})
        try:
            given = json.loads(body or b"{}")
        except ValueError:
            return answer(request, 400, _error("BadSyntax"))
        where = parts[0] if parts else ""
        authorization = request.headers.get("Authorization") or ""
        return self._answered(request, what, where, given, lambda: self._do(what, authorization, parts, given))

    def _answered(
        self,
        request: BaseHTTPRequestHandler,
        what: str,
        where: str,
        given: dict[str, Any],
        do: Callable[[], tuple[int, dict[str, Any]]],
    ) -> None:
        trouble = self._trouble_with(what, given)
        kind, before = (trouble.kind, not trouble.kind.endswith("_after")) if trouble else ("", False)
        if trouble is not None and kind == "late":
            wait_out(trouble.value)
            before = False
        status, body = (0, {}) if before else do()
        headers: dict[str, str] = {}
        if trouble is not None and kind.startswith("status"):
            status, body = int(trouble.value), _error(trouble.code or f"Http{trouble.value}")
            if trouble.retry_after is not None:
                headers["Retry-After"] = str(trouble.retry_after)
        elif status == 429:
            headers["Retry-After"] = str(body.pop("wait", 1))
        if trouble is not None and kind == "late_after":
            wait_out(trouble.value)
        unsaid = kind.startswith(("hang_up", "raw"))
        with self._changed:
            self.calls.append(Call(what, where, given, None if unsaid else status, time.monotonic()))
            self._changed.notify_all()
        if trouble is not None and unsaid:
            if kind.startswith("raw"):
                request.wfile.write(trouble.value)
            drop(request)
        else:
            answer(request, status, body, headers)

    def _trouble_with(self, what: str, given: Mapping[str, Any]) -> Trouble | None:
        """What goes wrong with the call that has just come in."""
        with self._lock:
            waiting = self._troubles[what]
            if not waiting or waiting[0].about not in json.dumps(given, ensure_ascii=False):
                return None
            return waiting.popleft()

    # what the Connector does

    def _do(self, what: str, authorization: str, parts: list[str], given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            if not self.login.good(authorization):
                return 401, _error("Unauthorized")
            try:
                if what == "open":
                    return self._open(given)
                found = self._reachable(parts[0])
                if what == "post":
                    return self._post(found, parts[0], given)
                standing = next((a for a in found.activities if a["id"] == parts[2]), None)
                if standing is None:
                    raise _No(404, "ActivityNotFoundInConversation")
                if what == "delete":
                    found.activities.remove(standing)
                    return 200, {}
                fresh = self._checked(found, given)
                standing.clear()
                standing.update(fresh, id=parts[2], edited=True)
                return 200, {"id": parts[2]}
            except _No as no:
                return no.status, _error(no.code) | no.more

    def _open(self, given: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        members = given.get("members") or []
        if len(members) != 1 or given.get("isGroup"):
            raise _No(400, "BadSyntax")
        wanted = members[0].get("id")
        member = next((p for p in self.people.values() if wanted in (p.aad, p.here)), None)
        tenants = {given.get("tenantId"), ((given.get("channelData") or {}).get("tenant") or {}).get("id")} - {None}
        if member is None or tenants != {self.login.tenant}:
            raise _No(400, "BadArgument")
        self._bot_is_ours(given.get("bot"))
        if member.aad not in self.installed:
            raise _No(403, "BotNotInConversationRoster")
        found = self.personal(member.aad)
        if found is None:
            self._numbers += 1
            found = self.chat(f"a:1{self._numbers}", "personal", member.aad)
        self._keep_pace(found)
        return 201, {"id": found.id, "serviceUrl": self.service_url}

    def _reachable(self, conversation_id: str) -> Conversation:
        found = self.conversations.get(conversation_id.partition(";")[0])
        if found is None:
            raise _No(404, "ConversationNotFound")
        if found.blocked:
            raise _No(403, "MessageWritesBlocked")
        if not found.bot_in or (found.kind == "personal" and found.members[0].aad not in self.installed):
            raise _No(403, "BotNotInConversationRoster")
        return found

    def _post(self, found: Conversation, address: str, given: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        fresh = self._checked(found, given)
        self._keep_pace(found)
        self._numbers += 1
        thread = address.partition(";messageid=")[2]
        found.activities.append({**fresh, "id": str(self._numbers), **({"thread": thread} if thread else {})})
        return 201, {"id": str(self._numbers)}

    def _checked(self, found: Conversation, given: Mapping[str, Any]) -> dict[str, Any]:
        if given.get("type") != "message":
            raise _No(400, "BadSyntax")
        self._bot_is_ours(given.get("from"))
        if given.get("conversation", {}).get("id", found.id).partition(";")[0] != found.id:
            raise _No(400, "BadArgument")
        attached = given.get("attachments") or []
        if not attached and not str(given.get("text") or "").strip():
            raise _No(400, "BadSyntax")
        if len(str(given.get("text") or "")) > MOST_BYTES:
            raise _No(413, "MessageSizeTooBig")
        for each in attached:
            if each.get("contentType") != CARD_TYPE:
                raise _No(400, "BadArgument")
            if size(each["content"]) > MOST_BYTES:
                raise _No(413, "MessageSizeTooBig")
            if complaints := card_complaints(each["content"]):
                self.complaints += complaints
                raise _No(400, "BadArgument")
        return {key: given[key] for key in ("type", "text", "textFormat", "summary", "attachments") if given.get(key)}

    def _bot_is_ours(self, given: Any) -> None:
        if given and given.get("id") != f"28:{self.login.client_id}":
            raise _No(403, "BotNotInConversationRoster")

    def _keep_pace(self, found: Conversation) -> None:
        """Refuses what comes too fast; what was refused does not count."""
        now, before = time.monotonic(), self._paced[found.id]
        for most, seconds in RATES if self.rates else ():
            if len(before) >= most and now - before[-most] < seconds:
                raise _No(429, "TooManyRequests", wait=math.ceil(seconds - (now - before[-most])))
        before.append(now)


class _No(Exception):
    def __init__(self, status: int, code: str, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.more = more


def _error(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": f"Fake: {code}"}}
