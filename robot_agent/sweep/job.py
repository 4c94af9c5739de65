"""One training of a sweep: from settings and seed to its numbers, in any process or machine."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.learning.evaluation import HELD_OUT_SEED
from vision.factory import describe_failure

HELD_OUT_ROBOTS = 1000
"""Number of different robots that a policy is tried on."""


@dataclass(frozen=True, slots=True)
class Job:
    """One training to do."""

    key: str
    """Name of the job for the program that handed it out."""
    settings: Mapping[str, Any] = field(repr=False)
    """All settings, JSON values, as `Config.model_dump(mode="json")` gives them."""
    seed: int
    robots: Mapping[str, Any] | None = field(default=None, repr=False)
    """Section [simulator] of further robots to try the final policy on; None for no such trial."""
    store: str | None = None
    """File of the store that keeps the run; None to keep nothing."""

    def to_json(self) -> dict[str, Any]:
        """Return the job as JSON values."""
        return asdict(self)


def perform(job: Job) -> dict[str, Any]:
    """Do a job.

    Returns JSON values: `{"outcome": numbers}`, or `{"refused": sentence}` if these settings cannot be
    trained; another attempt would be refused as well.

    The numbers are those of `outcome_of`, and also: `seed`; `best_success`, the best success rate;
    `curve`, a list of (moves, success rate, moves to the goal) of every evaluation; `run`, if it is kept;
    and `held_out_robots`, the success rate on other robots, if these are given.
    """
    try:
        return {"outcome": _train(job)}
    except RobotAgentError as error:
        return {"refused": str(error)}
    except Exception as error:  # from a user's own task or learner
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
    """Return the success rate on HELD_OUT_ROBOTS different robots, which are the same in every call."""
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
    """Raise SettingsError unless `robot` is the simulated one: many trainings would wear out a real one."""
    if robot != "sim":
        raise SettingsError(
            f"Many trainings are made in the simulator, not with the robot {robot!r}; give --robot sim, or "
            'write robot = "sim".'
        )
