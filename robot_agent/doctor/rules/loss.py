"""Rules on the loss: its outputs, its targets, and their shapes and ranges."""

from collections.abc import Iterator
from statistics import fmean, median

from robot_agent.doctor.facts import REINFORCE, Facts, found, note, notes, number
from robot_agent.doctor.losses import CLASSES, QUANTITIES, TWO
from robot_agent.doctor.source_patterns import second_of_answer
from robot_agent.health.finding import Finding


def twice(facts: Facts) -> Iterator[Finding]:
    """Find a softmax or sigmoid of a softmax or sigmoid."""
    for (kind, site), (count, act) in facts.record.twice.items():
        if count < 2 and len(facts.fine) > 2:
            continue
        name = "softmax" if kind == "softmax-twice" else "sigmoid"
        place = facts.place_of(act)
        yield found(
            kind,
            f"A {name} of a {name}: what this answers goes into a call that makes a {name} itself.",
            "The second one squeezes all answers together, and little gradient is left.",
            f"Give it the raw sums (logits): leave the {name} in the network out, or use the loss that "
            f"expects probabilities.",
            0.97,
            place or site,
            f"the first {name}",
            *notes(note(f"another {name} is made here", site if place is not None else None)),
        )


def without_log(facts: Facts) -> Iterator[Finding]:
    """Find nll_loss of outputs that are not log-probabilities."""
    calls = [each for each in facts.record.calls if each.name == "nll_loss" and each.grad and each.normal > 0]
    if not calls:
        return
    far = median(each.normal for each in calls)
    act = calls[0].act
    if far < 0.05 or (act is not None and act.name == "log_softmax"):
        return
    yield found(
        "nll-without-log",
        f"nll_loss gets no log-probabilities: their exponentials add up to e^{number(far)}, not to 1.",
        "It only picks the number of the right class and pushes it up; without log_softmax the others "
        "are not pushed down.",
        "Use cross_entropy on the raw sums, or log_softmax(x, dim=1) before nll_loss.",
        0.97,
        calls[0].site,
        "expects log_softmax",
    )


def with_itself(facts: Facts) -> Iterator[Finding]:
    """Find a target that shares its memory with the answer, so that the loss is always 0."""
    calls = [each for each in facts.record.calls if each.grad]
    same = [each for each in calls if each.aliased]
    if len(same) < 3 or len(same) < 0.9 * sum(each.site == same[0].site for each in calls):
        return
    if all(each.loss != 0 for each in facts.record.backwards):
        return  # x - x.detach() within a larger loss, which is 0 on purpose
    target = same[0].target
    made = second_of_answer(same[0].site) or (target.site if target is not None else None)
    yield found(
        "in-place",
        "The target is the answer itself: both share one memory, so they are always equal and the loss is 0.",
        "detach() and .data make no copy, and = gives a second name: what is written into the target is "
        "written into the answer as well.",
        "Copy it before you write into it: target = answer.detach().clone().",
        0.94,
        made or same[0].site,
        "no copy",
        *notes(note("the loss", same[0].site)),
    )


def wrong_dim(facts: Facts) -> Iterator[Finding]:
    """Find a softmax over the samples of a batch."""
    record = facts.record
    for site, (count, shape, module) in record.softmax_dim.items():
        if count >= 2 or len(facts.fine) < 3:
            yield found(
                "softmax-dim",
                f"This softmax runs along dimension 0 of {shape}: over the samples, not over the classes.",
                "The samples of a batch compete with each other, and the classes of one sample do not.",
                "Write dim=1 (or dim=-1).",
                0.96,
                module or site,
                "dim=0 are the samples",
                *notes(note("it is used here", site if module is not None else None)),
            )
            return


def broadcast(facts: Facts) -> Iterator[Finding]:
    """Find outputs and targets whose shapes are broadcast to a square."""
    for site, (a, b, result) in facts.record.broadcast.items():
        yield found(
            "broadcast",
            f"Shapes {a} and {b} are broadcast to {result}: every answer meets every target.",
            "The mean over that square is smallest when all answers are the mean of the targets.",
            "Make the shapes equal: answer.squeeze(1), or target.unsqueeze(1).",
            0.96,
            site,
            f"{a} with {b} gives {result}",
        )


def relu_before_sigmoid(facts: Facts) -> Iterator[Finding]:
    """Find a ReLU right before the sigmoid on the output."""
    calls = [each for each in facts.calls if each.act is not None and each.act.under is not None]
    calls = [each for each in calls if each.name == "binary_cross_entropy" and each.answer_low > 0.499]
    if len(calls) < 3 or len(calls) < 0.9 * len(facts.calls) or calls[0].act is None:
        return
    under = calls[0].act.under
    assert under is not None
    yield found(
        "relu-output",
        "A ReLU stands before the sigmoid on the output: no answer is below 0.5.",
        "The sigmoid of what is never below 0 is never below 0.5, so one class is never answered.",
        "Put no activation between the last layer and the sigmoid.",
        0.95,
        facts.place_of(under),
        "a ReLU before the sigmoid",
        *notes(note("the loss", calls[0].site)),
    )


def relu_output(facts: Facts) -> Iterator[Finding]:
    """Find a ReLU on the output although targets are below 0."""
    calls = [
        each
        for each in facts.record.calls
        if each.grad and each.act is not None and each.act.name in ("relu", "relu6")
    ]
    calls = [each for each in calls if each.name in QUANTITIES | CLASSES | TWO]
    if len(calls) < 3:
        return
    late = calls[-max(3, len(calls) // 5) :]
    zeros = fmean(each.answer_zeros for each in late)
    quantity = late[0].name in QUANTITIES
    below = fmean(each.low < -0.05 * (abs(each.mean) + each.std) for each in calls)
    act = calls[0].act
    assert act is not None
    stuck = zeros > 0.5 and facts.poor(0.7)
    if quantity and not (below > 0.5 or stuck):
        return
    if not quantity and not (zeros > 0.2 or late[0].name in TWO):
        return
    if not quantity and late[0].name in CLASSES and not facts.poor(0.85):
        return
    places = {each.site for each in facts.units if each.module == act.module}
    shared = len(places) > 1  # one nn.ReLU() called at several places: the call is to be changed
    site = (
        act.module
        if not shared and act.module is not None and act.module.line != (act.site.line if act.site else 0)
        else act.site
    )
    yield found(
        "relu-output",
        f"The network ends in a ReLU, and {zeros:.0%} of its answers are 0.",
        "A ReLU cannot answer what is below 0, and where it answers 0 no gradient comes back.",
        "Put no activation on the output.",
        0.95,
        site,
        "a ReLU on the output",
        *notes(note("the loss", calls[0].site)),
    )


def relu_policy(facts: Facts) -> Iterator[Finding]:
    """Find a ReLU before the softmax of a policy, which makes many actions equally probable."""
    if not facts.reinforce:
        return
    for site, (zeros, act) in facts.record.relu_scores.items():
        if len(zeros) >= 3 and fmean(zeros) > 0.3:
            yield found(
                "relu-output",
                f"A ReLU stands before the softmax, and {fmean(zeros):.0%} of what it answers is 0.",
                "Actions with a 0 are all equally probable, and no gradient comes back through them.",
                "Give the softmax the raw sums of the last layer.",
                0.88,
                facts.place_of(act) or site,
                "a ReLU on the output",
                *notes(note("the softmax", site)),
            )
            return


RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "softmax": (0.0, 1.0)}


def softplus_output(facts: Facts) -> Iterator[Finding]:
    """Find a softplus on the output although most batches have targets below 0."""
    calls = [each for each in facts.calls if each.act is not None and each.act.name == "softplus"]
    calls = [each for each in calls if each.name in QUANTITIES]
    below = [each for each in calls if each.low < -0.05 * (abs(each.mean) + each.std)]
    if len(calls) < 3 or len(below) < 0.8 * len(calls) or not facts.poor(0.9):
        return
    act = calls[0].act
    assert act is not None
    yield found(
        "relu-output",
        f"The network ends in a softplus, and the targets go down to {number(min(e.low for e in calls))}.",
        "A softplus cannot answer what is below 0.",
        "Put no activation on the output.",
        0.92,
        facts.place_of(act),
        "a softplus on the output",
        *notes(note("the loss", calls[0].site)),
    )


def out_of_range(facts: Facts) -> Iterator[Finding]:
    """Find targets outside of the range of the activation on the output."""
    calls = [
        each
        for each in facts.calls
        if each.name in QUANTITIES and each.act is not None and each.act.name in RANGES and not each.from_net
    ]
    if len(calls) < 3 or not facts.poor(0.8):
        return
    act = calls[0].act
    assert act is not None
    low, high = RANGES[act.name]
    beyond = [
        each for each in calls if each.mean + each.std > high + 0.5 * (high - low) or each.low < low - 0.5
    ]
    if len(beyond) < 0.8 * len(calls):
        return
    size = median(abs(each.mean) + each.std for each in calls)
    yield found(
        "saturated",
        f"The network ends in a {act.name}, which answers {low:g} to {high:g}, and the targets are about "
        f"{number(size)}.",
        f"The {act.name} runs to the end of its range, where its derivative is 0, and never comes there.",
        "Put no activation on the output, or scale the targets into its range.",
        0.9,
        facts.place_of(act),
        f"{low:g} to {high:g} only",
        *notes(note("the loss", calls[0].site)),
    )


def normed(facts: Facts) -> Iterator[Finding]:
    """Find a normalisation on the output, which takes the size of the answer away."""
    calls = [each for each in facts.calls if each.normed is not None]
    if len(calls) < 5 or len(calls) < 0.9 * len(facts.calls) or facts.reinforce:
        return
    alone = median(each.answer_std for each in calls) < 1e-6  # of one number nothing is left
    quantity = calls[0].name in QUANTITIES and facts.poor(0.6, 0.7)
    if not (alone or quantity):
        return
    yield found(
        "norm-on-output",
        "The network ends in a normalisation"
        + (" of a single number, which answers the same to everything." if alone else "."),
        "It brings every answer to the same mean and size, and with that takes away what was to be answered.",
        "Normalise between the layers only, and end with a Linear layer.",
        0.9 if alone else 0.8,
        calls[0].normed,
        "a normalisation on the output",
        *notes(note("the loss", calls[0].site)),
    )


def constant_target(facts: Facts) -> Iterator[Finding]:
    """Find a loss that pulls every answer to the same number."""
    record = facts.record
    if (len(record.optimizers) > 1 and not facts.single) or record.recursive > 2:
        return  # several losses; a network that goes on from its own answer to a goal
    calls = [each for each in facts.calls if each.name in QUANTITIES and each.out and not each.from_net]
    if len(calls) < 8 or len(calls) < 0.8 * len(facts.calls):
        return
    other = [each for each in record.calls if each.grad and each.site != calls[0].site]
    if len(other) > 0.3 * len(calls):
        return  # one of several losses: a penalty
    if len({each.first_row for each in calls}) > 1 or not all(
        each.pure or each.shape[1][:1] in ((), (1,)) for each in calls
    ):
        return
    if (
        calls[0].integer
        and calls[0].target is not None
        and calls[0].target.born_op not in ("full", "ones", "zeros")
    ):
        return
    if not facts.held & set(record.order) and facts.held:
        return  # a network that is fixed: its input is what is learned
    inputs = [each for each in record.inputs if each.grad]
    if (
        inputs
        and len({round(each.same, 6) for each in inputs}) == 1
        and all(each.rows == 1 for each in inputs)
    ):
        return
    yield found(
        "constant-target",
        f"The target is the same for every input and in every step: {_row(calls[0].first_row)}.",
        "The network learns to answer this one number whatever it sees; the loss says nothing of what "
        "its answer leads to.",
        REINFORCE,
        0.92,
        calls[0].site,
        "always the same target",
    )


def _row(values: tuple[float, ...]) -> str:
    return ", ".join(number(each) for each in values)


def classes_as_numbers(facts: Facts) -> Iterator[Finding]:
    """Find class numbers that are learned with a loss for numbers, such as mse_loss."""
    calls = [each for each in facts.calls if each.name in QUANTITIES and not each.from_net]
    if len(calls) < 3:
        return
    values = sorted({value for each in calls for value in each.values})
    if not 3 <= len(values) <= 30 or any(each.many for each in calls):
        return
    if not all(float(each).is_integer() and each >= 0 for each in values) or values[-1] - values[0] > 2 * len(
        values
    ):
        return
    shape = calls[0].shape[0]
    width = shape[1] if len(shape) > 1 else 1
    if width > 1 and calls[0].shape[0] == calls[0].shape[1] and calls[0].shape[1][-1] > 1:
        return
    if not all(each.integer for each in calls) or not facts.poor(0.97):
        return
    yield found(
        "mse-on-classes",
        f"The class numbers {_row(tuple(values[:6]))}{', ...' if len(values) > 6 else ''} are learned as "
        f"if they were a quantity.",
        "To a squared error class 1 lies between 0 and 2, and a mistake of two classes is four times as "
        "bad as one of one.",
        "Give the network one output for each class, and use nn.CrossEntropyLoss.",
        0.85,
        calls[0].site,
        "class numbers",
    )


def several_labels(facts: Facts) -> Iterator[Finding]:
    """Find a softmax where several labels of a sample may be right, or none."""
    calls = [each for each in facts.calls if each.several]
    if len(calls) < 4 or len(calls) < 0.8 * len(facts.calls) or calls[0].act is None:
        return
    yield found(
        "answers-squeezed",
        "A softmax gives 1 in all to the labels of a sample, and of these labels several are 1, or none.",
        "Two labels of 1 cannot both get more than 0.5: the labels compete, though each stands for itself.",
        "Use a sigmoid for each label: leave the softmax out and take BCEWithLogitsLoss.",
        0.92,
        facts.place_of(calls[0].act),
        "adds up to 1",
        *notes(note("the loss", calls[0].site)),
    )


def no_probabilities(facts: Facts) -> Iterator[Finding]:
    """Find binary_cross_entropy of answers that are no probabilities, which ends the script."""
    error = str(facts.record.error or "")
    calls = [each for each in facts.record.calls if each.grad and each.name.startswith("binary")]
    if "should be between 0 and 1" not in error or facts.record.not_finite:
        return
    built = [
        site
        for site, entries in facts.record.modules.items()
        if any(each.name == "BCELoss" for each in entries)
    ]
    place = facts.record.error_site
    act = calls[-1].act if calls else None
    yield found(
        "nll-without-log",
        "binary_cross_entropy gets answers below 0 or above 1.",
        "It expects probabilities, and the network answers "
        + ("raw sums (logits)." if act is None else f"what a {act.name} gives."),
        "Use BCEWithLogitsLoss, or put a sigmoid behind the last layer.",
        0.95,
        built[0] if len(built) == 1 else place,
        "expects probabilities",
        *notes(note("it ended here", place if len(built) == 1 else None)),
    )


RULES = (
    several_labels,
    no_probabilities,
    twice,
    without_log,
    with_itself,
    wrong_dim,
    broadcast,
    relu_before_sigmoid,
    relu_output,
    relu_policy,
    softplus_output,
    out_of_range,
    normed,
    constant_target,
    classes_as_numbers,
)
