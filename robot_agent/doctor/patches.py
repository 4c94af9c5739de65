"""The places in PyTorch where the observer listens besides its mode; all are put back at the end."""

from collections.abc import Callable
from typing import Any

import torch

from robot_agent.doctor import (
    patch_chance,
    patch_data,
    patch_gradients,
    patch_networks,
    patch_optimizers,
    patch_threads,
)
from robot_agent.doctor.observe import Observer
from robot_agent.doctor.pace import Enough
from robot_agent.doctor.record import Built
from robot_agent.doctor.steps import Steps


class Patches:
    """Puts the observer's ears into PyTorch, and takes them out again."""

    def __init__(self, observer: Observer, steps: Steps) -> None:
        """Begin."""
        self.observer, self.steps = observer, steps
        self.undo: list[Callable[[], None]] = []
        self.places: set[tuple[int, int]] = set()
        """Where networks were called: the id of the code, and the place in it."""
        self.building: dict[int, Built] = {}
        self.iterators: dict[int, int] = {}
        """Which DataLoader an iterator is of."""
        self.batches: dict[int, list[list[Any]]] = {}
        """Where the tensors of its first batches came from."""

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replace an attribute by what `make` makes of it."""
        own = name in vars(owner)
        old = vars(owner)[name] if own else getattr(owner, name)
        setattr(owner, name, make(old))
        self.undo.append(lambda: setattr(owner, name, old) if own else delattr(owner, name))

    def install(self) -> None:
        """Begin to listen."""
        patch_gradients.install(self)
        patch_optimizers.install(self)
        patch_networks.install(self)
        patch_data.install(self)
        patch_chance.install(self)
        patch_threads.install(self)
        self.observer.look(True)

    def remove(self) -> None:
        """Cease to listen; everything is as it was before."""
        self.observer.look(False)
        self.observer.closed = True
        for put_back in reversed(self.undo):
            put_back()
        self.undo = []

    def guarded(self, listen: Callable[..., Any]) -> Callable[..., Any]:
        """Make a function whose errors are kept and never reach the script."""

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
