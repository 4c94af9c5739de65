"""The lines of the guard's socket: cut anywhere they give the same messages, and nothing breaks them."""

from hypothesis import given
from hypothesis import strategies as st

from robot_agent.guard.wire import MAX_LINE, InvalidLine, Lines, encode

value = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
message = st.dictionaries(st.text(max_size=8), value, max_size=5)


@given(st.lists(message, max_size=8), st.data())
def test_messages_arrive_however_the_stream_is_cut(messages, data):
    stream = b"".join(map(encode, messages))
    lines, got = Lines(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        got += lines.feed(stream[:size])
        stream = stream[size:]
    assert got == messages


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_whatever_comes_is_a_message_or_garbage(chunks):
    lines = Lines()
    for chunk in chunks:
        for one in lines.feed(chunk):
            assert isinstance(one, dict | InvalidLine)
            if isinstance(one, InvalidLine):
                return


def test_what_is_no_object_is_garbage_and_ends_the_stream():
    for line in (b"", b"[1]", b"1", b"{", b"\xff", b"[" * 4000, b"1" * 4000):
        before, garbage = Lines().feed(b'{"do":"halt"}\n' + line + b"\n{}\n")
        assert before == {"do": "halt"}
        assert isinstance(garbage, InvalidLine)


def test_a_line_without_an_end_is_not_kept_for_ever():
    lines = Lines()
    assert lines.feed(b"a" * MAX_LINE) == []
    assert isinstance(lines.feed(b"a")[-1], InvalidLine)
