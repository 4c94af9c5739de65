"""Rules on the optimizer: when it steps, and with which gradients."""

import ast
from collections.abc import Iterator

from robot_agent.doctor.facts import Facts, found, note, notes
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import same_loop
from robot_agent.doctor.words import tree_of
from robot_agent.health.finding import Finding


def no_step(facts: Facts) -> Iterator[Finding]:
    """Find gradients that no optimizer's step uses."""
    record = facts.record
    if not record.optimizers or len(facts.fine) < 2 or facts.failed is not None:
        return
    still = [each for each in facts.optimizers if not each.steps and set(each.ids) & facts.reached]
    moving = {n for each in record.optimizers if each.steps for n in each.ids}
    still = [each for each in still if not set(each.ids) & moving]
    if record.manual:
        return
    if not still:
        yield from _lost(facts)
        return
    if any(each.steps for each in record.optimizers) and len(facts.fine) < 6:
        return
    site, cure = _mention(facts)
    lost, each = still[0].lost, still[0]
    if site is not None and "brackets" not in cure and lost >= 2 and len(facts.fine) >= 2 * lost:
        yield found(
            "no-step",
            f"The optimizer never steps; {lost} times gradients of about {len(facts.fine) // (lost + 1)} "
            "batches were added up and then set to zero.",
            "The step waits for more batches than there are between two calls of zero_grad(), so it never "
            "comes.",
            "Accumulate over fewer batches, or call zero_grad() right after step() and nowhere else.",
            0.98,
            each.zeroed_site,
            "throws away what was added up",
            *notes(note("this is never reached", site)),
        )
        return
    yield found(
        "no-step",
        "The optimizer never steps: its step() is not carried out.",
        "Gradients are computed, and nobody moves the weights.",
        cure,
        0.98,
        site or facts.main,
        "gradients are computed here" if site is None else "is not carried out",
        *notes(note("the optimizer", still[0].site)),
    )


def _lost(facts: Facts) -> Iterator[Finding]:
    """Find steps that come rarely, while gradients are computed and set to zero again and again."""
    moving: dict[int, int] = {}
    for each in facts.record.optimizers:
        for n in each.ids:
            moving[n] = max(moving.get(n, 0), each.steps)
    for each in facts.optimizers:
        most = max((moving[n] for n in each.ids), default=0)
        if each.lost >= 6 and each.lost > 5 * max(most, 1):
            site, _ = _mention(facts)
            if each.steps >= 2 and same_loop(each.zeroed_site, each.step_site):
                yield found(
                    "no-step",
                    f"Gradients were set to zero {each.lost} times without a step; steps: {each.steps}.",
                    "They are meant to add up until the step, which then finds those of the last batch only.",
                    "Call zero_grad() right after step(), and nowhere else.",
                    0.93,
                    each.zeroed_site,
                    "throws away what was added up",
                    *notes(note("step() is called here", each.step_site)),
                )
                return
            yield found(
                "no-step",
                f"Gradients were set to zero {each.lost} times without a step before; steps: {each.steps}.",
                "Gradients are computed and thrown away, and the weights stay.",
                "Call optimizer.step() after each loss.backward(), inside of the loop.",
                0.95,
                site or facts.main,
                "is hardly ever carried out",
                *notes(note("the optimizer", each.site)),
            )
            return


def _mention(facts: Facts) -> tuple[Site | None, str]:
    """Return the place of `optimizer.step` without brackets, or of an unreachable step(), and a cure."""
    standard = "Call optimizer.step() after each loss.backward()."
    for file in facts.files():
        tree = tree_of(file)
        for node in ast.walk(tree) if tree else ():
            if (
                isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Attribute)
                and node.value.attr == "step"
            ):
                return Site(
                    file, node.lineno, node.col_offset, node.end_col_offset or 0
                ), "Write the brackets: step()."
        calls = [
            node
            for node in (ast.walk(tree) if tree else ())
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "step"
            and "sched" not in ast.unparse(node.func.value).lower()
            and "env" not in ast.unparse(node.func.value).lower()
            and "opt" in ast.unparse(node.func.value).lower()
        ]
        if calls:
            node = calls[0]
            return Site(file, node.lineno, node.col_offset, node.end_col_offset or 0), (
                "This step() was never reached: look at the condition around it."
            )
    return None, standard


def zeroed_between(facts: Facts) -> Iterator[Finding]:
    """Find gradients that are set to zero between backward() and step()."""
    for each in facts.record.optimizers:
        if each.zeroed_between >= 3 and each.zeroed_between >= 0.6 * each.looked:
            yield found(
                "zeroed-before-step",
                "The gradients are set to zero between backward() and step().",
                "Each step sees zeros only, so no weight moves.",
                "In this order: optimizer.zero_grad(), loss.backward(), optimizer.step().",
                0.98,
                each.lost_site,
                "the gradients are lost here",
                *notes(note("step() was called here", each.step_site)),
            )
            return


def not_zeroed(facts: Facts) -> Iterator[Finding]:
    """Find gradients that add up from step to step."""
    record = facts.record
    for each in record.optimizers:
        enough = 1 if each.kind == "LBFGS" else 2  # one of its steps has many calls of backward()
        if each.judged >= enough and each.not_reset >= 0.7 * each.judged:
            yield _adds_up(each.not_reset, each.backward_site or facts.main)
            return
    if record.manual_not_reset >= 3 and not record.optimizers:
        yield _adds_up(record.manual_not_reset, facts.main)


def _adds_up(count: int, site: Site | None) -> Finding:
    return found(
        "not-zeroed",
        f"Gradients add up: in {count} steps that were looked at they had not been set to zero.",
        "Each step follows the sum of all gradients so far.",
        "Call optimizer.zero_grad() once in each step, before backward() (w.grad = None where there is "
        "no optimizer).",
        0.96,
        site,
        "adds to the gradients of the step before",
    )


RULES = (no_step, zeroed_between, not_zeroed)
