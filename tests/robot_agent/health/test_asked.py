"""Networks as people asked about them: right ones are not accused, a cause stands before its symptom.

The numbers are those of the public cases that were rebuilt (H01 to H14); what stands beside one is a sibling.
"""

import numpy as np
import pytest

from robot_agent.health.network import findings
from robot_agent.health.watch import Watch
from robot_agent.learning.losses import binary_cross_entropy, cross_entropy, squared_error
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


def relu_at_its_corner(seed):
    net = MLP.create([2, 8, 1], hidden="relu", output="sigmoid", initialisation="he", seed=seed)
    return train(net, rate=0.3, steps=500)


def single_precision(activation):
    """PyTorch's own gradients, which are right, and too coarse for differences of a step of 1e-5."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    torch.manual_seed(0)
    x = torch.randn(64, 8)
    t = x[:, :1] - x[:, 1:2]
    net = torch.nn.Sequential(torch.nn.Linear(8, 16), getattr(torch.nn, activation)(), torch.nn.Linear(16, 1))
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
    return watch


def rare_feature(size):
    rng = np.random.default_rng(0)
    x = rng.random((200, 6))
    x[:, 5] = 0
    x[3, 5] = size
    t = (x[:, :1] > x[:, 1:2]).astype(float)
    return train(MLP.create([6, 16, 1], hidden="tanh", output="sigmoid", seed=0), x, t, rate=0.5, steps=600)


def uphill(hidden):
    def turned(net, t, through):
        return {name: -each for name, each in gradients(net, t, through).items()}

    return train(xor(hidden), gradients=turned, rate=0.1, steps=100)


def alike(value):
    net = xor()
    for name, each in net.parameters.items():
        each[:] = value if name.endswith("weight") else 0
    return train(net)


def straight(*sizes):
    return train(MLP.create(sizes, hidden="linear", output="sigmoid", seed=1))


def softmax_twice():
    """The answers of a softmax are given to a loss that makes another one: it learns, but very slowly."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 4))
    t = np.eye(10)[np.argmax(x @ rng.normal(size=(4, 10)), axis=1)]
    net = MLP.create([4, 32, 10], hidden="relu", output="softmax", initialisation="he", seed=0)
    watch = Watch(activations=net.activations)

    def loss() -> float:
        return float(cross_entropy(net.forward(x)[1].outputs[-1], t)[0])

    for _ in range(600):
        through = net.forward(x)[1]
        found = net.backward(cross_entropy(through.outputs[-1], t)[1], through)[0]
        watch(
            loss=loss(),
            parameters=net.parameters,
            gradients=found,
            inputs=x,
            through=through,
            loss_of=loss,
        )
        SGD().step(net.parameters, found, 0.1)
    return watch


def dead(bias):
    net = MLP.create([2, 16, 1], hidden="relu", output="sigmoid", initialisation="he", seed=0)
    net.parameters["0.bias"][:] = bias
    either = np.maximum(X[:, :1], X[:, 1:])  # unbalanced, so that the output's bias still moves
    return train(net, t=either, rate=0.1, steps=150)


def without_activations():
    return train(xor(), activations=False, rate=0.5, steps=1500)


def one_weight():
    x = np.arange(1, 10)[:, None] / 9
    t = (x * 1.2 + 1) / 10
    net = MLP.create([1, 1, 1], hidden="sigmoid", output="sigmoid", seed=1)

    def own(net, t, through):
        error = squared_error(through.outputs[-1], t)[0]
        return {name: error * each for name, each in net.parameters.items()}

    return train(net, x, t, gradients=own, steps=200)


CASES = [
    ("H01", relu_at_its_corner, (0,), None),
    ("H01", relu_at_its_corner, (1,), None),
    ("H01", relu_at_its_corner, (2,), None),
    ("H01", relu_at_its_corner, (3,), None),
    ("H02", single_precision, ("ReLU",), None),
    ("H02", single_precision, ("Tanh",), None),
    ("H05", rare_feature, (0.1,), None),
    ("H05", rare_feature, (1.0,), None),
    ("H06", uphill, ("tanh",), "wrong-derivative"),
    ("H06", uphill, ("sigmoid",), "wrong-derivative"),
    ("H07", alike, (0.3,), "symmetric"),
    ("H07", alike, (-0.2,), "symmetric"),
    ("H07", straight, (2, 1), "linear"),
    ("H07", softmax_twice, (), "not-learning"),
    ("H09", straight, (2, 8, 1), "linear"),
    ("H09", straight, (2, 8, 8, 1), "linear"),
    ("H10", alike, (0.0,), "symmetric"),
    ("H11", dead, (-10.0,), "dead-relu"),
    ("H11", dead, (-30.0,), "dead-relu"),
    ("H13", without_activations, (), None),
    ("H14", one_weight, (), "wrong-derivative"),
]


@pytest.mark.parametrize(
    ("make", "given", "first"),
    [case[1:] for case in CASES],
    ids=[f"{case}-{make.__name__}-{'-'.join(map(str, given))}" for case, make, given, _ in CASES],
)
def test_the_first_finding_is_the_cause(make, given, first):
    assert kinds(make(*given))[:1] == ([] if first is None else [first])
