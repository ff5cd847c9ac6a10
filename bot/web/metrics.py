"""What `GET /metrics` says, in Prometheus' text format: the outbox as it stands, and this web process's answers.

Platforms, states and codes only: nobody's name, no channel, no Delivery Partner.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.posts.lateness import health
from core.posts.outbox import STATES
from core.posts.outbox_overview import counted
from core.services.installation import DATABASE_FAILS, Installation

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 3.0)  # seconds; Slack waits for three

Sample = tuple[str, Mapping[str, str], float]


class AnswerTimes:
    """Counts the requests to an app and how long their answers took. Wraps it only while metrics are asked for."""

    def __init__(self, app: ASGIApp, paths: Iterable[str]) -> None:
        self._app = app
        self._paths = frozenset(paths)
        self._counted: Counter[tuple[str, str]] = Counter()
        self._took: Counter[tuple[str, float]] = Counter()
        self._sum: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"] if scope["path"] in self._paths else "other"
        status, began = "500", time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            took = time.perf_counter() - began
            self._counted[path, status] += 1
            self._took[path, next((bound for bound in BOUNDS if took <= bound), float("inf"))] += 1
            self._sum[path] += took  # type: ignore[assignment]

    def families(self) -> Iterator[str]:
        """What was counted so far."""
        counted = [
            ("npq_http_requests_total", {"path": p, "status": s}, n) for (p, s), n in sorted(self._counted.items())
        ]
        yield from _family("npq_http_requests_total", "counter", "Requests answered by this process.", counted)
        name, samples = "npq_http_answer_seconds", []
        for path in sorted(self._sum):
            so_far = 0
            for bound in (*BOUNDS, float("inf")):
                so_far += self._took[path, bound]
                label = "+Inf" if bound == float("inf") else f"{bound:g}"
                samples.append((f"{name}_bucket", {"path": path, "le": label}, so_far))
            samples.append((f"{name}_sum", {"path": path}, self._sum[path]))
            samples.append((f"{name}_count", {"path": path}, so_far))
        yield from _family(name, "histogram", "How long this process took to answer.", samples)


def metrics(installation: Installation, now: datetime, answers: AnswerTimes) -> str:
    """The whole page. Without a database it says so, and tells of this process alone."""
    lines = list(answers.families())
    try:
        lines += _delivery(installation, now)
        up = 1
    except DATABASE_FAILS:
        up = 0
    lines += _family("npq_database_up", "gauge", "Whether the database answered.", [("npq_database_up", {}, up)])
    return "\n".join(lines) + "\n"


def _delivery(installation: Installation, now: datetime) -> list[str]:
    found = health(installation, now)
    messages, sent, refused = counted(installation)
    counts = {(p, s): n for p, s, n in messages}
    platforms = sorted({platform for platform, _ in counts})
    late = (now - found.late_since).total_seconds() if found.late_since is not None else 0
    stamps = {
        "npq_last_plan_timestamp_seconds": ("When something was last planned.", found.last_planned),
        "npq_last_delivery_timestamp_seconds": ("When a post last went out.", found.last_sent),
    }
    lines = [
        *_family(
            "npq_messages",
            "gauge",
            "Messages by platform and state.",
            [("npq_messages", {"platform": p, "state": s}, counts.get((p, s), 0)) for p in platforms for s in STATES],
        ),
        *_family(
            "npq_late_messages",
            "gauge",
            "Messages that are more than a working hour late.",
            [("npq_late_messages", {}, len(found.late) + len(found.unplanned))],
        ),
        *_family(
            "npq_oldest_late_seconds",
            "gauge",
            "How long ago the longest late message was due; 0 when none is late.",
            [("npq_oldest_late_seconds", {}, late)],
        ),
        *_family(
            "npq_posts_sent_total",
            "counter",
            "Posts that went out.",
            [("npq_posts_sent_total", {"platform": p}, n) for p, n in sent],
        ),
        *_family(
            "npq_posts_refused_total",
            "counter",
            "Posts that a platform did not take or that did not reach it, by its code or the bot's.",
            [("npq_posts_refused_total", {"platform": p, "reason": r}, n) for p, r, n in refused],
        ),
    ]
    for name, (means, at) in stamps.items():
        lines += _family(name, "gauge", means, [(name, {}, at.timestamp())] if at is not None else [])
    return lines


def _family(name: str, kind: str, means: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {means}"
    yield f"# TYPE {name} {kind}"
    for sample, labels, value in samples:
        inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"{sample}{{{inside}}} {value:.17g}" if inside else f"{sample} {value:.17g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
