"""The control server: shows and controls a training from any browser; built on robot_agent.

The server's process imports neither torch nor OpenCV, so that a halt never waits for them. Its parts:

- `protocol`: every message between worker, server and page; `codec`: messages as bytes;
- `worker`: the process that trains and drives;
- `control`: carries out what people ask for, and holds the state of everything;
- `api`: the routes, and who may use them;
- `fleet`: a server of its own, the hub, for a room full of robots;
- `service`: logs, connections, and what is kept between two starts;
- `static`: the dashboard.
"""
