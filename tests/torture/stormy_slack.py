"""The strict workspace as a process of its own, with weather: while a storm blows, calls go wrong at random.

Started with a seed and channel ids; writes one line of JSON (its address and secrets), then serves until it is killed.
Besides Slack's Web API it answers `/control/…`: what it was told to do, and what it saw, which is the truth of a trial.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.fakes.listening import answer
from tests.fakes.slack import Call, FakeSlack, Trouble, words

# How often each fault befalls a call while a storm blows; the rest goes well.
STORM: tuple[tuple[float, str], ...] = (
    (0.05, "hang_up_before"),
    (0.07, "hang_up_after"),
    (0.05, "late"),
    (0.06, "late_after"),
    (0.05, "429"),
    (0.04, "500"),
    (0.04, "500_after"),
    (0.04, "ok_false"),
    (0.005, "hang_before"),
    (0.005, "hang_after"),
)
SILENT_FOR = 11.0  # seconds: longer than the bot waits for an answer


class StormySlack(FakeSlack):
    """The workspace, its weather, and the list of everything that was ever visibly posted."""

    def __init__(self, seed: int) -> None:
        super().__init__(one_a_second=True, a_minute=300)
        self.random = random.Random(seed)
        self.storm: dict[str, float] = {}
        self.befell: Counter[str] = Counter()
        self.posted: list[dict[str, Any]] = []

    def _trouble_with(self, method: str) -> Trouble | None:
        planned = super()._trouble_with(method)
        if planned is not None or not self.storm or not method.startswith(("chat.", "conversations.")):
            return planned
        with self._lock:
            dice, seconds = self.random.random(), self.random.uniform(0.05, 1.2)
            for kind, chance in self.storm.items():
                dice -= chance
                if dice < 0:
                    self.befell[f"{method} {kind}"] += 1
                    return _trouble(kind, seconds, self.random)
        return None

    def _post(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        done = super()._post(arguments)
        message = done["message"]
        token = message.get("metadata", {}).get("event_payload", {}).get("token")
        self.posted.append(
            {"channel": done["channel"], "ts": message["ts"], "text": message["text"], "token": token}
            | {"after": time.monotonic()}
        )
        return done

    def _serve(self, request: BaseHTTPRequestHandler, given: bytes) -> None:
        if not request.path.startswith("/control/"):
            super()._serve(request, given)
            return
        asked = json.loads(given or b"{}")
        with self._changed:
            answer(request, 200, self._control(request.path.removeprefix("/control/"), asked))

    def _control(self, what: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        match what:
            case "weather":
                self.storm = dict(asked["storm"])
            case "trouble":
                self.trouble(asked["method"], asked["kind"], asked.get("value"), times=asked.get("times", 1))
            case "seen":
                return {
                    "posted": self.posted,
                    "befell": self.befell,
                    "calls": Counter(call.method for call in self.calls),
                }
            case "answered":
                return {"calls": [[c.method, (c.answer or {}).get("error"), c.at] for c in self.calls]}
            case "said":
                return {"said": [{**m, "words": words(m)} for m in self.said(asked["channel"])]}
            case "trigger":
                return {"trigger": self.trigger()}
            case "response_url":
                return {"url": self.response_url(asked["user"])}
            case "opened":
                return {"opened": self.opened}
        return {}

    def _record(self, method: str, arguments: dict[str, Any], answer: dict[str, Any] | None) -> None:
        """Keeps who called what and what was answered, not the whole message: trials are long."""
        arguments.pop("token", None)
        with self._changed:
            kept = None if answer is None else {"ok": answer.get("ok"), "error": answer.get("error")}
            self.calls.append(Call(method, {"channel": arguments.get("channel")}, kept, time.monotonic()))
            self._changed.notify_all()


def _trouble(kind: str, seconds: float, dice: random.Random) -> Trouble:
    match kind:
        case "429":
            return Trouble("status", 429, retry_after=1)
        case "500":
            return Trouble("status", dice.choice((500, 502, 503)))
        case "500_after":
            return Trouble("status_after", 500)
        case "ok_false":
            return Trouble(
                "error", dice.choice(("fatal_error", "internal_error", "service_unavailable", "ratelimited"))
            )
        case "hang_before" | "hang_after":
            return Trouble(kind, SILENT_FOR)  # type: ignore[arg-type]
        case "late" | "late_after":
            return Trouble(kind, seconds)  # type: ignore[arg-type]
    return Trouble(kind)  # type: ignore[arg-type]


def main() -> None:
    """Serves until it is killed."""
    seed, *channels = sys.argv[1:]
    with StormySlack(int(seed)) as slack:
        for channel in channels:
            slack.channel(channel).members |= {"U0SAM"}
        told = {"url": slack.api_url, "token": slack.token, "signing_secret": slack.signing_secret}
        print(json.dumps(told), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
