"""Records whether a step goes up or down a loss, an entropy or a similarity; and the terms of a loss."""

from typing import Any

import torch

from robot_agent.doctor.calls import is_weight
from robot_agent.doctor.entries import LossCall
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.origin import Origin
from robot_agent.doctor.provenance import same_number
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import split

PENALTIES = split("pow __pow__ norm linalg_norm vector_norm abs square linalg_vector_norm")
"""Calls that compute penalties on weights."""
SUMS = split("add __add__ __radd__ sub __sub__ rsub __rsub__ mul __mul__ __rmul__ neg __neg__")
"""Calls that combine terms to a loss."""
ALIKE = split("cosine_similarity")
"""Similarities: larger is better."""
MARGINS = split("soft_margin_loss hinge_embedding_loss cosine_embedding_loss margin_ranking_loss")
ON = split("rsub __rsub__ sub __sub__ add __add__ __radd__ neg __neg__")
CLAMPS = split("clamp clamp_min clip relu maximum max")
HINGES = MARGINS | ON | CLAMPS | split("mul __mul__ __rmul__")
"""Losses of a margin, ready-made, and the steps of one that is written by hand."""
MOST = 3000


def of_loss(notes: Notes, call: LossCall, out: Any, value: Any = None) -> None:
    """Record, at backward(), whether the step will make a loss smaller.

    Args:
        notes: the notes on the script.
        call: the call of the loss.
        out: the result of the loss.
        value: factor for the gradient: the difference, if its square is the loss; -1 if `out` is to become
            larger; 1 if not given.
    """
    if not isinstance(out, torch.Tensor) or not out.requires_grad or out.is_leaf:
        return

    def slope(g: Any) -> None:
        try:
            with notes.silent():
                if len(call.slope) < 4:
                    call.slope.append(float((g if value is None else g * value).sum()))
        except Exception as error:
            notes.trouble(error)

    watched: Any = out
    watched.register_hook(slope)


def likeness(notes: Notes, call: Call, site: Site) -> None:
    """Record a call of cosine_similarity that compares a network's output with data."""
    ins, known = call.ins, call.known
    if len(ins) < 2 or all(each.requires_grad for each in ins[:2]) or len(notes.record.calls) > MOST:
        return
    learned = 0 if ins[0].requires_grad else 1
    answer, target = known[learned], known[1 - learned]
    if answer is None or not answer.out or (target is not None and (target.net or target.cut is not None)):
        return
    loss = LossCall(
        call.name,
        site,
        notes.record.backward,
        True,
        (tuple(ins[0].shape), tuple(ins[1].shape)),
        None,
        True,
        target,
        False,
    )
    loss.kept = notes.origins.get(call.out)
    notes.record.calls.append(loss)
    of_loss(notes, loss, call.out, -1.0)


def bootstrapped(notes: Notes, site: Site, target: Origin | None) -> None:
    """Record a target of a reward and a network's own output that was not detached."""
    if target is None or not target.reward or not target.net or target.log_prob:
        return
    count = notes.record.attached.get(site, (0,))[0]
    notes.record.attached[site] = (count + 1, target.site)


def entropy(notes: Notes, site: Site | None, answer: Any) -> None:
    """Record an entropy that is part of a loss, and whether the step makes it larger or smaller."""
    entries = notes.record.entropies
    if (
        site is None
        or not isinstance(answer, torch.Tensor)
        or not answer.requires_grad
        or len(entries) > MOST
    ):
        return
    slopes: list[float] = []
    entries.append((site, slopes))

    def slope(g: Any) -> None:
        if len(slopes) < 4:
            with notes.silent():
                slopes.append(float(g.sum()))

    watched: Any = answer
    watched.register_hook(slope)


def terms(notes: Notes, name: str, ins: list[Any], known: list[Origin | None]) -> None:
    """Record the terms that are added up to a loss."""
    for index, (each, origin) in enumerate(zip(ins, known, strict=True)):
        if each.numel() != 1 or not each.requires_grad or origin is None or origin.site is None:
            continue
        kept = notes.record.terms[origin.site]
        if len(kept) < MOST:
            kept.append(float(each) * (-1 if index and "sub" in name else 1))


def summed(notes: Notes, ins: list[Any], known: list[Origin | None], sign: int) -> None:
    """Record terms that are added to a loss, with their origins; `sign` is -1 if the second is subtracted."""
    for each, origin, way in zip(ins, known, (1, sign), strict=True):
        if each.numel() == 1 and each.requires_grad and origin is not None and origin.site is not None:
            kept = notes.record.summed[origin.site]
            if len(kept) < MOST:
                kept.append((way * float(each), origin))


def comparison(notes: Notes, site: Site, ins: list[Any], known: list[Origin | None]) -> None:
    """Record a comparison of outputs (N, 1) with labels (N,), which gives a wrong accuracy."""
    a, b = (tuple(each.shape) for each in ins)
    answers = [o is not None and (o.net or o.cut is not None) for o in known]
    if len(a) == len(b) or sum(answers) != 1:
        return
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    if len(longer) == 2 and len(shorter) == 1 and longer[1] == 1 and longer[0] == shorter[0] > 1:
        notes.record.compared.setdefault(site, (a, b, (longer[0], longer[0])))


def hinge(notes: Notes, call: Call, site: Site) -> None:
    """Keep a hinge loss, ready-made or 1 - y * answer cut at 0, that is given labels 0 and 1."""
    name, ins, known = call.name, call.ins, call.known
    if name in MARGINS:
        at = 2 if name in ("cosine_embedding_loss", "margin_ranking_loss") else 1
        target = call.args[at] if len(call.args) > at else call.kwargs.get("target")
        notes.record.zero_one[site] += isinstance(target, torch.Tensor) and _zero_one(target)
        notes.record.ready_margins.add(site)
        return
    origin = known[0]
    if name in CLAMPS:
        if origin is not None and origin.zero_one is not None and origin.op in ON:
            notes.record.zero_one[origin.zero_one] += 1
        return
    out = notes.origins.get(call.out) if isinstance(call.out, torch.Tensor) else None
    if out is None:
        return
    if name in ON:
        out.zero_one = next((each.zero_one for each in known if each is not None and each.zero_one), None)
        return
    if len(ins) == 2 and len(known) == 2:
        for answer, data in ((0, 1), (1, 0)):
            learned = known[answer]
            if learned is not None and learned.out and not ins[data].requires_grad and _zero_one(ins[data]):
                out.zero_one = site


def _zero_one(labels: Any) -> bool:
    """Return whether labels are 0 and 1, and both are there."""
    if not 2 < labels.numel() <= 100_000 or labels.dtype == torch.bool:
        return False
    one, zero = labels == 1, labels == 0
    return bool(one.any()) and bool(zero.any()) and bool((one | zero).all())


def pulled(notes: Notes, network: int, given: list[Any], answer: Any) -> None:
    """Record, at backward(), whether a network's answers are pushed up or down, and of what they are.

    Their inputs are "made" by another network that learns from it too, "cut" off from one, or "data".
    """
    origins = [notes.origins.get(each) for each in given]
    made = any(each.requires_grad and not each.is_leaf for each in given)
    cut = any(each is not None and (each.net or each.cut is not None) for each in origins)
    entries = notes.record.pulled[network]

    def slope(g: Any) -> None:
        try:
            with notes.silent():
                size = float(g.abs().sum())
                if size > 0 and notes.record.backwards and len(entries) < MOST:
                    last = notes.record.backwards[-1]
                    entries.append(
                        (last, "made" if made else "cut" if cut else "data", float(g.sum()) / size)
                    )
        except Exception as error:
            notes.trouble(error)

    answer.register_hook(slope)


def weighted(notes: Notes, call: Call, site: Site) -> None:
    """Record numbers not below 0, such as losses, that are multiplied by numbers that are learned."""
    if len(call.ins) != 2:
        return
    for one, other in ((0, 1), (1, 0)):
        factor, loss, origin = call.ins[one], call.ins[other], call.known[one]
        if max(factor.dim(), loss.dim()) > 1 or max(factor.numel(), loss.numel()) > 16 or is_weight(loss):
            continue
        learned = isinstance(factor, torch.nn.Parameter) or (origin is not None and origin.alias is not None)
        if not learned or not (factor.requires_grad and loss.requires_grad) or bool((loss < 0).any()):
            continue
        kept = notes.record.weighted[site]
        if len(kept) < MOST:
            alias = origin.alias if origin is not None else None
            number = notes.origins.weight(factor) if alias is None else alias
            kept.append((notes.record.backward, number, float(factor.min()), float((factor * loss).sum())))
        return


RESHAPED = split("view reshape flatten squeeze unsqueeze contiguous to type")
"""Calls after which labels are still the labels of the data."""


def overlap(notes: Notes, call: Call, site: Site) -> None:
    """Record, at backward(), whether the product of a network's answers and labels is made smaller."""
    for one, other in ((0, 1), (1, 0)):
        answer, labels, origin = call.ins[one], call.ins[other], call.known[one]
        if not answer.requires_grad or labels.requires_grad or origin is None or answer.shape != labels.shape:
            continue
        if not (origin.out or origin.act is not None) or not _zero_one(labels) or not _shares(notes, answer):
            continue
        made = call.known[other]
        if made is not None and made.op not in RESHAPED:
            continue  # a mask, or 1 - labels: what is multiplied by it may well be a cost
        entries, product = notes.record.overlaps[site], call.out

        def slope(g: Any, entries: list[bool] = entries) -> None:
            with notes.silent():
                if len(entries) < MOST and bool(g.any()):
                    entries.append(bool((g >= 0).all()))

        product.register_hook(slope)


def _shares(notes: Notes, answer: Any) -> bool:
    """Return whether all numbers are from 0 to 1, and not all of them the same, as after a sigmoid."""
    with notes.silent():
        low, high = map(float, torch.aminmax(answer.detach()))
    return 0 <= low < high <= 1


def fingerprint(state: Any) -> float:
    """Return a number that is equal for equal content of a state_dict()."""
    return sum(
        same_number(each)
        for each in list(state.values())[:12]
        if isinstance(each, torch.Tensor) and each.numel()
    )
