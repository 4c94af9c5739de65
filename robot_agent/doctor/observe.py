"""`Observer` sees every call of PyTorch in a script, and writes notes on it.

It only reads the script's numbers and never changes them: it draws no random numbers, writes into no tensor
of the script, and keeps none alive.
"""

from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from robot_agent.doctor import answers, cuts, special, written
from robot_agent.doctor.calls import (
    IGNORED,
    LEAVES,
    SHAPED,
    SHAPED_LIKE,
    is_weight,
    name_of,
    node_name,
    writes,
)
from robot_agent.doctor.notes import Call, Notes
from robot_agent.doctor.origin import Origin
from robot_agent.doctor.provenance import tensors
from robot_agent.doctor.site import here


class Observer(Notes, TorchFunctionMode):
    """A mode of PyTorch that sees every call while it is on, and writes notes on it."""

    # Switching on and off

    def look(self, on: bool) -> None:
        """Switch the observer on or off in this thread; inside of a mode of the script, change nothing."""
        if on == self.local.on or (on and self.closed):
            return
        if on:
            self.__enter__()  # type: ignore[no-untyped-call]
            self.local.on = True
            return
        if not torch._C._len_torch_function_stack():
            return
        if torch.overrides._get_current_function_mode() is self:  # type: ignore[no-untyped-call]
            self.__exit__(None, None, None)
            self.local.on = False

    # Every call

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Carry out a call of the script, and write notes on it."""
        kwargs = kwargs or {}
        local = self.local
        if local.quiet or self.closed:
            return func(*args, **kwargs)
        name = name_of(func)
        if name in IGNORED:
            return func(*args, **kwargs)
        before = ""
        if writes(name) and args and isinstance(args[0], torch.Tensor):
            before = node_name(args[0])
        out = func(*args, **kwargs)
        try:
            if torch._C._functorch.peek_interpreter_stack() is None and not torch.compiler.is_compiling():
                enabled = torch.is_grad_enabled()
                if enabled:
                    torch._C._set_grad_enabled(False)
                try:
                    self._after(name, args, kwargs, out, before, enabled)
                finally:
                    if enabled:
                        torch._C._set_grad_enabled(True)
        except Exception as error:
            self.trouble(error)
        return out

    def _after(self, name: str, args: Any, kwargs: Any, out: Any, before: str, enabled: bool) -> None:
        ins = tensors(args)
        if kwargs:
            tensors(kwargs.values(), ins)
        record, origins, local = self.record, self.origins, self.local
        if name in SHAPED and ins:
            ins = ins[:1] if name in SHAPED_LIKE else []  # the other one only gives its shape
        known = [origins.get(each) for each in ins]
        grad = False
        for each in ins:
            if each.requires_grad:
                grad = True
                break
        if name in LEAVES:
            if known and known[0] is not None and known[0].draw is not None and not local.in_log_prob:
                known[0].draw.used = True
            cuts.leaves(self, name, ins, known, grad)
            return
        for origin in known:
            if origin is not None and origin.draw is not None and not local.in_log_prob:
                origin.draw.used = True
        site = here()
        call = Call(name, site, args, kwargs, ins, known, out, grad, enabled)
        if name[-1] == "=":
            written.assigned(self, call)
            return
        if name == "grad":
            if isinstance(out, torch.Tensor) and site is not None:
                origin = Origin(name, site, record.tick)
                origin.gradient_of = origins.weight(ins[0])
                origins.set(out, origin)
            return
        if name in ("requires_grad_", "detach_") and site is not None and ins:
            wanted = not (len(args) > 1 and args[1] is False) and name == "requires_grad_"
            written.requires(self, ins[0], known[0], site, wanted)
        if before or (writes(name) and ins):
            written.wrote(self, call, before)
        for each in ins:
            if is_weight(each):
                self.meet(each)
        for answer in out if isinstance(out, (tuple, list)) else (out,):
            if isinstance(answer, torch.Tensor):
                answers.note(self, call, answer)
        if site is not None:
            special.look(self, call, site)
