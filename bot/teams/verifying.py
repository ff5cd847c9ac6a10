"""Whether a request is the Bot Connector's own and meant for us: decided before anything is looked up or sent.

The SDK's own check fetches keys in the event loop, whenever a stranger names an unknown one, and takes Entra's tokens as well;
here keys are fetched beside it and seldom, and only the Connector's tokens count.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import jwt
from jwt.exceptions import PyJWTError
from jwt.types import Options

from bot.teams.http_call import call
from bot.teams.incoming.id_shapes import misshapen
from bot.web.json_bodies import read_json

ISSUER = "https://api.botframework.com"
LEEWAY = 300  # seconds that clocks may be apart
KEYS_LAST = 24 * 3600.0  # seconds after which keys are fetched again
FETCH_AGAIN = 60.0  # seconds after which an unknown key is asked for again: strangers can name any
FETCH_WITHIN = 4.0  # seconds

_REQUIRED: Options = {"require": ["exp", "aud", "iss"], "verify_signature": True}

log = logging.getLogger(__name__)


class Misshapen(ValueError):
    """An id or address in no possible form. Its words are the field's name alone: what stands there is nobody's business."""


class Callers:
    """Checks the tokens of those who call us."""

    def __init__(self, client_id: str, openid_url: str) -> None:
        """`openid_url`: where the Connector's OpenID metadata stands; its keys stand beside it."""
        self._client_id = client_id
        self._address = re.sub(r"/openidconfiguration$", "/keys", openid_url)
        self._thread = ThreadPoolExecutor(
            1, thread_name_prefix="keys"
        )  # its own: the others may all wait for Microsoft
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = -KEYS_LAST
        self._fetching = asyncio.Lock()

    async def why_refused(self, authorization: str, service_url: str) -> str | None:
        """Why a request is not taken, for the log; None when its token is the Connector's, for us, and names this address."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            return "it has no token; it does not come from Teams"
        try:
            key = await self._key(str(jwt.get_unverified_header(token).get("kid") or ""))
            if key is None:
                return "its token is signed with a key that is none of the Connector's"
            claims = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=self._client_id,
                issuer=ISSUER,
                leeway=LEEWAY,
                options=_REQUIRED,
            )
        except PyJWTError as error:
            return f"its token is not good ({type(error).__name__})"
        named = claims.get("serviceurl") or claims.get("serviceUrl")
        if not isinstance(named, str) or not hmac.compare_digest(_plain(named), _plain(service_url)):
            return "its token does not name the address that the message wants its answers sent to"
        return None

    async def _key(self, kid: str) -> jwt.PyJWK | None:
        """The Connector's key with this id."""
        age = time.monotonic() - self._fetched
        if age > KEYS_LAST or (kid not in self._keys and age > FETCH_AGAIN):
            async with self._fetching:
                if time.monotonic() - self._fetched >= age:
                    await self._fetch()
        return self._keys.get(kid)

    async def _fetch(self) -> None:
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, self._ask)
        except (PyJWTError, httpx.HTTPError, TimeoutError, ValueError) as error:
            log.error("the Connector's keys could not be fetched (%s)", type(error).__name__)
            if not self._keys:
                self._fetched = time.monotonic() - KEYS_LAST + FETCH_WITHIN  # soon again: nobody can be answered
                return
        else:
            self._keys = {str(key.key_id): key for key in found}
        self._fetched = time.monotonic()

    def _ask(self) -> list[jwt.PyJWK]:
        answer = call("GET", self._address, within=FETCH_WITHIN).raise_for_status()
        found = answer.json()
        if not isinstance(found, dict):
            raise ValueError("no set of keys")
        keys = jwt.PyJWKSet.from_dict(found).keys
        return [key for key in keys if key.key_id and key.public_key_use in ("sig", None)]


def read_activity(body: bytes) -> dict[str, Any]:
    """What a request holds. Raises `TypeError` or `ValueError` for what is no activity that can be answered."""
    given = read_json(body)
    check_shape(given)
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a character, as an emoji cut in two leaves it, can neither be sent nor stored
        given = json.loads(json.dumps(given, ensure_ascii=False).encode(errors="replace"))
    found: dict[str, Any] = given
    return found


def check_shape(body: Any) -> None:
    """Raises `TypeError` or `ValueError` for what is no activity that can be answered."""
    if not isinstance(body, dict):
        raise TypeError("not an object")
    for name in ("from", "recipient", "conversation"):
        if not isinstance(body.get(name) or {}, Mapping):
            raise TypeError(name)
    if not isinstance(body.get("type"), str) or not body["type"]:
        raise ValueError("type")
    if body["type"] == "invoke" and not (isinstance(body.get("name"), str) and body["name"]):
        raise ValueError("name")
    if (name_of_it := misshapen(body)) is not None:
        raise Misshapen(name_of_it)


def _plain(address: str) -> bytes:
    return address.rstrip("/").encode()
