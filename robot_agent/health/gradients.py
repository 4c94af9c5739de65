"""Holding the gradient that a program computed against differences of the loss itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from robot_agent.learning.mlp import Array

SMALL = 1e-10
"""Numbers below this are taken for the rounding of the differences, not for a gradient."""


@dataclass(frozen=True, slots=True)
class Check:
    """Some numbers of one parameter's gradient, as computed and as they are."""

    computed: Array
    """As the program has them, shape (K,)."""
    true: Array
    """As differences of the loss have them, shape (K,)."""

    @property
    def factor(self) -> float:
        """The c for which c * true comes nearest to what was computed; 1 when all is right."""
        square = float(self.true @ self.true)
        return float(self.computed @ self.true) / square if square > SMALL**2 else 1.0

    @property
    def error(self) -> float:
        """|computed - true| as a share of the longer of both; 0 where both vanish."""
        return self._distance(1.0)

    @property
    def error_of_direction(self) -> float:
        """The same when the factor is forgiven: how wrong the direction is; nothing has no direction."""
        return self._distance(self.factor if abs(self.factor) > 1e-3 else 1.0)

    def _distance(self, factor: float) -> float:
        longer = max(float(np.linalg.norm(self.computed)), abs(factor) * float(np.linalg.norm(self.true)))
        return float(np.linalg.norm(self.computed - factor * self.true)) / longer if longer > SMALL else 0.0


def check(
    loss: Callable[[], float],
    parameters: Mapping[str, Array],
    gradients: Mapping[str, Array | None],
    *,
    numbers: int = 16,
    step: float = 1e-5,
    seed: int = 0,
) -> dict[str, Check]:
    """Compare gradients with (L(p + h) - L(p - h)) / 2h at some numbers of each parameter.

    Args:
        loss: computes L from the parameters as they are now, on the same samples as the gradients.
        parameters: float64; changed while this runs, and put back.
        gradients: as the program computed them; those that are missing are not checked.
        numbers: how many of each parameter: half where the gradient is largest, half drawn.
        step: h.
        seed: of what is drawn.
    """
    rng = np.random.default_rng(seed)
    checks = {}
    for name, p in parameters.items():
        g = gradients.get(name)
        if g is None or not np.isfinite(g).all():
            continue
        largest = np.argsort(-np.abs(g), axis=None)[: (numbers + 1) // 2]
        drawn = rng.choice(p.size, min(p.size, numbers // 2), replace=False)
        chosen = np.unique(np.concatenate([largest, drawn]))
        true = np.empty(len(chosen))
        for index, at in enumerate(np.unravel_index(place, p.shape) for place in chosen):
            kept = p[at]
            p[at] = kept + step
            above = loss()
            p[at] = kept - step
            true[index] = (above - loss()) / (2 * step)
            p[at] = kept
        checks[name] = Check(np.ravel(g)[chosen], true)
    return checks
