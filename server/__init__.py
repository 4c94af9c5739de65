"""The control server: shows and steers a training from any browser; knows robot_agent.

The server's process imports neither torch nor OpenCV, so that a halt never waits for them. In its parts:

- `messages`: what goes between the server, its worker and the page;
- `worker` with `activities`, `view` and `live`: the process that trains, drives and looks;
- `link`: the server's end of the worker; `wheels`: the guard, the halt and driving by hand;
- `state`: what the page shows; `clients`: who watches, each with the newest and never a queue;
- `auth` and `doors`: who may do what; `app`, `routes_*`, `socket`: thin routes.
"""
