"""Rules on balance: a term of the loss or a class that outweighs others, too small logits, unused layers."""

import ast
import re
from collections.abc import Iterator
from statistics import median
from typing import Any

from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import CLASSES, TWO
from robot_agent.doctor.site import Site
from robot_agent.doctor.source_patterns import fresh_state
from robot_agent.doctor.words import names, tree_of
from robot_agent.health.finding import Finding

COSINE = re.compile(r"normali[sz]e|norm$|cos", re.IGNORECASE)


def outweighed(facts: Facts) -> Iterator[Finding]:
    """Find a term of the loss that outweighs another one, which is therefore not learned."""
    record = facts.record
    if facts.reinforce or not facts.single or len(record.summed) < 2:
        return
    calls = [each for each in record.calls if each.grad and each.skill is not None and not each.from_net]
    calls = [each for each in calls if each.kept is not None]
    for site in dict.fromkeys(each.site for each in calls):
        group = [each for each in calls if each.site == site]
        late = group[-8:]
        unlearned = median(each.skill or 0.0 for each in late) < 0.12
        if len(group) < 8 or not (unlearned or median(each.spread for each in late) < 0.25):
            continue
        kept = {id(each.kept) for each in group}
        own = [values for values in record.summed.values() if any(id(o) in kept for _, o in values)]
        if not own or len(own[0]) < 8:
            continue
        size = median(abs(value) for value, _ in own[0][:4])
        for place, values in record.summed.items():
            large = [value for value, _ in values]
            if values is own[0] or len(large) < 8:
                continue
            early, end = median(large[:4]), median(large[-8:])
            drowned = early > 20 * size and end < 0.98 * early
            collapsed = early > 0.5 * size and end < 0.02 * early  # such as the divergence of a VAE
            if size > 0 and (drowned or collapsed):
                yield found(
                    "term-too-strong",
                    f"This term of the loss is {number(early)} at first, and the other one {number(size)}.",
                    "The steps follow the large term alone, and the small one is not learned.",
                    "Give both the same size: take the sum or the mean in both, or a factor such as 0.01.",
                    0.85,
                    place,
                    f"{number(early / size)} times as large",
                    *notes(note("this one is not learned", site)),
                )
                return


def _criterion(facts: Facts) -> Site | None:
    """Return where the script has made its only CrossEntropyLoss or NLLLoss; None if there is none."""
    made = [
        site
        for site, built in facts.record.modules.items()
        if any(each.name in ("CrossEntropyLoss", "NLLLoss") for each in built)
    ]
    return made[0] if len(made) == 1 else None


def imbalanced(facts: Facts) -> Iterator[Finding]:
    """Find a classifier that has learned nothing but the most frequent class."""
    if facts.reinforce or not facts.single:
        return
    calls = [each for each in facts.calls if each.name in CLASSES | TWO and each.most]
    late = calls[-max(8, len(calls) // 4) :]
    if len(calls) < 20 or sum(each.rows for each in late) < 200:
        return
    share = sum(each.most * each.rows for each in late) / sum(each.rows for each in late)
    if all(each.padding for each in late) and sum(each.one_guess for each in late) >= 0.9 * len(late):
        yield found(
            "imbalanced",
            f"{share:.0%} of the labels are padding, and the network answers padding to everything.",
            "The padding outweighs what is to be learned in the mean of the loss.",
            "Leave it out: CrossEntropyLoss(ignore_index=0), with the number that fills the sequences up.",
            0.9,
            _criterion(facts) or late[0].site,
            "counts the padding",
            *notes(note("the loss", late[0].site)),
        )
        return
    favoured = [each.favoured for each in calls if each.favoured is not None]
    if len(favoured) >= 0.7 * len(calls) and sum(each.one_guess for each in late) >= 0.7 * len(late):
        yield found(
            "imbalanced",
            f"The class of {share:.0%} of the samples has the largest weight, and nearly all answers are it.",
            "The rare classes, which hardly count in the mean anyway, are made lighter still.",
            "Turn the weights round: all samples divided by those of the class (pos_weight: negatives / "
            "positives).",
            0.88,
            favoured[0],
            "heavy where there is much",
            *notes(note("the loss", late[0].site)),
        )
        return
    if not 0.88 <= share < 0.9995 or sum(each.one_guess for each in late) < 0.95 * len(late):
        return
    target = late[0].target
    yield found(
        "imbalanced",
        f"{share:.0%} of the samples have the same label, and the network answers it to everything.",
        "The accuracy is high, and nothing is told apart: the few others hardly count in the loss.",
        "Give the rare class more weight (weight=, pos_weight=), or draw it more often "
        "(WeightedRandomSampler).",
        0.7,
        late[0].site,
        "one class outweighs the rest",
        *notes(note("the labels", target.data if target is not None else None)),
    )


def squeezed(facts: Facts) -> Iterator[Finding]:
    """Find a cross-entropy of numbers that are limited to -1 to 1: cosines, or a tanh."""
    calls = [each for each in facts.calls if each.name == "cross_entropy" and each.classes >= 3]
    if len(calls) < 20 or not all(-1.0001 <= each.answer_low <= each.answer_high <= 1.0001 for each in calls):
        return  # also where an answer is not a number
    late = calls[-max(5, len(calls) // 10) :]
    tanh = all(each.act is not None and each.act.name == "tanh" for each in late)
    if median(each.answer_high for each in late) < (0.6 if not tanh else 0.3) or any(
        each.act is not None and each.act.name in ("softmax", "sigmoid") for each in late
    ):
        return
    middle = calls[len(calls) // 2 - 2 : len(calls) // 2 + 3]
    grow = 1.15 * median(e.answer_high for e in middle) < median(e.answer_high for e in late) < 0.75
    limited = all(each.unit for each in late) or (not grow and any(map(_makes_cosines, facts.files())))
    if not tanh and not limited:
        return  # answers of a network that has not learned are small too
    if not tanh and (not facts.poor(1.01, 0.6) or median(each.answer_high for each in calls[:5]) < 0.1):
        return
    values = [each.value for each in late if each.value is not None]
    act = late[0].act
    yield found(
        "answers-squeezed",
        f"This loss gets numbers between {number(min(e.answer_low for e in late))} and "
        f"{number(max(e.answer_high for e in late))} only"
        + (f", and stays at {number(median(values))}." if values else "."),
        "A softmax of numbers this close to each other can never be sure, so the loss cannot fall.",
        "Give it the raw sums, without a tanh; multiply cosines with 10 to 30.",
        0.85,
        facts.place_of(act) if tanh and act is not None else late[0].site,
        "-1 to 1 only",
        *notes(note("the loss", late[0].site if tanh else None)),
    )


def _makes_cosines(file: str) -> bool:
    """Return whether a source file brings vectors to length 1."""
    return any(COSINE.search(name) for name in names(tree_of(file) or ast.Module([], [])))


def not_asked(facts: Facts) -> Iterator[Finding]:
    """Find a network with an optimizer of its own on whose answers no loss depends, as an encoder."""
    record = facts.record
    if len(facts.fine) < 5:
        return
    called = {n: site for n, site in record.first_sites.items() if n in facts.held_now}
    for each in facts.optimizers:
        own = {n for n in each.ids if n in facts.live and facts.live[n].requires_grad}
        if (
            each.looked < 3
            or each.none < each.looked
            or not own
            or own & facts.reached
            or not own & set(called)
        ):
            continue
        cuts = [*record.cuts.values(), *record.exits]
        if any(cut.leaves & own for cut in cuts) or any(network_of(facts, n) is None for n in own):
            continue
        site = caller(facts, own)
        if site is None:
            continue
        yield found(
            "layer-left-out",
            f"What this network answers never comes to the loss ({facts.name(min(own))}, ...).",
            "Its weights get no gradient in any step, and what follows does without it.",
            "Hand its answer on: decoder_hidden = encoder_hidden.",
            0.9,
            fresh_state(site) or site,
            "begins with zeros instead" if fresh_state(site) is not None else "its answer is lost",
            *notes(note("it is called here", site)),
        )
        return


def left_out(facts: Facts) -> Iterator[Finding]:
    """Find layers that are called, but on whose output the loss does not depend."""
    record = facts.record
    if len(facts.fine) < 5 or not facts.poor(0.5, 0.9) or facts.reinforce or not facts.single:
        return
    called = {n: site for n, site in record.first_sites.items() if n in facts.held_now}
    lost = [n for n in called if n not in facts.reached and n in facts.live and facts.live[n].requires_grad]
    if not lost or len(lost) == len(called):
        return
    if any(each.leaves & set(lost) for each in [*record.cuts.values(), *record.exits]):
        return
    name = facts.name(lost[-1])
    yield found(
        "layer-left-out",
        f"What this layer answers never comes to the loss ({name}).",
        "Its answer is overwritten or not used, so it learns nothing and the rest does without it.",
        "Hand its answer on: x = self.layer(x), and use that x in the next line.",
        0.85,
        called[lost[-1]],
        "its answer is lost",
    )


def network_of(facts: Facts, weight: int) -> Any:
    """Return the outermost network that has a weight; None if no network has it."""
    for network in facts.networks:
        if any(p is facts.live.get(weight) for p in network.parameters()):
            return network
    return None


def caller(facts: Facts, weights: set[int]) -> Site | None:
    """Return where the script calls the network with these weights in its training."""
    networks = {id(network_of(facts, n)) for n in weights}
    calls = [
        test[2]
        for key, each in facts.record.networks.items()
        for test in each.tests
        if key in networks and each.ref() is not None and test[1]
    ]
    return calls[-1] if calls else None


RULES = (outweighed, squeezed, left_out, not_asked, imbalanced)
