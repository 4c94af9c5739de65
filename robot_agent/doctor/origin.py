"""Where a tensor came from, and what was done to it on its way."""

from dataclasses import dataclass, field
from typing import Any

from robot_agent.doctor.site import Site


class Origin:
    """Where a tensor came from. It refers to no tensor, so it keeps none alive."""

    __slots__ = (
        "act",
        "alias",
        "argmax",
        "born",
        "born_op",
        "by",
        "call",
        "constant",
        "cut",
        "data",
        "draw",
        "dropped",
        "flat",
        "gradient_of",
        "integer",
        "layers",
        "log_prob",
        "module",
        "named",
        "net",
        "normed",
        "op",
        "orders",
        "out",
        "part",
        "penalty",
        "picked",
        "plain",
        "reached",
        "rebound",
        "reward",
        "reward_line",
        "sampled",
        "site",
        "test",
        "tick",
        "where",
        "zero_one",
    )

    def __init__(self, op: str, site: Site | None, tick: int) -> None:
        """Begin."""
        self.op = op
        """Name of the call that made it."""
        self.site = site
        self.tick = tick
        """Number of optimizer steps made before it."""
        self.module: Site | None = None
        """Where the layer that made it was built."""
        self.net = False
        """Whether it depends on a network's weights, with or without a graph."""
        self.out = False
        """Whether it is a network's answer, perhaps in another shape."""
        self.by = 0
        """The network whose answer it is."""
        self.cut: Cut | None = None
        self.act: Act | None = None
        """The last activation, when nothing but the shape was changed since."""
        self.born: Site | None = None
        """Where the data it was made of appeared."""
        self.born_op = ""
        self.data: Site | None = None
        """Where it last was computed, when it is data."""
        self.orders: frozenset[tuple[tuple[str, int], ...]] = frozenset()
        """Orders that its rows may be in: the permutations and choices that they went through."""
        self.part: tuple[int, int, int] | None = None
        """Storage, first element and size of the whole, when it is a slice of data."""
        self.constant: Site | None = None
        """Where all its numbers became the same."""
        self.integer = False
        """Whether its numbers once were integers: class numbers."""
        self.argmax: Site | None = None
        self.sampled = False
        self.reward = 0
        """1: the more the better; -1: the more the worse; 0: not known."""
        self.reward_line = 0
        self.penalty: Cut | None = None
        """The call of torch.autograd.grad, without a graph, that it comes from."""
        self.log_prob = 0
        """1 if it grows with the log-probability of an action, -1 if it falls with it."""
        self.rebound: Site | None = None
        """Where a weight less its gradient made the new tensor that it comes from."""
        self.named = False
        """Whether it is a log-probability by its name only."""
        self.draw: Draw | None = None
        """The draw from a distribution that it is."""
        self.picked = False
        """Whether the log-probability was picked by an index (gather), not computed of a distribution."""
        self.flat: tuple[int, ...] = ()
        """The shape it had before its first dimensions were made one."""
        self.reached = False
        """backward() went through it."""
        self.layers = 0
        """Number of linear layers that it went through since the last activation."""
        self.dropped: Site | None = None
        """The dropout that it came out of, when nothing but the shape was changed since."""
        self.plain: Site | None = None
        """The lookup of tokens that it comes from, when nothing was added since that tells their places."""
        self.zero_one: Site | None = None
        """Where an answer was multiplied with labels 0 and 1."""
        self.normed: Site | None = None
        """The layer or line that normalised it, when nothing but the shape was changed since."""
        self.gradient_of: int | None = None
        self.alias: int | None = None
        """The weight whose numbers it shares."""
        self.where: Site | None = None
        """The call of the network in the training, when it was made inside of one."""
        self.call = 0
        """Number of the network call that made it."""
        self.test: Any = None
        """The call in training mode that it came from, which may have been a test."""

    def __deepcopy__(self, memo: object) -> "Origin":
        """Return itself: a copied tensor has the same origin."""
        return self


@dataclass(eq=False, slots=True)
class Draw:
    """Something that was drawn from a distribution."""

    site: Site | None
    backward: int
    kind: tuple[str, tuple[int, ...]]
    """Class of the distribution, and shape."""
    used: bool = False
    """Something was done with it, besides asking for its log-probability."""
    judged: Site | None = None
    """Where its log-probability was asked for."""
    times: int = 0
    """How often it was."""
    graded: bool = False
    """The log-probability can be learned from."""
    smooth: bool = False
    """The distribution is a network's, and has an rsample()."""


@dataclass(slots=True)
class Act:
    """An activation that was applied."""

    name: str
    site: Site | None
    module: Site | None
    dim: int | None = None
    rank: int = 0
    """Number of dimensions of what it answered."""
    listed: bool = False
    """It is a layer of a Sequential."""
    size: int = 0
    """Number of answers that a softmax chose from."""


@dataclass(eq=False, slots=True)
class Cut:
    """A place where a tensor lost its history, or left PyTorch."""

    why: str
    site: Site
    tick: int
    backward: int
    leaves: set[int] = field(default_factory=set)
    """The weights in front of it."""
    count: int = 0
    numbers: int = 0
    """How many numbers went through it at once."""
    out: bool = False
    block: Site | None = None
    """Where the no_grad block begins."""
