"""The SDK's way out to the Connector. The way in is our own.

The SDK's refuses an activity for any field that it knows otherwise, also one that nobody reads: a reaction on the message that somebody
logs as a contact, `text: null` beside a picture. It would get no answer.
"""

from __future__ import annotations

import asyncio

import httpx
from microsoft_teams.api import ApiClient
from microsoft_teams.common.http import Client, ClientOptions

from bot.teams.connector.tokens import BotToken
from bot.teams.limits import REACHED_WITHIN, TAKEN_WITHIN


class WayOut:
    """Calls to the Connector, over connections that are kept."""

    def __init__(self, token: BotToken | None) -> None:
        """`token` None sends none."""
        self._token = token
        self._http = Client(ClientOptions(token=self._bearer))
        self._http.http.timeout = httpx.Timeout(TAKEN_WITHIN, connect=REACHED_WITHIN)

    def to(self, service_url: str) -> ApiClient:
        """The Connector at an address, as an activity names it."""
        return ApiClient(service_url, self._http)

    async def close(self) -> None:
        """Calls nobody any more."""
        await self._http.http.aclose()

    async def _bearer(self) -> str | None:
        if self._token is None:
            return None
        return self._token.at_hand or await asyncio.to_thread(self._token.get)
