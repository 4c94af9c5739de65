"""Patches PyTorch's distributions, to see draws, log-probabilities and entropies."""

import functools
from typing import Any

import torch
from torch.distributions import Bernoulli, Categorical, Distribution

from robot_agent.doctor.actions import note_action
from robot_agent.doctor.origin import Draw
from robot_agent.doctor.signs import entropy as keep_entropy
from robot_agent.doctor.site import here

Patches = Any  # of a later module

MOST = 5000
"""Largest number of draws that are kept."""


def install(patches: "Patches") -> None:
    """Patch the distributions."""
    for owner in (Categorical, Bernoulli):
        patches.replace(owner, "__init__", functools.partial(_init, patches))
    for name in ("__init__", "_validate_sample"):
        patches.replace(Distribution, name, functools.partial(_check, patches))
    for name, make in (
        ("log_prob", _log_prob),
        ("entropy", _entropy),
        ("sample", _sample),
        ("rsample", _sample),
    ):
        patches.replace_in_family(Distribution, name, functools.partial(make, patches))


def _init(patches: "Patches", original: Any) -> Any:
    """Look at the logits that a distribution is made with."""
    local = patches.observer.local
    given = patches.guarded(functools.partial(_logits, patches))

    @functools.wraps(original)
    def wrapper(distribution: Any, *args: Any, **kwargs: Any) -> None:
        if local.on and not local.quiet:
            given(args[1] if len(args) > 1 else kwargs.get("logits"))
        original(distribution, *args, **kwargs)

    return wrapper


def _check(patches: "Patches", original: Any) -> Any:
    """Leave alone how a distribution checks its arguments, which it does in dozens of calls."""
    local = patches.observer.local

    @functools.wraps(original)
    def wrapper(distribution: Any, *args: Any, **kwargs: Any) -> None:
        local.quiet += 1
        try:
            original(distribution, *args, **kwargs)
        finally:
            local.quiet -= 1

    return wrapper


def _log_prob(patches: "Patches", original: Any) -> Any:
    """Look at an action and its log-probability; of one computed by others, only at the outermost."""
    observer, local = patches.observer, patches.observer.local
    note = patches.guarded(note_action)

    @functools.wraps(original)
    def wrapper(distribution: Any, value: Any) -> Any:
        if local.quiet or not local.on or local.in_log_prob:
            return original(distribution, value)
        local.in_log_prob += 1
        try:
            answer = original(distribution, value)
        finally:
            local.in_log_prob -= 1
        note(observer, distribution, value, answer)
        return answer

    return wrapper


def _entropy(patches: "Patches", original: Any) -> Any:
    """Look at an entropy."""
    observer, local = patches.observer, patches.observer.local
    keep = patches.guarded(keep_entropy)

    @functools.wraps(original)
    def wrapper(distribution: Any) -> Any:
        answer = original(distribution)
        if local.on and not local.quiet:
            keep(observer, here(), answer)
        return answer

    return wrapper


def _sample(patches: "Patches", original: Any) -> Any:
    """Look at a draw."""
    local = patches.observer.local
    drawn = patches.guarded(functools.partial(_drawn, patches))

    @functools.wraps(original)
    def wrapper(distribution: Any, *args: Any, **kwargs: Any) -> Any:
        answer = original(distribution, *args, **kwargs)
        if local.on and not local.quiet and isinstance(answer, torch.Tensor):
            drawn(distribution, answer)
        return answer

    return wrapper


def _drawn(patches: "Patches", distribution: Any, answer: Any) -> None:
    """Record a draw; it is no activation or log-probability, whatever it was computed from."""
    observer, record = patches.observer, patches.observer.record
    origin = observer.origins.get(answer)
    record.drawn = record.drawn or not answer.requires_grad
    if origin is None:
        return
    origin.sampled, origin.argmax, origin.net = True, None, False
    origin.act, origin.log_prob = None, 0
    if answer.requires_grad or len(record.draws) >= MOST:
        return
    origin.draw = Draw(here(), record.backward, (type(distribution).__name__, tuple(answer.shape)))
    if distribution.has_rsample and torch.is_grad_enabled():
        given = [getattr(distribution, each, None) for each in distribution.arg_constraints]
        origin.draw.smooth = any(isinstance(e, torch.Tensor) and e.requires_grad for e in given)
    record.draws.append(origin.draw)


def _logits(patches: "Patches", logits: Any) -> None:
    """Record probabilities that are given to a distribution as logits."""
    site, origin = here(), patches.observer.origins.get(logits)
    if site is None or origin is None or origin.act is None or not torch.is_grad_enabled():
        return
    kind = {"softmax": "softmax-twice", "sigmoid": "sigmoid-twice"}.get(origin.act.name)
    if kind is not None:
        twice = patches.observer.record.twice
        twice[(kind, site)] = (twice.get((kind, site), (0, origin.act))[0] + 1, origin.act)
