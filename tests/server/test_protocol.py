"""Every message becomes bytes and itself again; and the page speaks of no message that there is not."""

import dataclasses
import math
import re
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.codec import Garbage, Invalid, decode, encode, is_picture, pack_picture, unpack_picture
from server.fleet import messages
from server.protocol.from_worker import (
    FROM_WORKER,
    Episode,
    Notice,
    PictureHeader,
    Progress,
    SeenSight,
    Status,
)
from server.protocol.page import FOR_SCRIPTS, FROM_PAGE, FROM_SERVER, PageDrive
from server.protocol.to_worker import TO_WORKER

PAGE = Path(__file__).parents[2] / "server/static"
DIRECTIONS = {
    "worker": FROM_WORKER,
    "server": FROM_SERVER,
    "page": FROM_PAGE,
    "to worker": TO_WORKER,
    "hub": messages.TO_PAGE,
    "to hub": messages.FROM_PAGE,
}
KINDS = [(name, kind) for name, direction in DIRECTIONS.items() for kind in direction.values()]


def example(hint, filled):
    """Make a value of a type; optional ones are given if `filled`."""
    origin, inner = get_origin(hint), get_args(hint)
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{one.name: example(hints[one.name], filled) for one in dataclasses.fields(hint)})
    if origin in (Union, types.UnionType):
        return example(inner[0], filled) if filled else None
    if origin is Literal:
        return inner[-1]
    if origin is list:
        return [example(inner[0], True), example(inner[0], filled)] if filled else []
    if origin is tuple:
        return tuple(example(one, filled) for one in inner)
    if origin is dict:
        return {"a": example(inner[1], filled)}
    return {int: 7, float: 0.25, str: "über", bool: True, Any: [1, {"b": None}]}[hint]


@pytest.mark.parametrize("filled", [True, False])
@pytest.mark.parametrize(("direction", "kind"), KINDS, ids=lambda value: getattr(value, "type", value))
def test_each_message_comes_back_as_it_went(direction, kind, filled):
    message = example(kind, filled)
    assert decode(encode(message), DIRECTIONS[direction]) == message


def test_each_message_says_what_it_is_for():
    for _, kind in KINDS:
        assert kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}(")


def test_what_is_missing_or_of_another_kind_is_refused_with_its_name():
    for values in ('"left":true,"right":0,"seq":1', '"left":"1","right":0,"seq":1', '"right":0,"seq":1'):
        with pytest.raises(Invalid) as refused:
            decode(f'{{"type":"drive",{values}}}', FROM_PAGE)
        assert refused.value.kind == "drive"
    assert decode('{"type":"drive","left":1,"right":-1,"seq":3}', FROM_PAGE) == PageDrive(1.0, -1.0, 3)
    assert decode('{"type":"nothing of ours"}', FROM_PAGE) is None


@given(st.binary(max_size=60))
def test_no_bytes_are_taken_for_a_message_that_are_none(data):
    for take in (lambda data: decode(data, FROM_WORKER), unpack_picture):
        try:
            take(data)
        except Garbage:
            continue


def test_messages_are_json_that_every_browser_reads():
    status = Status("training", False, "", Progress(run=1, success_rate=math.nan, seconds_left=math.inf))
    assert b"NaN" not in encode(status) and b"Infinity" not in encode(status)
    assert decode(encode(status), FROM_WORKER).progress == Progress(run=1)
    with pytest.raises(Garbage):
        decode('{"type": "ping", "t": NaN}', FROM_PAGE)
    assert encode(Notice("info", "a")) == b'{"type":"notice","level":"info","text":"a"}'
    assert b'"sights":[[3,4],null]' in encode(Episode(0, 1, 1, "lost", 0.0, [(3, 4), None]))


def test_a_picture_and_its_header_stay_together():
    header = PictureHeader(3, 1.5, 320, 240, SeenSight(1, 2, 0.5), [0.25] * 42, (4, 0))
    data = pack_picture(header, b"\xff\xd8")
    assert is_picture(data) and unpack_picture(data) == (header, b"\xff\xd8")
    assert not is_picture(encode(Notice("info", "")))


def spoken(code):
    """Return the messages that scripts send, those that they hear, and what they say to one another."""
    heard = set(re.findall(r'\bon\("([^"]+)"', code)) | set(re.findall(r'\bcase "([^"]+)"', code))
    heard |= {
        name
        for names in re.findall(r"for \(const type of \[([^\]]+)\]\) on\(type", code)
        for name in re.findall(r'"([^"]+)"', names)
    }
    return (
        set(re.findall(r'send\(\{ type: "([^"]+)"', code)),
        heard,
        set(re.findall(r'emit\("([^"]+)"', code)),
    )


def test_the_page_and_the_protocol_have_the_same_messages():
    files = [file for file in PAGE.glob("*.js") if not file.name.startswith("fleet")]
    sent, heard, own = spoken("\n".join(file.read_text() for file in files))
    assert sent == FROM_PAGE.keys()
    assert heard - own <= FROM_SERVER.keys()
    assert FROM_SERVER.keys() - heard <= set(FOR_SCRIPTS)


def test_the_page_of_the_room_and_the_hub_have_the_same_messages():
    sent, heard, _ = spoken("\n".join(file.read_text() for file in PAGE.glob("fleet*.js")))
    shared, _, own = spoken((PAGE / "connection.js").read_text())
    assert sent | {"ping"} == messages.FROM_PAGE.keys() and "ping" in shared
    assert heard - own | {"notice", "pong"} == messages.TO_PAGE.keys() and "notice" in heard
