"""Stable-Baselines3's PPO and A2C in the race, fed by the batched environment."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray
from stable_baselines3 import A2C, PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv

from robot_agent.envs.fleet import FleetEnvironment
from tests.benchmarks.race import Floats, Race, fleet

# Tuned for the least CPU time to 95 % as ours are, with 6 seeds, the choice with 12 to 30, 100 and above,
# apart from those of the race: first about 85 (PPO) and 75 (A2C) settings drawn at random after about 45
# of each by hand; then, when ours had become quicker, another 410 and 230 from wider ranges: 128 to 512
# robots with 3 to 10 moves of each an update, learning rate 0.012 to 0.045, gamma 0.6 to 0.95, lambda 0.8
# to 1, 1 to 4 epochs, whole and half batches, clip 0.2 to 0.8, gradient norm 0.5 to 2, 8 to 32 units a
# layer, one layer or two, deviations from ours to wide ones; and for PPO with deviations of its own what
# our preset has found. By hand before: timeouts that go on from their value instead of ending, and
# RMSprop, were slower.
# The libraries' constructors know one initial deviation for all actions (`log_std_init`). What they
# reach with that alone has rows and settings of its own; the others get one for each action, written
# into them.
PPO_SETTINGS: dict[str, Any] = {
    "robots": 320,
    "n_steps": 5,
    "batch_size": 1600,
    "n_epochs": 3,
    "learning_rate": 0.032,
    "clip_range": 0.8,
    "gamma": 0.7,
    "gae_lambda": 0.95,
    "max_grad_norm": 2.0,
    "ent_coef": 0.0,
    "hidden": (8,),
    "value_hidden": (8,),
    "log_std": (-2.4, -1.0),
}
PPO_AS_BUILT = PPO_SETTINGS | {
    "robots": 256,
    "n_steps": 6,
    "batch_size": 1536,
    "n_epochs": 2,
    "learning_rate": 0.033,
    "gamma": 0.95,
    "gae_lambda": 0.8,
    "log_std": (-2.5, -2.5),
}
A2C_SETTINGS: dict[str, Any] = {
    "robots": 256,
    "n_steps": 5,
    "learning_rate": 0.045,
    "gamma": 0.6,
    "gae_lambda": 0.8,
    "use_rms_prop": False,
    "normalize_advantage": True,
    "max_grad_norm": 1.0,
    "ent_coef": 0.0,
    "hidden": (8, 8),
    "value_hidden": (8, 8),
    "log_std": (-2.75, -0.75),
}
A2C_AS_BUILT = A2C_SETTINGS | {
    "robots": 512,
    "learning_rate": 0.024,
    "gamma": 0.7,
    "gae_lambda": 1.0,
    "hidden": (16, 16),
    "value_hidden": (32, 32),
    "log_std": (-2.5, -2.5),
}


class FleetVecEnv(VecEnv):
    """The fleet behind Stable-Baselines3's interface, as lightly as it allows."""

    def __init__(self, environment: FleetEnvironment, *, bootstrap: bool) -> None:
        """Wrap a fleet with SameStep autoreset.

        Args:
            environment: the fleet.
            bootstrap: tell which episodes ran out of moves, so that their value goes on. It costs
                one call of the value network per such episode.
        """
        self.environment, self.bootstrap = environment, bootstrap
        super().__init__(
            environment.num_envs,
            environment.single_observation_space,
            environment.single_action_space,
        )
        self._infos: list[dict[str, Any]] = [{}] * environment.num_envs

    def reset(self) -> Floats:
        """Start new episodes with all robots."""
        return self.environment.reset()[0]

    def step_async(self, actions: Floats) -> None:
        """Remember the actions."""
        self._actions = actions

    def step_wait(self) -> tuple[Floats, Floats, NDArray[np.bool_], list[dict[str, Any]]]:
        """Make one move with every robot."""
        s, r, terminated, truncated, info = self.environment.step(self._actions)
        infos = self._infos
        if self.bootstrap and truncated.any():
            infos = infos.copy()
            for index in np.flatnonzero(truncated):
                last = info["final_obs"][index]
                infos[index] = {"terminal_observation": last, "TimeLimit.truncated": True}
        return s, r, terminated | truncated, infos

    def close(self) -> None:
        """Do nothing."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """Return an attribute of the fleet, once per robot."""
        return [getattr(self.environment, attr_name)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Refuse: nothing here is to be set."""
        raise NotImplementedError

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kw: Any) -> list[Any]:
        """Refuse: nothing here is to be called."""
        raise NotImplementedError

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        """Say no."""
        return [False] * self.num_envs


class _Arrived(Exception):
    """Ends a training from inside."""


class _Look(BaseCallback):
    """Looks at the policy after each update."""

    def __init__(self, race: Race) -> None:
        super().__init__()
        self.race = race

    def _on_step(self) -> bool:
        return True

    def _on_rollout_start(self) -> None:
        if self.race.finished(self.model.num_timesteps, self._greedy):
            raise _Arrived

    @torch.no_grad()
    def _greedy(self, observations: Floats) -> Floats:
        policy: Any = self.model.policy
        mode: Floats = policy.get_distribution(torch.from_numpy(observations)).mode().numpy()
        return mode


def _train(
    algorithm: type[PPO] | type[A2C],
    seed: int,
    race: Race,
    *,
    robots: int,
    log_std: Sequence[float],
    bootstrap: bool = False,
    hidden: Sequence[int] = (32, 32),
    value_hidden: Sequence[int] = (32, 32),
    activation: type[torch.nn.Module] = torch.nn.Tanh,
    optimizer: type[torch.optim.Optimizer] = torch.optim.Adam,
    optimizer_kwargs: dict[str, Any] | None = None,
    **settings: Any,
) -> None:
    environment = FleetVecEnv(fleet(robots, seed, AutoresetMode.SAME_STEP), bootstrap=bootstrap)
    torch.distributions.Distribution.set_default_validate_args(False)
    model = algorithm(
        "MlpPolicy",
        environment,
        seed=seed,
        device="cpu",
        policy_kwargs={
            "net_arch": {"pi": list(hidden), "vf": list(value_hidden)},
            "activation_fn": activation,
            "optimizer_class": optimizer,
            "optimizer_kwargs": optimizer_kwargs or {"fused": True},
        },
        **settings,
    )
    policy: Any = model.policy
    with torch.no_grad():
        policy.log_std.copy_(torch.tensor(log_std))
    callback = _Look(race)
    try:
        with race.running():
            model.learn(race.limit, callback=callback, log_interval=1_000_000)
    except _Arrived:
        pass


def ppo(seed: int, race: Race) -> None:
    """Train with Stable-Baselines3's PPO, tuned for this task, with one initial deviation for each action."""
    _train(PPO, seed, race, **PPO_SETTINGS)


def a2c(seed: int, race: Race) -> None:
    """Train with Stable-Baselines3's A2C likewise."""
    _train(A2C, seed, race, **A2C_SETTINGS)


def ppo_as_built(seed: int, race: Race) -> None:
    """Train PPO with what its constructor can set: one initial deviation for both actions."""
    _train(PPO, seed, race, **PPO_AS_BUILT)


def a2c_as_built(seed: int, race: Race) -> None:
    """Train A2C likewise."""
    _train(A2C, seed, race, **A2C_AS_BUILT)
