"""Server text that is shown or logged: plain, short, and without anybody's secrets."""

from __future__ import annotations

import pytest

from kayen_desktop.protocol.outputs import MAX_SERVER_TEXT, plain_text

JWT = "eyJhbGciOiJFUzI1NksifQ.eyJleHAiOjE3MTkwODM0MDJ9.iQgJj3XOhMguPr88zALiZgGOT93"
SIGNATURE = "0x" + "ab" * 65


@pytest.mark.parametrize("secret", [JWT, SIGNATURE])
def test_a_token_or_signature_that_is_echoed_is_struck_out(secret: str) -> None:
    assert plain_text(f"invalid credentials: {secret}!") == "invalid credentials: [hidden]!"


def test_a_token_at_the_edge_of_the_limit_is_struck_out_whole() -> None:
    text = plain_text("x " * 145 + JWT)
    assert "eyJ" not in text
    assert len(text) <= MAX_SERVER_TEXT


def test_text_is_one_short_line() -> None:
    assert plain_text("a\u202eb\n\n c\x00") == "a b c"
    assert len(plain_text("x" * 1_000_000)) == MAX_SERVER_TEXT
