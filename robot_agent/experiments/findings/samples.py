"""Labelled samples, a small network and its training, in PyTorch: what the experiments with faults share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, its usual name

SAMPLES = 120
Step = Callable[[Tensor, Tensor], Tensor]


@contextmanager
def seeded(seed: int = 0) -> Iterator[None]:
    """Seed PyTorch inside this context, and restore the program's own random state afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def blobs() -> tuple[Tensor, Tensor]:
    """Return points around three centres, (120, 2), and their classes, in the order of the classes."""
    labels = torch.arange(SAMPLES) // (SAMPLES // 3)
    centres = torch.tensor([[0.0, 1.0], [0.9, -0.6], [-0.9, -0.6]])
    return centres[labels] + 0.25 * torch.randn(SAMPLES, 2), labels


def ring() -> tuple[Tensor, Tensor]:
    """Return points of a disc and of a ring around it, with labels: no straight line separates them."""
    labels = torch.arange(SAMPLES) % 2
    angle = 6.283 * torch.rand(SAMPLES)
    radius = 0.4 * torch.rand(SAMPLES) + 0.8 * labels
    return torch.stack([radius * angle.cos(), radius * angle.sin()], 1), labels


def line() -> tuple[Tensor, Tensor]:
    """Return x, (120, 1), and a curved function of x in [-1, 1], (120, 1)."""
    x = torch.linspace(-1, 1, SAMPLES)[:, None]
    return x, torch.sin(3 * x)


def mlp(inputs: int = 2, outputs: int = 3, *middle: nn.Module, units: int = 16) -> nn.Sequential:
    """Return a network with one hidden layer."""
    return nn.Sequential(nn.Linear(inputs, units), *(middle or (nn.ReLU(),)), nn.Linear(units, outputs))


def train(
    network: nn.Module,
    x: Tensor,
    y: Tensor,
    loss: Step,
    *,
    steps: int = 150,
    optimizer: torch.optim.Optimizer | None = None,
    shown: Callable[[], float] | None = None,
    batches: Callable[[int], Any] | None = None,
) -> list[float]:
    """Train, and return the value of `shown` (if not given, the loss) before each step.

    Args:
        network: the network to train.
        x: all inputs.
        y: all targets.
        loss: the loss, from the output and the targets.
        steps: number of steps.
        optimizer: SGD with a learning rate of 0.5 if not given.
        shown: computes the figure to return.
        batches: returns the samples of a step from the step's number; all samples if not given.
    """
    stepper = optimizer or torch.optim.SGD(network.parameters(), lr=0.5)
    curve = []
    for step in range(steps):
        chosen = slice(None) if batches is None else batches(step)
        value = loss(network(x[chosen]), y[chosen])
        curve.append(float(value.detach()) if shown is None else shown())
        stepper.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        stepper.step()
    return curve


def entropy(answer: Tensor, y: Tensor) -> Tensor:
    """Return the cross-entropy of logits."""
    return F.cross_entropy(answer, y)


def right(network: nn.Module, x: Tensor, y: Tensor) -> Callable[[], float]:
    """Return a function that computes the share of right answers."""

    def accuracy() -> float:
        with torch.no_grad():
            return float((network(x).argmax(1) == y).float().mean())

    return accuracy
