"""The token with which we call the Bot Connector: client credentials of a single-tenant app, kept until it is nearly over."""

from __future__ import annotations

import threading
import time

import httpx

from bot.teams.http_call import call
from bot.teams.settings import TeamsSettings

SCOPE = "https://api.botframework.com/.default"
RENEW_BEFORE = 300.0  # seconds
ASK_WITHIN = 8.0  # seconds
NEW_SECRET = (
    "Set TEAMS_CLIENT_SECRET to a client secret that has not expired, and check TEAMS_CLIENT_ID and TEAMS_TENANT_ID."
)


class NoToken(Exception):
    """Microsoft gave none. `reason`: its code, such as "invalid_client"; `passing`: asking again may help."""

    def __init__(self, reason: str, *, passing: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing


class BotToken:
    """Fetched when it is first needed. Several threads may ask at once."""

    def __init__(self, client_id: str, secret: str, tenant: str, login_url: str) -> None:
        self._address = f"{login_url.rstrip('/')}/{tenant}/oauth2/v2.0/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
            "scope": SCOPE,
        }
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = 0.0

    @property
    def at_hand(self) -> str | None:
        """The token where none needs to be fetched."""
        return self._token if self._token and time.monotonic() < self._good_until else None

    def get(self) -> str:
        """The token; raises `NoToken`."""
        with self._lock:
            if (token := self.at_hand) is not None:
                return token
            self._token, lasts = self._fetch()
            self._good_until = time.monotonic() + max(lasts - RENEW_BEFORE, lasts / 2)
            return self._token

    def forget(self, token: str) -> None:
        """Lets go of a token that was refused."""
        with self._lock:
            if token == self._token:
                self._token = ""

    def _fetch(self) -> tuple[str, float]:
        try:
            answer = call("POST", self._address, within=ASK_WITHIN, data=self._form)
            said = answer.json()
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise NoToken("cannot_reach_microsoft", passing=True) from error
        if not isinstance(said, dict):
            raise NoToken("unreadable_answer", passing=True)
        token, lasts = said.get("access_token"), said.get("expires_in")
        if answer.status_code == 200 and isinstance(token, str) and isinstance(lasts, int | float):
            return token, float(lasts)
        reason = said.get("error")
        passing = answer.status_code == 429 or answer.status_code >= 500
        raise NoToken(reason if isinstance(reason, str) else f"http_{answer.status_code}", passing=passing)


def bot_token(settings: TeamsSettings) -> BotToken | None:
    """What Teams is called with; None where it takes everybody's word."""
    if settings.teams_unauthenticated:
        return None
    secret = settings.teams_client_secret
    assert secret is not None
    return BotToken(
        settings.teams_client_id or "",
        secret.get_secret_value(),
        settings.teams_tenant_id or "",
        settings.teams_login_url,
    )
