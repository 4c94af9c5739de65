"""Driving by hand: one person at a time, under a lease that ends by itself."""

import time

from server.clients import Client

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
