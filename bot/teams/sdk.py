"""What the SDK wants to be given: a way in, which stays closed, and a token, which it is not to take apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from microsoft_teams.apps.http import HttpMethod, HttpRouteHandler


class Door:
    """An HTTP server for the SDK that serves nothing: activities reach it through our own endpoint, verified."""

    def register_route(self, method: HttpMethod, path: str, handler: HttpRouteHandler) -> None:
        """Forgets the SDK's own handler: it checks tokens in its own way."""

    def serve_static(self, path: str, directory: str) -> None:
        """Nothing to serve."""

    async def start(self, port: int) -> None:
        """Never: the web process runs its own server."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Nothing runs."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token as text. Whether it is good is for its receiver to say; what stands in it is nobody's business here."""

    text: str = ""
    app_id: str = ""
    app_display_name: str | None = None
    tenant_id: str | None = None
    service_url: str = ""
    from_: Literal["azure"] = "azure"
    from_id: str = ""
    expiration: int | None = None

    def is_expired(self, buffer_ms: int = 0) -> bool:
        """Whoever made it fetches a new one in time."""
        return False

    def __str__(self) -> str:
        return self.text
