"""`Origin`: where a tensor came from, and what was done to it on its way."""

from dataclasses import dataclass, field
from typing import Any

from robot_agent.doctor.site import Site


@dataclass(eq=False, slots=True)
class Draw:
    """A draw from a distribution."""

    site: Site | None
    backward: int
    kind: tuple[str, tuple[int, ...]]
    """Class of the distribution, and shape of the draw."""
    used: bool = False
    """Whether the script used the draw for anything else than its log-probability."""
    judged: Site | None = None
    """Where the draw's log-probability was computed."""
    times: int = 0
    """How often its log-probability was computed."""
    graded: bool = False
    """Whether its log-probability has a graph, so that a network can learn from it."""
    smooth: bool = False
    """Whether the distribution comes from a network, and has rsample()."""


@dataclass(slots=True)
class Act:
    """An activation that was applied."""

    name: str
    site: Site | None
    module: Site | None
    dim: int | None = None
    rank: int = 0
    """Number of dimensions of the activation's output."""
    listed: bool = False
    """Whether the activation is a layer of a Sequential."""
    size: int = 0
    """Number of outputs over which a softmax runs."""
    under: "Act | None" = None
    """The ReLU whose result this activation was given."""


@dataclass(eq=False, slots=True)
class Cut:
    """A place where a tensor lost its graph, or left PyTorch."""

    why: str
    site: Site
    tick: int
    backward: int
    leaves: set[int] = field(default_factory=set)
    """Numbers of the weights on which the tensor depended before."""
    first: int = 0
    """Number of calls of backward() before it was seen for the first time."""
    count: int = 0
    numbers: int = 0
    """Number of elements of the tensor."""
    out: bool = False
    block: Site | None = None
    """Where the no_grad block begins."""


@dataclass(eq=False, slots=True)
class Origin:
    """Where a tensor came from. This object refers to no tensor, so it keeps none alive."""

    op: str
    """Name of the call that made the tensor."""
    site: Site | None
    """Where the script made the tensor; None inside of a library."""
    tick: int
    """Number of optimizer steps before the tensor was made."""
    module: Site | None = None
    """Where the layer was built that made the tensor."""
    net: bool = False
    """Whether the tensor depends on a network's weights, with or without a graph."""
    out: bool = False
    """Whether the tensor is a network's output, perhaps in another shape."""
    by: int = 0
    """The id of the network whose output the tensor is."""
    cut: Cut | None = None
    """Where the tensor, or one that it was computed from, lost its graph."""
    act: Act | None = None
    """The activation that made the tensor, if only its shape was changed since."""
    born: Site | None = None
    """Where the data first appeared of which the tensor was made."""
    born_op: str = ""
    data: Site | None = None
    """Where the tensor was computed last, if it is data."""
    orders: frozenset[tuple[tuple[str, int], ...]] = frozenset()
    """Possible orders of the tensor's rows: the permutations and selections that they went through."""
    part: tuple[int, int, int] | None = None
    """Storage, first element and size of the whole, if the tensor is a slice of data."""
    constant: Site | None = None
    """Where all numbers of the tensor became the same."""
    integer: bool = False
    """Whether the tensor's numbers were integers before, such as class numbers."""
    argmax: Site | None = None
    """Where the index of a largest number was taken from which the tensor comes."""
    best: Site | None = None
    """Where the largest of a network's answers was taken, if only the shape was changed since."""
    index: Any = None
    """The `Index` of a network's largest answers from which the tensor comes by arithmetic alone."""
    discounted: bool = False
    """Whether this index was multiplied by a factor a little below 1."""
    raised: bool = False
    """Whether numbers of the data were added to this index."""
    sampled: bool = False
    """Whether the tensor, or one that it was computed from, was drawn from a distribution."""
    reward: int = 0
    """1 for a reward (more is better), -1 for a cost (more is worse), 0 for neither."""
    reward_line: int = 0
    """The line in which a name last said that the tensor is a reward or a cost."""
    penalty: Cut | None = None
    """The call of torch.autograd.grad, without a graph, from which the tensor comes."""
    log_prob: int = 0
    """1 if the tensor grows with the log-probability of an action, -1 if it falls with it, else 0."""
    rebound: Site | None = None
    """Where the new tensor was made from which this one comes: a weight minus its gradient."""
    named: bool = False
    """Whether only the tensor's name shows that it is a log-probability."""
    draw: Draw | None = None
    """The draw from a distribution that gave this tensor."""
    picked: bool = False
    """Whether the log-probability was picked by an index (gather), not computed by a distribution."""
    flat: tuple[int, ...] = ()
    """The shape before the first dimensions were flattened to one."""
    reached: bool = False
    """Whether backward() has gone through the tensor."""
    layers: int = 0
    """Number of linear layers since the last activation."""
    dropped: Site | None = None
    """The dropout that made the tensor, if only its shape was changed since."""
    filled: tuple[Site, float] | None = None
    """Where masked places were filled with a number that is not far below 0, and the number."""
    plain: Site | None = None
    """The embedding of tokens from which the tensor comes, if no positions were added since."""
    zero_one: Site | None = None
    """Where an output was multiplied by labels 0 and 1."""
    normed: Site | None = None
    """The layer or line that normalised the tensor, if only its shape was changed since."""
    gradient_of: int | None = None
    """The number of the weight from whose gradient the tensor comes."""
    alias: int | None = None
    """The number of the weight with which the tensor shares its memory."""
    where: Site | None = None
    """Where the script called the network, if the tensor was made inside of this call."""
    call: int = 0
    """Number of the network's call that made the tensor."""
    test: Any = None
    """The `Test` from which the tensor comes: a call in training mode that may be a test."""

    def __deepcopy__(self, memo: object) -> "Origin":
        """Return this same object: a copied tensor has the same origin."""
        return self
