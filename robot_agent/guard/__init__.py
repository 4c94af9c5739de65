"""The guard: a small process that alone owns the motor pins, and always stops the wheels.

    python -m robot_agent.guard --wheels '{"board": "l298n"}'

It listens on a Unix socket for requests, one JSON object a line. Every motion has an end: it is a pulse or
a lease. The wheels stop when the motion is over; when the client that drives closes its connection, dies,
sends garbage or does not read its answers; on stop and halt; on a signal; on any exception in the guard;
and when the guard starts and ends. Its parts, each built on those before it:

- `wire`: messages and events;
- `lease`: how long a drive by hand lasts, and how old a command may be;
- `motion`: one pulse or lease over time;
- `controller`: the wheels, their present motion, and the latched halt;
- `peer`: a client, as the guard sees it; `loop`: connections and roles, in one thread;
- `watchdog`: the parent process, which drives the pins low when the guard dies or hangs;
- `low`: drives the pins low after both were killed.

Programs drive through `robot_agent.guard.client`. Nothing here imports NumPy, OpenCV, torch or Gymnasium.
"""
