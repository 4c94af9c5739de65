"""Tianshou's Reinforce in the race, fed by the batched environment."""

# mypy: disable-error-code="import-not-found, misc, arg-type"

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray
from tianshou.algorithm.modelfree.reinforce import ProbabilisticActorPolicy, Reinforce
from tianshou.algorithm.optim import TorchOptimizerFactory
from tianshou.data import Collector, CollectStats, VectorReplayBuffer
from tianshou.utils.net.common import Net
from tianshou.utils.net.continuous import ContinuousActorProbabilistic
from tianshou.utils.torch_utils import policy_within_training_step
from torch.distributions import Distribution, Independent, Normal

from robot_agent.envs.fleet import FleetEnvironment
from tests.benchmarks.race import Floats, Race, fleet

Objects = NDArray[np.object_]

# Tuned by hand for the least CPU time to 95 %, about 40 settings with 3 to 10 seeds apart from those
# of the race: 64 to 320 robots, whole episodes or 5 to 20 moves of each robot an update, 1 to 4
# passes, gamma 0.7 to 0.95, learning rate 0.007 to 0.045, our preset's network and deviations, with and
# without clipping and standard returns. Two passes over each batch and short segments helped most. The
# collector keeps no statistics and gets no info dictionaries, which spares it most of its own work.
SETTINGS: dict[str, Any] = {"robots": 128, "steps": 10, "gamma": 0.9, "repeat": 2}


class FleetVectorEnv:
    """The fleet behind the interface that Tianshou's collector uses, as lightly as it allows."""

    is_async = False

    def __init__(self, environment: FleetEnvironment) -> None:
        """Wrap a fleet that is not reset by itself."""
        n = environment.num_envs
        self.environment = environment
        self.observation_space = [environment.single_observation_space] * n
        self.action_space = [environment.single_action_space] * n
        self._infos: Objects = np.full(n, None, np.object_)
        self._actions = np.zeros(environment.action_space.shape or (), np.float32)

    def __len__(self) -> int:
        """How many robots."""
        return self.environment.num_envs

    def reset(self, env_id: NDArray[np.int64] | None = None, **_: Any) -> tuple[Floats, Objects]:
        """Start new episodes with the robots of `env_id`; with all if not given."""
        if env_id is None:
            return self.environment.reset()[0], self._infos
        mask = np.zeros(len(self), np.bool_)
        mask[env_id] = True
        observations, _info = self.environment.reset(options={"reset_mask": mask})
        return observations[env_id], self._infos[: len(env_id)]

    def step(
        self, actions: Floats, env_id: NDArray[np.int64]
    ) -> tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.bool_], Objects]:
        """Make one move with the robots of `env_id`."""
        if len(env_id) == len(self):
            return (*self.environment.step(actions)[:4], self._infos)
        self._actions[env_id] = actions
        s, r, terminated, truncated, _info = self.environment.step(self._actions)
        infos = self._infos[: len(env_id)]
        return s[env_id], r[env_id], terminated[env_id], truncated[env_id], infos


class _NoStats(CollectStats):
    """Statistics that are not kept: keeping them copies all there are at every move."""

    def update_at_step_batch(self, step_batch: Any, refresh_sequence_stats: bool = False) -> None:
        pass

    def update_at_episode_done(
        self, episode_batch: Any, episode_return: Any, refresh_sequence_stats: bool = False
    ) -> None:
        pass

    def refresh_all_sequence_stats(self) -> None:
        pass

    def set_collect_time(self, collect_time: float, update_collect_speed: bool = True) -> None:
        pass


def _gaussian(parameters: tuple[torch.Tensor, torch.Tensor]) -> Distribution:
    return Independent(Normal(*parameters), 1)


def _train(
    seed: int,
    race: Race,
    *,
    robots: int,
    episodes: int | None = None,
    steps: int | None = None,
    gamma: float = 0.95,
    return_standardization: bool = True,
    learning_rate: float = 0.01,
    max_gradient_norm: float | None = 1.0,
    repeat: int = 1,
    batch_size: int | None = None,
    log_std: Sequence[float] = (-2.5, -1.5),
    hidden: Sequence[int] = (32, 32),
) -> None:
    """Train with Tianshou's Reinforce; an update has so many episodes, or moves of each robot."""
    torch.manual_seed(seed)
    Distribution.set_default_validate_args(False)
    environment = FleetVectorEnv(fleet(robots, seed, AutoresetMode.DISABLED))
    spaces = environment.environment
    shape = spaces.single_action_space.shape
    body = Net(
        state_shape=spaces.single_observation_space.shape,
        hidden_sizes=hidden,
        activation=torch.nn.Tanh,
    )
    actor = ContinuousActorProbabilistic(preprocess_net=body, action_shape=shape, unbounded=True)
    linear = [module for module in actor.modules() if isinstance(module, torch.nn.Linear)]
    with torch.no_grad():
        for layer in linear:
            last = layer is linear[-1]
            torch.nn.init.orthogonal_(layer.weight, 0.01 if last else math.sqrt(2))
            layer.bias.zero_()
        actor.sigma_param.copy_(torch.tensor(log_std).reshape(-1, 1))
    policy = ProbabilisticActorPolicy(
        actor=actor,
        dist_fn=_gaussian,
        action_space=spaces.single_action_space,
        action_scaling=False,
        action_bound_method="clip",
    )
    optimizer = TorchOptimizerFactory(torch.optim.Adam, lr=learning_rate, fused=True)
    algorithm = Reinforce(
        policy=policy, gamma=gamma, return_standardization=return_standardization, optim=optimizer
    )
    if max_gradient_norm is not None:
        algorithm.optim._max_grad_norm = max_gradient_norm
    kept = VectorReplayBuffer((steps or 20 * (1 + (episodes or 0) // robots)) * robots, robots)
    collector = Collector(policy, environment, kept, collect_stats_class=_NoStats)

    @torch.no_grad()
    def greedy(observations: Floats) -> Floats:
        mean: Floats = actor(observations)[0][0].numpy()
        return mean

    with race.running():
        collector.reset()
        done = False
        while not done:
            with policy_within_training_step(policy):
                collector.collect(
                    n_step=steps * robots if steps else None,
                    n_episode=episodes,
                )
                algorithm.update(kept, batch_size=batch_size, repeat=repeat)
            collector.reset_buffer(keep_statistics=True)
            done = race.finished(collector.collect_step, greedy)


def reinforce(seed: int, race: Race) -> None:
    """Train with Tianshou's Reinforce, tuned for this task."""
    _train(seed, race, **SETTINGS)
