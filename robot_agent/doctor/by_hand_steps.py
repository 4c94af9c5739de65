"""Checks the steps of a training by hand: whether they go along the gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np

from robot_agent.doctor.by_hand_source import at, loop_around, update
from robot_agent.doctor.site import Site
from robot_agent.health.finding import Finding

ByHand = Any  # of a later module
Call = Any  # of a later module
Pairs = list[tuple[Call, Call]]
"""Calls of the gradient function with one step in between."""
Moves = dict[str, list[Any]]
"""By parameter, how far each of these steps has moved it."""


def findings_of_steps(reader: "ByHand", loss: Callable[..., Any], file: str) -> list[Finding]:
    """Return the faults of the steps, which are compared with the gradients."""
    pairs = [
        (a, b)
        for a, b, m, n in zip(
            reader.calls, reader.calls[1:], reader.numbers, reader.numbers[1:], strict=False
        )
        if n == m + 1
    ]
    if len(pairs) < 3:
        return []
    names = list(reader.calls[0].answer)
    moved = {n: [b.parameters[n] - a.parameters[n] for a, b in pairs] for n in names}
    return _still(names, pairs, moved, file) or _not_along(reader, loss, names, pairs, moved, update(file))


def _still(names: list[str], pairs: Pairs, moved: Moves, file: str) -> list[Finding]:
    """Find parameters that have a gradient and never move."""
    site = update(file)
    still = [
        n
        for n in names
        if not any(np.any(each) for each in moved[n]) and any(np.any(a.answer[n]) for a, _ in pairs)
    ]
    if still:
        whole = len(still) == len(names)
        return [
            at(
                Finding(
                    "weights-still",
                    f"In {len(pairs)} steps "
                    f"{'no weight moved' if whole else ', '.join(still) + ' did not move'} "
                    f"at all, though there is a gradient.",
                    "The step is taken on a copy, or on other arrays than the ones that the network "
                    "computes with.",
                    "Change the arrays in place: params[name] -= rate * gradients[name].",
                    0.97,
                ),
                site if whole else loop_around(file, site),
                "does not reach the weights",
            )
        ]
    return []


def _not_along(
    reader: "ByHand",
    loss: Callable[..., Any],
    names: list[str],
    pairs: Pairs,
    moved: Moves,
    site: Site | None,
) -> list[Finding]:
    """Find steps that go along the gradient, by several rates, or not by the gradient at all."""
    factors: dict[str, float] = {}
    parallel = True
    for n in names:
        g = np.concatenate([np.ravel(a.answer[n]) for a, _ in pairs[:10]])
        d = np.concatenate([np.ravel(each) for each in moved[n][:10]])
        square = float(g @ g)
        if square < 1e-20:
            continue
        factors[n] = float(d @ g) / square
        if float(np.linalg.norm(d - factors[n] * g)) > 1e-3 * float(np.linalg.norm(d)):
            parallel = False
    if not factors:
        return []
    uphill = [n for n, f in factors.items() if f > 0]
    if uphill and (parallel or len(uphill) == len(factors)):
        return [
            _wrong_step(
                f"The step moves {', '.join(uphill)} along the gradient, not against it: uphill.", site
            )
        ]
    sizes = sorted(abs(f) for f in factors.values())
    if parallel and sizes[-1] > 1.5 * sizes[0]:
        name = max(factors, key=lambda n: abs(np.log(abs(factors[n]) / sizes[len(sizes) // 2])))
        return [
            _wrong_step(
                f"{name} is moved by {abs(factors[name]):.3g} times its gradient, others by "
                f"{sizes[len(sizes) // 2]:.3g}.",
                site,
            )
        ]
    if not parallel and len(reader.calls) > 20:
        first = [_parallel(names, pairs[0]), _parallel(names, pairs[-1])]
        losses = reader.losses(loss)
        if not all(first) and losses and losses[-1] > 0.9 * losses[0]:
            return [_wrong_step("The steps are not along the gradient, and the loss does not fall.", site)]
    return []


def _parallel(names: list[str], pair: "tuple[Call, Call]") -> bool:
    a, b = pair
    for n in names:
        d, g = np.ravel(b.parameters[n] - a.parameters[n]), np.ravel(a.answer[n])
        if float(d @ g) > 0:
            return False
    return True


def _wrong_step(seen: str, site: Site | None) -> Finding:
    return at(
        Finding(
            "wrong-step",
            seen,
            "The weights are moved by something else than the gradient times one learning rate.",
            "params[name] -= rate * gradients[name], for every parameter.",
            0.95,
        ),
        site,
        "the step",
    )
