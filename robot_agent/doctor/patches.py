"""The places in PyTorch where the observer listens besides its mode; all are put back at the end."""

import functools
import os
import sys
import threading
import warnings
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.optim import optimizer as optimizers

from robot_agent.doctor.calls import LARGE, NOISY
from robot_agent.doctor.observe import Observer, note_action
from robot_agent.doctor.pace import Enough
from robot_agent.doctor.provenance import derive, tensors
from robot_agent.doctor.record import Built, Cut, Draw, Loader, Origin, Test
from robot_agent.doctor.site import OWN, USER, Site, frame_of_user, here, kind_of, site_of
from robot_agent.doctor.steps import Steps

FAST = (nn.TransformerEncoder, nn.TransformerEncoderLayer, nn.MultiheadAttention)
"""Layers that compute in another way while a mode is on, with other rounding."""


class Patches:
    """Puts the observer's ears into PyTorch, and takes them out again."""

    def __init__(self, observer: Observer, steps: Steps) -> None:
        """Begin."""
        self.observer, self.steps = observer, steps
        self.undo: list[Callable[[], None]] = []
        self.places: set[tuple[Any, int]] = set()
        self.building: dict[int, Built] = {}

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replace an attribute by what `make` makes of it."""
        own = name in vars(owner)
        old = vars(owner)[name] if own else getattr(owner, name)
        setattr(owner, name, make(old))
        self.undo.append(lambda: setattr(owner, name, old) if own else delattr(owner, name))

    def install(self) -> None:
        """Begin to listen."""
        self._gradients()
        self._optimizers()
        self._modules()
        self._data()
        self._distributions()
        self._threads()
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
                with torch._C.DisableTorchFunction():
                    return listen(*args, **kwargs)
            except Enough:
                raise
            except Exception as error:
                observer.trouble(error)
                return None

        return safe

    # backward()

    def _gradients(self) -> None:
        steps = self.steps

        def backward(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                given = args[0] if args else kwargs.get("tensors")
                loss = given[0] if isinstance(given, (tuple, list)) and given else given
                return steps.backward(original, loss, args, kwargs, kwargs.get("inputs"))

            return wrapper

        of_weights = self.guarded(self._of_weights)

        def grad(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                given = args[0] if args else kwargs.get("outputs")
                loss = given[0] if isinstance(given, (tuple, list)) and given else given
                inputs = args[1] if len(args) > 1 else kwargs.get("inputs")
                single = isinstance(inputs, torch.Tensor) or not hasattr(inputs, "__len__")
                wanted = [inputs] if single else list(inputs)  # type: ignore[arg-type]
                answers = steps.backward(original, loss, args, kwargs, wanted)
                create = kwargs.get("create_graph", args[4] if len(args) > 4 else False)
                of_weights(wanted, answers, create)
                return answers

            return wrapper

        def of_tensor(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                try:
                    return original(*args, **kwargs)
                finally:  # the mode itself calls backward(), so only here it can be left
                    if self.observer.local.on is not steps.looking:
                        self.observer.look(steps.looking)

            return wrapper

        self.replace(torch.Tensor, "backward", of_tensor)
        self.replace(torch.autograd, "backward", backward)
        self.replace(torch.autograd, "grad", grad)

        def entered(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(context: Any, *args: Any, **kwargs: Any) -> Any:
                local = self.observer.local
                if not local.quiet and local.on and len(local.block) < 100:
                    frame = frame_of_user()
                    local.block.append(site_of(frame) if frame is not None else None)
                return original(context, *args, **kwargs)

            return wrapper

        def left(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(context: Any, *args: Any, **kwargs: Any) -> Any:
                local = self.observer.local
                if not local.quiet and local.block:
                    local.block.pop()
                return original(context, *args, **kwargs)

            return wrapper

        for owner in (torch.no_grad, torch.inference_mode):
            self.replace(owner, "__enter__", entered)
            self.replace(owner, "__exit__", left)

        def switched(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(context: Any, mode: bool, *args: Any, **kwargs: Any) -> Any:
                original(context, mode, *args, **kwargs)
                local = self.observer.local
                if not local.quiet and local.on and not mode:
                    local.block[:] = [here()]

            return wrapper

        self.replace(torch.set_grad_enabled, "__init__", switched)

    def _of_weights(self, weights: Any, gradients: Any, create_graph: bool) -> None:
        """Remember whose gradients torch.autograd.grad has answered."""
        observer, site = self.observer, here()
        if observer.local.quiet or not observer.local.on or site is None:
            return
        observer.record.graded += 1
        cut = Cut("autograd.grad", site, observer.record.tick, observer.record.backward)
        for weight, gradient in zip(weights, gradients, strict=False):
            if (
                not create_graph
                and isinstance(gradient, torch.Tensor)
                and not isinstance(weight, nn.Parameter)
            ):
                origin = Origin("grad", site, observer.record.tick)
                origin.penalty = cut
                observer.origins.set(gradient, origin)
            if (
                isinstance(weight, torch.Tensor)
                and isinstance(gradient, torch.Tensor)
                and weight.is_leaf
                and not gradient.requires_grad
            ):
                origin = Origin("grad", site, observer.record.tick)
                origin.gradient_of = observer.origins.weight(weight)
                origin.penalty = None if create_graph or isinstance(weight, nn.Parameter) else cut
                observer.origins.set(gradient, origin)

    # Optimizers

    def _optimizers(self) -> None:
        steps, base = self.steps, torch.optim.Optimizer
        made, zeroed = self.guarded(steps.made), self.guarded(steps.zeroed)
        before, after = self.guarded(steps.before_step), self.guarded(steps.after_step)

        def init(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(optimizer: Any, *args: Any, **kwargs: Any) -> Any:
                local = self.observer.local
                local.quiet += 1
                try:
                    original(optimizer, *args, **kwargs)
                finally:
                    local.quiet -= 1
                frame = frame_of_user()
                with self.observer.silent():
                    made(optimizer, site_of(frame) if frame is not None else None)

            return wrapper

        def zero_grad(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(optimizer: Any, *args: Any, **kwargs: Any) -> Any:
                zeroed(optimizer)
                local = self.observer.local
                local.quiet += 1
                try:
                    return original(optimizer, *args, **kwargs)
                finally:
                    local.quiet -= 1

            return wrapper

        self.replace(base, "__init__", init)
        self.replace(base, "zero_grad", zero_grad)

        def pre(optimizer: Any, args: Any, kwargs: Any) -> Any:
            given = args[1:] if args and args[0] is optimizer else args
            closure = kwargs.get("closure") or (given[0] if given else None)
            before(optimizer, callable(closure))
            if not callable(closure):
                return None
            seen = steps.closure(optimizer, closure)
            if "closure" in kwargs:
                return args, {**kwargs, "closure": seen}
            return (*args[: len(args) - len(given)], seen, *given[1:]), kwargs

        self.undo.append(optimizers.register_optimizer_step_pre_hook(pre).remove)
        self.undo.append(
            optimizers.register_optimizer_step_post_hook(lambda optimizer, a, k: after(optimizer)).remove
        )

    # Networks

    def _modules(self) -> None:
        observer = self.observer
        begin, end, built = (
            self.guarded(self._begin_call),
            self.guarded(self._end_call),
            self.guarded(self._built),
        )
        local = observer.local

        def call(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
                if local.depth:
                    if not local.on:
                        return original(module, *args, **kwargs)
                    if not module.training and isinstance(module, FAST):
                        return unseen(module, *args, **kwargs)
                    local.modules.append(module)
                    try:
                        return original(module, *args, **kwargs)
                    finally:
                        local.modules.pop()
                if local.quiet or observer.closed or isinstance(module, nn.modules.loss._Loss):
                    return original(module, *args, **kwargs)
                if not local.on:
                    frame = sys._getframe(1)
                    if (frame.f_code, frame.f_lasti) in self.places:
                        local.depth += 1
                        try:
                            return original(module, *args, **kwargs)
                        finally:
                            local.depth -= 1
                local.depth += 1
                try:
                    begin(module, args)
                    if local.on and not module.training and isinstance(module, FAST):
                        out = unseen(module, *args, **kwargs)
                    else:
                        out = original(module, *args, **kwargs)
                    if local.on:
                        end(module, out)
                    return out
                except Exception:
                    if observer.record.error_call is None or local.call is not None:
                        observer.record.error_call = local.call
                    raise
                finally:
                    local.depth -= 1
                    local.modules.clear()
                    local.call, local.test, local.call_number = None, None, 0

            def unseen(module: Any, *args: Any, **kwargs: Any) -> Any:
                observer.look(False)
                try:
                    return original(module, *args, **kwargs)
                finally:
                    observer.look(True)

            return wrapper

        def init(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
                original(module, *args, **kwargs)
                built(module)

            return wrapper

        trained, zeroed = self.guarded(self._trained), self.guarded(self.steps.module_zeroed)

        def train(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(module: Any, mode: bool = True) -> Any:
                if not local.quiet:
                    trained(module, mode)
                local.quiet += 1
                try:
                    return original(module, mode)
                finally:
                    local.quiet -= 1

            return wrapper

        def zero_grad(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
                if not local.quiet:
                    zeroed(module)
                return original(module, *args, **kwargs)

            return wrapper

        registered = self.guarded(self._registered)

        def register(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
                original(module, *args, **kwargs)
                registered(args[1] if len(args) > 1 else kwargs.get("param"))

            return wrapper

        self.replace(nn.Module, "register_parameter", register)
        self.replace(nn.Module, "__call__", call)
        self.replace(nn.Module, "__init__", init)

        def load(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(module: Any, *args: Any, **kwargs: Any) -> Any:
                for each in module.modules():
                    place = observer.layers.get(id(each))
                    if place is not None:
                        observer.record.loaded.add(place[1])
                return original(module, *args, **kwargs)

            return wrapper

        self.replace(nn.Module, "load_state_dict", load)
        self.replace(nn.Module, "train", train)
        self.replace(nn.Module, "zero_grad", zero_grad)

    def _built(self, module: Any) -> None:
        """Keep where a network or layer was built."""
        frame = frame_of_user()
        while (
            frame is not None
            and frame.f_code.co_name == "__init__"
            and frame.f_locals.get("self") is module
            and frame.f_back is not None
        ):
            frame = frame_of_user(frame.f_back)
        if frame is None:
            return
        site = site_of(frame)
        own = (
            kind_of(type(module).__init__.__code__.co_filename) == USER
            if hasattr(type(module).__init__, "__code__")
            else False
        )
        layers = self.observer.layers
        key = id(module)
        layers[key] = (weakref.ref(module, lambda _: layers.pop(key, None)), site, None)
        record = self.observer.record
        self.observer.built_at[key] = self.observer.count()
        if len(record.modules[site]) < 3000:
            inside = self.observer.local.call is not None and self.observer.local.depth > 0
            built = Built(record.backward, type(module).__name__, inside, own, weakref.ref(module))
            record.modules[site].append(built)
            self.building[key] = built
            if len(self.building) > 64:
                del self.building[next(iter(self.building))]

    def _registered(self, weight: Any) -> None:
        """Note that the modules under construction have weights; a ready-made loss in a loop has none."""
        site = here()
        if weight is not None and site is not None:
            self.observer.record.weight_sites.setdefault(self.observer.origins.weight(weight), site)
        frame: FrameType | None = sys._getframe(2)
        for _ in range(24):
            if frame is None:
                return
            if frame.f_code.co_name == "__init__":
                built = self.building.get(id(frame.f_locals.get("self")))
                if built is not None:
                    built.weights = True
            frame = frame.f_back

    def _trained(self, module: Any, mode: bool) -> None:
        """Keep where eval() or train() was called."""
        site = here()
        if site is None:
            return
        record = self.observer.record
        record.mode_calls.append((record.backward, site, mode, weakref.ref(module)))
        if len(record.mode_calls) > 4000:
            del record.mode_calls[100:2000]

    def _begin_call(self, module: Any, args: Any) -> None:
        observer, local = self.observer, self.observer.local
        frame = frame_of_user()
        if frame is None:
            return
        place = (frame.f_code, frame.f_lasti)
        if not local.on:
            if place in self.places:
                return
            observer.look(True)  # a place that was not seen yet: perhaps the test after the training
            self.steps.looking = self.steps.looking or local.on
        self.places.add(place)
        site = site_of(frame)
        record = observer.record
        local.call, local.units = site, 0
        observer.calls += 1
        local.call_number = observer.calls
        local.modules[:] = [module]
        record.forwards[site] += 1
        given = [observer.origins.get(each) for each in tensors(args)]
        if any(o is not None and o.by == id(module) for o in given):
            record.recursive += 1
        observer.current["input_orders"] = next(
            (o.orders for o in given if o is not None and o.orders), frozenset()
        )
        noisy = [each for each in module.modules() if isinstance(each, NOISY)]
        if not noisy:
            return
        enabled = torch.is_grad_enabled()
        with observer.silent():
            active = [
                each
                for each in noisy
                if each.training
                and getattr(each, "p", True)
                and not (isinstance(each, nn.modules.batchnorm._BatchNorm) and not each.track_running_stats)
            ]
            first = next(iter(tensors(args)), None)
            norms = any(isinstance(each, nn.modules.batchnorm._BatchNorm) for each in active)
            if norms and enabled and first is not None and first.dim() > 1 and len(first) == 1:
                record.single_calls[site] += 1
            if active:
                test = Test(site, type(active[0]).__name__, record.backward, enabled)
                if len(record.tests) > 4000:
                    record.tests[:] = [each for each in record.tests if not each.learned_from][-2000:]
                record.tests.append(test)
                local.test = test
            elif not module.training and enabled:
                test = Test(site, type(noisy[0]).__name__, record.backward, True)
                test.eval_mode = True
                test.trainable = any(each.requires_grad for each in module.parameters())
                if len(record.evals) < 4000:
                    record.evals.append(test)
                local.test = test

    def _end_call(self, module: Any, out: Any) -> None:
        observer = self.observer
        found = tensors(
            [out]
            if not isinstance(out, (tuple, list, dict))
            else out.values()
            if isinstance(out, dict)
            else out
        )
        for each in found:
            origin = observer.origins.get(each)
            if origin is not None:
                origin.out, origin.by = True, id(module)
                if observer.local.test is not None and origin.test is None:
                    origin.test = observer.local.test
        for parameter in module.parameters():
            if parameter.requires_grad:
                observer.origins.weight(parameter)

    # Data

    def _data(self) -> None:
        from torch.utils.data import DataLoader
        from torch.utils.data.dataloader import _BaseDataLoaderIter

        begun, fetched = self.guarded(self._begun), self.guarded(self._fetched)

        def iterate(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(loader: Any) -> Any:
                begun(loader)
                iterator = original(loader)
                self.iterators[id(iterator)] = id(loader)
                return iterator

            return wrapper

        def following(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(iterator: Any) -> Any:
                local = self.observer.local
                seen = self.batches.get(self.iterators.get(id(iterator), 0), [])
                if not local.on or local.quiet or len(seen) < 2:
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

        def init(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(loader: Any, *args: Any, **kwargs: Any) -> Any:
                original(loader, *args, **kwargs)
                self.guarded(self._loader)(loader)

            return wrapper

        born = self.guarded(self._born)

        def from_numpy(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(array: Any) -> Any:
                answer = original(array)
                born(answer)
                return answer

            return wrapper

        self.replace(torch, "from_numpy", from_numpy)
        self.iterators: dict[int, int] = {}
        self.batches: dict[int, list[list[Any]]] = {}
        self.replace(DataLoader, "__init__", init)
        self.replace(DataLoader, "__iter__", iterate)
        self.replace(_BaseDataLoaderIter, "__next__", following)

    def _born(self, tensor: Any) -> None:
        """Keep where torch.from_numpy made a tensor; a mode does not see that call."""
        observer, site = self.observer, here()
        if observer.local.quiet or not observer.local.on or site is None:
            return
        with observer.silent():
            origin = derive("from_numpy", site, observer.record.tick, (), [], tensor, False)
            origin.integer = not tensor.dtype.is_floating_point
            if 1 < tensor.numel() <= LARGE and bool(tensor.min() == tensor.max()):
                origin.constant = site
        observer.origins.set(tensor, origin)

    def _loader(self, loader: Any) -> None:
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
        self.observer.record.loaders[id(loader)] = Loader(
            here(), batches, not ordered, size=loader.batch_size, tick=self.observer.record.backward
        )

    def _begun(self, loader: Any) -> None:
        entry = self.observer.record.loaders.get(id(loader))
        if entry is None:
            return
        record = self.observer.record
        if entry.iterations and entry.last == 1 and record.backward > entry.tick:
            entry.singles += 1
        entry.iterations += 1
        entry.last, entry.tick, entry.at = 0, record.backward, here()

    def _fetched(self, iterator: Any, batch: Any) -> None:
        observer, key = self.observer, self.iterators.get(id(iterator), 0)
        entry = observer.record.loaders.get(key)
        if entry is not None:
            entry.last += 1
            entry.fetched += 1
        if not observer.local.on:
            return
        found = tensors(
            batch.values()
            if isinstance(batch, dict)
            else batch
            if isinstance(batch, (tuple, list))
            else [batch]
        )
        seen = self.batches.setdefault(key, [])
        if len(seen) < 2:
            seen.append([observer.origins.get(each) for each in found])
            return
        for each, pattern in zip(found, seen[-1], strict=False):
            if pattern is not None and observer.origins.get(each) is None:
                observer.origins.set(each, pattern)

    # Distributions, threads, warnings

    def _distributions(self) -> None:
        observer, local = self.observer, self.observer.local
        note = self.guarded(note_action)

        def log_prob(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(distribution: Any, value: Any) -> Any:
                if local.quiet or not local.on or local.in_log_prob:
                    return original(distribution, value)
                local.in_log_prob += 1
                try:
                    answer = original(distribution, value)
                finally:
                    local.in_log_prob -= 1
                note(observer, distribution, value, answer)
                return answer

            return wrapper

        def sample(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(distribution: Any, *args: Any, **kwargs: Any) -> Any:
                answer = original(distribution, *args, **kwargs)
                if local.on and not local.quiet and isinstance(answer, torch.Tensor):
                    mark(distribution, answer)
                return answer

            return wrapper

        def marked(distribution: Any, answer: Any) -> None:
            origin = observer.origins.get(answer)
            observer.record.drawn = observer.record.drawn or not answer.requires_grad
            if origin is not None:
                origin.sampled, origin.argmax, origin.net = True, None, False
                origin.act, origin.log_prob = None, 0
                if not answer.requires_grad and len(observer.record.draws) < 5000:
                    kind = (type(distribution).__name__, tuple(answer.shape))
                    origin.draw = Draw(here(), observer.record.backward, kind)
                    observer.record.draws.append(origin.draw)

        def checked(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(distribution: Any, *args: Any, **kwargs: Any) -> None:
                local.quiet += 1  # it checks its arguments in dozens of calls
                try:
                    original(distribution, *args, **kwargs)
                finally:
                    local.quiet -= 1

            return wrapper

        for name in ("__init__", "_validate_sample"):
            self.replace(torch.distributions.Distribution, name, checked)
        mark = self.guarded(marked)
        todo = [torch.distributions.Distribution]
        while todo:
            each = todo.pop()
            todo += each.__subclasses__()
            if "log_prob" in vars(each):
                self.replace(each, "log_prob", log_prob)
            for name in ("sample", "rsample"):
                if name in vars(each):
                    self.replace(each, name, sample)

    def _threads(self) -> None:
        observer = self.observer

        def bootstrap(original: Any) -> Any:
            @functools.wraps(original)
            def wrapper(thread: Any) -> Any:
                if observer.closed:
                    return original(thread)
                observer.look(True)
                try:
                    return original(thread)
                finally:
                    observer.look(False)

            return wrapper

        self.replace(threading.Thread, "_bootstrap_inner", bootstrap)

        def child() -> None:
            if observer.process != os.getpid():
                observer.closed = True

        os.register_at_fork(after_in_child=child)

        def show(original: Any) -> Any:
            def shown(
                message: Any, category: Any, filename: str, lineno: int, *rest: Any, **more: Any
            ) -> Any:
                if filename.startswith(OWN) or filename.endswith("torch/overrides.py"):
                    site: Site | None = here()
                    if site is not None:
                        filename, lineno = site.file, site.line
                return original(message, category, filename, lineno, *rest, **more)

            return shown

        self.replace(warnings, "showwarning", show)
