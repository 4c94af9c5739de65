"""The lease: how long a drive by hand lasts, and how old a command may be when it comes to the wheels."""

import time

from robot_agent.errors import CommandTooOld

LEASE_SECONDS = 0.4
"""The lease: seconds that a drive by hand lasts unless it is renewed."""

CLOCK_SECONDS = 0.01
"""By how much a command's time may lie ahead of the guard's, s: two processes that read the same clock."""


def check_age(at: float) -> None:
    """Raise CommandTooOld if a command given at the time `at` is older than the lease.

    Meanwhile, the robot may have moved on. This is the last check before the wheels, after every place where
    a command may have waited: a queue, a stopped process, a machine that slept. `at` is a time of
    `time.monotonic` on this machine.
    """
    age = time.monotonic() - at
    if not -CLOCK_SECONDS <= age <= LEASE_SECONDS:
        raise CommandTooOld(
            f"This command is {age:.1f} s old, more than the lease of {LEASE_SECONDS} s; give it again."
            if age > 0.0
            else "The time of this command lies ahead; give it one of time.monotonic on this machine."
        )
