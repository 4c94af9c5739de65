"""Patches torch.nn.Module, to see where networks are built, and each call of a network."""

import functools
import sys
import weakref
from types import FrameType
from typing import Any

import torch
from torch import nn

from robot_agent.doctor import signs, tested
from robot_agent.doctor.calls import NOISY
from robot_agent.doctor.provenance import tensors
from robot_agent.doctor.record import Built, Test
from robot_agent.doctor.site import USER, caller_of, frame_of_user, here, kind_of, site_of

Patches = Any  # of a later module


FAST = (nn.TransformerEncoder, nn.TransformerEncoderLayer, nn.MultiheadAttention)
"""Layers that compute in another way, with other rounding, while a mode of PyTorch is on."""


def install(patches: "Patches") -> None:
    """Patch torch.nn.Module."""
    observer = patches.observer
    begin, end, built = (
        patches.guarded(functools.partial(_begin_call, patches)),
        patches.guarded(functools.partial(_end_call, patches)),
        patches.guarded(functools.partial(_built, patches)),
    )
    local = observer.local

    def call(original: Any) -> Any:
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

    def init(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
            original(module, *args, **kwargs)
            built(module)

        return wrapper

    trained, zeroed = (
        patches.guarded(functools.partial(_trained, patches)),
        patches.guarded(patches.steps.module_zeroed),
    )

    def train(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(module: Any, mode: bool = True) -> Any:
            if not local.quiet:
                trained(module, mode)
            local.quiet += 1
            try:
                return original(module, mode)
            finally:
                local.quiet -= 1

        return wrapper

    def zero_grad(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
            if not local.quiet:
                zeroed(module)
            return original(module, *args, **kwargs)

        return wrapper

    registered = patches.guarded(functools.partial(_registered, patches))

    def register(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
            original(module, *args, **kwargs)
            registered(args[1] if len(args) > 1 else kwargs.get("param"))

        return wrapper

    patches.replace(nn.Module, "register_parameter", register)
    patches.replace(nn.Module, "__call__", call)
    patches.replace(nn.Module, "__init__", init)

    def load(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
            for each in module.modules():
                place = observer.layers.get(id(each))
                if place is not None:
                    observer.record.loaded.add(place[1])
            if not local.quiet:
                loaded(module, args[0] if args else kwargs.get("state_dict"))
            answer = original(module, *args, **kwargs)
            if not local.quiet:
                missed(module, answer)
            return answer

        return wrapper

    loaded = patches.guarded(functools.partial(_loaded, patches))
    missed = patches.guarded(functools.partial(_missed, patches))
    patches.replace(nn.Module, "load_state_dict", load)
    patches.replace(nn.Module, "train", train)
    patches.replace(nn.Module, "zero_grad", zero_grad)


def _built(patches: "Patches", module: Any) -> None:
    """Record where a network or layer was built."""
    frame = frame_of_user()
    while (
        frame is not None
        and frame.f_code.co_name == "__init__"
        and frame.f_locals.get("self") is module
        and frame.f_back is not None
    ):
        frame = frame_of_user(frame.f_back)
    while frame is not None and frame.f_code.co_name == "<lambda>" and frame.f_back is not None:
        frame = frame_of_user(frame.f_back)  # of a table of layers: where it is asked for one
    if frame is None:
        return
    site = site_of(frame)
    own = (
        kind_of(type(module).__init__.__code__.co_filename) == USER
        if hasattr(type(module).__init__, "__code__")
        else False
    )
    layers = patches.observer.layers
    key = id(module)
    layers[key] = (weakref.ref(module, lambda _: layers.pop(key, None)), site, None)
    record = patches.observer.record
    patches.observer.built_at[key] = patches.observer.count()
    if len(record.modules[site]) < 3000:
        inside = patches.observer.local.depth > 0
        built = Built(record.backward, type(module).__name__, inside, own, weakref.ref(module))
        record.modules[site].append(built)
        patches.building[key] = built
        if len(patches.building) > 64:
            del patches.building[next(iter(patches.building))]


def _loaded(patches: "Patches", module: Any, state: Any) -> None:
    """Record that weights were loaded into a network during the training, and a number of their content."""
    record, site = patches.observer.record, here()
    weight = next(iter(module.parameters()), None)
    if site is None or weight is None:
        return
    own = {each.data_ptr() for each in module.parameters()}
    record.given[id(module)] = record.tick, site
    given = [each.data_ptr() for each in state.values() if isinstance(each, torch.Tensor) and each.numel()]
    if given and all(each in own for each in given[:4]):
        record.from_itself[site] += 1
        return
    if not record.tick or len(record.reloaded[site]) > 300:
        return
    with patches.observer.silent():
        number = patches.observer.origins.weight(weight)
        record.reloaded[site].append((record.backward, signs.fingerprint(state), number))


def _missed(patches: "Patches", module: Any, answer: Any) -> None:
    """Record that load_state_dict(strict=False) has found none of the network's weights by name."""
    site, names = here(), [name for name, _ in module.named_parameters()]
    missing = set(getattr(answer, "missing_keys", []))
    if site is not None and names and getattr(answer, "unexpected_keys", []) and missing >= set(names):
        patches.observer.record.not_loaded[site] += 1


def _registered(patches: "Patches", weight: Any) -> None:
    """Note that the modules under construction have weights; PyTorch's loss modules have none."""
    site = here()
    if weight is not None and site is not None:
        patches.observer.record.weight_sites.setdefault(patches.observer.origins.weight(weight), site)
    frame: FrameType | None = sys._getframe(2)
    for _ in range(24):
        if frame is None:
            return
        if frame.f_code.co_name == "__init__":
            built = patches.building.get(id(frame.f_locals.get("self")))
            if built is not None:
                built.weights = True
        frame = frame.f_back


def _trained(patches: "Patches", module: Any, mode: bool) -> None:
    """Record where eval() or train() was called."""
    site = here()
    if site is None:
        return
    record = patches.observer.record
    record.mode_calls.append((record.backward, site, mode, weakref.ref(module)))
    if len(record.mode_calls) > 4000:
        del record.mode_calls[100:2000]


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
    if (
        frame.f_code.co_name == "forward"
    ):  # model.forward(x): the layers inside seem to be called by themselves
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
            local.test = test
        elif not module.training and enabled:
            test = Test(site, type(noisy[0]).__name__, record.backward, True)
            test.eval_mode = True
            test.trainable = any(each.requires_grad for each in module.parameters())
            if len(record.evals) < 4000:
                record.evals.append(test)
            local.test = test


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
    if len(patches.steps.optimizers) > 1 and found and found[0].requires_grad and not found[0].is_leaf:
        signs.pulled(observer, id(module), tensors(args), found[0])
