"""Who watches gets the newest of each kind, and no queue that grows."""

import asyncio
import json

from server.control.clients import MAX_EVENTS, Client, Clients
from server.protocol.page import Halted


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


def test_many_halts_are_one_message_a_quarter_of_a_second_and_the_last_one_arrives():
    async def flood():
        clients, client = Clients(), Client(control=True)
        clients.all.add(client)
        for number in range(500):
            clients.send(Halted(1.0, "nothing moved", "Somebody pressed halt", True, float(number)))
        heard = [json.loads(message) for message in await client.next()]
        heard += [json.loads(message) for message in await client.next()]
        return [message["milliseconds"] for message in heard]

    assert asyncio.run(flood()) == [0.0, 499.0]
