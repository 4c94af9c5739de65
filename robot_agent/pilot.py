"""A learned policy as a file, and as a plain call for those who keep their own loop.

from robot_agent.pilot import Pilot

pilot = Pilot.load("policy.safetensors")
while True:
    pulse = pilot(camera.read())        # (H, W, 3) uint8 BGR
    if pulse is None:                   # nothing seen: stop and look around
        break
    motors.pulse(pulse.left, pulse.right, pulse.seconds)
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from robot_agent.config import Config, load, merge
from robot_agent.environment import as_array
from robot_agent.errors import SettingsError
from robot_agent.motors import Pulse
from robot_agent.policy import GaussianPolicy
from robot_agent.task import Approach
from robot_agent.wiring import make_detector, make_policy, make_task
from vision.detector import Detector
from vision.sight import Frame, Sight

FORMAT = "robot-agent policy 1"

BELONGS_TO_THE_POLICY = ("task", "network")
"""Sections of the settings that a policy means something with; the rest is of the robot at hand."""


class Pilot:
    """Frame in, pulse out: a detector and a policy, without camera, motors or learning."""

    def __init__(self, policy: GaussianPolicy, detector: Detector, task: Approach | None = None) -> None:
        """Put a policy and a detector together.

        Args:
            policy: what decides; the most probable action is taken.
            detector: what finds the target in a frame.
            task: what the policy's numbers mean; the plain `Approach` if not given.
        """
        self.policy, self.detector, self.task = policy, detector, task or Approach()
        self.sight: Sight | None = None
        """What was seen in the last frame."""

    @classmethod
    def load(cls, file: Path | str, detector: Detector | None = None) -> "Pilot":
        """Read an exported policy; the detector is the one of its settings, if none is given."""
        policy, settings = load_policy(Path(file))
        return cls(policy, detector or make_detector(settings), make_task(settings))

    def __call__(self, frame: Frame) -> Pulse | None:
        """Return the pulse for what is in a frame, or None when nothing is seen."""
        self.sight = self.detector.detect(frame)
        return None if self.sight is None else self.decide(self.sight)

    def decide(self, sight: Sight) -> Pulse:
        """Return the pulse for a sight."""
        pulses = self.task.pulses(self.policy.greedy(self.task.observe(as_array(sight))).astype(np.float32))
        return Pulse(float(pulses.wheels[0, 0]), float(pulses.wheels[1, 0]), float(pulses.seconds[0]))

    def is_there(self) -> bool:
        """Say whether the last sight is the goal sight."""
        return self.sight is not None and bool(self.task.is_reached(as_array(self.sight))[0])


def save_policy(file: Path, tensors: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> None:
    """Write a policy's parameters as safetensors, with all settings of its training as metadata.

    Args:
        file: where to.
        tensors: of the policy; its optimiser's are left out.
        settings: JSON values, as in the store.
    """
    parameters = {name: value for name, value in tensors.items() if not name.startswith("adam.")}
    metadata = {"format": FORMAT, "settings": json.dumps(settings)}
    try:
        save_file(parameters, file, metadata)
    except (OSError, SafetensorError) as error:
        raise OSError(f"{file} cannot be written ({error}); choose another place with --out.") from error


def read_policy(file: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read an exported policy's parameters and settings.

    Raises:
        SettingsError: it is not there, or is no exported policy.
    """
    if not file.is_file():
        raise SettingsError(f"There is no policy file {str(file)!r}; make one with 'robot-agent export'.")
    try:
        with safe_open(file, framework="numpy") as content:
            metadata = content.metadata() or {}
            tensors = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise SettingsError(f"{file} is no policy file; make one with 'robot-agent export'.") from error
    if metadata.get("format") != FORMAT:
        raise SettingsError(f"{file} is not a policy of this program; make one with 'robot-agent export'.")
    settings: dict[str, Any] = json.loads(metadata["settings"])
    return tensors, settings


def with_policy_settings(settings: Mapping[str, Any], flags: Mapping[str, Any]) -> dict[str, Any]:
    """Return flags to load the settings with that a policy is used under: its own task and network."""
    for name, value in flags.items():
        for key in value if isinstance(value, Mapping) else ():
            if name == "network" or (name == "task" and key in ("action", "observation")):
                raise SettingsError(f"{name}.{key} is the policy's own and cannot be set here; leave it.")
    return merge({section: settings[section] for section in BELONGS_TO_THE_POLICY}, flags)


def load_policy(
    file: Path, *, config_file: Path | None = None, flags: Mapping[str, Any] | None = None
) -> tuple[GaussianPolicy, Config]:
    """Read an exported policy and the settings to use it with."""
    tensors, own = read_policy(file)
    config = load(config_file, with_policy_settings(own, flags or {}))
    return build_policy(tensors, config, str(file)), config


def build_policy(tensors: Mapping[str, NDArray[Any]], config: Config, origin: str) -> GaussianPolicy:
    """Build the policy that the settings describe and give it its parameters."""
    policy = make_policy(config)
    try:
        policy.load(dict(tensors))
    except ValueError as error:
        raise SettingsError(f"{origin}: {error}") from error
    return policy
