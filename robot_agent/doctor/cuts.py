"""Records where a tensor leaves PyTorch or loses its graph, and which weights it depends on there."""

from collections import deque
from typing import Any

from robot_agent.doctor.calls import FIRST, is_weight, node_of
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.origin import Cut, Origin
from robot_agent.doctor.provenance import CREATE
from robot_agent.doctor.site import Site, here
from robot_agent.doctor.words import split

ORDER = split("gt lt ge le __gt__ __lt__ __ge__ __le__")
"""Comparisons: a threshold that is to be learned gets no gradient from them."""


def leaves(notes: Notes, name: str, ins: list[Any], known: list[Origin | None], grad: bool) -> None:
    """Record a number that leaves PyTorch: item(), numpy(), float()."""
    if not ins:
        return
    tensor, origin = ins[0], known[0]
    if origin is not None and origin.test is not None:
        origin.test.reduced = True
    if origin is not None and origin.index is not None and not tensor.dtype.is_floating_point:
        origin.index.used = True
    if name == "__bool__" or not (grad or (origin is not None and (origin.cut is not None or origin.net))):
        return
    site = here()
    if site is None or is_weight(tensor):
        return
    cut = origin.cut if origin is not None else None
    leave = Cut(name, site, notes.record.tick, notes.record.backward, numbers=tensor.numel())
    leave.out = origin.out if origin is not None else False
    if cut is not None:
        leave.leaves = cut.leaves
        leave.block = cut.site
    elif node_of(tensor) is not None and len(notes.record.exits) < 50:
        leave.leaves = weights_behind(notes, tensor)
    if len(notes.record.exits) > 400:
        notes.record.exits[:200] = [each for each in notes.record.exits[:200] if each.leaves][:50]
    notes.record.exits.append(leave)


def weights_behind(notes: Notes, tensor: Any) -> set[int]:
    """Return the numbers of the weights on which a tensor depends, by its graph."""
    return weights_of(notes, node_of(tensor))


def weights_of(notes: Notes, node: Any) -> set[int]:
    """Return the numbers of the weights that a node of a graph depends on; in a large graph, the nearest."""
    seen: set[Any] = set()
    found, todo = set(), deque([node])
    while todo and len(seen) < 3000:
        node = todo.popleft()
        if node is None or node in seen:
            continue
        seen.add(node)
        variable = getattr(node, "variable", None)
        if variable is not None:
            found.add(notes.origins.weight(variable))
        todo.extend(each for each, _ in node.next_functions)
    return found


def look(notes: Notes, call: Call, site: Site, answer: Any, new: Origin) -> None:
    """Record a place where a result has lost its graph."""
    name, ins, known = call.name, call.ins, call.known
    if not call.grad or (answer.requires_grad and name not in ("tensor", "as_tensor")):
        return
    if name in CREATE and name not in ("tensor", "as_tensor", "bernoulli", "multinomial"):
        return
    if all(is_weight(each) for each in ins if each.requires_grad) and name not in FIRST | ORDER:
        return  # a weight's own numbers, read
    why = name if call.enabled or name in ("detach", "data", "argmax") else "no_grad"
    key = (site, why)
    cut = notes.record.cuts.get(key)
    if cut is None:
        cut = notes.record.cuts[key] = Cut(why, site, notes.record.tick, notes.record.backward)
        cut.first = notes.record.backward
        if why == "no_grad":
            cut.block = notes.local.block[-1] if notes.local.block else None
    if cut.count < 4:
        for each in ins:
            if is_weight(each):
                cut.leaves.add(notes.origins.weight(each))
            elif node_of(each) is not None:
                cut.leaves |= weights_behind(notes, each)
    cut.count += 1
    cut.numbers, cut.tick, cut.backward = answer.numel(), notes.record.tick, notes.record.backward
    cut.out = bool(known and known[0] is not None and known[0].out)
    new.cut = new.cut or cut
