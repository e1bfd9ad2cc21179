import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from display.sse import LARGEST, Decoder, ServerEvent, TooLargeError

STREAM = (
    b': hello\n\nevent: snapshot\ndata: {"a": "\xd8\xa7"}\nid: 7\n\n'
    b"event: heartbeat\r\ndata: 1\r\ndata:2\r\n\r\ndata: x\n\n"
)
EVENTS = [ServerEvent("snapshot", '{"a": "ا"}'), ServerEvent("heartbeat", "1\n2"), ServerEvent("message", "x")]


@settings(deadline=None)
@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_events_come_out_however_the_bytes_were_split(cuts):
    decoder, events, at = Decoder(), [], 0
    for cut in [*sorted(cuts), len(STREAM)]:
        events += decoder.feed(STREAM[at:cut])
        at = cut
    assert events == EVENTS


def test_an_event_without_an_end_does_not_fill_the_memory():
    decoder = Decoder()
    with pytest.raises(TooLargeError):
        for _ in range(3):
            decoder.feed(b"data: " + b"x" * (LARGEST // 2))
    decoder = Decoder()
    with pytest.raises(TooLargeError):
        for _ in range(300):
            decoder.feed(b"data: " + b"x" * 8000 + b"\n")
