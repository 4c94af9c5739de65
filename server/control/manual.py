"""Driving by hand: one person at a time; each command holds for one lease, then the wheels stop."""

import asyncio
import time

from robot_agent.errors import GuardError, Halted
from robot_agent.guard.lease import LEASE_SECONDS
from server.control.clients import Client
from server.control.guard_service import GuardService
from server.control.state import ServerState
from server.control.worker_process import WorkerProcess
from server.problems import Problem
from server.protocol.page import PageDrive
from server.protocol.to_worker import Manual, ReturnWheels, TakeWheels

RETURN_SECONDS = 1.5
"""Time without a command after which the worker gets the wheels back."""


class Holder:
    """Knows which client drives by hand, and the number of each client's last command."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.client: Client | None = None
        self._last = 0.0
        self._sequence: dict[Client, int] = {}

    def take(self, client: Client, sequence: int) -> str:
        """Accept the command with the number `sequence`; return why it is refused, or "" if it is accepted.

        The number has to be higher than that of the same client's last command, so no command counts twice.
        """
        if sequence <= self._sequence.get(client, -1):
            return "This command is old or was sent before; send each with a higher number."
        if self.client is not client and self.active():
            return "Somebody else drives; wait until they let go."
        self._sequence[client] = sequence
        self.client, self._last = client, time.monotonic()
        return ""

    def active(self) -> bool:
        """Return whether a client holds the wheels and its lease is not over."""
        return self.client is not None and time.monotonic() < self._last + LEASE_SECONDS

    def drop(self, client: Client) -> bool:
        """Take the wheels from a client; return whether this client held them."""
        held = self.client is client
        if held:
            self.client = None
        return held

    def forget(self, client: Client) -> None:
        """Forget a client that has gone."""
        self._sequence.pop(client, None)

    def silent(self) -> bool:
        """Return whether the last command is so old that the worker gets the wheels back."""
        return time.monotonic() > self._last + RETURN_SECONDS


class ManualDriving:
    """Takes the wheels from the worker for somebody who drives by hand, and gives them back."""

    def __init__(self, state: ServerState, worker: WorkerProcess, guard: GuardService) -> None:
        """Drive through `guard` the wheels that `worker` has let go of, and show that in `state`."""
        self._state, self._worker, self._guard = state, worker, guard
        self.turn = asyncio.Lock()
        """Lock that is held while the driver of the wheels changes, or a job begins that moves them."""
        self.holder = Holder()

    async def drive(self, client: Client, command: PageDrive) -> str:
        """Carry out a command; return why it was refused, or "" if it was carried out."""
        state = self._state
        if not client.control:
            return "Pair with the code in the terminal to drive."
        if not (-1 <= command.left <= 1 and -1 <= command.right <= 1):
            return "A command needs left and right, shares of full speed in [-1, 1]."
        if state.latched:
            return "Everything is halted; see that all is well, then reset the halt."
        if state.config.robot not in ("sim", "pi"):
            return "Your own robot has no guard here, so it cannot be driven by hand; use its own remote."
        if refused := self.holder.take(client, command.seq):
            return refused
        came = time.monotonic()
        came = came if command.at is None else min(came, command.at)
        try:
            if not state.by_hand:
                async with self.turn:
                    await self._guard.stop()  # a worker on a busy machine lets go of them later
                    await self._worker.order(TakeWheels(), done=False)
                    state.by_hand = True
                    state.touch()
            if self.holder.client is not client:
                return "You let go."
            await self._guard.drive(command.left, command.right, came)
            self._worker.send(Manual(left=command.left, right=command.right))
        except Problem as problem:
            state.begin_paused()
            return str(problem)
        except (Halted, GuardError, ValueError) as error:
            return str(error)
        return ""

    @property
    def busy(self) -> bool:
        """Whether somebody is driving by hand at this moment."""
        return self.holder.active()

    async def release(self, client: Client) -> None:
        """Stop the wheels if this client drives them."""
        if self.holder.drop(client):
            self._worker.send(Manual(left=0.0, right=0.0))
            await self._guard.release(let_go=False)

    async def return_wheels(self) -> None:
        """End driving by hand: stop the wheels, and leave them to the worker."""
        if self._state.by_hand:
            self.holder.client, self._state.by_hand = None, False
            await self._guard.release(let_go=True)
            self._worker.send(ReturnWheels())
            self._state.touch()

    async def return_when_silent(self) -> None:
        """Return the wheels when nobody has sent a command for a while."""
        if self._state.by_hand and self.holder.silent():
            await self.return_wheels()
