"""This project's Reinforce in the race: the preset `quick` with each backend, and the defaults."""

from typing import Any

from gymnasium.vector import AutoresetMode

from robot_agent.build.training import make_trainer
from robot_agent.learning.events import Update
from robot_agent.settings.config import load
from tests.benchmarks.race import Race, fleet

# The preset `quick` was chosen for the least CPU time to 95 %, as the others' settings are: among about 2,000
# drawn at random or around the best, most of them given up after three seeds, all of 100 and above, apart
# from those of the race. The best hundred hardly differ. The defaults were chosen so that a whole training
# ends well.


def _train(seed: int, race: Race, preset: str, backend: str) -> None:
    flags: dict[str, Any] = {"seed": seed, "preset": preset, "learner": {"backend": backend}}
    config = load(None, flags)
    trainer = make_trainer(config, lambda seed: fleet(config.train.robots, seed, AutoresetMode.DISABLED))
    trainer.evaluator = None
    with race.running():
        for event in trainer.run():
            if isinstance(event, Update) and race.finished(event.moves, trainer.learner.policy.greedy):
                break


def quick_numpy(seed: int, race: Race) -> None:
    """Train with `--preset quick`."""
    _train(seed, race, "quick", "numpy")


def quick_torch(seed: int, race: Race) -> None:
    """Train with `--preset quick --backend torch`."""
    _train(seed, race, "quick", "torch")


def defaults(seed: int, race: Race) -> None:
    """Train as `robot-agent train` does."""
    _train(seed, race, "fleet", "torch")
