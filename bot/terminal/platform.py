"""What the terminal offers the house: the demo, which draws there what would be posted and answered in a chat."""

from __future__ import annotations

from pathlib import Path

from bot.platform_offer import Offer


def demo(script: Path | None) -> None:
    """`npq demo`."""
    from bot.terminal.demo import run

    run(script)


OFFER = Offer(demo=demo)
