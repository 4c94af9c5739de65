"""The control server: shows and controls a training from any browser; knows robot_agent.

The server's process imports neither torch nor OpenCV, so that a halt never waits for them. Its parts:

- `protocol`: every message between worker, server and page; `codec`: messages as bytes;
- `worker`: the process that trains and drives;
- `control`: what can be done, and the state of everything;
- `api`: who may come in, and the routes;
- `fleet`: a room full of robots, which is a server of its own;
- `service`: logs, metrics, signs of life, what is kept between two starts;
- `static`: the dashboard.
"""
