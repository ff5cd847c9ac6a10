"""The web process: wires settings, database, pack and platforms together, and is the only place that does."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import FrameType

import anyio.to_thread
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Lifespan

from bot import platforms
from bot.clock import Clock, real_now
from bot.delivery.one_pass import update_posts
from bot.delivery.page_card import post_now
from bot.delivery.pass_time import pass_time
from bot.open_installation import open_installation, require_ready
from bot.platform_offer import Hearing, Wiring, not_set_up
from bot.platforms import CHATS, Platform
from bot.senders import senders
from bot.settings import Settings
from bot.web.metrics import CONTENT_TYPE, AnswerTimes, metrics
from bot.web.quick_answers import Warmer
from bot.web.request_limits import Endpoint, bounded, not_allowed, not_found, turned_away
from core.posts.lateness import health, late_words
from core.services import packs_in_use
from core.services.installation import DatabaseBusy, DatabaseRefused, Installation
from core.services.refusals import Refusal
from reference.pack_folder import place_of

ABOUT = """\
The NPQ engagement bot

It tells an NPQ programme's own staff, in Slack and Microsoft Teams, who still needs evidence of engagement and by when.
It is run by your organisation, on its own machines. It keeps what your staff import and record about participants, and who did so
when; it shows that to the staff your administrator has named, passes nothing on, and has no accounts for anybody else.
Questions about it, about what it keeps, or about the terms of its use are for whoever runs it for your programme.
"""
SILENCE = 10.0  # seconds without an answer from PostgreSQL, after which a connection is given up
PATIENCE = 2  # seconds that a request waits while an import is written: Slack shows an error after three
GRACE = 2  # seconds that requests under way get at SIGTERM; what they began may then go on for a little
TURN = 0.0005  # seconds after which a busy thread lets another on; Python's own 5 ms are ten answers

NOTE_AGAIN = 30.0  # seconds after which it is tried again to note which pack is in use
LOOK_LITTLE = 20  # times as long as looking for what is late took it is not looked for again

log = logging.getLogger(__name__)


def not_ready(settings: Settings, installation: Installation) -> str | None:
    """Why questions cannot be answered just now, in one sentence that says how to mend it; None when they can."""
    try:
        require_ready(settings, installation)
    except DatabaseBusy:
        return "The database is held for itself by another process just now (npq migrate, perhaps); wait for it to end."
    except (DatabaseRefused, Refusal) as refused:
        return str(refused)
    return None


class Lateness:
    """What is late. Looking is remembered for a while after it took long: a balancer asks every few seconds."""

    def __init__(self, installation: Installation, clock: Clock) -> None:
        self._installation = installation
        self._clock = clock
        self._looking = threading.Lock()
        self._good_until = 0.0
        self._words = ""

    def words(self) -> str:
        """Which messages are late and how to mend it; "" when none is."""
        with self._looking:
            if (began := time.monotonic()) >= self._good_until:
                self._words = late_words(health(self._installation, self._clock.now()))
                self._good_until = time.monotonic() + LOOK_LITTLE * (time.monotonic() - began)
            return self._words


def web_app(settings: Settings, installation: Installation) -> ASGIApp:
    """The ASGI application: the platforms' requests, `/healthz`, `/readyz` and, if asked for, `/metrics`; Socket Mode too while it
    runs, when set up.
    """
    stopping = threading.Event()
    hearing = _hearing(settings, _wiring(settings, installation, stopping))
    lifespan = _running(installation, settings.clock, hearing, stopping)
    routes = [
        Route("/", _about),
        *(Route(platform.path, bounded(_heard(platform, settings, hearing)), methods=["POST"]) for platform in CHATS),
        Route("/healthz", _healthz),
        Route("/readyz", _readyz(settings, installation)),
    ]
    return (
        _measured(settings, installation, routes, lifespan) if settings.npq_metrics else _application(routes, lifespan)
    )


async def _about(_: Request) -> Response:
    return PlainTextResponse(ABOUT)


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("alive\n")


def _readyz(settings: Settings, installation: Installation) -> Endpoint:
    """Answers whether questions can be answered just now, and nothing is late."""
    lateness = Lateness(installation, settings.clock)

    def why_unwell() -> str:
        try:
            return not_ready(settings, installation) or lateness.words()
        except DatabaseRefused as refused:
            return str(refused)

    async def readyz(_: Request) -> Response:
        reason = await anyio.to_thread.run_sync(why_unwell)
        return PlainTextResponse(f"{reason}\n", status_code=503) if reason else PlainTextResponse("ready\n")

    return readyz


def _hearing(settings: Settings, wiring: Wiring) -> Mapping[str, Hearing]:
    """The platforms that lack nothing, by their names."""
    found = {}
    for platform in platforms.set_up(settings):
        if (hear := platform.load().hear) is not None:
            found[platform.name] = hear(settings, wiring)
    return found


def _heard(platform: Platform, settings: Settings, hearing: Mapping[str, Hearing]) -> Endpoint:
    """Takes a platform's requests, if that is set up."""
    if (heard := hearing.get(platform.name)) is not None:
        return heard.http
    return turned_away(not_set_up(platform.title, platform.missing(settings)))


def _running(
    installation: Installation, clock: Clock, hearing: Mapping[str, Hearing], stopping: threading.Event
) -> Lifespan[Starlette]:
    """What goes on while the application runs: the platforms, and one thread that works out answers ahead: for Slack alone where
    both are set up, since the process is large enough with the SDK for Teams (docs/speed.md).
    """

    @contextlib.asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for number, (name, heard) in enumerate(hearing.items()):
                await stack.enter_async_context(heard.running())
                if number == 0:
                    stack.enter_context(Warmer(installation, clock, name, heard.drawn).running())
            stack.callback(stopping.set)
            yield

    return running


def _application(routes: Sequence[Route], lifespan: Lifespan[Starlette]) -> Starlette:
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: not_found, 405: not_allowed})
    app.router.redirect_slashes = False  # no platform follows: it would be turned away without a word in the log
    return app


def _measured(
    settings: Settings, installation: Installation, routes: Sequence[Route], lifespan: Lifespan[Starlette]
) -> AnswerTimes:
    """The application with its answers counted, and `/metrics` to show them."""

    async def show_metrics(_: Request) -> Response:
        page = await anyio.to_thread.run_sync(metrics, installation, settings.clock.now(), answers)
        return PlainTextResponse(page, media_type=CONTENT_TYPE)

    shown = [*routes, Route("/metrics", show_metrics)]
    answers = AnswerTimes(_application(shown, lifespan), [route.path for route in shown])
    return answers


def _wiring(settings: Settings, installation: Installation, stopping: threading.Event) -> Wiring:
    """What every platform is connected with."""
    clock = settings.clock
    return Wiring(
        installation,
        clock,
        not_ready=lambda: not_ready(settings, installation),
        redraw_posts=_redrawing(settings, installation, stopping),
        post_now=lambda actor, tag: post_now(installation, actor, tag, clock.now(), rehearsal=clock.rehearsal),
    )


def _redrawing(settings: Settings, installation: Installation, stopping: threading.Event) -> Callable[[], None]:
    """What is done right after a decision: the posts that it concerns are redrawn, on every platform they went to."""
    clock, posting = settings.clock, senders(settings, installation)

    def redraw_posts() -> None:
        now = clock.now()
        try:
            keeper = pass_time(installation, now, stopping, frozen=clock.rehearsal)
            update_posts(installation, posting, now, rehearsal=clock.rehearsal, timekeeper=keeper)
        except DatabaseRefused as refused:
            log.info("posts are left to the worker's next pass: %s", refused)

    return redraw_posts


def only_here(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(settings: Settings, *, host: str = "0.0.0.0") -> None:
    """Runs the web process until SIGTERM or Ctrl-C, then lets what is under way finish. Refuses a port that is taken, and
    to take messages without tokens from anywhere but this machine.
    """
    if why := "" if only_here(host) else _only_here(settings):
        raise Refusal("unauthenticated", why)
    installation = open_installation(settings, ready=False, patience=PATIENCE, silence=SILENCE)
    with contextlib.suppress(DatabaseRefused):  # it may come later
        require_ready(settings, installation)
    _quiet()
    app = web_app(settings, installation)
    # named as TCP so that asyncio turns Nagle's delay off: an answer in two segments would wait 40 ms between them
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, settings.port))
    except socket.gaierror as error:
        raise Refusal(
            "no_such_host", f"{host} is no address of this machine ({error.strerror}); mend --host."
        ) from None
    except OSError as error:
        raise Refusal("port_in_use", f"Port {settings.port} cannot be used ({error.strerror}); set PORT.") from None
    told = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=told, force=True)
    for sentence in _not_set_up(settings):
        log.warning("%s", sentence)
    if (reason := not_ready(settings, installation)) is not None:
        log.warning("%s", reason)
    log.info("listening on port %d", settings.port)
    threading.Thread(target=_note_pack, args=(settings, installation), daemon=True).start()
    signal.signal(signal.SIGTERM, _leave)
    sys.setswitchinterval(TURN)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE, lifespan="on", server_header=False
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def _note_pack(settings: Settings, installation: Installation) -> None:
    """Notes which pack this process uses until it ends; nothing else waits for that, and the database may come later."""
    place = place_of(settings.npq_pack)
    while not packs_in_use.note(installation, "web", place, at=real_now()):
        time.sleep(NOTE_AGAIN)


def _only_here(settings: Settings) -> str:
    """Why this machine alone may reach the port; "" where everybody may."""
    found = (ask(settings) for platform in platforms.begun(settings) if (ask := platform.load().only_here) is not None)
    return next(filter(None, found), "")


def _not_set_up(settings: Settings) -> list[str]:
    """What is said at the start of platforms that are set up by half; where none is set up, of the first as well."""
    first = () if platforms.set_up(settings) else CHATS[:1]
    told = [platform for platform in CHATS if platform in first or platform.begun(settings)]
    lacking = [(platform.title, missing) for platform in told if (missing := platform.missing(settings))]
    return [not_set_up(title, missing) for title, missing in lacking]


def _quiet() -> None:
    """Libraries say what goes wrong; what goes well, and whom it is about, they keep to themselves."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # it would name every conversation, and an SDK sets its level anew
    logging.getLogger("httpx").disabled = True


def _leave(number: int, frame: FrameType | None) -> None:
    """uvicorn hands the signal on once it has closed everything; to stop when asked is no failure."""
    raise SystemExit(0)
