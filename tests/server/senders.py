"""Many robots in one light process: they say what a real one says, and show the pictures that one has taken.

`python senders.py FILE COUNT` prints their ports; FILE holds WebSocket messages of a real robot, each behind
its length. What it measures is hub and page, as if each robot had a processor of its own.
"""

import asyncio
import http
import json
import sys
from pathlib import Path

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

PICTURES_PER_SECOND, STATES_PER_SECOND = 10, 4


def read(file):
    """Return the pictures, and the last state and what is known, as they came."""
    data, messages = Path(file).read_bytes(), []
    while data:
        length = int.from_bytes(data[:4], "big")
        messages.append(data[4 : 4 + length])
        data = data[4 + length :]
    texts = [one for one in messages if one.startswith(b"{")]
    last = {json.loads(one)["type"]: one.decode() for one in texts}
    return [one for one in messages if not one.startswith(b"{")], last


async def robot(number, pictures, last):
    """Serve one robot, and return its port."""
    who = {
        "program": "robot-agent",
        "version": "0.1.0",
        "protocol": "robot-agent.1",
        "id": f"{number:012x}",
        "name": f"robot-{number}",
        "started": "now",
        "needed": False,
        "proof": None,
    }

    def ask(connection, request):
        if request.path.startswith("/api/v1/identity"):
            return connection.respond(http.HTTPStatus.OK, json.dumps(who))
        return None

    async def show(socket):
        watched = asyncio.Event()

        async def send():
            await socket.send(last["state"])
            if "known" in last:
                await socket.send(last["known"])
            for index in range(10**9):
                await asyncio.sleep(1 / PICTURES_PER_SECOND)
                if watched.is_set():
                    await socket.send(pictures[(index + 7 * number) % len(pictures)])
                if index % (PICTURES_PER_SECOND // STATES_PER_SECOND) == 0:
                    await socket.send(last["state"])

        sending = asyncio.ensure_future(send())
        try:
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "watch":
                    (watched.set if message["frames"] else watched.clear)()
                elif message["type"] == "halt":
                    await socket.send('{"type":"halted","stopped":true}')
        except ConnectionClosed:
            pass  # the hub has ended
        finally:
            sending.cancel()

    server = await serve(
        show, "127.0.0.1", 0, process_request=ask, subprotocols=["robot-agent.1"], compression=None
    )
    return server, server.sockets[0].getsockname()[1]


async def main(file, count):
    """Serve so many robots until the process ends."""
    pictures, last = read(file)
    servers = [await robot(number, pictures, last) for number in range(1, count + 1)]
    print(*[port for _, port in servers], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
