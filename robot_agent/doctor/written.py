"""What the script writes itself: weights, gradients, requires_grad, numbers in place."""

from typing import Any

import torch

from robot_agent.doctor.calls import is_weight
from robot_agent.doctor.origin import Origin
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import split

Observer = Any  # of a later module

ANEW = split("uniform_ normal_ trunc_normal_ zero_ fill_ xavier_uniform_ kaiming_uniform_ kaiming_normal_")
"""Calls that give first numbers to a weight."""


def assigned(
    observer: "Observer", name: str, args: Any, ins: list[Any], known: list[Origin | None], site: Site | None
) -> None:
    """See `w.data = ...`, `w.grad = ...` and `w.requires_grad = ...`."""
    if site is None or not ins:
        return
    record, tensor = observer.record, ins[0]
    if name == "requires_grad=":
        requires(observer, tensor, known[0], site, bool(args[1]) if len(args) > 1 else True)
    elif name == "data=":
        number = observer.origins.weight(tensor)
        if record.tick == 0 and record.backward == 0:
            record.written[number] = (name, site)
        value = known[1] if len(known) > 1 else None
        if value is not None and value.gradient_of is not None:
            moved_by_hand(observer, tensor, site)
            record.rebound.pop(value.site, None)
    elif name == "grad=" and (args[1] is None or not bool(args[1].any())):
        observer.zeroed(tensor, site)


def requires(observer: "Observer", tensor: Any, origin: Origin | None, site: Site, wanted: bool) -> None:
    """See requires_grad switched on or off."""
    record = observer.record
    weight = isinstance(tensor, torch.nn.Parameter)
    if not wanted:
        if tensor.is_leaf:
            record.frozen[observer.origins.weight(tensor)] = site
            record.frozen_at = site
        return
    record.frozen.pop(observer.origins.weight(tensor), None) if tensor.is_leaf else None
    if not weight and tensor.numel() == 1:
        record.requires.append(("loss", site))
    if origin is not None:
        if origin.gradient_of is not None or origin.alias is not None:
            record.rebound.pop(origin.rebound or origin.site, None)
        if origin.cut is not None:
            record.requires.append(("answer", site))


def moved_by_hand(observer: "Observer", tensor: Any, site: Site) -> None:
    """Note that a weight was moved by the script itself."""
    observer.record.manual[site] += 1
    observer.current["manual"] = True


def wrote(
    observer: "Observer",
    name: str,
    args: Any,
    ins: list[Any],
    known: list[Origin | None],
    site: Site | None,
    before: str,
    kwargs: Any = None,
) -> None:
    """See numbers written into a tensor."""
    record, tensor, origin = observer.record, ins[0], known[0]
    if site is None:
        return
    if before and len(record.inplace) < 5000:
        record.inplace.append((record.backward, site, name, tuple(tensor.shape), before))
    number = None
    if is_weight(tensor):
        number = observer.origins.weight(tensor)
    elif origin is not None and origin.alias is not None:
        number = origin.alias
    if number is None:
        if origin is not None and origin.gradient_of is not None and name in ("zero_", "fill_"):
            weight = observer.origins.weights().get(origin.gradient_of)
            if weight is not None and not bool(tensor.any()):
                observer.zeroed(weight, site)
        if origin is not None:
            origin.constant = None
        if origin is not None and len(known) > 1 and known[1] is not None and name == "__setitem__":
            if known[1].orders:
                origin.orders = frozenset(list(origin.orders | known[1].orders)[:6])
            if known[1].cut is not None or known[1].net:
                origin.cut, origin.net = origin.cut or known[1].cut, True
        return
    if any(each is not None and each.gradient_of is not None for each in known[1:]):
        moved_by_hand(observer, tensor, site)
        _uphill(observer, name, args, kwargs or {}, number, site)
        for each in known[1:]:
            if each is not None:
                record.rebound.pop(each.site, None)
    elif record.tick == 0 and record.backward == 0 and not observer.local.modules:
        record.written[number] = (name, site)
    elif name in ANEW and record.tick and len(record.rewritten[site]) < 3000:
        record.rewritten[site].append((record.backward, number))


def _uphill(observer: "Observer", name: str, args: Any, kwargs: Any, number: int, site: Site) -> None:
    """See `w += rate * w.grad`, which goes up the loss."""
    weight = observer.origins.weights().get(number)
    change = args[1] if len(args) > 1 else None
    if weight is None or weight.grad is None or not isinstance(change, torch.Tensor):
        return
    if name in ("add_", "sub_") and change.shape == weight.grad.shape:
        way = float((change * weight.grad).sum()) * kwargs.get("alpha", 1)
        observer.record.uphill[site] += (way > 0) is (name == "add_")


def rebinding(
    observer: "Observer", site: Site, ins: list[Any], known: list[Origin | None], answer: Any
) -> None:
    """See `w = w - rate * w.grad`: a new tensor instead of new numbers in the old one."""
    first, second = ins[0], known[1]
    if second is None or second.gradient_of is None or answer is None:
        return
    alias = known[0].alias if known[0] is not None else None
    weight = is_weight(first)
    if weight or alias is not None or (known[0] is not None and known[0].op in ("sub", "__sub__")):
        observer.record.rebound[site] = observer.record.rebound.get(site, 0) + 1
        observer.record.rebound_last = site
        origin = observer.origins.get(answer)
        if origin is not None:
            origin.rebound = site
            origin.alias = alias or (observer.origins.weight(first) if weight else None)
