"""Experiments with a fault between the loss and the step: in the graph, the gradients or the optimiser."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, its usual name

from robot_agent.experiments.findings.curves import Curves, Experiment, both
from robot_agent.experiments.findings.samples import (
    blobs,
    entropy,
    line,
    mlp,
    ring,
    seeded,
    train,
)


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
}
