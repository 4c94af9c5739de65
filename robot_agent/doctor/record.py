"""`Record`: what the observer has recorded of a training; the rules find faults in it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from robot_agent.doctor.origin import Act, Cut, Draw, Origin
from robot_agent.doctor.site import Site

MOST = 20_000
"""Largest number of losses that are kept, spread evenly over the training."""


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
    retained: bool = False
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
    grad_iterations: int = 0
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


@dataclass
class Record:
    """All that was recorded of a script."""

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
    """Losses whose outputs and labels were flattened from (time, batch) and (batch, time): count, shapes."""
    constant_terms: dict[Site, tuple[int, Cut]] = field(default_factory=dict)
    """Terms of a loss without a derivative: how often, and the cut that is the reason."""
    flat_functions: dict[Site, int] = field(default_factory=dict)
    """The `backward` of the script's own autograd functions, if a loss depends on them: how often."""
    softmax_dim: dict[Site, tuple[int, tuple[int, ...], Site | None]] = field(default_factory=dict)
    twice: dict[tuple[str, Site], tuple[int, Act]] = field(default_factory=dict)
    units: dict[tuple[Site, int], Units] = field(default_factory=dict)
    tests: list[Test] = field(default_factory=list)
    narrow: tuple[Site | None, int, int] | None = None
    """A loader whose sampler has fewer weights than there are samples: its place, and both numbers."""
    loaders: dict[int, Loader] = field(default_factory=dict)
    log_probs: list[LogProb] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    picks: list[Action] = field(default_factory=list)
    """Probabilities that were picked by an index, which may be the number of an action."""
    graded: int = 0
    """Number of calls of torch.autograd.grad that were observed."""
    draws: list[Draw] = field(default_factory=list)
    written: dict[int, tuple[str, Site]] = field(default_factory=dict)
    """By weight: the script's last write into it before the first step, its call and place."""
    modules: dict[Site, list[Built]] = field(default_factory=lambda: defaultdict(list))
    """Networks and layers by the place where they were built."""
    loaded: set[Site] = field(default_factory=set)
    """Places where networks were built into which load_state_dict() then loaded weights."""
    recursive: int = 0
    """Number of calls of a network with its own output as input."""
    not_finite: dict[int, tuple[str, Site, int, str]] = field(default_factory=dict)
    """The first result that was not finite, by the number of backward() calls before it."""
    risky: dict[tuple[str, Site], int] = field(default_factory=dict)
    first_risky: dict[int, tuple[str, Site]] = field(default_factory=dict)
    """By backward(): the first such call that gets a finite gradient and passes one on that is not."""
    shapes: dict[int, tuple[int, ...]] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    """Numbers of the weights, in the order in which a forward pass uses them."""
    manual: Counter[Site] = field(default_factory=Counter)
    """Places where the script itself changes weights, without an optimizer: how often."""
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
    """Calls in training mode in which BatchNorm got a single sample."""
    drawn: bool = False
    """Whether something was drawn from a distribution without a gradient."""
    order_sites: dict[tuple[str, int], Site] = field(default_factory=dict)
    inputs_tested: list[Input] = field(default_factory=list)
    weight_sites: dict[int, Site] = field(default_factory=dict)
    """Where each weight was made that belongs to no layer."""
    mode_calls: list[tuple[int, Site, bool, Any]] = field(default_factory=list)
    evals: list[Test] = field(default_factory=list)
    grad_not_finite: tuple[int, Site] | None = None
    scrambled: dict[Site, tuple[int, tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict)
    """Data that got the shape of its transpose by view(): how often, shape before, shape after."""
    sequences: dict[int, tuple[Site, Site | None, int, int]] = field(default_factory=dict)
    """By network call, a layer that takes dimension 0 as the time: call, layer's place, times, samples."""
    crossed: dict[int, tuple[Site, Site | None, int, int]] = field(default_factory=dict)
    """By network call, a layer with batch_first=True that takes the samples as the times: the same."""
    chains: dict[int, tuple[int, Site]] = field(default_factory=dict)
    """By network call, linear layers in a row without an activation: how many, and the last one's place."""
    bent: set[int] = field(default_factory=set)
    """Network calls with an activation between two layers."""
    dropouts: dict[Site, tuple[int, float, Site | None]] = field(default_factory=dict)
    """Dropout in training: how often, the largest share, and the place of its layer."""
    always_dropped: dict[Site, int] = field(default_factory=dict)
    """Calls of the function dropout() that stay active inside of a network in eval() mode: how often."""
    penalties: Counter[Site] = field(default_factory=Counter)
    """Squares and norms of weights that are part of a loss: how often."""
    rewritten: dict[Site, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """Initial numbers written into weights again during the training: backward() calls before, weight."""
    reloaded: dict[Site, list[tuple[int, float, int]]] = field(default_factory=lambda: defaultdict(list))
    """load_state_dict() during the training: backward() calls before, a number of its content, a weight."""
    from_itself: Counter[Site] = field(default_factory=Counter)
    """Calls of load_state_dict() with the network's own weights: how often."""
    divided: Counter[Site] = field(default_factory=Counter)
    """Divisions of a single number by a number on its way to backward(): how often."""
    averaged: Counter[Site] = field(default_factory=Counter)
    """Means of log-probabilities that were multiplied by the returns of several actions: how often."""
    misread: dict[Site, tuple[str, float]] = field(default_factory=dict)
    """Outputs that are no classes but are compared with labels: what they are, and the share of hits."""
    looked_up: dict[int, float] = field(default_factory=dict)
    """By network call with an embedding: a number of the content that was looked up."""
    masked: dict[Site, tuple[int, str]] = field(default_factory=dict)
    """Masks that leave only padding: how often, and of what."""
    pulled: dict[int, list[tuple[Backward, str, float]]] = field(default_factory=lambda: defaultdict(list))
    """By network, at each backward(): of what it has answered, and the sum of the answers' gradients.

    This is 1 if all answers are pushed down, -1 if all are pushed up.
    """
    overlaps: dict[Site, list[bool]] = field(default_factory=lambda: defaultdict(list))
    """Products of answers and labels 0 and 1: whether backward() makes all of them smaller, each time."""
    relu_scores: dict[Site, tuple[list[float], Act]] = field(default_factory=dict)
    """Softmaxes of what a ReLU answers: the share of zeros each time, and the ReLU."""
    filled: dict[Site, tuple[int, float]] = field(default_factory=dict)
    """Masks of attention whose places are filled with a number not far below 0: how often, the number."""
    triplets: dict[Site, list[bool]] = field(default_factory=lambda: defaultdict(list))
    """Triplet losses: whether the positives' inputs were farther away than the negatives', each time."""
    schedules: dict[Site, str] = field(default_factory=dict)
    """Schedules of the learning rate: the place where each is made, and its class."""
    schedule_steps: Counter[Site] = field(default_factory=Counter)
    """Places where schedules make their steps: how often."""
    seeds: dict[Site, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Places where a seed is set: the number of backward() calls before, each time."""
    not_loaded: Counter[Site] = field(default_factory=Counter)
    """Calls of load_state_dict(strict=False) that found no weight by its name: how often."""
    early: dict[Site, tuple[int, int]] = field(default_factory=dict)
    """Uses of a recurrent layer's first output instead of its last one: how often, number of times."""
    terms: dict[Site, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Terms that were added up to a loss, by the line that made them."""
    steppers: list[int] = field(default_factory=list)
    """The optimizer that made each step, by its number."""
    thawed: dict[int, Site] = field(default_factory=dict)
    """By weight: where its requires_grad was switched on again, if that was seen."""
    clips: dict[Site, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    """Where gradients were clipped: their norm before, and at the step() that follows, each time.

    Both are shares of the norm after clipping.
    """
    loss_scale: float = 1.0
    """Factor by which a GradScaler multiplied the loss at first."""
    weighted: dict[Site, list[tuple[int, int, float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Losses that were multiplied by numbers that are learned.

    Each time: calls of backward() before, the number of the weight that has these numbers, the smallest of
    them, and the sum of the products.
    """
    clipped: list[float] = field(default_factory=list)
    """Norm of the gradient at step(), as a share of its norm after backward()."""
    uphill: Counter[Site] = field(default_factory=Counter)
    """Places where the script moves weights along their gradient, up the loss: how often."""
    attached: dict[Site, tuple[int, Site | None]] = field(default_factory=dict)
    """Advantages and targets that were not detached, so that they train a network: how often, where made."""
    entropies: list[tuple[Site, list[float]]] = field(default_factory=list)
    """Entropies that are part of a loss, with the derivative of what is minimised by the entropy."""
    swapped: Counter[Site] = field(default_factory=Counter)
    """Losses that got the network's output as their target: how often."""
    compared: dict[Site, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    """Comparisons of outputs and labels of different shapes: both shapes, and the broadcast one."""
    flat_at: dict[tuple[Site, str], int] = field(default_factory=dict)
    """Places where gradients become 0, and the name of the node: how often."""
    kl_of: Counter[Site] = field(default_factory=Counter)
    """Calls of kl_div() with probabilities instead of their logarithms: how often."""
    networks: dict[int, Called] = field(default_factory=dict)
    """Networks that were called, by their id."""
    given: dict[int, tuple[int, Site | None]] = field(default_factory=dict)
    """By network: the last load_state_dict() into it, as the number of steps before, and its place."""
    across: dict[Site, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    """Maxima taken along the samples instead of the classes: name of the call, and shape."""
    summed: dict[Site, list[tuple[float, Origin]]] = field(default_factory=lambda: defaultdict(list))
    """Terms that were added to other numbers, with their origins, by the line that made them."""
    cells: dict[int, list[int]] = field(default_factory=dict)
    """By network call: number of calls of its recurrent cell, and of those with a state of 0."""
    cell_site: Site | None = None
    cut_states: Counter[Site] = field(default_factory=Counter)
    """Cuts of a recurrent cell's state between two steps of a sequence: how often."""
    pairs: dict[Site, list[bool]] = field(default_factory=lambda: defaultdict(list))
    """Losses of pairs: whether the pairs that are drawn together have inputs that are farther apart."""
    foreseen: Counter[Site] = field(default_factory=Counter)
    """Attention that sees the tokens that the network has to predict: how often."""
    turned: Counter[Site] = field(default_factory=Counter)
    """Masks that hide what comes before from a network that has to predict what comes next: how often."""
    needless: Counter[Site] = field(default_factory=Counter)
    """Attention that hides later places, although the targets are nothing that comes later: how often."""
    placeless: Counter[Site] = field(default_factory=Counter)
    """Embeddings of tokens that reach attention without positions: how often, by place."""
    padded: dict[Site, tuple[int, float]] = field(default_factory=dict)
    """Last outputs of a recurrent layer after padding: how often, and the share of padding."""
    zero_one: Counter[Site] = field(default_factory=Counter)
    """Hinge losses that are given labels 0 and 1: how often."""
    ready_margins: set[Site] = field(default_factory=set)
    """Places of PyTorch's own losses of a margin, which expect labels -1 and 1."""
    first_sites: dict[int, Site] = field(default_factory=dict)
    """The place of each weight's last use."""
    asked: Counter[Site] = field(default_factory=Counter)
    """Losses with a graph on which backward() is not called: how often."""
