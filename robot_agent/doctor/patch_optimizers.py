"""Patches optimizers and schedules, to see when they are made, step, and set gradients to zero."""

import functools
from typing import Any

import torch
from torch.optim import optimizer as optimizers
from torch.optim.lr_scheduler import LRScheduler

from robot_agent.doctor.site import frame_of_user, here, site_of
from robot_agent.doctor.source_patterns import made_of_argument

Patches = Any  # of a later module


def install(patches: "Patches") -> None:
    """Patch the optimizers and the schedules of the learning rate."""
    patches.replace(torch.optim.Optimizer, "__init__", functools.partial(_init, patches))
    patches.replace(torch.optim.Optimizer, "zero_grad", functools.partial(_zero_grad, patches))
    after = patches.guarded(patches.steps.optimizers.after_step)
    for hook in (
        optimizers.register_optimizer_step_pre_hook(_pre_hook(patches)),
        optimizers.register_optimizer_step_post_hook(lambda optimizer, args, kwargs: after(optimizer)),
    ):
        patches.undo.append(hook.remove)
    for name, listen in (("__init__", _scheduled), ("step", _schedule_step)):
        patches.replace_in_family(LRScheduler, name, functools.partial(_schedule, patches, listen))


def _init(patches: "Patches", original: Any) -> Any:
    local, silent = patches.observer.local, patches.observer.silent
    made = patches.guarded(patches.steps.optimizers.made)
    outer = patches.guarded(functools.partial(_outer, patches))

    @functools.wraps(original)
    def wrapper(optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        local.quiet += 1
        try:
            original(optimizer, *args, **kwargs)
        finally:
            local.quiet -= 1
        frame = frame_of_user()
        with silent():
            made(optimizer, site_of(frame) if frame is not None else None)
            outer(optimizer, frame)

    return wrapper


def _zero_grad(patches: "Patches", original: Any) -> Any:
    local, zeroed = patches.observer.local, patches.guarded(patches.steps.optimizers.zeroed)

    @functools.wraps(original)
    def wrapper(optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        zeroed(optimizer)
        local.quiet += 1
        try:
            return original(optimizer, *args, **kwargs)
        finally:
            local.quiet -= 1

    return wrapper


def _pre_hook(patches: "Patches") -> Any:
    """Return a hook that looks at the gradients before a step, and at the calls of the step's closure."""
    followed = patches.steps.optimizers
    before = patches.guarded(followed.before_step)

    def pre(optimizer: Any, args: Any, kwargs: Any) -> Any:
        given = args[1:] if args and args[0] is optimizer else args
        closure = kwargs.get("closure") or (given[0] if given else None)
        before(optimizer, callable(closure))
        if not callable(closure):
            return None
        seen = followed.closure(optimizer, closure)
        if "closure" in kwargs:
            return args, {**kwargs, "closure": seen}
        return (*args[: len(args) - len(given)], seen, *given[1:]), kwargs

    return pre


def _schedule(patches: "Patches", listen: Any, original: Any) -> Any:
    """Tell `listen` of each call of a schedule's method."""
    called = patches.guarded(functools.partial(listen, patches))

    @functools.wraps(original)
    def wrapper(scheduler: Any, *args: Any, **kwargs: Any) -> Any:
        called(scheduler)
        return original(scheduler, *args, **kwargs)

    return wrapper


def _outer(patches: "Patches", optimizer: Any, frame: Any) -> None:
    """Record the caller of a function that makes an optimizer for the network that it is given."""
    entry = patches.steps.optimizers.entries.get(id(optimizer))
    if entry is None or frame is None or frame.f_back is None:
        return
    given = made_of_argument(entry.site)
    outer = frame_of_user(frame.f_back)
    if given and outer is not None:
        entry.caller = site_of(outer)


def _scheduled(patches: "Patches", scheduler: Any) -> None:
    """Record where a schedule is made."""
    site = here()
    if site is not None:
        patches.observer.record.schedules.setdefault(site, type(scheduler).__name__)


def _schedule_step(patches: "Patches", scheduler: Any) -> None:
    """Record where a schedule makes its steps."""
    site = here()
    if site is not None and site not in patches.observer.record.schedules:
        patches.observer.record.schedule_steps[site] += 1
