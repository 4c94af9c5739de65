"""The result of an experiment on a finding: one curve with the fault, and one without."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Curves:
    """The curves of the same training with and without the fault."""

    faulty: Sequence[float]
    """The figure after each step with the fault; shorter, or not finite, if the training breaks down."""
    mended: Sequence[float]
    """The figure after each step without the fault."""
    figure: str = "loss"
    """Name of the figure."""
    unit: str = "steps"
    """Unit of the horizontal axis."""
    log: bool = False
    """Whether the figure is drawn on a logarithmic scale."""


Form = Callable[[bool], list[float]]
"""A training, with the fault if the argument is True; seeded, so that it gives the same curve each time."""
Experiment = Callable[[], Curves]


def both(form: Form, figure: str = "loss", unit: str = "steps", *, log: bool = False) -> Experiment:
    """Return an experiment that runs `form` with the fault and without it."""
    return lambda: Curves(form(True), form(False), figure, unit, log)
