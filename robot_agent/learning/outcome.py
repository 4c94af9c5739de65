"""The result of a training in a few numbers, which `train` prints and sweeps compare."""

from collections.abc import Sequence
from typing import Any

from robot_agent.learning.events import Evaluated
from robot_agent.learning.trainer import Trainer

GOAL = 0.95
"""Success rate on held-out starts from which on a training counts as having learned the task."""


def outcome_of(trainer: Trainer, evaluations: Sequence[Evaluated]) -> dict[str, Any]:
    """Return the numbers of a training as JSON values.

    Args:
        trainer: the trainer, after its end.
        evaluations: all its evaluations, the earliest first; without any, their numbers are None.
    """
    last = evaluations[-1].result if evaluations else None
    at_95 = next((one for one in evaluations if one.result.success_rate >= GOAL), None)
    return {
        "moves": trainer.moves,
        "episodes": trainer.episodes,
        "updates": trainer.updates,
        "seconds": round(trainer.seconds, 3),
        "success_rate": last.success_rate if last else None,
        "moves_mean": last.moves_mean if last else None,
        "moves_to_95": at_95.moves if at_95 else None,
        "seconds_to_95": round(at_95.seconds, 3) if at_95 else None,
    }
