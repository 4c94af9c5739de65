"""Rules for REINFORCE: the sign of the loss, the reward, and the choice of the action."""

from collections import Counter
from collections.abc import Iterator

from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.origin import Draw
from robot_agent.doctor.source import last_call
from robot_agent.doctor.source_patterns import clipped_use
from robot_agent.doctor.source_values import where_made
from robot_agent.health.finding import Finding


def not_sampled(facts: Facts) -> Iterator[Finding]:
    """Find actions that are not drawn at random: the most probable one is always taken."""
    if any(_of_another(facts)) or _judged_only(facts):
        return
    everything = facts.record.actions
    if not everything and len({each.weight for each in facts.record.log_probs}) > 2:
        everything = facts.record.picks
    actions = [each for each in everything if not each.sampled or each.argmax is not None]
    total = len(everything)
    if total < 3 or len(actions) < 0.8 * total:
        return
    best = [each for each in actions if each.argmax is not None]
    if len(best) >= 0.8 * total:
        site = Counter(each.argmax for each in best).most_common(1)[0][0]
    else:
        same = [each for each in actions if each.mode > 0.999]
        if (
            len(same) < 0.95 * len(actions)
            or sum(each.count for each in same) < 20
            or not any(each.wide for each in same)
        ):
            return
        site = Counter(each.made or each.site for each in same).most_common(1)[0][0]
        if same[0].made is None:
            site = last_call(site, "argmax") or site
    yield found(
        "not-sampled",
        "The actions are the most probable ones, never drawn from the distribution.",
        "What is never tried is never found to be better; the loss then only makes the favourite action "
        "more probable.",
        "action = dist.sample()",
        0.94,
        site,
        "not drawn",
        *notes(note("its log-probability", actions[0].site)),
    )


def constant_reward(facts: Facts) -> Iterator[Finding]:
    """Find a reward that is the same for every action."""
    entries = [each for each in facts.record.log_probs if each.reward or facts.record.actions]
    values = [value for each in entries for value in each.weight]
    if (
        len(values) < 20
        or len({each.backward for each in entries}) < 3
        or max(values) - min(values) > 1e-7 * max(1.0, abs(values[0]))
    ):
        return
    if not any(each.reward for each in entries):
        return
    first = entries[0]
    yield found(
        "reward-constant",
        f"Every action is weighted with {number(values[0])}.",
        "Nothing says which action is the better one, so there is nothing to learn.",
        "Look at how the reward is computed: it must differ between good and bad actions.",
        0.95,
        where_made(first.constant or first.data or first.site),
        "the same for every action",
        *notes(note("the loss", first.site)),
    )


def wrong_sign(facts: Facts) -> Iterator[Finding]:
    """Find rewarded actions that are made less probable."""
    entries = [each for each in facts.record.log_probs if each.reward in (-1, 1) and any(each.slope)]
    if len(entries) < 4:
        return
    ways = {bool(dict(each.options).get("maximize")) for each in facts.optimizers if each.steps}
    if len(ways) > 1:
        return
    way = -1 if True in ways else 1
    wrong = [each for each in entries if way * sum(each.slope) * each.sign * each.reward > 0]
    if len(wrong) < 0.9 * len(entries):
        return
    yield found(
        "reinforce-sign",
        "The loss falls when the log-probability of rewarded actions falls.",
        "backward() and step() go downhill: this makes rewarded actions rare.",
        "Put a minus in front: loss = -(log_prob * reward).mean()",
        0.93,
        clipped_use(wrong[0].site),
        "a minus is missing",
    )


def _of_another(facts: Facts) -> Iterator[tuple[Draw, Draw]]:
    """Yield pairs of draws: one that was used only for its log-probability, and one that was carried out."""
    idle: dict[tuple[int, object], list[Draw]] = {}
    for each in facts.record.draws:
        if each.used and each.judged is None:
            idle.setdefault((each.backward, each.kind), []).append(each)
    for each in facts.record.draws:
        acted = idle.get((each.backward, each.kind))
        if each.judged is not None and not each.used and acted:
            yield each, acted[0]


def _judged_only(facts: Facts) -> list[tuple[Draw, Draw]]:
    """Return pairs of draws: one that was learned from but not carried out, and one that was carried out."""
    graded = [each for each in facts.record.draws if each.graded]
    only = [each for each in graded if not each.used and each.times == 1]
    acted = {each.kind: each for each in facts.record.draws if each.used and not each.graded}
    if len(only) < 4 or len(only) < 0.9 * len(graded) or not all(each.kind in acted for each in only):
        return []
    return [(each, acted[each.kind]) for each in only]


def another_action(facts: Facts) -> Iterator[Finding]:
    """Find log-probabilities of actions that were not carried out."""
    pairs = list(_of_another(facts))
    judged = sum(each.judged is not None for each in facts.record.draws)
    if len(pairs) < 4 or len(pairs) < 0.8 * judged:
        pairs = _judged_only(facts)
        if not pairs:
            return
    drawn, acted = pairs[0]
    yield found(
        "another-action",
        "The log-probability is that of another draw than the action that was carried out.",
        "sample() draws anew in each call: the reward of one action then changes the probability of another.",
        "Draw once, and use it for both: action = dist.sample(); log_prob = dist.log_prob(action).",
        0.95,
        drawn.judged,
        "of another draw",
        *notes(note("the action that was carried out", acted.site)),
    )


def averaged(facts: Facts) -> Iterator[Finding]:
    """Find log-probabilities whose mean is multiplied by all returns, so that no action gets its own."""
    for site, count in facts.record.averaged.items():
        if count >= 3:
            yield found(
                "reward-of-another-step",
                "The mean of the log-probabilities is multiplied by the return of each action.",
                "No action is judged by its own return; if the returns are standardised, all cancel out.",
                "Multiply first: loss = -(log_probs * returns).sum().",
                0.93,
                site,
                "averaged before it meets the returns",
            )
            return


RULES = (averaged, another_action, not_sampled, constant_reward, wrong_sign)
