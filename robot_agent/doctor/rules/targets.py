"""Rules on labels, on the number of outputs, and on the sign and the arguments of a loss."""

import ast
import math
import re
from collections.abc import Iterator
from statistics import fmean, median

from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import CLASSES, QUANTITIES, TWO
from robot_agent.doctor.provenance import CONFLICT
from robot_agent.doctor.signs import ALIKE
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import next_use, where_made
from robot_agent.doctor.words import names, split, statement, tree_of
from robot_agent.health.finding import Finding

KL = re.compile(r"\b1(\.0?)? \+ .*(exp\(|\*\* ?2|pow\(2|square).*(exp\(|\*\* ?2|pow\(2|square)")
"""The divergence of a normal distribution from the standard one, as it is written in source code."""
TOTAL = re.compile(r"loss|total|cost|objective|err", re.IGNORECASE)

DRAWN = split("randint rand randn bernoulli randint_like rand_like randn_like normal multinomial")


def out_of_bounds(facts: Facts) -> Iterator[Finding]:
    """Find labels that are not valid class numbers."""
    error = str(facts.record.error or "")
    if "is out of bounds" in error and "Target" in error:
        yield found(
            "labels-out-of-range",
            f"A label is no class number: {error.splitlines()[0]}",
            "With C answers, the labels must be 0 to C - 1.",
            "Subtract 1 from labels that begin with 1, or give the network more outputs.",
            0.95,
            facts.record.error_site,
            "labels beyond the number of answers",
        )
        return
    hinge, count = next(iter(facts.record.zero_one.most_common(1)), (None, 0))
    if count >= 3 and (facts.stalls(0.4) or hinge in facts.record.ready_margins):
        yield found(
            "labels-out-of-range",
            "The labels of this hinge loss are 0 and 1.",
            "It expects -1 and 1: a label of 0 takes the answer out of the loss, so these samples teach "
            "nothing.",
            "Turn the labels into -1 and 1: y = 2 * y - 1.",
            0.9,
            hinge,
            "labels 0 and 1",
        )
        return
    calls = [each for each in facts.calls if each.name == "binary_cross_entropy_with_logits"]
    beyond = [each for each in calls if each.low < -1e-6 or each.high > 1 + 1e-6]
    if len(beyond) < 3 or len(beyond) < 0.5 * len(calls):
        return
    target = beyond[0].target
    made = target.data or target.born if target is not None else None
    low, high = min(each.low for each in beyond), max(each.high for each in beyond)
    yield found(
        "labels-out-of-range",
        f"The labels of this two-class loss are {number(low)} to {number(high)}.",
        "It expects 0 and 1: with other numbers it has no lower end, and the answers run away.",
        "Turn the labels into 0 and 1: y = (y == y.max()).float().",
        0.95,
        beyond[0].site,
        f"labels {number(low)} to {number(high)}",
        *notes(note("the labels", where_made(made) if made is not None else None)),
    )


def one_answer(facts: Facts) -> Iterator[Finding]:
    """Find a softmax or a cross-entropy over a single output."""
    calls = [each for each in facts.record.calls if each.grad]
    single = [each for each in calls if each.name in CLASSES - {"pick"} and each.classes == 1]
    alone = [each for each in calls if each.alone is not None]
    if len(single) >= 3 and len(single) >= 0.5 * len(calls):
        site, seen = single[0].site, "The network has one output, and this loss takes a softmax over it."
    elif len(alone) >= 3 and len(alone) >= 0.5 * len(calls):
        site, seen = alone[0].alone or alone[0].site, "This softmax runs over a single answer."
    else:
        return
    yield found(
        "one-answer",
        seen,
        "A softmax over one number is always 1, whatever the number is, so nothing can be learned.",
        "Use one output with BCEWithLogitsLoss (or a sigmoid), or one output for each class.",
        0.96,
        site,
        "always 1",
    )


def random_labels(facts: Facts) -> Iterator[Finding]:
    """Find labels that are drawn at random in each step, although the inputs are not."""
    if facts.reinforce or not facts.single or not facts.poor(0.2, 0.9):
        return
    calls = [each for each in facts.calls if each.name in CLASSES | TWO and not each.from_net]
    drawn = [
        each
        for each in calls
        if each.target is not None
        and each.target.op in DRAWN
        and each.target.born is not None
        and not each.target.orders
        and facts.in_loop(each.target.born)
    ]
    inputs = [each for each in facts.record.inputs if each.grad]
    if (
        len(drawn) < 8
        or len(drawn) < 0.9 * len(calls)
        or len({each.same for each in drawn}) < 0.8 * len(drawn)
    ):
        return
    if not inputs or facts.record.looked_up:
        return
    if any(each.made is None or facts.in_loop(each.made) for each in inputs):
        return  # they may be made of the labels
    site = drawn[0].target.born if drawn[0].target is not None else None
    yield found(
        "labels-shuffled",
        "The labels are drawn at random in each step.",
        "They say nothing of the inputs, so there is nothing to learn.",
        "Take the labels that belong to the inputs.",
        0.85,
        site,
        "drawn anew",
        *notes(note("the loss", drawn[0].site)),
    )


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


def swapped(facts: Facts) -> Iterator[Finding]:
    """Find a loss that got the target as its first argument, and the output as its second."""
    for site, count in facts.record.swapped.items():
        if count >= 2 or facts.record.error is not None or len(facts.record.backwards) < 3:
            yield found(
                "arguments-swapped",
                "The network's answer is given to this loss as its target, and the labels as the answer.",
                "The loss and its derivative are those of another formula.",
                "The answer comes first: loss(answer, target).",
                0.96,
                site,
                "the answer comes first",
            )
            return


def probabilities(facts: Facts) -> Iterator[Finding]:
    """Find kl_div() that gets probabilities instead of their logarithms."""
    for site, count in facts.record.kl_of.items():
        if count >= 3:
            yield found(
                "nll-without-log",
                "kl_div gets probabilities as its first argument.",
                "It expects their logarithms there; with probabilities it pushes the answers the wrong way.",
                "Give it log_softmax(x, dim=1) first, and the target's probabilities second.",
                0.96,
                site,
                "expects log_softmax",
            )
            return


def compared(facts: Facts) -> Iterator[Finding]:
    """Find an accuracy that is wrong because shapes are broadcast."""
    for site, (a, b, both) in facts.record.compared.items():
        yield found(
            "broadcast",
            f"Shapes {a} and {b} are broadcast to {both}: every answer is compared with every label.",
            "The accuracy that comes of it says nothing of the network.",
            "Make the shapes equal: answer.squeeze(1), or target.unsqueeze(1).",
            0.9,
            site,
            f"{a} with {b} gives {both}",
        )
        return


def replaced(facts: Facts) -> Iterator[Finding]:
    """Find a sum of losses that the next statement replaces, so that some weights get no gradient."""
    held = facts.held_now - facts.reached
    if not held:
        return
    for file in facts.files():
        for block in ast.walk(tree_of(file) or ast.Module([], [])):
            body = getattr(block, "body", None)
            for one, other in zip(body, body[1:], strict=False) if isinstance(body, list) else ():
                if not isinstance(one, ast.Assign) or not isinstance(other, ast.Assign):
                    continue
                name = ast.unparse(one.targets[0])
                if (
                    name != ast.unparse(other.targets[0])
                    or name in names(other.value)
                    or not TOTAL.search(name)
                ):
                    continue
                yield found(
                    "loss-overwritten",
                    f"{name} is computed twice, one after the other, and the first one is never used.",
                    f"What only the first has is not learned: {len(held)} weight tensors get no gradient.",
                    "Take the second statement out, or add to the sum: total = total + ...",
                    0.93,
                    Site(file, other.lineno, other.col_offset, other.end_col_offset or 0),
                    "replaces the line above",
                )
                return


def overwritten(facts: Facts) -> Iterator[Finding]:
    """Find several losses in a step of which backward() reaches only the last one."""
    sites: dict[object, list[tuple[int, bool]]] = {}
    looked = {each.number for each in facts.fine if each.looked and not each.of_inputs}
    for each in facts.record.calls:
        if each.grad and each.kept is not None and each.backward in looked:
            sites.setdefault(each.site, []).append((each.backward, each.kept.reached))
    for entries in sites.values():
        steps: dict[int, list[bool]] = {}
        for step, reached in entries:
            steps.setdefault(step, []).append(reached)
        if not all(len(each) >= 2 and each[-1] and not any(each[:-1]) for each in steps.values()):
            continue
        site = next(
            each.site for each in facts.record.calls if each.site in sites and sites[each.site] is entries
        )
        main = facts.main
        if main is not None and _behind_batches(site, main):
            yield found(
                "loss-overwritten",
                "backward() stands behind the loop over the batches, not in it: of "
                f"{len(next(iter(steps.values())))} batches only the last one is learned from.",
                "The loss of each batch replaces the one before, and there is one step for all of them.",
                "Indent backward() and step() into the loop.",
                0.9,
                main,
                "once, after all batches",
                *notes(note("the losses are computed here", site)),
            )
            return
        if len(steps) < 5:
            continue
        yield found(
            "loss-overwritten",
            f"{len(next(iter(steps.values())))} losses are computed here in each step, and backward() "
            "reaches the last one only.",
            "Each replaces the one before, so what the others say is never learned.",
            "Add them up (loss = loss + ...), or call backward() for each.",
            0.9,
            site,
            "only the last one counts",
        )
        return


def _behind_batches(loss: Site, step: Site) -> bool:
    """Return whether a loss is in a loop that sets the gradients to zero, and backward() comes after it."""
    for node in ast.walk(tree_of(loss.file) or ast.Module([], [])):
        if isinstance(node, ast.For) and node.lineno <= loss.line <= (node.end_lineno or 0) < step.line:
            return loss.file == step.file and "zero_grad" in ast.unparse(node)
    return False


def copied(facts: Facts) -> Iterator[Finding]:
    """Find a language model whose targets are its own inputs, not the next tokens."""
    calls = [each for each in facts.calls if each.name in CLASSES and each.call in facts.record.looked_up]
    same = [each for each in calls if abs(facts.record.looked_up[each.call] - each.flat_same) < 1e-6]
    if len(calls) < 8 or len(same) < 0.9 * len(calls) or facts.reinforce:
        return
    early = [each.skill for each in calls[len(calls) // 4 : len(calls) // 2] if each.skill is not None]
    if not early or median(early) < 0.98:
        return
    target = same[0].target
    yield found(
        "target-is-input",
        "The targets are the network's own inputs, place by place.",
        "It learns to copy what it is given, and nothing of what comes next.",
        "Shift them by one: inputs = tokens[:, :-1], targets = tokens[:, 1:].",
        0.88,
        (target.site if target is not None else None) or same[0].site,
        "the same as the inputs",
        *notes(note("the loss", same[0].site)),
    )


def inverted(facts: Facts) -> Iterator[Finding]:
    """Find an inverted mask, which keeps the padding and leaves out the data."""
    for site, (count, what) in facts.record.masked.items():
        if count >= 3:
            yield found(
                "mask-inverted",
                f"This mask leaves {what} of one kind only, the padding; all others are left out.",
                "What is to be learned from is thrown away, and the filling is kept.",
                "Turn it round: ~mask. A key_padding_mask is True where attention is not to look; a mask of "
                "a loss is 1 where it counts.",
                0.92,
                site,
                "the wrong way round",
            )
            return


def filled(facts: Facts) -> Iterator[Finding]:
    """Find a mask of attention that fills what it hides with a large number, or with about 0."""
    for site, (count, value) in facts.record.filled.items():
        if count >= 3:
            yield found(
                "mask-inverted",
                f"The masked places get the score {number(value)} before the softmax.",
                "A softmax gives a large score nearly all weight, and a score of 0 its share: what is to be "
                "hidden is looked at.",
                "Fill with a number far below 0: scores.masked_fill(mask == 0, float('-inf')), or -1e9.",
                0.93,
                site,
                f"{number(value)} hides nothing",
            )
            return


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
    if facts.reinforce or not facts.single or facts.calls or facts.main is None:
        return
    for site, smaller in facts.record.overlaps.items():
        last = next((each.origin for each in reversed(facts.fine) if each.origin is not None), None)
        if len(smaller) < 4 or not all(smaller) or last is None or last.site is None:
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


def fake_label(facts: Facts) -> Iterator[Finding]:
    """Find a generator that is trained with the label for fakes."""
    record = facts.record
    if len(facts.optimizers) < 2:
        return
    labels: dict[int, dict[object, tuple[float, bool, int]]] = {}
    for call in record.calls:
        entry = record.backwards[call.backward] if call.backward < len(record.backwards) else None
        if (
            call.name not in TWO | QUANTITIES
            or not call.grad
            or not call.pure
            or call.std > 0.05
            or entry is None
        ):
            continue
        if entry.tick >= len(record.steppers) or entry.number != call.backward:
            continue
        made = labels.setdefault(record.steppers[entry.tick], {})
        count = made.get(call.site, (0.0, False, 0))[2]
        made[call.site] = (round(call.mean), call.detached, count + 1)
    sites = {each.number: each for each in record.optimizers}
    judges = {who: made for who, made in labels.items() if len({value for value, _, _ in made.values()}) == 2}
    for made in labels.values():
        alike = len(made) > 1 and len({value for value, _, _ in made.values()}) == 1
        cut = [site for site, (_, detached, count) in made.items() if detached and count >= 4]
        if alike and cut and len(cut) < len(made):
            yield found(
                "labels-constant",
                "The fakes get the same label as the real samples, in the step of the discriminator.",
                "It has nothing to tell apart, so it cannot tell the generator what to change.",
                "Give the fakes the other label: loss(D(fake.detach()), torch.zeros(n, 1)).",
                0.9,
                cut[0],  # type: ignore[arg-type]
                "the label of the real ones",
            )
            return
    for who, made in labels.items():
        if who in judges or len(made) != 1 or who not in sites:
            continue
        ((site, (value, _, count)),) = made.items()
        for judge in judges.values():
            fakes = {label for label, detached, _ in judge.values() if detached}
            if count >= 4 and fakes == {value}:
                yield found(
                    "loss-sign",
                    f"The generator is trained with the label {value:g}, the one that the fakes have.",
                    "It learns to be recognised as a fake, and moves away from the data.",
                    "Give its samples the label of the real ones in its own step.",
                    0.88,
                    site,  # type: ignore[arg-type]
                    f"label {value:g}",
                )
                return


RULES = (
    out_of_bounds,
    one_answer,
    random_labels,
    loss_sign,
    copied,
    inverted,
    filled,
    triplets,
    endless,
    divergence,
    overlaps,
    pulled,
    fake_label,
    swapped,
    probabilities,
    compared,
    replaced,
    overwritten,
)
