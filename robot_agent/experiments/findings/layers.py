"""Experiments with a fault in the layers: their mode, first weights, inputs, depth or learning rate."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, its usual name

from robot_agent.experiments.findings.curves import Curves, Experiment, both
from robot_agent.experiments.findings.samples import (
    entropy,
    mlp,
    right,
    ring,
    seeded,
    train,
)


def _eval(fault: bool) -> list[float]:
    with seeded():
        x, y = ring()
        network = nn.Sequential(nn.BatchNorm1d(2), mlp(2, 2))
        network.train(not fault)
        return train(network, 0.05 * x + 3, y, entropy, optimizer=torch.optim.SGD(network.parameters(), 0.3))


def _tested(fault: bool) -> list[float]:
    with seeded():
        x, y = ring()
        network = mlp(2, 2, nn.ReLU(), nn.Dropout(0.5))

        def test() -> float:
            network.train(fault)
            with torch.random.fork_rng(devices=[]):
                found = right(network, x, y)()
            network.train()
            return found

        return train(
            network, x, y, entropy, shown=test, optimizer=torch.optim.Adam(network.parameters(), 0.03)
        )


def _no_number(fault: bool) -> list[float]:
    """Train with the logarithm of a probability that reaches 1, or with a loss that takes care of it."""
    with seeded():
        x, y = ring()
        network = mlp(2, 1)

        def loss(answer: Tensor, target: Tensor) -> Tensor:
            p, t = answer[:, 0].sigmoid(), target.float()
            if not fault:
                return F.binary_cross_entropy_with_logits(answer[:, 0], t)
            return -(t * p.log() + (1 - t) * (1 - p).log()).mean()

        return train(network, 5 * x, y, loss, steps=60, optimizer=torch.optim.Adam(network.parameters(), 0.1))


def _written(change: Callable[[nn.Linear], None]) -> Callable[[bool], list[float]]:
    """Return a training whose first weights are changed by `change` if it has the fault."""

    def run(fault: bool) -> list[float]:
        with seeded():
            x, y = ring()
            network = mlp(2, 2, nn.Tanh())
            if fault:
                with torch.no_grad():
                    for each in network:
                        if isinstance(each, nn.Linear):
                            change(each)
            return train(network, x, y, entropy)

    return run


def _alike(layer: nn.Linear) -> None:
    layer.weight.fill_(0.5)
    layer.bias.zero_()


def _wide(layer: nn.Linear) -> None:
    if layer.in_features == 2:
        layer.weight.mul_(200)


def _scale(fault: bool) -> list[float]:
    with seeded():
        x, y = ring()
        x = x * torch.tensor([1.0, 1000.0]) + torch.tensor([0.0, 5000.0])
        x = x if fault else (x - x.mean(0)) / x.std(0)
        network = mlp(2, 2, nn.Tanh())
        return train(network, x, y, entropy, optimizer=torch.optim.Adam(network.parameters(), 0.02))


def _deep(middle: Callable[[], nn.Module], spread: float, layers: int = 8, rate: float = 0.05) -> list[float]:
    with seeded():
        x, y = ring()
        parts: list[nn.Module] = [nn.Linear(2, 16), middle()]
        for _ in range(layers):
            parts += [nn.Linear(16, 16), middle()]
        network = nn.Sequential(*parts, nn.Linear(16, 2))
        for each in network:
            if isinstance(each, nn.Linear):
                nn.init.normal_(each.weight, 0, spread / each.in_features**0.5)
        return train(network, x, y, entropy, optimizer=torch.optim.SGD(network.parameters(), rate))


def _dead(fault: bool) -> list[float]:
    with seeded():
        x, y = ring()
        network = mlp(2, 2)
        if fault:
            with torch.no_grad():
                dict(network.named_parameters())["0.bias"].fill_(-10)
        return train(network, x, y, entropy)


def _rate(rate: float) -> list[float]:
    with seeded():
        x, y = ring()
        return train(network := mlp(2, 2), x, y, entropy,
                     optimizer=torch.optim.SGD(network.parameters(), lr=rate))  # fmt: skip


EXPERIMENTS: dict[str, Experiment] = {
    "eval-while-training": both(_eval),
    "train-while-testing": both(_tested, "right answers in the test"),
    "not-a-number": both(_no_number),
    "symmetric": both(_written(_alike)),
    "saturated": both(_written(_wide)),
    "not-scaled": both(_scale),
    "exploding": lambda: Curves(_deep(nn.ReLU, 2.8), _deep(nn.ReLU, 1.414), log=True),
    "vanishing-gradient": lambda: Curves(_deep(nn.Sigmoid, 1.0), _deep(nn.ReLU, 1.414)),
    "dead-relu": both(_dead),
    "rate-too-high": lambda: Curves(_rate(60.0), _rate(0.5), log=True),
    "rate-too-low": lambda: Curves(_rate(0.0005), _rate(0.5)),
}
