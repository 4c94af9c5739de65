"""Rules on the direction of a loss: its sign, what it pulls together, and what it drives apart."""

import ast
import math
import re
from collections.abc import Iterator
from statistics import fmean

from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import CLASSES, QUANTITIES, TWO
from robot_agent.doctor.provenance import CONFLICT
from robot_agent.doctor.signs import ALIKE
from robot_agent.doctor.source import next_use
from robot_agent.doctor.words import statement
from robot_agent.health.finding import Finding

KL = re.compile(r"\b1(\.0?)? \+ .*(exp\(|\*\* ?2|pow\(2|square).*(exp\(|\*\* ?2|pow\(2|square)")
"""The divergence of a normal distribution from the standard one, as it is written in source code."""


def loss_sign(facts: Facts) -> Iterator[Finding]:
    """Find a loss that the steps make larger instead of smaller."""
    record = facts.record
    if facts.reinforce or not facts.single or not facts.losses:
        return
    names = QUANTITIES | CLASSES | TWO | ALIKE
    calls = [each for each in record.calls if each.name in names and each.grad and any(each.slope)]
    ways = {bool(dict(each.options).get("maximize")) for each in facts.optimizers if each.steps}
    site, uphill = None, sum(record.uphill.values())
    if record.manual and not record.optimizers:
        if uphill < 3 or uphill < 0.9 * sum(record.manual.values()) or (not calls and not facts.diverged):
            return
        site = record.uphill.most_common(1)[0][0]
        calls = [each for each in calls if sum(each.slope) < 0]
        if calls or not _grows(facts):
            return
    else:
        if len(calls) < 4 or len(ways) != 1:
            return
        way = -1 if True in ways else 1
        wrong = [each for each in calls if way * sum(each.slope) < 0]
        likeness = all(each.name in ALIKE for each in wrong)
        if len(wrong) < len(calls) or not (likeness or facts.poor(0.1, 2.0) or facts.diverged):
            return
        site = facts.optimizers[0].site if way < 0 else wrong[0].site
    yield found(
        "loss-sign",
        "Each step makes the loss larger" + (": maximize=True." if True in ways else "."),
        "The weights go uphill, away from what is right, and the loss has no end there.",
        "backward() and step() go downhill: minimise the error itself, without a minus, and subtract the "
        "gradient; of a likeness minimise 1 - likeness.",
        0.93,
        site,
        "the wrong way",
    )


def _grows(facts: Facts) -> bool:
    values = facts.losses
    return len(values) >= 5 and (facts.diverged or values[-1] > 2 * abs(values[0]))


def triplets(facts: Facts) -> Iterator[Finding]:
    """Find a triplet loss that gets the negatives as positives."""
    for site, farther in facts.record.triplets.items():
        if len(farther) >= 8 and sum(farther) >= 0.95 * len(farther):
            yield found(
                "arguments-swapped",
                "What this loss pulls together is farther apart in the data than what it pushes away.",
                "The samples of one class are pushed away from each other.",
                "The order is anchor, positive, negative.",
                0.85,
                site,
                "positive and negative exchanged",
            )
            return


def weight_below_zero(facts: Facts) -> Iterator[Finding]:
    """Find learned factors of the losses that have fallen below 0, where larger losses are better."""
    values = facts.losses
    if not facts.single or len(values) < 20 or len(facts.optimizers) != 1 or facts.reinforce:
        return
    tenth = max(1, len(values) // 10)
    first, middle, last = fmean(values[:tenth]), values[len(values) // 2], fmean(values[-tenth:])
    if not (last < min(0.0, first) and middle - last >= 0.3 * (first - middle)):
        return
    for site, kept in facts.record.weighted.items():
        numbers = {number for _, number, _, _ in kept} & facts.held_now
        ends = [float(facts.live[n].detach().min()) for n in numbers if n in facts.live]
        part = all(total > 0.1 * values[when] for when, _, _, total in kept[:3] if when < len(values))
        if len(kept) < 5 or kept[0][2] < 0 or not part or min(ends, default=0.0) >= 0:
            continue
        yield found(
            "loss-sign",
            f"A learned weight of the loss has fallen from {number(kept[0][2])} to {number(min(ends))}.",
            "Below 0 a larger error makes the sum smaller: nothing holds the weights up, so they fall "
            "without end, and the errors grow.",
            "Add the counter term: exp(-s) * loss + s, with a learned s for each loss; or keep the weights "
            "fixed.",
            0.92,
            site,
            "learned weights without a counter term",
            *notes(note("backward() was called here", facts.main)),
        )
        return


def endless(facts: Facts) -> Iterator[Finding]:
    """Find a term of the loss that falls without end."""
    values = [each for each in facts.losses if math.isfinite(each)]
    if facts.reinforce or not facts.single or len(values) < 20 or len(facts.optimizers) != 1:
        return
    tenth = max(1, len(values) // 10)
    first, middle, last = (
        fmean(values[:tenth]),
        fmean(values[len(values) // 2 :][:tenth]),
        fmean(values[-tenth:]),
    )
    if not (last < -10 * (abs(first) + 1) and middle - last >= first - middle):
        return
    falling = {
        site: terms[-1]
        for site, terms in facts.record.terms.items()
        if len(terms) > 3 and terms[-1] < -10 * (abs(terms[0]) + 0.1)
    }
    site = min(falling, key=lambda each: falling[each], default=facts.main)
    yield found(
        "loss-sign",
        f"The loss falls without end: from {number(values[0])} to {number(values[-1])}.",
        "What is minimised has no lower end: a part of it has the wrong sign, and the rest no longer counts.",
        "Look at the sign of this term: a distance, a divergence or an error is to be added.",
        0.88,
        site,
        "falls without end",
    )


def divergence(facts: Facts) -> Iterator[Finding]:
    """Find the divergence of a VAE with the wrong sign; with the right one it is never below 0."""
    for site, values in facts.record.summed.items():
        terms = [value for value, _ in values]
        node = statement(site)
        text = ast.unparse(node) if node is not None else ""
        if len(terms) >= 4 and max(terms[-8:]) < 0 and KL.search(text):
            yield found(
                "loss-sign",
                f"This divergence comes to the loss as {number(terms[-1])}; it can never be below 0.",
                "The steps make it larger without end, and drive the codes away from what is sampled later.",
                "Write -0.5 * torch.sum(1 + logvar - mu ** 2 - logvar.exp()), and add it.",
                0.93,
                site,
                "the wrong sign",
            )
            return


def overlaps(facts: Facts) -> Iterator[Finding]:
    """Find an overlap of answers and labels, as a Dice score, that the steps make smaller."""
    overlaps = facts.record.overlaps
    if facts.reinforce or not facts.single or facts.calls or facts.main is None:
        return
    if not all(all(smaller) for smaller in overlaps.values()):
        return  # the overlap grows, and what lies beside it (as in a Tversky loss) shrinks
    for site, smaller in overlaps.items():
        last = next((each.origin for each in reversed(facts.fine) if each.origin is not None), None)
        if len(smaller) < 4 or last is None or last.site is None:
            continue
        after = next_use(last.site)
        yield found(
            "loss-sign",
            "The steps make the overlap of the answers and the labels smaller.",
            "An overlap (Dice, IoU, F1) is to become larger; backward() and step() go downhill.",
            "Minimise 1 - overlap.",
            0.92,
            after if isinstance(statement(after), ast.Return) else last.site,
            "the wrong way",
            *notes(note("the overlap", site)),
        )
        return


def pulled(facts: Facts) -> Iterator[Finding]:
    """Find a generator or an actor that learns against what its judge tells it."""
    record, weight = facts.record, facts.observer.origins.weight
    for key, entries in record.pulled.items():
        known = record.networks.get(key)
        network = known.ref() if known is not None else None
        if network is None:
            continue
        own = {weight(p) for p in network.parameters()}
        judging = [each for each in entries if each[0].leaves and not each[0].leaves & (facts.held - own)]
        learning = [each for each in entries if each[0].leaves & (facts.held - own) and each[1] == "made"]
        way = _one_way([share for _, _, share in learning])
        if not way or not judging:
            continue
        fakes = _one_way([share for _, what, share in judging if what == "cut"])
        real = _one_way([share for _, what, share in judging if what == "data"])
        numbers = {each[0].number for each in judging}
        paid = any(
            call.name in QUANTITIES and call.target is not None and call.target.reward in (1, CONFLICT)
            for call in record.calls
            if call.grad and call.backward in numbers
        )
        if not (fakes == way == -real or (paid and way > 0 and not fakes)):
            continue
        origin = learning[-1][0].origin
        yield found(
            "loss-sign",
            "The network that learns from this one makes its value smaller, and it stands for a reward."
            if not fakes == way == -real
            else "The generator is pushed the same way as its fakes are in the step of their judge.",
            "It learns the opposite of what it is to learn.",
            "Put a minus in front: actor_loss = -critic(state, actor(state)).mean()."
            if not fakes == way == -real
            else "Turn the sign round in the generator's own step.",
            0.9,
            (origin.site if origin is not None else None) or learning[-1][0].site,
            "the wrong way",
        )
        return


def _one_way(shares: list[float]) -> int:
    """Return 1 or -1 if all of at least three gradients have this sign, else 0."""
    if len(shares) < 3 or min(map(abs, shares)) < 0.9:
        return 0
    signs = {share > 0 for share in shares}
    return 0 if len(signs) > 1 else 1 if True in signs else -1


RULES = (loss_sign, triplets, weight_below_zero, endless, divergence, overlaps, pulled)
