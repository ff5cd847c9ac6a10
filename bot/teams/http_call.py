"""One call to Microsoft's services: over within its time, however slowly it is answered.

httpx limits each read of an answer, not all of them: one that drips in would never end. So the whole call has a time limit.
"""

from __future__ import annotations

import asyncio
import ssl
from functools import cache
from typing import Any

import httpx

from bot.delivery.sender import InTime, TooLate, always

_SENDING = ("http11.send_request_headers.started", "http11.send_request_body.started")
CONNECTING = 0.3  # of the time limit


def call(method: str, url: str, *, within: float, in_time: InTime = always, **content: Any) -> httpx.Response:
    """The answer. `within`: seconds. `content` as httpx takes it. Follows no redirect: a post would go on as something else.

    Raises httpx's errors, those of connecting apart from the others, `TimeoutError` when the time is over, and `TooLate` when
    it is no longer `in_time` once connected.
    """

    async def before_each_step(step: str, _: Any) -> None:
        if step in _SENDING and not in_time():
            raise TooLate

    return asyncio.run(_call(method, url, within, {**content, "extensions": {"trace": before_each_step}}))


async def _call(method: str, url: str, within: float, content: dict[str, Any]) -> httpx.Response:
    limits = httpx.Timeout(within, connect=within * CONNECTING)
    async with asyncio.timeout(within), httpx.AsyncClient(verify=_trusted(), timeout=limits) as client:
        return await client.request(method, url, **content)


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()
