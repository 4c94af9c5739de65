"""Follows the index of a network's largest answer: it is no value, and must not be added up like one."""

from dataclasses import dataclass
from typing import Any

from robot_agent.doctor.notes import Call
from robot_agent.doctor.origin import Origin
from robot_agent.doctor.provenance import VIEWS
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import split

LARGEST = split("argmax argmin max min topk sort argsort")
"""Calls that return indices, alone or behind the values."""
TIMES = split("mul __mul__ __rmul__ mul_ __imul__")
PLUS = split("add __add__ __radd__ add_ __iadd__ sub __sub__ __rsub__ rsub __isub__ sub_")
PASSING = TIMES | PLUS | split("where masked_fill masked_fill_ neg __neg__")
"""Arithmetic whose result still has the indices in it."""
USES = split(
    "gather __getitem__ index_select take take_along_dim one_hot embedding eq __eq__ ne __ne__ scatter"
)
"""Uses of an index as what it is."""


@dataclass(eq=False, slots=True)
class Index:
    """Indices of a network's largest answers."""

    site: Site
    used: bool = False
    """Whether they were used as what they are: to select, to compare, as the numbers of actions."""


def follow(call: Call, answer: Any, new: Origin) -> None:
    """Note that a result is, or was computed from, the index of a network's largest answer."""
    name, known = call.name, call.known
    first = known[0] if known else None
    if name in LARGEST and first is not None and first.net and call.site is not None:
        if not answer.dtype.is_floating_point and call.ins[0].dim():
            new.index = Index(call.site)
        return
    given = [each for each in known if each is not None and each.index is not None]
    if not given:
        return
    origin = given[0]
    if name in VIEWS and origin is first:
        new.index, new.discounted, new.raised = first.index, first.discounted, first.raised
    elif name in PASSING and not any(each.requires_grad for each in call.ins):
        others = [
            each
            for each, other in zip(call.ins, known, strict=True)
            if other is not origin and not (other is not None and other.net)
        ]
        new.index = origin.index
        new.discounted = origin.discounted or (name in TIMES and _discounts(call.args, others))
        new.raised = origin.raised or (name in PLUS and any(e.dtype.is_floating_point for e in others))
    elif name in USES:
        for each in given:
            each.index.used = True


def _discounts(args: Any, others: list[Any]) -> bool:
    """Return whether a factor is that of a discount: at most, and mostly, a little below 1."""
    numbers = [each for each in args if isinstance(each, float)]
    numbers += [float(each.max()) for each in others if each.dtype.is_floating_point and each.numel()]
    return any(0.5 <= each < 1 for each in numbers)
