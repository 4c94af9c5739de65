"""Training: Trainer.run() is a generator of events; who drives it decides what to do with them."""

import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from robot_agent.envs.task import GOING, LOST, TIMEOUT, Ending
from robot_agent.errors import SettingsError
from robot_agent.learning.evaluation import Evaluation
from robot_agent.learning.learner import Learner, Rollout, UpdateReport
from robot_agent.learning.tensors import Floats, Tensors, below
from vision.cameras.camera import CameraFault

KEPT_OF_A_FLEET = 1
"""Of so many robots of a fleet the episodes are told as events; of all in a fleet of up to 8."""


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a fleet of one, as it happens."""

    number: int
    """Moves made in the episode, this one included."""
    info: dict[str, Any]
    """Sight, pulse, terms of the reward; see `FleetEnvironment`."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode from its start to its ending."""

    number: int
    """Counted over the run, from 1."""
    moves: int
    ending: Ending
    total_reward: float
    steps: dict[str, NDArray[Any]] = field(repr=False)
    """What the environment told of each move, arrays of shape (moves,), by name; `start_x1` and
    `start_x2`, shape (1,), are the first sight; `observation`, shape (moves, D), is what the policy
    was asked, `action`, shape (moves, A), its answers;
    `log_prob` and `advantage` are what the policy and the learner of that time made of them."""


@dataclass(frozen=True, slots=True)
class Update:
    """One step of the policy."""

    number: int
    """Counted over the run, from 1."""
    moves: int
    """Moves made so far in the run."""
    episodes: int
    """Episodes ended so far in the run."""
    seconds: float
    """CPU seconds of acting, simulating and learning so far; evaluation and keeping apart."""
    success_rate: float
    """Share of the episodes that ended in the batch that reached the goal, exploring; 0 if none ended."""
    episode_moves: float
    """Mean length of the episodes that ended in the batch; 0 if none ended."""
    endings: dict[str, int]
    """How the batch's episodes ended."""
    report: UpdateReport


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The greedy policy tried on held-out starts."""

    moves: int
    seconds: float
    result: Evaluation


@dataclass(frozen=True, slots=True)
class Finished:
    """The training has made all its moves, or was halted."""

    moves: int
    seconds: float
    halted: bool = False


@dataclass(frozen=True, slots=True)
class Paused:
    """The camera fails: the wheels stand still, and nothing is made or learned until it is healed."""

    moves: int
    reason: str
    """What is wrong and what to do about it; told anew when it changes."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The camera is healed and the training goes on."""

    moves: int


Steps = dict[str, NDArray[Any]]
ROLLOUT = tuple(field.name for field in fields(Rollout))

Event = Move | Episode | Update | Evaluated | Paused | Resumed | Finished
Evaluator = Callable[[Any], Evaluation]


class Trainer:
    """Trains a policy in any Gymnasium vector environment, a real robot being a fleet of one."""

    def __init__(
        self,
        environment: VectorEnv[Any, Any, Any],
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
            environment: of N robots; each update is made from whole rounds of N episodes, or segments.
            learner: what learns.
            total_moves: when to stop; the learning rate reaches 0 there.
            episodes_per_update: at least so many episodes, or segments of them, for each update.
            rollout_moves: learn from so many moves of each robot at a time; it then goes on where it
                stands, or from a new start if its episode is over. What comes after a segment's end is
                not counted in the returns. 0: whole episodes.
            evaluator: tries the policy on held-out starts; not at all if not given.
            evaluate_every: moves between two evaluations, growing with the run (5 % of the moves made).
            seed: of the exploration.

        Raises:
            SettingsError: a single robot is to learn from segments.
        """
        if rollout_moves and environment.num_envs == 1:
            raise SettingsError(
                "One robot alone learns whole episodes; take the preset one or set train.rollout_moves = 0."
            )
        self.environment, self.learner = environment, learner
        self.total_moves, self.episodes_per_update = total_moves, episodes_per_update
        self.evaluator, self.evaluate_every = evaluator, evaluate_every
        self.rollout_moves = rollout_moves
        self.rng = np.random.default_rng(seed)
        self.moves = self.episodes = self.updates = 0
        self.seconds = 0.0
        self.told = 0
        """Episodes, updates and evaluations told so far, counted before the state moves on: who has
        received fewer of them was interrupted in between, and must not keep the state."""
        self._next_evaluation = 0
        self._pending: list[Rollout] = []
        self._pending_endings: list[int] = []
        self._pending_moves = 0
        """Moves of the episodes that have ended since the last update."""
        self._s: NDArray[Any] | None = None
        """What the robots observe between two rounds."""
        self._over = np.ones(environment.num_envs, np.bool_)
        """Whose episode is over, shape (N,): all but those cut by the end of a segment."""
        self._ages = np.zeros(environment.num_envs, np.int64)
        """Moves made in the episodes that go on, shape (N,)."""
        self._parts: dict[int, tuple[Steps, ...]] = {}
        """What is to be told of the episodes that go on, segment by segment, by robot."""
        self._mark_border()

    def run(self) -> Generator[Event, None, None]:
        """Train, telling what happens; goes on where it was if it was restored or run before.

        However this generator ends (done, closed, or by an exception), the wheels are stopped first.
        """
        try:
            halted = False
            while not halted:
                if self._enough:
                    yield self._update()
                elif self.moves >= self.total_moves:
                    break
                else:
                    if not self._pending:
                        yield from self._evaluate_if_due()
                    endings = yield from self._round()
                    halted = Ending.HALTED in endings
            if not halted:
                self._next_evaluation = min(self._next_evaluation, self.moves)
                yield from self._evaluate_if_due()
            yield Finished(self.moves, self.seconds, halted)
        finally:
            if (halt := getattr(self.environment, "halt", None)) is not None:
                halt()

    @contextmanager
    def _timed(self) -> Iterator[None]:
        start = time.thread_time()
        yield
        self.seconds += time.thread_time() - start

    def _round(self) -> Generator[Event, None, list[int]]:
        """Play an episode, or a segment, with each robot, and keep them for the next update."""
        env, policy, n = self.environment, self.learner.policy, self.environment.num_envs
        observations, actions, alive, infos = [], [], [], []
        rewards: list[Floats] = []
        s, start = yield from self._begin()
        going, last = np.ones(n, np.bool_), np.full(n, GOING)
        cut = np.ones(n, np.bool_)
        longest = self.rollout_moves or math.inf
        while np.count_nonzero(going) and len(rewards) < longest:  # a third of the time of going.any()
            with self._timed():
                u = policy.act(s, self.rng)
                observations.append(s)
                actions.append(u)
                alive.append(going)
                s, r, terminated, truncated, info = env.step(u)
                rewards.append(r)
                infos.append(info)
                ended = terminated | truncated
                ending = info["ending"] if "ending" in info else np.where(terminated, LOST, TIMEOUT)
                np.copyto(last, ending, where=going)
                cut &= ~(terminated & going)
                going = going & ~ended
            if n == 1:
                yield Move(len(rewards), {key: value[0] for key, value in info.items()})
        with self._timed():
            counts = np.array(alive)
            lengths = counts.sum(axis=0)
            # NumPy's stack takes twice as long.
            seen = np.array([*observations, s])
            final = seen[lengths, np.arange(n)]
            batch = Rollout(seen[:-1], np.array(actions), np.array(rewards), counts, final, cut)
            over = ~going
            endings: list[int] = last[over].tolist()
            ages = self._ages + lengths
        told = range(n if n <= 8 else KEPT_OF_A_FLEET)
        log_probs, advantages = self.learner.judge(batch, len(told))
        parts = {
            index: (
                *self._parts.get(index, ()),
                self._steps(index, batch, infos, start, log_probs, advantages),
            )
            for index in told
        }
        first = self.episodes + 1
        with self._timed():
            self._take(batch, endings, int(ages[over].sum()))
            self._s, self._over, self._ages = s, over, ages * going
            self._parts = {index: its_parts for index, its_parts in parts.items() if not over[index]}
            self.told += len(parts) - len(self._parts)
            self._mark_border()
        for index in told:
            if over[index]:
                number = first + int(np.count_nonzero(over[:index]))
                yield self._episode(number, parts[index], int(last[index]))
        if Ending.INTERRUPTED in last:
            yield from self._healed(self.environment.fault)  # type: ignore[attr-defined]
        return endings

    @property
    def _enough(self) -> bool:
        """Whether there are episodes, or segments, enough for an update."""
        gathered: int = sum(batch.alive.shape[1] for batch in self._pending)
        return gathered >= self.episodes_per_update

    def _take(self, batch: Rollout, endings: list[int], moves: int) -> None:
        """Count a round, and keep it for the next update; the episodes that ended in it had so many moves."""
        # What a halted robot did, or one that could not see, says nothing of its policy.
        if not {Ending.HALTED, Ending.INTERRUPTED} & set(endings):
            self._pending.append(batch)
            self._pending_endings += endings
            self._pending_moves += moves
        self.moves += int(batch.alive.sum())
        self.episodes += len(endings)

    def _begin(self) -> Generator[Event, None, tuple[NDArray[Any], dict[str, Any]]]:
        """Start an episode with each robot whose last one is over; waits while the camera fails."""
        while True:
            try:
                with self._timed():
                    if self._s is None or self._over.all():
                        return self.environment.reset()
                    if self._over.any():
                        return self.environment.reset(options={"reset_mask": self._over})
                    return self._s, {}
            except CameraFault as fault:
                yield from self._healed(str(fault))

    def _healed(self, words: str) -> Iterator[Event]:
        """Wait for the camera, telling what is wrong with it."""
        yield Paused(self.moves, words)
        for news in self.environment.heal():  # type: ignore[attr-defined]
            if news != words:
                words = news
                yield Paused(self.moves, words)
        yield Resumed(self.moves)

    def _steps(
        self,
        index: int,
        batch: Rollout,
        infos: list[dict[str, Any]],
        start: dict[str, Any],
        log_probs: Floats,
        advantages: Floats,
    ) -> Steps:
        """What is to be told of one robot's moves in a round."""
        length = int(batch.alive[:, index].sum())
        steps = {
            key: np.array([info[key][index] for info in infos[:length]])
            for key in infos[0]
            if not key.startswith("_") and isinstance(infos[0][key], np.ndarray)
        }
        if index not in self._parts:
            steps |= {f"start_{key}": start[key][index : index + 1] for key in ("x1", "x2") if key in start}
        learned_from = {"observation": batch.observations, "action": batch.actions, "reward": batch.rewards}
        steps |= {name: values[:length, index] for name, values in learned_from.items()}
        if batch.alive.shape[1] == 1:
            steps["final_observation"] = batch.final_observations
        return steps | {"log_prob": log_probs[:length, index], "advantage": advantages[:length, index]}

    @staticmethod
    def _episode(number: int, parts: Sequence[Steps], ending: int) -> Episode:
        steps = joined(parts)
        reward = steps["reward"]
        return Episode(number, len(reward), Ending(ending), float(reward.sum()), steps)

    def _update(self) -> Update:
        with self._timed():
            batch, endings, moves = Rollout.join(self._pending), self._pending_endings, self._pending_moves
            self.told += 1
            report = self.learner.update(batch, self.moves / self.total_moves)
            self._pending, self._pending_endings, self._pending_moves = [], [], 0
            self.updates += 1
        self._border = self._snapshot()
        counts = np.bincount(np.array(endings, np.intp), minlength=len(Ending)).tolist()
        return Update(
            number=self.updates,
            moves=self.moves,
            episodes=self.episodes,
            seconds=self.seconds,
            success_rate=counts[Ending.REACHED] / max(len(endings), 1),
            episode_moves=moves / max(len(endings), 1),
            endings={ending.name.lower(): counts[ending] for ending in Ending if counts[ending]},
            report=report,
        )

    @property
    def evaluation_due(self) -> bool:
        """Whether an evaluation comes before the next round."""
        return self.evaluator is not None and self.moves >= self._next_evaluation

    def _evaluate_if_due(self) -> Iterator[Event]:
        if self.evaluator is None or not self.evaluation_due:
            return
        result = self.evaluator(self.learner.policy)
        self.told += 1
        self._next_evaluation = self.moves + max(self.evaluate_every, self.moves // 20)
        self._border = self._snapshot()
        yield Evaluated(self.moves, self.seconds, result)

    def _snapshot(self) -> dict[str, Any]:
        """Counters and random generators, as JSON values: where to go on from at the border of two rounds."""
        get_state = getattr(self.environment, "get_state", dict)
        return {
            "moves": self.moves,
            "episodes": self.episodes,
            "updates": self.updates,
            "seconds": self.seconds,
            "next_evaluation": self._next_evaluation,
            "pending": len(self._pending),
            "pending_endings": list(self._pending_endings),
            "pending_moves": self._pending_moves,
            "exploration": self.rng.bit_generator.state,
            "environment": get_state(),
        }

    def _mark_border(self) -> None:
        """Remember where to go on from: here, after a round."""
        self._border = self._snapshot()
        self._standing: Steps = {}
        """Where the robots are whose episodes are not over, arrays by name; empty if all are."""
        if self._s is not None and not self._over.all():
            robots: Steps = getattr(self.environment, "get_robots", dict)()
            self._standing = {f"robots.{name}": value for name, value in robots.items()}
            self._standing |= {"observations": self._s, "over": self._over, "ages": self._ages}
        self._told_so_far = self._parts

    def progress(self) -> dict[str, Any]:
        """Where it stands, as of the last whole round, without what it has learned; see `replay`."""
        return self._border

    def state(self) -> tuple[dict[str, Any], Tensors]:
        """Everything needed to go on exactly from the last whole round: state and arrays.

        An environment that has no `get_state`, and in the middle of episodes no `get_robots`, starts its
        episodes anew.
        """
        standing = self._standing | {
            f"told.{index}.{name}": values
            for index, parts in self._told_so_far.items()
            for name, values in joined(parts).items()
        }
        standing = {f"standing.{name}": np.ascontiguousarray(value) for name, value in standing.items()}
        return self._border, self.learner.get_state() | standing | {
            f"pending.{index}.{name}": np.ascontiguousarray(getattr(batch, name))
            for index, batch in enumerate(self._pending[: self._border["pending"]])
            for name in ROLLOUT
        }

    def restore(self, state: dict[str, Any], tensors: Tensors) -> None:
        """Go on from a `state`.

        Raises:
            ValueError: it is of another network or learner.
        """
        self.learner.set_state(tensors)
        self.moves, self.episodes, self.updates = (
            state["moves"],
            state["episodes"],
            state["updates"],
        )
        self._pending_endings = list(state["pending_endings"])
        self._pending_moves = state.get("pending_moves", 0)
        self._pending = [rollout_of(below(tensors, f"pending.{i}.")) for i in range(state["pending"])]
        self._stand(state, below(tensors, "standing."))

    def replay(self, episodes: Iterable[Mapping[str, Any]], state: dict[str, Any]) -> None:
        """Make a single robot's updates since the state that was restored again, from its episodes.

        Args:
            episodes: with `steps` and `ending` as they were told, the earliest first.
            state: the `progress` after the last of them.
        """
        for episode in episodes:
            if self._enough:
                self._update()
            steps = {name: values[:, np.newaxis] for name, values in episode["steps"].items()}
            alive = np.ones(steps["reward"].shape, np.bool_)
            final = episode["steps"].get("final_observation", np.zeros_like(steps["observation"][0]))
            ending = Ending[episode["ending"].upper()]
            cut = np.array([ending == Ending.TIMEOUT])
            batch = Rollout(steps["observation"], steps["action"], steps["reward"], alive, final, cut)
            self._take(batch, [ending.value], len(alive))
        self._stand(state)

    def _stand(self, state: dict[str, Any], standing: Steps | None = None) -> None:
        """Take over clocks, random generators, and where the robots stand."""
        self.seconds, self._next_evaluation = state["seconds"], state["next_evaluation"]
        self.rng.bit_generator.state = state["exploration"]
        if state["environment"] and (set_state := getattr(self.environment, "set_state", None)) is not None:
            set_state(state["environment"])
        self._s, self._over = None, np.ones_like(self._over)
        self._ages, self._parts = np.zeros_like(self._ages), {}
        standing = standing or {}
        over, robots = standing.get("over"), below(standing, "robots.")
        set_robots = getattr(self.environment, "set_robots", None)
        # Another number of robots, or an environment that cannot be put back, starts its episodes anew.
        if over is not None and over.shape == self._over.shape and robots and set_robots is not None:
            set_robots(robots)
            self._s, self._over, self._ages = standing["observations"], over, standing["ages"]
            told = below(standing, "told.")
            indices = {int(name.split(".")[0]) for name in told}
            self._parts = {index: (below(told, f"{index}."),) for index in indices}
        self._mark_border()


def rollout_of(arrays: Steps) -> Rollout:
    """A rollout from its arrays by name; one of an older version has no final observations."""
    final, cut = np.zeros_like(arrays["observations"][0]), np.zeros_like(arrays["alive"][0])
    whole = {"final_observations": final, "cut": cut} | arrays
    return Rollout(**{name: whole[name] for name in ROLLOUT})


def joined(parts: Sequence[Steps]) -> Steps:
    """Put what was told of an episode, segment by segment, together."""
    names = {name: None for part in parts for name in part}  # a set, in order
    return {name: np.concatenate([part[name] for part in parts if name in part]) for name in names}
