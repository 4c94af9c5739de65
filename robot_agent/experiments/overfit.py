"""A 12288-64-1 network memorises ten pictures; the fault: one gradient is not divided by the batch size."""

import numpy as np

from robot_agent.experiments.outcome import Form, Gradient, Outcome, descend, losses
from robot_agent.health.network import findings
from robot_agent.health.watch import Watch
from robot_agent.learning.losses import binary_cross_entropy
from robot_agent.learning.mlp import MLP, Array, Parameters, Pass
from robot_agent.learning.optimisers import SGD, Adam

QUESTION = "Why does the cost of my network explode, and then stall, even on ten pictures?"
PICTURE = 64 * 64 * 3


def pictures() -> tuple[Array, Array]:
    """Return ten pictures, shape (10, 12288), pixels in [0, 1], and their labels, shape (10, 1)."""
    rng = np.random.default_rng(0)
    return rng.random((10, PICTURE)), (np.arange(10) % 2)[:, None].astype(float)


def divided(network: MLP, t: Array, through: Pass) -> Parameters:
    """Backpropagate the mean over the batch: dz of the last layer is (y - t) / M; the correct form."""
    dz = binary_cross_entropy(through.sums[-1], t)[1]
    return network.backward(dz, through, of_sums=True)[0]


def not_divided(network: MLP, t: Array, through: Pass) -> Parameters:
    """Divide each layer's gradient by M separately, but forget the first layer: the fault."""
    gradients = divided(network, t, through)
    for name in ("0.weight", "0.bias"):
        gradients[name] = gradients[name] * len(t)
    return gradients


def run(gradient: Gradient, x: Array, t: Array, *, wide: bool, steps: int) -> Outcome:
    """Train; with `wide`, the first weights are drawn from N(0, 1) and the steps are plain descent."""
    network = MLP.create([PICTURE, 64, 1], hidden="relu", output="sigmoid", initialisation="he",
                         hidden_gain=np.sqrt(PICTURE / 2) if wide else 1.0,
                         output_gain=np.sqrt(32) if wide else 1.0, seed=0)  # fmt: skip
    optimiser, rate = (SGD(), 0.05) if wide else (Adam(), 1e-4)
    watch = Watch(activations=network.activations, check_at=(0,))
    descend(network, x, t, lambda through, t: binary_cross_entropy(through.sums[-1], t)[0], gradient,
            optimiser, rate=rate, steps=steps, watch=watch)  # fmt: skip
    first, highest, last = watch.steps[0].loss, max(losses(watch)), watch.steps[-1].loss
    return Outcome(
        f"The loss went from {first:.3g} to {last:.3g}, {highest:.3g} at its highest.",
        last < 0.01,
        {"loss": last, "highest": highest},
        findings(watch),
        losses(watch),
    )


def broken() -> Outcome:
    """Train the network as in the question."""
    return run(not_divided, *pictures(), wide=True, steps=40)


def mended() -> Outcome:
    """Train with one division by M, He weights, and inputs around 0."""
    x, t = pictures()
    return run(divided, 2 * x - 1, t, wide=False, steps=60)


FORMS: dict[str, Form] = {"broken: a layer not divided": broken, "mended": mended}
