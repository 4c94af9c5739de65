"""What an experiment of a finding answers: one curve with the fault, and one without."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Curves:
    """The same training twice."""

    faulty: Sequence[float]
    """The figure after each step with the fault; shorter, or not finite, where the training breaks off."""
    mended: Sequence[float]
    """The same without the fault."""
    figure: str = "loss"
    """What was measured."""
    unit: str = "steps"
    """What is counted along the bottom."""
    log: bool = False
    """Whether the figure is drawn on a logarithmic scale."""


Form = Callable[[bool], list[float]]
"""A training, with the fault or without; seeded, so it answers the same each time."""
Experiment = Callable[[], Curves]


def both(form: Form, figure: str = "loss", unit: str = "steps", *, log: bool = False) -> Experiment:
    """Make an experiment of a training that takes whether it has the fault."""
    return lambda: Curves(form(True), form(False), figure, unit, log)
