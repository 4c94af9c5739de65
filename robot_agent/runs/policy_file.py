"""A learned policy as a file: safetensors, with the settings of its training as metadata."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from robot_agent.errors import SettingsError
from robot_agent.settings.config import Config, load, merge
from robot_agent.settings.public import of_the_learning
from robot_agent.settings.renamed import with_new_names

FORMAT = "robot-agent policy 1"

BELONGS_TO_THE_POLICY = ("task", "network")
"""Sections of the settings that belong to a policy; the others describe the robot that uses it."""


def policy_bytes(tensors: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> bytes:
    """Return a policy's parameters as safetensors, with the settings of its training as metadata.

    Settings of the machine are left out: policies are given to others, and a camera may have a password.

    Args:
        tensors: tensors of the policy; those of the optimiser are left out.
        settings: JSON values, as in the store.
    """
    parameters = {name: value for name, value in tensors.items() if not name.startswith("adam.")}
    return save(parameters, {"format": FORMAT, "settings": json.dumps(of_the_learning(settings))})


def save_policy(file: Path, tensors: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> None:
    """Write `policy_bytes` to a file."""
    try:
        file.write_bytes(policy_bytes(tensors, settings))
    except OSError as error:
        raise OSError(f"{file} cannot be written ({error}); choose another place with --out.") from error


def read_policy(file: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read an exported policy's parameters and settings.

    Raises:
        SettingsError: the file does not exist, or is no exported policy.
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
    return tensors, with_new_names(json.loads(metadata["settings"]))


def load_for_policy(
    settings: Mapping[str, Any], config_file: Path | None, flags: Mapping[str, Any], *, from_file: bool
) -> Config:
    """Load the settings to use a policy with: its own task and network, all others of the present robot.

    A policy file may come from anybody, so the file may not choose which module is imported for its task.

    Args:
        settings: settings of the policy's training.
        config_file: as in `load`.
        flags: as in `load`.
        from_file: whether the policy comes from a file, not from the user's own store.

    Raises:
        SettingsError: a flag contradicts the policy, or the policy's task is not named by the user.
    """
    for name, value in flags.items():
        for key in value if isinstance(value, Mapping) else ():
            if name == "network" or (name == "task" and key in ("action", "observation")):
                raise SettingsError(f"{name}.{key} is the policy's own and cannot be set here; leave it.")
    own = {section: dict(settings[section]) for section in BELONGS_TO_THE_POLICY}
    factory = own["task"].pop("factory", "") if from_file else ""
    config = load(config_file, merge(own, flags))
    if factory and not config.task.factory:
        raise SettingsError(
            f"This policy was trained for the task {factory!r}; if you trust it, give it with --task."
        )
    return config
