"""Comparison of a gradient that a program computed with differences of the loss itself.

`check_gradient(loss, parameters, gradients)` is for your own program: it returns findings. `check` returns
the numbers behind them.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from robot_agent.health.finding import Finding
from robot_agent.learning.mlp import Array

SMALL = 1e-10
"""Size below which a number counts as rounding error of the differences, not as a gradient."""
WRONG = 0.02
"""Relative error from which on a gradient counts as wrong; float64 differences are exact to about 1e-6."""


@dataclass(frozen=True, slots=True)
class Check:
    """Some numbers of one parameter's gradient, as computed by the program and as measured."""

    computed: Array
    """The numbers computed by the program, shape (K,)."""
    true: Array
    """The same numbers measured by differences of the loss, shape (K,)."""
    noise: float = SMALL
    """Error of the differences by rounding alone."""

    @property
    def factor(self) -> float:
        """The factor c for which c * true is nearest to `computed`; 1 if the gradient is right."""
        square = float(self.true @ self.true)
        return float(self.computed @ self.true) / square if square > self.floor**2 else 1.0

    @property
    def floor(self) -> float:
        """The norm below which `true` is only rounding error."""
        return max(SMALL, 10 * self.noise * math.sqrt(len(self.true)))

    @property
    def error(self) -> float:
        """|computed - true| as a share of the longer of both; 0 if both are zero."""
        return self._distance(1.0)

    @property
    def single(self) -> bool:
        """Whether only one of the numbers is larger than rounding errors."""
        return int(np.sum(np.abs(self.true) > self.noise)) < 2

    @property
    def error_of_direction(self) -> float:
        """The error after the best positive factor is taken out: how wrong the direction is.

        A single number has no direction, so no factor is taken out.
        """
        if self.single or self.factor < 1e-3:
            return self.error
        return self._distance(self.factor)

    def _distance(self, factor: float) -> float:
        longer = max(float(np.linalg.norm(self.computed)), abs(factor) * float(np.linalg.norm(self.true)))
        off = np.maximum(np.abs(self.computed - factor * self.true) - self.noise, 0)
        return float(np.linalg.norm(off)) / longer if longer > self.floor else 0.0


def check(
    loss: Callable[[], float],
    parameters: Mapping[str, Array],
    gradients: Mapping[str, Array | None],
    *,
    numbers: int = 16,
    step: float | None = None,
    seed: int = 0,
) -> dict[str, Check]:
    """Compare gradients with (L(p + h) - L(p - h)) / 2h at some numbers of each parameter.

    At a corner (a ReLU at 0) the slopes to the left and to the right differ; any value between both counts as
    right. A loss that gives two different numbers for the same parameters (dropout) cannot be checked: then
    the result is empty.

    Args:
        loss: computes L from the present parameters, with the same samples as the gradients.
        parameters: the parameters; changed during the check, and restored.
        gradients: the gradients that the program computed; missing ones are not checked.
        numbers: how many numbers of each parameter: half where the gradient is largest, half at random.
        step: h; 1e-5 for float64 and 1e-2 for float32 if not given.
        seed: seed of the random choice.
    """
    rng = np.random.default_rng(seed)
    checks: dict[str, Check] = {}
    here = float(loss())
    if not math.isfinite(here) or float(loss()) != here:
        return checks
    for name, p in parameters.items():
        g = gradients.get(name)
        if g is None or not np.isfinite(g).all() or not np.issubdtype(p.dtype, np.floating) or not p.size:
            continue
        if np.asarray(g).shape != p.shape:
            continue
        coarse = p.dtype.itemsize < 8
        h = step or (1e-2 if coarse else 1e-5)
        largest = np.argsort(-np.abs(g), axis=None)[: (numbers + 1) // 2]
        drawn = rng.choice(p.size, min(p.size, numbers // 2), replace=False)
        chosen = np.unique(np.concatenate([largest, drawn]))
        computed, true = np.ravel(g)[chosen].astype(np.float64), np.empty(len(chosen))
        # Rounding error of the loss, divided by h; a float32 network rounds at every layer.
        noise = (2e-6 if coarse else 4e-16) * max(abs(here), 1e-3) / h + (1e-4 if coarse else 0.0) * float(
            np.abs(computed).max()
        )
        for index, at in enumerate(np.unravel_index(place, p.shape) for place in chosen):
            true[index] = _slope(loss, p, at, h, here, float(computed[index]), noise, coarse)
        checks[name] = Check(computed, true, max(noise, SMALL))
    return checks


def _slope(
    loss: Callable[[], float],
    p: Array,
    at: tuple[Any, ...],
    h: float,
    here: float,
    computed: float,
    noise: float,
    coarse: bool,
) -> float:
    """Return the slope of the loss by one number; at a corner, the slope nearest to the computed one.

    A step in single precision is so long that it passes many corners of a batch. Then the slope is known only
    as precisely as the slopes of its two sides agree.
    """
    kept = p[at]
    try:
        p[at] = kept + h
        right = (float(loss()) - here) / h
        p[at] = kept - h
        left = (here - float(loss())) / h
        middle = (right + left) / 2
        if coarse and abs(computed - middle) <= abs(right - left):
            return computed
        if abs(right - left) <= max(1e-3 * abs(middle), 4 * noise):
            return middle
        # At half the distance, two slopes of a smooth loss differ half as much; at a corner, as before.
        p[at] = kept + h / 2
        right2 = (float(loss()) - here) / (h / 2)
        p[at] = kept - h / 2
        left2 = (here - float(loss())) / (h / 2)
    finally:
        p[at] = kept
    if abs(right2 - left2) < 0.7 * abs(right - left):
        return middle
    low, high = min(left, right, left2, right2), max(left, right, left2, right2)
    return min(max(computed, low), high)


def check_gradient(
    loss: Callable[..., float],
    parameters: Mapping[str, Array],
    gradients: Mapping[str, Array | None],
    *,
    samples: int | tuple[int, ...] = 1,
) -> list[Finding]:
    """Return what is wrong with a gradient that was written by hand; empty if it is right.

    Args:
        loss: computes L from the present parameters; called without an argument, or with the parameters.
        parameters: the weights by name, preferably float64.
        gradients: dL / dparameters by the same names, as the program computes them.
        samples: number of samples in the batch, to tell a sum from a mean; several numbers if unsure.

    Returns:
        `not-divided`, `layer-scaled` or `wrong-derivative`, with the parameter's name in `notes`.
    """
    takes = sum(
        each.default is inspect.Parameter.empty
        and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        for each in inspect.signature(loss).parameters.values()
    )
    counts = (samples,) if isinstance(samples, int) else samples
    given_shapes = {name: np.asarray(g).shape for name, g in gradients.items() if g is not None}
    shapes = [
        name for name, p in parameters.items() if name in given_shapes and given_shapes[name] != p.shape
    ]
    if shapes:
        name = shapes[0]
        return [
            Finding(
                "wrong-derivative",
                f"The gradient of {name} has the shape {given_shapes[name]}, the parameter "
                f"{parameters[name].shape}.",
                "NumPy broadcasts one to the other in the step, so numbers are added where they do not "
                "belong.",
                "Sum a bias's gradient over the batch with keepdims, and look at the order of the matrix "
                "product.",
                0.95,
                notes=(name,),
            )
        ]
    given = (lambda: loss(parameters)) if takes else loss
    return judge(check(given, parameters, gradients), counts)


def judge(checks: Mapping[str, Check], samples: tuple[int, ...] = (1,)) -> list[Finding]:
    """Turn checks into findings: one layer's scale, the sign, the direction."""
    wrong = {name: one for name, one in checks.items() if one.error > WRONG}
    if not wrong:
        return []
    factors = {
        name: one.factor for name, one in checks.items() if float(np.linalg.norm(one.true)) > one.floor
    }
    # A single number has no direction: its factor is accepted only beside parameters that have one.
    single = {name for name, one in checks.items() if one.single}
    single = {name for name in single if checks[name].factor > 0.001} if len(single) < len(checks) else set()
    crooked = {n: one for n, one in checks.items() if n not in single and one.error_of_direction > WRONG}
    if factors and all(abs(factor + 1) < WRONG for factor in factors.values()):
        return [_wrong_sign(factors)]
    if crooked or not factors:
        return [_wrong_direction(crooked or wrong)]
    if max(factors.values()) - min(factors.values()) < WRONG * max(map(abs, factors.values())):
        return []  # all have the same factor: another definition of the loss, or a learning rate
    return [_wrong_scale(factors, samples)]


def _wrong_sign(factors: Mapping[str, float]) -> Finding:
    return Finding(
        "wrong-derivative",
        "Every gradient is the true one with the wrong sign.",
        "A minus is missing or too many, so each step goes uphill: the loss rises.",
        "Turn the sign of the derivative of the loss, or subtract rate * gradient in the step.",
        0.97,
        notes=tuple(factors),
    )


def _wrong_scale(factors: Mapping[str, float], samples: tuple[int, ...]) -> Finding:
    """Return the finding about the one parameter whose factor differs most from that of the others."""
    ones = [factor for factor in factors.values() if abs(factor - 1) < WRONG]
    middle = 1.0 if ones else float(np.median(list(factors.values())))
    name = max(factors, key=lambda n: abs(math.log(abs(factors[n] / middle) + 1e-12)))
    relative = factors[name] / middle
    count = next((n for n in samples if n > 1 and abs(abs(math.log(relative)) - math.log(n)) < 0.02), None)
    return Finding(
        "not-divided" if count else "layer-scaled",
        f"The gradient of {name} is {factors[name]:.3g} times the true one"
        + (
            f", and the batch has {count} samples; those of other layers are right."
            if count
            else "; those of other layers are not."
        ),
        "This layer sums over the batch where another takes the mean, so it learns at another rate.",
        "Divide by the batch size once, in the derivative of the loss, and nowhere else.",
        0.97,
        notes=(name,),
    )


def _wrong_direction(crooked: Mapping[str, Check]) -> Finding:
    """Return the finding about the last of these parameters: its layer comes first in the backward pass."""
    name = list(crooked)[-1]
    at = int(np.argmax(np.abs(crooked[name].computed - crooked[name].true)))
    return Finding(
        "wrong-derivative",
        f"The gradient of {name} is off by {crooked[name].error:.0%} from differences of the loss "
        f"({crooked[name].computed[at]:.3g} instead of {crooked[name].true[at]:.3g} for one weight).",
        "A derivative in the backward pass is not that of the forward pass: of the wrong argument (the sum "
        "instead of the output), of another sample, or only the diagonal of a softmax.",
        f"Begin at {name}: compare the derivative of its activation with (f(z + h) - f(z - h)) / 2h.",
        0.96,
        notes=tuple(crooked),
    )
