"""Each kind of finding explained: a short text, and an experiment with the fault and without it.

`pages` reads the texts (`texts/*.toml`), `supervised`, `actions` and `by_hand` hold the experiments, `draw`
makes their pictures, which are kept in `pictures` and made again by `robot-agent experiment findings`.
"""
