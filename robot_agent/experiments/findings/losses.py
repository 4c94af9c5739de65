"""Experiments with a fault in the loss, the labels or the batches."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, its usual name

from robot_agent.experiments.findings.curves import Curves, Experiment, both
from robot_agent.experiments.findings.samples import (
    SAMPLES,
    Step,
    blobs,
    entropy,
    line,
    mlp,
    right,
    ring,
    seeded,
    train,
)


def _single(fault: bool) -> list[float]:
    """Train with BatchNorm over one sample, or over a batch; return the share of right answers."""
    with seeded():
        y = torch.arange(SAMPLES) % 2
        x = (2.0 * y - 1)[:, None, None] + 0.3 * torch.randn(SAMPLES, 1, 8)  # the mean level gives the class
        network = nn.Sequential(nn.BatchNorm1d(1), nn.Flatten(), nn.Linear(8, 2))
        size, curve = 1 if fault else 20, []
        optimizer = torch.optim.SGD(network.parameters(), lr=0.2)
        for step in range(60):
            order = torch.arange(step * size, (step + 1) * size) % SAMPLES
            optimizer.zero_grad()
            loss = entropy(network(x[order]), y[order])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            with torch.no_grad():
                tested = torch.cat([network(part) for part in torch.split(x[:40], size)])
            curve.append(float((tested.argmax(1) == y[:40]).float().mean()))
        return curve


def _classes(loss: Step) -> Callable[[], list[float]]:
    def run() -> list[float]:
        with seeded():
            x, y = blobs()
            network = mlp()
            return train(network, x, y, loss, shown=right(network, x, y))

    return run


def _wrong_loss(loss: Step, good: Step = entropy) -> Experiment:
    """Compare two losses by the share of right answers."""
    return lambda: Curves(_classes(loss)(), _classes(good)(), "right answers")


def _dim(fault: bool) -> list[float]:
    with seeded():
        x, y = ring()
        network = mlp(2, 2)
        return train(
            network, x, y, lambda a, t: F.nll_loss(F.log_softmax(a, 0 if fault else 1), t),
            shown=right(network, x, y), batches=lambda step: torch.randperm(SAMPLES)[:4],
        )  # fmt: skip


def _loss_of(loss: Step) -> list[float]:
    with seeded():
        x, y = blobs()
        return train(mlp(), x, y, loss)


def _two(fault: bool) -> list[float]:
    """Train two classes with a loss that contains a sigmoid; with the fault, the network has one too."""
    with seeded():
        x, y = ring()
        network = mlp(2, 1)

        def loss(answer: Tensor, target: Tensor) -> Tensor:
            raw = answer[:, 0].sigmoid() if fault else answer[:, 0]
            return F.binary_cross_entropy_with_logits(raw, target.float())

        return train(network, x, y, loss, optimizer=torch.optim.Adam(network.parameters(), 0.03))


def _fit(network: nn.Module, loss: Step = F.mse_loss, rate: float = 0.02) -> list[float]:
    x, y = line()

    def error() -> float:
        with torch.no_grad():
            return float(F.mse_loss(network(x), y))

    return train(
        network, x, y, loss, optimizer=torch.optim.Adam(network.parameters(), rate), shown=error, steps=200
    )


def _broadcast(fault: bool) -> list[float]:
    with seeded():
        return _fit(mlp(1, 1), lambda a, t: ((a - (t[:, 0] if fault else t)) ** 2).mean())


def _relu_output(fault: bool) -> list[float]:
    with seeded():
        return _fit(nn.Sequential(mlp(1, 1), nn.ReLU()) if fault else mlp(1, 1))


def _labels(change: Callable[[Tensor], Tensor]) -> Callable[[bool], list[float]]:
    def run(fault: bool) -> list[float]:
        with seeded():
            x, y = blobs()
            network = mlp()
            taught = change(y) if fault else y
            return train(network, x, taught, entropy, shown=right(network, x, y))

    return run


def _first_batch(fault: bool) -> list[float]:
    with seeded():
        x, y = blobs()
        order = torch.randperm(SAMPLES)
        x, y = x[order] + 0.35 * torch.randn(SAMPLES, 2), y[order]
        network = mlp()

        def all_of_it() -> float:
            with torch.no_grad():
                return float(entropy(network(x), y))

        return train(
            network, x, y, entropy, shown=all_of_it,
            batches=lambda step: slice(0, 8) if fault else slice(8 * (step % 15), 8 * (step % 15) + 8),
        )  # fmt: skip


def _sorted(fault: bool) -> list[float]:
    with seeded():
        x, y = blobs()
        x = x + 0.35 * torch.randn(SAMPLES, 2)
        network, part = mlp(), SAMPLES // 3

        def batch(step: int) -> Tensor:
            if fault:  # 25 batches of one class, then 25 of the next
                return part * (step // 25 % 3) + torch.randint(part, (8,))
            return torch.randint(SAMPLES, (8,))

        return train(network, x, y, entropy, shown=right(network, x, y), batches=batch)


def _numbers(fault: bool) -> list[float]:
    """Learn five randomly numbered classes on a circle; with the fault, as a quantity instead of classes."""
    with seeded():
        spot = torch.arange(SAMPLES) % 5
        angle = 1.2566 * spot + 0.2 * torch.randn(SAMPLES)
        x, y = torch.stack([angle.cos(), angle.sin()], 1), torch.tensor([2, 0, 4, 1, 3])[spot]
        network = mlp(2, 1 if fault else 5, units=6)

        def accuracy() -> float:
            with torch.no_grad():
                answer = network(x)
            guess = answer[:, 0].round() if fault else answer.argmax(1)
            return float((guess == y).float().mean())

        def loss(answer: Tensor, target: Tensor) -> Tensor:
            return F.mse_loss(answer[:, 0], target.float()) if fault else entropy(answer, target)

        return train(
            network, x, y, loss, shown=accuracy, optimizer=torch.optim.Adam(network.parameters(), 0.02)
        )


EXPERIMENTS: dict[str, Experiment] = {
    "batch-of-one": both(_single, "right answers"),
    "nll-without-log": _wrong_loss(lambda a, t: F.nll_loss(a, t)),
    "softmax-dim": both(_dim, "right answers"),
    "softmax-twice": lambda: Curves(_loss_of(lambda a, t: entropy(a.softmax(1), t)), _loss_of(entropy)),
    "sigmoid-twice": both(_two),
    "broadcast": both(_broadcast, "squared error"),
    "relu-output": both(_relu_output, "squared error"),
    "labels-constant": both(_labels(torch.zeros_like), "right answers"),
    "labels-shuffled": both(_labels(lambda y: y[torch.randperm(len(y))]), "right answers"),
    "first-batch-only": both(_first_batch, "loss of all samples"),
    "not-shuffled": both(_sorted, "right answers"),
    "mse-on-classes": both(_numbers, "right answers"),
}
