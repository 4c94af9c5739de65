"""Watching every call of PyTorch in a script: a mode that sees them, and what is kept of each.

The script's own numbers are only read, never changed: nothing here draws random numbers, writes to a tensor
of the script, or keeps one alive.
"""

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from robot_agent.doctor import losses
from robot_agent.doctor.calls import (
    COMPARE,
    CUTTING,
    FILLED,
    FIRST,
    IGNORED,
    LARGE,
    LEAVES,
    RECURRENT,
    SHAPED,
    SHAPED_LIKE,
    has_choice,
    is_weight,
    name_of,
    node_name,
    node_of,
    writes,
)
from robot_agent.doctor.provenance import (
    ACTIVATIONS,
    CREATE,
    SAME,
    VIEWS,
    Origins,
    derive,
    index_key,
    same_number,
    tensors,
)
from robot_agent.doctor.record import Action, Cut, Input, LogProb, Origin, Record, Test, Units
from robot_agent.doctor.site import Site, here
from robot_agent.doctor.words import other_sign


class Local(threading.local):
    """What belongs to one thread."""

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


class Observer(TorchFunctionMode):
    """Sees every call of PyTorch while it is on; `record` holds what the rules need."""

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

    # Switching on and off

    def look(self, on: bool) -> None:
        """Begin or cease to see every call, in this thread; inside a mode of the script it stays as it is."""
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

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Compute something of our own, unseen."""
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
        """Return a number larger than any before: the order of events."""
        self.counter += 1
        return self.counter

    def trouble(self, error: Exception) -> None:
        """Keep an error of our own; the script goes on."""
        if os.environ.get("ROBOT_AGENT_DOCTOR_DEBUG"):
            import traceback

            traceback.print_exc()
        if len(self.record.own_errors) < 20:
            self.record.own_errors.append(f"{type(error).__name__}: {error}"[:200])

    # Every call

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Carry out a call of the script, and keep what it was."""
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
            self._leaves(name, ins, known, grad)
            return
        for origin in known:
            if origin is not None and origin.draw is not None and not local.in_log_prob:
                origin.draw.used = True
        site = here()
        if name[-1] == "=":
            self._assigned(name, args, ins, known, site)
            return
        if name == "grad":
            if isinstance(out, torch.Tensor) and site is not None:
                origin = Origin(name, site, record.tick)
                origin.gradient_of = origins.weight(ins[0])
                origins.set(out, origin)
            return
        if name in ("requires_grad_", "detach_") and site is not None and ins:
            self._requires(
                ins[0], known[0], site, not (len(args) > 1 and args[1] is False) and name == "requires_grad_"
            )
        if before or (writes(name) and ins):
            self._written(name, args, ins, known, site, before)
        for each in ins:
            if is_weight(each):
                self._meet(each)
        for answer in out if isinstance(out, (tuple, list)) else (out,):
            if isinstance(answer, torch.Tensor):
                self._answer(name, site, args, kwargs, ins, known, answer, grad, enabled)
        if site is not None:
            self._special(name, site, args, kwargs, ins, known, out, grad, enabled)

    def _meet(self, weight: Any) -> int:
        """Keep a weight that is seen for the first time."""
        number = self.origins.weight(weight)
        if number not in self.record.shapes:
            self.record.shapes[number] = tuple(weight.shape)
        if number not in self.record.weight_sites and number not in self.record.order:
            origin = self.origins.get(weight)
            if origin is not None and origin.site is not None:
                self.record.weight_sites[number] = origin.site
        return number

    def _answer(
        self,
        name: str,
        site: Site | None,
        args: Any,
        kwargs: Any,
        ins: list[Any],
        known: list[Origin | None],
        answer: Any,
        grad: bool,
        enabled: bool,
    ) -> None:
        record, origins, local = self.record, self.origins, self.local
        if any(answer is each for each in ins) and not writes(name):
            return  # contiguous(), to(): the same tensor
        new = derive(
            name, site, record.tick, args, known, answer, grad and (enabled or name in FIRST), kwargs
        )
        leaf_data = (
            name in ("data", "detach", "alias", "requires_grad_")
            and ins
            and ins[0].is_leaf
            and ins[0].requires_grad
        )
        if leaf_data:
            new.alias, new.net, new.cut = origins.weight(ins[0]), False, None
        if name in ("__getitem__", "index_select", "take", "gather") and known and len(args) > 1 and ins:
            index = args[1] if name == "__getitem__" else args[-1]
            key = index_key(index, len(ins[0]) if ins[0].dim() else 0) if name != "gather" else None
            if key is not None:
                base = (known[0].orders if known[0] is not None else frozenset()) or frozenset([()])
                new.orders = frozenset([*((*each, key) for each in base)])
                if site is not None:
                    record.order_sites.setdefault(key, site)
                if key[0] == "g":
                    index_origin = origins.get(index) if isinstance(index, torch.Tensor) else None
                    if index_origin is not None and index_origin.orders:
                        new.orders |= index_origin.orders
        if (
            site is not None
            and (not answer.requires_grad or name == "tensor")
            and answer.dtype.is_floating_point | (name in CUTTING)
        ):
            self._maybe_cut(name, site, ins, known, answer, new, grad, enabled, bool(leaf_data))
        if (
            name in ("argmax", "max")
            and not answer.dtype.is_floating_point
            and (grad or any(o and o.net for o in known))
        ):
            new.argmax = site
        if local.modules:
            new.module = self.layer_site(local.modules[-1])
            if (
                new.act is not None
                and new.act.site is site
                and new.act.module is None
                and name in ACTIVATIONS
            ):
                new.act.module = new.module
        if name == "softmax" or name == "log_softmax":
            dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
            if dim is None:
                dim = 0 if answer.dim() in (0, 1, 3) else 1
            if new.act is not None and isinstance(dim, int):
                new.act.dim, new.act.rank = dim % max(answer.dim(), 1), answer.dim()
        if name in ("view", "reshape", "flatten") and ins and ins[0].dim() > answer.dim():
            new.flat = new.flat or tuple(ins[0].shape)
        new.call, new.where = local.call_number or new.call, local.call
        if answer.dtype in (torch.int64, torch.int32, torch.uint8, torch.int16):
            new.integer = True
        if name in FILLED:
            new.constant = site
        if local.test is not None:
            new.test = local.test
        origins.set(answer, new)
        node = node_of(answer)
        if node is not None:
            metadata = node.metadata
            if "doctor" not in metadata or writes(name):
                metadata["doctor"] = new
        if (
            not answer.requires_grad
            and not new.net
            and 1 < answer.numel() <= LARGE
            and (name not in CREATE or name in ("tensor", "as_tensor", "from_numpy"))
            and (name not in SAME or len(ins) != 1)
        ):
            self._constant(name, answer, new, ins, known)
        if (
            answer.dtype.is_floating_point
            and answer.numel() <= LARGE
            and "empty" not in name
            and name not in ("zeros", "ones")
            and (name not in VIEWS or not ins)
            and answer.layout == torch.strided
        ):
            self._finite(name, site, ins, answer, new)

    def _constant(
        self, name: str, answer: Any, new: Origin, ins: list[Any], known: list[Origin | None]
    ) -> None:
        low = answer.min() if not answer.dtype.is_complex else None
        if low is not None and bool(low == answer.max()):
            single = name == "stack" and ins and ins[0].numel() == 1 and known[0] is not None
            new.constant = new.constant or (known[0].site if single and known[0] else None) or new.site
        else:
            new.constant = None

    def _finite(self, name: str, site: Site | None, ins: list[Any], answer: Any, new: Origin) -> None:
        record = self.record
        if site is None or (record.not_finite is not None and record.not_finite[2] == record.backward):
            return
        if math.isfinite(float(answer.sum())) or bool(torch.isfinite(answer).all()):
            return
        nan = bool(torch.isnan(answer).any())
        for each in ins:
            if not each.dtype.is_floating_point or each.numel() > LARGE:
                continue
            if bool(torch.isnan(each).any()) or (not nan and not bool(torch.isfinite(each).all())):
                return
        if name in ("masked_fill", "masked_fill_", "full", "triu", "tril", "full_like", "where", "fill_"):
            return
        largest = max(
            (
                float(each.abs().masked_fill(torch.isinf(each), 0.0).max())
                for each in ins
                if each.dtype.is_floating_point and each.numel()
            ),
            default=0.0,
        )
        record.not_finite = (
            name,
            site,
            record.backward,
            "overflow" if largest > 1e15 else "data" if not ins else "",
        )

    # What leaves, what is cut, what is written

    def _leaves(self, name: str, ins: list[Any], known: list[Origin | None], grad: bool) -> None:
        if not ins:
            return
        tensor, origin = ins[0], known[0]
        if origin is not None and origin.test is not None:
            origin.test.reduced = True
        if name == "__bool__" or not (
            grad or (origin is not None and (origin.cut is not None or origin.net))
        ):
            return
        site = here()
        if site is None or is_weight(tensor):
            return
        cut = origin.cut if origin is not None else None
        leave = Cut(name, site, self.record.tick, self.record.backward, numbers=tensor.numel())
        leave.out = origin.out if origin is not None else False
        if cut is not None:
            leave.leaves = cut.leaves
            leave.block = cut.site
        elif node_of(tensor) is not None and len(self.record.exits) < 50:
            leave.leaves = self.leaves_of(tensor)
        if len(self.record.exits) > 400:
            del self.record.exits[:200]
        self.record.exits.append(leave)

    def leaves_of(self, tensor: Any) -> set[int]:
        """Return the weights that a tensor's graph reaches."""
        seen: set[Any] = set()
        found, todo = set(), [node_of(tensor)]
        while todo and len(seen) < 2000:
            node = todo.pop()
            if node is None or node in seen:
                continue
            seen.add(node)
            variable = getattr(node, "variable", None)
            if variable is not None:
                found.add(self.origins.weight(variable))
            todo += [each for each, _ in node.next_functions]
        return found

    def _maybe_cut(
        self,
        name: str,
        site: Site,
        ins: list[Any],
        known: list[Origin | None],
        answer: Any,
        new: Origin,
        grad: bool,
        enabled: bool,
        leaf_data: bool,
    ) -> None:
        if not grad or leaf_data or (answer.requires_grad and name not in ("tensor", "as_tensor")):
            return
        if name in CREATE and name not in ("tensor", "as_tensor", "bernoulli", "multinomial"):
            return
        if all(is_weight(each) for each in ins if each.requires_grad) and name not in FIRST:
            return  # a weight's own numbers, read
        why = name if enabled or name in ("detach", "data", "argmax") else "no_grad"
        key = (site, why)
        cut = self.record.cuts.get(key)
        if cut is None:
            cut = self.record.cuts[key] = Cut(why, site, self.record.tick, self.record.backward)
            if why == "no_grad":
                cut.block = self.local.block[-1] if self.local.block else None
        if cut.count < 4:
            for each in ins:
                if is_weight(each):
                    cut.leaves.add(self.origins.weight(each))
                elif node_of(each) is not None:
                    cut.leaves |= self.leaves_of(each)
        cut.count += 1
        cut.numbers, cut.tick, cut.backward = answer.numel(), self.record.tick, self.record.backward
        cut.out = bool(known and known[0] is not None and known[0].out)
        new.cut = new.cut or cut

    def _assigned(
        self, name: str, args: Any, ins: list[Any], known: list[Origin | None], site: Site | None
    ) -> None:
        if site is None or not ins:
            return
        record, tensor = self.record, ins[0]
        if name == "requires_grad=":
            self._requires(tensor, known[0], site, bool(args[1]) if len(args) > 1 else True)
        elif name == "data=":
            number = self.origins.weight(tensor)
            if record.tick == 0 and record.backward == 0:
                record.written[number] = (name, site)
            value = known[1] if len(known) > 1 else None
            if value is not None and value.gradient_of is not None:
                self._moved_by_hand(tensor, site)
                record.rebound.pop(value.site, None)  # type: ignore[arg-type]
        elif name == "grad=" and (args[1] is None or not bool(args[1].any())):
            self.zeroed(tensor, site)

    def _requires(self, tensor: Any, origin: Origin | None, site: Site, wanted: bool) -> None:
        record = self.record
        weight = isinstance(tensor, torch.nn.Parameter)
        if not wanted:
            if tensor.is_leaf:
                record.frozen[self.origins.weight(tensor)] = site
                record.frozen_at = site
            return
        record.frozen.pop(self.origins.weight(tensor), None) if tensor.is_leaf else None
        if not weight and tensor.numel() == 1:
            record.requires.append(("loss", site))
        if origin is not None:
            if origin.gradient_of is not None or origin.alias is not None:
                record.rebound.pop(origin.rebound or origin.site, None)  # type: ignore[arg-type]
            if origin.cut is not None:
                record.requires.append(("answer", site))

    def _moved_by_hand(self, tensor: Any, site: Site) -> None:
        self.record.manual[site] += 1
        self.current["manual"] = True

    def _written(
        self, name: str, args: Any, ins: list[Any], known: list[Origin | None], site: Site | None, before: str
    ) -> None:
        record, tensor, origin = self.record, ins[0], known[0]
        if site is None:
            return
        if before and len(record.inplace) < 5000:
            record.inplace.append((record.backward, site, name, tuple(tensor.shape), before))
        number = None
        if is_weight(tensor):
            number = self.origins.weight(tensor)
        elif origin is not None and origin.alias is not None:
            number = origin.alias
        if number is None:
            if origin is not None and origin.gradient_of is not None and name in ("zero_", "fill_"):
                weight = self.origins.weights().get(origin.gradient_of)
                if weight is not None and not bool(tensor.any()):
                    self.zeroed(weight, site)
            if origin is not None:
                origin.constant = None
            if origin is not None and len(known) > 1 and known[1] is not None and name == "__setitem__":
                if known[1].orders:
                    origin.orders = frozenset(list(origin.orders | known[1].orders)[:6])
                if known[1].cut is not None or known[1].net:
                    origin.cut, origin.net = origin.cut or known[1].cut, True
            return
        if any(each is not None and each.gradient_of is not None for each in known[1:]):
            self._moved_by_hand(tensor, site)
            for each in known[1:]:
                if each is not None:
                    record.rebound.pop(each.site, None)  # type: ignore[arg-type]
        elif record.tick == 0 and record.backward == 0 and not self.local.modules:
            record.written[number] = (name, site)

    # Special calls

    def _special(
        self,
        name: str,
        site: Site,
        args: Any,
        kwargs: Any,
        ins: list[Any],
        known: list[Origin | None],
        out: Any,
        grad: bool,
        enabled: bool,
    ) -> None:
        record, local = self.record, self.local
        if not ins:
            return
        origin = known[0]
        tested = next((each.test for each in known if each is not None and each.test is not None), None)
        if tested is not None:
            if (
                name in COMPARE
                or name in losses.LOSSES
                or (name in ("sub", "__sub__", "__rsub__") and len(ins) > 1)
            ):
                tested.compared = True
            reaches = any(e.requires_grad and not is_weight(e) for e in ins)
            if reaches and grad and enabled and not tested.grad:
                tested.learned_from = True
        single = out if isinstance(out, torch.Tensor) else None
        if name in FIRST and grad:
            self._first(name, site, ins, known, enabled)
        elif (
            name in ("relu", "relu_", "sigmoid", "tanh", "sigmoid_", "tanh_")
            and single is not None
            and single.requires_grad
        ):
            self._units(name.rstrip("_"), site, single, ins[0])
        if origin is not None and single is not None and single.requires_grad:
            act = origin.act
            if act is not None:
                twice = (
                    ("softmax-twice" if act.name in ("softmax", "softmin") else "")
                    if name in ("cross_entropy", "softmax", "log_softmax") and act.name != "sigmoid"
                    else "softmax-twice"
                    if name == "cross_entropy" and act.name == "sigmoid"
                    else "sigmoid-twice"
                    if act.name == "sigmoid"
                    and name in ("binary_cross_entropy_with_logits", "sigmoid", "logsigmoid")
                    else ""
                )
                if twice and has_choice(ins[0]):
                    count = record.twice.get((twice, site), (0, act))[0]
                    record.twice[(twice, site)] = (count + 1, act)
        if name in losses.LOSSES:
            losses.look(self, name, site, args, kwargs, ins, known, out, grad)
        elif (
            name in ("sub", "__sub__", "rsub", "__rsub__")
            and len(ins) == 2
            and grad
            and enabled
            and not local.in_log_prob
        ):
            losses.look_at_difference(self, site, ins, known, out)
        elif (
            name in ("__getitem__", "gather") and grad and enabled and origin is not None and origin.log_prob
        ):
            losses.look_at_pick(self, name, site, args, ins, known, out)
        elif (
            name in ("mul", "__mul__", "__rmul__", "add", "__add__") and len(ins) == 2 and single is not None
        ):
            losses.look_at_shapes(self, site, ins, known, single)
            if name in ("add", "__add__") and enabled:
                losses.look_at_sum(self, site, ins, known)
        if (
            grad
            and enabled
            and name
            in ("mul", "__mul__", "__rmul__", "dot", "matmul", "__matmul__", "div", "__truediv__", "mv")
        ):
            self._weighted(name, site, args, ins, known)
        if name == "__getitem__" and grad and enabled and origin is not None:
            self._picked(site, args, origin)
        if name in ("round", "floor", "ceil", "sign", "trunc") and grad and enabled:
            record.round_site = record.round_site or site
        if (
            name
            in (
                "sqrt",
                "norm",
                "log",
                "rsqrt",
                "div",
                "pow",
                "acos",
                "asin",
                "linalg_norm",
                "vector_norm",
                "std",
                "__truediv__",
                "cdist",
            )
            and grad
            and enabled
        ):
            self._risk(name, site, ins, single)
        if name in ("sub", "__sub__") and len(ins) >= 2:
            self._rebinding(site, ins, known, single)

    def _first(
        self, name: str, site: Site, ins: list[Any], known: list[Origin | None], enabled: bool
    ) -> None:
        """Keep what a network's first layer is given."""
        record, local = self.record, self.local
        data = next(
            (
                (t, o)
                for t, o in zip(ins, known, strict=True)
                if not t.requires_grad
                and t.dtype.is_floating_point
                and t.dim()
                and not (o is not None and o.net)
            ),
            None,
        )
        for index, each in enumerate(ins):
            if is_weight(each) and (index or "matmul" in name or name in ("mm", "mv")):
                number = self._meet(each)
                if number not in record.order:
                    record.order.append(number)
        if name in RECURRENT:
            record.recurrent = record.recurrent or local.call or site
        if data is None or data[0].numel() > LARGE:
            return
        tensor, origin = data
        flat = tensor.reshape(-1, tensor.shape[-1]) if tensor.dim() > 1 else tensor.reshape(-1, 1)
        rms = float(tensor.pow(2).mean().sqrt())
        spread = 1.0
        if len(flat) > 1 and tensor.dim() == 2:
            deviations = flat.std(0)
            varied = deviations[deviations > 0]
            spread = float(varied.max() / varied.min()) if len(varied) else 1.0
        storage = tensor.untyped_storage()
        whole = storage.nbytes() // max(tensor.element_size(), 1)
        part = (storage.data_ptr(), tensor.storage_offset(), whole) if whole > tensor.numel() else None
        kept = record.inputs if enabled else record.inputs_tested
        if len(kept) > 4000:
            del kept[100:2000]
        kept.append(
            Input(
                local.call or site,
                record.backward,
                rms,
                spread,
                len(tensor),
                same_number(tensor),
                part,
                tensor.numel(),
                origin.orders if origin is not None else frozenset(),
                origin.born if origin is not None else None,
                enabled,
                name in RECURRENT,
                tensor.dim() == 3,
            )
        )

    def _units(self, name: str, site: Site, answer: Any, given: Any) -> None:
        record, local = self.record, self.local
        if answer.numel() > LARGE or answer.dim() < 1:
            return
        local.units += 1
        key = (site, local.units if local.call is not None else 0)
        units = record.units.get(key)
        if units is None:
            built = self.layer_site(local.modules[-1]) if local.modules else None
            units = record.units[key] = Units(name, site, built, len(record.units))
        axis: tuple[int, ...] = (
            (0, *range(2, answer.dim())) if answer.dim() >= 4 else tuple(range(answer.dim() - 1))
        )
        units.width = answer.numel()
        if name == "relu":
            zeros = answer == 0
            silent = zeros.all(axis[0]) if len(axis) == 1 else answer.amax(axis) == 0 if axis else zeros
            units.dead.append(int(silent.count_nonzero()) / silent.numel())
            units.ends.append(int(zeros.count_nonzero()) / zeros.numel())
        else:
            out = (answer.abs() > 0.98) if name == "tanh" else (answer < 0.01) | (answer > 0.99)
            units.ends.append(float(out.float().mean()))
        units.at.append(record.backward)
        if len(units.ends) > 2000:
            del units.ends[10:1000], units.dead[10:1000], units.at[10:1000]

    def _picked(self, site: Site, args: Any, origin: Origin) -> None:
        """Keep a probability that was picked by a number: by chance, or always the largest?"""
        given, index = args[0], args[-1]
        act = origin.act.name if origin.act is not None else ""
        if not (origin.log_prob or act in ("softmax", "log_softmax")) or len(self.record.picks) > 4000:
            return
        index = index[-1] if isinstance(index, tuple) and index else index
        single = isinstance(index, int) or (isinstance(index, torch.Tensor) and index.numel() == 1)
        if isinstance(index, bool) or not single or given.numel() != given.shape[-1] or given.numel() < 2:
            return
        chosen = self.origins.get(index) if isinstance(index, torch.Tensor) else None
        flat = given.detach().reshape(-1).float()
        top = flat.softmax(0) if act != "softmax" else flat
        best = float(int(flat.argmax()) == int(index))
        wide = bool(top.max() < 0.95)
        drawn = bool(chosen is not None and chosen.sampled)
        self.record.picks.append(
            Action(site, chosen.argmax if chosen is not None else None, drawn, best, 1, None, wide)
        )

    def _weighted(self, name: str, site: Site, args: Any, ins: list[Any], known: list[Origin | None]) -> None:
        """Keep what a log-probability is multiplied with."""
        pair = [
            (t, o)
            for t, o in zip(ins, known, strict=True)
            if o is not None and o.log_prob and t.requires_grad
        ]
        if len(pair) != 1:
            return
        tensor, origin = pair[0]
        others = [each for each in args[:2] if each is not tensor]
        if not others or (
            isinstance(others[0], torch.Tensor) and (others[0].requires_grad or others[0].numel() > 100_000)
        ):
            return
        other = others[0]
        if isinstance(other, torch.Tensor):
            value, weight = other.detach().clone(), self.origins.get(other)
        elif isinstance(other, (int, float)) or hasattr(other, "dtype"):
            value, weight = torch.as_tensor(other, dtype=torch.float32), None
        else:
            return

        reward = weight.reward if weight is not None and weight.reward else other_sign(site)
        entry = LogProb(
            site,
            tuple(float(each) for each in value.reshape(-1)[:64]),
            self.record.backward,
            origin.log_prob,
            reward,
            weight.constant if weight is not None else None,
            weight.data if weight is not None else None,
        )
        if len(self.record.log_probs) > 6000:
            return
        self.record.log_probs.append(entry)

        def slope(g: Any) -> None:
            try:
                with self.silent():
                    if g.shape == value.shape or value.numel() == 1:
                        entry.slope.append(float((g * value).sum()))
            except Exception as error:
                self.trouble(error)

        tensor.register_hook(slope)

    def _risk(self, name: str, site: Site, ins: list[Any], answer: Any) -> None:
        if answer is None or answer.numel() > LARGE or not answer.requires_grad:
            return
        bad = ins[-1] if name in ("div", "__truediv__") else ins[0]
        if name in ("norm", "linalg_norm", "vector_norm", "std", "cdist"):
            bad = answer
        if (
            not bad.dtype.is_floating_point
            or not bad.numel()
            or (name in ("pow",) and float(bad.abs().min()) != 0)
        ):
            return
        singular = bool((bad.abs() >= 1).any()) if name in ("acos", "asin") else bool((bad == 0).any())
        if singular and name != "pow":
            self.record.risky[(name, site)] = self.record.backward
        elif singular:
            self.record.risky.setdefault((name, site), self.record.backward)

    def _rebinding(self, site: Site, ins: list[Any], known: list[Origin | None], answer: Any) -> None:
        """See `w = w - rate * w.grad`: a new tensor instead of new numbers in the old one."""
        first, second = ins[0], known[1]
        if second is None or second.gradient_of is None or answer is None:
            return
        alias = known[0].alias if known[0] is not None else None
        weight = is_weight(first)
        if weight or alias is not None or (known[0] is not None and known[0].op in ("sub", "__sub__")):
            self.record.rebound[site] = self.record.rebound.get(site, 0) + 1
            self.record.rebound_last = site
            origin = self.origins.get(answer)
            if origin is not None:
                origin.rebound = site
                origin.alias = alias or (self.origins.weight(first) if weight else None)


def note_action(observer: Observer, distribution: Any, value: Any, answer: Any) -> None:
    """Keep an action whose log-probability was asked for."""
    site = here()
    if site is None or not isinstance(value, torch.Tensor):
        return
    origin = observer.origins.get(value)
    if origin is not None and origin.draw is not None:
        origin.draw.judged = site
        origin.draw.times += 1
        origin.draw.graded = origin.draw.graded or bool(answer.requires_grad)
    mode, wide = math.nan, True
    with observer.silent():
        try:
            best = distribution.mode
            if best.shape == value.shape and value.numel() <= LARGE:
                mode = float((best == value).float().mean())
            probs = getattr(distribution, "probs", None) if hasattr(distribution, "_num_events") else None
            if probs is not None:
                wide = bool(probs.max(-1).values.mean() < 0.95)
        except (NotImplementedError, AttributeError):
            pass
    if len(observer.record.actions) < 5000:
        observer.record.actions.append(
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
        known = observer.origins.get(each) or Origin("log_prob", site, observer.record.tick)
        known.log_prob, known.site, known.net = 1, site, True
        observer.origins.set(each, known)
    now = time.perf_counter()
    observer.current["action"] = now
