"""The control server: shows and steers a training from any browser; knows robot_agent.

The server's process imports neither torch nor OpenCV, so that a halt never waits for them. In its parts:

- `messages`: what goes between the server, its worker and the page;
- `worker` with `speaker`, `bodies`, `activities`, `view` and `live`: the process that trains and drives;
- `link` and `relay`: the worker from here; `wheels`, `halts` and `hand`: the guard, the halt, a hand;
- `state`: what the page shows; `clients`: who watches, each with the newest and never a queue;
- `plan`: settings, checked; `control`: all that can be done;
- `auth` and `doors`: who may do what; `app`, `routes_*`, `socket`: thin routes.
"""
