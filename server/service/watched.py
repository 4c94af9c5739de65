"""`Watched` runs background tasks: an error of a task is logged and reported, and the task begins again."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger("robot-server")

AGAIN_SECONDS = (0.2, 1.0, 2.0, 5.0, 10.0)
"""Time before a task begins again after its 1st, 2nd, ... failure in a row; the last one for all others."""

STEADY_SECONDS = 30.0
"""After a task has run for this time, its failures in a row are counted from 1 again."""

Work = Callable[[], Coroutine[Any, Any, object]]


class Watched:
    """A group of background tasks."""

    def __init__(self, report: Callable[[str], object]) -> None:
        """Call `report` with a sentence when a task fails."""
        self._report = report
        self._tasks: set[asyncio.Task[object]] = set()

    def forever(self, name: str, work: Work) -> None:
        """Run `work` in the background until it returns; if it fails, begin it again."""
        self._spawn(self._keep_going(name, work))

    def once(self, name: str, work: Work) -> None:
        """Run `work` in the background, once, even if it fails."""
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
        """Run `work`; return whether it ended without an error."""
        try:
            await work()
        except Exception as error:
            log.exception("%s failed", name)
            self._report(f"{name[:1].upper()}{name[1:]} failed ({str(error) or type(error).__name__}).")
            return False
        return True
