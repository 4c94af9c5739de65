"""Rules on sequences and pairs: a lost state, attention to later tokens, and exchanged pairs."""

from collections.abc import Iterator

from robot_agent.doctor.facts import Facts, found
from robot_agent.doctor.source import next_use
from robot_agent.health.finding import Finding


def state_lost(facts: Facts) -> Iterator[Finding]:
    """Find a recurrent cell whose state is 0 in each step, or is cut off between two steps."""
    record = facts.record
    if len(facts.fine) < 5 or facts.reinforce:
        return
    counts = [each for each in record.cells.values() if each[0] > 1]
    empty = [each for each in counts if each[0] == each[1]]
    if len(counts) >= 3 and len(empty) > 0.9 * len(counts) and facts.poor(0.9, 0.9):
        yield found(
            "state-lost",
            f"This cell is called {counts[-1][0]} times in each pass, each time with a state of 0.",
            "Nothing of the steps before comes to the last one: it sees one step of the sequence only.",
            "Make the state once, before the loop, and hand it on: h = cell(x[:, t], h).",
            0.93,
            record.cell_site,
            "begins anew",
        )
        return
    if record.cut_states and facts.poor(0.9, 0.9):
        site, count = record.cut_states.most_common(1)[0]
        if count >= 3 * len(facts.fine[:20]):
            yield found(
                "graph-cut",
                "The state of this cell is cut off in each step of a sequence.",
                "No gradient comes from the end of the sequence to its earlier steps, so it cannot learn to "
                "remember.",
                "Cut it between two batches only, and not inside of forward().",
                0.85,
                site,
                "cut in each step",
            )


def foreseen(facts: Facts) -> Iterator[Finding]:
    """Find a language model that sees the token that it has to predict."""
    for site, count in facts.record.foreseen.items():
        if count >= 5 and facts.calls and facts.skill is not None:
            yield found(
                "target-in-sight",
                "Each token sees all others here, and the targets are the tokens that come next.",
                "The network copies the answer instead of foretelling it; when it is to write a text, "
                "nothing comes next that it could copy.",
                "Hide what comes later: a causal mask (is_causal=True, or -inf above the diagonal), and no "
                "bidirectional layer.",
                0.9,
                site,
                "sees what comes next",
            )
            return


def turned(facts: Facts) -> Iterator[Finding]:
    """Find a causal mask that is inverted: each token sees those after it, which it has to predict."""
    for site, count in facts.record.turned.items():
        if count >= 4:
            yield found(
                "mask-inverted",
                "This mask hides from each token all that come before it, and shows those that come after.",
                "The targets are the tokens that come next: the network copies them, and is blind when it is "
                "to write a text itself.",
                "Turn it round. In nn.Transformer and nn.MultiheadAttention True means: do not look here, so "
                "take torch.triu(torch.ones(n, n), diagonal=1).bool(); in scaled_dot_product_attention True "
                "means: look here (torch.tril).",
                0.94,
                site,
                "the wrong way round",
            )
            return


def pairs(facts: Facts) -> Iterator[Finding]:
    """Find a loss of pairs that draws different samples together."""
    for site, farther in facts.record.pairs.items():
        if len(farther) >= 8 and sum(farther) >= 0.9 * len(farther):
            yield found(
                "arguments-swapped",
                "The pairs that this loss draws together are farther apart in the data than those that it "
                "pushes apart.",
                "Its label is read the other way round: pairs of one class are pushed apart.",
                "Look which label the loss takes for a pair of one class, 0 or 1, and which one it gets.",
                0.85,
                next_use(site),
                "the labels are exchanged",
            )
            return


def no_positions(facts: Facts) -> Iterator[Finding]:
    """Find attention that nothing tells the order of the tokens, in a network that has not learned."""
    if facts.reinforce or not facts.poor(0.6, 0.8) or len(facts.losses) < 100:
        return  # a bag of tokens is enough for some tasks, which may need more steps
    site, count = next(iter(facts.record.placeless.most_common(1)), (None, 0))
    if count >= 5:
        yield found(
            "no-positions",
            "The tokens come into the attention without anything that tells their places.",
            "Attention alone sees a bag of tokens: in any other order the answer would be the same.",
            "Add an embedding of the places: x = tokens(x) + places(torch.arange(x.shape[1])).",
            0.78,
            site,
            "no places are added",
        )


def needless(facts: Facts) -> Iterator[Finding]:
    """Find a causal mask in a network that needs the whole sequence, and has not learned."""
    if facts.reinforce or not facts.poor(0.7, 0.75) or len(facts.losses) < 60:
        return
    site, count = next(iter(facts.record.needless.most_common(1)), (None, 0))
    if count >= 5:
        yield found(
            "mask-needless",
            "No place of the sequence sees what comes after it, and the targets are not what comes next.",
            "A causal mask is for foretelling the next token. What needs the whole sequence cannot be found "
            "by its first places, which see nearly nothing of it.",
            "Leave the mask out, unless the network is to work on a sequence that is not complete yet.",
            0.74,
            site,
            "hides what comes later",
        )


def padded(facts: Facts) -> Iterator[Finding]:
    """Find the last output of a recurrent layer that went through padding to the end."""
    if facts.reinforce or not facts.poor(0.7, 0.85):
        return
    for site, (count, share) in facts.record.padded.items():
        if count >= 5 and share > 0.3:
            yield found(
                "padding-read-last",
                f"The last output of the recurrent layer is used, and {share:.0%} of its steps are padding.",
                "Of a short sequence it is what remains after many steps of zeros; its end is forgotten.",
                "Take the output at the true last step (out[range(n), lengths - 1]), or use "
                "pack_padded_sequence.",
                0.84,
                site,
                "the last step is padding",
            )
            return


RULES = (state_lost, turned, foreseen, pairs, no_positions, needless, padded)
