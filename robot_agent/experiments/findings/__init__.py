"""What each kind of finding is: a short text, and an experiment that shows it, with the fault and mended.

`pages` reads the texts (`texts/*.toml`), `supervised`, `actions` and `by_hand` hold the experiments, `draw`
makes their pictures, which are kept in `pictures` and made anew by `robot-agent experiment findings`.
"""
