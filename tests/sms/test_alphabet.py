"""The room of a message: GSM 7 bit with its two-place letters, UCS-2 with its surrogate pairs."""

import pytest

from sms.alphabet import decoded, is_gsm, parts, plain


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ا" * 70, 1),
        ("ا" * 71, 2),
        ("ا" * 134, 2),
        ("ا" * 135, 3),
        ("a" * 70 + "’", 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_parts(text: str, count: int) -> None:
    assert parts(text) == count


def test_a_latin_text_is_made_plain() -> None:
    assert plain("“Driver’s licence” – renew…") == '"Driver\'s licence" - renew...'
    assert plain("Café, Müller, Ńowy") == "Café, Müller, Nowy"
    assert is_gsm(plain("Ālī’s"))
    assert plain("رقم") == "رقم"  # what has no plain form stays: better dear than wrong


def test_what_came_over_the_air_is_read() -> None:
    assert decoded(b"Dawr A047: 3 ahead \x1b\x65\x00") == "Dawr A047: 3 ahead €@"
    assert decoded(bytes([0x80, 0x1B, 0x01])) == "\ufffd\ufffd"
