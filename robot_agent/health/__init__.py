"""The learning health report: faults of a training, a network or a robot, in plain words.

- `finding`: one fault that was found;
- `watch`: the record of each step of a network's training; `gradients`: the check of the gradients;
- `network`: findings on such a training;
- `training`: findings on a run of the trainer: exploration, reward, baseline, target;
- `hardware`: findings on the robot itself, from its pulses and the sights after them.
"""
