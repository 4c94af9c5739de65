"""Adam by hand against PyTorch's on the noisy Rosenbrock function: the same start, the same noise."""

from collections.abc import Callable
from functools import partial

import numpy as np

from robot_agent.errors import SettingsError
from robot_agent.experiments.outcome import Form, Outcome, losses
from robot_agent.health.network import findings
from robot_agent.health.watch import Watch
from robot_agent.learning.mlp import Array, Parameters
from robot_agent.learning.optimisers import Adam

QUESTION = "Why does my Adam walk another way than PyTorch's on the Rosenbrock function?"
START, RATE, NOISE = (-1.2, 1.0), 0.02, 0.5
Step = Callable[[Adam, Parameters, Parameters], None]


def value(p: Array, noise: Array) -> float:
    """(1 - x)^2 + 100 (y - x^2)^2, tilted by this step's noise."""
    x, y = p
    return float((1 - x) ** 2 + 100 * (y - x * x) ** 2 + noise @ p)


def slope(p: Array, noise: Array) -> Array:
    """Return the derivatives of `value` by x and y, shape (2,)."""
    x, y = p
    return np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)]) + noise


def torchs_path(steps: int) -> Array:
    """Return the points on the path of PyTorch's Adam, shape (steps + 1, 2)."""
    try:
        import torch
    except ModuleNotFoundError as error:
        raise SettingsError(
            "This experiment holds a path against PyTorch's; install it with: pip install torch"
        ) from error
    rng = np.random.default_rng(0)
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimiser, path = torch.optim.Adam([p], lr=RATE), [p.detach().numpy().copy()]
    for _ in range(steps):
        noise = torch.tensor(NOISE * rng.standard_normal(2))
        optimiser.zero_grad()
        loss = (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2 + noise @ p
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        path.append(p.detach().numpy().copy())
    return np.array(path)


def right_step(adam: Adam, parameters: Parameters, gradients: Parameters) -> None:
    """Make one correct step of Adam."""
    adam.step(parameters, gradients, RATE)


def stray_step(adam: Adam, parameters: Parameters, gradients: Parameters) -> None:
    """Make Adam's step, and wrongly a second step along v, which belongs only under the root."""
    adam.step(parameters, gradients, RATE)
    parameters["p"] -= RATE * adam.second["p"]


def run(step: Step, *, zeroed: bool = True, steps: int = 1000) -> Outcome:
    """Descend with `step`, and measure how far this path is from PyTorch's."""
    judge = torchs_path(steps)
    rng, adam = np.random.default_rng(0), Adam()
    parameters: Parameters = {"p": np.array(START)}
    gradients: Parameters = {"p": np.zeros(2)}
    watch = Watch(optimiser=Adam(), rate=RATE)
    apart = 0.0
    for number in range(steps):
        noise, p = NOISE * rng.standard_normal(2), parameters["p"]
        g = slope(p, noise)
        gradients["p"] = g if zeroed else gradients["p"] + g
        watch(
            loss=value(p, 0 * noise),
            parameters=parameters,
            gradients=gradients,
            loss_of=partial(value, p, noise),
        )
        step(adam, parameters, gradients)
        apart = max(apart, float(np.abs(parameters["p"] - judge[number + 1]).max()))
        if np.abs(p).max() > 1e3:  # the path diverges; the next numbers would not be finite
            break
    x, y = parameters["p"]
    return Outcome(
        f"At most {apart:.2g} from PyTorch's path in {number + 1} steps; it ends at [{x:.3g}, {y:.3g}].",
        apart < 1e-9,
        {"apart": apart, "x": x, "y": y},
        findings(watch),
        losses(watch),
    )


FORMS: dict[str, Form] = {
    "broken: a stray step with v": lambda: run(stray_step),
    "broken: a closure that does not zero": lambda: run(right_step, zeroed=False),
    "mended": lambda: run(right_step),
}
