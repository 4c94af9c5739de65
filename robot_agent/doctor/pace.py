"""When to look closely: at every step while that is cheap, then now and then."""

import statistics
import time

ALLOWED = 0.22
"""Seconds of extra time that looking may take at the start."""
FIRST = 15
"""Steps that are looked at in any case, but for two, unless they take very long."""
SHARE = 0.08
"""Share of the time that looking may take later."""


class Enough(BaseException):
    """Ends a script that was to be watched for so long only."""


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

    def step(self, looked: bool) -> bool:
        """Note that a step has ended; return whether the next one is to be looked at."""
        now = time.thread_time()
        self.steps += 1
        if self.last is not None:
            times = self.looked if looked else self.free
            times.append(now - self.last)
            if len(times) > 40:
                del times[:20]
        first = not looked and len(self.free) == 1 and self.last is not None
        extra = self.extra()
        if first:
            self.spent = max(extra, 0.0) * len(self.looked)  # the steps before were not counted yet
        if looked and self.last is not None:
            self.spent += max(extra, 0.0)
        self.last = now
        if self.steps < FIRST and now - self.begun < 2.0:
            return self.steps not in (5, 6)  # to learn what a step takes by itself
        return self.spent + extra <= ALLOWED + SHARE * (now - self.begun - self.spent)

    def extra(self) -> float:
        """Return how much longer a step takes when it is looked at."""
        if not self.looked or not self.free:
            return 0.0
        return statistics.median(self.looked[-9:]) - statistics.median(self.free[-9:])
