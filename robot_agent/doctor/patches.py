"""`Patches` replaces functions of PyTorch, to see what a mode does not; all are put back at the end."""

from collections.abc import Callable
from typing import Any

import torch

from robot_agent.doctor import (
    patch_calls,
    patch_chance,
    patch_data,
    patch_gradients,
    patch_networks,
    patch_optimizers,
    patch_threads,
)
from robot_agent.doctor.entries import Built
from robot_agent.doctor.observe import Observer
from robot_agent.doctor.pace import Enough
from robot_agent.doctor.steps import Steps


class Patches:
    """All patches of one session: installs them, and removes them again."""

    def __init__(self, observer: Observer, steps: Steps) -> None:
        """Begin."""
        self.observer, self.steps = observer, steps
        self.undo: list[Callable[[], None]] = []
        self.places: set[tuple[int, int]] = set()
        """Where networks were called: the id of the code, and the place in it."""
        self.building: dict[int, Built] = {}
        self.iterators: dict[int, int] = {}
        """The id of the DataLoader of each iterator."""
        self.batches: dict[int, list[list[Any]]] = {}
        """The origins of the tensors in the first batches of each DataLoader."""

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replace the attribute `name` of `owner` by `make(old)`, and remember how to undo that."""
        own = name in vars(owner)
        old = vars(owner)[name] if own else getattr(owner, name)
        setattr(owner, name, make(old))
        self.undo.append(lambda: setattr(owner, name, old) if own else delattr(owner, name))

    def replace_in_family(self, base: type, name: str, make: Callable[[Any], Any]) -> None:
        """Replace the method `name` of a class, and of each of its subclasses that has one of its own."""
        family = [base]
        for each in family:
            family += each.__subclasses__()
        for each in dict.fromkeys(family):
            if name in vars(each):
                self.replace(each, name, make)

    def install(self) -> None:
        """Install all patches, and switch the observer on."""
        patch_gradients.install(self)
        patch_optimizers.install(self)
        patch_networks.install(self)
        patch_calls.install(self)
        patch_data.install(self)
        patch_chance.install(self)
        patch_threads.install(self)
        self.observer.look(True)

    def remove(self) -> None:
        """Switch the observer off, and put everything back as it was."""
        self.observer.look(False)
        self.observer.closed = True
        for put_back in reversed(self.undo):
            put_back()
        self.undo = []

    def guarded(self, listen: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that calls `listen`; errors of it are recorded and never reach the script."""

        def safe(*args: Any, **kwargs: Any) -> Any:
            observer = self.observer
            if observer.closed:
                return None
            try:
                if not observer.local.on:
                    return listen(*args, **kwargs)
                with torch._C.DisableTorchFunction():
                    return listen(*args, **kwargs)
            except Enough:
                raise
            except Exception as error:
                observer.trouble(error)
                return None

        return safe
