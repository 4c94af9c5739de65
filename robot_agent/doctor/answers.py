"""Records the result of a call: its origin, whether it is constant, and whether its numbers are finite."""

import math
from typing import Any

import torch

from robot_agent.doctor import cuts, indices, layouts
from robot_agent.doctor.calls import CUTTING, FILLED, FIRST, LARGE, node_of, writes
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.origin import Origin
from robot_agent.doctor.provenance import ACTIVATIONS, CREATE, SAME, VIEWS, derive, index_key

ROW_BY_ROW = ACTIVATIONS | {"linear", "layer_norm", "batch_norm", "dropout"}
"""Calls whose result has the same rows in the same order."""
NORMS = ("layer_norm", "batch_norm", "instance_norm", "group_norm", "rms_norm")


def note(notes: Notes, call: Call, answer: Any) -> None:
    """Record the origin of a call's result, and what its numbers show."""
    record, origins, local = notes.record, notes.origins, notes.local
    name, site, args, kwargs = call.name, call.site, call.args, call.kwargs
    ins, known, grad = call.ins, call.known, call.grad
    if any(answer is each for each in ins) and not writes(name):
        return  # contiguous(), to(): the same tensor
    new = derive(
        name, site, record.tick, args, known, answer, grad and (call.enabled or name in FIRST), kwargs
    )
    layouts.follow(name, site, ins, known, new)
    indices.follow(call, answer, new)
    leaf_data = (
        name in ("data", "detach", "alias", "requires_grad_")
        and ins
        and ins[0].is_leaf
        and ins[0].requires_grad
        and not (name == "requires_grad_" and known[0] is not None and known[0].cut is not None)
    )
    if leaf_data:
        new.alias, new.net, new.cut = origins.weight(ins[0]), False, None
    if name in ("__getitem__", "index_select", "take", "gather") and known and len(args) > 1 and ins:
        index = args[1] if name == "__getitem__" else args[-1]
        key = index_key(index, len(ins[0]) if ins[0].dim() else 0) if name != "gather" else None
        if key is not None:
            base = (known[0].orders if known[0] is not None else frozenset()) or frozenset([()])
            new.orders = frozenset([*((*each, key) for each in base)])
            if site is not None:
                record.order_sites.setdefault(key, site)
            if key[0] == "g":
                index_origin = origins.get(index) if isinstance(index, torch.Tensor) else None
                if index_origin is not None and index_origin.orders:
                    new.orders |= index_origin.orders
    if (
        site is not None
        and (not answer.requires_grad or name == "tensor")
        and answer.dtype.is_floating_point | (name in CUTTING)
        and not leaf_data
    ):
        cuts.look(notes, call, site, answer, new)
    if (
        name in ("argmax", "max")
        and not answer.dtype.is_floating_point
        and (grad or any(o and o.net for o in known))
    ):
        new.argmax = site
    if local.modules:
        new.module = notes.layer_site(local.modules[-1])
        if name in NORMS:
            listed = len(local.modules) > 1 and isinstance(local.modules[-2], torch.nn.Sequential)
            new.normed = new.module if listed else site
        if new.act is not None and new.act.site is site and len(local.modules) > 1 and name in ACTIVATIONS:
            new.act.listed = isinstance(local.modules[-2], torch.nn.Sequential)
        own = new.act is not None and new.act.site is site and new.act.module is None
        if new.act is not None and own and name in ACTIVATIONS and len(local.modules) > 1:
            new.act.module = new.module  # of one that the script calls itself, the call is the place
    if name == "softmax" or name == "log_softmax":
        dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
        if dim is None:
            dim = 0 if answer.dim() in (0, 1, 3) else 1
        if new.act is not None and isinstance(dim, int):
            new.act.dim, new.act.rank = dim % max(answer.dim(), 1), answer.dim()
            new.act.size = answer.shape[new.act.dim] if answer.dim() else 1
    if name in ("view", "reshape", "flatten") and ins and ins[0].dim() > answer.dim():
        new.flat = new.flat or tuple(ins[0].shape)
    elif (
        name in ROW_BY_ROW
        and known
        and known[0] is not None
        and len(known[0].flat) == 3
        and answer.dim() == 2
    ):
        times, samples, _ = known[0].flat
        if len(answer) == times * samples:
            new.flat = (times, samples, answer.shape[1])
    new.call, new.where = local.call_number or new.call, local.call
    if answer.dtype in (torch.int64, torch.int32, torch.uint8, torch.int16):
        new.integer = True
    if name in SAME and ins and _rounds(answer, ins[0]):
        new.integer = True
    if name in FILLED:
        new.constant = site
    if local.test is not None:
        new.test = local.test
    origins.set(answer, new)
    node = node_of(answer)
    if node is not None:
        metadata = node.metadata
        if "doctor" not in metadata or writes(name):
            metadata["doctor"] = new
    if (
        not answer.requires_grad
        and not new.net
        and 1 < answer.numel() <= LARGE
        and (name not in CREATE or name in ("tensor", "as_tensor", "from_numpy"))
        and (name not in SAME or len(ins) != 1 or _rounds(ins[0], answer))
    ):
        _constant(call, answer, new)
    if (
        answer.dtype.is_floating_point
        and answer.numel() <= LARGE
        and "empty" not in name
        and name not in ("zeros", "ones")
        and (name not in VIEWS or not ins)
        and answer.layout == torch.strided
    ):
        _finite(notes, call, answer)


def _rounds(given: Any, answer: Any) -> bool:
    """Return whether the first tensor has numbers behind the decimal point, and the other one has not."""
    return bool(given.dtype.is_floating_point) and not answer.dtype.is_floating_point


def _constant(call: Call, answer: Any, new: Origin) -> None:
    ins, known = call.ins, call.known
    low = answer.min() if not answer.dtype.is_complex else None
    if low is not None and bool(low == answer.max()):
        single = call.name == "stack" and ins and ins[0].numel() == 1 and known[0] is not None
        new.constant = new.constant or (known[0].site if single and known[0] else None) or new.site
    else:
        new.constant = None


def _finite(notes: Notes, call: Call, answer: Any) -> None:
    record, name, site, ins = notes.record, call.name, call.site, call.ins
    if site is None or record.backward in record.not_finite or len(record.not_finite) > 3000:
        return
    if math.isfinite(float(answer.sum())) or bool(torch.isfinite(answer).all()):
        return
    nan = bool(torch.isnan(answer).any())
    for each in ins:
        if not each.dtype.is_floating_point or each.numel() > LARGE:
            continue
        if bool(torch.isnan(each).any()) or (not nan and not bool(torch.isfinite(each).all())):
            return
    if answer.numel() == 1 and not ins:
        return  # an infinity that is meant: torch.tensor(float("inf"))
    if name in ("masked_fill", "masked_fill_", "full", "triu", "tril", "full_like", "where", "fill_"):
        return
    largest = max(
        (
            float(each.abs().masked_fill(torch.isinf(each), 0.0).max())
            for each in ins
            if each.dtype.is_floating_point and each.numel()
        ),
        default=0.0,
    )
    record.not_finite[record.backward] = (
        name,
        site,
        record.backward,
        "overflow" if largest > 1e15 else "data" if not ins else "",
    )
