"""Microsoft's sign-in and the Bot Connector's keys as the fake Teams has them: tokens out, tokens in."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

ISSUER = "https://api.botframework.com"
SCOPE = "https://api.botframework.com/.default"


@lru_cache(maxsize=4)
def key_named(kid: str) -> rsa.RSAPrivateKey:
    """A key of one's own for each name; made once, for it takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Login:
    """One app in one tenant."""

    def __init__(self) -> None:
        self.client_id = "11111111-2222-3333-4444-555555555555"
        self.tenant = "99999999-8888-7777-6666-555555555555"
        self.secret: str = "fake~" + secrets.token_hex(8)
        self.kid = "key-of-the-connector"
        self.lasts = 3600  # seconds for which a token is good
        self.issued: dict[str, float] = {}

    # tokens with which the bot calls

    def token(self, tenant: str, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """What /{tenant}/oauth2/v2.0/token answers."""
        if tenant != self.tenant:
            return 400, {"error": "invalid_request", "error_description": "AADSTS90002: no such tenant"}
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        if form.get("client_id") != self.client_id:
            return 400, {"error": "unauthorized_client", "error_description": "AADSTS700016: no such application"}
        if form.get("client_secret") != self.secret:
            return 401, {"error": "invalid_client", "error_description": "AADSTS7000215: wrong client secret"}
        if form.get("scope") != SCOPE:
            return 400, {"error": "invalid_scope", "error_description": "AADSTS70011"}
        token = "opaque." + secrets.token_urlsafe(24)  # what stands in one is for nobody to read but its receiver
        self.issued[token] = time.monotonic() + self.lasts
        return 200, {"token_type": "Bearer", "expires_in": self.lasts, "ext_expires_in": 0, "access_token": token}

    def good(self, authorization: str) -> bool:
        """Whether a call bears a token that was issued here and is still good."""
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and self.issued.get(token, 0) > time.monotonic()

    def revoke(self) -> None:
        """No token that was issued so far is good any more."""
        self.issued.clear()

    # tokens with which the Connector calls

    def keys(self) -> dict[str, Any]:
        """What /v1/.well-known/keys answers."""
        public = json.loads(RSAAlgorithm.to_jwk(key_named(self.kid).public_key()))
        return {"keys": [{**public, "kid": self.kid, "use": "sig", "alg": "RS256", "endorsements": ["msteams"]}]}

    def signed(self, service_url: str, **changed: Any) -> str:
        """A token of the Connector's. `changed`: other claims (None: without it), `kid`, `key`, `algorithm`."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": self.client_id,
            "serviceurl": service_url,
            "nbf": now,
            "exp": now + 3600,
        }
        kid = changed.pop("kid", self.kid)
        key = changed.pop("key", None) or key_named(self.kid)
        algorithm = changed.pop("algorithm", "RS256")
        claims = {name: value for name, value in (claims | changed).items() if value is not None}
        return jwt.encode(claims, None if algorithm == "none" else key, algorithm=algorithm, headers={"kid": kid})
