"""`Pace` decides which steps the doctor observes: all while that is cheap, then one now and then.

Some steps, at growing distances, are observed whatever the clock says. The rules need no more than these, so
that a busy machine changes no finding; a test runs the scripts with these steps alone.
"""

import statistics
import time

ALLOWED = 0.08
"""Extra time that observing may take at the start, seconds."""
FIRST = 6
"""The steps before this one are observed in any case, except `UNSEEN`, unless they take very long."""
UNSEEN = (3, 4)
"""Steps among the first that are not observed, to measure the time of a step without the doctor."""
NEAR = 12
"""The steps before this one are observed too, then those at growing distances, while `MOST` allows it."""
APART = 1.15
"""Factor from the number of one of these later steps to the next."""
MOST = 0.2
"""Extra seconds in all, after which a step is observed only if `SHARE` allows it."""
SHARE = 0.06
"""Share of the training's time that observing may take later."""


class Enough(BaseException):
    """Raised to end a script when its time, or its number of steps, is over."""


class Pace:
    """Decides at which steps all calls are observed: at all steps while that is cheap, then now and then."""

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
        """Extra seconds that an observed step takes."""

    def step(self, looked: bool) -> bool:
        """Note that a step has ended; return whether to observe the next one."""
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
        if self.steps >= self.mark and self.spent + self.extra < MOST:
            self.mark = self.steps + 1 if self.steps < NEAR else int(APART * self.steps) + 1
            return True
        return self.allowed + SHARE * (now - self.begun - self.spent) - self.spent - self.extra >= 0

    def renew(self) -> None:
        """Allow some more time for observing, because a new training begins."""
        self.allowed = min(self.allowed + 0.02, 2 * ALLOWED)

    def _measure(self) -> None:
        if self.looked and self.free:
            self.extra = statistics.median(self.looked[-9:]) - statistics.median(self.free[-9:])
