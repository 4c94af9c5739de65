"""Records masks that leave only padding, and the distances in a triplet loss."""

from typing import Any

import torch

from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.origin import Origin
from robot_agent.doctor.site import Site


def of_attention(notes: Notes, site: Site, mask: Any) -> None:
    """Record a padding mask that leaves only one kind of token; where it is True, attention does not look."""
    tokens = notes.current.get("tokens")
    if not isinstance(mask, torch.Tensor) or tokens is None or mask.shape != tokens.shape:
        return
    hidden = mask if mask.dtype == torch.bool else mask < 0
    origin = notes.origins.get(mask)
    _judge(notes, site, origin, ~hidden, tokens, "tokens")


def of_loss(notes: Notes, call: Call, site: Site) -> None:
    """Record a mask that leaves only the losses of one label."""
    args = call.args
    kept, target = notes.current.get("one by one", (None, None))
    if kept is None or not any(each is kept for each in call.known) or len(args) < 2:
        return
    mask = next((each for each in args[:2] if notes.origins.get(each) is not kept), None)
    if not isinstance(mask, torch.Tensor) or mask.requires_grad or mask.shape != target.shape:
        return
    if mask.dtype != torch.bool and not bool(((mask == 0) | (mask == 1)).all()):
        return
    _judge(notes, site, notes.origins.get(mask), mask.bool(), target, "labels")


def of_scores(notes: Notes, call: Call, site: Site) -> None:
    """Keep scores whose masked places were filled with a number that a softmax does not make 0."""
    name, args, known = call.name, call.args, call.known
    if name == "softmax":
        filled = known[0].filled if known and known[0] is not None else None
        if filled is not None:
            notes.record.filled[filled[0]] = notes.record.filled.get(filled[0], (0, 0.0))[0] + 1, filled[1]
        return
    value = args[2] if len(args) > 2 else call.kwargs.get("value")
    if name == "where":
        value = next((each for each in args[1:3] if isinstance(each, int | float) or each.numel() == 1), None)
    new = notes.origins.get(call.out) if isinstance(call.out, torch.Tensor) else None
    if new is None or not isinstance(value, int | float | torch.Tensor):
        return
    mask = args[0] if name == "where" else args[1] if len(args) > 1 else call.kwargs.get("mask")
    if float(value) > -5 and isinstance(mask, torch.Tensor) and bool(mask.any()) and not bool(mask.all()):
        new.filled = site, float(value)


def _judge(notes: Notes, site: Site, origin: Origin | None, left: Any, values: Any, what: str) -> None:
    if values.dtype.is_floating_point or not bool(left.any()) or bool(left.all()):
        return
    if len(values[left].unique()) == 1 and len(values[~left].unique()) > 2:
        place = (origin.data or origin.site if origin is not None else None) or site
        count = notes.record.masked.get(place, (0, what))[0]
        notes.record.masked[place] = (count + 1, what)


def of_triplet(notes: Notes, site: Site, known: list[Origin | None]) -> None:
    """Record whether a triplet loss's positives are farther from the anchors than its negatives."""
    inputs = notes.current.get("inputs", {})
    given = [inputs.get(each.call) for each in known[:3] if each is not None]
    if len(given) < 3 or any(each is None for each in given):
        return
    anchor, positive, negative = given
    if not anchor.shape == positive.shape == negative.shape or len(anchor) < 4:
        return
    near, far = (float((anchor - each).flatten(1).norm(dim=1).mean()) for each in (positive, negative))
    farther = notes.record.triplets[site]
    if len(farther) < 3000:
        farther.append(near > 1.05 * far)
