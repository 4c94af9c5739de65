"""Patches backward(), torch.autograd.grad and no_grad(), to see gradients and blocks without them."""

import functools
from collections import deque
from typing import Any

import torch
from torch import nn

from robot_agent.doctor.calls import is_weight
from robot_agent.doctor.origin import Cut, Origin
from robot_agent.doctor.site import frame_of_user, here, site_of

Patches = Any  # of a later module


def install(patches: "Patches") -> None:
    """Patch backward(), torch.autograd.grad and no_grad()."""
    steps = patches.steps

    def backward(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            given = args[0] if args else kwargs.get("tensors")
            loss = given[0] if isinstance(given, (tuple, list)) and given else given
            return steps.backward(original, loss, args, kwargs, kwargs.get("inputs"))

        return wrapper

    of_weights = patches.guarded(functools.partial(_of_weights, patches))

    def grad(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            given = args[0] if args else kwargs.get("outputs")
            loss = given[0] if isinstance(given, (tuple, list)) and given else given
            inputs = args[1] if len(args) > 1 else kwargs.get("inputs")
            single = isinstance(inputs, torch.Tensor) or not hasattr(inputs, "__len__")
            wanted = [inputs] if single else list(inputs)  # type: ignore[arg-type]
            answers = steps.backward(original, loss, args, kwargs, wanted)
            create = kwargs.get("create_graph", args[4] if len(args) > 4 else False)
            of_weights(wanted, answers, create)
            return answers

        return wrapper

    def of_tensor(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            try:
                return original(*args, **kwargs)
            finally:  # the mode itself calls backward(), so only here it can be left
                if patches.observer.local.on is not steps.looking:
                    patches.observer.look(steps.looking)

        return wrapper

    patches.replace(torch.Tensor, "backward", of_tensor)
    patches.replace(torch.autograd, "backward", backward)
    patches.replace(torch.autograd, "grad", grad)

    def entered(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(context: Any, *args: Any, **kwargs: Any) -> Any:
            local = patches.observer.local
            if not local.quiet and local.on and len(local.block) < 100:
                frame = frame_of_user()
                local.block.append(site_of(frame) if frame is not None else None)
            return original(context, *args, **kwargs)

        return wrapper

    def left(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(context: Any, *args: Any, **kwargs: Any) -> Any:
            local = patches.observer.local
            if not local.quiet and local.block:
                local.block.pop()
            return original(context, *args, **kwargs)

        return wrapper

    for owner in (torch.no_grad, torch.inference_mode):
        patches.replace(owner, "__enter__", entered)
        patches.replace(owner, "__exit__", left)

    def switched(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(context: Any, mode: bool, *args: Any, **kwargs: Any) -> Any:
            original(context, mode, *args, **kwargs)
            local = patches.observer.local
            if not local.quiet and local.on and not mode:
                local.block[:] = [here()]

        return wrapper

    patches.replace(torch.set_grad_enabled, "__init__", switched)
    _clipping(patches)


def _clipping(patches: "Patches") -> None:
    """Patch the functions that clip gradients, and the scaling of a loss."""
    norm, note = patches.guarded(patches.steps.norm_of), patches.guarded(patches.steps.clips)

    def clip(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(parameters: Any, *args: Any, **kwargs: Any) -> Any:
            if patches.observer.closed or patches.observer.local.quiet or not patches.steps.looking:
                return original(parameters, *args, **kwargs)
            parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
            before = norm(parameters)
            answer = original(parameters, *args, **kwargs)
            note(parameters, before)
            return answer

        return wrapper

    for name in ("clip_grad_norm_", "clip_grad_value_"):
        patches.replace(nn.utils, name, clip)

    def scaled(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(scaler: Any, *args: Any, **kwargs: Any) -> Any:
            keep(scaler)
            return original(scaler, *args, **kwargs)

        return wrapper

    def kept(scaler: Any) -> None:
        if patches.observer.record.backward == 0:
            patches.observer.record.loss_scale = float(scaler.get_scale())

    keep = patches.guarded(kept)
    patches.replace(torch.amp.GradScaler, "scale", scaled)


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
