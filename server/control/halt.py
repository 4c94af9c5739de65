"""The halt: stops everything, answers when the pins are low, and holds until a person resets it."""

import asyncio
import logging
import time
from dataclasses import asdict

from robot_agent.guard.client import Event
from server.codec import Invalid, build
from server.control.clients import Clients
from server.control.guard_service import GuardService
from server.control.job import Job
from server.control.manual import ManualDriving
from server.control.state import ServerState
from server.control.worker_process import WorkerProcess
from server.problems import Problem
from server.protocol.commands import Halt
from server.protocol.news import Notice
from server.protocol.page import Halted, HaltState
from server.service.persisted import Persisted

log = logging.getLogger("robot-server")

OWN_ROBOT_SECONDS = 2.0
"""Time that a robot of somebody's own, which has no guard here, has to stop; else its worker is killed."""


WAS_STOPPED: dict[str, str] = {
    "training": "training was stopped",
    "driving": "driving was stopped",
    "lent": "driving from another machine was stopped",
    "hand": "hand was stopped",
}
"""What a halt stopped, by the word for the state before it."""


class HaltLatch:
    """The latch, here, in the guard, and in the server's file."""

    def __init__(
        self,
        state: ServerState,
        persisted: Persisted,
        clients: Clients,
        worker: WorkerProcess,
        guard: GuardService,
        manual: ManualDriving,
        job: Job,
    ) -> None:
        """Halt `guard` first, then all the others.

        Args:
            state: shows the latch.
            persisted: keeps the latch between two starts of the server.
            clients: get the news.
            worker: ends what it does.
            guard: stops the wheels.
            manual: lets go of the wheels.
            job: is not begun again.
        """
        self._state, self._persisted, self._clients = state, persisted, clients
        self._worker, self._guard, self._manual, self._job = worker, guard, manual, job
        state.halt = self._kept()
        self.count = 0
        """Number of halts that were asked for."""
        self._why = self._before = ""
        self._pressed_at = 0.0
        self._returning: asyncio.Future[None] | None = None

    def _kept(self) -> HaltState:
        """Return the latch as it was when the server ended; halted if that is not known."""
        kept = self._persisted.get("halt", asdict(HaltState()))
        damage = self._persisted.damage
        try:
            if not damage:
                return build(HaltState, kept)
        except Invalid as error:
            damage = str(error).rstrip(".")
        why = f"it is not known whether it was halted before, as {damage}"
        return HaltState(True, "nothing moved", why, time.time())

    async def halt(self, who: str) -> Halted:
        """Stop everything, first the wheels; answers when the pins are low.

        It is latched whatever goes wrong with that, and when who asked has gone meanwhile.
        """
        self._state.halts_pending += 1
        halting = asyncio.ensure_future(self._halt(who))
        halting.add_done_callback(self._done)
        return await asyncio.shield(halting)

    def _done(self, halting: asyncio.Future[Halted]) -> None:
        self._state.halts_pending -= 1

    async def _halt(self, who: str) -> Halted:
        self.count += 1
        self._pressed_at = time.monotonic()
        self._why, self._before = f"{who} pressed halt", self._state.word
        stopped, milliseconds = False, 0.0
        try:
            stopped, milliseconds = await self._guard.halt()  # first of all: what follows may touch the disk
        except Exception:
            log.exception("the halt did not reach the guard")
        finally:
            self._latch(time.time())
        if self._state.config.robot not in ("sim", "pi"):
            stopped = await self._stop_own_robot()
        if not stopped:
            text = "The halt was not confirmed; look whether the wheels stand still."
            self._clients.send(Notice("error", text))
        log.info("halt (%s): stopped: %s, after %.1f ms", who, stopped, milliseconds)
        state = self._state.halt
        halted = Halted(state.at, state.what, state.why, stopped, round(milliseconds, 2))
        self._clients.send(halted)
        return halted

    async def _stop_own_robot(self) -> bool:
        """Stop a robot whose wheels no guard of this server holds; returns whether it says so itself."""
        if not self._worker.ready.is_set():
            return False
        try:
            await self._worker.do(Halt(), seconds=OWN_ROBOT_SECONDS)
        except Problem:
            self._worker.kill()  # whatever holds its motors notices the end of the process
            return False
        return True

    def take_event(self, event: Event) -> None:
        """Take what the guard did: another program may have halted or reset it."""
        if event.what == "halted":
            self._latch(event.wall)
            if event.detail:
                text = f"The halt holds, but the guard could not keep it: {event.detail}."
                self._clients.send(Notice("error", text))
        elif event.what == "reset" and self._state.halt.halted and event.monotonic > self._pressed_at:
            self._unlatch()  # but not by the news of a reset that was before the last halt

    def found_halted(self, why: str = "") -> None:
        """Note that the guard was halted before this server started; `why` if not by a person's HALT."""
        self._why = why or "it was halted before the server started"
        self._latch(time.time())

    def _latch(self, at: float) -> None:
        if self._state.halt.halted:
            return
        word = self._before or self._state.word
        what = WAS_STOPPED.get(word, "nothing moved")
        why = self._why or "another program halted the guard"
        self._state.halt = HaltState(True, what, why, at)
        self._worker.send(Halt())
        self._job.forget()
        self._returning = asyncio.ensure_future(self._manual.return_wheels())
        self._state.touch()
        self._persisted.set(halt=asdict(self._state.halt))
        if not self._persisted.kept:
            text = "The halt holds, but could not be written: free space on the disk before a restart."
            self._clients.send(Notice("error", text))

    async def reset(self) -> None:
        """Let the wheels move again; nothing begins to move by that. A halt that comes meanwhile stays."""
        if self._state.halts_pending:
            raise Problem(409, "A halt is being carried out; reset it when that is done.")
        count = self.count
        await self._guard.reset()
        if self.count != count:
            await self._guard.halt()  # the guard may have received the two in either order
            raise Problem(409, "Halt was pressed meanwhile; see that all is well, then reset that one.")
        self._unlatch()
        log.info("the halt was reset")

    def _unlatch(self) -> None:
        self._why = self._before = ""
        self._state.halt = HaltState()
        self._persisted.set(halt=asdict(self._state.halt))
        self._state.touch()
