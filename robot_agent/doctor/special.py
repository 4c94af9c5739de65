"""Passes calls on to the modules that record them: layers, activations, losses, roots and divisions."""

import torch

from robot_agent.doctor import actions, layers, layouts, losses, masks, sequences, signs, written
from robot_agent.doctor import tested as asked
from robot_agent.doctor.calls import COMPARE, FIRST, LARGE, RECURRENT, has_choice, is_weight
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.site import Site


def look(notes: Notes, call: Call, site: Site) -> None:
    """Record what is of interest in a call, by its name."""
    name, ins, known, grad, enabled = call.name, call.ins, call.known, call.grad, call.enabled
    record, local = notes.record, notes.local
    if not ins:
        return
    origin = known[0]
    tested = next((each.test for each in known if each is not None and each.test is not None), None)
    if tested is not None:
        if (
            name in COMPARE
            or name in losses.LOSSES
            or (name in ("sub", "__sub__", "__rsub__") and len(ins) > 1)
        ):
            tested.compared = True
        reaches = any(e.requires_grad and not is_weight(e) for e in ins)
        if reaches and grad and enabled and not tested.grad:
            tested.learned_from = True
    single = call.out if isinstance(call.out, torch.Tensor) else None
    layouts.look(notes, call, site)
    if name in signs.PENALTIES and grad and enabled and is_weight(ins[0]):
        record.penalties[site] += 1
    elif name in COMPARE and len(ins) == 2:
        if not grad:
            signs.comparison(notes, site, ins, known)
        asked.misread(notes, site, ins, known)
    elif name in signs.ALIKE and single is not None and grad and enabled:
        signs.likeness(notes, call, site)
    if name in ("argmax", "max", "amax"):
        asked.across(notes, call, site)
    if name in RECURRENT and grad and local.call_number:
        sequences.cell(notes, call, site)
    elif name in sequences.DISTANCES | {"sum"} and grad and enabled and single is not None:
        sequences.pairs(notes, site, known, single)
    elif (
        name in ("softmax", "scaled_dot_product_attention", "multi_head_attention_forward")
        and grad
        and enabled
    ):
        sequences.foreseen(notes, call, site)
        sequences.placeless(notes, call)
        sequences.hides_later(notes, call, site)
    if name in FIRST and grad:
        layers.first(notes, call, site)
    elif (
        name in ("relu", "relu_", "sigmoid", "tanh", "sigmoid_", "tanh_")
        and single is not None
        and single.requires_grad
    ):
        layers.units_of(notes, name.rstrip("_"), site, single, ins[0])
    if origin is not None and single is not None and single.requires_grad:
        act = origin.act
        if act is not None:
            twice = (
                ("softmax-twice" if act.name in ("softmax", "softmin") else "")
                if name in ("cross_entropy", "softmax", "log_softmax") and act.name != "sigmoid"
                else "softmax-twice"
                if name == "cross_entropy" and act.name == "sigmoid"
                else "sigmoid-twice"
                if act.name == "sigmoid"
                and name in ("binary_cross_entropy_with_logits", "sigmoid", "logsigmoid")
                else ""
            )
            if twice and has_choice(ins[0]):
                count = record.twice.get((twice, site), (0, act))[0]
                record.twice[(twice, site)] = (count + 1, act)
    if name in losses.LOSSES:
        losses.look(notes, call, site)
    elif (
        name in ("sub", "__sub__", "rsub", "__rsub__")
        and len(ins) == 2
        and grad
        and enabled
        and not local.in_log_prob
    ):
        losses.look_at_difference(notes, call, site)
    elif name in ("__getitem__", "gather") and grad and enabled and origin is not None and origin.log_prob:
        losses.look_at_pick(notes, call, site)
    elif name in ("mul", "__mul__", "__rmul__", "add", "__add__") and len(ins) == 2 and single is not None:
        losses.look_at_shapes(notes, call, site)
        if name in ("add", "__add__") and enabled:
            losses.look_at_sum(notes, call, site)
    if name in ("div", "__truediv__") and grad and enabled and single is not None and single.numel() == 1:
        record.divided[site] += 1
    if name in ("add", "__add__", "sub", "__sub__") and len(ins) == 2 and grad and enabled:
        signs.summed(notes, ins, known, -1 if "sub" in name else 1)
    if name in signs.SUMS and grad and enabled and single is not None and single.numel() == 1:
        signs.terms(notes, name, ins, known)
    if (
        grad
        and enabled
        and name in ("mul", "__mul__", "__rmul__", "dot", "matmul", "__matmul__", "div", "__truediv__", "mv")
    ):
        actions.weighted(notes, call, site)
        actions.averaged(notes, call, site)
    if name in ("mul", "__mul__", "__rmul__") and len(ins) == 2 and grad and enabled and single is not None:
        signs.overlap(notes, call, site)
    if name in ("mul", "__mul__", "__rmul__", "__getitem__", "masked_select") and grad and enabled:
        masks.of_loss(notes, call, site)
    elif name == "triplet_margin_loss" and grad and enabled:
        masks.of_triplet(notes, site, known)
    if name in ("masked_fill", "masked_fill_", "where", "softmax") and grad and enabled:
        masks.of_scores(notes, call, site)
    act = origin.act if origin is not None and grad and enabled and single is not None else None
    if name in ("softmax", "log_softmax") and act is not None and act.name == "relu" and ins[0].dim() < 3:
        record.relu_scores.setdefault(site, ([], act))[0].append(float((ins[0] == 0).float().mean()))
    if name == "softmax" and grad and enabled and single is not None and origin is not None:
        made = notes.origins.get(single)
        act = made.act if made is not None else None
        square = single.dim() >= 3 and single.shape[-1] == single.shape[-2] > 1 and len(single) > 1
        if square and act is not None and act.dim == 0 and origin.op in sequences.SCORES:
            count = record.softmax_dim.get(site, (0,))[0]
            record.softmax_dim[site] = (count + 1, tuple(single.shape), None)
    if name in signs.HINGES and grad and enabled:
        signs.hinge(notes, call, site)
    if name == "__getitem__" and grad and enabled and origin is not None:
        actions.picked(notes, site, call.args, origin)
    if name in ("round", "floor", "ceil", "sign", "trunc") and grad and enabled:
        record.round_site = record.round_site or site
    if (
        name
        in (
            "sqrt",
            "norm",
            "log",
            "rsqrt",
            "div",
            "pow",
            "acos",
            "asin",
            "linalg_norm",
            "vector_norm",
            "std",
            "__truediv__",
            "cdist",
        )
        and grad
        and enabled
    ):
        _risk(notes, call, site)
    if name in ("sub", "__sub__") and len(ins) >= 2:
        written.rebinding(notes, call, site)


def _risk(notes: Notes, call: Call, site: Site) -> None:
    name, ins, answer = call.name, call.ins, call.out
    if not isinstance(answer, torch.Tensor) or answer.numel() > LARGE or not answer.requires_grad:
        return
    bad = ins[-1] if name in ("div", "__truediv__") else ins[0]
    if name in ("norm", "linalg_norm", "vector_norm", "std", "cdist"):
        bad = answer
    if (
        not bad.dtype.is_floating_point
        or not bad.numel()
        or (name in ("pow",) and float(bad.abs().min()) != 0)
    ):
        return
    singular = bool((bad.abs() >= 1).any()) if name in ("acos", "asin") else bool((bad == 0).any())
    if singular and name != "pow":
        notes.record.risky[(name, site)] = notes.record.backward
    elif singular:
        notes.record.risky.setdefault((name, site), notes.record.backward)
