"""`Record`: what the observer has recorded of a training; the rules find faults in it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from robot_agent.doctor.entries import (
    Action,
    Backward,
    Built,
    Called,
    Input,
    Loader,
    LogProb,
    LossCall,
    Optimizer,
    Test,
    Units,
)
from robot_agent.doctor.origin import Act, Cut, Draw, Origin
from robot_agent.doctor.site import Site

MOST = 20_000
"""Largest number of losses that are kept, spread evenly over the training."""


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
