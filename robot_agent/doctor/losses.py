"""Records the outputs and targets of a loss, whether it is a function of PyTorch or written by hand."""

import math
from typing import Any

import torch

from robot_agent.doctor import sequences, signs
from robot_agent.doctor.calls import LARGE
from robot_agent.doctor.cuts import weights_behind
from robot_agent.doctor.entries import Action, LossCall
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.origin import Act, Origin
from robot_agent.doctor.provenance import same_number
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import split

LOSSES = split(
    "cross_entropy nll_loss mse_loss binary_cross_entropy binary_cross_entropy_with_logits l1_loss "
    "smooth_l1_loss huber_loss nll_loss_nd kl_div poisson_nll_loss hinge_embedding_loss "
    "soft_margin_loss multi_margin_loss gaussian_nll_loss"
)
QUANTITIES = frozenset(["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "difference"])
"""Losses that compare numbers (regression)."""
CLASSES = frozenset(["cross_entropy", "nll_loss", "pick"])
"""Losses whose target is a class number."""
ADDS = ("add", "__add__", "__radd__", "sub", "__sub__", "__rsub__")
TWO = frozenset(["binary_cross_entropy", "binary_cross_entropy_with_logits"])
ONE_WAY = split(
    "binary_cross_entropy binary_cross_entropy_with_logits cross_entropy nll_loss kl_div poisson_nll_loss"
)
"""Losses that change if output and target are exchanged."""
LAST = split("linear matmul mm addmm add __add__ __matmul__ squeeze flatten view reshape __getitem__ conv2d")
MOST = 3000


def look(notes: Notes, call: Call, site: Site) -> None:
    """Record the arguments of a loss function of PyTorch."""
    name, args, kwargs, ins, out = call.name, call.args, call.kwargs, call.ins, call.out
    answer = args[0] if args else kwargs.get("input", ins[0])
    target = args[1] if len(args) > 1 else kwargs.get("target", ins[1] if len(ins) > 1 else None)
    if not isinstance(answer, torch.Tensor) or not isinstance(target, torch.Tensor):
        return
    if target.requires_grad and not answer.requires_grad and name in ONE_WAY:
        notes.record.swapped[site] += 1
    ignored = args[4] if len(args) > 4 else kwargs.get("ignore_index", -100)
    whole = target
    if name in ("cross_entropy", "nll_loss") and ignored >= 0:
        target, answer = _without(notes, target, answer, ignored)
    loss = _call(notes, name, site, answer, target)
    if loss is None:
        return
    weight = args[2] if len(args) > 2 else kwargs.get("weight")
    if name == "cross_entropy" and isinstance(weight, torch.Tensor) and weight.dim() == 1:
        loss.weightless = bool((weight == 0).any()) and int((weight != 0).sum()) <= 1
    factor = kwargs.get("pos_weight") if name in TWO else weight
    if isinstance(factor, torch.Tensor) and _favours(name, factor, target):
        made = notes.origins.get(factor)
        loss.favoured = made.site if made is not None and made.site is not None else site
    if loss.act is not None and loss.act.name == "softmax" and target.dim() == 2 and target.shape[1] > 1:
        once = target.detach().float().sum(1).sub(1).abs() < 1e-3
        zero_one = bool(((target == 0) | (target == 1)).all())
        loss.several = zero_one and float(once.float().mean()) < 0.8
    loss.padding = name in CLASSES and ignored < 0 and sequences.of_zeros(notes, target)
    loss.ignoring = whole is not target
    sequences.shifted(notes, loss, target)
    sequences.needless(notes, loss, target)
    loss.summed = kwargs.get("reduction") == "sum"
    if isinstance(out, torch.Tensor):
        loss.kept = notes.origins.get(out)
    signs.of_loss(notes, loss, out)
    if target.requires_grad and answer.requires_grad and name in QUANTITIES:
        signs.bootstrapped(notes, site, notes.origins.get(target))
    if name == "kl_div" and answer.dim() and bool((answer >= 0).all()) and bool((answer <= 1).all()):
        notes.record.kl_of[site] += answer.requires_grad
    if isinstance(out, torch.Tensor) and out.numel() == 1:
        loss.value = float(out)
    if name == "nll_loss" and answer.dim() >= 2:
        total = answer.detach().float().logsumexp(1)
        loss.normal = float(total.abs().mean())
    if name == "cross_entropy" and call.grad and answer.dim() == 2 and answer.shape[1] > 1:
        _probabilities(notes, site, answer, call.known[0])
    if name in CLASSES and call.grad:
        _order(notes, name, site, answer, [call.known[0], notes.origins.get(target)])
    if name in CLASSES | TWO:
        loss.chance = _chance(name, target, answer)
    if name in ("cross_entropy", "nll_loss") and isinstance(out, torch.Tensor) and out.numel() > 1:
        origin = notes.origins.get(out)
        if origin is not None:
            origin.log_prob, origin.picked = -1, True
    if name in QUANTITIES:
        _broadcast(notes, site, answer, target, True)
    if isinstance(out, torch.Tensor) and out.numel() > 1 and out.shape == target.shape:
        notes.current["one by one"] = (loss.kept, target.detach().clone())


def _favours(name: str, factor: Any, target: Any) -> bool:
    """Return whether the class weights are larger for the class that is more frequent."""
    if name == "binary_cross_entropy_with_logits" and factor.numel() == 1:
        share, much = float(target.float().mean()), float(factor)
        return (share < 0.35 and much < 0.7) or (share > 0.65 and much > 1.4)
    if name not in CLASSES or factor.dim() != 1 or target.dtype.is_floating_point or not target.numel():
        return False
    counts = torch.bincount(target.reshape(-1).clamp(min=0).long(), minlength=len(factor))[: len(factor)]
    most, least = int(counts.argmax()), int(counts.argmin())
    return bool(counts[most] > 2 * counts[least]) and bool(factor[most] > 1.5 * factor[least] > 0)


def _without(notes: Notes, target: Any, answer: Any, ignored: int) -> tuple[Any, Any]:
    """Return target and output without the samples whose label the loss ignores.

    They stay unchanged if there is more than one label for each sample.
    """
    if target.dim() != 1 or answer.dim() != 2 or target.dtype.is_floating_point:
        return target, answer
    keep = target != ignored
    if bool(keep.all()) or not bool(keep.any()):
        return target, answer
    rest, answers = target[keep], answer.detach()[keep].requires_grad_(answer.requires_grad)
    for old, new in ((target, rest), (answer, answers)):
        origin = notes.origins.get(old)
        if origin is not None:
            notes.origins.set(new, origin)
    return rest, answers


def _order(notes: Notes, name: str, site: Site, answer: Any, origins: list[Origin | None]) -> None:
    """Record outputs that were flattened in another order than their labels, and a softmax over the time."""
    of_answer, of_target = origins
    if of_answer is None or answer.dim() != 2:
        return
    act, record = of_answer.act, notes.record
    if (
        name == "nll_loss"
        and act is not None
        and act.site is not None
        and (act.rank, act.dim) == (3, 1)
        and of_answer.flat[2:] == (answer.shape[1],)
    ):
        count = record.softmax_dim.get(act.site, (0,))[0]
        record.softmax_dim[act.site] = (count + 1, of_answer.flat, act.module)
    if of_target is None or len(of_answer.flat) != 3 or len(of_target.flat) != 2:
        return
    first, second = of_answer.flat[:2]
    if of_target.flat == (second, first) and first != second:
        count = record.transposed.get(site, (0,))[0]
        record.transposed[site] = (count + 1, of_answer.flat, of_target.flat)


def look_at_sum(notes: Notes, call: Call, site: Site) -> None:
    """Record a term of a loss that comes from a gradient without a graph, so that nothing learns from it.

    Such a term may have a derivative all the same, if the place at which the gradient was taken comes in too.
    """
    ins, known = call.ins, call.known
    if not call.grad or any(each.numel() != 1 for each in ins):
        return
    learned = [
        each.requires_grad and (origin is None or origin.penalty is None or _reaches_weight(notes, each))
        for each, origin in zip(ins, known, strict=True)
    ]
    if sum(learned) != 1:
        return
    origin = known[learned.index(False)]
    if origin is not None and origin.penalty is not None:
        count = notes.record.constant_terms.get(site, (0,))[0]
        notes.record.constant_terms[site] = (count + 1, origin.penalty)


def _reaches_weight(notes: Notes, term: Any) -> bool:
    """Return whether a term hangs on more than the places at which gradients without a graph were taken."""
    return not weights_behind(notes, term) <= set(notes.current.get("places of gradients", ()))


def _probabilities(notes: Notes, site: Site, answer: Any, origin: Origin | None) -> None:
    """Record a softmax written by hand; its numbers show it: none is below 0, and each row adds up to 1."""
    rows = answer.detach().float()
    if origin is None or origin.act is not None or not bool((rows >= 0).all()):
        return
    if bool(((rows.sum(1) - 1).abs() < 1e-4).all()):
        key = ("softmax-twice", site)
        count = notes.record.twice[key][0] if key in notes.record.twice else 0
        notes.record.twice[key] = (count + 1, Act("softmax", origin.site, origin.module))


def look_at_difference(notes: Notes, call: Call, site: Site) -> None:
    """Record a difference of a network's output and a target: a squared error written by hand."""
    known, out = call.known, call.out
    first, second = call.ins
    if first.requires_grad == second.requires_grad:
        if first.requires_grad:
            for each in known:
                signs.bootstrapped(notes, site, each)
            notes.current["pair"] = [each.call for each in known if each is not None]
            return
        _broadcast(notes, site, first, second, False)
        return
    if first.requires_grad:
        answer, target = first, second
        origin = known[0]
    else:
        answer, target, origin = second, first, known[1]
    if origin is None or not origin.net or answer.is_leaf:
        return
    _broadcast(notes, site, answer, target, True)
    numbers = target.dtype.is_floating_point or target.dtype in (torch.int64, torch.int32)
    if numbers and (origin.out or origin.act is not None):
        loss = _call(notes, "difference", site, answer, target)
        if loss is not None:
            loss.kept = notes.origins.get(out)
            signs.of_loss(notes, loss, out, out.detach().clone() if out.numel() <= MOST else None)


def look_at_pick(notes: Notes, call: Call, site: Site) -> None:
    """Record log-probabilities that are picked by class numbers: a cross-entropy written by hand."""
    args, ins = call.args, call.ins
    index = args[1] if call.name == "__getitem__" else args[2] if len(args) > 2 else None
    if isinstance(index, tuple):
        index = index[-1]
    if (
        not isinstance(index, torch.Tensor)
        or index.dtype not in (torch.int64, torch.int32)
        or ins[0].dim() < 2
    ):
        return
    origin = notes.origins.get(index)
    if origin is not None and origin.argmax is not None and notes.origins.get(ins[0]) is not None:
        notes.record.actions.append(Action(site, origin.argmax, False, 1.0, index.numel(), origin.site))
    if origin is not None and (origin.sampled or origin.net):
        return
    loss = _call(notes, "pick", site, ins[0], index.reshape(-1))
    if loss is not None:
        loss.chance = _chance("pick", index.reshape(-1), ins[0])
        loss.kept = notes.origins.get(call.out)
        signs.of_loss(notes, loss, call.out, -1.0)


def look_at_shapes(notes: Notes, call: Call, site: Site) -> None:
    """Record a product of a learned tensor with data or log-probabilities of shapes (N, 1) and (N,)."""
    ins = call.ins
    learned = [each.requires_grad and not each.is_leaf for each in ins]
    if call.out.requires_grad and (
        any(each is not None and each.log_prob for each in call.known)
        or (any(learned) and not all(each.requires_grad for each in ins))
    ):
        _broadcast(notes, site, ins[0], ins[1], True)


def _broadcast(notes: Notes, site: Site, first: Any, second: Any, sure: bool) -> None:
    a, b = tuple(first.shape), tuple(second.shape)
    made = notes.origins.get(second)
    if len(a) == len(b) == 2 and a[0] == b[0] == b[1] > 1 == a[1] and made is not None and made.op in ADDS:
        notes.record.broadcast.setdefault(made.site or site, (a, b, b))  # (N,) and (N, 1) were added before
    if len(a) == len(b) or not a or not b:
        return
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    if len(longer) == 2 and len(shorter) == 1 and longer[1] == 1 and longer[0] == shorter[0] > 1 and sure:
        notes.record.broadcast.setdefault(site, (a, b, (longer[0], longer[0])))
    elif (
        len(longer) == len(shorter) + 1
        and longer[-1] == 1
        and longer[:-1] == shorter
        and shorter[-1] > 1
        and sure
    ):
        both = tuple(torch.broadcast_shapes(a, b))  # type: ignore[no-untyped-call]
        notes.record.broadcast.setdefault(site, (a, b, both))


def _chance(name: str, target: Any, answer: Any) -> float | None:
    """Return the loss of the best constant output, which is the entropy of the targets; None if unknown."""
    if target.numel() < 2 or target.numel() > LARGE:
        return None
    if name in TWO:
        mean = float(target.float().mean())
        return -sum(p * math.log(p) for p in (mean, 1 - mean) if p > 0)
    if target.dtype.is_floating_point:
        if target.shape != answer.shape or target.dim() < 2:
            return None
        shares = target.reshape(len(target), -1).mean(0)
    else:
        if int(target.min()) < 0:
            target = target[target >= 0]
        counts = torch.bincount(target.reshape(-1).long(), minlength=1).float()
        shares = counts / counts.sum()
    return -float(sum(p * math.log(p) for p in shares.tolist() if p > 0))


def _call(notes: Notes, name: str, site: Site, answer: Any, target: Any) -> LossCall | None:
    record = notes.record
    if answer.numel() > LARGE or target.numel() > LARGE or not target.numel() or not answer.numel():
        return None
    origin, of_target = notes.origins.get(answer), notes.origins.get(target)
    call = LossCall(
        name,
        site,
        record.backward,
        answer.requires_grad,
        (tuple(answer.shape), tuple(target.shape)),
        origin.act if origin is not None else None,
        bool(origin is not None and origin.out),
        of_target,
        not target.dtype.is_floating_point or bool(of_target is not None and of_target.integer),
    )
    call.aliased = answer.numel() == target.numel() > 0 and answer.data_ptr() == target.data_ptr()
    a, t = answer.detach().float(), target.detach()
    flat = t.reshape(-1)
    head = flat[:2048]
    values = head.unique()
    call.many = len(values) > 12
    call.values = tuple(float(each) for each in values[:13])
    call.rows = len(target) if target.dim() else 1
    if t.dim() < a.dim() and not (t.dim() and len(t) == len(a)):
        rows = t.reshape(1, -1)  # one target for all samples
        call.rows = len(a)
    else:
        rows = t.reshape(len(t), -1) if t.dim() else t.reshape(1, 1)
    call.pure = call.rows > 1 and bool((rows == rows[0]).all())
    t32 = flat.float()
    call.mean, call.low, call.high = float(t32.mean()), float(t32.min()), float(t32.max())
    if origin is not None:
        call.dropped, call.normed, call.best = origin.dropped, origin.normed, origin.best
        call.detached = origin.cut is not None and origin.cut.why in ("detach", "data", "no_grad")
        if origin.act is not None and origin.act.size == 1:
            call.alone = origin.act.module or origin.act.site
    call.std = float(t32.std()) if len(t32) > 1 else 0.0
    call.answer_mean, call.answer_zeros = float(a.mean()), float((a == 0).float().mean())
    call.answer_std = float(a.std()) if a.numel() > 1 else 0.0
    call.answer_low, call.answer_high = float(a.min()), float(a.max())
    if a.dim() == 2 and a.shape[1] > 1 and name == "cross_entropy":
        call.unit = bool(((a.norm(dim=1) - 1).abs() < 1e-3).all())
    call.flat_same = same_number(flat)
    call.same = same_number(rows[0]) + 1e-3 * same_number(flat)
    call.from_net = bool(
        of_target is not None and (of_target.net or of_target.cut is not None or of_target.sampled)
    )
    call.direct = origin is None or origin.out or origin.act is not None or origin.op in LAST
    call.classes = answer.shape[1] if answer.dim() > 1 else 1
    call.skill = _skill(name, a, t)
    if name in QUANTITIES | {"binary_cross_entropy"} and a.shape == t.shape and a.dim() > 1 and len(a) > 3:
        call.spread = float(a.std(0).mean() / (t.float().std(0).mean() + 1e-12))
    call.most, call.one_guess = _guesses(name, a, t)
    call.first_row = tuple(float(each) for each in rows[0][:8].float())
    call.call = origin.call if origin is not None else 0
    call.answer_orders = notes.current.get("input_orders")
    if len(record.calls) > MOST:
        del record.calls[200 : MOST // 2]
    record.calls.append(call)
    return call


def _guesses(name: str, answer: Any, target: Any) -> tuple[float, bool]:
    """Return the share of the most frequent class, and whether all outputs choose this class."""
    if name in TWO and answer.shape == target.shape:
        wanted, guess = target > 0.5, answer > (0.5 if name == "binary_cross_entropy" else 0.0)
    elif name in CLASSES and answer.dim() == 2 and target.dim() == 1 and not target.dtype.is_floating_point:
        wanted, guess = target, answer.argmax(1)
    else:
        return 0.0, False
    values, counts = wanted.unique(return_counts=True)
    most = values[counts.argmax()]
    return float(counts.max() / counts.sum()), bool((guess == most).all())


def _skill(name: str, answer: Any, target: Any) -> float | None:
    """Return the skill of the outputs: 1 all right, 0 no better than the best constant; None if unknown."""
    if name in QUANTITIES:
        if answer.shape != target.shape:
            if answer.numel() != target.numel():
                return None
            answer = answer.reshape(target.shape)
        t = target.float()
        if t.numel() < 2:
            return None
        spread = (
            float((t - t.mean(0, keepdim=True)).pow(2).mean())
            if t.dim() > 1 and len(t) > 1
            else float(t.var())
        )
        return 1 - float((answer - t).pow(2).mean()) / spread if spread > 1e-12 else None
    if name in TWO:
        if answer.shape != target.shape:
            return None
        wanted = target.float() > 0.5
        right = float(((answer > (0.5 if name == "binary_cross_entropy" else 0.0)) == wanted).float().mean())
        share = float(wanted.float().mean())
        best = max(share, 1 - share)
    elif name in CLASSES and answer.dim() >= 2:
        wanted = target if not target.dtype.is_floating_point else target.argmax(1)
        guess = answer.argmax(1)
        if guess.numel() != wanted.numel():
            return None
        wanted = wanted.reshape(-1).long()
        right = float((guess.reshape(-1) == wanted).float().mean())
        if int(wanted.min()) < 0:
            return None
        best = float(torch.bincount(wanted).max()) / len(wanted)
    else:
        return None
    return (right - best) / (1 - best) if best < 1 else None
