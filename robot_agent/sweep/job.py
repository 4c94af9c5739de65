"""One training of a sweep: from its settings and its seed to its numbers, wherever it is done."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.learning.evaluation import HELD_OUT_SEED
from vision.factory import describe_failure

HELD_OUT_ROBOTS = 1000
"""Number of robots, each another one, that a policy is tried on."""


@dataclass(frozen=True, slots=True)
class Job:
    """One training that is to be done."""

    key: str
    """By which whoever handed it out knows it."""
    settings: Mapping[str, Any] = field(repr=False)
    """All settings, JSON values, as `Config.model_dump(mode="json")` gives them."""
    seed: int
    robots: Mapping[str, Any] | None = field(default=None, repr=False)
    """Section [simulator] of the robots that the final policy is tried on as well; None: it is not."""
    store: str | None = None
    """File that keeps the run; None: nothing is kept."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def perform(job: Job) -> dict[str, Any]:
    """Do a job.

    Returns JSON values: `{"outcome": numbers}`, or `{"refused": sentence}` where these settings cannot be
    trained with, which another attempt would not change.

    The numbers are those of `outcome_of`, and besides: `seed`; `best_success`, the best success rate;
    `curve`, a list of (moves, success rate, moves to the goal) of every evaluation; `run`, where it is kept;
    and `held_out_robots`, the success rate on other robots, where these are given.
    """
    try:
        return {"outcome": _train(job)}
    except RobotAgentError as error:
        return {"refused": str(error)}
    except Exception as error:  # of somebody's own task or learner
        return {"refused": describe_failure("The training", error)}


def _train(job: Job) -> dict[str, Any]:
    from robot_agent.build.training import make_trainer
    from robot_agent.learning.events import Evaluated, Event
    from robot_agent.learning.outcome import outcome_of
    from robot_agent.settings.config import Config

    config = Config(**dict(job.settings)).model_copy(update={"seed": job.seed})
    trainer = make_trainer(config)
    evaluations: list[Evaluated] = []
    kept: dict[str, Any] = {}

    def take(event: Event) -> None:
        if isinstance(event, Evaluated):
            evaluations.append(event)

    try:
        if job.store is None:
            for event in trainer.run():
                take(event)
        else:
            from robot_agent.runs.recorder import record
            from robot_agent.runs.store import Store

            with Store(Path(job.store)) as store:
                settings = config.model_copy(update={"store": Path(job.store)})
                kept["run"] = store.create_run(settings.model_dump(mode="json"))
                seconds = config.train.checkpoint_seconds
                for event in record(trainer, store, kept["run"], checkpoint_seconds=seconds):
                    take(event)
    finally:
        trainer.environment.close()
    outcome = {"seed": job.seed} | kept | outcome_of(trainer, evaluations)
    outcome["best_success"] = max((e.result.success_rate for e in evaluations), default=None)
    outcome["curve"] = [[e.moves, e.result.success_rate, e.result.moves_mean] for e in evaluations]
    if job.robots is not None:
        outcome["held_out_robots"] = _on_other_robots(config, job.robots, trainer.learner.policy)
    return outcome


def _on_other_robots(config: Any, robots: Mapping[str, Any], policy: Any) -> float:
    """Return the share of episodes that succeed on robots that are all different, always the same ones."""
    from robot_agent.build.simulation import make_fleet
    from robot_agent.learning.evaluation import evaluate
    from robot_agent.settings.sections import SimulatorSettings

    simulator = SimulatorSettings(**dict(robots)).model_copy(update={"randomise": True})
    fleet = make_fleet(config.model_copy(update={"simulator": simulator}), HELD_OUT_ROBOTS)
    try:
        return evaluate(fleet, policy.greedy, episodes=HELD_OUT_ROBOTS, seed=HELD_OUT_SEED).success_rate
    finally:
        fleet.close()


def check_simulated(robot: str) -> None:
    """Raise SettingsError unless the robot is the simulated one: many trainings wear out a real robot."""
    if robot != "sim":
        raise SettingsError(
            f"Many trainings are made in the simulator, not with the robot {robot!r}; give --robot sim, or "
            'write robot = "sim".'
        )
