"""A room full of robots: one page that shows and halts them all, `robot-server --fleet`.

The hub is a server of its own. It holds one connection to each robot and passes the robots' messages on, so
that a browser needs one address and one login. It opens no pins and no camera, and trains nothing. From the
simplest part to the whole:

- `http`, `greeting`: send a request to a robot, and learn which robot is at an address;
- `robot`: one robot, as the page shows it; `link`: the connection to it, which is restored by itself;
- `fleet`: all robots; `halting`: halts them; `sending`: gives policies and fits of one robot to others;
- `errands`: requests to robots for a person; `keys`: the keys of the robots;
- `found`, `listed`: addresses of robots, from the network or from a list;
- `routes`, `websocket`, `app`: the page and the API.
"""
