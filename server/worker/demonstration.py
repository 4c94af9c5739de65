"""While a fleet learns, one simulated robot shows what the policy does by now; no real wheel turns."""

import time

import numpy as np

from robot_agent.build.simulation import make_task
from robot_agent.envs.task import Ending, as_array, judge_sight
from robot_agent.learning.policy import Policy
from robot_agent.settings.config import Config
from robot_agent.simulator import SimulatedRobot
from server.worker.frames import Frames, look_at
from vision.detectors.detector import Detector
from vision.sight import Sight

SHARE = 0.03
"""Processor time of the demonstration, as a share of the time of the training, at most."""


class Demonstration:
    """A simulated robot that drives by the policy that is being learned."""

    def __init__(self, simulated: SimulatedRobot, detector: Detector, config: Config, frames: Frames) -> None:
        """Drive `simulated` by what `detector` sees, and show it in `frames`."""
        self._simulated, self._detector, self._frames = simulated, detector, frames
        self._task = make_task(config)
        self._left = 0.0
        self._powers = (0.0, 0.0)
        self._moves = 0
        self._last = time.monotonic()
        self._after = 0.0

    def show(self, policy: Policy) -> None:
        """Move the robot on and show what it sees, if a picture is due and there is processor time for it."""
        if not self._frames.due() or time.thread_time() < self._after:
            return
        now, begun = time.monotonic(), time.thread_time()
        passed, self._last = now - self._last, now
        if self._left > 0:
            part = min(passed, self._left)
            self._simulated.pulse(*self._powers, part)
            self._left -= part
        frame = self._simulated.peek()
        found = look_at(frame, self._detector)
        self._frames.show(frame, found, simulated=self._simulated)
        if self._left <= 0:
            self._decide(policy, found.sight)
        # Counted in processor time, not clock time: on a busy machine the training does not get all of it.
        ended = time.thread_time()
        self._after = ended + (ended - begun) / SHARE

    def _decide(self, policy: Policy, sight: Sight | None) -> None:
        if sight is None or judge_sight(self._task, sight, self._moves)[1] is not Ending.GOING:
            self._simulated.reset()
            self._moves = 0
            return
        action = policy.greedy(self._task.observe(as_array(sight))).astype(np.float32)
        pulses = self._task.pulses(action)
        self._powers = float(pulses.wheels[0, 0]), float(pulses.wheels[1, 0])
        self._left, self._moves = float(pulses.seconds[0]), self._moves + 1
