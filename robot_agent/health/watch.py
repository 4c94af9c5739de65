"""The record of a network's training: what is kept of each step, for the findings of `network`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from robot_agent.health.gradients import Check, check
from robot_agent.learning.mlp import Array, Parameters, Pass
from robot_agent.learning.optimisers import Optimiser

SATURATED = 0.01
"""Distance from the end of the range, as a share, within which an output counts as saturated.

The derivative there is at most 4 % of its largest value.
"""


@dataclass(frozen=True, slots=True)
class Layer:
    """The outputs of one layer in a step, in a few numbers."""

    activation: str
    silent: Array
    """Whether each ReLU unit gave 0 for every sample, shape (units,); empty for other activations."""
    saturated: float
    """Share of the outputs at an end of their range; 0 for activations without such an end."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a training, in a few numbers."""

    loss: float
    score: float | None
    """Success or accuracy, in [0, 1]; None if it was not given."""
    weights: dict[str, float]
    """Root mean square of each parameter."""
    gradients: dict[str, float | None]
    """Norm of each gradient; None for a parameter without a gradient."""
    moved: dict[str, float]
    """How far each parameter has moved since the step before, as a share of its norm; empty at the first."""
    strayed: dict[str, float]
    """Distance of each parameter from where the optimiser would have put it, as a share of that step;
    empty if the optimiser is unknown."""
    layers: list[Layer]
    checks: dict[str, Check]
    """Comparisons of the gradient with differences of the loss, by parameter; empty if not checked."""
    leftover: float | None
    """Error of a wrong gradient after the gradient of the step before is subtracted; None if not computed. A
    small value means that gradients were not zeroed."""
    outside: float
    """How far the inputs reach beyond their bounds, as a share of the range."""
    not_a_number: str | None
    """Place of the first number in this step that is not finite; None if all are."""
    alike: tuple[str, ...] = ()
    """Names of weight matrices whose rows, or whose columns, are all the same."""


@dataclass
class Watch:
    """Records the steps of a training. Call it in every step, before the optimiser moves the weights.

    The network need not be an `MLP`: names, arrays and numbers are enough. What is not given is not judged.
    """

    activations: Sequence[str] = ()
    """Name of each layer's activation."""
    optimiser: Optimiser | None = None
    """A new optimiser of the kind that trains, used with `rate` to find steps that it would not make."""
    rate: float = 0.0
    bounds: tuple[float, float] | None = None
    """Lowest and highest permitted input."""
    check_at: Sequence[int] = (0, 1, 5)
    """Steps at which the gradient is checked, if `loss_of` is given."""
    samples: tuple[int, ...] = (1,)
    """Shape of the first step's inputs; one of these sizes is M, the first one if samples are rows."""
    inputs: tuple[float, float, float] | None = None
    """Of the first step's inputs: root mean square; ratio of the largest to the smallest feature; and 1."""
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
        """Record one step.

        Args:
            loss: the loss of this step's samples.
            parameters: the weights before the step.
            gradients: gradient of the loss by each parameter; None for a parameter without one.
            inputs: the inputs, shape (M, D).
            through: the forward pass.
            score: success or accuracy, in [0, 1].
            loss_of: computes this step's loss again from the parameters, for the check of the gradient.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # diverging numbers are reported; no error
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
        if not self.steps and inputs is not None:
            self.samples, self.inputs = inputs.shape, (*_spread(inputs), 1.0)
        checks: dict[str, Check] = {}
        leftover = None
        if loss_of is not None and len(self.steps) in self.check_at:
            checks, leftover = self._check(loss_of, parameters, gradients)
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

    def _check(
        self,
        loss_of: Callable[[], float],
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array | None],
    ) -> tuple[dict[str, Check], float | None]:
        """Check the gradients; return also the error that stays if the step before is taken off them.

        That error is small if the gradients were added to those of the step before.
        """
        checks = check(loss_of, parameters, gradients)
        if not self._gradients or not any(one.error > 1e-3 for one in checks.values()):
            return checks, None
        fresh = {
            n: g - self._gradients[n] for n, g in gradients.items() if g is not None and n in self._gradients
        }
        return checks, max((one.error for one in check(loss_of, parameters, fresh).values()), default=None)

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


def _spread(inputs: Array) -> tuple[float, float]:
    """Return the root mean square of the inputs, and how many times wider one feature is than another."""
    spread = inputs.std(axis=0)
    varied = spread[spread > 0] if (spread > 0).any() else np.ones(1)
    # A feature that is rarely not 0 has a small deviation, but the same range as all others.
    reach = np.ptp(inputs, axis=0)[spread > 0] if (spread > 0).any() else np.ones(1)
    uneven = min(float(varied.max() / varied.min()), float(reach.max() / reach.min()))
    return float(np.sqrt(np.mean(np.square(inputs)))), uneven


def _share(change: Array, of: Array) -> float:
    """Return |change| / |of|, or |change| if `of` is all zeros, as new biases are."""
    size = float(np.linalg.norm(of))
    return float(np.linalg.norm(change)) / (size if size > 0 else 1.0)


def _alike(p: Array) -> bool:
    """Return whether all units of a layer have the same weights, as rows or as columns of the matrix."""
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
    """Return the first place, in the order of computation, with a number that is not finite; else None."""
    places: list[tuple[str, Array | None]] = [("the inputs", inputs)]
    places += [(f"the weights {name}", p) for name, p in parameters.items()]
    for index, (z, y) in enumerate(zip(through.sums, through.outputs, strict=True) if through else ()):
        places += [(f"the sums of layer {index + 1}", z), (f"the outputs of layer {index + 1}", y)]
    places += [("the loss", np.array(loss))]
    places += [(f"the gradient of {name}", gradients.get(name)) for name in reversed(list(parameters))]
    return next(
        (name for name, values in places if values is not None and not np.isfinite(values).all()), None
    )
