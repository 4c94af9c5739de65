"""Rules on the layout of the data, and on what is between the layers."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from statistics import median

from robot_agent.doctor.entries import Input
from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import QUANTITIES
from robot_agent.doctor.site import Site
from robot_agent.doctor.source_patterns import changed_in_place, reference_of_state, second_name
from robot_agent.doctor.source_values import integer_buffer, label_of_dataset, made_integer
from robot_agent.health.finding import Finding


def inputs_constant(facts: Facts) -> Iterator[Finding]:
    """Find inputs that are the same for all samples, although the targets are not."""
    calls = [each for each in facts.calls if not each.from_net and each.rows >= 4 and not each.pure]
    inputs = [each for each in facts.record.inputs if each.grad and each.rows >= 4]
    alike = [each for each in inputs if each.alike]
    if len(inputs) < 4 or len(alike) < 0.9 * len(inputs):
        return
    zero = all(each.rms == 0 for each in alike)
    first = alike[0]
    rounded = _cut_off(first) if zero and first.integer else None
    if rounded is None and (facts.reinforce or len(calls) < 4):
        return
    cure = "Print x.std(0), and look at how x is made: an integer division, an index that is not used."
    if rounded is not None:
        cure = (
            "Integers keep nothing of a number between 0 and 1: store it as float32, or scale it to 0 to 255 "
            "before it is stored, and divide when it is used."
        )
    yield found(
        "inputs-constant",
        ("All inputs are 0" + (": they were cut off to integers." if rounded is not None else "."))
        if zero
        else "All samples of a batch are the same, and their targets differ.",
        "The network cannot tell one sample from another: it answers the mean of the targets.",
        cure,
        0.93,
        rounded or (first.made if zero else None) or label_of_dataset(first.site, 0, anywhere=True),
        "always the same",
        *notes(note("the network is given them here", first.site)),
    )


def _cut_off(given: Input) -> Site | None:
    """Return the line where numbers below 1 became integers, all of them 0; None if it is not known."""
    if given.born is None:
        return None
    return made_integer(given.born) if given.made == given.born else integer_buffer(given.born)


def time_first(facts: Facts) -> Iterator[Finding]:
    """Find a recurrent layer that takes the dimension of the samples as the time."""
    hits: Counter[tuple[Site, Site | None, int, int]] = Counter()
    for call in facts.calls:
        entry = facts.record.sequences.get(call.call)
        if entry is None or call.from_net:
            continue
        _, _, times, samples = entry
        target = call.shape[1]
        first = target[:1] == call.shape[0][:1] == (times,)
        if samples > 1 and times != samples and first and (len(target) < 2 or target[1] != samples):
            hits[entry] += 1
    if not hits or hits.total() < 3:
        return
    site, built, times, samples = hits.most_common(1)[0][0]
    yield found(
        "time-first",
        f"This layer takes dimension 0 as the time: {times} times of {samples} samples, and the loss has "
        f"{times} samples.",
        "It mixes the samples of a batch with each other, and goes through none of them in time.",
        "Write batch_first=True where the layer is made, or x.transpose(0, 1) before it.",
        0.93,
        built or site,
        "batch_first is missing",
        *notes(note("it is called here", site if built is not None else None)),
    )


def samples_as_times(facts: Facts) -> Iterator[Finding]:
    """Find a layer with batch_first=True that gets the time first."""
    hits = Counter(facts.record.crossed.values())
    if not hits or hits.total() < 3 or not facts.poor(0.9, 0.9):
        return
    site, built, samples, times = hits.most_common(1)[0][0]
    yield found(
        "time-first",
        f"This layer has batch_first=True and gets {times} times of {samples} samples, with the time first.",
        "It goes through the samples of a batch as if they were the steps of a sequence.",
        "Bring the samples to the front before it (x.permute(1, 0, 2)), or leave batch_first out.",
        0.9,
        built or site,
        "gets the time first",
        *notes(note("it is called here", site if built is not None else None)),
    )


def scrambled(facts: Facts) -> Iterator[Finding]:
    """Find data that got the shape of its transpose by view()."""
    for site, (_, before, after) in facts.record.scrambled.items():
        exchanged = sorted(before) == sorted(after)
        yield found(
            "view-for-transpose",
            f"Data of shape {before} is given the shape {after} by view() or reshape().",
            "That only cuts the same row of numbers anew: the numbers of one sample come into others.",
            f"Use transpose() or permute(): x.permute({', '.join(map(str, _order(before, after)))})."
            if exchanged
            else f"Bring the classes to the end first: x.movedim(1, -1).reshape(-1, {after[1]})."
            if len(before) != 3 or after[0] != before[1]
            else f"Bring the samples to the front first: x.transpose(0, 1).reshape({after[0]}, -1).",
            0.9,
            site,
            "this does not transpose",
        )
        return


def _order(before: tuple[int, ...], after: tuple[int, ...]) -> list[int]:
    free = list(range(len(before)))
    order = []
    for size in after:
        index = next(each for each in free if before[each] == size)
        free.remove(index)
        order.append(index)
    return order


def no_activation(facts: Facts) -> Iterator[Finding]:
    """Find linear layers with nothing between them, in a network that cannot learn its task."""
    record = facts.record
    calls = [each for each in facts.calls if each.call in record.chains]
    if len(calls) < 8 or not facts.single or facts.reinforce or not facts.poor(0.6, 0.7):
        return
    if any(each.call in record.bent or each.from_net for each in calls) or record.recurrent is not None:
        return
    count, site = record.chains[calls[-1].call]
    if len(facts.losses) < 40 or _still_falls(facts.losses):
        return
    yield found(
        "no-activation",
        f"{count} linear layers follow each other with no activation between them.",
        "Together they are one linear layer: nothing but straight lines and planes can be learned.",
        "Put an activation after each layer but the last: nn.ReLU() or nn.Tanh().",
        0.85,
        site,
        "linear after linear",
    )


def _still_falls(values: list[float]) -> bool:
    """Return whether a loss still fell by a tenth in the last fifth of the training."""
    fifth = len(values) // 5
    return median(values[-fifth // 2 :]) < 0.9 * median(values[-fifth : -fifth // 2])


def statistics(facts: Facts) -> Iterator[Finding]:
    """Find a BatchNorm whose running statistics, which are used in tests, hardly change."""
    import torch

    record = facts.record
    if not any(not mode for _, _, mode, _ in record.mode_calls):
        return
    for network in facts.networks:
        for layer in network.modules():
            if not isinstance(layer, torch.nn.modules.batchnorm._BatchNorm) or layer.momentum is None:
                continue
            seen = int(layer.num_batches_tracked) if layer.num_batches_tracked is not None else 0
            if not 0 < layer.momentum < 0.01 or seen < 10 or layer.momentum * seen > 2:
                continue
            known = facts.observer.layers.get(id(layer))
            yield found(
                "statistics-too-slow",
                f"BatchNorm has seen {seen} batches with momentum {layer.momentum:g}: its statistics are "
                f"{1 - (1 - layer.momentum) ** seen:.0%} those of the data.",
                "In eval() it uses these instead of the batch's own, and answers something else than before. "
                "Here momentum is the share of the new batch, not of the old value.",
                "Write momentum=0.1 (what others call 0.9), or 0.01.",
                0.9,
                known[1] if known is not None else None,
                f"momentum={layer.momentum:g}",
            )
            return


def not_loaded(facts: Facts) -> Iterator[Finding]:
    """Find saved weights of which none was loaded, because no name is the same."""
    for site in facts.record.not_loaded:
        yield found(
            "weights-not-loaded",
            "No weight of the network is among those that are loaded: no name is the same.",
            "strict=False says nothing of it, and the network begins with random weights.",
            "Leave strict=False out to see the names; take a prefix such as 'module.' away.",
            0.95,
            site,
            "nothing is loaded",
        )
        return


def first_output(facts: Facts) -> Iterator[Finding]:
    """Find a network that uses only the first output of a recurrent layer."""
    for site, (count, times) in facts.record.early.items():
        if count >= 3 and facts.poor(0.7, 0.8) and not facts.reinforce:
            yield found(
                "first-time-step",
                f"Of {times} outputs of the recurrent layer the first one is taken.",
                "It has seen nothing but the first step of the sequence.",
                "Take the last one: out[:, -1], or out[-1] where the time comes first.",
                0.9,
                site,
                "the first step only",
            )
            return


def from_itself(facts: Facts) -> Iterator[Finding]:
    """Find a network that loads its own weights, because state_dict() is not a copy."""
    for site, count in facts.record.from_itself.items():
        kept = reference_of_state(site)
        if kept is not None and facts.record.tick:
            yield found(
                "state-not-copied",
                "state_dict() answers the weights themselves, not a copy: they go on learning.",
                "What is loaded at the end is what is there already, not the best network.",
                "Copy them: best = copy.deepcopy(model.state_dict()).",
                0.9,
                kept,
                "no copy",
                *notes(note("it is loaded here", site)),
            )
            return
        if count >= 2:
            yield found(
                "target-not-updated",
                "A network is loaded with its own weights: nothing changes.",
                "The target network stays as it was made, and its answers say nothing of what was learned.",
                "Load the other network's weights: target.load_state_dict(online.state_dict()).",
                0.95,
                second_name(site.file) or site,
                "its own weights",
            )
            return


KEPT = re.compile(r"keep|kept", re.IGNORECASE)
"""Names of a share that is kept; PyTorch's dropout wants the share that is dropped."""


def dropout(facts: Facts) -> Iterator[Finding]:
    """Find a dropout that leaves almost nothing, or a dropout on the outputs."""
    if not facts.single or not facts.poor(0.9, 0.9):
        return
    for site, (count, share, built) in facts.record.dropouts.items():
        named = share > 0.5 and any(KEPT.search(each.text) for each in (site, built) if each is not None)
        if count >= 3 and (share >= 0.9 or named or (share >= 0.75 and facts.poor(0.5, 0.85))):
            yield _dropped(f"{share:.0%} of the units are dropped here.", 0.9, built or site)
            return
    calls = [each for each in facts.calls if each.dropped is not None and each.name in QUANTITIES]
    if len(calls) >= 4 and len(calls) >= 0.8 * len(facts.calls) and facts.record.dropouts:
        behind = calls[0].dropped
        built = facts.record.dropouts.get(behind, (0, 0.0, None))[2] if behind is not None else None
        place = built if built is not None and behind in facts.record.forwards else behind
        yield _dropped("The network's answers themselves are dropped.", 0.85, place)


def shrinking(facts: Facts) -> Iterator[Finding]:
    """Find inputs that are scaled again each time they are fetched, because this is done in place."""
    inputs = [each.rms for each in facts.record.inputs if each.grad]
    if len(inputs) < 12 or not facts.single or facts.reinforce:
        return
    first, last = median(inputs[:5]), median(inputs[-5:])
    if not (0 < last < first / 50 or first < last / 50 < math.inf):
        return
    place = next((site for file in facts.files() if (site := changed_in_place(file)) is not None), None)
    if place is None:
        return
    yield found(
        "not-scaled",
        f"The inputs' typical size goes from {number(first)} to {number(last)} during the training.",
        "The stored data itself is changed each time it is fetched, not a copy of it.",
        "Write x = x / 255 instead of x /= 255, or scale all data once, before the training.",
        0.9,
        place,
        "changes the stored data",
    )


def _dropped(seen: str, sure: float, site: Site | None) -> Finding:
    return found(
        "dropout-too-high",
        seen,
        "What is dropped is 0, and the rest is made larger: hardly anything of the signal is left.",
        "Use 0.1 to 0.5, between hidden layers, and never behind the last layer.",
        sure,
        site,
        "too much is dropped",
    )


RULES = (
    inputs_constant,
    time_first,
    samples_as_times,
    scrambled,
    no_activation,
    statistics,
    not_loaded,
    first_output,
    from_itself,
    dropout,
    shrinking,
)
