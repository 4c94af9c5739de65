"""Trains the policies that ship with the package: `python -m robot_agent.identification.training wheels`.

The training is REINFORCE with a value network, on robots of the whole prior. The same seed gives the same
file, bit for bit, on the same machine and with the same version of NumPy.
"""

import argparse
import hashlib
import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from robot_agent.envs.environment import GymnasiumFleet
from robot_agent.envs.task import ActionKind, Approach
from robot_agent.identification.fleet import Draw, GuidedFleet, Tell, draw_prior
from robot_agent.identification.policies import policy_bytes
from robot_agent.identification.policy_inputs import SIZE
from robot_agent.identification.sureness import (
    EstimatesAtRandom,
    posteriors,
    save_posteriors,
    shipped_posteriors,
)
from robot_agent.learning.critic import Critic
from robot_agent.learning.events import Event, Update
from robot_agent.learning.gaussian import GaussianActor
from robot_agent.learning.reinforce import Reinforce
from robot_agent.learning.replay import Replay
from robot_agent.learning.tensors import Tensors
from robot_agent.learning.trainer import Trainer

PRESET: dict[str, Any] = {
    "robots": 512,
    "moves": 6_000_000,
    "hidden": (64, 64),
    "log_std_steering": -2.0,
    "log_std_duration": -1.0,
    "log_std_floor": -4.5,
    "backend": "numpy",
    "learning_rate": 0.005,
    "value_learning_rate": 0.005,
    "gamma": 0.8,
    "reward": "slices",
    "reached_bonus": 2.0,
    "lost_penalty": 1.0,
    "gae_lambda": 0.95,
    "epochs": 2,
    "clip_range": 0.5,
}
"""Settings of the training."""
CURVATURE: dict[str, Any] = {"moves": 5_000_000, "log_std_steering": -2.5, "log_std_duration": -1.7}
"""Settings that differ for the action `curvature`, whose policy begins near a good one; see `first_guess`."""
SEEDS: dict[ActionKind, int] = {"wheels": 0, "curvature": 2}
"""Seeds of the policies that ship; that for `curvature` was the best of five on 16,000 drawn robots."""


def preset_of(action: ActionKind) -> dict[str, Any]:
    """Return the settings with which the policy for an action is trained."""
    return PRESET | CURVATURE if action == "curvature" else PRESET


def train(
    action: ActionKind,
    *,
    seed: int = 0,
    draw: Draw = draw_prior,
    tell: Tell | None = None,
    start: Tensors | None = None,
    report: Callable[[Event], object] = lambda event: None,
    **changes: Any,
) -> GaussianActor:
    """Train a policy that gets an estimate of its robot as input.

    Args:
        action: what the policy decides.
        seed: seed of everything random.
        draw: draws the robots of the episodes; from the prior by default.
        tell: returns the estimates of robots that the policy gets; by default as sure as those of real
            filters, see `EstimatesAtRandom`.
        start: tensors of the policy to begin with; a new policy if not given.
        report: is called with every event of the training.
        **changes: settings that replace those of `PRESET`.
    """
    preset = preset_of(action) | changes
    if tell is None:
        tell = EstimatesAtRandom(shipped_posteriors(action))
    rewards = {name: preset[name] for name in ("reward", "reached_bonus", "lost_penalty")}
    task = Approach(action=action, **rewards)
    fleet = GuidedFleet(preset["robots"], task=task, draw=draw, tell=tell, seed=seed)
    size = task.observation_size + SIZE
    log_std = (preset["log_std_steering"],) * (len(task.action_names) - 1) + (preset["log_std_duration"],)
    backend = importlib.import_module(f"robot_agent.learning.{preset['backend']}_policy")
    hidden, floor = preset["hidden"], preset["log_std_floor"]
    policy: GaussianActor = backend.GaussianPolicy(
        size, log_std, hidden=hidden, log_std_floor=floor, seed=seed
    )
    if start is not None:
        policy.begin_from(start)
    value = backend.ValueNetwork(size, hidden=hidden, seed=seed + 1)
    learner = Reinforce(
        policy,
        gamma=preset["gamma"],
        critic=Critic(value, preset["gae_lambda"], preset["value_learning_rate"]),
        replay=Replay(preset["epochs"], clip_range=preset["clip_range"]),
        learning_rate=preset["learning_rate"],
    )
    trainer = Trainer(
        GymnasiumFleet(fleet),
        learner,
        total_moves=preset["moves"],
        episodes_per_update=preset["robots"],
        seed=seed + 2,
    )
    for event in trainer.run():
        report(event)
    return policy


def main(arguments: list[str] | None = None) -> int:
    """Train a policy that gets an estimate of its robot as input, and write it into a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("wheels", "curvature"))
    parser.add_argument("--sureness", action="store_true", help="first find out anew how sure estimates are")
    parser.add_argument("--seed", type=int, help="that of the shipped policy if not given")
    parser.add_argument("--moves", type=int, help="number of moves; that of the shipped policy if not given")
    parser.add_argument("--out", type=Path, help="where to; into the package if not given")
    options = parser.parse_args(arguments)
    out = options.out or Path(__file__).parent / "shipped" / f"{options.action}.safetensors"
    out.parent.mkdir(exist_ok=True)
    if options.sureness:
        file = Path(__file__).parent / "shipped" / f"sureness-{options.action}.safetensors"
        save_posteriors(file, posteriors(options.action))
    start = time.process_time()

    def report(event: Event) -> None:
        if isinstance(event, Update) and event.number % 100 == 0:
            seconds = time.process_time() - start
            words = f"{event.moves:>9,} moves  {event.success_rate:6.1%}  {event.episode_moves:5.2f} moves"
            print(f"{words} an episode  {seconds:6.1f} s", flush=True)

    preset = preset_of(options.action)
    preset = preset | {"moves": options.moves or preset["moves"]}
    seed = SEEDS[options.action] if options.seed is None else options.seed
    policy = train(options.action, seed=seed, moves=preset["moves"], report=report)
    content = policy_bytes(policy.tensors(), Approach(action=options.action), preset, seed)
    out.write_bytes(content)
    print(f"{out}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()[:16]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
