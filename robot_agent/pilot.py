"""A learned policy as a file, and as a plain function for those who write their own loop.

from robot_agent.pilot import Pilot

pilot = Pilot.load("policy.safetensors")
while True:
    pulse = pilot(camera.read())        # (H, W, 3) uint8 BGR
    if pulse is None:                   # nothing seen: stop and look around
        break
    motors.pulse(pulse.left, pulse.right, pulse.seconds)

`Pilot.load()` loads the policy that ships with this package: it adapts to the robot with each frame.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.build.driving import make_knowing_pilot
from robot_agent.build.robot import make_detector
from robot_agent.build.simulation import make_task
from robot_agent.build.training import make_policy
from robot_agent.envs.task import Approach, Ending, Task, as_array, judge_sight
from robot_agent.errors import SettingsError
from robot_agent.identification.pilot import KnowingPilot
from robot_agent.identification.policies import is_conditioned, known_of
from robot_agent.identification.policies import read_policy as read_conditioned_policy
from robot_agent.learning.gaussian import GaussianActor
from robot_agent.learning.policy import BackendKind, Policy
from robot_agent.motors.motors import Pulse
from robot_agent.runs.policy_file import load_for_policy, read_policy
from robot_agent.settings.config import Config, load
from vision.detectors.detector import Detector
from vision.sight import Frame, Sight


class Pilot:
    """Frame in, pulse out: a detector and a policy, without camera, motors or learning."""

    def __init__(self, policy: Policy | KnowingPilot, detector: Detector, task: Task | None = None) -> None:
        """Put a policy and a detector together.

        Args:
            policy: the policy, whose most probable action is taken. Or a pilot that adapts to its robot:
                then every pulse must be made as returned before the next frame is given.
            detector: finds the target in a frame.
            task: the task of the policy; if not given, `Approach` with its defaults, or the pilot's task.
        """
        self.policy, self.detector = policy, detector
        self.task: Task = task or (policy.task if isinstance(policy, KnowingPilot) else Approach())
        self.sight: Sight | None = None
        """The sight in the last frame."""
        self._pulse: Pulse | None = None
        """The last pulse; None when an episode begins."""

    @classmethod
    def load(cls, file: Path | str | None = None, detector: Detector | None = None) -> "Pilot":
        """Read an exported policy; if no detector is given, open the one in the policy's settings.

        Without a file, this is the policy for two wheels that ships with this package and adapts to the robot
        while it drives. A file of this kind may also be named: one made by `robot-agent export known` starts
        with what is known about its robot.
        """
        if file is None:
            settings = load(None, {"task": {"action": "wheels"}})
            return cls(make_knowing_pilot(settings), detector or make_detector(settings))
        if is_conditioned(Path(file)):
            act, task, _ = read_conditioned_policy(Path(file))
            known = known_of(Path(file).read_bytes(), str(file))
            return cls(KnowingPilot(act, task, known), detector or make_detector(load()))
        policy, settings = load_policy(Path(file))
        return cls(policy, detector or make_detector(settings), make_task(settings))

    def begin(self) -> None:
        """Say that an episode begins: the robot has moved without this pilot since the last frame.

        Only a pilot that adapts to its robot needs this call. After the goal, or when nothing was seen, a new
        episode is assumed without it.
        """
        self._pulse = None

    def __call__(self, frame: Frame) -> Pulse | None:
        """Return the pulse for a frame; None when nothing is seen."""
        if self.is_there():
            self.begin()
        self.sight = self.detector.detect(frame)
        if isinstance(self.policy, KnowingPilot):
            self.policy.learn(self._pulse, self.sight)
        self._pulse = None if self.sight is None else self.decide(self.sight)
        return self._pulse

    def decide(self, sight: Sight) -> Pulse:
        """Return the pulse for a sight."""
        if isinstance(self.policy, KnowingPilot):
            return self.policy.decide(sight)
        pulses = self.task.pulses(self.policy.greedy(self.task.observe(as_array(sight))).astype(np.float32))
        return Pulse(float(pulses.wheels[0, 0]), float(pulses.wheels[1, 0]), float(pulses.seconds[0]))

    def is_there(self) -> bool:
        """Return whether the last sight is the goal sight, within the tolerance."""
        return self.sight is not None and judge_sight(self.task, self.sight)[1] is Ending.REACHED


def load_policy(file: Path) -> tuple[GaussianActor, Config]:
    """Read an exported policy and the settings to use it with."""
    tensors, own = read_policy(file)
    config = load_for_policy(own, None, {}, from_file=True)
    return build_policy(tensors, config, str(file)), config


def build_policy(
    tensors: Mapping[str, NDArray[Any]], config: Config, origin: str, backend: BackendKind = "numpy"
) -> GaussianActor:
    """Build the policy that the settings describe, with these parameters.

    The policy acts the same with both backends, no matter which one trained it; NumPy loads much faster.

    Args:
        tensors: the parameters by name.
        config: the settings.
        origin: where the parameters come from, for errors.
        backend: the library to compute with.
    """
    config = config.model_copy(update={"learner": config.learner.model_copy(update={"backend": backend})})
    policy = make_policy(config)
    try:
        policy.load(dict(tensors))
    except ValueError as error:
        raise SettingsError(f"{origin}: {error}") from error
    return policy
