"""Patches the call of a network: each first call at a place, and all of an observed step, are looked at."""

import functools
import sys
from typing import Any

import torch
from torch import nn

from robot_agent.doctor import signs, tested
from robot_agent.doctor.calls import NOISY
from robot_agent.doctor.entries import Test
from robot_agent.doctor.provenance import tensors
from robot_agent.doctor.site import caller_of, frame_of_user, site_of

Patches = Any  # of a later module


FAST = (nn.TransformerEncoder, nn.TransformerEncoderLayer, nn.MultiheadAttention)
"""Layers that compute in another way, with other rounding, while a mode of PyTorch is on."""


def install(patches: "Patches") -> None:
    """Patch the call of a network."""
    patches.replace(nn.Module, "__call__", functools.partial(_call, patches))


def _call(patches: "Patches", original: Any) -> Any:
    """Return the call of a module; a layer inside of a network is called as it is, and its name is kept."""
    observer, local = patches.observer, patches.observer.local
    begin = patches.guarded(functools.partial(_begin_call, patches))
    end = patches.guarded(functools.partial(_end_call, patches))

    @functools.wraps(original)
    def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
        if local.depth:
            if not local.on:
                return original(module, *args, **kwargs)
            if not module.training and isinstance(module, FAST):
                return unseen(module, *args, **kwargs)
            local.modules.append(module)
            try:
                return original(module, *args, **kwargs)
            finally:
                local.modules.pop()
        if local.quiet or observer.closed or isinstance(module, nn.modules.loss._Loss):
            return original(module, *args, **kwargs)
        if not local.on:
            frame = sys._getframe(1)
            if (id(frame.f_code), frame.f_lasti) in patches.places:
                local.depth += 1
                try:
                    return original(module, *args, **kwargs)
                finally:
                    local.depth -= 1
        return looked(module, args, kwargs)

    def looked(module: Any, args: Any, kwargs: Any) -> Any:
        local.depth += 1
        try:
            begin(module, args)
            if local.on and not module.training and isinstance(module, FAST):
                out = unseen(module, *args, **kwargs)
            else:
                out = original(module, *args, **kwargs)
            if local.on:
                end(module, args, out)
            return out
        except Exception:
            if observer.record.error_call is None or local.call is not None:
                observer.record.error_call = local.call
            raise
        finally:
            local.depth -= 1
            local.modules.clear()
            local.call, local.test, local.call_number = None, None, 0

    def unseen(module: Any, *args: Any, **kwargs: Any) -> Any:
        observer.look(False)
        try:
            return original(module, *args, **kwargs)
        finally:
            observer.look(True)

    return wrapper


def _begin_call(patches: "Patches", module: Any, args: Any) -> None:
    observer, local = patches.observer, patches.observer.local
    frame = frame_of_user()
    if frame is None:
        return
    place = (id(frame.f_code), frame.f_lasti)
    if not local.on:
        if place in patches.places:
            return
        observer.look(True)  # a place that was not seen yet: perhaps the test after the training
        patches.steps.looking = patches.steps.looking or local.on
    patches.places.add(place)
    site = site_of(frame)  # which keeps the code, so that its id stays its own
    if frame.f_code.co_name == "forward":  # model.forward(x): the layers inside seem called by themselves
        site = caller_of("forward") or site
    record = observer.record
    local.call, local.units = site, 0
    observer.calls += 1
    local.call_number = observer.calls
    local.modules[:] = [module]
    record.forwards[site] += 1
    enabled = torch.is_grad_enabled()
    with observer.silent():
        tested.called(observer, module, site, enabled)
    given = [observer.origins.get(each) for each in tensors(args)]
    if any(o is not None and o.by == id(module) and o.cut is None for o in given):
        record.recursive += 1
    observer.current["rows"] = next((len(each) for each in tensors(args) if each.dim()), 0)
    observer.current["input_orders"] = next(
        (o.orders for o in given if o is not None and o.orders), frozenset()
    )
    _note_mode(patches, module, args, site, enabled)


def _note_mode(patches: "Patches", module: Any, args: Any, site: Any, enabled: bool) -> None:
    """Record a call of a network with layers that act otherwise in training than in use."""
    observer, record = patches.observer, patches.observer.record
    noisy = [each for each in module.modules() if isinstance(each, NOISY)]
    if not noisy:
        return
    with observer.silent():
        active = [
            each
            for each in noisy
            if each.training
            and getattr(each, "p", True)
            and not (isinstance(each, nn.modules.batchnorm._BatchNorm) and not each.track_running_stats)
        ]
        first = next(iter(tensors(args)), None)
        norms = any(isinstance(each, nn.modules.batchnorm._BatchNorm) for each in active)
        if norms and enabled and first is not None and first.dim() > 1 and len(first) == 1:
            record.single_calls[site] += 1
        if active:
            test = Test(site, type(active[0]).__name__, record.backward, enabled)
            test.rows = len(first) if first is not None and first.dim() > 1 else 1
            if len(record.tests) > 4000:
                record.tests[:] = [each for each in record.tests if not each.learned_from][-2000:]
            record.tests.append(test)
            observer.local.test = test
        elif not module.training and enabled:
            test = Test(site, type(noisy[0]).__name__, record.backward, True)
            test.eval_mode = True
            test.trainable = any(each.requires_grad for each in module.parameters())
            if len(record.evals) < 4000:
                record.evals.append(test)
            observer.local.test = test


def _end_call(patches: "Patches", module: Any, args: Any, out: Any) -> None:
    observer = patches.observer
    found = tensors(
        [out] if not isinstance(out, (tuple, list, dict)) else out.values() if isinstance(out, dict) else out
    )
    for each in found:
        origin = observer.origins.get(each)
        if origin is not None:
            origin.out, origin.by = True, id(module)
            if observer.local.test is not None and origin.test is None:
                origin.test = observer.local.test
    for parameter in module.parameters():
        if parameter.requires_grad:
            observer.origins.weight(parameter)
    several = len(patches.steps.optimizers.entries) > 1
    if several and found and found[0].requires_grad and not found[0].is_leaf:
        signs.pulled(observer, id(module), tensors(args), found[0])
