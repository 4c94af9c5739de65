"""When to look closely: at every step while that is cheap, then now and then."""

import statistics
import time

ALLOWED = 0.08
"""Seconds of extra time that looking may take at the start."""
RESERVE = 0.08
"""Seconds more that are kept for looks further and further apart: a short training is seen to its end."""
APART = 1.15
"""Factor between the steps of these."""
FIRST = 6
"""Steps of which all but two are looked at in any case, unless they take very long."""
UNSEEN = (3, 4)
"""Steps among these that are not looked at, to learn what a step takes by itself."""
SHARE = 0.06
"""Share of the time that looking may take later."""


class Enough(BaseException):
    """Raised to end a script when its time, or its number of steps, is over."""


class Pace:
    """Decides at which steps every call is looked at: at all while that is cheap, then now and then."""

    def __init__(self) -> None:
        """Begin."""
        self.begun = time.thread_time()
        self.last: float | None = None
        self.looked: list[float] = []
        self.free: list[float] = []
        self.spent = 0.0
        self.steps = 0
        self.allowed = ALLOWED
        self.mark = 0
        self.extra = 0.0
        """Seconds that a step takes longer when it is looked at."""

    def step(self, looked: bool) -> bool:
        """Note that a step has ended; return whether the next one is to be looked at."""
        now = time.thread_time()
        self.steps += 1
        if self.last is not None:
            times = self.looked if looked else self.free
            times.append(now - self.last)
            if len(times) > 40:
                del times[:20]
            if looked or len(self.free) < 9 or self.steps % 16 == 0:
                self._measure()
        if looked and self.last is not None:
            self.spent += max(self.extra, 0.0)
        elif not looked and len(self.free) == 1:
            self.spent = max(self.extra, 0.0) * len(self.looked)  # the steps before were not counted yet
        self.last = now
        if self.steps < FIRST and now - self.begun < 2.0:
            return self.steps not in UNSEEN
        left = self.allowed + SHARE * (now - self.begun - self.spent) - self.spent - self.extra
        if left < 0 and self.steps >= self.mark and left + RESERVE >= 0:
            self.mark = int(APART * self.steps) + 1
            return True
        return left >= 0

    def renew(self) -> None:
        """Allow some more looks: a new training begins."""
        self.allowed = min(self.allowed + 0.02, 2 * ALLOWED)

    def _measure(self) -> None:
        if self.looked and self.free:
            self.extra = statistics.median(self.looked[-9:]) - statistics.median(self.free[-9:])
