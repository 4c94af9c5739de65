"""Listening to optimizers: when they are made, step, and set gradients to zero."""

import functools
from typing import Any

import torch
from torch.optim import optimizer as optimizers

from robot_agent.doctor.site import frame_of_user, site_of

Patches = Any  # of a later module


def install(patches: "Patches") -> None:
    """Begin to listen."""
    steps, base = patches.steps, torch.optim.Optimizer
    made, zeroed = patches.guarded(steps.made), patches.guarded(steps.zeroed)
    before, after = patches.guarded(steps.before_step), patches.guarded(steps.after_step)

    def init(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(optimizer: Any, *args: Any, **kwargs: Any) -> Any:
            local = patches.observer.local
            local.quiet += 1
            try:
                original(optimizer, *args, **kwargs)
            finally:
                local.quiet -= 1
            frame = frame_of_user()
            with patches.observer.silent():
                made(optimizer, site_of(frame) if frame is not None else None)

        return wrapper

    def zero_grad(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(optimizer: Any, *args: Any, **kwargs: Any) -> Any:
            zeroed(optimizer)
            local = patches.observer.local
            local.quiet += 1
            try:
                return original(optimizer, *args, **kwargs)
            finally:
                local.quiet -= 1

        return wrapper

    patches.replace(base, "__init__", init)
    patches.replace(base, "zero_grad", zero_grad)

    def pre(optimizer: Any, args: Any, kwargs: Any) -> Any:
        given = args[1:] if args and args[0] is optimizer else args
        closure = kwargs.get("closure") or (given[0] if given else None)
        before(optimizer, callable(closure))
        if not callable(closure):
            return None
        seen = steps.closure(optimizer, closure)
        if "closure" in kwargs:
            return args, {**kwargs, "closure": seen}
        return (*args[: len(args) - len(given)], seen, *given[1:]), kwargs

    patches.undo.append(optimizers.register_optimizer_step_pre_hook(pre).remove)
    patches.undo.append(
        optimizers.register_optimizer_step_post_hook(lambda optimizer, a, k: after(optimizer)).remove
    )
