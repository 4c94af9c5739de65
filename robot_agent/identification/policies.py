"""Files of policies that get an estimate of their robot as input: safetensors, with the task as metadata.

Two such policies ship with the package, one for each action. They need only NumPy to act.
"""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load, save

from robot_agent.envs.task import ActionKind, Approach
from robot_agent.errors import SettingsError
from robot_agent.identification.hypotheses import Knowledge
from robot_agent.identification.parameters import PARAMETERS
from robot_agent.identification.policy_inputs import DEVIATIONS, MEANS, SIZE, first_guess
from robot_agent.learning.mlp import MLP
from robot_agent.learning.tensors import Tensors, below
from vision.sight import Sight

FORMAT = "robot-agent told policy 1"
TASK_KEYS = ("tolerance", "max_moves", "max_seconds", "action", "observation")

Act = Callable[[NDArray[np.float32]], NDArray[Any]]
"""A function from observations, shape (N, D), to a policy's most probable actions, shape (N, A)."""


def policy_bytes(tensors: Tensors, task: Approach, preset: dict[str, Any], seed: int) -> bytes:
    """Return a policy as the bytes of a file; the same policy gives the same bytes."""
    parameters = {name: tensors[name] for name in sorted(tensors) if not name.startswith("adam.")}
    settings = {key: getattr(task, key) for key in TASK_KEYS} | {"goal": [task.goal.x1, task.goal.x2]}
    metadata = {
        "format": FORMAT,
        "task": json.dumps(settings, sort_keys=True),
        "told": json.dumps(_inputs(task.action)),
        "training": json.dumps(preset | {"seed": seed}, sort_keys=True),
    }
    # All of the metadata in one entry: the order of several is not the same each time.
    return save(parameters, {"robot-agent": json.dumps(metadata, sort_keys=True)})


def _inputs(action: ActionKind) -> dict[str, Any]:
    """Return the names of the policy's inputs, and the prior by which they are scaled."""
    prior = {parameter.name: [parameter.mean, parameter.deviation] for parameter in PARAMETERS}
    inputs: dict[str, Any] = {"means": list(MEANS), "deviations": list(DEVIATIONS), "prior": prior}
    return inputs if action == "wheels" else inputs | {"pulse": "curve_to_goal, first_guess"}


def read_policy(file: Path) -> tuple[Act, Approach, Tensors]:
    """Read the file of a policy that gets an estimate, see `parse_policy`; raise SettingsError."""
    if not file.is_file():
        raise SettingsError(
            f"There is no policy file {str(file)!r}; leave it out to take the one that ships."
        )
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read ({error.strerror}); check what it is.") from error
    return parse_policy(content, str(file))


def parse_policy(content: bytes, name: str) -> tuple[Act, Approach, Tensors]:
    """Read a policy that gets an estimate of its robot, from the content of its file.

    Args:
        content: content of the file.
        name: name of the file, for the errors.

    Returns:
        The policy, the task for which it was trained, and its parameters.

    Raises:
        SettingsError: this is no such policy, or it was trained with other inputs than this version has.
    """
    try:
        return _parsed(content, name)
    except SettingsError:
        raise
    except _DAMAGED as error:
        raise SettingsError(f"{name} is no policy file, or is damaged; take another one.") from error


_DAMAGED = (
    SafetensorError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
)
"""What a damaged file raises while it is read."""


def _parsed(content: bytes, name: str) -> tuple[Act, Approach, Tensors]:
    """Do the work of `parse_policy`; a damaged file raises what its reading raises."""
    tensors: Tensors = dict(load(content))
    metadata = _metadata(content)
    if metadata.get("format") != FORMAT:
        raise SettingsError(
            f"{name} is no policy that is given its robot's estimate; drive it as a plain policy."
        )
    settings = json.loads(metadata["task"])
    if json.loads(metadata["told"]) != _inputs(settings["action"]):
        raise SettingsError(f"{name} was trained with another version of the robot model; train it anew.")
    task = Approach(goal=Sight(*settings.pop("goal")), **settings)
    if tensors["mean.0.weight"].shape[1] != task.observation_size + SIZE:
        raise SettingsError(f"{name} has a network of another size; train it anew.")
    if not all(np.isfinite(value).all() for value in tensors.values()):
        raise SettingsError(f"{name} holds numbers that are not finite; take another one.")
    act = acting(tensors, task)
    act(np.zeros((1, task.observation_size + SIZE), np.float32))  # raises if its layers do not fit together
    return act, task, tensors


def _metadata(content: bytes) -> dict[str, Any]:
    length = int.from_bytes(content[:8], "little")
    outer = json.loads(content[8 : 8 + length]).get("__metadata__", {})
    values: dict[str, Any] = json.loads(outer.get("robot-agent", "{}"))
    return values


def with_known(content: bytes, known: dict[str, Any]) -> bytes:
    """Return a policy's file with what is known of a robot added to it, see `Knowledge.state`."""
    metadata = _metadata(content) | {"known": known}
    return save(load(content), {"robot-agent": json.dumps(metadata, sort_keys=True)})


def known_of(content: bytes, name: str) -> Knowledge:
    """Return what a policy's file says of a robot; empty knowledge if the file says nothing.

    Raises:
        SettingsError: this part of the file is damaged, or of another version.
    """
    knowledge = Knowledge()
    if (known := _metadata(content).get("known")) is not None:
        try:
            knowledge.restore(known)
        except _DAMAGED as error:
            raise SettingsError(
                f"What {name} knows of its robot is damaged or of another version; export it anew."
            ) from error
    return knowledge


def shipped_bytes(action: ActionKind) -> bytes:
    """Return the content of the file of the policy that ships with the package for an action."""
    return (files("robot_agent.identification") / "shipped" / f"{action}.safetensors").read_bytes()


def acting(tensors: Tensors, task: Approach) -> Act:
    """Return a function for the most probable actions of a policy, by NumPy alone; see `first_guess`."""
    network = MLP(below(tensors, "mean."))
    if task.action == "wheels":
        return network
    return lambda observations: network(observations) + first_guess(task, observations)


def is_conditioned(file: Path) -> bool:
    """Return whether a file is a policy that gets an estimate of its robot; False if it cannot be read."""
    try:
        with safe_open(file, framework="numpy") as content:
            return "robot-agent" in (content.metadata() or {})
    except (SafetensorError, OSError, ValueError):
        return False


def shipped_policy(action: ActionKind) -> tuple[Act, Approach, Tensors]:
    """Read the policy that ships with the package for an action."""
    return parse_policy(shipped_bytes(action), f"The policy for {action}")
