"""Records how a policy's actions were chosen, and by what their log-probabilities are multiplied."""

import math
import time
from typing import Any

import torch

from robot_agent.doctor.calls import LARGE
from robot_agent.doctor.entries import Action, LogProb
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.origin import Origin
from robot_agent.doctor.signs import bootstrapped
from robot_agent.doctor.site import Site, here
from robot_agent.doctor.words import other_sign


def picked(notes: Notes, site: Site, args: Any, origin: Origin) -> None:
    """Record a probability that was picked by an index, and whether the index was random or an argmax."""
    given, index = args[0], args[-1]
    act = origin.act.name if origin.act is not None else ""
    if not (origin.log_prob or act in ("softmax", "log_softmax")) or len(notes.record.picks) > 4000:
        return
    index = index[-1] if isinstance(index, tuple) and index else index
    single = isinstance(index, int) or (isinstance(index, torch.Tensor) and index.numel() == 1)
    if isinstance(index, bool) or not single or given.numel() != given.shape[-1] or given.numel() < 2:
        return
    chosen = notes.origins.get(index) if isinstance(index, torch.Tensor) else None
    flat = given.detach().reshape(-1).float()
    top = flat.softmax(0) if act != "softmax" else flat
    best = float(int(flat.argmax()) == int(index))
    wide = bool(top.max() < 0.95)
    drawn = bool(chosen is not None and chosen.sampled)
    notes.record.picks.append(
        Action(site, chosen.argmax if chosen is not None else None, drawn, best, 1, None, wide)
    )


def averaged(notes: Notes, call: Call, site: Site) -> None:
    """Record a mean of log-probabilities that meets the returns of several actions."""
    if len(call.ins) != 2:
        return
    for one, other in ((0, 1), (1, 0)):
        origin, weight = call.known[one], call.ins[other]
        if origin is None or origin.op != "mean" or not origin.log_prob or call.ins[one].numel() != 1:
            continue
        if weight.numel() > 1 and not weight.requires_grad:
            notes.record.averaged[origin.site or site] += 1


def weighted(notes: Notes, call: Call, site: Site) -> None:
    """Record the numbers by which a log-probability is multiplied, such as rewards."""
    pair = [
        (t, o)
        for t, o in zip(call.ins, call.known, strict=True)
        if o is not None and o.log_prob and t.requires_grad
    ]
    if len(pair) != 1:
        return
    tensor, origin = pair[0]
    others = [each for each in call.args[:2] if each is not tensor]
    if others and isinstance(others[0], torch.Tensor) and others[0].requires_grad:
        bootstrapped(notes, site, notes.origins.get(others[0]))
        return
    if not others or (isinstance(others[0], torch.Tensor) and others[0].numel() > 100_000):
        return
    other = others[0]
    if isinstance(other, torch.Tensor):
        value, weight = other.detach().clone(), notes.origins.get(other)
    elif isinstance(other, (int, float)) or hasattr(other, "dtype"):
        value, weight = torch.as_tensor(other, dtype=torch.float32), None
    else:
        return

    reward = weight.reward if weight is not None and weight.reward else other_sign(site)
    entry = LogProb(
        site,
        tuple(float(each) for each in value.reshape(-1)[:64]),
        notes.record.backward,
        origin.log_prob,
        reward,
        weight.constant if weight is not None else None,
        weight.data if weight is not None else None,
    )
    if len(notes.record.log_probs) > 6000:
        return
    notes.record.log_probs.append(entry)

    def slope(g: Any) -> None:
        try:
            with notes.silent():
                if g.shape == value.shape or value.numel() == 1:
                    entry.slope.append(float((g * value).sum()))
        except Exception as error:
            notes.trouble(error)

    tensor.register_hook(slope)


def note_action(notes: Notes, distribution: Any, value: Any, answer: Any) -> None:
    """Record an action whose log-probability the script computes."""
    site = here()
    if site is None or not isinstance(value, torch.Tensor):
        return
    origin = notes.origins.get(value)
    if origin is not None and origin.draw is not None:
        origin.draw.judged = site
        origin.draw.times += 1
        origin.draw.graded = origin.draw.graded or bool(answer.requires_grad)
    rows, given, n = tuple(distribution.batch_shape), tuple(value.shape), len(answer) if answer.dim() else 0
    drawn = not value.dtype.is_floating_point or bool(origin is not None and origin.sampled)
    if answer.requires_grad and drawn and n > 1 and {rows, given} == {(n,), (n, 1)}:
        notes.record.broadcast.setdefault(site, (given, rows, (n, n)))
    mode, wide = math.nan, True
    with notes.silent():
        try:
            best = distribution.mode
            if best.shape == value.shape and value.numel() <= LARGE:
                mode = float((best == value).float().mean())
            probs = getattr(distribution, "probs", None) if hasattr(distribution, "_num_events") else None
            if probs is not None:
                wide = bool(probs.max(-1).values.mean() < 0.95)
        except (NotImplementedError, AttributeError):
            pass
    if len(notes.record.actions) < 5000:
        notes.record.actions.append(
            Action(
                site,
                origin.argmax if origin is not None else None,
                bool(origin is not None and origin.sampled),
                mode,
                value.numel(),
                origin.site if origin is not None else None,
                wide,
            )
        )
    for each in (answer,):
        known = notes.origins.get(each) or Origin("log_prob", site, notes.record.tick)
        known.log_prob, known.site, known.net = 1, site, True
        notes.origins.set(each, known)
    now = time.perf_counter()
    notes.current["action"] = now
