"""The training: `Trainer.run` plays, learns and evaluates, and yields events."""

import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import numpy as np

from robot_agent.envs.environment import TrainingEnvironment
from robot_agent.envs.rollout import Event as PlayEvent
from robot_agent.envs.rollout import Move, Paused, Resumed, Round, Waiting, play
from robot_agent.envs.task import CUT_SHORT, GOING, TIMEOUT, Ending
from robot_agent.errors import SettingsError
from robot_agent.learning.checkpoint import Border, Standing, joined, pending_of, rollouts_of, standing_of
from robot_agent.learning.evaluation import Evaluation
from robot_agent.learning.events import Episode, Evaluated, Event, Finished, Update, steps_of, update_event
from robot_agent.learning.learner import Learner, Rollout
from robot_agent.learning.policy import Policy
from robot_agent.learning.tensors import Tensors

SMALL_FLEET = 8
"""Largest fleet that reports the episodes of all robots; a larger one reports those of its first robot."""

Evaluator = Callable[[Policy], Evaluation]


class Trainer:
    """Trains a policy in an environment of N robots, a real robot being a fleet of one."""

    def __init__(
        self,
        environment: TrainingEnvironment,
        learner: Learner,
        *,
        total_moves: int,
        episodes_per_update: int = 384,
        rollout_moves: int = 0,
        evaluator: Evaluator | None = None,
        evaluate_every: int = 5000,
        seed: int | None = None,
    ) -> None:
        """Describe the training.

        Args:
            environment: the robots; any Gymnasium environment through `GymnasiumFleet`.
            learner: improves the policy.
            total_moves: number of moves of the training; at its end the learning rate is 0.
            episodes_per_update: least number of episodes, or parts of them, for each update, which is
                made from whole rounds of all robots.
            rollout_moves: number of moves of each robot in a round; the episode goes on in the next round.
                0: whole episodes.
            evaluator: evaluates the policy on held-out starts; no evaluations if not given.
            evaluate_every: moves between two evaluations, growing with the run (5 % of the moves made).
            seed: seed of the exploration.

        Raises:
            SettingsError: `rollout_moves` is set for a single robot, which needs whole episodes.
        """
        if rollout_moves and environment.num_envs == 1:
            raise SettingsError(
                "One robot alone learns whole episodes; take the preset one or set train.rollout_moves = 0."
            )
        self.environment, self.learner = environment, learner
        self.total_moves, self.episodes_per_update = total_moves, episodes_per_update
        self.rollout_moves = rollout_moves
        self.evaluator, self.evaluate_every = evaluator, evaluate_every
        self.rng = np.random.default_rng(seed)
        self.moves = self.episodes = self.updates = 0
        self.seconds = 0.0
        """CPU seconds of acting, simulating and learning so far."""
        self.made = 0
        """Number of events of episodes, updates and evaluations so far, counted before the state changes. A
        receiver that got fewer of them was interrupted in between, and must not store the state."""
        self._next_evaluation = 0
        self._pending: list[Rollout] = []
        self._pending_endings: list[int] = []
        self._pending_moves = 0
        """Number of moves of the episodes that have ended since the last update."""
        self._standing: Standing | None = None
        self._mark_border()

    def run(self) -> Generator[Event, None, None]:
        """Train, and yield events; continue if the training was resumed or run before.

        However this generator ends (finished, closed, or by an exception), the wheels are stopped first.
        """
        try:
            halted = False
            while not halted:
                if self._is_enough:
                    yield self._update()
                elif self.moves >= self.total_moves:
                    break
                else:
                    if not self._pending:
                        yield from self._evaluate_if_due()
                    halted = yield from self._play()
            if not halted:
                self._next_evaluation = min(self._next_evaluation, self.moves)
                yield from self._evaluate_if_due()
            yield Finished(self.moves, self.seconds, halted)
        finally:
            self.environment.halt()

    def _play(self) -> Generator[Event, None, bool]:
        """Play a round and keep it for the next update; return whether a robot was halted."""
        standing, n = self._standing, self.environment.num_envs
        events = play(
            self.environment,
            lambda observations: self.learner.policy.act(observations, self.rng),
            standing=None if standing is None else (standing.observations, standing.over),
            longest=self.rollout_moves or math.inf,
        )
        for event in self._timed(events):
            if isinstance(event, Round):
                played = event
            elif isinstance(event, Paused | Waiting | Resumed) or (isinstance(event, Move) and n == 1):
                yield event
        with self._clock():
            rollout, over = rollout_of(played), played.endings != GOING
            moves, endings = rollout.alive.sum(axis=0), played.endings[over].tolist()
            ages = moves if standing is None else standing.ages + moves
        reported = range(n if n <= SMALL_FLEET else 1)
        log_probs, advantages = self.learner.judge(rollout, len(reported))
        earlier = {} if standing is None else standing.parts
        parts = {
            robot: (*earlier.get(robot, ()), steps_of(robot, played, rollout, log_probs, advantages))
            for robot in reported
        }
        first = self.episodes + 1
        with self._clock():
            self._take(rollout, endings, int(ages[over].sum()))
            going = {robot: its_parts for robot, its_parts in parts.items() if not over[robot]}
            self._standing = Standing(played.observations[-1], over, ages * ~over, going)
            self.made += len(parts) - len(going)
            self._mark_border()
        for robot in reported:
            if over[robot]:
                steps = joined(parts[robot])
                number, reward = first + int(np.count_nonzero(over[:robot])), steps["reward"]
                ending = Ending(int(played.endings[robot]))
                yield Episode(number, len(reward), ending, float(reward.sum()), steps)
        return Ending.HALTED in endings

    def _take(self, rollout: Rollout, endings: list[int], moves: int) -> None:
        """Count a round and keep it for the next update; `moves` belong to the episodes that ended in it."""
        if not set(CUT_SHORT) & set(endings):
            self._pending.append(rollout)
            self._pending_endings += endings
            self._pending_moves += moves
        self.moves += int(rollout.alive.sum())
        self.episodes += len(endings)

    @property
    def _is_enough(self) -> bool:
        """Whether there are enough episodes, or parts of them, for an update."""
        gathered: int = sum(rollout.alive.shape[1] for rollout in self._pending)
        return gathered >= self.episodes_per_update

    def _update(self) -> Update:
        with self._clock():
            self.made += 1
            report = self.learner.update(Rollout.join(self._pending), self.moves / self.total_moves)
            endings, moves = self._pending_endings, self._pending_moves
            self._pending, self._pending_endings, self._pending_moves = [], [], 0
            self.updates += 1
        self._mark_border()
        return update_event(self.updates, self.moves, self.episodes, self.seconds, endings, moves, report)

    @property
    def evaluation_due(self) -> bool:
        """Whether an evaluation comes before the next round."""
        return self.evaluator is not None and self.moves >= self._next_evaluation

    def _evaluate_if_due(self) -> Iterator[Event]:
        if self.evaluator is None or not self.evaluation_due:
            return
        result = self.evaluator(self.learner.policy)
        self.made += 1
        self._next_evaluation = self.moves + max(self.evaluate_every, self.moves // 20)
        self._mark_border()
        yield Evaluated(self.moves, self.seconds, result)

    @contextmanager
    def _clock(self) -> Iterator[None]:
        start = time.thread_time()
        yield
        self.seconds += time.thread_time() - start

    def _timed(self, events: Generator[PlayEvent, None, None]) -> Iterator[PlayEvent]:
        """Yield events, and add up the CPU seconds of making them, without those of the receiver."""
        with closing(events):
            while True:
                with self._clock():
                    event = next(events, None)
                if event is None:
                    return
                yield event

    # Resuming

    def _mark_border(self) -> None:
        """Remember the present state, between two rounds, as the one to resume from."""
        standing = self._standing if self._standing is not None and not self._standing.over.all() else None
        state = {
            "moves": self.moves,
            "episodes": self.episodes,
            "updates": self.updates,
            "seconds": self.seconds,
            "next_evaluation": self._next_evaluation,
            "pending": len(self._pending),
            "pending_endings": list(self._pending_endings),
            "pending_moves": self._pending_moves,
            "exploration": self.rng.bit_generator.state,
            "environment": self.environment.get_state(),
        }
        robots = {} if standing is None else self.environment.get_robots()
        self._border = Border(state, tuple(self._pending), standing if robots else None, robots)

    def progress(self) -> dict[str, Any]:
        """Return counters, random generators and the environment's state, as JSON values.

        They are as they were between the last two rounds; a round is one batch of episodes and its updates.
        The networks are not in it: `replay` repeats their updates from the stored episodes."""
        return self._border.state

    def get_state(self) -> tuple[dict[str, Any], Tensors]:
        """Return the state to resume exactly after the last whole round: JSON values, and arrays by name."""
        return self._border.state, self.learner.get_state() | self._border.tensors()

    def set_state(self, state: dict[str, Any], tensors: Tensors) -> None:
        """Go on from a state of `get_state`.

        Raises:
            ValueError: the state is of another network or learner.
        """
        self.learner.set_state(tensors)
        self.moves, self.episodes, self.updates = state["moves"], state["episodes"], state["updates"]
        self._pending = pending_of(tensors, state["pending"])
        self._pending_endings = list(state["pending_endings"])
        self._pending_moves = state.get("pending_moves", 0)
        standing, robots = standing_of(tensors, self.environment.num_envs)
        self._stand(state)
        if standing is not None and robots:
            self.environment.set_robots(robots)
            self._standing = standing
            self._mark_border()

    def replay(self, episodes: Iterable[Mapping[str, Any]], state: dict[str, Any]) -> None:
        """Repeat a single robot's updates since the state that was set, from its episodes.

        Args:
            episodes: the episodes, with `steps` and `ending` as they were reported, the earliest first.
            state: the `progress` after the last of these episodes.
        """
        for rollout, ending in rollouts_of(episodes):
            if self._is_enough:
                self._update()
            self._take(rollout, [ending.value], len(rollout.alive))
        self._stand(state)

    def _stand(self, state: dict[str, Any]) -> None:
        """Restore counters and random generators, with all episodes over."""
        self.seconds, self._next_evaluation = state["seconds"], state["next_evaluation"]
        self.rng.bit_generator.state = state["exploration"]
        if state["environment"]:
            self.environment.set_state(state["environment"])
        self._standing = None
        self._mark_border()


def rollout_of(played: Round) -> Rollout:
    """Turn a round into a rollout for the learner."""
    # np.stack takes twice as long as np.array.
    observations, alive = np.array(played.observations), np.array(played.alive)
    nobody = np.zeros(alive.shape[1], np.int8)
    by_hand = np.array([info.get("by_hand", nobody) for info in played.infos], np.int8)
    return Rollout(
        observations=observations[:-1],
        actions=np.array(played.actions),
        rewards=np.array(played.rewards),
        alive=alive,
        final_observations=observations[alive.sum(axis=0), np.arange(alive.shape[1])],
        cut=(played.endings == GOING) | (played.endings == TIMEOUT),
        by_hand=by_hand if by_hand.any() else None,
    )
