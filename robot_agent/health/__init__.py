"""The learning health report: what is wrong with a learner, in plain words.

- `finding`: one thing that is wrong;
- `watch`: what is kept of each step of a network being trained; `gradients`: its gradient, checked;
- `network`: findings on it;
- `training`: findings on a run of the trainer: exploration, reward, baseline, target;
- `hardware`: findings on the robot itself, from what it did and what it then saw.
"""
