"""Records what the script itself writes: weights, gradients, requires_grad, and tensors in place."""

from typing import Any

import torch

from robot_agent.doctor.calls import is_weight
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.origin import Origin
from robot_agent.doctor.record import Record
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import split

ANEW = split("uniform_ normal_ trunc_normal_ zero_ fill_ xavier_uniform_ kaiming_uniform_ kaiming_normal_")
"""Calls that write initial numbers into a weight."""


def assigned(notes: Notes, call: Call) -> None:
    """Record `w.data = ...`, `w.grad = ...` and `w.requires_grad = ...`."""
    name, site, args, ins, known = call.name, call.site, call.args, call.ins, call.known
    if site is None or not ins:
        return
    record, tensor = notes.record, ins[0]
    if name == "requires_grad=":
        requires(notes, tensor, known[0], site, bool(args[1]) if len(args) > 1 else True)
    elif name == "data=":
        number = notes.origins.weight(tensor)
        if record.tick == 0 and record.backward == 0:
            record.written[number] = (name, site)
        value = known[1] if len(known) > 1 else None
        if value is not None and value.gradient_of is not None:
            moved_by_hand(notes, site)
            _not_rebound(record, value.site)
    elif name == "grad=" and (args[1] is None or not bool(args[1].any())):
        notes.zeroed(tensor, site)


def requires(notes: Notes, tensor: Any, origin: Origin | None, site: Site, wanted: bool) -> None:
    """Record that requires_grad was switched on or off."""
    record = notes.record
    weight = isinstance(tensor, torch.nn.Parameter)
    if not wanted:
        if tensor.is_leaf:
            record.frozen[notes.origins.weight(tensor)] = site
            record.frozen_at = site
        return
    if tensor.is_leaf and record.frozen.pop(notes.origins.weight(tensor), None) is not None:
        record.thawed[notes.origins.weight(tensor)] = site
    if not weight and tensor.numel() == 1:
        record.requires.append(("loss", site))
    if origin is not None:
        if origin.gradient_of is not None or origin.alias is not None:
            _not_rebound(record, origin.rebound or origin.site)
        if origin.cut is not None:
            record.requires.append(("answer", site))


def _not_rebound(record: Record, site: Site | None) -> None:
    """Note that a difference made at this place was written into a weight after all."""
    if site is not None:
        record.rebound.pop(site, None)


def moved_by_hand(notes: Notes, site: Site) -> None:
    """Record that the script itself has changed a weight, without an optimizer."""
    notes.record.manual[site] += 1
    notes.current["manual"] = True


def wrote(notes: Notes, call: Call, before: str) -> None:
    """Record that a tensor was written into; `before` is the name of the graph node that had made it."""
    name, site, known = call.name, call.site, call.known
    record, tensor, origin = notes.record, call.ins[0], known[0]
    if site is None:
        return
    if before and len(record.inplace) < 5000:
        record.inplace.append((record.backward, site, name, tuple(tensor.shape), before))
    number = None
    if is_weight(tensor):
        number = notes.origins.weight(tensor)
    elif origin is not None and origin.alias is not None:
        number = origin.alias
    if number is None:
        if origin is not None and origin.gradient_of is not None and name in ("zero_", "fill_"):
            weight = notes.origins.weights().get(origin.gradient_of)
            if weight is not None and not bool(tensor.any()):
                notes.zeroed(weight, site)
        if origin is not None:
            origin.constant = None
        if origin is not None and len(known) > 1 and known[1] is not None and name == "__setitem__":
            if known[1].orders:
                origin.orders = frozenset(list(origin.orders | known[1].orders)[:6])
            if known[1].cut is not None or known[1].net:
                origin.cut, origin.net = origin.cut or known[1].cut, True
        return
    if any(each is not None and each.gradient_of is not None for each in known[1:]):
        moved_by_hand(notes, site)
        _uphill(notes, call, number, site)
        for each in known[1:]:
            if each is not None:
                _not_rebound(record, each.site)
    elif record.tick == 0 and record.backward == 0 and not notes.local.modules:
        record.written[number] = (name, site)
    elif name in ANEW and record.tick and len(record.rewritten[site]) < 3000:
        record.rewritten[site].append((record.backward, number))


def _uphill(notes: Notes, call: Call, number: int, site: Site) -> None:
    """Record `w += rate * w.grad`, which goes up the loss."""
    name, args, kwargs = call.name, call.args, call.kwargs
    weight = notes.origins.weights().get(number)
    change = args[1] if len(args) > 1 else None
    if weight is None or weight.grad is None or not isinstance(change, torch.Tensor):
        return
    if name in ("add_", "sub_") and change.shape == weight.grad.shape:
        way = float((change * weight.grad).sum()) * kwargs.get("alpha", 1)
        notes.record.uphill[site] += (way > 0) is (name == "add_")


def rebinding(notes: Notes, call: Call, site: Site) -> None:
    """Record `w = w - rate * w.grad`, which makes a new tensor instead of changing the weight."""
    known, answer = call.known, call.out
    first, second = call.ins[0], known[1]
    if second is None or second.gradient_of is None or not isinstance(answer, torch.Tensor):
        return
    alias = known[0].alias if known[0] is not None else None
    weight = is_weight(first)
    if weight or alias is not None or (known[0] is not None and known[0].op in ("sub", "__sub__")):
        notes.record.rebound[site] = notes.record.rebound.get(site, 0) + 1
        notes.record.rebound_last = site
        origin = notes.origins.get(answer)
        if origin is not None:
            origin.rebound = site
            origin.alias = alias or (notes.origins.weight(first) if weight else None)
