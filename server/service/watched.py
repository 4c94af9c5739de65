"""Background tasks: whatever ends one that is to go on is logged and reported, and it begins again."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger("robot-server")

AGAIN_SECONDS = (0.2, 1.0, 2.0, 5.0, 10.0)
"""Time before each new beginning of a task that fails; the last one again and again."""

STEADY_SECONDS = 30.0
"""A task that went on for this time did not fail in a row with the time before."""

Work = Callable[[], Coroutine[Any, Any, object]]


class Watched:
    """The background tasks of something."""

    def __init__(self, report: Callable[[str], object]) -> None:
        """Call `report` with a sentence when a task fails."""
        self._report = report
        self._tasks: set[asyncio.Task[object]] = set()

    def forever(self, name: str, work: Work) -> None:
        """Keep `work` going until `cancel`; an end without an error is its end."""
        self._spawn(self._keep_going(name, work))

    def once(self, name: str, work: Work) -> None:
        """Do `work` beside everything else, once."""
        self._spawn(self._try(name, work))

    def cancel(self) -> None:
        """End all tasks."""
        for task in self._tasks:
            task.cancel()

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_going(self, name: str, work: Work) -> None:
        clock, failures = asyncio.get_running_loop().time, 0
        begun = clock()
        while not await self._try(name, work):
            failures = 1 if clock() - begun > STEADY_SECONDS else failures + 1
            await asyncio.sleep(AGAIN_SECONDS[min(failures, len(AGAIN_SECONDS)) - 1])
            begun = clock()

    async def _try(self, name: str, work: Work) -> bool:
        """Do the work; returns whether it came to its end."""
        try:
            await work()
        except Exception as error:
            log.exception("%s failed", name)
            self._report(f"{name[:1].upper()}{name[1:]} failed ({error or type(error).__name__}).")
            return False
        return True
