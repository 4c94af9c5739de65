"""Signs of life for systemd: they come from the server's loop, and only while guard and trainer live.

Whoever starts the server says by $NOTIFY_SOCKET where they go, and by $WATCHDOG_USEC how long it may be
silent; see sd_notify(3). Without these nothing is sent.
"""

import asyncio
import logging
import os
import socket
from contextlib import suppress

from robot_agent.errors import GuardError
from server.control.guard_service import Wheels
from server.control.worker_process import Link
from server.problems import Problem

log = logging.getLogger("robot-server")

GUARD_SECONDS = 30.0
"""Without a guard that answers for so long, all is to be started anew: a process may hold its pins."""

TRAINER_SECONDS = 300.0
"""Without a trainer for so long likewise; on a small board torch alone takes a minute to come."""

HANG_SECONDS = 300.0
"""A trainer that is silent for so long hangs, and is killed; coming to a start takes minutes, not five."""

BEAT_SECONDS = 10.0
"""Between two beats, unless the watchdog wants more."""


def notify(words: str) -> None:
    """Send `words`, such as READY=1, to whoever started this service; nobody there is no error."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.setblocking(False)  # who does not read must not stop the loop
        sender.sendto(words.encode(), address)


def beat_seconds() -> float:
    """Return the seconds between two beats: a third of what the watchdog allows."""
    allowed = os.environ.get("WATCHDOG_USEC", "")
    return min(BEAT_SECONDS, int(allowed) / 3e6) if allowed.isdigit() and int(allowed) else BEAT_SECONDS


class Heartbeat:
    """Asks guard and trainer whether they live, and tells systemd."""

    def __init__(self, wheels: Wheels, link: Link) -> None:
        """Ask the guard behind `wheels` and the trainer behind `link`."""
        self._wheels, self._link = wheels, link
        self._trainer_asked: asyncio.Task[None] | None = None
        self._silent = ""

    async def run(self) -> None:
        """Beat until cancelled: a loop that hangs sends nothing, whatever other threads do."""
        clock = asyncio.get_running_loop().time
        guard_at = trainer_at = clock()
        pause = beat_seconds()
        while True:
            asked = self._link.process
            if await self._guard_answers():
                guard_at = clock()
            if self._link.ready.is_set():
                trainer_at = clock()
                if self._trainer_asked is None or self._trainer_asked.done():
                    self._trainer_asked = asyncio.get_running_loop().create_task(self._ask_trainer(asked))
            gone = "the guard" if clock() - guard_at > GUARD_SECONDS else ""
            gone = gone or ("the trainer" if clock() - trainer_at > TRAINER_SECONDS else "")
            if not gone:
                notify("WATCHDOG=1")
            elif gone != self._silent:
                log.error("%s is gone for too long; no more signs of life, so that all is started anew", gone)
            self._silent = gone
            await asyncio.sleep(pause)

    async def _guard_answers(self) -> bool:
        try:
            await asyncio.wait_for(self._wheels.status(), 2.0)
        except (TimeoutError, GuardError):
            return False
        except Exception:  # without beats a healthy server is killed
            log.exception("the guard could not be asked whether it lives")
            return False
        return True

    async def _ask_trainer(self, process: int | None) -> None:
        try:
            await self._link.ask("ping", seconds=HANG_SECONDS)
        except Problem:
            if self._link.process == process and self._link.ready.is_set():
                log.error("the trainer has been silent for %.0f s; it is killed", HANG_SECONDS)
                self._link.kill()
