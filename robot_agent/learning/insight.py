"""What a trained network has learned: the input with its largest output, and what a training changed.

The weights stay fixed, and the *input* climbs: x += rate dy/dx. Without bounds, x would leave the inputs that
the network was trained on, and the output there means nothing. So each step is projected back into the
bounds, and many starts are used because there may be several maxima. This works with PyTorch networks, by
autograd, and with those of `mlp`, whose backward pass returns dx.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from robot_agent.envs.task import Approach
from robot_agent.learning.gaussian import GaussianActor
from robot_agent.learning.mlp import MLP
from vision.sight import SLICES

if TYPE_CHECKING:
    import torch

Array = NDArray[np.float64]
Slope = Callable[[Array], tuple[Array, Array]]
"""From inputs (M, D) to one output of each, (M,), and the derivatives by the inputs, (M, D)."""
Projection = Callable[[Array], Array]
"""From inputs (M, D) to the nearest possible inputs."""


@dataclass(frozen=True, slots=True)
class Extremum:
    """The input with the largest, or smallest, output that was found."""

    x: Array
    """The input, shape (D,)."""
    value: float
    """The output at `x`."""
    agreement: float
    """Share of the starts whose final output is within 1 % of the range of all outputs from `value`."""


def slope_of(network: "MLP | torch.nn.Module", output: int | Sequence[float] = 0) -> Slope:
    """Turn a network into a function that returns an output and its derivative by the input.

    Args:
        network: from (M, D) to (M, outputs); a PyTorch module may also return (M,).
        output: number of the output, or a weight for each of them.
    """
    if isinstance(network, MLP):

        def by_hand(x: Array) -> tuple[Array, Array]:
            y, through = network.forward(x)
            w = np.eye(y.shape[1])[output] if isinstance(output, int) else np.asarray(output, np.float64)
            _, dx = network.backward(np.broadcast_to(w, y.shape), through)
            return np.asarray(y @ w, np.float64), np.asarray(dx, np.float64)

        return by_hand

    import torch

    dtype = next((p.dtype for p in network.parameters()), torch.float64)

    def by_autograd(x: Array) -> tuple[Array, Array]:
        inputs = torch.tensor(x, dtype=dtype, requires_grad=True)
        y = network(inputs)
        y = y.reshape(len(x), -1)
        chosen = y[:, output] if isinstance(output, int) else y @ torch.tensor(output, dtype=dtype)
        (dx,) = torch.autograd.grad(chosen.sum(), inputs)
        return chosen.detach().double().numpy(), dx.double().numpy()

    return by_autograd


def maximise(
    slope: Slope,
    low: ArrayLike,
    high: ArrayLike,
    *,
    minimise: bool = False,
    starts: int = 64,
    steps: int = 200,
    project: Projection | None = None,
) -> Extremum:
    """Find the input within bounds for which an output is largest, by projected gradient ascent.

    Each start has its own rate, which grows while the output rises and is halved when it would fall. For an
    input at a bound, the derivative that points beyond the bound is ignored.

    Args:
        slope: the output and its derivative, see `slope_of`.
        low: least value of each input, shape (D,).
        high: greatest value of each.
        minimise: find the smallest output instead.
        starts: number of starts, drawn evenly within the bounds.
        steps: largest number of steps from each start.
        project: moves inputs to the nearest possible ones, if not all inputs within the bounds are possible.
    """
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    size, sign = high - low, -1.0 if minimise else 1.0
    within: Projection = project or (lambda inputs: inputs)
    x = within(low + size * np.random.default_rng(0).uniform(size=(starts, len(low))))
    value, dx = slope(x)
    rate = np.full(starts, 0.1)
    for _ in range(steps):
        uphill = sign * dx * size
        uphill[((x <= low) & (uphill < 0)) | ((x >= high) & (uphill > 0))] = 0.0
        length = np.linalg.norm(uphill, axis=1)
        going = (rate > 1e-7) & (length > 0)
        if not going.any():
            break
        stride = np.where(going, rate / np.maximum(length, 1e-300), 0.0)
        tried = within(np.clip(x + stride[:, None] * uphill * size, low, high))
        there, slope_there = slope(tried)
        better = sign * (there - value) > 0
        x[better], value[better], dx[better] = tried[better], there[better], slope_there[better]
        rate = np.where(better, np.minimum(1.5 * rate, 0.5), 0.5 * rate)
    best = int(np.argmax(sign * value))
    near = np.abs(value - value[best]) <= 0.01 * max(float(np.ptp(value)), 1e-12)
    return Extremum(x[best], float(value[best]), float(near.mean()))


@dataclass(frozen=True, slots=True)
class Extreme:
    """A sight for which a policy does something extreme."""

    name: str
    """`sharpest left`, `sharpest right`, `longest`, `shortest` or `least sure`."""
    x1: int
    """First slice of the target."""
    x2: int
    """Last slice."""
    left: float
    """Left wheel of the policy's move, a share of full speed."""
    right: float
    """Right wheel of the move, a share of full speed."""
    seconds: float
    """Length of the move's pulse, s."""
    value: float
    """The output u before it is clipped to [-1, 1]. For the least sure move: the change of the move, in its
    standard deviations, when an end of the sight moves by one slice."""


def _as_sights(ends: Array) -> Array:
    """Move ends to the nearest possible sight, whose last slice is not before the first."""
    middle = ends.mean(axis=1, keepdims=True)
    return np.where(ends[:, :1] > ends[:, 1:], middle, ends)


def _of_sights(task: Approach, slope: Slope) -> Slope:
    """Turn derivatives by observations into derivatives by the ends of the sight, by the chain rule.

    A researcher may change the observations, so their derivatives are computed by differences.
    """

    def composed(ends: Array) -> tuple[Array, Array]:
        value, by_observation = slope(task.observe_ends(ends).astype(np.float64))
        by_end = [
            (task.observe_ends(ends + h) - task.observe_ends(ends - h)).astype(np.float64) / 0.1
            for h in 0.05 * np.eye(2)
        ]
        return value, np.stack([(by_observation * d).sum(axis=1) for d in by_end], axis=1)

    return composed


def extremes(policy: GaussianActor, task: Approach) -> list[Extreme]:
    """Return the sights of a policy's sharpest turns, longest, shortest and least sure moves.

    Args:
        policy: a policy of either backend.
        task: the policy's task, which gives its numbers their meaning.
    """
    actions = len(task.action_names)
    turn = [1.0, -1.0, 0.0] if task.action == "wheels" else [1.0, 0.0]
    duration = [0.0] * (actions - 1) + [1.0]
    asked = [("sharpest left", turn, True), ("sharpest right", turn, False)]
    asked += [("longest", duration, False), ("shortest", duration, True)]
    found = []
    for name, output, minimise in asked:
        slope = _of_sights(task, slope_of(policy.network, output))
        # With ends a little outside the slices, a sight narrower than a slice can still be observed.
        hill = maximise(slope, [0.0, 0.0], [SLICES - 1.0] * 2, minimise=minimise, project=_as_sights)
        floor = np.floor(hill.x)
        around = np.array([floor + np.array([i, j]) for i in (0, 1) for j in (0, 1)])
        around = around[(around[:, 0] <= around[:, 1]) & (around[:, 1] <= SLICES - 1)]
        values = slope(around)[0]
        best = int(np.argmin(values) if minimise else np.argmax(values))
        found.append(_extreme(name, around[best], float(values[best]), policy, task))
    sights = np.array(np.triu_indices(SLICES)).T.astype(np.float64)
    by_end = [
        _of_sights(task, slope_of(policy.network, list(one)))(sights)[1] / std
        for one, std in zip(np.eye(actions), policy.std, strict=True)
    ]
    change = np.sqrt((np.stack(by_end) ** 2).sum(axis=0)).max(axis=1)
    least = int(np.argmax(change))
    return [*found, _extreme("least sure", sights[least], float(change[least]), policy, task)]


def _extreme(name: str, sight: Array, value: float, policy: GaussianActor, task: Approach) -> Extreme:
    x1, x2 = (int(end) for end in sight)
    pulse = task.pulses(policy.greedy(task.observe(np.array([[x1], [x2]]))).astype(np.float32))
    (left, right), seconds = pulse.wheels[:, 0].tolist(), float(pulse.seconds[0])
    return Extreme(name, x1, x2, left, right, seconds, value)


@dataclass(frozen=True, slots=True)
class Change:
    """What a training changed in a policy, over all S sights."""

    sights: NDArray[np.int64]
    """x1 and x2, shape (2, S)."""
    turn: Array
    """Change of the turn to the right: of left minus right wheel, shape (S,)."""
    seconds: Array
    """Change of the pulse's length, s, shape (S,)."""

    @property
    def most_turned(self) -> int:
        """Number of the sight whose turn changed most."""
        return int(np.argmax(np.abs(self.turn)))

    @property
    def most_seconds(self) -> int:
        """Number of the sight whose duration changed most."""
        return int(np.argmax(np.abs(self.seconds)))

    @property
    def size(self) -> tuple[float, float]:
        """Root mean square of both changes over all sights."""
        return math.sqrt(float((self.turn**2).mean())), math.sqrt(float((self.seconds**2).mean()))


def changes(before: tuple[Any, Approach], after: tuple[Any, Approach]) -> Change:
    """Compare two policies, each given with its task."""
    sights = np.array(np.triu_indices(SLICES))
    pairs = []
    for policy, task in (before, after):
        pulses = task.pulses(policy.greedy(task.observe(sights)).astype(np.float32))
        pairs.append((pulses.wheels[0] - pulses.wheels[1], pulses.seconds))
    (turn, seconds), (turn_now, seconds_now) = pairs
    return Change(sights, (turn_now - turn).astype(np.float64), (seconds_now - seconds).astype(np.float64))
