"""Which lane comes next, and when: several at once, none waiting for another, until nothing more can be done in a pass."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta

from bot.delivery.pass_time import Timekeeper
from bot.delivery.sender import Sender
from core.posts import outbox
from core.posts.outbox import Lane
from core.posts.steps.lane_steps import survey
from core.services.installation import Installation

HANDS = 4  # lanes that one process sends in at once: a call may take a second
STEADY = 1.5  # seconds that a pass waits for a channel's pace
UNCLEAR = 40.0  # seconds that a pass waits in all to learn what became of a post, or for somebody else's lease
AT_LEAST = 0.05  # seconds that any wait takes
GLANCE = 0.25  # seconds after which one looks again for lanes while others are being sent in

Key = tuple[str, str]  # platform and channel


class NextPass(Exception):
    """What is due in a lane can't be done just now, and is left to the next pass."""


@dataclass
class Rounds:
    """Takes one step after the other in whatever lane is to be had. `step` says whether it did anything."""

    installation: Installation
    senders: Mapping[str, Sender]
    keeper: Timekeeper
    step: Callable[[Lane], bool]
    limit: float | None
    redraw_only: bool = False
    unclear_left: float = UNCLEAR
    _queue: deque[Lane] = field(default_factory=deque)
    _under_way: dict[Future[bool], Key] = field(default_factory=dict)
    _left_out: set[Key] = field(default_factory=set)  # lanes that are left to the next pass
    _lost: set[Key] = field(default_factory=set)  # lanes that somebody else had just now: not to be asked again at once

    def __post_init__(self) -> None:
        self._began = self.keeper.moment().real
        self._hands = 1 if all(sender.pace.in_turn for sender in self.senders.values()) else HANDS

    def run(self) -> None:
        """Goes on until nothing is left to do, or nothing that is worth waiting for."""
        done_something = False
        with ThreadPoolExecutor(self._hands) as pool:
            while self.senders and not self._over():
                if not self._queue:
                    lanes, full_for = self._look()
                if self._queue and len(self._under_way) < self._hands:
                    lane = self._queue.popleft()
                    self._under_way[pool.submit(self.step, lane)] = _key(lane)
                elif self._under_way:
                    done_something = self._gather() or done_something
                elif done_something:
                    done_something = False  # whoever was busy may be ready by now
                    self._lost.clear()
                elif not self._wait_for_one_of(lanes, full_for):
                    break
            while self._under_way:
                self._gather()

    def _look(self) -> tuple[list[Lane], timedelta | None]:
        """Queues the lanes that are to be had now; gives all that have work, and when a full platform takes more."""
        moment = self.keeper.moment()
        paces = {platform: sender.pace for platform, sender in self.senders.items()}
        found, full, under_way, free = survey(self.installation, paces, moment, redraw_only=self.redraw_only)
        lanes = [lane for lane in found if _key(lane) not in self._left_out]
        busy = self._lost.union(self._under_way.values())
        for lane in lanes:
            if _key(lane) in busy or outbox.ready_in(lane, moment) > timedelta(0):
                continue
            # no more lanes than the platform takes posts: the others would be claimed in vain
            if self.redraw_only or lane.platform in full or free[lane.platform] >= 1:
                free[lane.platform] -= 1
                self._queue.append(lane)
        wanted = [waits for platform, waits in full.items() if under_way.get(platform)]
        return lanes, min(wanted, default=None)

    def _gather(self) -> bool:
        """Waits a moment for steps that are under way; whether any of them did something."""
        ended, _ = wait(self._under_way, GLANCE, FIRST_COMPLETED)
        if not ended:
            self._lost.clear()
        done_something = False
        for future in ended:
            key = self._under_way.pop(future)
            try:
                if future.result():
                    done_something = True
                else:
                    self._lost.add(key)
            except NextPass:
                self._left_out.add(key)
        return done_something

    def _over(self) -> bool:
        return self.keeper.stopping or self._left() <= 0

    def _left(self) -> float:
        """Seconds that this pass may still take."""
        if self.limit is None:
            return float("inf")
        return self.limit - (self.keeper.moment().real - self._began).total_seconds()

    def _wait_for_one_of(self, lanes: list[Lane], full_for: timedelta | None) -> bool:
        """Waits for the lane that is to be had soonest; False when none is worth waiting for in this pass."""
        moment = self.keeper.moment()
        lost_race = bool(self._lost)
        waits = [] if full_for is None else [(full_for.total_seconds(), False)]
        for lane in lanes:
            seconds = outbox.ready_in(lane, moment).total_seconds()
            unclear = lost_race or bool(lane.owner) or lane.wait_reason == outbox.LOOKING
            if seconds <= (self.unclear_left if unclear else STEADY):
                waits.append((seconds, unclear))
        self._lost.clear()
        if not waits:
            return False
        seconds, unclear = min(waits)
        # whoever holds it may be done sooner, and something else may come up
        seconds = min(max(seconds, AT_LEAST), STEADY, max(self._left(), 0.0))
        if unclear:
            self.unclear_left -= seconds
        self.keeper.wait(seconds)
        return True


def _key(lane: Lane) -> Key:
    return (lane.platform, lane.channel)
