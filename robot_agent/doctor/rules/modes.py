"""Rules on eval and train mode, and on seeds."""

from collections import Counter
from collections.abc import Iterator

from robot_agent.doctor.entries import Test
from robot_agent.doctor.facts import Facts, found, note, notes
from robot_agent.health.finding import Finding


def eval_mode(facts: Facts) -> Iterator[Finding]:
    """Find a network that learns in eval() mode."""
    record = facts.record
    evals = [each for each in record.evals if each.learned_from and each.trainable]
    trains = [each for each in record.tests if each.learned_from]
    if len(evals) < 3 or len(evals) < 0.6 * (len(evals) + len(trains)):
        return
    calls = [(when, site) for when, site, mode, ref in record.mode_calls if not mode]
    before = [site for when, site in calls if when <= evals[-1].backward]
    site = before[0] if before else evals[0].site
    yield found(
        "eval-while-training",
        f"The network learns in eval() mode, with its {evals[0].what} switched off.",
        "Dropout then drops nothing, and BatchNorm uses old statistics instead of the batch's.",
        "Call model.train() at the beginning of each epoch, and eval() only for the test.",
        0.92,
        site,
        "eval() from here on",
        *notes(note("it learns here", evals[0].site)),
    )


def train_mode(facts: Facts) -> Iterator[Finding]:
    """Find a network that is tested in training mode."""
    record = facts.record
    for place, count in record.always_dropped.items():
        if count >= 1:
            yield found(
                "train-while-testing",
                "dropout() is active although the network is in eval() mode.",
                "The function does not know of eval(): it throws answers away in the test too.",
                "Write F.dropout(x, p, training=self.training), or use a layer nn.Dropout(p).",
                0.93,
                place,
                "active in the test too",
            )
            return
    if record.error is not None or record.interrupted or not record.backward:
        return
    tests = [
        each
        for each in record.tests
        if each.compared and not each.learned_from and (not each.grad or each.backward >= record.backward)
    ]
    tests = tests or _predictions(facts)
    if (
        len(facts.optimizers) > 1
    ):  # a generator answers with the statistics of its own batch, as it learned to
        tests = [each for each in tests if not each.what.startswith("BatchNorm")]
    if not tests:
        return
    sites = Counter(each.site for each in tests)
    first = next(each for each in tests if each.site == sites.most_common(1)[0][0])
    yield found(
        "train-while-testing",
        f"The network is tested in training mode: its {first.what} is active.",
        "Dropout throws answers away, and BatchNorm takes the statistics of each test batch.",
        "Call model.eval() before the test, and model.train() before you go on.",
        0.9,
        first.site,
        "no eval() before this",
    )


def _predictions(facts: Facts) -> list[Test]:
    """Return calls outside of the training whose results were used, in scripts that never call eval().

    If a script calls the same network many times after the training, it wants the dropout: Monte Carlo.
    """
    record = facts.record
    if any(not mode for _, _, mode, _ in record.mode_calls):
        return []
    calls = [each for each in record.tests if each.reduced and not each.learned_from and not each.grad]
    late = [each for each in calls if each.backward >= record.backward]
    between = [each for each in calls if 0 < each.backward < record.backward and each.rows >= 8]
    if late and (len(late) <= 4 or "BatchNorm" in late[0].what):
        return late
    return between if len({each.backward for each in between}) >= 3 and not facts.reinforce else []


def seeded(facts: Facts) -> Iterator[Finding]:
    """Find a seed that is set in every step, so that the same numbers are drawn each time."""
    for site, whens in facts.record.seeds.items():
        times = sorted(set(whens))
        gaps = sorted(b - a for a, b in zip(times, times[1:], strict=False))
        if len(times) < 8 or gaps[len(gaps) // 2] > 2:
            continue
        inputs = [each for each in facts.record.inputs if each.grad and each.backward < facts.record.backward]
        if len(inputs) < 6 or len({round(each.same, 6) for each in inputs}) > 2:
            continue
        yield found(
            "seed-in-loop",
            f"The same seed was set {len(whens)} times during the training, and every batch is the same.",
            "What is drawn at random after it is the same in each step.",
            "Set the seed once, at the start.",
            0.92,
            site,
            "draws the same each time",
        )
        return


RULES = (seeded, eval_mode, train_mode)
