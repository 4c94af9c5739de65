"""Findings on any network being trained, from what a `Watch` has kept of its steps.

Each rule looks for one thing and is silent on a healthy training: what is also seen in healthy ones
(saturated units at the end, small steps) counts only where the loss does not fall.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from robot_agent.health.finding import Finding, ranked
from robot_agent.health.watch import Step, Watch

WRONG = 0.02
"""A gradient further off than this is wrong; differences of a float64 loss are right to about 1e-6."""


def findings(watch: Watch) -> list[Finding]:
    """Return what is wrong with a training, the surest first; nothing for a healthy one."""
    spoiled = [number for number, step in enumerate(watch.steps) if step.not_a_number is not None]
    found = list(not_a_number(watch, spoiled[0])) if spoiled else []
    sound = replace(watch, steps=watch.steps[: spoiled[0]]) if spoiled else watch
    with np.errstate(over="ignore", invalid="ignore"):  # a loss that runs away may be larger than its square
        found += [finding for rule in RULES if sound.steps for finding in rule(sound)]
    kinds = {finding.kind for finding in found}
    # What follows from another finding is not told as well.
    hidden = {name for kind in kinds for name in FOLLOWS.get(kind, ())}
    return ranked([finding for finding in found if finding.kind not in hidden])


def stalls(watch: Watch, share: float = 0.7) -> bool:
    """Say whether the loss has not fallen below that share of what it was at the start."""
    losses = np.array([step.loss for step in watch.steps])
    tenth = max(1, len(losses) // 10)
    return len(losses) > 5 and not float(np.mean(losses[-tenth:])) < share * float(losses[0])


def not_a_number(watch: Watch, number: int) -> Iterator[Finding]:
    """A number that is not finite, first met in the step of that number."""
    yield Finding(
        "not-a-number",
        f"At step {number + 1} {watch.steps[number].not_a_number} hold numbers that are not finite.",
        "From there on nothing can be learned: every number computed from them is not finite either.",
        "Divide the learning rate by ten, scale the inputs to about 1, and compute cross-entropy from the "
        "sums, not from log of the outputs.",
        1.0,
    )


def no_gradient(watch: Watch) -> Iterator[Finding]:
    """Gradients that are missing, or exactly zero."""
    names = list(watch.steps[0].gradients)
    seen = [[step.gradients[name] for name in names] for step in watch.steps]
    if all(value is None for row in seen for value in row):
        yield Finding(
            "detached",
            f"In {len(watch.steps)} step{'s' * (len(watch.steps) > 1)} no gradient came back to any of the "
            f"{len(names)} parameters.",
            "The loss does not hang on the weights: it was computed from something measured, or was detached "
            "on the way; requires_grad on the loss makes it run, but reaches no weight.",
            "Compute the loss from the network's own output without detach(); where a world stands in "
            "between, use REINFORCE: weight the log-probability of the action with the reward.",
            1.0,
        )
    elif all(not value for row in seen for value in row) and watch.steps[-1].loss != 0:
        yield Finding(
            "zero-gradient",
            f"Every gradient was exactly 0 in {len(watch.steps)} steps, with a loss of "
            f"{watch.steps[-1].loss:.3g}.",
            "Nothing tells the weights where to go: all units on the way are dead, or every outcome is "
            "valued alike.",
            "Look at the output's activation (no ReLU there), and at a loss or reward that differs.",
            0.99,
        )


def still(watch: Watch) -> Iterator[Finding]:
    """Weights that do not move, all of them or one layer's."""
    steps = [step for step in watch.steps if step.moved]
    if len(steps) < 3:
        return
    names = list(steps[0].moved)
    frozen = [name for name in names if all(step.moved[name] == 0 for step in steps)]
    if not frozen or watch.steps[-1].loss == 0:
        return
    active = [name for name in frozen if any(step.gradients[name] for step in watch.steps)]
    what = "no weight" if len(frozen) == len(names) else ", ".join(frozen)
    why = (
        f"Its gradient is there ({watch.steps[0].gradients[active[0]]:.2g} at the first step), so the step "
        "is taken on other arrays than the ones the network computes with: a copy, or variables of the class."
        if active
        else "No gradient reaches it."
    )
    yield Finding(
        "weights-still" if len(frozen) == len(names) else "layer-still",
        f"In {len(steps)} steps {what} moved at all."
        if len(frozen) == len(names)
        else f"In {len(steps)} steps {what} did not move at all.",
        why,
        "Give the optimiser the network's own arrays and change them in place; keep nothing of a sample or a "
        "network in variables that all share.",
        0.98 if active else 0.9,
    )


def dead(watch: Watch) -> Iterator[Finding]:
    """ReLUs that answer 0 to everything."""
    last = [step.layers for step in watch.steps[-max(3, len(watch.steps) // 10) :]]
    for index in range(len(last[-1])):
        if last[-1][index].activation != "relu":
            continue
        silent = np.logical_and.reduce([layers[index].silent for layers in last])
        share, output = float(silent.mean()), index == len(last[-1]) - 1
        if (output and silent.any()) or share >= 0.5:
            where = "output" if output else f"layer {index + 1}"
            yield Finding(
                "dead-relu",
                f"{share:.0%} of the {len(silent)} ReLUs of the {where} answer 0 to every sample."
                if output
                else f"{share:.0%} of the {len(silent)} ReLUs of {where} answer 0 to every sample.",
                "Below 0 a ReLU is flat: no gradient passes, so these units never come back.",
                "Put no activation on the output."
                if output
                else "Lower the learning rate, scale the inputs to about 1, begin with He weights.",
                0.95 if output else 0.6 + 0.3 * share,
            )


def saturated(watch: Watch) -> Iterator[Finding]:
    """Activations at the ends of their range while the loss stands still."""
    layers = watch.steps[-1].layers
    if not layers or not stalls(watch):
        return
    shares = np.median([[layer.saturated for layer in step.layers] for step in watch.steps[-20:]], axis=0)
    index = int(np.argmax(shares))
    if shares[index] >= 0.8:
        yield Finding(
            "saturated",
            f"{shares[index]:.0%} of the {layers[index].activation} answers of layer {index + 1} are within "
            f"{0.01:.0%} of the end of their range, and the loss stands at {watch.steps[-1].loss:.3g}.",
            "There the derivative is nearly 0, so hardly any gradient comes through.",
            "Begin with smaller weights (Glorot), scale the inputs to about 1, lower the learning rate; "
            "after a sigmoid or softmax use cross-entropy, whose gradient does not vanish.",
            0.8,
        )


def exploding(watch: Watch) -> Iterator[Finding]:
    """A loss that runs away."""
    losses = np.array([step.loss for step in watch.steps])
    first, highest = float(losses[0]), float(np.max(losses))
    above = highest / (abs(first) + 1e-6)
    if len(losses) > 5 and above > (10 if stalls(watch, 1.0) else 100):
        number = int(np.argmax(losses))
        yield Finding(
            "exploding",
            f"The loss rose from {first:.3g} to {highest:.3g} at step {number + 1}.",
            "Each step overshoots by more than it gains.",
            "Divide the learning rate by ten, begin with smaller weights, clip the gradient's norm.",
            0.9,
        )


def rate(watch: Watch) -> Iterator[Finding]:
    """Steps too long or too short for the weights, told by their ratio, where the loss does not fall."""
    steps = [step for step in watch.steps if step.moved]
    names = [name for name in watch.steps[0].weights if not name.endswith("bias")]
    if len(steps) < 10 or not names or not stalls(watch):
        return
    ratio = float(np.median([max(step.moved[name] for name in names) for step in steps]))
    if ratio > 0.05:
        yield Finding(
            "rate-too-high",
            f"A step changes the weights by {ratio:.0%} of their size, and the loss does not fall.",
            "Steps this long jump over what they aim at; about 0.1 % is usual.",
            "Divide the learning rate by ten, until the loss falls.",
            0.7,
        )
    elif 0 < ratio < 2e-5 and any(any(step.gradients.values()) for step in steps):
        yield Finding(
            "rate-too-low",
            f"A step changes the weights by {ratio:.1e} of their size, and the loss has hardly changed.",
            "At this pace nothing is learned in any time one would wait; about 1e-3 is usual.",
            "Multiply the learning rate by ten, until the loss falls.",
            0.7,
        )


def not_scaled(watch: Watch) -> Iterator[Finding]:
    """Inputs far from 1, or of very different sizes."""
    if watch.inputs is None:
        return
    size, most, least = watch.inputs
    uneven = most > 100 * least
    if not 0.02 < size < 6 or uneven:
        seen = (
            f"One input varies {most / least:,.0f} times as much as another."
            if uneven
            else f"The inputs have a typical size of {size:.3g}."
        )
        yield Finding(
            "not-scaled",
            seen,
            "Weights and learning rates are made for inputs of about 1: larger ones saturate or kill the "
            "units, and one direction is learned much faster than another.",
            "Subtract each input's mean and divide by its standard deviation, or scale it to [-1, 1].",
            0.65,
        )


def _at_fault(watch: Watch) -> Step | None:
    return next((s for s in watch.steps if any(c.error > WRONG for c in s.checks.values())), None)


def wrong_gradient(watch: Watch) -> Iterator[Finding]:
    """Gradients that are not those of the loss: one layer's scale, the step before's rest, the direction."""
    step = _at_fault(watch)
    if step is None:
        return
    if step.leftover is not None and step.leftover < WRONG:
        yield Finding(
            "not-zeroed",
            f"At step {watch.steps.index(step) + 1} the gradient is the true one plus the step before's.",
            "Gradients add up where they are not set to zero: each step follows all that came before.",
            "Set the gradients to zero at the beginning of every step, before backward().",
            0.97,
        )
        return
    factors = {name: one.factor for name, one in step.checks.items()}
    if all(one.error_of_direction < WRONG for one in step.checks.values()):
        if max(factors.values()) - min(factors.values()) < WRONG * max(map(abs, factors.values())):
            return  # all have the same factor: another convention of the loss, or a learning rate
        name = max(factors, key=lambda n: abs(np.log(abs(factors[n]) + 1e-12)))
        by_batch = abs(abs(np.log(abs(factors[name]) + 1e-12)) - np.log(watch.samples)) < 0.02
        yield Finding(
            "not-divided" if by_batch and watch.samples > 1 else "layer-scaled",
            f"The gradient of {name} is {factors[name]:.3g} times the true one"
            + (
                f", and the batch has {watch.samples} samples; those of other layers are right."
                if by_batch
                else "; those of other layers are not."
            ),
            "This layer sums over the batch where another takes the mean, so it learns at another rate.",
            "Divide by the batch size once, in the derivative of the loss, and nowhere else.",
            0.97,
        )
        return
    wrong = {name: one for name, one in step.checks.items() if one.error_of_direction > WRONG}
    name = list(wrong)[-1]  # the last layer's comes first in the backward pass
    at = int(np.argmax(np.abs(wrong[name].computed - wrong[name].true)))
    yield Finding(
        "wrong-derivative",
        f"The gradient of {name} is off by {wrong[name].error:.0%} from differences of the loss "
        f"({wrong[name].computed[at]:.3g} instead of {wrong[name].true[at]:.3g} for one weight).",
        "A derivative in the backward pass is not that of the forward pass: of the wrong argument (the sum "
        "instead of the output), of another sample, or only the diagonal of a softmax.",
        f"Begin at {name}: compare the derivative of its activation with (f(z + h) - f(z - h)) / 2h.",
        0.96,
    )


def wrong_step(watch: Watch) -> Iterator[Finding]:
    """Steps that the optimiser would not make of these gradients."""
    for number, step in enumerate(watch.steps):
        name = max(step.strayed, key=step.strayed.__getitem__, default=None)
        if name is not None and step.strayed[name] > WRONG:
            yield Finding(
                "wrong-step",
                f"Step {number} brought {name} {step.strayed[name]:.3g} times the length of the right step "
                "away from where the optimiser would have.",
                "The weights are moved by something else than the optimiser's formula: a second update, a "
                "missing correction, or a memory that is not kept from step to step.",
                "Compare each line with the formula; only one line may change the weights.",
                0.97,
            )
            return


def outside(watch: Watch) -> Iterator[Finding]:
    """Inputs beyond what the network knows."""
    reach = [step.outside for step in watch.steps]
    if max(reach) > 0.001:
        number = int(np.argmax(np.array(reach) > 0.001))
        yield Finding(
            "outside-bounds",
            f"From step {number + 1} on the inputs leave their bounds, by up to {max(reach):.0%}.",
            "There the network was never trained: its answers mean nothing, however large they are.",
            "Project the inputs back into their bounds after every step.",
            0.97,
        )


def wrong_goal(watch: Watch) -> Iterator[Finding]:
    """A loss that falls while what it stands for does not come."""
    scores = [step.score for step in watch.steps if step.score is not None]
    if len(scores) < 10 or stalls(watch, 0.5):
        return
    tenth = max(1, len(scores) // 10)
    first, last = float(np.mean(scores[:tenth])), float(np.mean(scores[-tenth:]))
    if last < 0.5 and last - first < 0.1:
        yield Finding(
            "wrong-goal",
            f"The loss fell from {watch.steps[0].loss:.3g} to {watch.steps[-1].loss:.3g}, while success went "
            f"from {first:.0%} to {last:.0%}.",
            "The network learns what the loss asks, and that is not what you want: it fits its own output "
            "or something that does not lead to the goal.",
            "Take the loss from what happens: REINFORCE with a reward for coming closer.",
            0.9,
        )


RULES: tuple[Callable[[Watch], Iterator[Finding]], ...] = (
    no_gradient,
    still,
    dead,
    saturated,
    exploding,
    rate,
    not_scaled,
    wrong_gradient,
    wrong_step,
    outside,
    wrong_goal,
)
FOLLOWS = {
    "detached": ("weights-still", "zero-gradient", "layer-still"),
    "zero-gradient": ("weights-still", "layer-still"),
}
