"""`read_upload` checks a policy file that was uploaded, before it is stored; no code in the file is run."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from robot_agent.build.simulation import make_task
from robot_agent.runs.policy_file import FORMAT
from robot_agent.settings.config import Config, explain
from robot_agent.settings.sections import NetworkSettings, TaskSettings
from server.control.server_settings import check_bounds
from server.problems import Problem

MAX_HEADER = 100_000
"""Largest header of a safetensors file, the JSON before the numbers, bytes."""

CURE = "export one with 'robot-agent export' or download it from a dashboard"


def read_upload(data: bytes, config: Config) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the tensors of a policy, named as in the store, and the settings of its run.

    Args:
        data: content of a safetensors file.
        config: settings of this server; only `task` and `network` are taken from the file's own settings.

    Raises:
        Problem: the file is not a policy, or does not fit its own settings.
    """
    settings = _settings(data, config)
    try:
        tensors = load_tensors(data)
    except (SafetensorError, ValueError, TypeError, KeyError, MemoryError) as error:
        raise Problem(422, f"This is no safetensors file; {CURE}.") from error
    needed = _shapes(settings)
    if tensors.keys() != needed.keys():
        odd = sorted(tensors.keys() ^ needed.keys())[0]
        raise Problem(
            422, f"The file does not fit its settings: {odd[:80]!r} is missing or too much; {CURE}."
        )
    for name, shape in needed.items():
        value = tensors[name]
        if value.shape != shape or value.dtype != np.float32:
            raise Problem(
                422, f"The file does not fit its settings: {name} has another shape or type; {CURE}."
            )
        if not np.isfinite(value).all():
            raise Problem(422, f"{name} holds numbers that are not finite; use another file.")
    return {f"policy.{name}": value for name, value in tensors.items()}, settings.model_dump(mode="json")


def _settings(data: bytes, config: Config) -> Config:
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > MAX_HEADER or length > len(data) - 8:
        raise Problem(422, f"This is no safetensors file; {CURE}.")
    try:
        metadata = json.loads(data[8 : 8 + length]).get("__metadata__") or {}
        if metadata.get("format") != FORMAT:
            raise Problem(422, f"This is not a policy of this program; {CURE}.")
        own = json.loads(metadata["settings"])
        task = TaskSettings.model_validate(own["task"])
        network = NetworkSettings.model_validate(own["network"])
    except ValidationError as error:
        reasons = " ".join(
            explain(NetworkSettings if error.title == "NetworkSettings" else TaskSettings, error)
        )
        raise Problem(422, f"The settings in the file cannot be used: {reasons[:300]}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Problem(422, f"This is not a policy of this program; {CURE}.") from error
    if task.factory != config.task.factory:
        raise Problem(
            422,
            f"This policy is of another task, {task.factory[:80] or 'Approach'!r}, than this server's; "
            "start the server with that task: --set task.factory=MODULE:FACTORY.",
        )
    settings = config.model_copy(update={"task": task, "network": network})
    check_bounds(settings)
    return settings


def _shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Return the shape of each tensor of the policy that the settings describe, see `GaussianPolicy`."""
    task = make_task(config)
    sizes = [task.observation_size, *config.network.hidden, len(task.action_names)]
    shapes: dict[str, tuple[int, ...]] = {"log_std": (sizes[-1],)}
    for index, (inputs, outputs) in enumerate(zip(sizes, sizes[1:], strict=False)):
        shapes |= {f"mean.{2 * index}.weight": (outputs, inputs), f"mean.{2 * index}.bias": (outputs,)}
    return shapes
