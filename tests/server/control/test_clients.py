"""Who watches gets the newest of each kind, and no queue that grows."""

import asyncio

from server.control.clients import MAX_EVENTS, Client


def test_a_client_gets_the_newest_of_each_kind():
    async def play():
        client = Client(control=True)
        for number in range(1000):
            client.put("state", f"state {number}")
            client.put("picture", b"%d" % number)
            client.send(f"event {number}")
        return await client.next()

    waiting = asyncio.run(play())
    assert waiting[-2:] == ["state 999", b"999"]
    assert len(waiting) == MAX_EVENTS + 2 and waiting[-3] == "event 999"
