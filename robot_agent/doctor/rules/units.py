"""Rules on dead and saturated units, and on vanishing gradients."""

import math
from collections import Counter
from collections.abc import Iterator
from statistics import fmean, median

from robot_agent.doctor.entries import Optimizer, Units
from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.rules.rates import far_too_long
from robot_agent.doctor.site import Site
from robot_agent.health.finding import Finding


def _latest(values: list[float]) -> float:
    """Return the mean over the last tenth of the observations; 0 if there are none."""
    return fmean(values[-max(3, len(values) // 10) :]) if values else 0.0


def _place(facts: Facts, units: Units) -> Site:
    """Return the line to change for an activation: where its layer was built, else where it is called."""
    return (
        units.module
        if units.module is not None and (units.listed or units.site in facts.record.forwards)
        else units.site
    )


def written_before(facts: Facts) -> Site | None:
    """Return where the script itself wrote unusual initial numbers into weights or biases."""
    worst: tuple[float, Site | None] = (0.0, None)
    origins = {n: facts.observer.origins.get(w) for n, w in facts.live.items() if n not in facts.names}
    made = {n: o.site for n, o in origins.items() if o is not None and o.site is not None}
    written = {n: site for n, (_, site) in facts.record.written.items()}
    for weight, site in (made | written).items():
        kept = facts.steps.first_weights.get(weight)
        if kept is None:
            continue
        first = kept[1]
        fan = first.shape[0 if weight in made else 1] if first.dim() > 1 else 1
        size = float(first.float().pow(2).mean().sqrt()) * (math.sqrt(fan) if first.dim() > 1 else 1.0)
        if size > worst[0]:
            worst = (size, site)
    return worst[1] if worst[0] > 2.5 else None


def dead(facts: Facts) -> Iterator[Finding]:
    """Find ReLUs whose output is 0 for all samples."""
    if not facts.poor(0.6):
        return
    for units in facts.units:
        if units.name != "relu" or len(units.dead) < 3:
            continue
        share = _latest(units.dead)
        at_start = units.dead[0] > 0.75
        # A network that goes on learning has enough units that live.
        if share < (0.75 if at_start or facts.stalls() else 0.9):
            continue
        long = far_too_long(facts)
        if not at_start and long is not None:
            yield from _killed(long, share, units)
            return
        site = (written_before(facts) if at_start else None) or _place(facts, units)
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


def _killed(optimizer: Optimizer, share: float, units: Units) -> Iterator[Finding]:
    """Yield the finding that far too long steps have killed the units."""
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
        if units.name not in ("sigmoid", "tanh") or len(units.ends) < 3 or _latest(units.ends) < 0.7:
            continue
        if units.ends[0] < 0.5 and units is facts.units[-1]:
            continue
        share = _latest(units.ends)
        written = written_before(facts)
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
    """Find gradients that vanish from layer to layer on their way back."""
    if not facts.poor(0.6, 0.85) or not facts.single or far_too_long(facts) is not None:
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
    """Return the place where most of these weights got their initial numbers."""
    written = facts.record.written
    sites = Counter(written[each][1] for each in weights if each in written)
    return sites.most_common(1)[0][0] if sites else None


RULES = (dead, saturated, vanishing)
