"""A clock, processes that wait, and what they wait for. Nothing here knows of pods.

A process is a generator. It yields what it waits for: seconds, a `Share` of something that others use
too, or a `Gate` that another process opens.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

# Work that is less than this is done: what is left of it is rounding.
DONE = 1e-9


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()

    def at(self, moment: float, act: Callable[[], None]) -> None:
        """Acts of one moment come in the order in which they were asked for."""
        heapq.heappush(self._agenda, (max(moment, self.now), next(self._number), act))

    def start(self, process: Process, moment: float = 0.0) -> None:
        self.at(moment, lambda: self.step(process))

    def step(self, process: Process) -> None:
        for wait in process:
            if isinstance(wait, float):
                self.start(process, self.now + wait)
            else:
                wait.join(process)
            return

    def run(self) -> None:
        while self._agenda:
            self.now, _, act = heapq.heappop(self._agenda)
            act()


class Gate:
    """Shut until it is opened; who comes later walks through."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: list[Process] = []
        self._open = False

    def join(self, process: Process) -> None:
        if self._open:
            self._clock.start(process, self._clock.now)
        else:
            self._waiting.append(process)

    def open(self) -> None:
        self._open = True
        for process in self._waiting:
            self._clock.start(process, self._clock.now)
        self._waiting.clear()


class Shared:
    """Cores or a link: `capacity` a second, in equal parts to all who use it, and to none more than
    `each`.

    Since all have the same part, one counter tells what each was served since the beginning, and
    who is done first is who joined with the lowest sum of counter and work.
    """

    def __init__(self, clock: Clock, capacity: float, each: float) -> None:
        self._clock = clock
        self._capacity = capacity
        self._each = each
        self._served = 0.0
        self._counted_at = 0.0
        self._users: list[tuple[float, int, Process]] = []
        self._number = itertools.count()
        self._plan = 0

    def use(self, work: float) -> Share:
        return Share(self, work)

    def add(self, process: Process, work: float) -> None:
        self._count()
        heapq.heappush(self._users, (self._served + work, next(self._number), process))
        self._plan_next()

    def _part(self) -> float:
        return min(self._each, self._capacity / len(self._users))

    def _count(self) -> None:
        if self._users:
            self._served += (self._clock.now - self._counted_at) * self._part()
        self._counted_at = self._clock.now

    def _plan_next(self) -> None:
        self._plan += 1
        if self._users:
            plan, left = self._plan, max(0.0, self._users[0][0] - self._served)
            self._clock.at(self._clock.now + left / self._part(), lambda: self._finish(plan))

    def _finish(self, plan: int) -> None:
        if plan != self._plan:
            return  # somebody joined or left since
        self._count()
        # The first is done, whatever rounding says of it.
        limit = max(self._served, self._users[0][0]) * (1 + DONE)
        while self._users and self._users[0][0] <= limit:
            _, _, process = heapq.heappop(self._users)
            self._clock.start(process, self._clock.now)
        self._plan_next()


@dataclass(frozen=True)
class Share:
    of: Shared
    work: float

    def join(self, process: Process) -> None:
        self.of.add(process, self.work)


@dataclass
class Bucket:
    """A client's own limit: `burst` requests at once, then `rate` a second."""

    rate: float
    burst: float
    _left: float = field(init=False)
    _filled_at: float = 0.0

    def __post_init__(self) -> None:
        self._left = self.burst

    def delay(self, now: float, requests: int) -> float:
        """Takes the requests, and tells for how long the last of them waits."""
        self._left = min(self.burst, self._left + (now - self._filled_at) * self.rate) - requests
        self._filled_at = now
        return max(0.0, -self._left / self.rate)


Process = Generator[float | Share | Gate, None, None]
