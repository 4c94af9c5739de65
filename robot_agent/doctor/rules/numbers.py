"""Rules on numbers: not finite, exploding, all alike, or badly scaled."""

import ast
import math
import re
from collections.abc import Iterator
from statistics import median
from typing import Any

from robot_agent.doctor.entries import Input, LossCall
from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import QUANTITIES
from robot_agent.doctor.rules.rates import USUAL
from robot_agent.doctor.rules.units import written_before
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import called_once, first_call
from robot_agent.doctor.source_values import argument_made, label_of_dataset, stored_data, where_made
from robot_agent.doctor.words import tree_of
from robot_agent.health.finding import Finding


def not_a_number(facts: Facts) -> Iterator[Finding]:
    """Find the call that made the first number that is not finite."""
    record = facts.record
    bad = next((each for each in record.backwards if not math.isfinite(each.loss)), None)
    gradient = record.grad_not_finite
    if bad is None and gradient is None:
        return
    when = min(
        each for each in (bad.number if bad else None, gradient[0] if gradient else None) if each is not None
    )
    if facts.grew:
        return  # another rule names what made them grow
    place = max((at for at in record.not_finite if at <= when), default=None)
    name, site, why = "", None, ""
    if place is not None:
        name, site, _, why = record.not_finite[place]
    if why == "overflow":
        return
    if site is None or (gradient is not None and gradient[0] == when and (bad is None or bad.number > when)):
        risks = [(at, key) for key, at in record.risky.items() if at <= when]
        if risks:
            last = max(risks, key=lambda each: each[0])
            name, site = record.first_risky.get(last[0], last[1])
            why = "slope"
    if site is None:
        site = bad.site if bad is not None else gradient[1] if gradient is not None else None
    given = next((each for each in record.inputs if each.grad), None)
    if why == "data" and site is not None:
        site = _divides(site)
    elif given is not None and not math.isfinite(given.rms) and given.backward <= when and why != "slope":
        why, site = "data", _divides(_data(facts, given))  # from_numpy() of numbers that are not finite
    if why == "data":
        seen = (
            f"The data holds numbers that are not finite, from the start; the loss is not a number in "
            f"step {when + 1}."
        )
        cure = "Look for missing values and divisions by 0 where the data is made: torch.isfinite(x).all()."
    elif why == "slope":
        seen = (
            f"In step {when + 1} gradients become infinite or not a number: the derivative of {name} "
            f"at this value is infinite."
        )
        cure = "Keep its argument away from 0: add 1e-8 inside, or clamp(min=1e-8)."
    else:
        seen = (
            f"In step {when + 1} numbers become infinite or not a number "
            f"here{f', by {name}' if name else ''}."
        )
        cure = (
            "Keep its argument in range (x + 1e-8, clamp), or use a function that does so itself "
            "(log_softmax, BCEWithLogitsLoss, logsumexp)."
        )
    yield found(
        "not-a-number",
        seen,
        "From there on every weight is spoiled: nothing that is computed from it is a number.",
        cure,
        0.95,
        site,
        "not finite from here on",
    )


def _divides(site: Site) -> Site:
    """Return the line that made the data if it divides or takes a root or logarithm, else the place."""
    made = where_made(site)
    return made if re.search(r"/|log|sqrt", made.text) else site


def _rows_alike(before: Any, after: Any) -> bool:
    """Return whether all rows were equal and still are; units are rows in F.linear, columns in x @ W."""
    if len(before) < 2 or (before.shape[1] < 2 and not bool((before == 0).all())):
        return False
    same = ((after - after[0]).abs() <= 1e-6 * after.abs().max()).all()
    return bool((before == before[0]).all()) and bool(same)


def symmetric(facts: Facts) -> Iterator[Finding]:
    """Find layers whose units are all equal, and stay equal."""
    record = facts.record
    alike, places = [], []
    if len(facts.fine) < 4:
        return
    for weight, (_, first) in facts.steps.first_weights.items():
        now = facts.live.get(weight)
        if (
            now is None
            or weight not in facts.reached
            or first.dim() < 2
            or len(first) < 2
            or not now.requires_grad
        ):
            continue
        before, after = first.reshape(len(first), -1), now.detach().reshape(len(now), -1)
        if _rows_alike(before, after) or (first.dim() == 2 and _rows_alike(before.T, after.T)):
            alike.append(weight)
            if weight in record.written:
                places.append(record.written[weight][1])
    if not alike:
        return
    hidden = [each for each in alike if each in record.order[:-1]]
    if not hidden and (record.order or len(alike) < 2):
        return  # only the last layer begins alike: its units get different gradients
    hidden = hidden or alike
    site = (
        places[0]
        if places
        else record.weight_sites.get(hidden[0]) or facts.layer_sites.get(hidden[0]) or facts.main
    )
    what = ", ".join(facts.name(each) for each in hidden[:3])
    yield found(
        "symmetric",
        f"All units of {what} have the same weights, at the start and at the end.",
        "They begin alike, get the same gradient and stay alike: the whole layer is worth one unit, or none.",
        "Begin with random weights: leave PyTorch's own, or nn.init.xavier_uniform_; only biases may be 0.",
        0.94,
        site,
        "all units alike",
    )


def exploding(facts: Facts) -> Iterator[Finding]:
    """Find gradients that explode, although the steps have a usual length."""
    record = facts.record
    if not facts.fine or not (facts.diverged or facts.poor(0.5, 0.9)):
        return
    if not facts.single:
        return
    if any(max((now for _, now in kept), default=1.0) < 0.05 for kept in record.clips.values()):
        return  # scaled gradients are clipped; what a step uses of them is small
    totals = [each / record.loss_scale for each in facts.totals]
    early = totals[:2]
    if not early or (not record.optimizers and not record.manual):
        return
    finite = [each for each in early if math.isfinite(each)]
    written = written_before(facts)
    rate_is_usual = all(each.rate <= USUAL.get(each.kind, 0.05) for each in record.optimizers)
    scale = max(
        (abs(each.mean) + each.std for each in facts.calls[:5] if each.name in QUANTITIES), default=1.0
    )
    inputs = [each.rms for each in record.inputs[:5]]
    if inputs and max(inputs) > 20 and not written:
        return
    if any(each.summed for each in facts.calls):
        return  # the steps are too long for a sum
    huge = (not finite) or max(finite) > 1e3 * max(1.0, scale)
    growing = (
        facts.diverged
        and len(totals) > 3
        and max((each for each in totals if math.isfinite(each)), default=0.0)
        > 1e4 * (finite[0] + 1e-6 if finite else 1.0)
    )
    if (not rate_is_usual or not record.optimizers) and not written:
        return
    if not (huge or (growing and (record.recurrent is not None or written is not None))):
        return
    site = written or record.recurrent or facts.main
    yield found(
        "exploding",
        f"The gradient's norm is {number(max(finite)) if finite else 'infinite'} in the first steps"
        + (", and the loss runs away." if facts.diverged else "."),
        "Each layer, or each step in time, makes it larger on its way back; a step then throws the "
        "weights far away.",
        "Begin with smaller weights (PyTorch's own), and clip: "
        "torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).",
        0.86,
        site,
        "the gradient grows here",
        *notes(note("backward() was called here", facts.main)),
    )


def _data(facts: Facts, given: Input) -> Site:
    """Return the place of the data: in its Dataset, where it became a tensor, or the DataLoader."""
    item = label_of_dataset(given.site, 0, anywhere=True)
    if item != given.site:
        return item
    made = [each for each in (given.ready, given.born) if each is not None]
    named = (
        argument_made(given.site, 0) if not made else None
    )  # torch.FloatTensor(x) is a call that is not seen
    made += [named] if named is not None else []
    place = next((e for e in made if not facts.in_loop(e) or called_once(e)), None)
    if place is not None:
        return first_call(place)
    place = argument_made(given.site, 0)  # torch.FloatTensor(x), which PyTorch shows to nobody
    if place is not None and not facts.in_loop(place):
        return place
    loaders = [each for each in facts.record.loaders.values() if each.fetched > 3 and each.size == given.rows]
    site = loaders[0].site if loaders else None
    stored = stored_data(site) if site is not None else None
    if stored is not None:
        return stored
    return given.site if site is None or facts.in_loop(site) else site


def _targets(facts: Facts, call: LossCall) -> Site:
    """Return where the targets of a loss became a tensor, if that is before the training; else the loss."""
    born = call.target.born if call.target is not None else None
    made = [each for each in (argument_made(call.site, 1), born) if each is not None]
    return next((each for each in made if not facts.in_loop(each)), call.site)


def _divided(facts: Facts) -> Site | None:
    """Return the first division by 255 in the source, if there are several."""
    for file in facts.files():
        places = [
            node
            for node in ast.walk(tree_of(file) or ast.Module([], []))
            if isinstance(node, ast.BinOp | ast.AugAssign)
            and isinstance(node.op, ast.Div)
            and getattr(node.right if isinstance(node, ast.BinOp) else node.value, "value", 0) == 255
        ]
        if len(places) > 1:
            first = min(places, key=lambda node: node.lineno)
            return Site(file, first.lineno, first.col_offset, first.end_col_offset or 0)
    return None


def not_scaled(facts: Facts) -> Iterator[Finding]:
    """Find inputs or targets whose scale is far from 1."""
    if facts.reinforce and not facts.poor(0.5, 0.9):
        return
    if not facts.poor(0.85, 0.9) and not facts.diverged:
        return
    inputs = [each for each in facts.record.inputs if each.grad]
    if inputs:
        rms = median(each.rms for each in inputs[:20])
        spread = median(each.spread for each in inputs[:20])
        if (rms > 15 or 0 < rms < 0.02) and (facts.diverged or facts.poor(0.6 if rms < 50 else 0.85, 0.9)):
            yield found(
                "not-scaled",
                f"The inputs have a typical size of {number(rms)}"
                + (f", and one varies {number(spread)} times as much as another." if spread > 50 else "."),
                "Weights and learning rates are made for inputs of about 1: larger ones saturate or kill "
                "the first layer, "
                "smaller ones hardly move it.",
                "Subtract each input's mean and divide by its standard deviation: x = (x - x.mean(0)) / "
                "x.std(0).",
                0.86,
                (_divided(facts) if rms < 0.02 else None) or _data(facts, inputs[0]),
                f"inputs of size {number(rms)}",
                *notes(note("the network is given them here", inputs[0].site)),
            )
            return
    calls = [each for each in facts.calls if each.name in QUANTITIES and not each.from_net]
    if calls and len(calls) >= 5 and (facts.diverged or facts.poor(0.6, 0.9)):
        size = median(math.hypot(each.mean, each.std) for each in calls)
        if size > 50:
            yield found(
                "not-scaled",
                f"The targets have a typical size of {number(size)}, while the network answers "
                f"{number(calls[-1].answer_mean)}.",
                "A fresh network answers about 1; at a usual learning rate it takes very long to come "
                "that far, or the loss runs away.",
                "Scale the targets too: (y - y.mean()) / y.std(), and undo it for what you show.",
                0.75,
                _targets(facts, calls[0]),
                f"targets of size {number(size)}",
                *notes(note("the loss compares them here", calls[0].site)),
            )


RULES = (not_a_number, symmetric, not_scaled, exploding)
