"""The SDK's way in, closed: activities reach it through our own endpoint, verified."""

from __future__ import annotations

from microsoft_teams.apps.http import HttpMethod, HttpRouteHandler


class Door:
    """An HTTP server for the SDK that serves nothing."""

    def register_route(self, method: HttpMethod, path: str, handler: HttpRouteHandler) -> None:
        """Forgets the SDK's own handler: it checks tokens in its own way."""

    def serve_static(self, path: str, directory: str) -> None:
        """Nothing to serve."""

    async def start(self, port: int) -> None:
        """Never: the web process runs its own server."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Nothing runs."""
