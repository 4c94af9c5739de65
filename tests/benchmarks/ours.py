"""This project's Reinforce in the race, with its defaults."""

from gymnasium.vector import AutoresetMode

from robot_agent.learner import Reinforce
from robot_agent.policy import GaussianPolicy
from robot_agent.trainer import Trainer, Update
from tests.benchmarks.race import Race, fleet

ROBOTS = 128


def reinforce(seed: int, race: Race) -> None:
    """Train with this project's REINFORCE."""
    environment = fleet(ROBOTS, seed, AutoresetMode.DISABLED)
    policy = GaussianPolicy(environment.task.observation_size, (-2.5, -1.0), seed=seed)
    trainer = Trainer(
        environment,
        Reinforce(policy),
        total_moves=450_000,
        episodes_per_update=ROBOTS,
        seed=seed,
    )
    with race.running():
        for event in trainer.run():
            if isinstance(event, Update) and race.finished(event.moves, policy.greedy):
                break
