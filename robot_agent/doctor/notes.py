"""What is kept while a script is watched; `Call` is one call of PyTorch that the script makes."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from robot_agent.doctor.entries import LogProb, Test
from robot_agent.doctor.origin import Origin
from robot_agent.doctor.provenance import Origins
from robot_agent.doctor.record import Record
from robot_agent.doctor.site import Site


@dataclass(slots=True)
class Call:
    """One call of PyTorch by the script."""

    name: str
    """Name of the function, without its module."""
    site: Site | None
    """Where the script called it; None inside of a library."""
    args: Any
    kwargs: Any
    ins: list[Any]
    """The tensors among the arguments."""
    known: list[Origin | None]
    """The origin of each of these tensors; None if it is not known."""
    out: Any
    """The result of the call."""
    grad: bool
    """Whether one of the tensors requires grad."""
    enabled: bool
    """Whether gradients were switched on, that is, not inside of no_grad()."""

    @property
    def single(self) -> Any:
        """The result, if it is one tensor."""
        return self.out if isinstance(self.out, torch.Tensor) else None


class Local(threading.local):
    """The state of the observer in one thread."""

    def __init__(self) -> None:
        """Begin."""
        self.depth = 0
        self.quiet = 0
        self.on = False
        self.modules: list[Any] = []
        self.call: Site | None = None
        self.call_number = 0
        self.units = 0
        self.test: Test | None = None
        self.in_log_prob = 0
        self.block: list[Site | None] = []


class Notes:
    """What is known of a script so far; `record` holds what the rules need."""

    def __init__(self) -> None:
        """Begin."""
        super().__init__()
        self.record = Record()
        self.origins = Origins()
        self.local = Local()
        self.closed = False
        self.process = os.getpid()
        self.calls = 0
        self.current: dict[str, Any] = {}
        self.losses_of_step: list[Any] = []
        self.pending: list[LogProb] = []
        self.layers: dict[int, tuple[Any, Site, Site | None]] = {}
        self.built_at: dict[int, int] = {}
        self.counter = 0
        self.zeroed: Callable[[Any, Site], None] = lambda weight, site: None
        """Called when the script itself sets a gradient to zero."""

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Let the doctor compute something without observing itself, and without gradients."""
        with torch._C.DisableTorchFunction():
            enabled = torch.is_grad_enabled()
            torch._C._set_grad_enabled(False)
            try:
                yield
            finally:
                torch._C._set_grad_enabled(enabled)

    def layer_site(self, module: Any) -> Site | None:
        """Return where one of PyTorch's own layers was built; None for networks of the script."""
        if not type(module).__module__.startswith("torch.nn") or isinstance(module, torch.nn.Sequential):
            return None
        layer = self.layers.get(id(module))
        return layer[1] if layer is not None else None

    def count(self) -> int:
        """Return a number that is larger than all before, to note the order of events."""
        self.counter += 1
        return self.counter

    def trouble(self, error: Exception) -> None:
        """Record an error of the doctor itself; the script goes on."""
        if os.environ.get("ROBOT_AGENT_DOCTOR_DEBUG"):
            import traceback

            traceback.print_exc()
        if len(self.record.own_errors) < 20:
            self.record.own_errors.append(f"{type(error).__name__}: {error}"[:200])

    def meet(self, weight: Any) -> int:
        """Record a weight if it is seen for the first time; return its number."""
        number = self.origins.weight(weight)
        if number not in self.record.shapes:
            self.record.shapes[number] = tuple(weight.shape)
        if number not in self.record.weight_sites and number not in self.record.order:
            origin = self.origins.get(weight)
            if origin is not None and origin.site is not None:
                self.record.weight_sites[number] = origin.site
        return number
