"""`train` is a training as a generator: the worker carries out commands between two of its yields.

Closing the generator ends the training in good order: the wheels stop first, then what was learned is kept.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, wait
from contextlib import closing
from dataclasses import replace
from threading import Thread
from typing import Any

from robot_agent.build.driving import keep_pictures, make_single
from robot_agent.build.simulation import make_physics, make_task
from robot_agent.build.training import make_trainer
from robot_agent.envs.rollout import Move
from robot_agent.envs.single import SingleFleet
from robot_agent.envs.task import Approach, Task
from robot_agent.errors import SettingsError
from robot_agent.health.cures import own_robot
from robot_agent.health.finding import Finding, ranked
from robot_agent.health.history import FEWEST_UPDATES, History
from robot_agent.health.possible import examine, impossible_as_set, is_low, oracle_success
from robot_agent.health.report import report
from robot_agent.learning.events import Episode, Evaluated, Event, Finished, Update
from robot_agent.learning.policy import Policy
from robot_agent.learning.trainer import Trainer
from robot_agent.robot.robot import Robot
from robot_agent.runs.loggers import logged, open_loggers
from robot_agent.runs.recorder import record, restore
from robot_agent.runs.store import Store
from robot_agent.settings.config import Config
from server.protocol.from_worker import Checkpoint, Findings, Notice, Progress, ReportLine
from server.worker.events import EpisodeLooks, event_message
from server.worker.outbox import Outbox

EVENTS_JUDGED = 5000
"""Number of the latest events from which the health report is made."""

REPORT_SECONDS = 5.0
"""Time between two health reports."""

ORACLE_WAIT = 0.05
"""Longest time between two yields while the oracle drives, so that commands do not wait."""

FAULT = 0.8
"""A finding whose sureness is at least this is shown as a fault; others are shown as warnings."""

Job = Generator[Progress, None, str]
"""A job as a generator: it yields its progress, first when it has begun, and returns how it ended."""


def train(
    config: Config,
    outbox: Outbox,
    *,
    run: int | None = None,
    start: dict[str, Any] | None = None,
    robot: Callable[[int], Robot] | None = None,
    looks: EpisodeLooks | None = None,
    show: Callable[[Policy], None] = lambda policy: None,
) -> Job:
    """Train, and keep what is learned.

    Args:
        config: the settings, with their seed.
        outbox: sends the messages.
        run: number of the run to go on with; if not given, a new run is made.
        start: tensors of the policy with which a new run begins.
        robot: `robot(seed)` returns the one robot to train; if not given, a simulated fleet is trained.
        looks: records what that robot sees in each episode.
        show: is called with the policy after each event in the training of a fleet.

    Yields:
        The progress, after each event.

    Returns:
        "finished", "halted" or "stopped".
    """

    def environment(seed: int) -> SingleFleet:
        assert robot is not None
        return make_single(config, robot(seed))

    loggers = open_loggers(config.train.log)
    trainer = make_trainer(config, environment if robot is not None else None)
    with Store(config.store) as store:
        run = _run_of(trainer, config, store, run, start)
        reporter = _Reporter(config, outbox, run, trainer, store, looks)
        yield reporter.progress()
        ended = "stopped"
        seconds = config.train.checkpoint_seconds
        if looks is not None:
            looks.begin(trainer.episodes + 1)

        def warn(sentence: str) -> None:
            outbox.send(Notice("warning", sentence))

        pictures = keep_pictures(config, trainer.environment, store, run, warn)
        training = record(trainer, store, run, checkpoint_seconds=seconds, pictures=pictures)
        with closing(logged(training, loggers, run, warn)) as events:
            for event in events:
                reporter.report(event)
                if isinstance(event, Finished):
                    ended = "halted" if event.halted else "finished"
                if robot is None:
                    show(trainer.learner.policy)
                yield reporter.progress()
        for _ in reporter.settle():
            yield reporter.progress()
    return ended


def _run_of(
    trainer: Trainer, config: Config, store: Store, run: int | None, start: dict[str, Any] | None
) -> int:
    """Bring the trainer to its first state (resumed, from a policy, or new); return the run's number."""
    if run is not None:
        restore(trainer, store, run)
        return run
    if start is not None:
        try:
            trainer.learner.policy.begin_from(start)
        except ValueError as error:
            raise SettingsError(str(error)) from error
    return store.create_run(config.model_dump(mode="json"))


def in_thread(work: Callable[[], float]) -> "Future[float]":
    """Run `work` in a daemon thread, which does not keep the process from ending; return its future."""
    future: Future[float] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future


class _Reporter:
    """Sends the events, the progress and the health report of a training."""

    def __init__(
        self,
        config: Config,
        outbox: Outbox,
        run: int,
        trainer: Trainer,
        store: Store,
        looks: EpisodeLooks | None,
    ) -> None:
        self._config, self._outbox, self._run, self._trainer = config, outbox, run, trainer
        self._store, self._looks = store, looks
        self._events: deque[Event] = deque(maxlen=EVENTS_JUDGED)
        self._evaluated = False
        self._begun, self._begun_at = time.monotonic(), trainer.moves
        self._judged = 0.0
        self._oracle: Future[float] | None = None
        self._progress = Progress(
            run=run,
            rendered=looks is not None,
            detector=config.vision.detector,
            total_moves=trainer.total_moves,
        )

    def progress(self) -> Progress:
        trainer = self._trainer
        made, elapsed = trainer.moves - self._begun_at, time.monotonic() - self._begun
        left = (trainer.total_moves - trainer.moves) * elapsed / made if made > 0 else None
        return replace(
            self._progress,
            moves=trainer.moves,
            episodes=trainer.episodes,
            seconds_left=None if left is None else round(max(0.0, left), 1),
        )

    def report(self, event: Event) -> None:
        looks = self._looks
        if not isinstance(event, Move):
            self._events.append(event)
        if (message := event_message(event, self._run, looks.path if looks else None)) is not None:
            # A fleet makes more updates and episodes than anybody reads: only the newest are sent.
            many = looks is None and isinstance(event, Update | Episode)
            (self._outbox.send_newest if many else self._outbox.send)(message)
        match event:
            case Update():
                if not self._evaluated:
                    self._score(event.success_rate, event.episode_moves)
                self._judge()
            case Evaluated(moves, _, result):
                self._evaluated = True
                self._score(result.success_rate, result.moves_mean)
                kept = self._store.checkpoints(self._run)[-1].id
                self._outbox.send(Checkpoint(kept, self._run, moves, result.success_rate, result.moves_mean))
            case Episode() if looks is not None:
                looks.begin(event.number + 1)

    def _score(self, success_rate: float, moves_mean: float | None) -> None:
        self._progress = replace(self._progress, success_rate=success_rate, moves_mean=moves_mean)

    def settle(self) -> Iterator[None]:
        """Send the last health report of a training that has ended; yield while the oracle still drives."""
        self._judge(ended=True)
        while self._oracle is not None and not self._oracle.done():
            wait([self._oracle], timeout=ORACLE_WAIT)
            yield
        if self._oracle is not None:
            self._judge(ended=True)

    def _explained(self, history: History, task: Task, found: list[Finding], ended: bool) -> list[Finding]:
        """Add the reason why a run has a low success rate, if it has one.

        The oracle drives once, in a thread, as that takes seconds: it shows what success is possible at all.
        """
        long_enough = len(history.updates) >= FEWEST_UPDATES
        if not isinstance(task, Approach) or not is_low(history) or not (long_enough or ended):
            return found
        if long_enough and self._oracle is None:
            physics = make_physics(self._config.simulator)
            self._oracle = in_thread(lambda: oracle_success(task, physics))
        best = 1.0
        if self._oracle is not None:
            if not self._oracle.done() or self._oracle.exception() is not None:
                return found
            best = self._oracle.result()
        more = (
            examine(history, task, found, lambda: best) if ended else impossible_as_set(history, task, best)
        )
        return found if more is None else ranked([*found, more])

    def _judge(self, *, ended: bool = False) -> None:
        """Send the health report, from half of the moves on and at most every `REPORT_SECONDS`."""
        now, trainer = time.monotonic(), self._trainer
        early = trainer.moves * 2 < trainer.total_moves or now - self._judged < REPORT_SECONDS
        if early and not ended:
            return
        self._judged = now
        simulator = self._config.simulator
        history, task = History.of(self._events), make_task(self._config)
        found = report(
            history,
            task,
            policy=trainer.learner.policy,
            # With randomisation each episode has another robot: there is no one robot with faults.
            physics=None if simulator.randomise else make_physics(simulator),
            own=own_robot(self._config.robot),
        )
        found = self._explained(history, task, found, ended)
        findings = [
            ReportLine(
                name=one.kind,
                level="fault" if one.sure >= FAULT else "warning",
                seen=f"{one.seen} {one.means}",
                cure=one.cure,
            )
            for one in found
        ]
        self._outbox.send(Findings(self._run, findings))
