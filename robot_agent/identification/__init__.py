"""Learning the numbers of a robot from its own moves, and driving with this knowledge.

- `parameters`, `model`: the robot model, its prior, and the arc that a pulse drives.
- `filter`, `hypotheses`: the estimate, updated after each move, and the question which wiring the robot has.
- `estimate`: the result, in numbers and words.
- `policy_inputs`, `fleet`, `training`: a policy that gets the estimate as input, and how it is trained.
- `settling`: finds out whether pictures come too early after a pulse, and lets the robot rest before them.
- `pilot`: drives any robot with a camera and motors with such a policy, without PyTorch.

Gross faults are named before anything is fitted: `robot_agent.health.diagnosis`.
"""
