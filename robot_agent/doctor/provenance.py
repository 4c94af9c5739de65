"""`Origins` remembers where each tensor came from, by weak references; `derive` finds it for each result."""

import math
import weakref
from typing import Any

import torch

from robot_agent.doctor.origin import Act, Origin
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import log_prob_sign, reward_sign, split

VIEWS = split(
    "view reshape squeeze unsqueeze flatten contiguous clone transpose permute t T mT expand expand_as "
    "to float double half bfloat16 type cpu cuda select __getitem__ narrow chunk split unbind stack cat "
    "concat detach view_as reshape_as ravel unflatten movedim swapaxes squeeze_ unsqueeze_ "
    "broadcast_tensors broadcast_to data hstack vstack requires_grad_ detach_ alias type_as concatenate "
    "real atleast_1d atleast_2d repeat tile index_select gather flip as_tensor tensor from_numpy Tensor "
    "set_ copy_ take_along_dim diag masked_select squeeze_copy roll column_stack tensor_split "
    "unsafe_chunk long int pad clamp clip clamp_min"
)
"""Calls whose result has the numbers of the arguments, or some of them, perhaps clipped or reshaped."""
INDEXED = split("__getitem__ index_select gather take")
"""Calls whose other arguments say only where the numbers are."""
SAME = split(
    "view reshape squeeze unsqueeze flatten contiguous clone transpose permute t T mT detach data to float"
)
"""Calls of `VIEWS` whose result has exactly the numbers of the first argument."""
LINEAR = split(
    "sum mean mul __mul__ __rmul__ div __truediv__ true_divide cumsum flip neg __neg__ sub __sub__ rsub "
    "__rsub__ add __add__ __radd__ add_ sub_ mul_ div_ __iadd__ __isub__ stack cat exp clamp clip min "
    "minimum logsumexp where nanmean masked_fill dot"
)
CREATE = split(
    "tensor as_tensor zeros ones full rand randn randint arange linspace empty eye randperm normal "
    "from_numpy zeros_like ones_like full_like rand_like randn_like randint_like empty_like logspace "
    "bernoulli poisson meshgrid Tensor one_hot multinomial"
)
ACTIVATIONS = split(
    "softmax log_softmax sigmoid tanh relu relu_ logsigmoid sigmoid_ tanh_ leaky_relu elu gelu softplus "
    "relu6 hardsigmoid hardtanh selu silu softmin"
)


KEPT = 400
"""Largest number of networks and weights that are kept alive."""
ROOM = 20_000_000
"""Largest number of elements in all of these together."""


def is_wrapped(tensor: Any) -> bool:
    """Return whether torch.func or torch.compile has wrapped a tensor; its numbers must not be read then."""
    return bool(torch._C._functorch.is_functorch_wrapped_tensor(tensor))


class Origins:
    """The origins of all tensors that still exist."""

    def __init__(self) -> None:
        """Begin."""
        self._known: dict[int, tuple[Any, Origin]] = {}
        self._weights: dict[int, tuple[Any, int]] = {}
        self._next = 0
        self.kept: dict[int, Any] = {}
        """The last networks and weights, kept alive until the report, as the script may have dropped them."""
        self._room = ROOM

    def get(self, tensor: Any) -> Origin | None:
        """Return the origin of a tensor, if it is known."""
        entry = self._known.get(id(tensor))
        return None if entry is None else entry[1]

    def set(self, tensor: Any, origin: Origin) -> None:
        """Remember the origin of a tensor for as long as it lives."""
        key, known = id(tensor), self._known

        def forget(_: Any, key: int = key) -> None:
            known.pop(key, None)

        entry = known.get(key)
        known[key] = (weakref.ref(tensor, forget) if entry is None else entry[0], origin)

    def weight(self, tensor: Any) -> int:
        """Return the number of a weight; it stays the same, and no other weight ever gets it."""
        key, known = id(tensor), self._weights
        entry = known.get(key)
        if entry is None:

            def forget(_: Any, key: int = key) -> None:
                known.pop(key, None)

            self._next += 1
            entry = known[key] = (weakref.ref(tensor, forget), self._next)
        return entry[1]

    def keep(self, thing: Any, numbers: int) -> None:
        """Keep a network or weight alive until the report; if there are too many, the oldest are dropped."""
        known = self.kept
        if id(thing) in known:
            return
        known[id(thing)] = (thing, numbers)
        self._room -= numbers
        while known and (self._room < 0 or len(known) > KEPT):
            self._room += known.pop(next(iter(known)))[1]

    def weights(self) -> dict[int, Any]:
        """Return the weights that still exist, keyed by their numbers."""
        return {
            number: tensor for ref, number in list(self._weights.values()) if (tensor := ref()) is not None
        }


def tensors(args: Any, found: list[Any] | None = None) -> list[Any]:
    """Return the tensors among arguments, also those in lists of up to 64."""
    found = [] if found is None else found
    for each in args:
        if isinstance(each, torch.Tensor):
            found.append(each)
        elif isinstance(each, (list, tuple)) and len(each) <= 64:
            tensors(each, found)
    return found


def index_key(index: Any, rows: int) -> tuple[str, int] | None:
    """Return a key for the content of an index: `p` for a permutation of all rows, `g` for a selection."""
    if isinstance(index, tuple) and index:
        index = index[0]
    if isinstance(index, torch.Tensor):
        if index.dtype not in (torch.int64, torch.int32) or index.dim() != 1 or is_wrapped(index):
            return None
        values = index
    else:
        if isinstance(index, list):
            if not index or not isinstance(index[0], int):
                return None
        elif not (hasattr(index, "dtype") and getattr(index, "ndim", 0) == 1 and index.dtype.kind == "i"):
            return None
        values = torch.as_tensor(index)
    count = values.numel()
    if count < 2:
        return None
    if count > rows > 0:
        return None  # a table that is looked up: the rows are in the order of the index
    weights = torch.arange(1, min(count, 4096) + 1)
    key = int((values[:4096].to(torch.int64) * weights).sum())
    whole = count == rows and bool((values.sort().values == torch.arange(count)).all())
    if whole and bool((values[1:] > values[:-1]).all()):
        return None
    return ("p" if whole else "g", key)


def derive(
    name: str,
    site: Site | None,
    tick: int,
    args: tuple[Any, ...],
    known: list[Origin | None],
    out: Any,
    grad: bool,
    kwargs: Any = None,
) -> Origin:
    """Return the origin of a call's result, from the origins of its arguments."""
    new = Origin(name, site, tick)
    origins = [each for each in known if each is not None]
    first = known[0] if known else None
    _inherit(new, origins, first)
    new.net = new.net or grad
    if name in ("clamp", "clamp_min", "clip") and first is not None and _from_zero(args, kwargs):
        new.act = Act("relu", site, None)
        new.out = first.out
    elif name in ("maximum", "max") and first is not None and _is_zero(args, known):
        new.act, new.out = Act("relu", site, None), first.out
    elif name in VIEWS and first is not None:
        new.act, new.out, new.module = first.act, first.out, first.module
        new.log_prob, new.reward, new.alias = first.log_prob, first.reward, first.alias
        new.picked = first.picked or name in ("gather", "__getitem__")
        new.flat, new.best = first.flat, first.best
    elif name in LINEAR:
        _linear(new, name, args, known)
    if not grad and not new.net and site is not None:
        if new.born is None:
            new.born, new.born_op = site, name
        if name not in VIEWS or new.data is None or name in CREATE:
            new.data = site
        _name_reward(new, site)
    if name in ("max", "amax") and first is not None and first.out and isinstance(out, torch.Tensor):
        new.best = site if out.dtype.is_floating_point and out.dim() else None
    if name in ACTIVATIONS:
        before = first.act if first is not None else None
        new.act = Act(name.rstrip("_"), site, None)
        new.act.under = before if before is not None and before.name in ("relu", "relu6") else None
        new.out = first.out if first is not None else False
    if (
        name in ("log_softmax", "log")
        and first is not None
        and (name == "log_softmax" or (first.act and first.act.name == "softmax"))
    ):
        new.log_prob = 1
    if grad and site is not None and not new.log_prob:
        new.log_prob = log_prob_sign(site)
        new.named = new.log_prob != 0
    elif new.named and site is not None and log_prob_sign(site):
        new.log_prob = log_prob_sign(site)  # inside the formula signs say nothing yet
    return new


def _inherit(new: Origin, origins: list[Origin], first: Origin | None) -> None:
    """Give a result what it has from its arguments, whatever the call does with them."""
    for each in origins:
        new.net = new.net or each.net
        new.cut = new.cut or each.cut
        new.test = new.test or each.test
        if new.born is None and each.born is not None:
            new.born, new.born_op = each.born, each.born_op
        new.data = new.data or each.data
        new.sampled = new.sampled or each.sampled
        new.argmax = new.argmax or each.argmax
        new.integer = new.integer or (each.integer and (each is first or new.op not in INDEXED))
        new.named = new.named or each.named
        new.rebound = new.rebound or each.rebound
        new.call = max(new.call, each.call)
        if new.gradient_of is None:
            new.gradient_of = each.gradient_of
        if not new.orders:
            new.orders = each.orders
        elif each.orders and each.orders != new.orders:
            new.orders = frozenset(list(new.orders | each.orders)[:6])
        if each.constant is not None:
            new.constant = new.constant or each.constant
        new.by = new.by or each.by
        new.penalty = new.penalty or each.penalty


def _from_zero(args: tuple[Any, ...], kwargs: Any) -> bool:
    """Return whether a clamp has a lower limit of 0 and no upper limit."""
    low, high = (*args[1:3], None, None)[:2]
    kwargs = kwargs or {}
    low, high = kwargs.get("min", low), kwargs.get("max", high)
    return high is None and isinstance(low, (int, float)) and low == 0


def _is_zero(args: tuple[Any, ...], known: list[Origin | None]) -> bool:
    """Return whether the second of two arguments is all zeros."""
    other = args[1] if len(args) > 1 else None
    made = known[1].op if len(known) > 1 and known[1] is not None else ""
    return isinstance(other, torch.Tensor) and (
        made in ("zeros", "zeros_like") or (other.numel() == 1 and not bool(other.any()))
    )


CONFLICT = 9
"""The sign of a reward if its name and the arithmetic contradict each other."""


def _name_reward(new: Origin, site: Site) -> None:
    """Set the sign of a reward from its name; a contradiction to its own parts gives `CONFLICT`."""
    named = reward_sign(site)
    if new.reward == CONFLICT or not named:
        return
    if new.reward and new.reward != named and new.reward_line != site.line:
        new.reward = CONFLICT
    else:
        new.reward = named
    new.reward_line = site.line


def _linear(new: Origin, name: str, args: tuple[Any, ...], known: list[Origin | None]) -> None:
    """Derive the signs of rewards and log-probabilities in sums and products."""
    first = known[0] if known else None
    second = known[1] if len(known) > 1 else None
    base = name.strip("_")
    numbers = [each for each in args[:2] if isinstance(each, (int, float))]
    flip = (
        -1
        if base == "neg"
        or (numbers and base in ("mul", "rmul", "div", "truediv", "true_divide") and numbers[0] < 0)
        else 1
    )
    for field in ("reward", "log_prob"):
        a = getattr(first, field) if first is not None else 0
        b = getattr(second, field) if second is not None else 0
        if CONFLICT in (a, b):
            setattr(new, field, CONFLICT)
            continue
        if base in ("sub", "isub"):
            value = a or -b
        elif base in ("rsub",):
            value = -a or b
        else:
            value = (a or b) * flip
        setattr(new, field, value)
    if (
        base in ("add", "sub", "mul", "div")
        and first is not None
        and numbers
        and abs(numbers[0]) < 1e-2
        and base in ("add", "sub")
    ):
        new.act = first.act
    if base in ("add", "sub", "mul", "div", "truediv", "rmul", "radd") and first is not None and numbers:
        new.out = first.out  # in another unit it still is the network's answer
    new.reward_line = max((each.reward_line for each in (first, second) if each is not None), default=0)
    new.picked = bool((first and first.picked) or (second and second.picked))


def same_number(tensor: Any) -> float:
    """Return a number that is equal for tensors with equal content, from the first 256 elements."""
    flat = tensor.reshape(-1)[:256].to(torch.float64)
    if not flat.numel():
        return 0.0
    value = float((flat * torch.linspace(1.0, 2.0, flat.numel(), dtype=torch.float64)).sum())
    return value + flat.numel() if math.isfinite(value) else 0.0
