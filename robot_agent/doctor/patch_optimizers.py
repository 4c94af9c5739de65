"""Patches optimizers and schedules, to see when they are made, step, and set gradients to zero."""

import functools
from typing import Any

import torch
from torch.optim import optimizer as optimizers

from robot_agent.doctor.site import frame_of_user, here, site_of
from robot_agent.doctor.source_patterns import made_of_argument

Patches = Any  # of a later module


def install(patches: "Patches") -> None:
    """Patch the optimizers and the schedules of the learning rate."""
    steps, base = patches.steps, torch.optim.Optimizer
    outer = patches.guarded(functools.partial(_outer, patches))
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
                outer(optimizer, frame)

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

    def schedule(kept: Any) -> Any:
        def make(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(scheduler: Any, *args: Any, **kwargs: Any) -> Any:
                kept(scheduler)
                return original(scheduler, *args, **kwargs)

            return wrapper

        return make

    for owner in _schedulers():
        for name, kept in (("__init__", _scheduled), ("step", _schedule_step)):
            if name in vars(owner):
                listen = patches.guarded(functools.partial(kept, patches))
                patches.replace(owner, name, schedule(listen))

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


def _outer(patches: "Patches", optimizer: Any, frame: Any) -> None:
    """Record the caller of a function that makes an optimizer for the network that it is given."""
    entry = patches.steps.optimizers.get(id(optimizer))
    if entry is None or frame is None or frame.f_back is None:
        return
    given = made_of_argument(entry.site)
    outer = frame_of_user(frame.f_back)
    if given and outer is not None:
        entry.caller = site_of(outer)


def _schedulers() -> list[type]:
    """Return the classes of schedules of the learning rate."""
    found = [torch.optim.lr_scheduler.LRScheduler]
    for each in found:
        found += each.__subclasses__()
    return list(dict.fromkeys(found))


def _scheduled(patches: "Patches", scheduler: Any) -> None:
    site = here()
    if site is not None:
        patches.observer.record.schedules.setdefault(site, type(scheduler).__name__)


def _schedule_step(patches: "Patches", scheduler: Any) -> None:
    site = here()
    if site is not None and site not in patches.observer.record.schedules:
        patches.observer.record.schedule_steps[site] += 1
