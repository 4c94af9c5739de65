"""Each kind of finding explained: a short text, and an experiment with the fault and without it.

`pages` reads the texts (`texts/*.toml`). `steps`, `losses` and `layers` hold the experiments with labelled
samples, `actions` those with rewards, `by_hand` those in NumPy. `draw` makes their pictures; they are kept
in `pictures`, and `robot-agent experiment findings` makes them again.
"""
