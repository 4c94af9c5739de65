"""Patches what computes, clips or switches off gradients: backward(), torch.autograd.grad, no_grad()."""

import functools
from collections import deque
from typing import Any

import torch
from torch import nn

from robot_agent.doctor.calls import is_weight
from robot_agent.doctor.origin import Cut, Origin
from robot_agent.doctor.site import frame_of_user, here, site_of

Patches = Any  # of a later module

DEEPEST = 100
"""Largest number of blocks without gradients, one inside of another, whose places are kept."""


def install(patches: "Patches") -> None:
    """Patch what computes, changes or switches off gradients."""
    for owner, name, make in (
        (torch.Tensor, "backward", _backward_of_tensor),
        (torch.autograd, "backward", _backward),
        (torch.autograd, "grad", _grad),
        (torch.no_grad, "__enter__", _enter),
        (torch.no_grad, "__exit__", _exit),
        (torch.inference_mode, "__enter__", _enter),
        (torch.inference_mode, "__exit__", _exit),
        (torch.set_grad_enabled, "__init__", _set_enabled),
        (nn.utils, "clip_grad_norm_", _clip),
        (nn.utils, "clip_grad_value_", _clip),
        (torch.amp.GradScaler, "scale", _scale),
    ):
        patches.replace(owner, name, functools.partial(make, patches))


def _backward_of_tensor(patches: "Patches", original: Any) -> Any:
    """Switch looking on or off after loss.backward(): inside of it, the mode itself is at work."""
    steps, observer = patches.steps, patches.observer

    @functools.wraps(original)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        finally:
            if observer.local.on is not steps.looking:
                observer.look(steps.looking)

    return wrapper


def _backward(patches: "Patches", original: Any) -> Any:
    """Carry out backward() by way of `Steps`."""
    steps = patches.steps

    @functools.wraps(original)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        loss = _first(args[0] if args else kwargs.get("tensors"))
        return steps.backward(original, loss, args, kwargs, kwargs.get("inputs"))

    return wrapper


def _grad(patches: "Patches", original: Any) -> Any:
    """Carry out torch.autograd.grad by way of `Steps`, and look at what it returns."""
    steps = patches.steps
    of_weights = patches.guarded(functools.partial(_of_weights, patches))

    @functools.wraps(original)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        loss = _first(args[0] if args else kwargs.get("outputs"))
        inputs = args[1] if len(args) > 1 else kwargs.get("inputs")
        single = isinstance(inputs, torch.Tensor) or not hasattr(inputs, "__len__")
        wanted = [inputs] if single else list(inputs)  # type: ignore[arg-type]
        answers = steps.backward(original, loss, args, kwargs, wanted)
        create = kwargs.get("create_graph", args[4] if len(args) > 4 else False)
        of_weights(wanted, answers, create)
        return answers

    return wrapper


def _first(given: Any) -> Any:
    """Return the loss, or the first one of several."""
    return given[0] if isinstance(given, (tuple, list)) and given else given


def _enter(patches: "Patches", original: Any) -> Any:
    """Keep the place where a block without gradients begins."""
    local = patches.observer.local

    @functools.wraps(original)
    def wrapper(context: Any, *args: Any, **kwargs: Any) -> Any:
        if not local.quiet and local.on and len(local.block) < DEEPEST:
            frame = frame_of_user()
            local.block.append(site_of(frame) if frame is not None else None)
        return original(context, *args, **kwargs)

    return wrapper


def _exit(patches: "Patches", original: Any) -> Any:
    """Forget the place of a block without gradients at its end."""
    local = patches.observer.local

    @functools.wraps(original)
    def wrapper(context: Any, *args: Any, **kwargs: Any) -> Any:
        if not local.quiet and local.block:
            local.block.pop()
        return original(context, *args, **kwargs)

    return wrapper


def _set_enabled(patches: "Patches", original: Any) -> Any:
    """Keep the place where gradients are switched off until further notice."""
    local = patches.observer.local

    @functools.wraps(original)
    def wrapper(context: Any, mode: bool, *args: Any, **kwargs: Any) -> Any:
        original(context, mode, *args, **kwargs)
        if not local.quiet and local.on and not mode:
            local.block[:] = [here()]

    return wrapper


def _clip(patches: "Patches", original: Any) -> Any:
    """Look at the gradients before and after they are clipped."""
    observer, steps = patches.observer, patches.steps
    norm, note = patches.guarded(steps.optimizers.norm_of), patches.guarded(steps.optimizers.clips)

    @functools.wraps(original)
    def wrapper(parameters: Any, *args: Any, **kwargs: Any) -> Any:
        if observer.closed or observer.local.quiet or not steps.looking:
            return original(parameters, *args, **kwargs)
        parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
        before = norm(parameters)
        answer = original(parameters, *args, **kwargs)
        note(parameters, before)
        return answer

    return wrapper


def _scale(patches: "Patches", original: Any) -> Any:
    """Look at the factor of a GradScaler."""
    scaled = patches.guarded(functools.partial(_scaled, patches))

    @functools.wraps(original)
    def wrapper(scaler: Any, *args: Any, **kwargs: Any) -> Any:
        scaled(scaler)
        return original(scaler, *args, **kwargs)

    return wrapper


def _scaled(patches: "Patches", scaler: Any) -> None:
    """Record the factor by which a GradScaler multiplies the loss at first."""
    if patches.observer.record.backward == 0:
        patches.observer.record.loss_scale = float(scaler.get_scale())


def _of_weights(patches: "Patches", weights: Any, gradients: Any, create_graph: bool) -> None:
    """Remember of which weights torch.autograd.grad has returned the gradients."""
    observer, site = patches.observer, here()
    if observer.local.quiet or not observer.local.on or site is None:
        return
    observer.record.graded += 1
    cut = Cut("autograd.grad", site, observer.record.tick, observer.record.backward)
    for weight, gradient in zip(weights, gradients, strict=False):
        if not create_graph and isinstance(gradient, torch.Tensor) and not isinstance(weight, nn.Parameter):
            origin = Origin("grad", site, observer.record.tick)
            origin.penalty = cut
            observer.origins.set(gradient, origin)
            if isinstance(weight, torch.Tensor) and is_weight(weight):
                places = observer.current.setdefault("places of gradients", deque(maxlen=50))
                places.append(observer.origins.weight(weight))
        if (
            isinstance(weight, torch.Tensor)
            and isinstance(gradient, torch.Tensor)
            and weight.is_leaf
            and not gradient.requires_grad
        ):
            origin = Origin("grad", site, observer.record.tick)
            origin.gradient_of = observer.origins.weight(weight)
            origin.penalty = None if create_graph or isinstance(weight, nn.Parameter) else cut
            observer.origins.set(gradient, origin)
