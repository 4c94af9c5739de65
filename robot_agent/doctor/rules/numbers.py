"""The numbers: not finite, exploding, vanishing, dead, saturated, alike, out of scale, steps too long."""

import math
from collections import Counter
from collections.abc import Iterator
from statistics import fmean, median, pvariance
from typing import Any

from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import QUANTITIES
from robot_agent.doctor.record import Input, Optimizer, Units
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import call_of, rule_of_schedule
from robot_agent.health.finding import Finding

USUAL = {
    "SGD": 0.5,
    "Adam": 0.05,
    "AdamW": 0.05,
    "RMSprop": 0.05,
    "Adagrad": 0.5,
    "NAdam": 0.05,
    "Adamax": 0.1,
    "RAdam": 0.05,
}
"""Learning rates up to which a fault is rather elsewhere."""
ADAMS = ("Adam", "AdamW", "NAdam", "RAdam", "RMSprop")


def not_a_number(facts: Facts) -> Iterator[Finding]:
    """Find where the first number that is not finite came from."""
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
            name, site = max(risks, key=lambda each: each[0])[1]
            why = "slope"
    if site is None:
        site = bad.site if bad is not None else gradient[1] if gradient is not None else None
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


def _rows_alike(before: Any, after: Any) -> bool:
    """Tell whether all rows were alike, and still are; the units are rows in F.linear, columns in x @ W."""
    if len(before) < 2 or (before.shape[1] < 2 and not bool((before == 0).all())):
        return False
    same = ((after - after[0]).abs() <= 1e-6 * after.abs().max()).all()
    return bool((before == before[0]).all()) and bool(same)


def symmetric(facts: Facts) -> Iterator[Finding]:
    """Find layers whose units are all alike, and stay so."""
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


def _latest(units: Units, values: list[float]) -> float:
    return fmean(values[-max(3, len(values) // 10) :]) if values else 0.0


def _place(facts: Facts, units: Units) -> Site:
    """Return the line that is to be changed for an activation: where its layer was built, if known."""
    return (
        units.module
        if units.module is not None and (units.listed or units.site in facts.record.forwards)
        else units.site
    )


def _written_before(facts: Facts) -> Site | None:
    """Return where the script gave weights or biases unusual numbers itself."""
    worst: tuple[float, Site | None] = (0.0, None)
    for weight, (_, site) in facts.record.written.items():
        kept = facts.steps.first_weights.get(weight)
        if kept is None:
            continue
        first = kept[1]
        fan = first.shape[1] if first.dim() > 1 else 1
        size = float(first.float().pow(2).mean().sqrt()) * (math.sqrt(fan) if first.dim() > 1 else 1.0)
        if size > worst[0]:
            worst = (size, site)
    return worst[1] if worst[0] > 2.5 else None


def dead(facts: Facts) -> Iterator[Finding]:
    """Find ReLUs that answer 0 to everything."""
    if not facts.poor(0.6):
        return
    for units in facts.units:
        if units.name != "relu" or len(units.dead) < 3:
            continue
        share = _latest(units, units.dead)
        if share < 0.75:
            continue
        at_start = units.dead[0] > 0.75
        long = _long(facts)
        if not at_start and long is not None:
            yield from _killed(facts, long, share, units)
            return
        site = (_written_before(facts) if at_start else None) or _place(facts, units)
        yield found(
            "dead-relu",
            f"{share:.0%} of these ReLUs answer 0 to every sample"
            + (", from the first step on." if at_start else "."),
            "Below 0 a ReLU is flat: no gradient passes, so these units never come back.",
            "Begin with small random weights and biases of 0; lower the learning rate; scale the inputs "
            "to about 1; "
            "or use nn.LeakyReLU.",
            0.88 if at_start else 0.7,
            site,
            "dead",
            *notes(note("the ReLU", units.site if units.site != site else None)),
        )
        return


def _long(facts: Facts) -> Optimizer | None:
    """Return an optimizer whose rate is far beyond what is usual."""
    return next((e for e in facts.optimizers if max([e.rate, *e.rates]) > USUAL.get(e.kind, 1.0)), None)


def far_beyond(facts: Facts) -> Iterator[Finding]:
    """Find a rate of an Adam far beyond what is usual, of a network that has learned nothing."""
    long = _long(facts)
    if (
        long is None
        or long.kind not in ADAMS
        or not facts.single
        or facts.reinforce
        or len(facts.losses) < 20
    ):
        return
    if facts.skill is None or not facts.poor(0.15, 0.95):
        return  # of answers that cannot be judged the loss alone says too little
    top = max([long.rate, *long.rates])
    yield found(
        "rate-too-high",
        f"At lr={top:g} the loss goes from {number(facts.losses[0])} to {number(facts.losses[-1])}.",
        "Each step of this optimizer changes a weight by about the rate, so it throws the weights to where "
        "no gradient comes back from.",
        "Divide the learning rate by ten or a hundred; 1e-3 is usual for Adam.",
        0.8,
        long.site,
        f"lr={top:g}",
    )


def _killed(facts: Facts, optimizer: Optimizer, share: float, units: Units) -> Iterator[Finding]:
    """Say that steps far beyond what is usual have killed the units."""
    top = max([optimizer.rate, *optimizer.rates])
    yield found(
        "rate-too-high",
        f"Steps at lr={top:g} have driven {share:.0%} of the ReLUs to answer 0 to every sample.",
        "One long step throws the weights to where no gradient comes back from.",
        "Divide the learning rate by ten or a hundred; 1e-3 is usual for Adam.",
        0.85,
        optimizer.site,
        f"lr={top:g}",
        *notes(note("dead", units.site)),
    )


def saturated(facts: Facts) -> Iterator[Finding]:
    """Find sigmoids and tanhs at the ends of their range."""
    if not facts.poor(0.6):
        return
    for units in facts.units:
        if units.name not in ("sigmoid", "tanh") or len(units.ends) < 3 or _latest(units, units.ends) < 0.7:
            continue
        if units.ends[0] < 0.5 and units is facts.units[-1]:
            continue
        share = _latest(units, units.ends)
        written = _written_before(facts)
        yield found(
            "saturated",
            f"{share:.0%} of the answers of this {units.name} are at the ends of its range.",
            "There its derivative is nearly 0, so hardly any gradient comes through.",
            "Begin with smaller weights (PyTorch's own, or xavier_uniform_), scale the inputs to about "
            "1, lower the learning rate.",
            0.85 if units.ends[0] > 0.5 else 0.7,
            written or _place(facts, units),
            "saturated",
            *notes(note("the activation", units.site if written else None)),
        )
        return


def vanishing(facts: Facts) -> Iterator[Finding]:
    """Find gradients that fade from layer to layer on their way back."""
    if not facts.poor(0.6, 0.85) or not facts.single or _long(facts) is not None:
        return
    order = [
        each
        for each in facts.record.order
        if len(facts.record.shapes.get(each, ())) > 1 and facts.norms(each)
    ]
    if len(order) < 4:
        return

    def size(weight: int) -> float:
        shape = facts.record.shapes[weight]
        return median(facts.norms(weight)[:20]) / math.sqrt(math.prod(shape))

    first, last = size(order[0]), max(size(each) for each in order[-2:])
    if not 0 <= first < 2e-3 * last:
        return
    squashing = [each for each in facts.units if each.name in ("sigmoid", "tanh") and len(each.at) >= 3]
    if 0 < len(squashing) < 3:
        return  # one or two do not make a gradient vanish
    if facts.skill is None and len(squashing) < 5:
        return
    if squashing:
        places = Counter(_place(facts, each) for each in squashing)
        site: Site | None = places.most_common(1)[0][0]
    else:
        site = facts.record.recurrent or _written_site(facts, order) or facts.main
    yield found(
        "vanishing-gradient",
        f"The gradient of the first layer is {number(first / last) if last else '0'} of the last one's.",
        "Each sigmoid or tanh layer hands on a quarter of it at most; the first layers hardly learn.",
        "Use ReLU with He weights, BatchNorm or residual connections, or fewer layers.",
        0.87,
        site,
        "the gradient fades here",
    )


def _written_site(facts: Facts, weights: list[int]) -> Site | None:
    """Return where most of some weights got their first numbers."""
    written = facts.record.written
    sites = Counter(written[each][1] for each in weights if each in written)
    return sites.most_common(1)[0][0] if sites else None


def exploding(facts: Facts) -> Iterator[Finding]:
    """Find gradients that grow without bound although the steps are of a usual length."""
    record = facts.record
    if not facts.fine or not (facts.diverged or facts.poor(0.5, 0.9)):
        return
    if not facts.single:
        return
    totals = facts.totals
    early = totals[:2]
    if not early or (not record.optimizers and not record.manual):
        return
    finite = [each for each in early if math.isfinite(each)]
    written = _written_before(facts)
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
    """Return where data comes from: the DataLoader of the training, or where it became a tensor."""
    for each in facts.record.loaders.values():
        if each.fetched > 3 and each.site is not None and each.size == given.rows:
            return given.site if facts.in_loop(each.site) else each.site
    return next((e for e in (given.ready, given.born) if e is not None and not facts.in_loop(e)), given.site)


def not_scaled(facts: Facts) -> Iterator[Finding]:
    """Find inputs or targets far from 1."""
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
                _data(facts, inputs[0]),
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
                calls[0].site,
                f"targets of size {number(size)}",
            )


def rate(facts: Facts) -> Iterator[Finding]:
    """Find steps that are too long or too short for the weights."""
    record = facts.record
    if not facts.single or facts.reinforce or not facts.losses:
        return
    if record.optimizers:
        for each in facts.optimizers:
            late, early = facts.ratio(each)
            if math.isnan(late) and not facts.diverged:
                continue
            rates = each.rates or [each.rate]
            top = max(rates)
            yield from _too_high(facts, each.site, top, late, early)
            yield from _too_low(facts, each, top, late)
    elif record.manual:
        site = record.manual.most_common(1)[0][0]
        if facts.diverged:
            yield from _too_high(facts, site, math.nan, math.nan, math.nan)


def clipped(facts: Facts) -> Iterator[Finding]:
    """Find gradients that are clipped to nearly nothing."""
    left = facts.record.clipped
    if len(left) < 5 or median(left) > 0.02 or not facts.poor(0.6, 0.85) or facts.reinforce:
        return
    clip = next((place for file in facts.files() if (place := call_of(file, "clip_grad")) is not None), None)
    if clip is None or not any(facts.ratio(each)[0] < 2e-3 for each in facts.optimizers):
        return
    yield found(
        "rate-too-low",
        f"Clipping leaves {median(left):.2%} of the gradient.",
        "Every step is as short as the clip allows, whatever the learning rate: the weights hardly move.",
        "Clip at what the norm usually is, about 1, so that only rare large gradients are cut.",
        0.86,
        clip,
        "clips nearly everything",
    )


def fades(facts: Facts) -> Iterator[Finding]:
    """Find a schedule that takes the learning rate to nothing early in the training."""
    for each in facts.optimizers:
        rates = each.rates
        if len(rates) < 10 or each.steps < 20:
            continue
        top = max(rates)
        gone = next((i for i in range(len(rates)) if max(rates[i:]) < 2e-3 * top), None)
        at = each.rate_steps[gone] if gone is not None and gone < len(each.rate_steps) else None
        if at is None or at > 0.5 * each.steps or facts.reinforce or not facts.poor(0.97, 0.2):
            continue
        place = _schedule(facts)
        yield found(
            "rate-too-low",
            f"The learning rate falls from {top:g} to {rates[gone or 0]:.3g} within {at} of {each.steps} "
            "steps.",
            "From then on nothing is learned any more.",
            "Call scheduler.step() once in each epoch, not in each batch, or let it fall more slowly.",
            0.86,
            place or each.site,
            "takes the rate to nothing",
            *notes(note("the optimizer", each.site)),
        )
        return


def divided_twice(facts: Facts) -> Iterator[Finding]:
    """Find a mean loss that is divided by the number of samples once more."""
    calls = [each for each in facts.calls if each.slope and each.name != "difference" and not each.summed]
    if len(calls) < 8 or not facts.single or any(each.kind != "SGD" for each in facts.optimizers):
        return
    steps = max((each.steps for each in facts.optimizers), default=0)
    if not steps or not facts.poor(0.97, 0.3):
        return
    together = max(1, round(len(facts.losses) / steps))
    twice = [
        each for each in calls if each.rows >= 4 and _near(1 / abs(each.slope[0] or 1), each.rows * together)
    ]
    if len(twice) < 0.9 * len(calls):
        return
    term = min(facts.record.divided, key=lambda site: site.line, default=None)
    yield found(
        "rate-too-low",
        f"The loss is a mean already, and is divided by the {twice[0].rows} samples once more.",
        f"Every step is {twice[0].rows} times shorter than the learning rate says.",
        "Divide a mean by the number of accumulated batches only.",
        0.85,
        term or calls[0].site,
        "divided once more",
    )


def _near(one: float, other: float) -> bool:
    return abs(one - other) < 0.01 * other


def _schedule(facts: Facts) -> Site | None:
    """Return the line of a schedule that is to be changed: its rule, how it is made, or where it steps."""
    made, steps = facts.record.schedules, facts.record.schedule_steps
    if not made:
        return None
    site, kind = next(iter(made.items()))
    if kind == "LambdaLR":
        return rule_of_schedule(site)
    if kind == "ReduceLROnPlateau" or not steps:
        return site
    return steps.most_common(1)[0][0]


def momentum(facts: Facts) -> Iterator[Finding]:
    """Find a momentum that never forgets."""
    for each in facts.optimizers:
        options = dict(each.options)
        amount = options.get("momentum", 0.0)
        if amount >= 0.995 and each.steps >= 5 and (facts.poor(0.7, 0.8) or facts.diverged):
            yield found(
                "rate-too-high",
                f"The momentum is {amount:g}: a step is the sum of {'all' if amount >= 1 else '200 or more'} "
                "gradients so far.",
                "The steps grow longer and longer, and the weights swing past what they aim at.",
                "Use a momentum of 0.9.",
                0.9,
                each.site,
                f"momentum={amount:g}",
            )
            return


def _too_high(facts: Facts, site: Site, top: float, late: float, early: float) -> Iterator[Finding]:
    finite = [each for each in facts.losses if math.isfinite(each)]
    poor = facts.poor(0.7, 0.8) and len(facts.losses) >= 20
    highest = max((abs(each) for each in finite), default=math.inf)
    jumps = bool(finite) and highest > 3 * (abs(finite[0]) + 1e-3)
    long = (late > 0.08) or (early > 0.5 and late > 0.02)
    unsteady = bool(len(finite) > 20 and _unsteady(finite))
    wild = early > 5 and highest > 100 * (abs(finite[0]) if finite else 1.0) and facts.poor(0.95, 0.5)
    if not (
        wild or facts.diverged or (poor and long and (late > 0.3 or jumps or unsteady or facts.stalls(0.95)))
    ):
        return
    share = max((each for each in (late, early) if math.isfinite(each)), default=math.nan)
    what = f" (lr={top:g})" if math.isfinite(top) else ""
    moved = (
        f"A step changes the weights by {share:.0%} of their size{what}, and t"
        if math.isfinite(share)
        else "T"
    )
    yield found(
        "rate-too-high",
        f"{moved}he loss goes from {number(facts.losses[0])} to {number(facts.losses[-1])}, at most "
        f"{number(highest)}.",
        "Steps this long jump over what they aim at; about 0.1 % to 1 % is usual.",
        "Divide the learning rate by ten, until the loss falls.",
        0.85,
        site,
        f"lr={top:g}" if math.isfinite(top) else "the step",
    )


def _unsteady(values: list[float]) -> bool:
    late = values[len(values) // 2 :]
    steps = [abs(b - a) for a, b in zip(late, late[1:], strict=False)]
    return fmean(steps) > 0.15 * (abs(fmean(late)) + 1e-9)


def _falls(values: list[float]) -> bool:
    """Tell whether the loss falls by more than a sixth, and by more than it varies from batch to batch."""
    part = values[: len(values) // 5], values[-(len(values) // 5) :]
    first, last = fmean(part[0]), fmean(part[1])
    noise = (pvariance(part[0]) + pvariance(part[1])) / len(part[0])
    return first - last > max(0.15 * abs(first), 2 * math.sqrt(noise))


def _too_low(facts: Facts, optimizer: Optimizer, top: float, late: float) -> Iterator[Finding]:
    site, steps, name, options = optimizer.site, optimizer.steps, optimizer.kind, optimizer.options
    if len(facts.losses) < 30 or not facts.poor(0.5, 0.9) or _falls(facts.losses):
        return
    gradients = [value for each in facts.fine[-50:] for value in each.norms.values()]
    if not any(gradients) and top > 0:
        return
    if top >= 0.5 * USUAL.get(name, 1.0) and dict(options).get("eps", 0.0) < 1e-3:
        return  # it stands still, but not for want of a rate
    total = late * steps
    if late < 2e-4 and total < 0.15 and (late < 5e-5 or total < 0.03):
        yield found(
            "rate-too-low",
            f"A step changes the weights by {number(late)} of their size (lr={top:g}); in {steps} steps "
            f"the loss went from "
            f"{number(facts.losses[0])} to {number(facts.losses[-1])}.",
            "At this pace nothing is learned in any time one would wait; about 1e-3 is usual.",
            "Multiply the learning rate by ten, until the loss falls.",
            0.8,
            (_schedule(facts) if top == 0 else None) or site,
            f"lr={top:g}",
        )


def hardly_moved(facts: Facts) -> Iterator[Finding]:
    """Find a training that ends where it began: no better than the mean, weights moved by little in all."""
    if not facts.single or facts.reinforce or len(facts.losses) < 100 or len(facts.optimizers) != 1:
        return
    optimizer = facts.optimizers[0]
    top = max([optimizer.rate, *optimizer.rates])
    small = top <= (1e-4 if optimizer.kind in ADAMS else 0.01)
    if not small or facts.skill is None or facts.skill > 0.03 or not facts.totals or not facts.totals[-1] > 0:
        return
    moved = []
    for weight, (_, first) in facts.steps.first_weights.items():
        now = facts.live.get(weight)
        if now is not None and weight in facts.held and first.dim() > 1 and bool(first.any()):
            moved.append(float((now.detach() - first).float().norm() / first.float().norm()))
    if not moved or max(moved) > 0.2:
        return
    yield found(
        "rate-too-low",
        f"All {optimizer.steps} steps together have changed the weights by {max(moved):.1%} at most "
        f"(lr={top:g}).",
        "The network is still about where it began, and its answers are no better than one for all.",
        "Multiply the learning rate by ten or a hundred, or use Adam with 1e-3.",
        0.72,
        optimizer.site,
        f"lr={top:g}",
    )


RULES = (
    not_a_number,
    symmetric,
    not_scaled,
    dead,
    saturated,
    vanishing,
    exploding,
    momentum,
    clipped,
    fades,
    divided_twice,
    rate,
    far_beyond,
    hardly_moved,
)
