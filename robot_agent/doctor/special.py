"""Passes calls on to the modules that record them: layers, activations, losses, roots and divisions.

Each line of `LISTENERS` names calls, a condition, and who records them; they are asked in this order.
"""

from collections.abc import Callable
from typing import Any

import torch

from robot_agent.doctor import actions, layers, layouts, losses, masks, sequences, signs, written
from robot_agent.doctor import tested as asked
from robot_agent.doctor.calls import COMPARE, FIRST, LARGE, RECURRENT, has_choice, is_weight, node_of
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import split

SUBTRACT = split("sub __sub__")
SUBTRACT_FROM = split("rsub __rsub__")
ADD = split("add __add__")
MULTIPLY = split("mul __mul__ __rmul__")
DIVIDE = split("div __truediv__")
ACTIVATIONS = split("relu relu_ sigmoid tanh sigmoid_ tanh_")
ATTENTION = split("softmax scaled_dot_product_attention multi_head_attention_forward")
SINGULAR = DIVIDE | split("sqrt norm log rsqrt pow acos asin linalg_norm vector_norm std cdist")
"""Calls whose derivative may be infinite."""
NORMS = split("norm linalg_norm vector_norm std cdist")
AGAIN = {
    "softmax": dict.fromkeys(("cross_entropy", "softmax", "log_softmax"), "softmax-twice"),
    "sigmoid": {
        "cross_entropy": "softmax-twice",
        **dict.fromkeys(("binary_cross_entropy_with_logits", "sigmoid", "logsigmoid"), "sigmoid-twice"),
    },
}
AGAIN["softmin"] = AGAIN["softmax"]
"""What a call is to be named when its input has been through this activation already."""


def look(notes: Notes, call: Call, site: Site) -> None:
    """Record what is of interest in a call, by its name."""
    if not call.ins:
        return
    _compares(call)
    layouts.look(notes, call, site)
    _twice(notes, call, site)
    for when, listen in BY_NAME.get(call.name, ()):
        if when(call):
            listen(notes, call, site)


def _compares(call: Call) -> None:
    """Record whether the answer of a network is compared, or is learned from."""
    name, ins = call.name, call.ins
    tested = next((each.test for each in call.known if each is not None and each.test is not None), None)
    if tested is None:
        return
    difference = name in SUBTRACT | {"__rsub__"} and len(ins) > 1
    tested.compared |= name in COMPARE or name in losses.LOSSES or difference
    reaches = any(each.requires_grad and not is_weight(each) for each in ins)
    tested.learned_from |= reaches and call.grad and call.enabled and not tested.grad


def _twice(notes: Notes, call: Call, site: Site) -> None:
    """Record a softmax or sigmoid of what has been through one already."""
    origin, single = call.known[0], call.single
    act = origin.act if origin is not None else None
    if act is None or single is None or not single.requires_grad:
        return
    twice = AGAIN.get(act.name, {}).get(call.name)
    if twice and has_choice(call.ins[0]):
        count = notes.record.twice.get((twice, site), (0, act))[0]
        notes.record.twice[(twice, site)] = (count + 1, act)


def _always(call: Call) -> bool:
    return True


def _grad(call: Call) -> bool:
    return call.grad


def _learned(call: Call) -> bool:
    return call.grad and call.enabled


def _answered(call: Call) -> bool:
    return call.grad and call.enabled and isinstance(call.out, torch.Tensor)


def _pair(call: Call) -> bool:
    return call.grad and call.enabled and len(call.ins) == 2


def _number(call: Call) -> bool:
    return _answered(call) and bool(call.out.numel() == 1)


def _penalty(notes: Notes, call: Call, site: Site) -> None:
    if is_weight(call.ins[0]):
        notes.record.penalties[site] += 1


def _compared(notes: Notes, call: Call, site: Site) -> None:
    if len(call.ins) != 2:
        return
    if not call.grad:
        signs.comparison(notes, site, call.ins, call.known)
    asked.misread(notes, site, call.ins, call.known)


def _cell(notes: Notes, call: Call, site: Site) -> None:
    if notes.local.call_number:
        sequences.cell(notes, call, site)


def _distance(notes: Notes, call: Call, site: Site) -> None:
    sequences.pairs(notes, site, call.known, call.out)


def _placeless(notes: Notes, call: Call, site: Site) -> None:
    sequences.placeless(notes, call)


def _activation(notes: Notes, call: Call, site: Site) -> None:
    single = call.single
    if single is not None and single.requires_grad:
        layers.units_of(notes, call.name.rstrip("_"), site, single)


def _difference(notes: Notes, call: Call, site: Site) -> None:
    if not notes.local.in_log_prob:
        losses.look_at_difference(notes, call, site)


def _pick(notes: Notes, call: Call, site: Site) -> None:
    origin = call.known[0]
    if origin is not None and origin.log_prob:
        losses.look_at_pick(notes, call, site)


def _shapes(notes: Notes, call: Call, site: Site) -> None:
    if len(call.ins) != 2 or call.single is None:
        return
    losses.look_at_shapes(notes, call, site)
    if call.name in ADD and call.enabled:
        losses.look_at_sum(notes, call, site)


def _divided(notes: Notes, call: Call, site: Site) -> None:
    notes.record.divided[site] += 1


def _summed(notes: Notes, call: Call, site: Site) -> None:
    signs.summed(notes, call.ins, call.known, -1 if "sub" in call.name else 1)


def _terms(notes: Notes, call: Call, site: Site) -> None:
    signs.terms(notes, call.name, call.ins, call.known)


def _overlap(notes: Notes, call: Call, site: Site) -> None:
    if len(call.ins) == 2:
        signs.overlap(notes, call, site)


def _triplet(notes: Notes, call: Call, site: Site) -> None:
    masks.of_triplet(notes, site, call.known)


def _relu_scores(notes: Notes, call: Call, site: Site) -> None:
    """Record how many of the scores that become probabilities a ReLU has set to 0."""
    origin, scores = call.known[0], call.ins[0]
    act = origin.act if origin is not None else None
    if act is not None and act.name == "relu" and scores.dim() < 3:
        kept = notes.record.relu_scores.setdefault(site, ([], act))[0]
        kept.append(float((scores == 0).float().mean()))


def _softmax_of_scores(notes: Notes, call: Call, site: Site) -> None:
    """Record an attention's softmax that runs along the batch."""
    origin, single = call.known[0], call.out
    made = notes.origins.get(single)
    act = made.act if made is not None else None
    square = single.dim() >= 3 and single.shape[-1] == single.shape[-2] > 1 and len(single) > 1
    if square and act is not None and act.dim == 0 and origin is not None and origin.op in sequences.SCORES:
        count = notes.record.softmax_dim.get(site, (0,))[0]
        notes.record.softmax_dim[site] = (count + 1, tuple(single.shape), None)


def _picked(notes: Notes, call: Call, site: Site) -> None:
    if call.known[0] is not None:
        actions.picked(notes, site, call.args, call.known[0])


def _rounded(notes: Notes, call: Call, site: Site) -> None:
    notes.record.round_site = notes.record.round_site or site


def _rebinding(notes: Notes, call: Call, site: Site) -> None:
    if len(call.ins) >= 2:
        written.rebinding(notes, call, site)


def _risk(notes: Notes, call: Call, site: Site) -> None:
    """Record a root, logarithm or division at a place where its derivative is infinite."""
    name, ins, answer = call.name, call.ins, call.out
    if not isinstance(answer, torch.Tensor) or answer.numel() > LARGE or not answer.requires_grad:
        return
    bad = answer if name in NORMS else ins[-1] if name in DIVIDE else ins[0]
    if not bad.dtype.is_floating_point or not bad.numel():
        return
    if name == "pow" and not _is_root(call):
        return
    if not bool((bad.abs() >= 1).any() if name in ("acos", "asin") else (bad == 0).any()):
        return
    record = notes.record
    key, when = (name, site), record.backward
    record.risky[key] = when

    def passed(given: Any, taken: Any) -> None:
        try:
            with notes.silent():
                whole = all(bool(torch.isfinite(each).all()) for each in taken if each is not None)
                if whole and not all(bool(torch.isfinite(each).all()) for each in given if each is not None):
                    record.first_risky.setdefault(when, key)
        except Exception as error:
            notes.trouble(error)

    node = node_of(answer)
    if node is not None:
        node.register_hook(passed)


def _is_root(call: Call) -> bool:
    """Return whether a power has an exponent below 1: only then its derivative at 0 is infinite."""
    base, power = (*call.args[:2], None)[:2]
    power = call.kwargs.get("exponent", power)
    if not isinstance(base, torch.Tensor) or power is None:
        return False
    return bool((power < 1).any() if isinstance(power, torch.Tensor) else power < 1)


Listen = Callable[[Notes, Call, Site], None]
When = Callable[[Call], bool]
LISTENERS: tuple[tuple[frozenset[str], When, Listen], ...] = (
    (signs.PENALTIES, _learned, _penalty),
    (COMPARE, _always, _compared),
    (signs.ALIKE, _answered, signs.likeness),
    (split("argmax max amax"), _always, asked.across),
    (RECURRENT, _grad, _cell),
    (sequences.DISTANCES | {"sum"}, _answered, _distance),
    (ATTENTION, _learned, sequences.foreseen),
    (ATTENTION, _learned, _placeless),
    (ATTENTION, _learned, sequences.hides_later),
    (split("masked_fill masked_fill_"), _always, sequences.turned_scores),
    (FIRST, _grad, layers.first),
    (ACTIVATIONS, _always, _activation),
    (losses.LOSSES, _always, losses.look),
    (SUBTRACT | SUBTRACT_FROM, _pair, _difference),
    (split("__getitem__ gather"), _learned, _pick),
    (MULTIPLY | ADD, _always, _shapes),
    (DIVIDE, _number, _divided),
    (SUBTRACT | ADD, _pair, _summed),
    (signs.SUMS, _number, _terms),
    (MULTIPLY | DIVIDE | split("dot matmul __matmul__ mv"), _learned, actions.weighted),
    (MULTIPLY | DIVIDE | split("dot matmul __matmul__ mv"), _learned, actions.averaged),
    (MULTIPLY | split("dot matmul __matmul__"), _answered, signs.weighted),
    (MULTIPLY, _answered, _overlap),
    (MULTIPLY | split("__getitem__ masked_select"), _learned, masks.of_loss),
    (split("triplet_margin_loss"), _learned, _triplet),
    (split("masked_fill masked_fill_ where softmax"), _learned, masks.of_scores),
    (split("softmax log_softmax"), _answered, _relu_scores),
    (split("softmax"), _answered, _softmax_of_scores),
    (signs.HINGES, _learned, signs.hinge),
    (split("__getitem__"), _learned, _picked),
    (split("round floor ceil sign trunc"), _learned, _rounded),
    (SINGULAR, _learned, _risk),
    (SUBTRACT, _always, _rebinding),
)
BY_NAME: dict[str, list[tuple[When, Listen]]] = {}
for _names, _when, _listen in LISTENERS:
    for _name in _names:
        BY_NAME.setdefault(_name, []).append((_when, _listen))
