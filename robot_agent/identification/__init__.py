"""What a robot's own moves say about it, and driving by that: a robot that knows itself.

- `parameters`, `model`: the robot model, its prior, and the arc that a pulse makes of it.
- `filter`, `hypotheses`: the estimate, move by move, and which wiring and which robot it is.
- `estimate`: the result, in numbers and words.
- `policy_inputs`, `fleet`, `training`: a policy that is given the estimate, and how it is trained.
- `pilot`: drives any robot with a camera and motors by such a policy, without PyTorch.

Gross faults are named before anything is fitted: `robot_agent.health.diagnosis`.
"""
