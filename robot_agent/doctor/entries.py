"""The entries of a `Record`: one object for each backward(), optimizer, call of a loss, and so on."""

from dataclasses import dataclass, field
from typing import Any

from robot_agent.doctor.origin import Act, Origin
from robot_agent.doctor.site import Site


@dataclass(eq=False, slots=True)
class Backward:
    """One call of backward()."""

    number: int
    site: Site
    tick: int
    loss: float
    looked: bool
    leaf: bool = False
    """Whether the loss has no graph: requires_grad was set on it, or it is a weight."""
    grad: bool = True
    error: str = ""
    origin: Origin | None = None
    leaves: frozenset[int] = frozenset()
    """Numbers of the weights on which the loss depends."""
    carried: tuple[Site | None, Site | None, Site | None] | None = None
    """Places of a tensor from an earlier step in this graph: its use, its origin, the network's call."""
    norms: dict[int, float] = field(default_factory=dict)
    """Gradient norm of each weight, by its number; NaN stays NaN."""
    chain: tuple[str, ...] = ()
    of_inputs: bool = False
    """Whether backward() was called with `inputs`, or this is torch.autograd.grad."""


@dataclass(eq=False, slots=True)
class Optimizer:
    """One optimizer of the script."""

    ref: Any
    site: Site
    rate: float
    kind: str
    ids: tuple[int, ...]
    tick: int
    backward: int
    number: int
    steps: int = 0
    looked: int = 0
    none: int = 0
    """Number of steps at which no weight had a gradient."""
    zero: int = 0
    """Number of steps at which all gradients were 0."""
    zeroed_between: int = 0
    """Number of these steps whose gradients were set to zero after backward()."""
    zeroed_site: Site | None = None
    lost_site: Site | None = None
    """Where gradients were set to zero between backward() and step()."""
    step_site: Site | None = None
    backward_site: Site | None = None
    """Place of the last backward() before the optimizer's last step."""
    reset: bool = True
    """Whether the gradients were set to zero since the last step."""
    not_reset: int = 0
    judged: int = 0
    used: list[tuple[Any, int, int]] = field(default_factory=list)
    moved: list[tuple[int, float]] = field(default_factory=list)
    """Pairs: number of the step, and the largest share by which it changed a weight matrix."""
    options: tuple[Any, ...] = ()
    made_at: int = 0
    zeroed_at: int = -1
    last: int = -1
    """Number of the optimizer's last step, counted over all optimizers."""
    lost: int = 0
    """How often gradients were computed and set to zero without a step in between."""
    zero_seen: tuple[int, int] = (0, 0)
    """Number of calls of backward(), and of steps, at the last zero_grad()."""
    closure: bool = False
    inside: bool = False
    armed: bool = False
    caller: Site | None = None
    """Where the script called the function that made this optimizer for a network that it was given."""
    rates: list[float] = field(default_factory=list)
    """Learning rates at the steps that were observed; `rate_steps` has the numbers of these steps."""
    rate_steps: list[int] = field(default_factory=list)
    frozen: frozenset[int] = frozenset()
    """Numbers of the networks' weights that were frozen when this optimizer was made."""


@dataclass(eq=False, slots=True)
class LossCall:
    """One call of a loss: its outputs, its target, and what is known of them."""

    name: str
    site: Site
    backward: int
    grad: bool
    shape: tuple[tuple[int, ...], tuple[int, ...]]
    act: Act | None
    out: bool
    target: Origin | None
    integer: bool
    """Whether the target has integers only."""
    values: tuple[float, ...] = ()
    """The different numbers of the target, at most 12; `many` says that there are more."""
    many: bool = False
    pure: bool = False
    """Whether all samples of the batch have the same target."""
    rows: int = 0
    mean: float = 0.0
    std: float = 0.0
    low: float = 0.0
    answer_mean: float = 0.0
    answer_std: float = 0.0
    answer_zeros: float = 0.0
    answer_low: float = 0.0
    answer_high: float = 0.0
    normal: float = 0.0
    """How far the sum of the outputs' exponentials is from 1; it is 0 for log-probabilities."""
    same: float = 0.0
    """A number that is equal for equal targets."""
    chance: float | None = None
    """The loss of the best constant output; None if it is not known."""
    direct: bool = False
    """Whether the loss gets a network's or layer's output directly, with nothing computed in between."""
    from_net: bool = False
    """Whether the target itself came from a network."""
    classes: int = 0
    value: float | None = None
    first_row: tuple[float, ...] = ()
    call: int = 0
    answer_orders: Any = None
    best: Site | None = None
    """Where the answer was taken as the largest of a network's answers."""
    aliased: bool = False
    """Whether answer and target share their memory."""
    skill: float | None = None
    """1 if all outputs are right, 0 if they are no better than the best constant output; None: not known."""
    high: float = 0.0
    slope: list[float] = field(default_factory=list)
    """Derivative of what is minimised by this loss: above 0 if the step makes this loss smaller."""
    dropped: Site | None = None
    """The dropout that made the output, if only the shape was changed since."""
    normed: Site | None = None
    """The normalisation that made the output, if only the shape was changed since."""
    alone: Site | None = None
    """The softmax that made the output, if it runs over a single number."""
    kept: Any = None
    """The origin of the loss itself."""
    used: bool = False
    """Whether backward() has gone through this loss."""
    flat_same: float = 0.0
    """A number that is equal for equal targets, of the target as a whole."""
    detached: bool = False
    """Whether the output was computed from another network's output without its graph."""
    weightless: bool = False
    """Whether all classes but one have the weight 0."""
    ignoring: bool = False
    """Whether samples were left out by ignore_index."""
    spread: float = 1.0
    """Variation of the outputs between samples, as a share of the targets' variation."""
    most: float = 0.0
    """Share of the most frequent class."""
    one_guess: bool = False
    """Whether all outputs choose the most frequent class."""
    padding: bool = False
    """Whether most labels are those of padding, of which the loss takes notice."""
    unit: bool = False
    """Whether each sample's outputs are a vector of length 1."""
    several: bool = False
    """Whether a softmax's outputs are compared with rows of 0 and 1 that mostly do not have a single 1."""
    favoured: Site | None = None
    """Where class weights were made that are larger for the more frequent class."""
    summed: bool = False
    """Whether the loss is a sum over all samples and numbers, not a mean."""


@dataclass(eq=False, slots=True)
class Input:
    """An input of a network's first layer."""

    site: Site
    backward: int
    rms: float
    spread: float
    """Largest over smallest standard deviation of a feature."""
    rows: int
    same: float
    part: tuple[int, int, int] | None
    numel: int
    orders: frozenset[tuple[tuple[str, int], ...]]
    born: Site | None
    grad: bool
    recurrent: bool = False
    sequence: bool = False
    training: bool = True
    made: Site | None = None
    """Where the input became constant, else where it was computed last."""
    alike: bool = False
    """Whether all samples of the batch are equal."""
    network: int = 0
    """The network's id."""
    ready: Site | None = None
    """Where the input was last reshaped or selected."""
    integer: bool = False
    """Whether the numbers were integers before."""


@dataclass(eq=False, slots=True)
class Test:
    """A call of a network in training mode that may have been a test."""

    site: Site
    what: str
    backward: int
    grad: bool
    compared: bool = False
    learned_from: bool = False
    reduced: bool = False
    eval_mode: bool = False
    trainable: bool = False
    rows: int = 1
    """Number of samples in the batch."""


@dataclass(eq=False, slots=True)
class Loader:
    """One DataLoader."""

    site: Site | None
    batches: int
    shuffled: bool
    iterations: int = 0
    fetched: int = 0
    at: Site | None = None
    singles: int = 0
    """Number of iterations that began when the one before had given only one batch."""
    last: int = 0
    size: int | None = None
    tick: int = 0
    alone: bool = False
    """Whether a batch is a single tensor: inputs without labels, or labels without inputs."""


@dataclass(eq=False, slots=True)
class Units:
    """What was observed of one activation function at one line of the script, in each step."""

    name: str
    site: Site
    module: Site | None
    order: int
    listed: bool = False
    """Whether the activation is a layer of a Sequential."""
    dead: list[float] = field(default_factory=list)
    """Share of units that were 0 for every sample, at each observation."""
    ends: list[float] = field(default_factory=list)
    """Share of outputs at an end of their range, at each observation."""
    at: list[int] = field(default_factory=list)
    width: int = 0


@dataclass(eq=False, slots=True)
class LogProb:
    """Log-probabilities of actions that were multiplied by a reward."""

    site: Site
    weight: tuple[float, ...]
    backward: int
    sign: int
    reward: int
    constant: Site | None
    data: Site | None
    slope: list[float] = field(default_factory=list)
    """Derivative of the loss by the log-probability, once backward() was called."""


@dataclass(eq=False, slots=True)
class Action:
    """Actions whose log-probability was computed."""

    site: Site
    argmax: Site | None
    sampled: bool
    mode: float
    """Share of the actions that were the most probable one."""
    count: int
    made: Site | None
    wide: bool = True


@dataclass(eq=False, slots=True)
class Built:
    """A network or layer that the script has built."""

    backward: int
    """Number of calls of backward() before it was built."""
    name: str
    """Name of its class."""
    inside: bool
    """Whether it was built during the call of a network."""
    own: bool
    """Whether its class is defined by the script."""
    ref: Any
    weights: bool = False
    """Whether it, or a layer inside of it, has weights."""


@dataclass(eq=False, slots=True)
class Called:
    """A network that the script itself has called, not another network."""

    ref: Any
    first: float
    """A number of the network's weights at its first call, to notice changes."""
    since: int
    """Number of calls of backward() before the first call."""
    last: float = 0.0
    until: int = 0
    tests: list[tuple[int, bool, Site]] = field(default_factory=list)
    """The network's calls: number of backward() calls before, whether with a graph, and place."""
