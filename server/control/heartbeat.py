"""Signs of life for systemd: the server's loop sends them, and only while guard and trainer live.

$NOTIFY_SOCKET says where they go, and $WATCHDOG_USEC how long the server may be silent; see sd_notify(3).
Without these variables nothing is sent.
"""

import asyncio
import logging
import os
import socket
from contextlib import suppress

from robot_agent.errors import GuardError
from server.control.guard_service import GuardService
from server.control.worker_process import WorkerProcess

log = logging.getLogger("robot-server")

GUARD_SECONDS = 30.0
"""Without a guard for this time the service is restarted: a process may hold the guard's pins."""

TRAINER_SECONDS = 300.0
"""Without a trainer for this time the service is restarted; on a small board torch takes a minute to load."""

HANG_SECONDS = 300.0
"""A trainer that is silent for this time hangs, and is killed."""

BEAT_SECONDS = 10.0
"""Time between two signs of life, unless the watchdog wants them more often."""


def notify(words: str) -> None:
    """Send `words`, such as READY=1, to systemd; without systemd nothing happens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.setblocking(False)  # a reader that hangs must not stop the loop
        sender.sendto(words.encode(), address)


def beat_seconds() -> float:
    """Return the seconds between two signs of life: a third of what the watchdog allows, at most 10."""
    allowed = os.environ.get("WATCHDOG_USEC", "")
    return min(BEAT_SECONDS, int(allowed) / 3e6) if allowed.isdigit() and int(allowed) else BEAT_SECONDS


class Heartbeat:
    """Asks guard and trainer whether they live, and sends the signs of life to systemd."""

    def __init__(self, guard: GuardService, worker: WorkerProcess) -> None:
        """Ask `guard` and `worker`."""
        self._guard, self._worker = guard, worker
        self._trainer_asked: asyncio.Task[None] | None = None
        self._silent = ""

    async def run(self) -> None:
        """Send signs of life until cancelled; a loop that hangs sends none, whatever other threads do."""
        clock = asyncio.get_running_loop().time
        guard_at = trainer_at = clock()
        pause = beat_seconds()
        while True:
            asked = self._worker.process
            if await self._guard_answers():
                guard_at = clock()
            if self._worker.ready.is_set():
                trainer_at = clock()
                if self._trainer_asked is None or self._trainer_asked.done():
                    self._trainer_asked = asyncio.get_running_loop().create_task(self._ask_trainer(asked))
            gone = "the guard" if clock() - guard_at > GUARD_SECONDS else ""
            gone = gone or ("the trainer" if clock() - trainer_at > TRAINER_SECONDS else "")
            if not gone:
                notify("WATCHDOG=1")
            elif gone != self._silent:
                log.error(
                    "%s has been gone for too long; systemd gets no more signs of life, and restarts all",
                    gone,
                )
            self._silent = gone
            await asyncio.sleep(pause)

    async def _guard_answers(self) -> bool:
        try:
            await asyncio.wait_for(self._guard.status(), 2.0)
        except (TimeoutError, GuardError):
            return False
        except Exception:  # without beats a healthy server is killed
            log.exception("the guard could not be asked whether it lives")
            return False
        return True

    async def _ask_trainer(self, process: int | None) -> None:
        alive = await self._worker.is_alive(HANG_SECONDS)
        if not alive and self._worker.process == process and self._worker.ready.is_set():
            log.error("the trainer has been silent for %.0f s; it is killed", HANG_SECONDS)
            self._worker.kill()
