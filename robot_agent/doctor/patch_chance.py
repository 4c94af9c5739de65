"""Patches PyTorch's distributions, to see draws, log-probabilities and entropies."""

import functools
from typing import Any

import torch

from robot_agent.doctor.actions import note_action
from robot_agent.doctor.origin import Draw
from robot_agent.doctor.signs import entropy as keep_entropy
from robot_agent.doctor.site import here

Patches = Any  # of a later module


def install(patches: "Patches") -> None:
    """Patch the distributions."""
    observer, local = patches.observer, patches.observer.local
    note = patches.guarded(note_action)

    def log_prob(original: Any) -> Any:
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

    def sample(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(distribution: Any, *args: Any, **kwargs: Any) -> Any:
            answer = original(distribution, *args, **kwargs)
            if local.on and not local.quiet and isinstance(answer, torch.Tensor):
                mark(distribution, answer)
            return answer

        return wrapper

    def marked(distribution: Any, answer: Any) -> None:
        origin = observer.origins.get(answer)
        observer.record.drawn = observer.record.drawn or not answer.requires_grad
        if origin is not None:
            origin.sampled, origin.argmax, origin.net = True, None, False
            origin.act, origin.log_prob = None, 0
            if not answer.requires_grad and len(observer.record.draws) < 5000:
                kind = (type(distribution).__name__, tuple(answer.shape))
                origin.draw = Draw(here(), observer.record.backward, kind)
                if distribution.has_rsample and torch.is_grad_enabled():
                    given = [getattr(distribution, each, None) for each in distribution.arg_constraints]
                    origin.draw.smooth = any(isinstance(e, torch.Tensor) and e.requires_grad for e in given)
                observer.record.draws.append(origin.draw)

    kept = patches.guarded(keep_entropy)

    def entropy(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(distribution: Any) -> Any:
            answer = original(distribution)
            if local.on and not local.quiet:
                kept(observer, here(), answer)
            return answer

        return wrapper

    def checked(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(distribution: Any, *args: Any, **kwargs: Any) -> None:
            local.quiet += 1  # it checks its arguments in dozens of calls
            try:
                original(distribution, *args, **kwargs)
            finally:
                local.quiet -= 1

        return wrapper

    given = patches.guarded(functools.partial(_logits, patches))

    def of_logits(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(distribution: Any, *args: Any, **kwargs: Any) -> None:
            if local.on and not local.quiet:
                given(args[1] if len(args) > 1 else kwargs.get("logits"))
            original(distribution, *args, **kwargs)

        return wrapper

    for owner in (torch.distributions.Categorical, torch.distributions.Bernoulli):
        patches.replace(owner, "__init__", of_logits)
    for name in ("__init__", "_validate_sample"):
        patches.replace(torch.distributions.Distribution, name, checked)
    mark = patches.guarded(marked)
    todo = [torch.distributions.Distribution]
    while todo:
        each = todo.pop()
        todo += each.__subclasses__()
        if "log_prob" in vars(each):
            patches.replace(each, "log_prob", log_prob)
        if "entropy" in vars(each):
            patches.replace(each, "entropy", entropy)
        for name in ("sample", "rsample"):
            if name in vars(each):
                patches.replace(each, name, sample)


def _logits(patches: "Patches", logits: Any) -> None:
    """Record probabilities that are given to a distribution as logits."""
    site, origin = here(), patches.observer.origins.get(logits)
    if site is None or origin is None or origin.act is None or not torch.is_grad_enabled():
        return
    kind = {"softmax": "softmax-twice", "sigmoid": "sigmoid-twice"}.get(origin.act.name)
    if kind is not None:
        twice = patches.observer.record.twice
        twice[(kind, site)] = (twice.get((kind, site), (0, origin.act))[0] + 1, origin.act)
