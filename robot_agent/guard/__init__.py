"""The guard: a small process that alone owns the motor pins, and always stops the wheels.

    python -m robot_agent.guard --wheels '{"board": "l298n"}'

It listens on a Unix socket for requests, one JSON object a line. Nothing moves but with an end: a pulse,
or a lease. The wheels stop when that is over; when the client that moves them closes its connection,
dies, sends garbage or takes no answers; on stop and halt; on a signal; on any exception in the guard;
and on its own start and end. In its parts, the later on the earlier:

- `wire`: messages and events; `motion`: one pulse or lease over time;
- `helm`: the wheels, what moves them, and the latch of the halt;
- `peer`: a client, from this side; `loop`: who may do what, one thread, one loop;
- `keeper`: the parent process, which makes the pins low when the guard itself dies or hangs.

Programs drive through `robot_agent.guard.client`. Nothing here imports NumPy, OpenCV, torch or Gymnasium.
"""
