"""A camera and a learner that do what the file $STAGE says: they bring a robot into any situation.

Its words: `target` (it is in the middle), `wall` (it is nowhere), `lost` (the camera fails), `slow` (as
target, and each update takes seconds). What they are at is written beside it, to `$STAGE.at`.
"""

import os
import time
from pathlib import Path

import numpy as np

from robot_agent.learning.reinforce import Reinforce
from vision.cameras.camera import CameraFault

UPDATE_SECONDS = 3.0


def stage():
    """Return what is played now."""
    return Path(os.environ["STAGE"]).read_text()


def at(what):
    """Write down what is done now."""
    Path(os.environ["STAGE"] + ".at").write_text(what)


class Camera:
    """Looks at a wall, with or without a red target before it."""

    def __init__(self):
        self.random = np.random.default_rng(1)

    def read(self):
        if (now := stage()) == "lost":
            time.sleep(0.1)
            at("recovery")
            raise CameraFault("The camera gives no pictures; look at its cable.", kind="lost")
        frame = self.random.integers(80, 100, (240, 320, 3), np.uint8)
        if now in ("target", "slow"):
            frame[60:180, 145:185] = 25, 25, 205
        return frame

    def close(self):
        pass


def camera():
    """Open the camera."""
    return Camera()


class Learner(Reinforce):
    """Learns, slowly where that is played."""

    def update(self, rollout, progress=0.0):
        if stage() == "slow":
            at("update")
            until = time.monotonic() + UPDATE_SECONDS
            while time.monotonic() < until:  # as arithmetic does, it does not give way to other threads
                sum(range(1000))
            at("")
        return super().update(rollout, progress)


def learner(policy, value, seed):
    """Make the learner."""
    return Learner(policy)
