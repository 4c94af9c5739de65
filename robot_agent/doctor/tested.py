"""Records which networks the script calls, and along which dimension it takes their largest outputs."""

import weakref
from typing import Any

from robot_agent.doctor.calls import LARGE
from robot_agent.doctor.entries import Called
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.origin import Origin
from robot_agent.doctor.provenance import same_number
from robot_agent.doctor.site import Site


def number_of(network: Any) -> float:
    """Return a number of a network's first and last weights, to notice changes."""
    weights = list(network.parameters())
    return same_number(weights[0].detach()) + same_number(weights[-1].detach())


def called(notes: Notes, module: Any, site: Site, enabled: bool) -> None:
    """Record that the script called a network, with a number of its weights at that time."""
    record = notes.record
    weights = list(module.parameters())
    if id(module) not in notes.origins.kept:
        notes.origins.keep(module, sum(each.numel() for each in weights))
    if not weights or len(record.networks) > 300:
        return
    now = number_of(module)
    entry = record.networks.get(id(module))
    if entry is None or entry.ref() is not module:
        entry = record.networks[id(module)] = Called(weakref.ref(module), now, record.backward)
    entry.last, entry.until = now, record.backward
    if len(entry.tests) > 400:
        del entry.tests[50:200]
    entry.tests.append((record.backward, enabled, site))


def across(notes: Notes, call: Call, site: Site) -> None:
    """Record a maximum of a network's outputs that is taken along the samples of a batch."""
    args, kwargs, given, origin = call.args, call.kwargs, call.ins[0], call.known[0]
    dim = kwargs.get("dim", kwargs.get("axis", args[1] if len(args) > 1 else None))
    if dim in (1, -1) and given.dim() == 2 and given.shape[1] == 1 and origin is not None and origin.out:
        notes.record.across[site] = call.name, (len(given), 1)
    if dim not in (0, -2) or isinstance(dim, bool) or given.dim() != 2 or origin is None or not origin.out:
        return
    rows, width = given.shape
    if rows > 1 and width > 1 and rows != width and rows == notes.current.get("rows"):
        notes.record.across[site] = call.name, (rows, width)


def misread(notes: Notes, site: Site, ins: list[Any], known: list[Origin | None]) -> None:
    """Record labels that are compared with outputs as they are, their largest value, or rounded logits."""
    for answer, labels, origin, other in zip(ins, reversed(ins), known, reversed(known), strict=True):
        if origin is None or not origin.net or not answer.dtype.is_floating_point or (other and other.net):
            continue
        wanted = labels.detach()
        if labels is answer or wanted.shape != answer.shape or not 4 <= wanted.numel() <= LARGE:
            continue
        whole = not wanted.dtype.is_floating_point or bool((wanted == wanted.round()).all())
        right = float((answer == wanted).float().mean())
        if not whole or bool((wanted == wanted.flatten()[0]).all()):
            continue
        if origin.op == "round":
            beyond = float(((answer < 0) | (answer > 1)).float().mean())
            if beyond > 0.2 and bool(((wanted == 0) | (wanted == 1)).all()):
                notes.record.misread[origin.site or site] = "rounded", right
        elif right < 0.1 and origin.op in ("max", "amax", "topk"):
            notes.record.misread[origin.site or site] = "largest", right
        elif right < 0.1 and origin.out:
            notes.record.misread[site] = "raw", right
