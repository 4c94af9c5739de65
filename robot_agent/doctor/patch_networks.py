"""Patches torch.nn.Module, to see where networks are built, loaded, zeroed and set to another mode."""

import functools
import sys
import weakref
from types import FrameType
from typing import Any

import torch
from torch import nn

from robot_agent.doctor import signs
from robot_agent.doctor.entries import Built
from robot_agent.doctor.site import USER, frame_of_user, here, kind_of, site_of

Patches = Any  # of a later module


def install(patches: "Patches") -> None:
    """Patch torch.nn.Module."""
    for name, make in (
        ("register_parameter", _register),
        ("__init__", _init),
        ("load_state_dict", _load),
        ("train", _train),
        ("zero_grad", _zero_grad),
    ):
        patches.replace(nn.Module, name, functools.partial(make, patches))


def _init(patches: "Patches", original: Any) -> Any:
    built = patches.guarded(functools.partial(_built, patches))

    @functools.wraps(original)
    def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
        original(module, *args, **kwargs)
        built(module)

    return wrapper


def _register(patches: "Patches", original: Any) -> Any:
    registered = patches.guarded(functools.partial(_registered, patches))

    @functools.wraps(original)
    def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
        original(module, *args, **kwargs)
        registered(args[1] if len(args) > 1 else kwargs.get("param"))

    return wrapper


def _train(patches: "Patches", original: Any) -> Any:
    local = patches.observer.local
    trained = patches.guarded(functools.partial(_trained, patches))

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


def _zero_grad(patches: "Patches", original: Any) -> Any:
    local = patches.observer.local
    zeroed = patches.guarded(patches.steps.optimizers.module_zeroed)

    @functools.wraps(original)
    def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
        if not local.quiet:
            zeroed(module)
        return original(module, *args, **kwargs)

    return wrapper


def _load(patches: "Patches", original: Any) -> Any:
    observer = patches.observer
    loaded = patches.guarded(functools.partial(_loaded, patches))
    missed = patches.guarded(functools.partial(_missed, patches))

    @functools.wraps(original)
    def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
        for each in module.modules():
            place = observer.layers.get(id(each))
            if place is not None:
                observer.record.loaded.add(place[1])
        if not observer.local.quiet:
            loaded(module, args[0] if args else kwargs.get("state_dict"))
        answer = original(module, *args, **kwargs)
        if not observer.local.quiet:
            missed(module, answer)
        return answer

    return wrapper


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
