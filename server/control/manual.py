"""Driving by hand: one person at a time, under a lease that ends by itself."""

import asyncio
import time
from collections.abc import Callable

from robot_agent.errors import GuardError, Halted
from server.control.clients import Client
from server.control.guard_service import Wheels
from server.control.state import State
from server.control.worker_process import Link
from server.problems import Problem

LEASE_SECONDS = 0.4
"""As long as the guard's (design, section 6)."""

HAND_OVER_SECONDS = 1.5
"""After so long without a command the wheels are nobody's again."""


class Hand:
    """Who drives by hand now, and with which command last."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.holder: Client | None = None
        self._until = 0.0
        self._sequence: dict[Client, int] = {}

    def take(self, client: Client, sequence: int) -> str:
        """Take a command; returns why it is refused, or nothing when it may be carried out.

        A command is good once: its number has to be higher than that of the last one of the same client.
        """
        if sequence <= self._sequence.get(client, -1):
            return "This command is old or was sent before; send each with a higher number."
        if self.holder is not None and self.holder is not client and time.monotonic() < self._until:
            return "Somebody else drives; wait until they let go."
        self._sequence[client] = sequence
        self.holder, self._until = client, time.monotonic() + LEASE_SECONDS
        return ""

    def drop(self, client: Client) -> bool:
        """Let a client go, or let go for it; returns whether it held the wheels."""
        held = self.holder is client
        if held:
            self.holder = None
        return held

    def forget(self, client: Client) -> None:
        """Forget a client that has gone."""
        self._sequence.pop(client, None)

    def expired(self) -> bool:
        """Say whether nobody has commanded for so long that the wheels are to be handed over."""
        return time.monotonic() > self._until - LEASE_SECONDS + HAND_OVER_SECONDS


class Steering:
    """Takes the wheels from the worker for a hand, and gives them back."""

    def __init__(
        self, state: State, link: Link, wheels: Wheels, turn: asyncio.Lock, *, on_change: Callable[[], None]
    ) -> None:
        """Steer with `wheels` what the worker behind `link` has let go of.

        Args:
            state: says whether somebody drives by hand.
            link: to the worker.
            wheels: the guard.
            turn: is held while the wheels change hands.
            on_change: is called when they have.
        """
        self._state, self._link, self._wheels = state, link, wheels
        self._turn, self._on_change = turn, on_change
        self.hand = Hand()

    async def drive(self, client: Client, left: float, right: float, sequence: int) -> str:
        """Carry out a command; returns why it is not, or nothing."""
        if refused := self.hand.take(client, sequence):
            return refused
        try:
            if not self._state.hand:
                async with self._turn:
                    await self._link.ask("yield")
                    self._state.hand = True
                    self._on_change()
            if self.hand.holder is not client:
                return "You let go."
            await self._wheels.drive(left, right)
            self._link.say("hand", left=left, right=right)
        except (Halted, GuardError, ValueError, Problem) as error:
            return str(error)
        return ""

    async def release(self, client: Client) -> None:
        """Stop what a client drives, if it does."""
        if self.hand.drop(client):
            self._link.say("hand", left=0.0, right=0.0)
            await self._wheels.release(let_go=False)

    async def let_go(self) -> None:
        """Stop what is driven by hand, and leave the wheels to the worker."""
        if self._state.hand:
            self.hand.holder, self._state.hand = None, False
            await self._wheels.release(let_go=True)
            self._link.say("hand over")
            self._on_change()

    async def let_go_when_silent(self) -> None:
        """Let go when nobody has commanded for a while."""
        if self._state.hand and self.hand.expired():
            await self.let_go()
