"""Rules on steps that are too long or too short: learning rate, schedule, momentum, clipped gradients."""

import ast
import math
import re
from collections.abc import Iterator
from statistics import fmean, median, pvariance

from robot_agent.doctor.entries import Optimizer
from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import call_of
from robot_agent.doctor.source_values import rule_of_schedule
from robot_agent.doctor.words import tree_of
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
"""Learning rates that are still usual: up to them, the fault is probably elsewhere."""


ADAMS = ("Adam", "AdamW", "NAdam", "RAdam", "RMSprop")


def far_too_long(facts: Facts) -> Optimizer | None:
    """Return an optimizer whose learning rate is above `USUAL`; None if there is none."""
    return next((e for e in facts.optimizers if max([e.rate, *e.rates]) > USUAL.get(e.kind, 1.0)), None)


def far_beyond(facts: Facts) -> Iterator[Finding]:
    """Find a learning rate of Adam far above the usual, if the network has learned nothing."""
    long = far_too_long(facts)
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


def rate(facts: Facts) -> Iterator[Finding]:
    """Find steps that are too long or too short, compared with the weights."""
    record = facts.record
    if not facts.single or facts.reinforce or not facts.losses:
        return
    if record.optimizers:
        for each in facts.optimizers:
            tried = [other.rate for other in record.optimizers if other.site == each.site]
            if max(tried) >= 10 * min(tried) > 0:
                continue  # rates of several sizes are tried at the same place: a search
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


def clipped_scaled(facts: Facts) -> Iterator[Finding]:
    """Find gradients that are clipped while they are still multiplied by a loss scale."""
    for site, kept in facts.record.clips.items():
        left = [now for _, now in kept if now > 0]
        if len(left) < 4 or len(left) < len(kept) or max(left) > 0.05:
            continue
        if facts.record.loss_scale < 20 and median(before for before, _ in kept) < 20:
            continue
        usual = median(left)
        steps = [math.log2(each / usual) for each in left]  # a scale is doubled or halved now and then
        if any(abs(each - round(each)) > 0.02 for each in steps) or max(map(abs, steps)) > 8:
            continue
        yield found(
            "rate-too-low",
            f"The gradients are divided by {number(1 / usual)} after they were clipped: they are clipped "
            "while still multiplied by the loss scale.",
            "The clip cuts the scaled gradients in every step, and what unscaling leaves of them hardly "
            "moves a weight.",
            "Unscale first: scaler.unscale_(optimizer), then clip_grad_norm_(), then scaler.step(optimizer).",
            0.93,
            site,
            "clips scaled gradients",
        )
        return


def fades(facts: Facts) -> Iterator[Finding]:
    """Find a schedule that lowers the learning rate to almost 0 early in the training."""
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


def multiplied_twice(facts: Facts) -> Iterator[Finding]:
    """Find a LambdaLR whose function answers a learning rate, although it is a factor for it."""
    made = [site for site, kind in facts.record.schedules.items() if kind == "LambdaLR"]
    for each in facts.optimizers:
        top = max(each.rates, default=0.0)
        if not made or each.rate >= 0.1 or each.looked < 4 or not 0 < top <= 1.5 * each.rate**2:
            continue
        yield found(
            "rate-too-low",
            f"The learning rate is {top:g} at most: lr={each.rate:g} times what the function answers.",
            "What LambdaLR gets is a factor for the rate of the optimizer, not the rate itself.",
            "Let the function answer a factor between 0 and 1, or give the optimizer lr=1.",
            0.92,
            rule_of_schedule(made[0]),
            "a factor, not a rate",
            *notes(note("the optimizer", each.site)),
        )
        return


def divided_twice(facts: Facts) -> Iterator[Finding]:
    """Find a mean loss that is divided by the number of samples a second time."""
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
    """Return the line of a schedule to change: its rule, its construction, or its step."""
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
    """Find a momentum of 0.995 or more, which hardly forgets old gradients."""
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
    unsteady = bool(len(finite) > 20 and _unsteady(finite) and not _fell_by_half(finite))
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


def _fell_by_half(values: list[float]) -> bool:
    """Return whether the loss ends below half of its first values, and has never been far above them."""
    first = median(values[:3])
    return fmean(values[-(len(values) // 5) :]) < 0.5 * first and max(values) < 3 * abs(first)


def _falls(values: list[float]) -> bool:
    """Return whether the loss falls by more than 15 %, and by more than it varies between batches."""
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


COARSE = re.compile(r"\.half\(|bfloat16|float16")


def too_coarse(facts: Facts) -> Iterator[Finding]:
    """Find weights of 16 bits that are too coarse for the steps: what is added to them is rounded away."""
    if facts.reinforce or len(facts.losses) < 20 or not facts.poor(0.9, 0.5):
        return
    still = total = 0
    for weight, (_, first) in facts.steps.first_weights.items():
        now = facts.live.get(weight)
        if now is None or weight not in facts.held or now.element_size() != 2 or not any(facts.norms(weight)):
            continue
        still += int((now.detach() == first).sum())
        total += first.numel()
    if not total or still < 0.5 * total:
        return
    places = (_mention(file, COARSE) for file in facts.files())
    yield found(
        "rate-too-low",
        f"{still / total:.0%} of the weights, which have 16 bits, are the same as at the start.",
        "A step of less than 0.4 % of a bfloat16 (0.05 % of a half) weight is rounded away when it is added.",
        "Keep the weights in float32, compute in 16 bits: with torch.autocast('cpu', torch.bfloat16).",
        0.9,
        next(filter(None, places), facts.main),
        "too coarse for the steps",
    )


def _mention(file: str, words: re.Pattern[str]) -> Site | None:
    """Return the first line of a file's code in which a network is given some type."""
    for node in ast.walk(tree_of(file) or ast.Module([], [])):
        if isinstance(node, ast.Call) and words.search(ast.unparse(node)):
            return Site(file, node.lineno, node.col_offset)
    return None


def _near_chance(facts: Facts) -> bool:
    """Return whether the loss of classes still is about that of the best constant answer."""
    late = [each for each in facts.calls[-20:] if each.chance and each.value is not None and each.rows > 1]
    return len(late) > 5 and fmean(each.value or 0.0 for each in late) > 0.9 * fmean(
        each.chance or 0.0 for each in late
    )


def hardly_moved(facts: Facts) -> Iterator[Finding]:
    """Find a training that ends where it began: no better than the mean, with weights that hardly moved."""
    if not facts.single or facts.reinforce or len(facts.losses) < 100 or len(facts.optimizers) != 1:
        return
    optimizer = facts.optimizers[0]
    top = max([optimizer.rate, *optimizer.rates])
    small = top <= (1e-4 if optimizer.kind in ADAMS else 0.01)
    if not small or facts.skill is None or not facts.totals or not facts.totals[-1] > 0:
        return
    moved = []
    for weight, (_, first) in facts.steps.first_weights.items():
        now = facts.live.get(weight)
        if now is not None and weight in facts.held and first.dim() > 1 and bool(first.any()):
            moved.append(float((now.detach() - first).float().norm() / first.float().norm()))
    near = optimizer.steps >= 300 and _near_chance(facts)  # though some answers may be right by then
    if not moved or max(moved) > (0.2 if facts.skill <= 0.03 else 0.02 if near else 0.0):
        return
    yield found(
        "rate-too-low",
        f"All {optimizer.steps} steps together have changed the weights by {max(moved):.1%} at most "
        f"(lr={top:g}).",
        "The network is still about where it began, and its answers are hardly better than one for all.",
        "Multiply the learning rate by ten or a hundred, or use Adam with 1e-3.",
        0.72,
        optimizer.site,
        f"lr={top:g}",
    )


RULES = (
    too_coarse,
    momentum,
    clipped_scaled,
    clipped,
    fades,
    multiplied_twice,
    divided_twice,
    rate,
    far_beyond,
    hardly_moved,
)
