"""Records the inputs of a network's first layer, and the outputs of its activations."""

from typing import Any

import torch

from robot_agent.doctor.calls import LARGE, RECURRENT, is_weight
from robot_agent.doctor.entries import Input, Units
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.provenance import same_number
from robot_agent.doctor.site import Site

MOST = 100_000
"""Largest number of elements of an input that is kept."""


def first(notes: Notes, call: Call, site: Site) -> None:
    """Record the input of a network's first layer."""
    record, local = notes.record, notes.local
    name, ins, known, enabled = call.name, call.ins, call.known, call.enabled
    data = next(
        (
            (t, o)
            for t, o in zip(ins, known, strict=True)
            if not t.requires_grad and t.dtype.is_floating_point and t.dim() and not (o is not None and o.net)
        ),
        None,
    )
    for index, each in enumerate(ins):
        if is_weight(each) and (index or "matmul" in name or name in ("mm", "mv")):
            number = notes.meet(each)
            if number not in record.order:
                record.order.append(number)
            record.first_sites[number] = site
    if name in RECURRENT:
        record.recurrent = record.recurrent or local.call or site
    if data is None or data[0].numel() > LARGE:
        return
    tensor, origin = data
    if local.call_number and enabled and tensor.numel() <= MOST:
        _keep(notes, tensor)
    rms = float(tensor.pow(2).mean().sqrt())
    storage = tensor.untyped_storage()
    whole = storage.nbytes() // max(tensor.element_size(), 1)
    part = (storage.data_ptr(), tensor.storage_offset(), whole) if whole > tensor.numel() else None
    kept = record.inputs if enabled else record.inputs_tested
    if len(kept) > 4000:
        del kept[100:2000]
    kept.append(
        Input(
            local.call or site,
            record.backward,
            rms,
            _spread(tensor),
            len(tensor),
            same_number(tensor),
            part,
            tensor.numel(),
            origin.orders if origin is not None else frozenset(),
            origin.born if origin is not None else None,
            enabled,
            name in RECURRENT,
            tensor.dim() == 3,
            made=(origin.constant or origin.data) if origin is not None else None,
            integer=origin is not None and origin.integer,
            ready=origin.site if origin is not None else None,
            network=id(local.modules[0]) if local.modules else 0,
            alike=tensor.dim() > 1 and len(tensor) > 1 and bool((tensor == tensor[0]).all()),
        )
    )


def _keep(notes: Notes, tensor: Any) -> None:
    """Keep the inputs of the last calls of networks: the first one, and up to three of each call."""
    number = notes.local.call_number
    kept_inputs = notes.current.setdefault("inputs", {})
    kept_inputs.setdefault(number, tensor.detach())
    pair = notes.current.setdefault("both", {}).setdefault(number, [])
    if len(pair) < 3 and all(each is not tensor for each in pair):
        pair.append(tensor.detach())
    while len(notes.current["both"]) > 4:
        del notes.current["both"][next(iter(notes.current["both"]))]
    while len(kept_inputs) > 4:
        del kept_inputs[next(iter(kept_inputs))]


def _spread(tensor: Any) -> float:
    """Return the largest over the smallest standard deviation of a feature; 1 if there are no features."""
    flat = tensor.reshape(-1, tensor.shape[-1]) if tensor.dim() > 1 else tensor.reshape(-1, 1)
    spread = 1.0
    if len(flat) > 1 and tensor.dim() == 2:
        deviations = flat.std(0)
        varied = deviations[deviations > 0]
        spread = float(varied.max() / varied.min()) if len(varied) else 1.0
    return spread


def units_of(notes: Notes, name: str, site: Site, answer: Any) -> None:
    """Record the share of an activation's units that are dead, or at an end of their range."""
    record, local = notes.record, notes.local
    if answer.numel() > LARGE or answer.dim() < 1:
        return
    local.units += 1
    key = (site, local.units if local.call is not None else 0)
    units = record.units.get(key)
    if units is None:
        built = notes.layer_site(local.modules[-1]) if local.modules else None
        units = record.units[key] = Units(name, site, built, len(record.units))
        units.listed = len(local.modules) > 1 and isinstance(local.modules[-2], torch.nn.Sequential)
    axis: tuple[int, ...] = (
        (0, *range(2, answer.dim())) if answer.dim() >= 4 else tuple(range(answer.dim() - 1))
    )
    units.width = answer.numel()
    if name == "relu":
        zeros = answer == 0
        silent = zeros.all(axis[0]) if len(axis) == 1 else answer.amax(axis) == 0 if axis else zeros
        share = int(silent.count_nonzero()) / silent.numel()
        alone = silent.numel() == zeros.numel()  # of one sample alone: a 0 may be another for the next one
        units.dead.append(float(share == 1) if alone else share)
        units.ends.append(int(zeros.count_nonzero()) / zeros.numel())
    else:
        out = (answer.abs() > 0.98) if name == "tanh" else (answer < 0.01) | (answer > 0.99)
        units.ends.append(float(out.float().mean()))
    units.at.append(record.backward)
    if len(units.ends) > 2000:
        del units.ends[10:1000], units.dead[10:1000], units.at[10:1000]
