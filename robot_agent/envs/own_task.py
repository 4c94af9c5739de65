"""Your own task, named MODULE:FACTORY: this opens it, and checks it before a robot or a learner uses it."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import GOING, LOST, REACHED, TIMEOUT, Task
from robot_agent.errors import SettingsError
from robot_agent.motors.motors import MAX_PULSE_SECONDS
from vision.factory import FactoryError, describe_failure, import_factory
from vision.sight import SLICES, Sight

LAST_MOVE = 100_000
"""Number of moves after which an episode that has not ended counts as endless."""


def open_task(name: str, settings: Mapping[str, Any]) -> Task:
    """Call the factory of a task with those settings that its parameters name.

    Args:
        name: MODULE:FACTORY. A class is a factory as well, such as one derived from `Approach`.
        settings: keyword arguments of `Approach`.

    Raises:
        SettingsError: there is no such factory, or it returns something that is no task.
    """
    try:
        factory = import_factory(name, "task", given=settings.keys())
    except FactoryError as error:
        raise SettingsError(str(error)) from error
    parameters = inspect.signature(factory).parameters.values()
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    names = settings.keys() if takes_all else settings.keys() & {parameter.name for parameter in parameters}
    with _blaming(f"The factory of the task {name!r}"):
        task: Task = factory(**{key: settings[key] for key in settings if key in names})
    check_task(task, name)
    return task


def check_task(task: Task, name: str) -> None:
    """Try a task with all sights and many actions; raise SettingsError that says what the task does wrong."""
    need = partial(_need, name)
    for part in ("goal", "action_names", "observation_size", "observe", "pulses", "judge"):
        need(hasattr(task, part), f"it lacks {part}; see Task in robot_agent/envs/task.py")
    need(isinstance(task.goal, Sight), "its goal must be a Sight")
    need(task.action_names, "action_names must name what the policy decides")
    _check_observe(task, name)
    _check_pulses(task, name)
    _check_judge(task, name)


def _need(name: str, condition: object, what: str) -> None:
    if not condition:
        raise SettingsError(f"The task {name!r} cannot be used: {what}.")


def _all_sights() -> NDArray[np.int64]:
    """Return each possible sight once, shape (2, N)."""
    return np.array(np.triu_indices(SLICES))


def _check_observe(task: Task, name: str) -> None:
    sights, need = _all_sights(), partial(_need, name)
    n = sights.shape[1]
    with _blaming(f"observe() of the task {name!r}"):
        observations = np.asarray(task.observe(sights))
    shape = (n, task.observation_size)
    need(
        observations.shape == shape,
        f"observe() of {n} sights must return the shape {shape}, not {observations.shape}",
    )
    need(np.isfinite(observations).all(), "observe() returns numbers that are not finite")


def _check_pulses(task: Task, name: str) -> None:
    need = partial(_need, name)
    actions = np.array(list(product((-9.0, -1.0, 0.0, 1.0, 9.0), repeat=len(task.action_names))), np.float32)
    with _blaming(f"pulses() of the task {name!r}"):
        pulses = task.pulses(actions)
    wheels, seconds = np.asarray(pulses.wheels), np.asarray(pulses.seconds)
    need(
        (wheels.shape, seconds.shape) == ((2, len(actions)), (len(actions),)),
        "pulses() of N actions must return wheels of shape (2, N) and seconds of shape (N,)",
    )
    need((np.abs(wheels) <= 1).all(), "pulses() must return wheels within [-1, 1], whatever the action")
    need(
        ((seconds >= 0) & (seconds <= MAX_PULSE_SECONDS)).all(),
        f"pulses() must return seconds from 0 to {MAX_PULSE_SECONDS}, whatever the action",
    )


def _check_judge(task: Task, name: str) -> None:
    sights, need = _all_sights(), partial(_need, name)
    n = sights.shape[1]
    for moves, seen in ((1, True), (1, False), (LAST_MOVE, True)):
        with _blaming(f"judge() of the task {name!r}"):
            terms, endings = task.judge(
                sights[:, ::-1], sights, np.full(n, seen), np.full(n, moves, np.int64)
            )
            rewards = {term: np.asarray(values) for term, values in terms.items()}
            endings = np.asarray(endings)
        need(rewards, "judge() must return at least one term of the reward")
        for term, values in rewards.items():
            need(isinstance(term, str) and term.isidentifier(), f"name a term with a word, not {term!r}")
            need(values.shape == (n,), f"the term {term} must have the shape {(n,)}, not {values.shape}")
            need(np.isfinite(values).all(), f"the term {term} has numbers that are not finite")
        need(endings.shape == (n,), "the endings must have the shape (N,)")
        need(np.isin(endings, (GOING, REACHED, LOST, TIMEOUT)).all(), "the endings must be values of Ending")
    need((endings != GOING).all(), "judge() never ends an episode; let it return TIMEOUT after some moves")


@contextmanager
def _blaming(what: str) -> Iterator[None]:
    """Turn an exception of the user's own code into one sentence that names the line."""
    try:
        yield
    except SettingsError:
        raise
    except Exception as error:
        raise SettingsError(describe_failure(what, error)) from error
