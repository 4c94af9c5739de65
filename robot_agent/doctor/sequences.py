"""Records states and attention over the steps of a sequence, and the distances of pairs."""

from typing import Any

import torch

from robot_agent.doctor.calls import FILLED
from robot_agent.doctor.entries import LossCall
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.origin import Origin
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import split

DISTANCES = split("pairwise_distance norm linalg_norm vector_norm linalg_vector_norm cosine_similarity")
SCORES = split("bmm matmul __matmul__ einsum div __truediv__ mul __mul__ masked_fill")
"""Calls that compute the scores of an attention."""
MOST = 3000


def cell(notes: Notes, call: Call, site: Site) -> None:
    """Record the state with which a recurrent cell is called in each step of a sequence."""
    name, ins, known = call.name, call.ins, call.known
    record, number = notes.record, notes.local.call_number
    layer = notes.local.modules[-1]
    if getattr(layer, "bidirectional", False):
        notes.current["free"] = notes.layer_site(layer) or site, number
    single = name.endswith("_cell")
    if not single and (ins[0].dim() != 3 or 1 not in ins[0].shape[:2]):
        return  # it goes through the whole sequence itself
    states = [
        (each, origin)
        for each, origin in list(zip(ins, known, strict=True))[1:]
        if not each.is_leaf or origin is not None
    ]
    states = [(each, origin) for each, origin in states if not isinstance(each, torch.nn.Parameter)][:1]
    if not states or len(record.cells) > MOST:
        return
    state, origin = states[0]
    empty = not state.requires_grad and (
        origin is None or origin.op in FILLED or origin.constant is not None or not bool(state.any())
    )
    counts = record.cells.setdefault(number, [0, 0])
    counts[0] += 1
    counts[1] += bool(empty and not bool(state.any()))
    record.cell_site = record.cell_site or site
    if not state.requires_grad and origin is not None and origin.cut is not None and origin.call == number:
        record.cut_states[origin.cut.site] += 1


def pairs(notes: Notes, site: Site, known: list[Origin | None], distance: Any) -> None:
    """Record, at backward(), which pairs are drawn together, and how far apart their inputs are."""
    calls = [each.call for each in known[:2] if each is not None]
    if len(calls) < 2:
        calls = notes.current.get("pair", [])
    if (
        len(calls) != 2
        or not all(calls)
        or not (distance.dim() == 1 or (distance.dim() == 2 and distance.shape[1] == 1))
        or max(calls) != max(e.call for e in known if e)
    ):
        return
    inputs, both = notes.current.get("inputs", {}), notes.current.get("both", {})
    given = both.get(calls[0], []) if calls[0] == calls[1] else [inputs.get(each) for each in calls]
    if len(given) != 2 or any(each is None for each in given):
        return
    first, second = given
    if first.shape != second.shape or len(first) != len(distance) or len(first) < 4:
        return
    apart = (first - second).flatten(1).norm(dim=1)
    likeness = distance.grad_fn is not None and "Cosine" in distance.grad_fn.name()
    entries = notes.record.pairs[site]

    def slope(g: Any) -> None:
        try:
            with notes.silent():
                way = (-g if likeness else g).flatten()
                near, far = apart[way > 0], apart[way < 0]
                if len(near) and len(far) and len(entries) < MOST:
                    entries.append(bool(near.mean() > 1.02 * far.mean()))
        except Exception as error:
            notes.trouble(error)

    distance.register_hook(slope)


def shifted(notes: Notes, call: LossCall, target: Any) -> None:
    """Record that attention, or a bidirectional network, has seen the tokens that it has to predict."""
    turned, by = notes.current.get("turned", (None, 0))
    site, number = notes.current.get("free", (None, 0))
    inverted = turned is not None and by == call.call != notes.current.get("usual")
    if inverted:
        site, number = turned, by
    tokens = notes.current.get("tokens")
    if site is None or tokens is None or call.call != number or target.numel() != tokens.numel():
        return
    wanted = target.reshape(tokens.shape)
    after = [(wanted[:, :-1], tokens[:, 1:]), (wanted[:-1], tokens[1:])]
    if any(len(a) and a.numel() > 8 and float((a == b).float().mean()) > 0.98 for a, b in after):
        (notes.record.turned if inverted else notes.record.foreseen)[site] += 1


def of_zeros(notes: Notes, target: Any) -> bool:
    """Return whether most labels are 0 and belong to tokens 0: the padding of a batch of sequences."""
    tokens = notes.current.get("tokens")
    if tokens is None or tokens.numel() != target.numel() or tokens.dim() != 2 or len(tokens) < 2:
        return False
    both = (target.reshape(tokens.shape) == 0) & (tokens == 0)
    ends = tokens[:, -1] if float((tokens[:, -1] == 0).float().mean()) > 0.3 else tokens[-1]
    return float(both.float().mean()) > 0.4 and float((ends == 0).float().mean()) > 0.3


def placeless(notes: Notes, call: Call) -> None:
    """Keep attention of tokens whose places nothing tells: it sees them as a bag."""
    origin, tokens = call.known[0], notes.current.get("tokens")
    if origin is None or origin.plain is None or tokens is None or tokens.dim() != 2:
        return
    kwargs, out = call.kwargs, call.out
    if call.name == "softmax":
        length = out.shape[-1] if isinstance(out, torch.Tensor) and out.dim() >= 3 else 0
        if length != tokens.shape[1] or out.shape[-2] != length:
            return
        hidden = not bool((out.detach().reshape(-1, length, length)[0].triu(1) > 0).any())
    else:
        hidden = kwargs.get("attn_mask") is not None or bool(kwargs.get("is_causal"))
    if tokens.shape[1] >= 3 and not hidden:
        notes.record.placeless[origin.plain] += 1


def padded(notes: Notes, call: Call, site: Site) -> None:
    """Keep that a recurrent layer goes through padding: sequences of several lengths end in zeros."""
    given, args = call.ins[0], call.args
    batch_first = args[-1] if call.name in ("lstm", "gru", "rnn_tanh", "rnn_relu") else True
    tokens = notes.current.get("tokens")
    seen = given.detach() if batch_first else given.detach().transpose(0, 1)
    if tokens is not None and tokens.dim() == 2 and tokens.numel() * seen.shape[-1] == seen.numel():
        zero = tokens == 0 if tokens.shape == seen.shape[:2] else tokens.T == 0
    else:
        zero = (seen == 0).all(-1)
    notes.current.pop("padded", None)
    if zero.dim() != 2 or len(zero) < 2 or zero.shape[1] < 4:
        return
    after = zero.flip(1).int().cumprod(1).sum(1)
    if float((after > 0).float().mean()) > 0.5 and len(after.unique()) > 2:
        notes.current["padded"] = site, float(after.float().mean() / zero.shape[1]), len(zero)


def of_padding(notes: Notes, site: Site, args: Any, given: Any) -> None:
    """Keep that the last output, or the last state, of a layer that went through padding is used."""
    known, index = notes.current.get("padded"), args[1] if len(args) > 1 else None
    if known is None or given.dim() != 3 or (isinstance(index, int) and len(args) > 2):
        return
    parts = index if isinstance(index, tuple) else (index,)
    last = [each for each in parts if each == -1 and isinstance(each, int)]
    state = given.shape[0] <= 4 and given.shape[1] == known[2] and parts[0] in (0, -1)
    if last or state:
        count = notes.record.padded.get(site, (0, 0.0))[0]
        notes.record.padded[site] = count + 1, known[1]


def foreseen(notes: Notes, call: Call, site: Site) -> None:
    """Record attention of each token to all others, also to later ones."""
    name, args, kwargs, out = call.name, call.args, call.kwargs, call.out
    tokens = notes.current.get("tokens")
    if tokens is None or tokens.dim() != 2 or not notes.local.call_number:
        return
    length = tokens.shape[1]
    if name == "softmax":
        if out is None or out.dim() < 3 or out.shape[-1] != length or out.shape[-2] != length or length < 3:
            return
        free = bool((out.detach().reshape(-1, length, length)[0].triu(1) > 0).any())
    elif name == "scaled_dot_product_attention":
        mask = kwargs.get("attn_mask", args[3] if len(args) > 3 else None)
        free = mask is None and not kwargs.get("is_causal", args[5] if len(args) > 5 else False)
    else:
        free = kwargs.get("attn_mask") is None and not kwargs.get("is_causal")
    if free:
        notes.current["free"] = site, notes.local.call_number


def hides_later(notes: Notes, call: Call, site: Site) -> None:
    """Keep attention in which no place sees the places after it, or none sees the places before it."""
    kwargs, args = call.kwargs, call.args
    direct = call.name == "scaled_dot_product_attention"
    mask = kwargs.get("attn_mask", args[3] if direct and len(args) > 3 else None)
    causal = bool(kwargs.get("is_causal")) and mask is None
    if isinstance(mask, torch.Tensor) and mask.dim() >= 2 and mask.shape[-1] == mask.shape[-2] > 2:
        square = mask.detach().reshape(-1, *mask.shape[-2:])[0]
        hidden = square if square.dtype == torch.bool else square < -1e3
        if direct and square.dtype == torch.bool:
            hidden = ~square  # this function is told where to look, the layers where not to look
        ones = torch.ones_like(hidden, dtype=torch.bool)
        causal = bool(hidden[ones.triu(1)].all()) and not bool(hidden[ones.tril()].any())
        origin = notes.origins.get(mask)
        _direction(notes, hidden, (origin.data if origin is not None else None) or site)
    if causal and notes.local.call_number:
        notes.current["causal"] = site, notes.local.call_number
        notes.current["usual"] = notes.local.call_number


def _direction(notes: Notes, hidden: Any, place: Site) -> None:
    """Keep whether a mask hides all places before each place, or all after it, as it should."""
    if is_turned(hidden):
        notes.current["turned"] = place, notes.local.call_number
    elif is_turned(hidden.T):
        notes.current["usual"] = notes.local.call_number


def is_turned(hidden: Any) -> bool:
    """Return whether a mask hides all places before, and none of those after each place."""
    ones = torch.ones_like(hidden, dtype=torch.bool)
    return bool(hidden[ones.tril(-1)].all()) and not bool(hidden[ones.triu(1)].any())


def turned_scores(notes: Notes, call: Call, site: Site) -> None:
    """Keep which way a mask hides that fills scores of attention."""
    args, value = call.args, call.args[2] if len(call.args) > 2 else call.kwargs.get("value")
    mask = args[1] if len(args) > 1 else call.kwargs.get("mask")
    if not isinstance(mask, torch.Tensor) or not isinstance(value, int | float | torch.Tensor):
        return
    if mask.dtype != torch.bool or mask.dim() < 2 or not mask.shape[-1] == mask.shape[-2] > 2:
        return
    if not float(value) < -1e3:
        return
    origin, made = notes.origins.get(mask), call.single
    new = notes.origins.get(made) if made is not None else None
    if call.grad:
        hidden = mask.detach().reshape(-1, *mask.shape[-2:])[0]
        _direction(notes, hidden, (origin.data if origin is not None else None) or site)
    elif new is not None and origin is not None:
        new.data = origin.data or new.data  # a mask of numbers, made of one of True and False


def first_place(notes: Notes, call: Call) -> None:
    """Record that the first place is used of a sequence in which it sees nothing but itself."""
    site, number = notes.current["causal"]
    index = call.args[1] if len(call.args) == 2 else None
    parts = index if isinstance(index, tuple) else (index,)
    place = 1 if notes.current.get("rows") == call.ins[0].shape[0] else 0
    chosen = parts[place] if len(parts) > place else None
    if number == notes.local.call_number and isinstance(chosen, int) and chosen == 0:
        notes.record.needless[site] += 1


def needless(notes: Notes, call: LossCall, target: Any) -> None:
    """Record attention that hides what comes later, where each place has a target that is nothing later."""
    site, number = notes.current.get("causal", (None, 0))
    given = notes.current.get("tokens")
    given = notes.current.get("inputs", {}).get(number) if given is None else given
    if site is None or call.call != number or given is None or given.dim() < 2 or target.dim() < 1:
        return
    first, second = given.shape[:2]
    if target.numel() % (first * second) or second < 3 or first < 3:
        return
    wanted, known = target.reshape(first, second, -1).float(), given.reshape(first, second, -1).float()
    if target.dim() > 1 and target.shape[:2] == (second, first):
        return  # in another order: it cannot be compared
    for shown in known.unbind(-1)[:32]:
        for told in wanted.unbind(-1)[:4]:
            if any(
                float((a - b).abs().mean()) < 0.05 * float(shown.std())
                for a, b in ((told[:, :-1], shown[:, 1:]), (told[:-1], shown[1:]), (told, shown))
            ):
                return
    notes.record.needless[site] += 1
