"""Which networks are asked, which learn, and along which dimension their answers are read."""

import weakref
from typing import Any

from robot_agent.doctor.origin import Origin
from robot_agent.doctor.provenance import same_number
from robot_agent.doctor.record import Called
from robot_agent.doctor.site import Site

Observer = Any  # of a later module


def called(observer: "Observer", module: Any, site: Site, enabled: bool) -> None:
    """Keep that the script called a network, and what its weights were."""
    record = observer.record
    weights = list(module.parameters())
    if id(module) not in observer.origins.kept:
        observer.origins.keep(module, sum(each.numel() for each in weights))
    if not weights or len(record.networks) > 300:
        return
    now = same_number(weights[0].detach()) + same_number(weights[-1].detach())
    entry = record.networks.get(id(module))
    if entry is None or entry.ref() is not module:
        entry = record.networks[id(module)] = Called(weakref.ref(module), now, record.backward)
    entry.last, entry.until = now, record.backward
    if len(entry.tests) > 400:
        del entry.tests[50:200]
    entry.tests.append((record.backward, enabled, site))


def across(
    observer: "Observer", name: str, site: Site, args: Any, kwargs: Any, given: Any, origin: Origin | None
) -> None:
    """Keep the choice of a largest answer along the samples of a batch."""
    dim = kwargs.get("dim", kwargs.get("axis", args[1] if len(args) > 1 else None))
    if dim not in (0, -2) or isinstance(dim, bool) or given.dim() != 2 or origin is None or not origin.out:
        return
    rows, width = given.shape
    if rows > 1 and width > 1 and rows != width and rows == observer.current.get("rows"):
        observer.record.across[site] = name, (rows, width)
