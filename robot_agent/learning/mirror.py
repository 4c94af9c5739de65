"""Mirrored episodes: a symmetric robot also learns from its moves with left and right exchanged."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from robot_agent.learning.batch import Batch
from robot_agent.learning.tensors import Floats


@dataclass(frozen=True, slots=True)
class Mirror:
    """The two functions of a task that exchange left and right."""

    observations: Callable[[Floats], Floats]
    """From observations (..., D) to the observations of the mirrored scenes."""
    actions: Callable[[Floats], Floats]
    """From actions (..., A) to the mirrored actions."""

    def beside(self, batch: Batch) -> Batch:
        """Return a batch with its mirror image beside it.

        The image keeps the log-probabilities of the original moves, which are the ones that were really made.
        """
        s, u = self.observations(batch.observations), self.actions(batch.actions)
        return Batch.join([batch, replace(batch, observations=s, actions=u)])
