"""Mirrored episodes: what a symmetric robot did to the left teaches it what to do to the right."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from robot_agent.learning.batch import Batch
from robot_agent.learning.tensors import Floats


@dataclass(frozen=True, slots=True)
class Mirror:
    """Two functions of the task that swap left and right."""

    observations: Callable[[Floats], Floats]
    """From observations (..., D) to what a robot in a mirror would observe."""
    actions: Callable[[Floats], Floats]
    """From actions (..., A) to what a robot in a mirror would do."""

    def beside(self, batch: Batch) -> Batch:
        """Return a batch with its mirror image beside it.

        The image keeps the log-probabilities of the originals: those moves were really made.
        """
        s, u = self.observations(batch.observations), self.actions(batch.actions)
        return Batch.join([batch, replace(batch, observations=s, actions=u)])
