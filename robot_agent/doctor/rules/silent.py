"""Rules on weights that do not learn, without an error: no backward(), gradients of 0, too strong a decay."""

import ast
from collections.abc import Iterator
from typing import Any

from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import tree_of
from robot_agent.health.finding import Finding

RATIO = 0.1
"""The weights have decayed if the median share of their size that is left is at most this."""


def no_backward(facts: Facts) -> Iterator[Finding]:
    """Find an optimizer that steps although backward() was never called."""
    record = facts.record
    if record.backwards or record.graded or record.error is not None:
        return
    stepping = [each for each in record.optimizers if each.steps >= 2]
    if not stepping or any(network_has_gradient(facts, each.ids) for each in stepping):
        return
    mention = _mentioned(facts)
    calls = [each for each in record.calls if each.grad]
    site = mention or (calls[-1].site if calls else None) or stepping[0].step_site or stepping[0].site
    yield found(
        "no-backward",
        f"The optimizer has made {stepping[0].steps} steps, and backward() was never called.",
        "No weight has a gradient, so step() moves none of them.",
        "Write the brackets: loss.backward()."
        if mention
        else "Call loss.backward() before optimizer.step().",
        0.98,
        site,
        "is not called" if mention else "nothing goes back from this loss",
        *notes(note("step() was called here", stepping[0].step_site)),
    )


def network_has_gradient(facts: Facts, ids: tuple[int, ...]) -> bool:
    """Return whether any of these weights has a gradient, which then did not come from backward()."""
    return any(n in facts.live and facts.live[n].grad is not None for n in ids)


def _mentioned(facts: Facts) -> Site | None:
    """Return the place of `loss.backward` without brackets; None if there is none."""
    for file in {each.site.file for each in facts.record.optimizers}:
        tree = tree_of(file)
        for node in ast.walk(tree) if tree else ():
            if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Attribute):
                continue
            if node.value.attr == "backward":
                return Site(file, node.lineno, node.col_offset, node.end_col_offset or 0)
    return None


ALWAYS_FLAT = {
    "Normal": "torch.normal() draws numbers that have no derivative",
    "Bernoulli": "bernoulli() has no derivative",
    "Sign": "sign() is flat",
    "Sgn": "sign() is flat",
    "Round": "rounding is flat",
    "Floor": "rounding is flat",
    "Ceil": "rounding is flat",
    "Trunc": "rounding is flat",
    "Heaviside": "a step is flat",
}
"""Nodes of a graph that never pass a gradient on, with the reason."""
WHY = ALWAYS_FLAT | {
    "Mul": "it is multiplied by 0",
    "Clamp": "all numbers are beyond the ends of this clamp()",
    "ClampMin": "all numbers are beyond the end of this clamp()",
    "ClampMax": "all numbers are beyond the end of this clamp()",
    "Minimum": "the other argument is always the smaller one",
    "Maximum": "the other argument is always the larger one",
    "Where": "the other side is always chosen",
    "MaskedFill": "everything is masked",
    "Div": "it is divided by something endless",
    "cancelled": "two gradients cancel each other: the same thing stands here with plus and with minus",
    "Sigmoid": "the sigmoid is at an end of its range",
    "Tanh": "the tanh is at an end of its range",
    "Softmax": "the softmax is at an end of its range",
}
SATURATED = ("Sigmoid", "Tanh", "Softmax")
ONE_SIDED = ("Clamp", "ClampMin", "Maximum")
"""Nodes that may be a ReLU by another name; another rule checks a ReLU on the output."""


def flat(facts: Facts) -> Iterator[Finding]:
    """Find the place where gradients become 0 on their way back."""
    looked = [each for each in facts.fine if each.norms]
    if len(looked) < 3 or facts.record.round_site is not None or facts.record.flat_functions:
        return
    without = set.intersection(*({n for n, norm in each.norms.items() if norm == 0} for each in looked))
    if not without:
        return
    whole = all(not any(each.norms.values()) for each in looked)
    places = {key: count for key, count in facts.record.flat_at.items() if key[1] in WHY}
    if facts.reinforce:  # a reward of 0, which other rules judge
        places = {key: count for key, count in places.items() if key[1] != "Mul"}
        if not places:
            return
    if not whole:
        cancelled = any(n in facts.held_now and len(facts.record.shapes.get(n, ())) > 1 for n in without)
        kinds = {*ALWAYS_FLAT, "cancelled"} if cancelled else set(ALWAYS_FLAT)
        places = {key: count for key, count in places.items() if key[1] in kinds}
    elif not places and not facts.record.flat_at:
        yield from _hooked(facts, without)
        return
    if any(each.act is not None and each.act.name.startswith("relu") for each in facts.calls[:3]):
        places = {key: count for key, count in places.items() if key[1] not in ONE_SIDED}
    if not places:
        return
    site, kind = max(places, key=lambda each: (places[each], each[1] in ALWAYS_FLAT))
    names = ", ".join(map(facts.name, sorted(without)[:3]))
    yield found(
        "saturated" if kind in SATURATED else "graph-cut",
        f"The gradient of {'every weight' if whole else names} is exactly 0: {WHY[kind]}.",
        "Behind this point nothing tells the weights which way to go.",
        {
            "Normal": "Draw with mean + std * torch.randn_like(std), or with rsample().",
            "Mul": "Look at the factor: it is 0.",
            "cancelled": "detach() what is meant as a fixed number, as the old log-probability.",
        }.get(kind, "Keep the numbers where this has a slope, or compute the loss from those before it."),
        0.92,
        site,
        "no gradient passes",
    )


def _hooked(facts: Facts, without: set[int]) -> Iterator[Finding]:
    """Find a hook of the script that sets gradients to 0."""
    hooked = [n for n in without if n in facts.live and getattr(facts.live[n], "_backward_hooks", None)]
    if not hooked:
        return
    for file in facts.files():
        for node in ast.walk(tree_of(file) or ast.Module([], [])):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "register_hook":
                yield found(
                    "graph-cut",
                    f"A hook answers 0 instead of the gradient of {facts.name(hooked[0])}.",
                    "What a hook answers takes the place of the gradient.",
                    "Let the hook return the gradient, or None.",
                    0.9,
                    Site(file, node.lineno, node.col_offset, node.end_col_offset or 0),
                    "no gradient passes",
                )
                return


def decay(facts: Facts) -> Iterator[Finding]:
    """Find a penalty or decay of the weights that is stronger than the loss."""
    if not facts.optimizers or len(facts.losses) < 15:
        return
    shares = _left(facts)
    if len(shares) < 2:
        return
    strong = [each for each in facts.optimizers if _strong(each.kind, dict(each.options))]
    if strong and min(shares) < 0.6 and facts.poor(0.8, 0.8):
        amount = dict(strong[0].options)["weight_decay"]
        yield _decay(f"weight_decay is {amount:g}", shares, strong[0].site, f"weight_decay={amount:g}")
        return
    if sorted(shares)[len(shares) // 2] > RATIO and min(shares) > RATIO * 0.3:
        return
    if facts.record.penalties and not strong:
        site = facts.record.penalties.most_common(1)[0][0]
        if facts.skill is None or facts.skill < 0.5:
            yield _decay("The penalty on the weights is stronger than the loss", shares, site, "too strong")


def _strong(kind: str, options: dict[str, float]) -> bool:
    """Return whether a weight decay is far above the usual; AdamW multiplies it by the learning rate."""
    amount = options.get("weight_decay", 0.0)
    return amount * options.get("lr", 0.0) >= 0.02 if kind == "AdamW" else amount >= 0.1


def _left(facts: Facts) -> list[float]:
    """Return the norm of each weight matrix as a share of its norm at the start."""
    shares = []
    for weight, (_, first) in facts.steps.first_weights.items():
        now: Any = facts.live.get(weight)
        if now is not None and weight in facts.reached and weight in facts.held and first.dim() > 1:
            begun = float(first.float().norm())
            if begun > 0:
                shares.append(float(now.detach().float().norm()) / begun)
    return shares


def _decay(seen: str, shares: list[float], site: Site, label: str) -> Finding:
    return found(
        "weight-decay-too-high",
        f"{seen}: the weights have shrunk to {number(min(shares))} of what they were.",
        "Each step pulls all weights towards 0, harder than the data pulls them anywhere.",
        "Use a weight decay of 1e-4 to 1e-2, or none.",
        0.88,
        site,
        label,
    )


RULES = (no_backward, flat, decay)
