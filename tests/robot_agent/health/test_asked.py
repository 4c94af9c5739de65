"""Networks as people asked about them: right ones are not accused, a cause stands before its symptom."""

import numpy as np
import pytest

from robot_agent.health.network import findings
from robot_agent.health.watch import Watch
from robot_agent.learning.losses import binary_cross_entropy, squared_error
from robot_agent.learning.mlp import MLP
from robot_agent.learning.optimisers import SGD

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
XOR = np.array([[0], [1], [1], [0]], float)


def gradients(net, t, through):
    return net.backward(binary_cross_entropy(through.sums[-1], t)[1], through, of_sums=True)[0]


def train(net, x=X, t=XOR, *, gradients=gradients, rate=0.5, steps=400, activations=True, score=None):
    watch = Watch(activations=net.activations if activations else ())
    optimiser = SGD()

    def loss() -> float:
        return float(binary_cross_entropy(net.forward(x)[1].sums[-1], t)[0])

    for _ in range(steps):
        through = net.forward(x)[1]
        found = gradients(net, t, through)
        watch(
            loss=loss(),
            parameters=net.parameters,
            gradients=found,
            inputs=x,
            through=through,
            loss_of=loss,
        )
        optimiser.step(net.parameters, found, rate)
    return watch


def kinds(watch: Watch) -> list[str]:
    return [each.kind for each in findings(watch)]


def xor(hidden="tanh", **options):
    return MLP.create([2, 8, 1], hidden=hidden, output="sigmoid", seed=1, **options)


@pytest.mark.parametrize("seed", range(4))
def test_a_relu_at_its_corner_is_no_wrong_derivative(seed):
    net = MLP.create([2, 8, 1], hidden="relu", output="sigmoid", initialisation="he", seed=seed)
    assert "wrong-derivative" not in kinds(train(net, rate=0.3, steps=500))


@pytest.mark.parametrize("hidden", ["tanh", "sigmoid"])
def test_a_minus_sign_in_the_gradient_is_named(hidden):
    def uphill(net, t, through):
        return {name: -each for name, each in gradients(net, t, through).items()}

    assert kinds(train(xor(hidden), gradients=uphill, rate=0.1, steps=100))[0] == "wrong-derivative"


@pytest.mark.parametrize("value", [0.0, 0.3, -0.2])
def test_units_that_begin_alike(value):
    net = xor()
    for name, each in net.parameters.items():
        each[:] = value if name.endswith("weight") else 0
    assert kinds(train(net))[0] == "symmetric"


@pytest.mark.parametrize("sizes", [[2, 8, 1], [2, 1]])
def test_without_an_activation_the_rate_is_not_blamed(sizes):
    net = MLP.create(sizes, hidden="linear", output="sigmoid", seed=1)
    found = kinds(train(net))
    assert found
    assert "rate-too-low" not in found


@pytest.mark.parametrize("bias", [-10.0, -30.0])
def test_dead_relus_stand_before_the_layer_that_is_still(bias):
    net = MLP.create([2, 16, 1], hidden="relu", output="sigmoid", initialisation="he", seed=0)
    net.parameters["0.bias"][:] = bias
    either = np.maximum(X[:, :1], X[:, 1:])  # unbalanced, so that the output's bias still moves
    assert kinds(train(net, t=either, rate=0.1, steps=150))[0] == "dead-relu"


def test_activations_that_are_left_out_are_not_judged():
    assert kinds(train(xor(), activations=False, rate=0.5, steps=1500)) == []


def test_a_feature_that_is_rarely_on_is_not_called_badly_scaled():
    rng = np.random.default_rng(0)
    x = rng.random((200, 6))
    x[:, 5] = 0
    x[3, 5] = 0.1
    t = (x[:, :1] > x[:, 1:2]).astype(float)
    net = MLP.create([6, 16, 1], hidden="tanh", output="sigmoid", seed=0)
    assert kinds(train(net, x, t, rate=0.5, steps=600)) == []


def test_single_precision_of_pytorch_is_no_wrong_derivative():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    torch.manual_seed(0)
    x = torch.randn(64, 8)
    t = x[:, :1] - x[:, 1:2]
    net = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
    optimiser = torch.optim.SGD(net.parameters(), lr=0.05)
    watch = Watch()

    def loss() -> float:
        with torch.no_grad():
            return float((net(x) - t).pow(2).mean())

    for _ in range(100):
        optimiser.zero_grad()
        (net(x) - t).pow(2).mean().backward()
        watch(
            loss=loss(),
            parameters={name: each.detach().numpy() for name, each in net.named_parameters()},
            gradients={name: each.grad.numpy() for name, each in net.named_parameters()},
            inputs=x.numpy(),
            loss_of=loss,
        )
        optimiser.step()
    assert kinds(watch) == []


def test_a_layer_of_one_weight_has_no_factor_to_be_blamed():
    x = np.arange(1, 10)[:, None] / 9
    t = (x * 1.2 + 1) / 10
    net = MLP.create([1, 1, 1], hidden="sigmoid", output="sigmoid", seed=1)

    def own(net, t, through):
        error = squared_error(through.outputs[-1], t)[0]
        return {name: error * each for name, each in net.parameters.items()}

    assert "layer-scaled" not in kinds(train(net, x, t, gradients=own, steps=200))
