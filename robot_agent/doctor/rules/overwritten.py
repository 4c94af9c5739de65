"""Rules on losses and arguments that are replaced, exchanged or filled in before they are used."""

import ast
import re
from collections.abc import Iterator
from statistics import median

from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import CLASSES
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import names, tree_of
from robot_agent.health.finding import Finding

TOTAL = re.compile(r"loss|total|cost|objective|err", re.IGNORECASE)


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


RULES = (copied, inverted, filled, swapped, replaced, overwritten)
