"""The halt: stops everything, answers when the pins are low, and holds until a person resets it."""

import asyncio
import logging
import time
from collections.abc import Callable

from robot_agent.guard.client import Event
from server.control.clients import Clients
from server.control.guard_service import Wheels
from server.control.state import State
from server.control.worker_process import Link
from server.problems import Problem
from server.protocol import Message
from server.service.persisted import Memory

log = logging.getLogger("robot-server")

OWN_ROBOT_SECONDS = 2.0
"""A robot of somebody's own, which has no guard here, has to stop within this; else its worker is killed."""


class Halts:
    """The latch, here, in the guard, and in what the server remembers."""

    def __init__(
        self,
        state: State,
        memory: Memory,
        clients: Clients,
        link: Link,
        wheels: Wheels,
        *,
        own_robot: bool,
        on_latched: Callable[[], None],
    ) -> None:
        """Halt `wheels` first, then the worker behind `link`.

        Args:
            state: where the latch is shown.
            memory: where it outlives the server.
            clients: are told.
            link: to the worker.
            wheels: the guard.
            own_robot: whether the robot is of somebody's own, with wheels that are no guard's here.
            on_latched: is called when everything is to end.
        """
        self._state, self._memory, self._clients = state, memory, clients
        self._link, self._wheels, self._own_robot = link, wheels, own_robot
        self._on_latched = on_latched
        known = memory.get("halt")
        if isinstance(known, dict) and set(known) == set(state.halt):
            state.halt = known
        self.count = 0
        """How many were asked for."""
        self._why = self._before = ""
        self._pressing: set[asyncio.Task[Message]] = set()

    @property
    def latched(self) -> bool:
        """Whether everything is halted, or about to be: nothing begins to move from then on."""
        return self._pressed or bool(self._pressing)

    @property
    def _pressed(self) -> bool:
        return bool(self._state.halt["halted"])

    def must_not_be(self) -> None:
        """Raise Problem while it is latched."""
        if self.latched:
            raise Problem(409, "Everything is halted; see that all is well, then reset the halt.")

    async def halt(self, who: str) -> Message:
        """Stop everything, first the wheels; answers when the pins are low.

        It is latched whatever goes wrong with that, and when who asked has gone meanwhile.
        """
        halting = asyncio.ensure_future(self._halt(who))
        self._pressing.add(halting)
        halting.add_done_callback(self._pressing.discard)
        return await asyncio.shield(halting)

    async def _halt(self, who: str) -> Message:
        self.count += 1
        self._why, self._before = f"{who} pressed halt", self._state.word
        stopped, milliseconds = False, 0.0
        try:
            stopped, milliseconds = await self._wheels.halt()  # first of all: what follows may touch the disk
        except Exception:
            log.exception("the halt did not reach the guard")
        finally:
            self._latch(time.time())
        if self._own_robot:
            stopped = await self._stop_own_robot()
        if not stopped:
            self._clients.tell(
                {
                    "type": "told",
                    "level": "error",
                    "text": "The halt was not confirmed; look whether the wheels stand still.",
                }
            )
        answer = {"stopped": stopped, "milliseconds": round(milliseconds, 2)}
        log.info("halt (%s): stopped: %s, after %.1f ms", who, stopped, milliseconds)
        latch = {name: self._state.halt[name] for name in ("at", "what", "why")}
        self._clients.tell({"type": "halted", **latch, **answer})
        return answer

    async def _stop_own_robot(self) -> bool:
        """Stop a robot whose wheels are no guard's of this server; returns whether it says so itself."""
        if not self._link.ready.is_set():
            return False
        try:
            await asyncio.wait_for(self._link.ask("halt"), OWN_ROBOT_SECONDS)
        except (TimeoutError, Problem):
            self._link.kill()  # an own guard, or whatever else it has, notices its end
            return False
        return True

    def on_event(self, event: Event) -> None:
        """Take what the guard did: another program may have halted or reset it."""
        if event.what == "halted":
            self._latch(event.wall)
        elif event.what == "reset" and self._pressed:
            self._unlatch()

    def found(self) -> None:
        """Take it that the guard is halted already, from before this server."""
        self._why = "it was halted before the server started"
        self._latch(time.time())

    def _latch(self, at: float) -> None:
        if self._pressed:
            return
        word = self._before or self._state.word
        what = f"{word} was stopped" if word in ("training", "driving", "hand") else "nothing moved"
        why = self._why or "another program told the guard to"
        self._state.halt = {"halted": True, "what": what, "why": why, "at": at}
        self._link.say("halt")
        self._on_latched()
        self._memory.set(halt=self._state.halt)

    async def reset(self) -> None:
        """Let the wheels move again; nothing begins to move by that. A halt that comes meanwhile stays."""
        if self._pressing:
            raise Problem(409, "A halt is under way; reset it when it has come to its end.")
        halts = self.count
        await self._wheels.reset()
        if self.count != halts:
            await self._wheels.halt()  # the guard may have been told of the two in either order
            raise Problem(409, "Halt was pressed meanwhile; see that all is well, then reset that one.")
        self._unlatch()
        log.info("the halt was reset")

    def _unlatch(self) -> None:
        self._why = self._before = ""
        self._state.halt = {"halted": False, "what": "", "why": "", "at": None}
        self._memory.set(halt=self._state.halt)
