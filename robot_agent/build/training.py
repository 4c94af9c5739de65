"""Builds what learns: policy, value network, learner and trainer."""

import importlib
import importlib.util
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from robot_agent.build.driving import make_environment
from robot_agent.build.simulation import make_fleet, make_task
from robot_agent.envs.task import Mirrored
from robot_agent.errors import SettingsError
from robot_agent.learning.policy import BackendKind
from robot_agent.settings.config import Config
from vision.factory import FactoryError, FactoryFailedError, open_factory

if TYPE_CHECKING:
    from robot_agent.envs.environment import TrainingEnvironment
    from robot_agent.learning.gaussian import GaussianActor
    from robot_agent.learning.learner import Learner
    from robot_agent.learning.policy import Value
    from robot_agent.learning.trainer import Evaluator, Trainer


def has_torch() -> bool:
    """Return whether PyTorch is installed."""
    return importlib.util.find_spec("torch") is not None


def open_backend(name: BackendKind) -> Any:
    """Import the module that has `GaussianPolicy` and `ValueNetwork`; PyTorch only if it is asked for.

    Raises:
        SettingsError: PyTorch is asked for and not installed.
    """
    if name == "numpy":
        return importlib.import_module("robot_agent.learning.numpy_policy")
    if not has_torch():
        if sys.maxsize < 2**32:
            raise SettingsError("PyTorch has no 32-bit packages; learn without it, with --backend numpy.")
        raise SettingsError(
            "PyTorch is not installed; learn without it, with --backend numpy, or install it with: "
            "pip install torch"
        )
    import torch

    torch.set_num_threads(1)  # for networks of this size a second thread makes PyTorch 2 to 6 times slower
    return importlib.import_module("robot_agent.learning.torch_policy")


def make_policy(config: Config, seed: int | None = None) -> "GaussianActor":
    """Build an untrained policy."""
    task, network = make_task(config), config.network
    steering = len(task.action_names) - 1
    policy: GaussianActor = open_backend(config.learner.backend).GaussianPolicy(
        task.observation_size,
        (network.log_std_steering,) * steering + (network.log_std_duration,),
        hidden=network.hidden,
        activation=network.activation,
        output=network.output,
        initialisation=network.initialisation,
        log_std_floor=network.log_std_floor,
        seed=seed,
    )
    return policy


def make_value(config: Config, seed: int | None = None) -> "Value":
    """Build an untrained value network."""
    size, hidden = make_task(config).observation_size, config.network.hidden
    value: Value = open_backend(config.learner.backend).ValueNetwork(size, hidden=hidden, seed=seed)
    return value


def make_learner(config: Config, seed: int, value_seed: int, own_seed: int) -> "Learner":
    """Build the learner, with an untrained policy.

    Args:
        config: the settings.
        seed: seed of the policy's first weights.
        value_seed: seed of the value network's first weights.
        own_seed: seed of the random numbers of your own learner.

    Raises:
        SettingsError: settings of the learner contradict each other, or your own learner cannot be used.
    """
    from robot_agent.learning.critic import Critic
    from robot_agent.learning.mirror import Mirror
    from robot_agent.learning.reinforce import Reinforce
    from robot_agent.learning.replay import Replay

    learner, task = config.learner, make_task(config)
    policy = make_policy(config, seed)
    if learner.algorithm != "reinforce":
        given = {"policy": policy, "value": make_value(config, value_seed), "seed": own_seed}
        methods = ("update", "judge", "get_state", "set_state", "policy.act", "policy.greedy")
        try:
            own: Learner = open_factory(
                learner.algorithm, "learner", methods=methods, **(learner.options | given)
            )
        except (FactoryError, FactoryFailedError) as error:
            raise SettingsError(str(error)) from error
        return own
    if learner.options:
        raise SettingsError(
            "learner.options is for a learner of your own; leave it, or set learner.algorithm."
        )
    critic = None
    if learner.baseline == "value":
        critic = Critic(make_value(config, value_seed), learner.gae_lambda, learner.value_learning_rate)
    elif learner.gae_lambda < 1.0:
        raise SettingsError("A gae_lambda below 1 needs learner.baseline = value; set it, or gae_lambda = 1.")
    mirror = None
    if learner.mirror:
        if not isinstance(task, Mirrored):
            raise SettingsError(
                "The task has no mirror_observations() and mirror_actions(), which learner.mirror needs; "
                "add them, or set learner.mirror=false."
            )
        mirror = Mirror(task.mirror_observations, task.mirror_actions)
    return Reinforce(
        policy,
        gamma=learner.gamma,
        baseline="none" if learner.baseline == "none" else "time",
        critic=critic,
        replay=Replay(learner.epochs, learner.replay_batches, learner.clip_range, mirror),
        learning_rate=learner.learning_rate,
        entropy_bonus=learner.entropy_bonus,
        max_gradient_norm=learner.max_gradient_norm,
    )


def make_evaluator(config: Config) -> "Evaluator | None":
    """Build the function that evaluates a policy on held-out starts; None without a simulated robot."""
    from robot_agent.learning.evaluation import Evaluation, evaluate

    if config.robot != "sim":
        return None
    fleet = make_fleet(config, config.train.evaluation_episodes)

    def evaluator(policy: Any) -> Evaluation:
        return evaluate(fleet, policy.greedy, episodes=config.train.evaluation_episodes)

    return evaluator


def make_trainer(
    config: Config, environment: "Callable[[int], TrainingEnvironment] | None" = None
) -> "Trainer":
    """Build a training from settings whose seed is set.

    Args:
        config: the settings.
        environment: builds the environment from a seed; if not given, the settings decide.
    """
    from robot_agent.learning.trainer import Trainer

    # Independent streams for weights, value weights, world, exploration, own learner, all from the one seed.
    seeds = [int(s.generate_state(1)[0]) for s in np.random.SeedSequence(config.seed).spawn(5)]
    train = config.train
    return Trainer(
        environment(seeds[2]) if environment is not None else make_environment(config, seeds[2]),
        make_learner(config, seeds[0], seeds[1], seeds[4]),
        total_moves=train.moves,
        episodes_per_update=train.episodes_per_update,
        rollout_moves=train.rollout_moves,
        evaluator=make_evaluator(config),
        evaluate_every=train.evaluate_every,
        seed=seeds[3],
    )
