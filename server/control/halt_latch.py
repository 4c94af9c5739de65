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
from server.protocol.from_worker import Notice
from server.protocol.page import Halted, HaltState
from server.protocol.to_worker import Halt
from server.service.persisted import Persisted

log = logging.getLogger("robot-server")

OWN_ROBOT_SECONDS = 2.0
"""A user's own robot has no guard here; its worker is killed if it has not stopped after this time."""


WAS_STOPPED: dict[str, str] = {
    "training": "training was stopped",
    "driving": "driving was stopped",
    "lent": "driving from another machine was stopped",
    "hand": "hand was stopped",
}
"""What a halt stopped, by the state's word before the halt."""


class HaltLatch:
    """The latch of the halt: kept in the server's state, in the guard, and in the server's file."""

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
        """Take the latch as it was when the server ended.

        Args:
            state: shows the latch.
            persisted: keeps the latch between two starts of the server.
            clients: are told of each halt.
            worker: ends its job at a halt.
            guard: stops the wheels, before all the others.
            manual: ends driving by hand at a halt.
            job: does not begin again after a halt.
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
        """Return the latch as it was when the server ended; if that cannot be read, return it as halted."""
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
        """Stop everything, first the wheels; return when the pins are low.

        The halt is latched even if something fails, and even if the client that asked has gone.
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
        """Stop a robot that has no guard of this server; return whether its worker confirms the stop."""
        if not self._worker.ready.is_set():
            return False
        try:
            await self._worker.do(Halt(), seconds=OWN_ROBOT_SECONDS)
        except Problem:
            self._worker.kill()  # whatever holds its motors notices the end of the process
            return False
        return True

    def take_event(self, event: Event) -> None:
        """Follow the guard's event: another program may have halted or reset the guard."""
        if event.what == "halted":
            self._latch(event.wall)
            if event.detail:
                text = f"The halt holds, but the guard could not keep it: {event.detail}."
                self._clients.send(Notice("error", text))
        elif event.what == "reset" and self._state.halt.halted and event.monotonic > self._pressed_at:
            self._unlatch()  # but not by the news of a reset that was before the last halt

    def found_halted(self, why: str = "") -> None:
        """Latch the halt of a guard that was halted before this server started; `why` is from the guard."""
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
        """Reset the halt, so that the wheels may move again; this alone moves nothing.

        Raises:
            Problem: a halt is being carried out, or halt was pressed during the reset; that halt stays.
        """
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
