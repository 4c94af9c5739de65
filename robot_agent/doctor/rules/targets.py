"""Rules on labels, and on the number of outputs."""

from collections.abc import Iterator

from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import CLASSES, QUANTITIES, TWO
from robot_agent.doctor.source_values import where_made
from robot_agent.doctor.words import split
from robot_agent.health.finding import Finding

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


RULES = (out_of_bounds, one_answer, random_labels, fake_label, probabilities, compared)
