"""Experiments with labelled samples, in PyTorch: a small network, few points, and one fault at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, its usual name

from robot_agent.experiments.findings.curves import Curves, Experiment, both

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


def _cut(fault: bool) -> list[float]:
    with seeded():
        x, y = blobs()

        def loss(answer: Tensor, target: Tensor) -> Tensor:
            return entropy(answer.detach().requires_grad_() if fault else answer, target)

        return train(mlp(), x, y, loss)


def _frozen(fault: bool) -> list[float]:
    with seeded():
        x, y = blobs()
        network = mlp()
        frozen = network if fault else network[0]
        for each in frozen.parameters():
            each.requires_grad = False
        return train(network, x, y, lambda a, t: entropy(a.requires_grad_() if fault else a, t))


def _part(fault: bool, units: int = 6) -> list[float]:
    """Train all layers, or, with the fault, only the last one."""
    with seeded(1):
        x, y = ring()
        network = mlp(2, 2, units=units)
        learned = network[2].parameters() if fault else network.parameters()
        return train(network, x, y, entropy, optimizer=torch.optim.Adam(learned, 0.03))


def _by_hand(fault: str) -> list[float]:
    """Train by hand with a fault: weights `bound` anew; gradients `added`, `zeroed` or `missing`."""
    with seeded():
        x, y = line()
        network, curve = mlp(1, 1, nn.Tanh()), []
        for _ in range(200):
            loss = F.mse_loss(network(x), y)
            curve.append(float(loss.detach()))
            if fault != "added":
                network.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if fault == "zeroed":
                network.zero_grad(set_to_none=False)
            if fault == "missing":
                continue
            with torch.no_grad():
                for each in network.parameters():
                    weight: Tensor = each
                    assert each.grad is not None
                    if fault == "bound":
                        weight = weight - 0.1 * each.grad
                    else:
                        weight -= 0.1 * each.grad
        return curve


def _steps(fault: str) -> Experiment:
    return lambda: Curves(_by_hand(fault), _by_hand(""))


def _anew(fault: bool) -> list[float]:
    with seeded():
        x, y = blobs()
        first, second, curve = nn.Linear(2, 16), nn.Linear(16, 3), []
        optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.5)
        for _ in range(150):
            second = nn.Linear(16, 3) if fault else second
            loss = entropy(second(F.relu(first(x))), y)
            curve.append(float(loss.detach()))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        return curve


def _nodes(value: Tensor) -> int:
    seen, todo = set(), [value.grad_fn]
    while todo:
        node = todo.pop()
        if node is not None and node not in seen:
            seen.add(node)
            todo += [each for each, _ in node.next_functions]
    return len(seen)


def _carried(fault: bool) -> list[float]:
    with seeded():
        cell, state, curve = nn.RNNCell(2, 4), torch.zeros(1, 4), []
        for _ in range(60):
            state = cell(torch.randn(1, 2), state if fault else state.detach())
            curve.append(float(_nodes(state.sum())))
        return curve


def _breaks(broken: Callable[[Tensor], Tensor], good: Callable[[Tensor], Tensor]) -> Experiment:
    """Compare two networks, the first of which raises an error in its first step."""

    def run(forward: Callable[[Tensor], Tensor]) -> list[float]:
        with seeded():
            x, y = blobs()
            first, second = nn.Linear(2, 16), nn.Linear(16, 3)
            optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
            curve = []
            for _ in range(60):
                loss = entropy(second(forward(first(x))), y)
                curve.append(float(loss.detach()))
                optimizer.zero_grad()
                try:
                    loss.backward()  # type: ignore[no-untyped-call]
                except RuntimeError:
                    break
                optimizer.step()
            return curve

    return lambda: Curves(run(broken), run(good))


def _overwritten(x: Tensor) -> Tensor:
    h = x.tanh()
    h += 1
    return h


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


def _dim(fault: bool) -> list[float]:
    with seeded():
        x, y = ring()
        network = mlp(2, 2)
        return train(
            network, x, y, lambda a, t: F.nll_loss(F.log_softmax(a, 0 if fault else 1), t),
            shown=right(network, x, y), batches=lambda step: torch.randperm(SAMPLES)[:4],
        )  # fmt: skip


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
    "graph-cut": both(_cut),
    "all-frozen": both(_frozen),
    "weights-rebound": _steps("bound"),
    "no-step": _steps("missing"),
    "zeroed-before-step": _steps("zeroed"),
    "not-zeroed": _steps("added"),
    "not-registered": both(_part),
    "not-in-optimizer": both(lambda fault: _part(fault, 4)),
    "made-anew": both(_anew),
    "graph-carried-over": both(_carried, "operations in the graph"),
    "in-place": _breaks(_overwritten, lambda x: x.tanh() + 1),
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


def _loss_of(loss: Step) -> list[float]:
    with seeded():
        x, y = blobs()
        return train(mlp(), x, y, loss)
