"""Watching a network being trained: what is kept of each step, so that `network` can judge it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from robot_agent.health.gradients import Check, check
from robot_agent.learning.mlp import Array, Parameters, Pass
from robot_agent.learning.optimisers import Optimiser

SATURATED = 0.01
"""An output this near to the end of its range is saturated: the derivative there is 4 % of its largest."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer answered in a step."""

    activation: str
    silent: Array
    """Which units answered 0 to every sample, shape (units,); of ReLUs."""
    saturated: float
    """Share of the answers at an end of their range; 0 for activations that have none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a training, in a few numbers."""

    loss: float
    score: float | None
    """Success, accuracy: what the training is for, in [0, 1]; None where it was not given."""
    weights: dict[str, float]
    """Root of the mean square of each parameter."""
    gradients: dict[str, float | None]
    """Norm of each gradient; None where there was none."""
    moved: dict[str, float]
    """How far each parameter has moved since the step before, as a share of its norm; empty at the first."""
    strayed: dict[str, float]
    """How far from where the optimiser would have brought it, as a share of that step; else empty."""
    layers: list[Layer]
    checks: dict[str, Check]
    """Where the gradient was held against differences of the loss."""
    leftover: float | None
    """Of a gradient that is wrong, what is left unexplained when the step before's is taken off; None when
    it was not checked."""
    outside: float
    """How far the inputs reach beyond their bounds, as a share of the range."""
    not_a_number: str | None
    """Where the first number that is not finite was met in this step, if any was."""
    alike: tuple[str, ...] = ()
    """Weight matrices of which all rows, or all columns, are the same."""


@dataclass
class Watch:
    """Keeps what the findings need. Call it with every step, before the optimiser moves the weights.

    Nothing needs to be a `MLP`: names, arrays and numbers are enough. What is left out is not judged.
    """

    activations: Sequence[str] = ()
    """Of each layer."""
    optimiser: Optimiser | None = None
    """A fresh one of the kind that trains, used to find steps that it would not make; `rate` goes with it."""
    rate: float = 0.0
    bounds: tuple[float, float] | None = None
    """What inputs may be."""
    check_at: Sequence[int] = (0, 1, 5)
    """Steps at which the gradient is checked, where a loss is given."""
    samples: tuple[int, ...] = (1,)
    """Sizes of the first step's inputs: one of them is M, the first if the samples are the rows."""
    inputs: tuple[float, float, float] | None = None
    """Of the first step: root of the mean square; by how much one feature is larger than another, and 1."""
    steps: list[Step] = field(default_factory=list)
    _before: Parameters = field(default_factory=dict)
    _expected: Parameters = field(default_factory=dict)
    _gradients: Parameters = field(default_factory=dict)

    def __call__(
        self,
        *,
        loss: float,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array | None],
        inputs: Array | None = None,
        through: Pass | None = None,
        score: float | None = None,
        loss_of: Callable[[], float] | None = None,
    ) -> None:
        """Keep one step.

        Args:
            loss: of this step's samples.
            parameters: the weights as they are, before the step.
            gradients: of the loss by each parameter; None for one that has none.
            inputs: shape (M, D).
            through: the forward pass.
            score: success or accuracy, in [0, 1].
            loss_of: computes this step's loss anew from the parameters, for the check of the gradient.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # what runs away is told, it does not fail
            self._keep(loss, parameters, gradients, inputs, through, score, loss_of)

    def _keep(
        self,
        loss: float,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array | None],
        inputs: Array | None,
        through: Pass | None,
        score: float | None,
        loss_of: Callable[[], float] | None,
    ) -> None:
        number = len(self.steps)
        if number == 0 and inputs is not None:
            spread = inputs.std(axis=0)
            varied = spread[spread > 0] if (spread > 0).any() else np.ones(1)
            rms = float(np.sqrt(np.mean(np.square(inputs))))
            # A feature that is hardly ever lit has a small deviation and yet the range of all others.
            reach = np.ptp(inputs, axis=0)[spread > 0] if (spread > 0).any() else np.ones(1)
            uneven = min(float(varied.max() / varied.min()), float(reach.max() / reach.min()))
            self.samples, self.inputs = inputs.shape, (rms, uneven, 1.0)
        checks: dict[str, Check] = {}
        leftover = None
        if loss_of is not None and number in self.check_at:
            checks = check(loss_of, parameters, gradients)
            if self._gradients and any(one.error > 1e-3 for one in checks.values()):
                fresh = {
                    n: g - self._gradients[n]
                    for n, g in gradients.items()
                    if g is not None and n in self._gradients
                }
                leftover = max(
                    (one.error for one in check(loss_of, parameters, fresh).values()), default=None
                )
        self.steps.append(
            Step(
                loss=loss,
                score=score,
                weights={name: float(np.sqrt(np.mean(np.square(p)))) for name, p in parameters.items()},
                gradients={
                    name: None if (g := gradients.get(name)) is None else float(np.linalg.norm(g))
                    for name in parameters
                },
                moved={n: _share(parameters[n] - p, p) for n, p in self._before.items()},
                strayed={
                    n: _share(parameters[n] - p, p - self._before[n]) for n, p in self._expected.items()
                },
                layers=self._layers(through),
                checks=checks,
                leftover=leftover,
                outside=self._outside(inputs),
                not_a_number=_not_a_number(loss, parameters, gradients, inputs, through),
                alike=tuple(name for name, p in parameters.items() if _alike(p)),
            )
        )
        self._before = {name: np.array(p) for name, p in parameters.items()}
        self._gradients = {name: np.array(g) for name, g in gradients.items() if g is not None}
        if self.optimiser is not None:
            self._expected = {name: np.array(p) for name, p in parameters.items()}
            self.optimiser.step(self._expected, self._gradients, self.rate)

    def _layers(self, through: Pass | None) -> list[Layer]:
        if through is None or len(self.activations) != len(through.outputs):
            return []
        return [
            Layer(kind, (y == 0).all(axis=0) if kind == "relu" else np.zeros(0, bool), _saturated(kind, y))
            for kind, y in zip(self.activations, through.outputs, strict=True)
        ]

    def _outside(self, inputs: Array | None) -> float:
        if inputs is None or self.bounds is None:
            return 0.0
        low, high = self.bounds
        return max(0.0, low - float(inputs.min()), float(inputs.max()) - high) / (high - low)


def _share(change: Array, of: Array) -> float:
    """|change| / |of|; against 1 where `of` is all zeros, as fresh biases are."""
    size = float(np.linalg.norm(of))
    return float(np.linalg.norm(change)) / (size if size > 0 else 1.0)


def _alike(p: Array) -> bool:
    """Tell whether all units of a layer have the same weights, whichever way the matrix lies."""
    if p.ndim != 2 or min(p.shape) < 2:
        return False
    return bool(np.all(p == p[:1]) or np.all(p == p[:, :1]))


def _saturated(activation: str, y: Array) -> float:
    if activation == "tanh":
        return float((np.abs(y) > 1 - 2 * SATURATED).mean())
    if activation in ("sigmoid", "softmax"):
        return float(((y < SATURATED) | (y > 1 - SATURATED)).mean())
    return 0.0


def _not_a_number(
    loss: float,
    parameters: Mapping[str, Array],
    gradients: Mapping[str, Array | None],
    inputs: Array | None,
    through: Pass | None,
) -> str | None:
    """Name the first place, in the order in which they are computed, that holds a number not finite."""
    places: list[tuple[str, Array | None]] = [("the inputs", inputs)]
    places += [(f"the weights {name}", p) for name, p in parameters.items()]
    for index, (z, y) in enumerate(zip(through.sums, through.outputs, strict=True) if through else ()):
        places += [(f"the sums of layer {index + 1}", z), (f"the outputs of layer {index + 1}", y)]
    places += [("the loss", np.array(loss))]
    places += [(f"the gradient of {name}", gradients.get(name)) for name in reversed(list(parameters))]
    return next(
        (name for name, values in places if values is not None and not np.isfinite(values).all()), None
    )
