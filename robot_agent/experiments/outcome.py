"""The outcome of an experiment's form, and the training loop that the experiments share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from robot_agent.health.finding import Finding
from robot_agent.health.watch import Watch
from robot_agent.learning.mlp import MLP, Array, Parameters, Pass
from robot_agent.learning.optimisers import Optimiser


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of one form of a question."""

    said: str
    """What happened, in a sentence with its figures."""
    works: bool
    """Whether the training did what was wanted."""
    figures: Mapping[str, float]
    """The measured figures by name."""
    findings: list[Finding]
    """The findings of the health report, the surest first."""
    curve: list[float] = field(repr=False)
    """The curve to draw, a value for each step."""
    curve_name: str = "loss"


Form = Callable[[], Outcome]
Gradient = Callable[[MLP, Array, Pass], Parameters]
"""A function from a network, the targets (M, out) and a forward pass to the gradients."""
Loss = Callable[[Pass, Array], float]
"""A function from a forward pass and the targets (M, out) to the loss."""


def descend(
    network: MLP,
    x: Array,
    t: Array,
    loss: Loss,
    gradient: Gradient,
    optimiser: Optimiser,
    *,
    rate: float,
    steps: int,
    watch: Watch,
    batch: int | None = None,
    score: Callable[[], float] | None = None,
    score_every: int = 1,
) -> None:
    """Train a network, and let `watch` see each step.

    Args:
        network: the network, changed in place.
        x: inputs, shape (M, in).
        t: targets, shape (M, out).
        loss: the loss to minimise.
        gradient: computes the gradients of the loss by the weights; wrongly in broken forms.
        optimiser: makes the steps.
        rate: the learning rate.
        steps: number of steps.
        watch: records each step for the findings.
        batch: number of samples of each step, drawn at random; all if not given.
        score: measures the success of the training, in [0, 1].
        score_every: number of steps between two scores.
    """

    def again(inputs: Array, targets: Array) -> float:
        return loss(network.forward(inputs)[1], targets)

    rng = np.random.default_rng(0)
    for step in range(steps):
        chosen = np.arange(len(x)) if batch is None else rng.choice(len(x), batch, replace=False)
        inputs, targets = x[chosen], t[chosen]
        _, through = network.forward(inputs)
        gradients = gradient(network, targets, through)
        scored = score is not None and step % score_every == 0
        watch(
            loss=loss(through, targets),
            parameters=network.parameters,
            gradients=gradients,
            inputs=inputs,
            through=through,
            score=score() if scored and score is not None else None,
            loss_of=partial(again, inputs, targets),
        )
        optimiser.step(network.parameters, gradients, rate)


def losses(watch: Watch) -> list[float]:
    """Return the loss of each step."""
    return [step.loss for step in watch.steps]


def scores(watch: Watch) -> list[float]:
    """Return the scores that were measured."""
    return [step.score for step in watch.steps if step.score is not None]
