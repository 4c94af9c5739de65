"""Records which networks the script calls, and along which dimension it takes their largest outputs."""

import weakref
from typing import Any

from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.provenance import same_number
from robot_agent.doctor.record import Called
from robot_agent.doctor.site import Site


def number_of(network: Any) -> float:
    """Return a number of a network's first and last weights, to notice changes."""
    weights = list(network.parameters())
    return same_number(weights[0].detach()) + same_number(weights[-1].detach())


def called(notes: Notes, module: Any, site: Site, enabled: bool) -> None:
    """Record that the script called a network, with a number of its weights at that time."""
    record = notes.record
    weights = list(module.parameters())
    if id(module) not in notes.origins.kept:
        notes.origins.keep(module, sum(each.numel() for each in weights))
    if not weights or len(record.networks) > 300:
        return
    now = number_of(module)
    entry = record.networks.get(id(module))
    if entry is None or entry.ref() is not module:
        entry = record.networks[id(module)] = Called(weakref.ref(module), now, record.backward)
    entry.last, entry.until = now, record.backward
    if len(entry.tests) > 400:
        del entry.tests[50:200]
    entry.tests.append((record.backward, enabled, site))


def across(notes: Notes, call: Call, site: Site) -> None:
    """Record a maximum of a network's outputs that is taken along the samples of a batch."""
    args, kwargs, given, origin = call.args, call.kwargs, call.ins[0], call.known[0]
    dim = kwargs.get("dim", kwargs.get("axis", args[1] if len(args) > 1 else None))
    if dim in (1, -1) and given.dim() == 2 and given.shape[1] == 1 and origin is not None and origin.out:
        notes.record.across[site] = call.name, (len(given), 1)
    if dim not in (0, -2) or isinstance(dim, bool) or given.dim() != 2 or origin is None or not origin.out:
        return
    rows, width = given.shape
    if rows > 1 and width > 1 and rows != width and rows == notes.current.get("rows"):
        notes.record.across[site] = call.name, (rows, width)
