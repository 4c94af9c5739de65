"""Patches DataLoaders, seeds, and the functions that turn arrays into tensors, to see the data."""

import functools
from typing import Any

import torch

from robot_agent.doctor.calls import LARGE
from robot_agent.doctor.entries import Loader
from robot_agent.doctor.provenance import derive, tensors
from robot_agent.doctor.site import here

Patches = Any  # of a later module

SEEN = 2
"""Number of batches of each DataLoader whose making is observed; later ones are taken to be like them."""


def install(patches: "Patches") -> None:
    """Patch DataLoader, torch.from_numpy and the functions that set seeds."""
    from torch.utils.data import DataLoader
    from torch.utils.data.dataloader import _BaseDataLoaderIter

    for owner, name, make in (
        (torch, "from_numpy", _from_numpy),
        (torch, "manual_seed", _seed),
        (DataLoader, "__init__", _init),
        (DataLoader, "__iter__", _iter),
        (_BaseDataLoaderIter, "__next__", _next),
    ):
        patches.replace(owner, name, functools.partial(make, patches))


def _from_numpy(patches: "Patches", original: Any) -> Any:
    born = patches.guarded(functools.partial(_born, patches))

    @functools.wraps(original)
    def wrapper(array: Any) -> Any:
        answer = original(array)
        born(answer)
        return answer

    return wrapper


def _seed(patches: "Patches", original: Any) -> Any:
    seeded = patches.guarded(functools.partial(_seeded, patches))

    @functools.wraps(original)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        seeded()
        return original(*args, **kwargs)

    return wrapper


def _init(patches: "Patches", original: Any) -> Any:
    made = patches.guarded(functools.partial(_made, patches))

    @functools.wraps(original)
    def wrapper(loader: Any, *args: Any, **kwargs: Any) -> Any:
        original(loader, *args, **kwargs)
        made(loader)

    return wrapper


def _iter(patches: "Patches", original: Any) -> Any:
    begun = patches.guarded(functools.partial(_begun, patches))

    @functools.wraps(original)
    def wrapper(loader: Any) -> Any:
        begun(loader)
        iterator = original(loader)
        patches.iterators[id(iterator)] = id(loader)
        return iterator

    return wrapper


def _next(patches: "Patches", original: Any) -> Any:
    """Look at how the first batches of a DataLoader are made, and at all that come out of it."""
    local = patches.observer.local
    fetched = patches.guarded(functools.partial(_fetched, patches))

    @functools.wraps(original)
    def wrapper(iterator: Any) -> Any:
        seen = patches.batches.get(patches.iterators.get(id(iterator), 0), [])
        if not local.on or local.quiet or len(seen) < SEEN:
            batch = original(iterator)
            fetched(iterator, batch)
            return batch
        local.quiet += 1  # thousands of samples are fetched in the same way
        try:
            batch = original(iterator)
        finally:
            local.quiet -= 1
        fetched(iterator, batch)
        return batch

    return wrapper


def _seeded(patches: "Patches") -> None:
    """Record where a seed is set."""
    record, site = patches.observer.record, here()
    if site is not None and len(record.seeds[site]) < 3000:
        record.seeds[site].append(record.backward)


def _born(patches: "Patches", tensor: Any) -> None:
    """Record where torch.from_numpy made a tensor; a mode of PyTorch does not see this call."""
    observer, site = patches.observer, here()
    if observer.local.quiet or not observer.local.on or site is None:
        return
    with observer.silent():
        origin = derive("from_numpy", site, observer.record.tick, (), [], tensor, False)
        origin.integer = not tensor.dtype.is_floating_point
        if 1 < tensor.numel() <= LARGE and bool(tensor.min() == tensor.max()):
            origin.constant = site
    observer.origins.set(tensor, origin)


def _made(patches: "Patches", loader: Any) -> None:
    """Record a DataLoader: its place, its number of batches, and whether it shuffles."""
    sampler = (
        loader.sampler
        if loader.batch_sampler is None or loader.batch_size is not None
        else loader.batch_sampler
    )
    ordered = isinstance(sampler, torch.utils.data.SequentialSampler)
    try:
        batches = len(loader)
    except TypeError:
        batches = 0
    weights: Any = getattr(sampler, "weights", None)
    data: Any = getattr(loader, "dataset", None)
    if weights is not None and hasattr(data, "__len__") and len(weights) < 0.5 * len(data):
        patches.observer.record.narrow = here(), len(weights), len(data)
    patches.observer.record.loaders[id(loader)] = Loader(
        here(), batches, not ordered, size=loader.batch_size, tick=patches.observer.record.backward
    )


def _begun(patches: "Patches", loader: Any) -> None:
    """Record that a pass over a DataLoader begins."""
    entry = patches.observer.record.loaders.get(id(loader))
    if entry is None:
        return
    record = patches.observer.record
    if entry.iterations and entry.last == 1 and record.backward > entry.tick:
        entry.singles += 1
    entry.iterations += 1
    entry.last, entry.tick, entry.at = 0, record.backward, here()


def _fetched(patches: "Patches", iterator: Any, batch: Any) -> None:
    """Record that a batch was fetched; one whose making was not observed gets the origins of one before."""
    observer, key = patches.observer, patches.iterators.get(id(iterator), 0)
    entry = observer.record.loaders.get(key)
    if entry is not None:
        entry.last += 1
        entry.fetched += 1
        entry.alone = isinstance(batch, torch.Tensor)
    if not observer.local.on:
        return
    found = tensors(
        batch.values() if isinstance(batch, dict) else batch if isinstance(batch, (tuple, list)) else [batch]
    )
    seen = patches.batches.setdefault(key, [])
    if len(seen) < SEEN:
        seen.append([observer.origins.get(each) for each in found])
        return
    for each, pattern in zip(found, seen[-1], strict=False):
        if pattern is not None and observer.origins.get(each) is None:
            observer.origins.set(each, pattern)
