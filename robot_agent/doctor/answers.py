"""Records the result of a call: its origin, whether it is constant, and whether its numbers are finite."""

import math
from typing import Any

import torch

from robot_agent.doctor import cuts, indices, layouts
from robot_agent.doctor.calls import CUTTING, FILLED, FIRST, LARGE, node_of, writes
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.origin import Act, Origin
from robot_agent.doctor.provenance import ACTIVATIONS, CREATE, SAME, VIEWS, derive, index_key

ROW_BY_ROW = ACTIVATIONS | {"linear", "layer_norm", "batch_norm", "dropout"}
"""Calls whose result has the same rows in the same order."""
NORMS = ("layer_norm", "batch_norm", "instance_norm", "group_norm", "rms_norm")
SOFTMAXES = ("softmax", "log_softmax")
SELECTING = ("__getitem__", "index_select", "take")
"""Calls whose result has some rows of their first argument, perhaps in another order."""
OF_A_WEIGHT = ("data", "detach", "alias", "requires_grad_")
"""Calls whose result shares its memory with their first argument, which may be a weight."""
FLATTENING = ("view", "reshape", "flatten")
FROM_DATA = ("tensor", "as_tensor", "from_numpy")
MASKING = ("masked_fill", "masked_fill_", "full", "triu", "tril", "full_like", "where", "fill_")
"""Calls that scripts use to write infinities on purpose."""
WHOLE = (torch.int64, torch.int32, torch.uint8, torch.int16)


def note(notes: Notes, call: Call, answer: Any) -> None:
    """Record the origin of a call's result, and what its numbers show."""
    name, site, ins, known = call.name, call.site, call.ins, call.known
    if any(answer is each for each in ins) and not writes(name):
        return  # contiguous(), to(): the same tensor
    grad = call.grad and (call.enabled or name in FIRST)
    new = derive(name, site, notes.record.tick, call.args, known, answer, grad, call.kwargs)
    layouts.follow(name, site, ins, known, new)
    indices.follow(call, answer, new)
    weight = name in OF_A_WEIGHT and _is_of_weight(call)
    if weight:
        new.alias, new.net, new.cut = notes.origins.weight(ins[0]), False, None
    if name in SELECTING:
        _selected(notes, call, new)
    if (
        site is not None
        and (not answer.requires_grad or name == "tensor")
        and answer.dtype.is_floating_point | (name in CUTTING)
        and not weight
    ):
        cuts.look(notes, call, site, answer, new)
    if (
        name in ("argmax", "max")
        and not answer.dtype.is_floating_point
        and (call.grad or any(o and o.net for o in known))
    ):
        new.argmax = site
    if notes.local.modules:
        _of_layer(notes, call, new)
    if name in SOFTMAXES and new.act is not None:
        _softmax(call, answer, new.act)
    if name in FLATTENING and ins and ins[0].dim() > answer.dim():
        new.flat = new.flat or tuple(ins[0].shape)
    elif name in ROW_BY_ROW and known and known[0] is not None and len(known[0].flat) == 3:
        times, samples, _ = known[0].flat
        if answer.dim() == 2 and len(answer) == times * samples:
            new.flat = (times, samples, answer.shape[1])
    if answer.dtype in WHOLE or (name in SAME and ins and _rounds(answer, ins[0])):
        new.integer = True
    if name in FILLED:
        new.constant = site
    _keep(notes, name, answer, new)
    _constant(call, answer, new)
    _finite(notes, call, answer)


def _is_of_weight(call: Call) -> bool:
    """Return whether a call's result is a weight itself, without its graph: weight.data."""
    if not call.ins or not call.ins[0].is_leaf or not call.ins[0].requires_grad:
        return False
    first = call.known[0]
    return call.name != "requires_grad_" or first is None or first.cut is None


def _selected(notes: Notes, call: Call, new: Origin) -> None:
    """Record in which order the rows of a tensor are after some were selected."""
    name, args, ins, known = call.name, call.args, call.ins, call.known
    if not known or len(args) < 2 or not ins:
        return
    index = args[1] if name == "__getitem__" else args[-1]
    key = index_key(index, len(ins[0]) if ins[0].dim() else 0)
    if key is None:
        return
    base = (known[0].orders if known[0] is not None else frozenset()) or frozenset([()])
    new.orders = frozenset([*((*each, key) for each in base)])
    if call.site is not None:
        notes.record.order_sites.setdefault(key, call.site)
    if key[0] == "g":
        of_index = notes.origins.get(index) if isinstance(index, torch.Tensor) else None
        if of_index is not None and of_index.orders:
            new.orders |= of_index.orders


def _of_layer(notes: Notes, call: Call, new: Origin) -> None:
    """Record the layer that made a result: of its activation and its normalisation too."""
    modules, name, act = notes.local.modules, call.name, new.act
    new.module = notes.layer_site(modules[-1])
    inside = len(modules) > 1
    if name in NORMS:
        listed = inside and isinstance(modules[-2], torch.nn.Sequential)
        new.normed = new.module if listed else call.site
    if inside and act is not None and act.site is call.site and name in ACTIVATIONS:
        act.listed = isinstance(modules[-2], torch.nn.Sequential)
        if act.module is None:
            act.module = new.module  # of one that the script calls itself, the call is the place


def _softmax(call: Call, answer: Any, act: Act) -> None:
    """Record over which dimension a softmax runs; without one, PyTorch's own choice."""
    dim = call.kwargs.get("dim", call.args[1] if len(call.args) > 1 else None)
    if dim is None:
        dim = 0 if answer.dim() in (0, 1, 3) else 1
    if isinstance(dim, int):
        act.dim, act.rank = dim % max(answer.dim(), 1), answer.dim()
        act.size = answer.shape[act.dim] if answer.dim() else 1


def _keep(notes: Notes, name: str, answer: Any, new: Origin) -> None:
    """Keep the origin of a result, with the network's call that it was made in, and at its graph's node."""
    local = notes.local
    new.call, new.where = local.call_number or new.call, local.call
    if local.test is not None:
        new.test = local.test
    notes.origins.set(answer, new)
    node = node_of(answer)
    if node is not None:
        metadata = node.metadata
        if "doctor" not in metadata or writes(name):
            metadata["doctor"] = new


def _rounds(given: Any, answer: Any) -> bool:
    """Return whether the first tensor has numbers behind the decimal point, and the other one has not."""
    return bool(given.dtype.is_floating_point) and not answer.dtype.is_floating_point


def _constant(call: Call, answer: Any, new: Origin) -> None:
    """Record whether all numbers of a result are the same, if it is data that something was done to."""
    name, ins, known = call.name, call.ins, call.known
    if (
        answer.requires_grad
        or new.net
        or not 1 < answer.numel() <= LARGE
        or (name in CREATE and name not in FROM_DATA)
        or (name in SAME and len(ins) == 1 and not _rounds(ins[0], answer))
    ):
        return
    low = answer.min() if not answer.dtype.is_complex else None
    if low is not None and bool(low == answer.max()):
        single = name == "stack" and ins and ins[0].numel() == 1 and known[0] is not None
        new.constant = new.constant or (known[0].site if single and known[0] else None) or new.site
    else:
        new.constant = None


def _finite(notes: Notes, call: Call, answer: Any) -> None:
    """Record a result with numbers that are not finite, if it is the first one: its arguments have none."""
    record, name, site, ins = notes.record, call.name, call.site, call.ins
    if (
        not answer.dtype.is_floating_point
        or answer.numel() > LARGE
        or "empty" in name
        or name in ("zeros", "ones")
        or (name in VIEWS and ins)
        or answer.layout != torch.strided
    ):
        return
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
    if name in MASKING:
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
