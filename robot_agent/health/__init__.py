"""The learning health report: what is wrong with a learner, told in plain words.

- `finding`: one thing that is wrong;
- `network`: findings on any network of `backprop` while it is trained;
- `training`: findings on a run of the trainer: exploration, reward, baseline, target;
- `hardware`: findings on the robot itself, from what it did and what it then saw.
"""
