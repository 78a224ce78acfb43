"""What was asked for is told in one plain sentence, whatever it was and whatever became of it."""

from __future__ import annotations

import pytest

from kayen_desktop.domain.intents import (
    Intent,
    IntentOutcome,
    IntentRequest,
    RecordTradeRequest,
    SettleRequest,
)
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.ui.notices.activity import intent_text, request_text
from tests.unit.domain.samples import CHANNEL, MARKET, NOW, PEPE, make_fill

BOOK = RecordTradeRequest(CHANNEL, make_fill("T-1", Side.SELL))


def settle(*markets: str) -> SettleRequest:
    return SettleRequest(CHANNEL, markets, PaymentMethod.ESCROW, 1)


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (settle(PEPE), "Settle PEPE/USD"),
        (settle(PEPE, "BTC/USD"), "Settle PEPE/USD and BTC/USD"),
        (settle(PEPE, "BTC/USD", "ETH/USD"), "Settle PEPE/USD, BTC/USD and ETH/USD"),
        (
            settle(PEPE, "BTC/USD", "ETH/USD", "A/USD", "B/USD"),
            "Settle PEPE/USD, BTC/USD, ETH/USD and 2 more",
        ),
        (
            BOOK,
            "Book a trade made elsewhere: sold 100 PEPE at 0.00001152 USD, trade \u201cT-1\u201d",
        ),
    ],
)
def test_what_was_asked_for(request_: IntentRequest, text: str) -> None:
    assert request_text(request_, MARKET) == text


def test_a_trade_that_can_never_be_known_says_what_to_do() -> None:
    text = intent_text(Intent("i", BOOK, NOW, IntentOutcome.NEVER_KNOWN), MARKET)
    assert text.endswith(
        "no answer came, and the venue can't be asked. Compare your positions before you book it "
        "again."
    )


def test_no_promise_is_made_that_a_trade_is_looked_up() -> None:
    text = intent_text(Intent("i", BOOK, NOW), MARKET)
    assert text.endswith("not confirmed yet. It is never sent twice.")
    assert intent_text(Intent("i", settle(PEPE), NOW)).endswith("what became of it.")
