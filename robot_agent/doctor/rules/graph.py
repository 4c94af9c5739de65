"""Rules on the graph from the loss back to the weights: it is cut, frozen, or reaches into another step."""

import ast
import re
from collections.abc import Iterator

from robot_agent.doctor.entries import Backward
from robot_agent.doctor.facts import REINFORCE, Facts, found, note, notes
from robot_agent.doctor.origin import Cut
from robot_agent.doctor.record import Record
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import last_return
from robot_agent.doctor.source_patterns import kept_in_object, new_tensor
from robot_agent.doctor.words import split, tree_of
from robot_agent.health.finding import Finding

OFF = re.compile(r"\.requires_grad = False$|\.requires_grad_\((requires_grad=)?False\)$")
WORDS = {
    "numpy": ".numpy()",
    "item": ".item()",
    "tolist": ".tolist()",
    "data": ".data",
    "no_grad": "torch.no_grad()",
    "__float__": "float()",
    "__int__": "int()",
    "__array__": "NumPy",
    "tensor": "torch.tensor()",
    "Tensor": "torch.Tensor()",
    "__format__": "a format",
    "as_tensor": "torch.as_tensor()",
    "__eq__": "==",
    "eq": "==",
    "gt": ">",
    "lt": "<",
    "__index__": "an index",
}
NO_SLOPE = split(
    "argmax round sign floor ceil trunc gt lt ge le eq ne __gt__ __lt__ __eq__ max long int topk"
)


def words(why: str) -> str:
    """Return a call as it is written in source code."""
    return WORDS.get(why, f".{why}()")


def _last_leaves(record: Record) -> list[Backward]:
    """Return the losses without a graph with which a later training ends, of a script that trains twice."""
    count = 0
    for each in reversed(record.backwards):
        if not (each.leaf and each.grad):
            break
        count += 1
    return record.backwards[-count:] if count >= 3 else []


def _freezing(facts: Facts) -> Site | None:
    """Return where the source switches gradients off; between two observed steps this is not seen."""
    for file in facts.files():
        for node in ast.walk(tree_of(file) or ast.Module([], [])):
            if isinstance(node, ast.Assign | ast.Expr) and OFF.search(ast.unparse(node)):
                return Site(file, node.lineno, node.col_offset, node.end_col_offset or 0)
    return None


def no_graph(facts: Facts) -> Iterator[Finding]:
    """Find a loss that does not depend on the weights."""
    record, entry = facts.record, _without_graph(facts)
    if entry is None:
        yield from _answer_made_a_leaf(facts)
        return
    hint = note("backward() was called here", entry.site)
    patch = next((site for kind, site in record.requires if kind == "loss"), None)
    patched = note("requires_grad on the loss itself makes the error go away, but reaches no weight", patch)
    frozen = _all_frozen(facts, entry)
    if frozen is not None:
        yield frozen
        return
    if record.rebound_last is not None:
        yield rebound(record.rebound_last, 0.97)
        return
    cut = _cut_of(facts, entry)
    if cut is None:
        yield found(
            "graph-cut",
            "The loss does not hang on any weight.",
            "It is computed from numbers alone, so backward() reaches nothing.",
            f"Compute the loss from the network's own answer. {REINFORCE}",
            0.85,
            entry.site,
            "no history",
            *notes(patched),
        )
        return
    yield _cut(cut, 0.98, notes(hint, patched))


def _without_graph(facts: Facts) -> Backward | None:
    """Return a call of backward() whose loss had no graph, but perhaps requires_grad; None if all had one."""
    record, failed = facts.record, facts.failed
    if failed is not None and "does not require grad" in failed.error:
        return failed
    if not record.requires and not any(each.leaf and each.grad for each in record.backwards[:3]):
        return None
    calls = (*record.backwards[:3], *_last_leaves(record))
    entry = next((each for each in calls if each.leaf and each.grad), None)
    meant = any(kind == "loss" for kind, _ in record.requires)
    return None if entry is not None and entry.origin is None and not meant else entry


def _all_frozen(facts: Facts, entry: Backward) -> Finding | None:
    """Return the finding that none of the weights requires a gradient; None if one does."""
    record = facts.record
    # A script that trains twice has frozen what the last optimizer holds, not what an earlier one held.
    held = (
        facts.held
        if entry in record.backwards[:3]
        else record.optimizers[-1].ids
        if record.optimizers
        else ()
    )
    weights = [facts.live[n] for n in held if n in facts.live]
    if not weights:
        weights = [p for network in facts.networks for p in network.parameters()]
    if weights and not any(each.requires_grad for each in weights):
        site = record.frozen_at or _freezing(facts) or entry.site
        return found(
            "all-frozen",
            f"None of the {len(weights)} weight tensors requires a gradient.",
            "requires_grad was switched off for all of them, also for what is to be learned.",
            "Freeze only the layers that are to stay, and make new layers after that; "
            "for p in model.head.parameters(): p.requires_grad = True.",
            0.98,
            site,
            "frozen here",
            *notes(note("backward() was called here", entry.site)),
        )
    return None


def _cut_of(facts: Facts, entry: Backward) -> Cut | None:
    record = facts.record
    if entry.origin is not None and entry.origin.cut is not None:
        return entry.origin.cut
    exits = [each for each in record.exits if each.backward == entry.number] or record.exits
    wide = [each for each in exits if each.out] or [each for each in exits if each.numbers > 1] or exits
    if wide:
        first = wide[0]
        return first
    cuts = [each for each in record.cuts.values() if each.backward == entry.number]
    return max(cuts, key=lambda each: (each.out, each.why in ("no_grad", "detach", "data")), default=None)


def _cut(cut: Cut, sure: float, given: tuple[str, ...]) -> Finding:
    what = words(cut.why)
    site = cut.site
    if cut.why == "no_grad":
        decorated = _decorator(site)
        site = decorated or cut.block or site
    if cut.why in NO_SLOPE:
        cure = (
            "Compute the loss from the numbers before it (logits, probabilities); argmax, rounding "
            "and comparisons have no slope."
        )
    elif cut.why in ("numpy", "__array__", "tolist"):
        cure = f"Stay with PyTorch tensors from the network's answer to the loss. {REINFORCE}"
    elif cut.why == "no_grad":
        cure = "Compute what is to be learned from outside of torch.no_grad()."
    else:
        cure = f"Compute the loss from the network's answer itself, and detach only copies. {REINFORCE}"
    return found(
        "graph-cut",
        f"The loss does not hang on the network: {what} cuts its answer off here.",
        "Behind this point PyTorch knows no derivative, so backward() reaches none of the weights before it.",
        cure,
        sure,
        site,
        f"{what} cuts the graph",
        *given,
    )


def _decorator(site: Site) -> Site | None:
    """Return the decorator that switches gradients off for the function around a place."""
    tree = tree_of(site.file)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef) and node.lineno <= site.line <= (node.end_lineno or 0):
            for each in node.decorator_list:
                if "no_grad" in ast.unparse(each) or "inference_mode" in ast.unparse(each):
                    return Site(site.file, each.lineno, each.col_offset, each.end_col_offset or 0)
    return None


def _others_learn(facts: Facts) -> bool:
    """Return whether, at the end of the training, weights without an optimizer get gradients."""
    late = [each for each in facts.fine if not each.of_inputs and each.leaves][-10:]
    reached = {n for each in late for n in each.leaves}
    return any(n in facts.names for n in reached - facts.held_late)


def _answer_made_a_leaf(facts: Facts) -> Iterator[Finding]:
    """Find weights on which no loss depends, because the graph is cut."""
    record = facts.record
    fine = [each for each in facts.fine if each.looked or each.leaves]
    if len(fine) < 3:
        return
    stepping = [each for each in record.optimizers if each.looked >= 3]
    idle = {
        n
        for each in stepping
        for n in each.ids
        if (n not in facts.reached or (each.none == each.looked and not each.zeroed_between))
        and n in facts.live
        and facts.live[n].requires_grad
    }
    if not idle or (_others_learn(facts) and not facts.held_late - idle):
        return  # the optimizer holds other weights than those that get gradients
    cuts = [each for each in record.cuts.values() if each.leaves & idle] + [
        each for each in record.exits if each.leaves & idle
    ]
    known = {id(each.leaves) for each in record.cuts.values()}
    real = [each for each in cuts if not _shown(each) or id(each.leaves) not in known]
    cuts = real or cuts  # a number that is shown comes after the cut
    last = max(each.number for each in fine)
    cuts = [each for each in cuts if each.first <= last]  # what comes after the training cuts nothing off
    if not cuts:
        return
    meant = {each.target.cut for each in record.calls if each.target is not None and each.grad}
    cuts = [each for each in cuts if each not in meant] or cuts  # a target is detached on purpose
    training = [each for each in cuts if each.count >= 3 or each.tick > 0] or cuts
    steppers = {n for each in stepping if set(each.ids) <= idle for n in [each.number]}
    best = max(
        training,
        key=lambda each: (
            _stepper(facts, each) in steppers,
            len(each.leaves & idle),
            each.why in ("detach", "data", "no_grad"),
            each.count,
        ),
    )
    rewrapped = next(filter(None, map(new_tensor, facts.files())), None) if _shown(best) else None
    if rewrapped is not None:
        best = Cut("Tensor", rewrapped, best.tick, best.backward, best.leaves)
    what = ", ".join(facts.name(n) for n in sorted(idle)[:3])
    given = notes(f"Weights without any gradient: {what}" + (", ..." if len(idle) > 3 else ""))
    if len(idle & facts.held) == len(facts.held):
        yield _cut(best, 0.96, given)
        return
    single = _cut(best, 0.92, given)
    yield single


def _shown(cut: Cut) -> bool:
    """Return whether a single number left PyTorch, as for a line that is printed."""
    return cut.why in ("item", "__float__", "__format__", "tolist") and cut.numbers == 1


def _stepper(facts: Facts, cut: Cut) -> int:
    """Return the number of the optimizer that made the step after a cut; -1 if it is not known."""
    entry = next((each for each in reversed(facts.fine) if each.number == cut.backward), None)
    known = entry is not None and entry.tick < len(facts.record.steppers)
    return facts.record.steppers[entry.tick] if entry is not None and known else -1


def no_slope(facts: Facts) -> Iterator[Finding]:
    """Find a rounding between the weights and the loss."""
    site = facts.record.round_site
    looked = [each for each in facts.fine if each.norms]
    if len(looked) < 3:
        return
    if site is None:
        yield from _own_function(facts, looked)
        return
    without = _without(looked)
    if not without:
        return
    whole = not any(any(each.norms.values()) for each in looked)
    yield found(
        "graph-cut",
        ("Every gradient" if whole else f"The gradient of {', '.join(map(facts.name, sorted(without)[:3]))}")
        + " is exactly 0: numbers are rounded here on their way to the loss.",
        "A rounding is flat between its steps, so its derivative is 0 everywhere.",
        "Compute the loss from the numbers before the rounding; round only what you show.",
        0.97,
        site,
        "flat",
    )


def _without(looked: list[Backward]) -> set[int]:
    """Return the numbers of the weights whose gradient was 0 in all observed steps."""
    return set.intersection(*({n for n, norm in each.norms.items() if norm == 0} for each in looked))


def _own_function(facts: Facts, looked: list[Backward]) -> Iterator[Finding]:
    """Find an autograd.Function of the script whose derivative is always 0."""
    without = _without(looked)
    functions = facts.record.flat_functions
    dead = any(facts.units) and all(each.dead and min(each.dead) > 0.99 for each in facts.units[:1])
    if not without or not functions or dead:
        return
    site = max(functions, key=lambda each: functions[each])
    names = ", ".join(map(facts.name, sorted(without)[:3]))
    yield found(
        "graph-cut",
        f"The gradient of {names} is exactly 0: this function answers 0 as its derivative.",
        "What backward() of an autograd.Function returns is multiplied into every gradient before it.",
        "Return grad_output times the derivative; for a step function pass it straight through, "
        "as grad_output * (x.abs() < 1).",
        0.93,
        last_return(site),
        "no gradient passes",
    )


def sampled(facts: Facts) -> Iterator[Finding]:
    """Find sample() where rsample() is needed, because the network has to learn through the draw."""
    record = facts.record
    drawn = [each for each in record.draws if each.smooth and each.used and each.site is not None]
    if len(drawn) < 3 or record.actions or any(each.judged for each in record.draws):
        return
    yield found(
        "graph-cut",
        "sample() draws from what a network answers, and hands no gradient back to it.",
        "The network before this point does not learn from what is made of the draw.",
        "Draw with rsample(): mean + std * noise, which has a derivative.",
        0.9,
        drawn[0].site,
        "sample() cuts the graph",
    )


def term_without_gradient(facts: Facts) -> Iterator[Finding]:
    """Find a gradient penalty without a graph, so that nothing learns from it."""
    for site, (count, cut) in facts.record.constant_terms.items():
        if count >= 3:
            yield found(
                "graph-cut",
                "A term of the loss has no derivative: it comes from gradients that have no graph.",
                "torch.autograd.grad() answers plain numbers, so this penalty moves no weight.",
                "Write torch.autograd.grad(..., create_graph=True).",
                0.93,
                cut.site,
                "create_graph=True is missing",
                *notes(note("it is added to the loss here", site)),
            )
            return


def used_later(entry: Backward) -> bool:
    """Return whether this step used a tensor of an earlier step; not if the whole graph is an old one."""
    return entry.carried is not None and entry.carried[0] is not None


def carried(facts: Facts) -> Iterator[Finding]:
    """Find a graph that reaches back into an earlier step."""
    record, failed = facts.record, facts.failed
    twice = failed is not None and "second time" in failed.error
    changed = failed is not None and "inplace operation" in failed.error and used_later(failed)
    kept = [each for each in facts.fine if each.carried is not None]
    if not twice and not changed and (len(kept) < 2 or (record.error is not None and not changed)):
        return
    entry = failed if twice or changed else kept[-1]
    assert entry is not None
    use, made, called = entry.carried or (None, None, None)
    site = use or made or entry.site
    if made is not None and use is not None and made.file == use.file and not facts.in_loop(made):
        site = made
    elif called is not None and not (use is not None and kept_in_object(use)):
        site = called
    if twice and entry.carried is None and _twice_in_a_step(facts, entry):
        site = entry.site
    yield found(
        "graph-carried-over",
        "This hangs on the graph of an earlier step"
        + (", which backward() has freed." if twice else "; the graph grows with each step."),
        "A state, a running sum or something computed before the loop is carried from step to step with "
        "its whole history.",
        "Cut it at the end of each step (state = state.detach(), total += loss.item()), or compute it "
        "anew in each step. "
        "retain_graph=True only makes it slower and slower.",
        0.97,
        site,
        "comes from an earlier step",
        *notes(
            note("backward() was called here", entry.site),
            note("it was made here", made if made != site else None),
        ),
    )


def _twice_in_a_step(facts: Facts, entry: Backward) -> bool:
    return len(facts.record.backwards) > 1 and facts.record.backwards[-2].tick == entry.tick


def rebound(site: Site, sure: float) -> Finding:
    """Return the finding for a weight that was replaced by a new tensor."""
    return found(
        "weights-rebound",
        "The step makes a new tensor instead of changing the weight.",
        "w = w - rate * w.grad binds the name to a tensor that is no weight any more; the network, or "
        "the next "
        "backward(), still has the old one.",
        "with torch.no_grad(): w -= rate * w.grad, and then w.grad = None.",
        sure,
        site,
        "a new tensor",
    )


RULES = (no_graph, no_slope, sampled, term_without_gradient, carried)
