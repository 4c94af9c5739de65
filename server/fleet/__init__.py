"""A room full of robots: one page that shows and halts them all, `robot-server --fleet`.

The hub is a server of its own. It holds one connection to each robot and relays what they say, so that a
browser needs one address and one login. It opens no pins and no camera, and trains nothing. From the ground
up:

- `http`, `greeting`: a request to a robot, and which robot answers there;
- `robot`: one robot, as the page shows it; `link`: the connection to it, which comes back by itself;
- `fleet`: all of them; `halting`: stopping them; `sending`: policies and fits from one to others;
- `found`, `listed`: where addresses come from, the network or a list;
- `routes`, `websocket`, `app`: the page and the API.
"""
