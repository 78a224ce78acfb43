"""A market's name says what is traded in it, and what it is paid in."""

from __future__ import annotations

import pytest

from kayen_desktop.domain.markets import base_of, quote_of


@pytest.mark.parametrize(
    ("name", "base", "quote"),
    [("PEPE/USD", "PEPE", "USD"), ("1INCH/USDT", "1INCH", "USDT"), ("PEPE", "PEPE", "")],
)
def test_a_name_has_two_parts(name: str, base: str, quote: str) -> None:
    assert (base_of(name), quote_of(name)) == (base, quote)
