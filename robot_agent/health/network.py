"""Findings on the training of any network, from the steps that a `Watch` has recorded.

Each rule looks for one fault and reports nothing on a healthy training. Signs that healthy trainings also
show (saturated units at the end, small steps) count only if the loss does not fall.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from robot_agent.health.finding import Finding, ranked
from robot_agent.health.gradients import WRONG, judge
from robot_agent.health.watch import Step, Watch


def findings(watch: Watch) -> list[Finding]:
    """Return the findings on a training, the surest first; empty for a healthy one."""
    spoiled = [number for number, step in enumerate(watch.steps) if step.not_a_number is not None]
    found = list(not_a_number(watch, spoiled[0])) if spoiled else []
    sound = replace(watch, steps=watch.steps[: spoiled[0]]) if spoiled else watch
    with np.errstate(over="ignore", invalid="ignore"):  # the square of a loss that diverges may overflow
        found += [finding for rule in RULES if sound.steps for finding in rule(sound)]
    still = (len(sound.steps) >= 30 and stalls(sound, 0.9)) or (
        len(sound.steps) >= 200 and stalls(sound, 0.75)
    )
    if not found and still and sound.steps[0].loss > 1e-6:
        found.append(not_learning(sound))
    kinds = {finding.kind for finding in found}
    # A finding that follows from another one is not reported.
    hidden = {name for kind in kinds for name in FOLLOWS.get(kind, ())}
    return ranked([finding for finding in found if finding.kind not in hidden])


def stalls(watch: Watch, share: float = 0.7) -> bool:
    """Return whether the loss is still above `share` of its value at the start."""
    losses = np.array([step.loss for step in watch.steps])
    tenth = max(1, len(losses) // 10)
    return len(losses) > 5 and not float(np.mean(losses[-tenth:])) < share * float(losses[0])


def not_learning(watch: Watch) -> Finding:
    """Return the finding that the training does not learn, for use when no rule says why."""
    return Finding(
        "not-learning",
        f"The loss went from {watch.steps[0].loss:.3g} to {watch.steps[-1].loss:.3g} in "
        f"{len(watch.steps)} steps.",
        "No rule explains that: the gradient is that of the loss, and the steps have a usual length. So "
        "look at what is "
        "learned: labels of other samples, a softmax before a loss that makes one, a network that is too "
        "small.",
        "Train on ten samples only: if it cannot learn those by heart, the network or the loss is wrong; "
        "if it can, the data is.",
        0.5,
    )


def not_a_number(watch: Watch, number: int) -> Iterator[Finding]:
    """Report a number that is not finite, which first occurred in step `number`."""
    yield Finding(
        "not-a-number",
        f"At step {number + 1} {watch.steps[number].not_a_number} hold numbers that are not finite.",
        "From there on nothing can be learned: every number computed from them is not finite either.",
        "Divide the learning rate by ten, scale the inputs to about 1, and compute cross-entropy from the "
        "sums, not from log of the outputs.",
        1.0,
    )


def no_gradient(watch: Watch) -> Iterator[Finding]:
    """Find gradients that are missing or exactly zero."""
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
    """Find weights that do not move: all of them, or those of a layer."""
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


def symmetric(watch: Watch) -> Iterator[Finding]:
    """Find layers whose units begin with equal weights and stay equal."""
    if len(watch.steps) < 5 or not stalls(watch, 0.3):
        return
    alike = [name for name in watch.steps[0].alike if name in watch.steps[-1].alike]
    if alike:
        yield Finding(
            "symmetric",
            f"All units of {alike[0]} have the same weights, at the start and after {len(watch.steps)} "
            f"steps.",
            "They begin alike, get the same gradient and stay alike: the whole layer is worth one unit, "
            "or none.",
            "Begin with random weights (Glorot, He); only biases may begin at 0.",
            0.995,
        )


def linear(watch: Watch) -> Iterator[Finding]:
    """Find a network without activation functions that has reached the best linear solution."""
    if not watch.activations or any(kind not in ("linear", "identity") for kind in watch.activations[:-1]):
        return
    if len(watch.steps) >= 20 and stalls(watch) and _converged(watch):
        yield Finding(
            "linear",
            f"There is no activation between the layers, and the loss stays at {watch.steps[-1].loss:.3g}.",
            "Layers without one are worth a single layer: such a network can only draw straight lines, "
            "and XOR needs a bend.",
            "Put a hidden layer with tanh or ReLU in between.",
            0.85,
        )


def _converged(watch: Watch) -> bool:
    """Return whether the gradient has nearly vanished: the loss is at a minimum, however high."""

    def norm(step: Step) -> float:
        return float(np.sqrt(sum((value or 0.0) ** 2 for value in step.gradients.values())))

    return norm(watch.steps[-1]) < 0.05 * max(norm(step) for step in watch.steps)


def dead(watch: Watch) -> Iterator[Finding]:
    """Find ReLUs that give 0 for every input."""
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
    """Find activations at the ends of their range while the loss does not fall."""
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
    """Find a loss that diverges."""
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
    """Find steps that are too long or too short, by their ratio to the weights, if the loss does not fall."""
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
    elif 0 < ratio < 2e-5 and not _converged(watch) and any(any(step.gradients.values()) for step in steps):
        yield Finding(
            "rate-too-low",
            f"A step changes the weights by {ratio:.1e} of their size, and the loss has hardly changed.",
            "At this pace nothing is learned in any time one would wait; about 1e-3 is usual.",
            "Multiply the learning rate by ten, until the loss falls.",
            0.7,
        )


def not_scaled(watch: Watch) -> Iterator[Finding]:
    """Find inputs whose size is far from 1, or features of very different sizes."""
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
    """Find gradients that are not those of the loss: a layer's scale, not zeroed, or a wrong direction."""
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
    yield from judge(step.checks, watch.samples)


def wrong_step(watch: Watch) -> Iterator[Finding]:
    """Find steps that the optimiser would not make with these gradients."""
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
    """Find inputs beyond the given bounds, where the network was not trained."""
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
    """Find a loss that falls while the score does not rise."""
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
    symmetric,
    linear,
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
    "dead-relu": ("layer-still", "weights-still"),
    "symmetric": ("layer-still", "weights-still", "zero-gradient", "rate-too-low", "saturated", "dead-relu"),
    "linear": ("rate-too-low",),
    "wrong-derivative": ("exploding", "saturated", "rate-too-high"),
}
