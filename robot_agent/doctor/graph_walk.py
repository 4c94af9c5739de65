"""Follows the graph of a loss back to the weights on which it depends."""

from typing import Any

import torch

from robot_agent.doctor.cuts import weights_of
from robot_agent.doctor.entries import Backward
from robot_agent.doctor.site import USER, Site, kind_of
from robot_agent.doctor.words import split

Steps = Any  # of a later module

ELEMENTWISE = split(
    "Mean Sum Neg Mul Div Log NllLoss NllLoss2D Gather Index Select Add Sub Pow Abs Clamp View Squeeze "
    "Unsqueeze MseLoss BinaryCrossEntropy L1Loss SmoothL1Loss HuberLoss Exp Reshape ReshapeAlias Expand "
    "Stack Cat Slice Clone Where UnsafeView Minimum Maximum LogSumExp Logsumexp Permute T Transpose "
    "SqueezeBackward1 Squeeze1 Mean1 Sum1 Squeezebackward1"
)
"""Nodes of a graph that treat each sample and each class separately."""


def walk(steps: "Steps", loss: Any, entry: Backward) -> None:
    """Follow the graph from a loss to the weights, and write what it shows into `entry` and the record."""
    record, origins = steps.record, steps.observer.origins
    leaves: set[int] = set()
    chain: list[str] = []
    todo: list[tuple[Any, Any, bool]] = [(loss.grad_fn, None, True)]
    seen: set[Any] = set()
    carried: list[tuple[Any, Any]] = []
    while todo and len(seen) < 6000:
        node, parent, way = todo.pop(0)
        if node is None or node in seen:
            continue
        seen.add(node)
        variable = getattr(node, "variable", None)
        if variable is not None:
            number = origins.weight(variable)
            leaves.add(number)
            record.shapes.setdefault(number, tuple(variable.shape))
            steps.keep_first(number, variable)
            if isinstance(variable, torch.nn.Parameter):
                origins.keep(variable, variable.numel())
            continue
        if len(chain) < 40:
            chain.append(node.name())
        if isinstance(node, torch.autograd.function.BackwardCFunction):
            _own_function(steps, node)
        origin = node.metadata.get("doctor") if entry.looked else None
        kind = node.name().rstrip("0123456789").removesuffix("Backward")
        if way and kind in ("Softmax", "LogSoftmax"):
            _softmax(steps, node, origin)
        way = way and kind in ELEMENTWISE
        if origin is not None:
            origin.reached = True
            if origin.test is not None:
                origin.test.learned_from = True
            if origin.tick < record.tick and (parent is None or parent.tick >= record.tick):
                carried.append((parent, (origin, node)))
        for each, _ in node.next_functions:
            todo.append((each, origin if origin is not None else parent, way))
    entry.leaves, entry.chain = frozenset(leaves), tuple(chain)
    before = next((each for each in reversed(record.backwards) if each.site == entry.site), None)
    for parent, (origin, node) in carried:
        if before is None or origin.tick > before.tick:
            continue  # made in this pass: a step of another optimizer came in between
        if _stale(steps, node, origin.tick):
            entry.carried = (
                parent.site if parent is not None else None,
                origin.site,
                parent.where if parent is not None else None,
            )
            break


def _own_function(steps: "Steps", node: Any) -> None:
    """Record the line of the `backward` of an autograd.Function that the script has written."""
    code = getattr(getattr(type(node), "_forward_cls", None), "backward", None)
    code = getattr(code, "__code__", None)
    if code is not None and kind_of(code.co_filename) == USER:
        site = Site(code.co_filename, code.co_firstlineno)
        steps.record.flat_functions[site] = steps.record.flat_functions.get(site, 0) + 1


def _softmax(steps: "Steps", node: Any, origin: Any) -> None:
    """Record a softmax over the samples of a batch, if the loss depends on it."""
    result = node._saved_result
    dim = node._saved_dim
    if (
        result.dim() != 2
        or dim not in (0, 2**64 - 2)
        or min(result.shape) < 2
        or origin is None
        or origin.site is None
    ):
        return
    before = node.next_functions[0][0]
    if before is None or not before.name().startswith("Addmm"):
        return  # columns may be the samples
    count = steps.record.softmax_dim.get(origin.site, (0,))[0]
    module = origin.module if origin.act is not None and origin.act.module is not None else None
    if module is not None and (module.file, module.line) == (origin.site.file, origin.site.line):
        module = None
    steps.record.softmax_dim[origin.site] = (count + 1, tuple(result.shape), module)


def _stale(steps: "Steps", node: Any, tick: int) -> bool:
    """Return whether an optimizer has changed weights behind a node since the node was made."""
    numbers = weights_of(steps.observer, node)
    return any(o.last >= tick and not numbers.isdisjoint(o.ids) for o in steps.optimizers.entries.values())
