"""Rules on tensors that are overwritten while they are needed, and on batches of one sample."""

import re
from collections.abc import Iterator
from typing import Any

from robot_agent.doctor.facts import Facts, found, note, notes
from robot_agent.doctor.rules.graph import rebound, used_later
from robot_agent.health.finding import Finding


def in_place(facts: Facts) -> Iterator[Finding]:
    """Find a tensor that was changed in place while backward() still needed it."""
    record, failed = facts.record, facts.failed
    message = str(record.error or "")
    if failed is not None and "inplace operation" in failed.error:
        if used_later(failed):
            return
        match = re.search(r"\[([\d, ]*)\]\], which is output \d+ of (\w+)", failed.error)
        shape = tuple(int(each) for each in match[1].split(",") if each.strip()) if match else None
        node = match[2] if match else ""
        recent = [each for each in record.inplace if each[0] == failed.number]
        choice = (
            [each for each in recent if each[4] == node and each[3] == shape]
            or [each for each in recent if each[3] == shape]
            or [each for each in recent if each[4] == node]
            or recent
        )
        stepped = next(
            (each for each in record.optimizers if each.step_site is not None and each.steps), None
        )
        site = choice[-1][1] if choice else stepped.step_site if stepped is not None else failed.site
        yield found(
            "in-place",
            f"This changes numbers in place that backward() still needs{f' ({node})' if node else ''}.",
            "PyTorch had kept them for a derivative; now others stand there.",
            "Write x = x + y instead of x += y, clone() before a change, no inplace=True here; "
            "call every backward() before any step().",
            0.97,
            site,
            "changed in place here",
            *notes(note("backward() was called here", failed.site)),
        )
    elif "in-place operation" in message and "leaf" in message:
        yield found(
            "in-place",
            "A weight is changed in place while PyTorch records what is done to it.",
            "PyTorch does not let the start of a graph be overwritten.",
            "Put it into with torch.no_grad():",
            0.95,
            record.error_site,
            "changed in place here",
        )


def _reached(facts: Facts) -> Iterator[tuple[Any, Any]]:
    """Yield the first and the present numbers of each weight on which the loss depends."""
    for number, (_, first) in facts.steps.first_weights.items():
        if number in facts.reached and number in facts.live:
            yield first, facts.live[number].detach()


def weights_rebound(facts: Facts) -> Iterator[Finding]:
    """Find `w = w - rate * w.grad`."""
    record = facts.record
    if not record.rebound:
        return
    message = f"{type(record.error).__name__} {record.error}"
    if record.error is not None and ("NoneType" in message or "not have been used in the graph" in message):
        yield rebound(record.rebound_last or next(iter(record.rebound)), 0.97)
    elif (
        not record.manual
        and not record.tick
        and sum(record.rebound.values()) >= 3
        and record.error is None
        and all(each.equal(weight) for each, weight in _reached(facts))
        and not any(len(each) > 8 and each[-1] < 0.7 * each[0] for each in record.losses.values())
    ):
        site = max(record.rebound, key=lambda each: record.rebound[each])
        yield rebound(site, 0.93)


def batch_of_one(facts: Facts) -> Iterator[Finding]:
    """Find a BatchNorm in training that gets a single sample."""
    record = facts.record
    failed = record.error is not None and "more than 1 value per channel" in str(record.error).lower()
    single = sum(record.single_calls.values())
    learned = sum(each.learned_from for each in record.tests)
    if not failed and (single < 10 or single < 0.8 * learned):
        return
    loader = next(
        (each for each in record.loaders.values() if each.iterations and each.site is not None), None
    )
    site = record.error_call or record.error_site if failed else record.single_calls.most_common(1)[0][0]
    if not failed and loader is not None and loader.size == 1:
        site = loader.site
    yield found(
        "batch-of-one",
        "BatchNorm got a single sample in training mode" + ("." if failed else f", in {single} calls."),
        "It subtracts the mean of the batch: of one sample little or nothing is left.",
        "Give it batches of two or more (drop_last=True in the DataLoader), or eval() where you predict.",
        0.98 if failed else 0.85,
        site,
        "one sample",
        *notes(
            note(
                "the batches come from here",
                loader.site if loader is not None and loader.site != site else None,
            )
        ),
    )


RULES = (in_place, weights_rebound, batch_of_one)
