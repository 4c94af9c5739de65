"""The findings on networks: one for each thing that is broken here on purpose, none on healthy trainings."""

import warnings

import numpy as np
import pytest

from robot_agent.experiments.outcome import descend
from robot_agent.health.gradients import Check, check, judge
from robot_agent.health.network import findings
from robot_agent.health.watch import Watch
from robot_agent.learning.losses import binary_cross_entropy, cross_entropy, squared_error
from robot_agent.learning.mlp import MLP
from robot_agent.learning.optimisers import SGD, Adam

RNG = np.random.default_rng(0)
X = RNG.standard_normal((64, 4))
T = np.sin(X[:, :1]) + 0.3 * X[:, 1:2]


def gradient(net, t, through):
    return net.backward(squared_error(through.outputs[-1], t)[1], through)[0]


def loss(through, t):
    return squared_error(through.outputs[-1], t)[0]


def train(net, x=X, t=T, *, loss=loss, gradient=gradient, optimiser=None, rate=0.01, steps=60, **options):
    optimiser = optimiser or Adam()
    watch = Watch(activations=net.activations, optimiser=type(optimiser)(), rate=rate)
    with warnings.catch_warnings(action="ignore"):  # overflows are what is looked for
        descend(net, x, t, loss, gradient, optimiser, rate=rate, steps=steps, watch=watch, **options)
    return watch


def kinds(watch: Watch) -> list[str]:
    return [finding.kind for finding in findings(watch)]


def net(hidden="tanh", output="linear", **options):
    return MLP.create([4, 16, 16, 1], hidden=hidden, output=output, seed=0, **options)


def test_dead_relus():
    network = net("relu", initialisation="he")
    network.parameters["0.bias"] -= 100.0
    assert "dead-relu" in kinds(train(network))


def test_a_dead_output():
    network = net("relu", output="relu", initialisation="he")
    network.parameters["4.bias"] -= 100.0
    found = kinds(train(network))
    assert found[0] == "zero-gradient"
    assert "dead-relu" in found


def test_saturation():
    assert "saturated" in kinds(train(net(hidden_gain=500.0), rate=1e-4))


def test_a_softmax_that_is_sure_of_the_wrong():
    network = MLP.create([4, 16, 3], output="softmax", output_gain=500.0, seed=0)
    t = np.eye(3)[RNG.integers(0, 3, 64)]
    assert "saturated" in kinds(train(network, t=t, rate=1e-4))


def test_an_exploding_loss_and_its_not_a_number():
    # Without a check of the gradient: once the loss is astronomical, its differences are too.
    watch = train(net("relu", initialisation="he"), optimiser=SGD(), rate=3.0, steps=6)
    found = kinds(watch)
    assert {"exploding", "not-a-number"} & set(found)
    watch = train(net("linear"), optimiser=SGD(), rate=3.0, steps=60)
    first = findings(watch)[0]
    assert first.kind == "not-a-number"
    assert "At step" in first.seen


def test_not_a_number_in_the_inputs_is_told_as_the_first_place():
    x = X.copy()
    x[3, 2] = np.nan
    assert "the inputs" in findings(train(net(), x))[0].seen


def test_the_learning_rate():
    assert "rate-too-low" in kinds(train(net(), rate=1e-8))
    t = RNG.choice([-1.0, 1.0], (64, 1))
    network = MLP.create([4, 16, 1], output_gain=0.1, seed=0)
    assert "rate-too-high" in kinds(train(network, t=t, rate=1.0, steps=20))


@pytest.mark.parametrize("x", [100 * X, X * np.array([1, 1, 1, 1e-3])], ids=["large", "uneven"])
def test_inputs_that_are_not_scaled(x):
    assert "not-scaled" in kinds(train(net(), x))


def test_one_layer_that_does_not_move():
    def frozen(net, t, through):
        gradients = gradient(net, t, through)
        gradients["2.weight"] = np.zeros_like(gradients["2.weight"])
        return gradients

    assert "layer-still" in kinds(train(net(), gradient=frozen))


def test_one_layer_summed_over_the_batch():
    def summed(net, t, through):
        gradients = gradient(net, t, through)
        gradients["2.weight"] = len(t) * gradients["2.weight"]
        return gradients

    first = findings(train(net(), gradient=summed))[0]
    assert first.kind == "not-divided"
    assert "2.weight" in first.seen
    assert "64 samples" in first.seen


def test_all_layers_with_the_same_factor_are_only_another_convention():
    def half(net, t, through):
        return {name: 0.5 * g for name, g in gradient(net, t, through).items()}

    assert kinds(train(net(), gradient=half)) == []


def test_a_derivative_of_the_wrong_argument():
    def wrong(net, t, through):
        through.outputs[0] = through.sums[0]
        return gradient(net, t, through)

    first = findings(train(net(), gradient=wrong))[0]
    assert first.kind == "wrong-derivative"
    assert "0." in first.seen


def test_an_optimiser_that_forgets():
    class Forgetful(Adam):
        def step(self, parameters, gradients, learning_rate):
            self.first, self.steps = {}, 0
            super().step(parameters, gradients, learning_rate)

    network = net()
    watch = Watch(activations=network.activations, optimiser=Adam(), rate=0.01)
    descend(network, X, T, loss, gradient, Forgetful(), rate=0.01, steps=20, watch=watch)
    assert "wrong-step" in kinds(watch)


def test_the_check_puts_everything_back():
    network = net()
    before = {name: value.copy() for name, value in network.parameters.items()}
    _, through = network.forward(X)
    checks = check(lambda: loss(network.forward(X)[1], T), network.parameters, gradient(network, T, through))
    assert all(one.error < 1e-6 and one.factor == pytest.approx(1, abs=1e-6) for one in checks.values())
    assert all(np.array_equal(before[name], value) for name, value in network.parameters.items())


def healthy(seed: int) -> list[str]:
    """A training with settings drawn in a sensible range: task, sizes, activation, optimiser, rate, batch."""
    rng = np.random.default_rng(1000 + seed)
    x = rng.uniform(0.3, 2) * rng.standard_normal((200, int(rng.integers(2, 12)))) + rng.uniform(-0.5, 0.5)
    hidden = str(rng.choice(["relu", "tanh", "sigmoid"]))
    sizes = [x.shape[1], *[int(rng.integers(8, 48)) for _ in range(rng.integers(1, 3))]]
    score = x @ rng.standard_normal((x.shape[1], 3))
    options = {"hidden": hidden, "initialisation": "he" if hidden == "relu" else "glorot", "seed": seed}
    adam = rng.random() < 0.6
    rate = float(10 ** rng.uniform(-2.5, -1.7)) if adam else float(10 ** rng.uniform(-1.5, -1))
    optimiser, batch = Adam() if adam else SGD(), int(rng.integers(16, 64))

    def of_sums(of):
        return (
            lambda through, t: of(through.sums[-1], t)[0],
            lambda net, t, through: net.backward(of(through.sums[-1], t)[1], through, of_sums=True)[0],
        )

    match seed % 3:
        case 0:
            network, t = MLP.create([*sizes, 1], **options), np.tanh(score[:, :1])
            of = of_sums(squared_error)
        case 1:
            network, t = MLP.create([*sizes, 1], output="sigmoid", **options), (score[:, :1] > 0) * 1.0
            of = of_sums(binary_cross_entropy)
        case _:
            network, t = MLP.create([*sizes, 3], output="softmax", **options), np.eye(3)[score.argmax(axis=1)]
            of = of_sums(cross_entropy)
    watch = train(
        network, x, t, loss=of[0], gradient=of[1], optimiser=optimiser, rate=rate, steps=100, batch=batch
    )
    return kinds(watch)


@pytest.mark.slow
def test_at_most_one_false_alarm_over_fifty_healthy_trainings():
    found = {seed: alarms for seed in range(50) if (alarms := healthy(seed))}
    assert len(found) <= 1, found


def test_a_gradient_where_the_true_one_is_nothing_is_judged_without_a_scale():
    rounding = np.full(2, 2e-10)
    checks = {
        "0.weight": Check(rounding, rounding),
        "0.bias": Check(np.array([0.5]), np.array([0.0])),
    }
    (finding,) = judge(checks)
    assert finding.kind == "wrong-derivative"
    assert finding.seen.startswith("The gradient of 0.bias is off by 100%")
