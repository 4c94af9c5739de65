"""The server's settings, and the settings of each job that a request asks for.

What a request gives is checked and limited before the worker gets the settings.
"""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from robot_agent.errors import SettingsError
from robot_agent.runs.policy_file import BELONGS_TO_THE_POLICY
from robot_agent.settings.config import Config, load, merge
from vision.factory import is_factory

OPEN = ("task", "network", "learner", "train", "simulator", "episodes", "vision", "seed")
"""Sections whose settings a request may change, except `FILES`; the others name devices, pins or programs."""

LEARNED_COLOR = "vision.color.learned"
"""The colour that was learned by a click: a request may give it as a table, but not as the name of a file."""

FILES = (
    LEARNED_COLOR,
    "vision.slices.model",
    "vision.slices.color",
    "vision.objects.model",
    "vision.objects.labels",
    "learner.algorithm",
    "task.factory",
)
"""Settings of these sections that name a file or a program, which a request may not give."""

BOUNDS: dict[str, float] = {
    "train.robots": 4096,
    "train.moves": 100_000_000,
    "train.episodes_per_update": 8192,
    "train.evaluation_episodes": 10_000,
    "task.max_moves": 500,
    "learner.epochs": 64,
    "learner.replay_batches": 64,
    "episodes.max_pulses": 10_000,
}
"""Largest values that a request may give; larger ones would be too much for the machine."""

MAX_LAYERS, MAX_UNITS = 4, 512

MAX_LEARNED = 64 * 1024
"""Largest learned colour that a request may give, bytes of JSON."""


class ServerSettings:
    """The settings of this server, from which the settings of each training or driving are made."""

    def __init__(self, file: Path | None, flags: Mapping[str, Any]) -> None:
        """Load the settings from a file and the flags of the command line; raise SettingsError."""
        self._file, self._flags = file, dict(flags)
        self._learned: dict[str, Any] = {}
        self.config = load(file, flags)

    def learn(self, settings: Mapping[str, Any]) -> None:
        """Use these settings, which were learned or chosen on the page, from now on; raise SettingsError."""
        self.config = self.learned(settings)
        self._learned = merge(self._learned, settings)

    def learned(self, settings: Mapping[str, Any]) -> Config:
        """Return the server's settings as they would be after `learn(settings)`; raise SettingsError."""
        return load(self._file, merge(self._flags, merge(self._learned, settings)))

    def training(
        self,
        *,
        robot: str,
        preset: str | None = None,
        moves: int | None = None,
        action: str | None = None,
        seed: int | None = None,
        settings: Mapping[str, Any] | None = None,
        policy: Mapping[str, Any] | None = None,
    ) -> Config:
        """Return the settings of a training, with a seed; raise SettingsError.

        Args:
            robot: `sim` to train simulated robots; `robot` to train the robot of this server.
            preset: name of a preset, see `presets.PRESETS`.
            moves: number of moves of the whole training.
            action: what the policy decides, see `task.action`.
            seed: seed of everything random; drawn if neither this nor the settings have one.
            settings: further settings by `section.name`.
            policy: settings of the policy with which the training begins.
        """
        asked: dict[str, Any] = {}
        for name, value in (settings or {}).items():
            first, *more = name.split(".")
            table = name == LEARNED_COLOR and isinstance(value, Mapping)
            if table and len(json.dumps(value)) > MAX_LEARNED:
                raise SettingsError(f"The setting {name!r} is larger than {MAX_LEARNED // 1024} kB.")
            closed = isinstance(value, Mapping) or not is_open(name)  # a table may hide the name of a file
            if (closed and not table) or not all(more) or is_factory(value):
                raise SettingsError(
                    f"The setting {name!r} cannot be set from here; set it in robot.toml or with --set."
                )
            for part in reversed([first, *more]):
                value = {part: value}
            asked = merge(asked, value)
        given = {"preset": preset, "seed": seed, "train": {"moves": moves}, "task": {"action": action}}
        asked = merge(asked, _without_none(given))
        if robot == "robot" and self.config.robot == "sim":
            asked = merge(asked, {"simulator": {"rendered": True}})
        if robot == "sim":
            asked = merge(asked, {"robot": "sim"})
        own = {} if policy is None else {name: policy[name] for name in BELONGS_TO_THE_POLICY}
        flags = merge(merge(merge(self._flags, self._learned), own), asked)
        config = load(self._file, flags, from_policy=policy is not None)
        if config.simulator.rendered and self.config.robot != "sim":
            raise SettingsError(
                "This server has a real robot; train the simulated one with `robot-server --robot sim`."
            )
        check_bounds(config)
        if config.seed is None:
            config = config.model_copy(update={"seed": secrets.randbelow(2**31)})
        return config

    def resumed(self, settings: Mapping[str, Any]) -> Config:
        """Return the settings to go on with a run; camera, motors and store are those of this server."""
        own = {name: value for name, value in settings.items() if name not in ("camera", "motors", "store")}
        config = load(self._file, merge(self._flags, own))
        check_bounds(config)
        if config.robot not in ("sim", self.config.robot):
            raise SettingsError(
                f"This run was made on the robot {config.robot!r}; start the server with that one."
            )
        return config

    def driving(self, settings: Mapping[str, Any]) -> Config:
        """Return the settings to drive a policy that was trained with `settings`."""
        own = {name: settings[name] for name in BELONGS_TO_THE_POLICY}
        config = load(self._file, merge(merge(self._flags, own), self._learned))
        check_bounds(config)
        return config


def is_open(name: str) -> bool:
    """Return whether a request may change the setting `name`, such as "train.moves"."""
    return name.split(".")[0] in OPEN and not any(f"{name}.".startswith(f"{file}.") for file in FILES)


def check_bounds(config: Config) -> None:
    """Raise SettingsError if a setting is too large for the machine, see `BOUNDS`."""
    for name, most in BOUNDS.items():
        section, last = name.split(".")
        if (value := getattr(getattr(config, section), last)) > most:
            raise SettingsError(f"The setting {name} is {value}; give {most:,.0f} at most.")
    hidden = config.network.hidden
    if len(hidden) > MAX_LAYERS or any(size > MAX_UNITS for size in hidden):
        raise SettingsError(f"The network is too large; give at most {MAX_LAYERS} layers of {MAX_UNITS}.")


def _without_none(settings: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        name: _without_none(value) if isinstance(value, Mapping) else value
        for name, value in settings.items()
    }
    return {name: value for name, value in found.items() if value is not None and value != {}}
