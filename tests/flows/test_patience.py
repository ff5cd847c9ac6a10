"""An answer that a platform puts off comes later: after as long as it asks for, in order, once; else a line in the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest

from bot.delivery.sender import NotSent, OutcomeUnknown
from bot.web.answer_retries import PATIENCE, Patience
from bot.web.follow_up import FollowUp


class Waiting:
    """Time that passes at once."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        await asyncio.sleep(0)


class Platform:
    """Takes an answer after it has put it off so many times."""

    def __init__(self, *put_off: float | None) -> None:
        self.put_off = list(put_off)
        self.took: list[str] = []
        self.offered = 0

    def take(self, answer: str) -> Callable[[], asyncio.Future[None] | object]:
        async def offer() -> None:
            self.offered += 1
            if self.put_off:
                raise NotSent("ratelimited", self.put_off.pop(0))
            self.took.append(answer)

        return offer


@pytest.mark.parametrize(
    ("put_off", "waited"),
    [
        ((), []),
        ((1.0,), [1.0]),
        ((30.0,), [30.0]),
        ((60.0, 90.0), [60.0, 90.0]),
        ((600.0,), [600.0]),
        ((None, None, None, None), [1.0, 2.0, 4.0, 8.0]),
        ((0.0, 5.0, 1.0), [1.0, 5.0, 4.0]),
    ],
)
async def test_it_is_waited_for_as_long_as_the_platform_asks(
    put_off: tuple[float | None, ...], waited: list[float]
) -> None:
    time, platform = Waiting(), Platform(*put_off)
    await Patience(time.sleep).until_taken("D0SAM", platform.take("status"))  # type: ignore[arg-type]
    assert platform.took == ["status"]
    assert time.waited == waited


async def test_what_would_come_too_late_for_anybody_is_given_up_at_once() -> None:
    time, platform = Waiting(), Platform(PATIENCE + 1)
    with pytest.raises(NotSent):
        await Patience(time.sleep).until_taken("D0SAM", platform.take("status"))  # type: ignore[arg-type]
    assert (platform.offered, time.waited) == (1, [])


async def test_what_may_have_arrived_is_not_offered_again() -> None:
    offered = 0

    async def offer() -> None:
        nonlocal offered
        offered += 1
        raise OutcomeUnknown("timeout")

    with pytest.raises(OutcomeUnknown):
        await Patience(Waiting().sleep).until_taken("D0SAM", offer)
    assert offered == 1


async def test_answers_to_one_place_stay_in_their_order_and_hold_no_other_place_up() -> None:
    slow, quick = Platform(*[30.0] * 5), Platform()
    patience = Patience(Waiting().sleep)
    await asyncio.gather(
        *(patience.until_taken("D0SAM", slow.take(str(n))) for n in range(5)),  # type: ignore[arg-type]
        patience.until_taken("D0LEE", quick.take("other")),  # type: ignore[arg-type]
    )
    assert slow.took == ["0", "1", "2", "3", "4"]
    assert slow.offered == 10, "while the first waits the others do not ask"
    assert quick.took == ["other"]


async def test_at_the_end_what_waits_is_finished_or_counted_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    afterwards, done = FollowUp(None, lambda: None), []  # type: ignore[arg-type]

    async def soon() -> None:
        await asyncio.sleep(0.01)
        done.append("soon")
        afterwards.do(what_comes_of_it())

    async def what_comes_of_it() -> None:
        done.append("what comes of it")

    afterwards.do(soon())
    afterwards.do(asyncio.sleep(600))
    afterwards.do(asyncio.sleep(600))
    with caplog.at_level(logging.INFO):
        await afterwards.finish(0.2)
    assert done == ["soon", "what comes of it"]
    assert "given up since this process was stopped: 2" in caplog.text


async def test_nothing_under_way_is_nothing_to_tell(caplog: pytest.LogCaptureFixture) -> None:
    await FollowUp(None, lambda: None).finish(0.2)  # type: ignore[arg-type]
    assert caplog.text == ""
