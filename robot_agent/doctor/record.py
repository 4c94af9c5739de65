"""What the observer keeps of a training, for the rules to judge."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from robot_agent.doctor.origin import Act, Cut, Draw, Origin
from robot_agent.doctor.site import Site

MOST = 20_000
"""So many losses are kept; later ones replace earlier ones, spread evenly."""


@dataclass(eq=False, slots=True)
class Backward:
    """One call of backward()."""

    number: int
    site: Site
    tick: int
    loss: float
    looked: bool
    leaf: bool = False
    """The loss has no history: it was given requires_grad itself, or is a weight."""
    grad: bool = True
    error: str = ""
    origin: Origin | None = None
    retained: bool = False
    leaves: frozenset[int] = frozenset()
    """Weights that the graph reaches."""
    carried: tuple[Site | None, Site | None, Site | None] | None = None
    """Where the graph reaches back into a step before: what used it, what made it, the network's call."""
    norms: dict[int, float] = field(default_factory=dict)
    """Gradient norms; NaN as they are."""
    chain: tuple[str, ...] = ()
    of_inputs: bool = False
    """Called with `inputs`, or as torch.autograd.grad."""


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
    """Steps at which no weight had a gradient."""
    zero: int = 0
    """Steps at which every gradient was 0."""
    zeroed_between: int = 0
    """Of these, those whose gradients were set to zero after backward()."""
    zeroed_site: Site | None = None
    lost_site: Site | None = None
    """Where gradients were set to zero between backward() and step()."""
    step_site: Site | None = None
    backward_site: Site | None = None
    """The last backward() before its last step."""
    reset: bool = True
    """Gradients were set to zero since the last step."""
    not_reset: int = 0
    judged: int = 0
    used: list[tuple[Any, int, int]] = field(default_factory=list)
    moved: list[tuple[int, float]] = field(default_factory=list)
    """(step, the largest share by which a weight matrix was changed)."""
    options: tuple[Any, ...] = ()
    made_at: int = 0
    zeroed_at: int = -1
    last: int = -1
    """Number of the last step, of all optimizers."""
    lost: int = 0
    """Gradients that were set to zero without a step between."""
    zero_seen: tuple[int, int] = (0, 0)
    """Calls of backward() and steps at the last zero_grad()."""
    closure: bool = False
    inside: bool = False
    armed: bool = False
    caller: Site | None = None
    """Where the function was called that made it of a network that it was given."""
    rates: list[float] = field(default_factory=list)
    """Learning rates at steps that were looked at, and which steps these were."""
    rate_steps: list[int] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class LossCall:
    """What went into a loss."""

    name: str
    site: Site
    backward: int
    grad: bool
    shape: tuple[tuple[int, ...], tuple[int, ...]]
    act: Act | None
    out: bool
    target: Origin | None
    integer: bool
    """The target is made of integers."""
    values: tuple[float, ...] = ()
    """At most 12 different numbers of the target; more are not listed."""
    many: bool = False
    pure: bool = False
    """All samples of the batch have the same target."""
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
    """How far the exponentials of the answer are from adding up to 1."""
    same: float = 0.0
    """A number that is the same for the same target."""
    chance: float | None = None
    """What the loss of the best constant answer is."""
    direct: bool = False
    """The answer is that of a network or layer, with nothing computed since."""
    from_net: bool = False
    """The target itself came from a network."""
    classes: int = 0
    value: float | None = None
    first_row: tuple[float, ...] = ()
    call: int = 0
    answer_orders: Any = None
    skill: float | None = None
    """1 when every answer is right, 0 when they are no better than the best constant answer."""
    high: float = 0.0
    slope: list[float] = field(default_factory=list)
    """Above 0 where the step makes this loss smaller: d (what is minimised) / d (this loss)."""
    dropped: Site | None = None
    """The dropout that the answer came out of."""
    normed: Site | None = None
    """The normalisation that it came out of."""
    alone: Site | None = None
    """The softmax that the answer came out of, if it had one number only to choose from."""
    kept: Any = None
    """Where the loss itself came from."""
    used: bool = False
    """backward() has reached it."""
    flat_same: float = 0.0
    """A number that is the same for the same target as a whole."""
    detached: bool = False
    """The answer hangs on what another network has made, cut off."""
    weightless: bool = False
    """All classes but one have the weight 0."""
    ignoring: bool = False
    """Samples of one label were left out by ignore_index."""
    spread: float = 1.0
    """How far the answers differ from sample to sample, as a share of what the targets do."""
    most: float = 0.0
    """Share of the most frequent class."""
    one_guess: bool = False
    """All answers name the same class."""
    summed: bool = False
    """The loss is the sum over all samples and numbers, not their mean."""


@dataclass(eq=False, slots=True)
class Input:
    """What went into a network's first layer."""

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
    """Where it became constant, or else was computed last."""
    alike: bool = False
    """All samples of the batch are the same."""
    network: int = 0
    """The network's id."""
    ready: Site | None = None
    """Where it was given its shape or was picked last."""


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
    """Samples in the batch."""


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
    """Iterations that were begun while the one before had given one batch only."""
    last: int = 0
    size: int | None = None
    tick: int = 0
    grad_iterations: int = 0
    alone: bool = False
    """A batch is one tensor, inputs or labels alone."""


@dataclass(eq=False, slots=True)
class Units:
    """What an activation answered at one place."""

    name: str
    site: Site
    module: Site | None
    order: int
    listed: bool = False
    """It is a layer of a Sequential."""
    dead: list[float] = field(default_factory=list)
    """Share of units that were 0 for every sample, in each look."""
    ends: list[float] = field(default_factory=list)
    """Share of answers at an end of their range, in each look."""
    at: list[int] = field(default_factory=list)
    width: int = 0


@dataclass(eq=False, slots=True)
class LogProb:
    """Log-probabilities of actions that were weighted with a reward."""

    site: Site
    weight: tuple[float, ...]
    backward: int
    sign: int
    reward: int
    constant: Site | None
    data: Site | None
    slope: list[float] = field(default_factory=list)
    """d loss / d log-probability, when backward() has come."""


@dataclass(eq=False, slots=True)
class Action:
    """An action whose log-probability was asked for."""

    site: Site
    argmax: Site | None
    sampled: bool
    mode: float
    """Share of the actions that were the most probable ones."""
    count: int
    made: Site | None
    wide: bool = True


@dataclass(eq=False, slots=True)
class Built:
    """A network or layer that was made."""

    backward: int
    """Number of backward() calls before."""
    name: str
    """Its class."""
    inside: bool
    """Made while a network was called."""
    own: bool
    """Its class is the script's own."""
    ref: Any
    weights: bool = False
    """It, or a layer inside of it, has weights."""


@dataclass(eq=False, slots=True)
class Called:
    """A network that was called by the script itself, not inside of another one."""

    ref: Any
    first: float
    """A number of its weights at its first call."""
    since: int
    """Number of backward() calls before that."""
    last: float = 0.0
    until: int = 0
    tests: list[tuple[int, bool, Site]] = field(default_factory=list)
    """Its calls: after which backward(), whether with a graph, where."""


@dataclass
class Record:
    """All that was seen of a script."""

    backward: int = 0
    tick: int = 0
    backwards: list[Backward] = field(default_factory=list)
    losses: dict[Site, list[float]] = field(default_factory=lambda: defaultdict(list))
    optimizers: list[Optimizer] = field(default_factory=list)
    calls: list[LossCall] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    cuts: dict[tuple[Site, str], Cut] = field(default_factory=dict)
    exits: list[Cut] = field(default_factory=list)
    inplace: list[tuple[int, Site, str, tuple[int, ...], str]] = field(default_factory=list)
    rebound: dict[Site, int] = field(default_factory=dict)
    rebound_last: Site | None = None
    requires: list[tuple[str, Site]] = field(default_factory=list)
    frozen: dict[int, Site] = field(default_factory=dict)
    frozen_at: Site | None = None
    broadcast: dict[Site, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    transposed: dict[Site, tuple[int, tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict)
    """Losses of answers and labels that were made flat from (time, batch) and (batch, time): how often."""
    constant_terms: dict[Site, tuple[int, Cut]] = field(default_factory=dict)
    """Where a number without a derivative was added to a loss, and what had cut it off."""
    flat_functions: dict[Site, int] = field(default_factory=dict)
    """`backward` of the script's own autograd functions that the loss goes through."""
    softmax_dim: dict[Site, tuple[int, tuple[int, ...], Site | None]] = field(default_factory=dict)
    twice: dict[tuple[str, Site], tuple[int, Act]] = field(default_factory=dict)
    units: dict[tuple[Site, int], Units] = field(default_factory=dict)
    tests: list[Test] = field(default_factory=list)
    loaders: dict[int, Loader] = field(default_factory=dict)
    log_probs: list[LogProb] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    picks: list[Action] = field(default_factory=list)
    """Probabilities that were picked by a number, which may be that of an action."""
    graded: int = 0
    """Calls of torch.autograd.grad that were looked at."""
    draws: list[Draw] = field(default_factory=list)
    written: dict[int, tuple[str, Site]] = field(default_factory=dict)
    """The last time the script itself wrote a weight, before the first step."""
    modules: dict[Site, list[Built]] = field(default_factory=lambda: defaultdict(list))
    """Networks and layers by the place where they were built."""
    loaded: set[Site] = field(default_factory=set)
    """Where networks were built that were then given weights by load_state_dict()."""
    recursive: int = 0
    """Calls of a network with its own answer."""
    not_finite: dict[int, tuple[str, Site, int, str]] = field(default_factory=dict)
    """The first numbers that were not finite, after each backward()."""
    risky: dict[tuple[str, Site], int] = field(default_factory=dict)
    shapes: dict[int, tuple[int, ...]] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    """Weights, in the order in which a forward pass met them."""
    manual: Counter[Site] = field(default_factory=Counter)
    """Weights that were moved by hand: where."""
    manual_not_reset: int = 0
    error: BaseException | None = None
    error_site: Site | None = None
    error_call: Site | None = None
    seconds: float = 0.0
    looked: int = 0
    own_errors: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    forwards: Counter[Site] = field(default_factory=Counter)
    recurrent: Site | None = None
    round_site: Site | None = None
    interrupted: str = ""
    single_calls: Counter[Site] = field(default_factory=Counter)
    """Training calls in which BatchNorm got one sample."""
    drawn: bool = False
    """Something was drawn from a distribution, without a gradient."""
    order_sites: dict[tuple[str, int], Site] = field(default_factory=dict)
    inputs_tested: list[Input] = field(default_factory=list)
    weight_sites: dict[int, Site] = field(default_factory=dict)
    """Where a weight that belongs to no layer was made."""
    mode_calls: list[tuple[int, Site, bool, Any]] = field(default_factory=list)
    evals: list[Test] = field(default_factory=list)
    grad_not_finite: tuple[int, Site] | None = None
    scrambled: dict[Site, tuple[int, tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict)
    """Data that was given the shape of its transpose by view(): how often, from and to which shape."""
    sequences: dict[int, tuple[Site, Site | None, int, int]] = field(default_factory=dict)
    """Networks' calls in which a layer takes dimension 0 as the time: where, its layer, times, samples."""
    chains: dict[int, tuple[int, Site]] = field(default_factory=dict)
    """Networks' calls in which linear layers follow each other: how many, and the last one."""
    bent: set[int] = field(default_factory=set)
    """Networks' calls with an activation between two layers."""
    dropouts: dict[Site, tuple[int, float, Site | None]] = field(default_factory=dict)
    """Dropout in training: how often, its largest share, and its layer."""
    always_dropped: dict[Site, int] = field(default_factory=dict)
    """Calls of dropout(), without a layer, inside a network in eval() mode."""
    penalties: Counter[Site] = field(default_factory=Counter)
    """Squares and norms of weights that are learned from."""
    rewritten: dict[Site, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """Weights that were given first numbers again during the training: after which backward(), which one."""
    reloaded: dict[Site, list[tuple[int, float, int]]] = field(default_factory=lambda: defaultdict(list))
    """load_state_dict() during the training: after which backward(), a number of its content, a weight."""
    from_itself: Counter[Site] = field(default_factory=Counter)
    """load_state_dict() of a network's own weights."""
    divided: Counter[Site] = field(default_factory=Counter)
    """Single numbers that were divided by a number on their way to backward()."""
    looked_up: dict[int, float] = field(default_factory=dict)
    """Networks' calls in which an embedding was looked up, with a number of what was looked up."""
    masked: dict[Site, tuple[int, str]] = field(default_factory=dict)
    """Masks that leave nothing but padding: how often, and of what."""
    triplets: dict[Site, list[bool]] = field(default_factory=lambda: defaultdict(list))
    """Triplets: whether the positives' inputs were farther away than the negatives'."""
    schedules: dict[Site, str] = field(default_factory=dict)
    """Learning rate schedules: where they are made, and their class."""
    schedule_steps: Counter[Site] = field(default_factory=Counter)
    """Where they take their steps."""
    seeds: dict[Site, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Where the same seed was set again: after which backward()."""
    not_loaded: Counter[Site] = field(default_factory=Counter)
    """load_state_dict(strict=False) that found no weight by its name."""
    early: dict[Site, tuple[int, int]] = field(default_factory=dict)
    """The first output of a recurrent layer instead of the last one: how often, of how many times."""
    terms: dict[Site, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Single numbers that were added up to a loss, by the line that made them."""
    steppers: list[int] = field(default_factory=list)
    """Which optimizer made each step."""
    clipped: list[float] = field(default_factory=list)
    """What was left of the size of the gradient when step() came."""
    uphill: Counter[Site] = field(default_factory=Counter)
    """Weights that the script moved along their gradient."""
    attached: dict[Site, tuple[int, Site | None]] = field(default_factory=dict)
    """Advantages and targets through which a network is trained that it should not train: how often."""
    entropies: list[tuple[Site, list[float]]] = field(default_factory=list)
    """Entropies that are learned from, with d (what is minimised) / d (entropy)."""
    swapped: Counter[Site] = field(default_factory=Counter)
    """Losses that got the network's answer as their target."""
    compared: dict[Site, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    """Comparisons of answers and labels of other shapes."""
    flat_at: dict[tuple[Site, str], int] = field(default_factory=dict)
    """Where gradients that are all 0 became so, and by what."""
    kl_of: Counter[Site] = field(default_factory=Counter)
    """kl_div() of probabilities instead of their logarithms."""
    networks: dict[int, Called] = field(default_factory=dict)
    """Networks that were called, by their id."""
    given: dict[int, tuple[int, Site | None]] = field(default_factory=dict)
    """Networks that were last given weights by load_state_dict(): after which step, and where."""
    across: dict[Site, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    """The largest answer chosen along the samples instead of the classes."""
    summed: dict[Site, list[tuple[float, Origin]]] = field(default_factory=lambda: defaultdict(list))
    """Single numbers that were added to others, by the line that made them."""
    cells: dict[int, list[int]] = field(default_factory=dict)
    """Calls of a network: how often its recurrent cell was called in each, how often with a state of 0."""
    cell_site: Site | None = None
    cut_states: Counter[Site] = field(default_factory=Counter)
    """States of a cell that are cut off between two steps of a sequence."""
    pairs: dict[Site, list[bool]] = field(default_factory=lambda: defaultdict(list))
    """Distances of pairs: whether those that are made shorter belong to inputs that are farther apart."""
    foreseen: Counter[Site] = field(default_factory=Counter)
    """Attention that sees the tokens that are to be foretold."""
    placeless: Counter[Site] = field(default_factory=Counter)
    """Tokens that attention is given without anything that tells their places: where they were looked up."""
    padded: dict[Site, tuple[int, float]] = field(default_factory=dict)
    """The last output of a recurrent layer that went through padding: how often, and how much of it."""
    zero_one: Counter[Site] = field(default_factory=Counter)
    """Hinge losses of labels 0 and 1."""
    first_sites: dict[int, Site] = field(default_factory=dict)
    """Where each weight was used last."""
    asked: Counter[Site] = field(default_factory=Counter)
    """Losses that were computed and can be learned from, where backward() is not called."""
