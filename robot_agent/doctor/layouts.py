"""Records the layout of data: which dimension is the time, and what is between two layers."""

from typing import Any

import torch

from robot_agent.doctor import masks, sequences
from robot_agent.doctor.calls import FIRST, RECURRENT, is_weight
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.origin import Origin
from robot_agent.doctor.provenance import VIEWS, same_number
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import split

STRAIGHT = VIEWS | split(
    "add __add__ __radd__ add_ __iadd__ batch_norm dropout mean sum avg_pool2d adaptive_avg_pool2d "
    "layer_norm mul __mul__ __rmul__ div __truediv__ sub __sub__ group_norm"
)
"""Calls without a nonlinearity: two linear layers around them can do no more than one."""
PLACELESS = (VIEWS - split("stack cat concat hstack vstack gather clone concatenate")) | split(
    "mul __mul__ __rmul__ div __truediv__ dropout layer_norm linear matmul __matmul__ bmm masked_fill"
)
"""Calls that add nothing about the position in a sequence."""
DROPOUT = split("dropout feature_dropout dropout1d dropout2d dropout3d alpha_dropout")
MOST = 3000


def follow(name: str, site: Site | None, ins: list[Any], known: list[Origin | None], new: Origin) -> None:
    """Count the linear layers since the last activation."""
    first = known[0] if known else None
    if name in FIRST and name not in RECURRENT:
        if sum(not is_weight(each) for each in ins) <= 1:
            new.layers = (first.layers if first is not None else 0) + 1
    elif (
        name in STRAIGHT
        and first is not None
        and (name in VIEWS or sum(o is not None and o.layers > 0 for o in known) <= 1)
        # What is added may have bent, as in a block with a shortcut.
        and (name in VIEWS or all(o is None or o.layers > 0 or not o.net for o in known[1:]))
    ):
        new.layers = first.layers
    if name == "embedding":
        new.plain = site
    elif name in PLACELESS and first is not None:
        new.plain = first.plain
    elif (
        name in ("add", "__add__", "add_", "__iadd__") and first is not None and first.plain and len(ins) == 2
    ):
        one, other = ins
        if one.dim() == other.dim() == 3 and other.shape[1] == 1 < one.shape[1]:
            new.plain = site  # the same is added to all tokens of a sequence
    if name in DROPOUT:
        new.dropped = site
    elif name in VIEWS and first is not None:
        new.dropped, new.normed = first.dropped, first.normed


def look(notes: Notes, call: Call, site: Site) -> None:
    """Record what is suspicious in the shape of data, or between two layers."""
    name, ins, known, out, grad = call.name, call.ins, call.known, call.out, call.grad
    record, local = notes.record, notes.local
    if name in FIRST and grad and name not in RECURRENT:
        _layer(notes, call, site)
    elif name in RECURRENT and ins[0].dim() == 3 and grad and local.call_number:
        sequences.padded(notes, call, site)
        batch_first = call.args[-1] if name in ("lstm", "gru", "rnn_tanh", "rnn_relu") else True
        built = notes.layer_site(local.modules[-1]) if local.modules else None
        if batch_first is False and len(record.sequences) < MOST:
            record.sequences[local.call_number] = (site, built, ins[0].shape[0], ins[0].shape[1])
        elif batch_first is True:
            _along_samples(notes, site, built, ins[0].shape[1], ins[0].shape[0])
    elif name == "multi_head_attention_forward" and ins[0].dim() == 3 and grad and local.call_number:
        masks.of_attention(notes, site, call.kwargs.get("key_padding_mask"))
        layer = next((each for each in reversed(local.modules) if hasattr(each, "batch_first")), None)
        built = next(filter(None, (notes.layer_site(each) for each in local.modules)), None)
        if layer is not None and not layer.batch_first and len(record.sequences) < MOST:
            record.sequences.setdefault(local.call_number, (site, built, ins[0].shape[0], ins[0].shape[1]))
        elif layer is not None and layer.batch_first:  # it has exchanged the two already
            _along_samples(notes, site, built, ins[0].shape[0], ins[0].shape[1])
    elif name in ("__getitem__", "select") and grad and known[0] is not None and known[0].op in RECURRENT:
        _early(notes, site, call.args, ins[0])
        sequences.of_padding(notes, site, call.args, ins[0])
    elif name in ("__getitem__", "select") and grad and ins[0].dim() == 3 and "causal" in notes.current:
        sequences.first_place(notes, call)
    elif name in ("view", "reshape") and isinstance(out, torch.Tensor) and grad:
        _classes(notes, site, ins[0], out)
        if known[0] is not None and known[0].op in RECURRENT:
            _mixed(notes, site, ins[0], out)
    elif name in ("view", "reshape") and isinstance(out, torch.Tensor) and not grad:
        _scrambled(notes, site, ins[0], known[0], out)
    elif name == "embedding" and grad and local.call_number and len(record.looked_up) < MOST:
        record.looked_up.setdefault(local.call_number, same_number(ins[0]))
        if not _are_places(ins[0]):
            notes.current["tokens"] = ins[0].detach().clone() if ins[0].numel() < 100_000 else None
    elif name in DROPOUT:
        _dropout(notes, call, site)


def _along_samples(notes: Notes, site: Site, built: Site | None, times: int, others: int) -> None:
    """Record a layer with batch_first=True whose time is the dimension of the samples."""
    record, rows = notes.record, notes.current.get("rows")
    if times != rows or others in (1, times) or len(record.crossed) > MOST:
        return
    drawn = bool(notes.current.get("input_orders"))
    if drawn or any(each.size == rows and each.fetched > 2 for each in record.loaders.values()):
        record.crossed[notes.local.call_number] = (site, built, times, others)


def _are_places(looked_up: Any) -> bool:
    """Return whether numbers that are looked up count the places of a sequence: 0, 1, 2, ..."""
    return looked_up.dim() > 0 and looked_up.shape[-1] > 2 and bool((looked_up.diff(dim=-1) == 1).all())


def _layer(notes: Notes, call: Call, site: Site) -> None:
    local, record, number = notes.local, notes.record, notes.local.call_number
    ins, first = call.ins, call.known[0]
    if first is None or not first.net or not ins[0].requires_grad or is_weight(ins[0]):
        return
    if first.layers == 0:
        if len(record.bent) < MOST:
            record.bent.add(number)
    elif len(record.chains) < MOST:
        built = notes.layer_site(local.modules[-1]) if local.modules and site == local.call else None
        # In a forward() the activation belongs behind the layer before.
        record.chains[number] = (
            first.layers + 1,
            built or (first.site if first.site != local.call else None) or site,
        )


def scrambled(
    notes: Notes, site: Site, before: tuple[int, ...], after: tuple[int, ...], numbers: int
) -> None:
    """Record data that gets the shape of its transpose without being transposed."""
    if (
        len(before) != len(after)
        or before == after
        or sorted(before) != sorted(after)
        or numbers < 24
        or [each for each in before if each > 1] == [each for each in after if each > 1]
    ):
        return
    count = notes.record.scrambled.get(site, (0,))[0]
    notes.record.scrambled[site] = (count + 1, before, after)


def _scrambled(notes: Notes, site: Site, given: Any, origin: Origin | None, out: Any) -> None:
    if origin is None or not (origin.net or origin.op in ("arange", "linspace")):
        scrambled(notes, site, tuple(given.shape), tuple(out.shape), given.numel())


def _early(notes: Notes, site: Site, args: Any, given: Any) -> None:
    """Record `out[:, 0]` of a recurrent layer, or `out[0]` if the time is the first dimension."""
    layer = next(
        (
            each
            for each in (notes.local.modules[:1])
            for each in each.modules()
            if isinstance(each, torch.nn.RNNBase)
        ),
        None,
    )
    index = args[1] if len(args) > 1 else None
    if layer is None or layer.bidirectional or given.dim() != 3:
        return
    parts = index if isinstance(index, tuple) else (index,)
    place = 1 if layer.batch_first else 0
    if len(parts) > place and parts[place] == 0 and isinstance(parts[place], int) and given.shape[place] > 2:
        count = notes.record.early.get(site, (0, 0))[0]
        notes.record.early[site] = (count + 1, given.shape[place])


def _classes(notes: Notes, site: Site, given: Any, out: Any) -> None:
    """Record outputs (N, C, L) that are flattened to (-1, C): this mixes the classes of different places."""
    if given.dim() < 3 or out.dim() != 2 or given.shape[-1] == out.shape[1] or given.shape[1] != out.shape[1]:
        return
    if out.shape[1] < 2 or out.shape[0] != given.numel() // out.shape[1] or out.shape[0] == given.shape[0]:
        return
    count = notes.record.scrambled.get(site, (0,))[0]
    notes.record.scrambled[site] = (count + 1, tuple(given.shape), tuple(out.shape))


def _mixed(notes: Notes, site: Site, given: Any, out: Any) -> None:
    """Record the states (layers, N, H) of a recurrent layer that get the shape (N, layers * H) by view()."""
    if given.dim() != 3 or out.dim() != 2 or given.shape[0] == given.shape[1] or 1 in given.shape[:2]:
        return
    if len(out) == given.shape[1] == notes.current.get("rows"):
        count = notes.record.scrambled.get(site, (0,))[0]
        notes.record.scrambled[site] = (count + 1, tuple(given.shape), tuple(out.shape))


def _dropout(notes: Notes, call: Call, site: Site) -> None:
    args, kwargs = call.args, call.kwargs
    share = args[1] if len(args) > 1 else kwargs.get("p", 0.5)
    training = args[2] if len(args) > 2 else kwargs.get("training", True)
    local, record = notes.local, notes.record
    if not training or not share:
        return
    inner: Any = local.modules[-1] if local.modules else None
    layer = isinstance(inner, torch.nn.modules.dropout._DropoutNd)
    count, largest, built = record.dropouts.get(site, (0, 0.0, None))
    if layer:
        built = notes.layer_site(inner)
    record.dropouts[site] = (count + 1, max(float(share), largest), built)
    if (
        local.modules
        and not layer
        and not inner.training
        and not isinstance(inner, torch.nn.MultiheadAttention)
    ):
        record.always_dropped[site] = record.always_dropped.get(site, 0) + 1
