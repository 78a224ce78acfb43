"""The documents' own frames: what each becomes, and that ours are spelt like theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kayen_desktop.domain.book import Level
from kayen_desktop.domain.candles import Candle, Period
from kayen_desktop.domain.errors import VenueRejectionError
from kayen_desktop.domain.events import (
    BookReplaced,
    CandlesUpdated,
    MarketsListed,
    OrderUpdated,
    Severity,
    TickersUpdated,
    TradePrinted,
    VenueNotified,
)
from kayen_desktop.domain.fills import Trade
from kayen_desktop.domain.markets import Market, Ticker
from kayen_desktop.domain.orders import Order, OrderRequest, OrderState, OrderType, Side
from kayen_desktop.protocol.finex import FinexProtocol
from kayen_desktop.protocol.finex.codec import decode, encode
from kayen_desktop.protocol.outputs import Dropped, Ready, Refusal, SignInRefused

from .conversation import MARKETS, NOW, signed_in, tell

_ROOT = Path(__file__).parents[3] / "frames" / "finex"
WALKTHROUGH = (_ROOT / "kayen-walkthrough.jsonl").read_text().splitlines()
FACTS = (_ROOT / "wire-facts.jsonl").read_text().splitlines()


def fact(start: str) -> str:
    """Return the one frame that starts so."""
    (frame,) = [line for line in FACTS if line.startswith(start)]
    return frame


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize("frame", WALKTHROUGH + FACTS)
def test_every_frame_survives_decode_and_encode_digit_for_digit(frame: str) -> None:
    assert encode(decode(frame)) == frame


def test_auth_is_spelt_like_the_walkthrough() -> None:
    protocol = FinexProtocol()
    protocol.connect()
    assert protocol.authenticate("jwt-token-from-step-above") == 1
    assert protocol.frames_to_send() == [WALKTHROUGH[0]]


def test_close_order_is_spelt_like_the_walkthrough() -> None:
    protocol = signed_in()
    while protocol.ping() < 13:
        pass
    protocol.frames_to_send()
    close = OrderRequest("PEPE/USD", Side.SELL, OrderType.MARKET, Decimal("108506.94444444"))
    assert protocol.place(close) == 14
    assert protocol.frames_to_send() == [WALKTHROUGH[2]]


def test_authenticated() -> None:
    protocol = FinexProtocol()
    protocol.connect()
    protocol.authenticate("eyJhbGciOiJFUzI1NkstUiIsInR5cCI6IkpXVCJ9.e30.AAAA")
    assert protocol.frames_to_send() == [fact('[1,1,"auth"')]
    assert protocol.receive(fact('[2,1,"auth"'), NOW) == [Ready()]


def test_on() -> None:
    assert signed_in().receive(fact('[4,"on"'), NOW) == [
        OrderUpdated(
            Order(
                venue_order_id="d1b08171-5e72-467d-bf9e-8125afc954e2",
                market="BTC/USD",
                side=Side.BUY,
                order_type=OrderType.LIMIT,
                state=OrderState.WAIT,
                amount=Decimal("0.0001"),
                remaining=Decimal("0.0001"),
                executed=Decimal(0),
                price=Decimal(1),
                trigger_price=None,
                average_price=None,
                trades_count=0,
                created_at=at(1654516051),
            )
        )
    ]


def test_or() -> None:
    (output,) = signed_in().receive(fact('[4,"or"'), NOW)
    assert isinstance(output, OrderUpdated)
    assert output.order.state is OrderState.REJECT
    assert output.order.amount == Decimal(100000000000000)
    assert output.order.reason == (
        "(btc) balance in cache: 988, required to lock an order: 100000000000000, "
        "error: not enough funds: 988 btc"
    )


def test_tr_without_market_or_order_is_told_loudly() -> None:
    sentence = (
        "Fill 45 names no market, and its order is not known: "
        "it will show once the exchange lists its fills again."
    )
    protocol = signed_in()
    assert protocol.receive(fact('[4,"tr"'), NOW) == [
        Dropped(sentence),
        VenueNotified(Severity.WARNING, sentence),
    ]
    assert protocol.frames_to_send() == []


def test_trade() -> None:
    assert signed_in().receive(fact('[3,"trade"'), NOW) == [
        TradePrinted(
            Trade(
                "0",
                "BTC/USD",
                Decimal("31365.35"),
                Decimal("0.00002802"),
                Side.SELL,
                at(1654517864),
            )
        )
    ]


def test_obs_then_obi_of_another_sequence() -> None:
    protocol = signed_in()
    protocol.watch_market("BTC/USD")
    assert protocol.receive(fact('[3,"obi"'), NOW) == [
        Dropped("a change of a book that is not known yet")
    ]
    assert protocol.receive(fact('[3,"obs"'), NOW) == [
        BookReplaced(
            "BTC/USD",
            asks=(
                Level(Decimal("31397.11"), Decimal("15.51796")),
                Level(Decimal("31425.11"), Decimal("15.64092")),
                Level(Decimal("32343.08"), Decimal("0.0001")),
            ),
            bids=(
                Level(Decimal("31381.1"), Decimal("10.42636")),
                Level(Decimal("31241.1"), Decimal("7.9297")),
            ),
        )
    ]


def test_kline_floats_keep_every_digit() -> None:
    assert signed_in().receive(fact('[3,"btcusd.kline-15m"'), NOW) == [
        CandlesUpdated(
            "BTC/USD",
            Period.M15,
            (
                Candle(
                    at(1654514100),
                    open=Decimal("31411.907434247005"),
                    high=Decimal("31457.383150554608"),
                    low=Decimal("31318.440767719563"),
                    close=Decimal("31388.286647856574"),
                    volume=Decimal("628.4550854400002"),
                ),
            ),
        )
    ]


def test_markets_of_opendax_then_its_ticker() -> None:
    protocol = FinexProtocol()
    protocol.connect()
    assert protocol.receive(fact('[3,"markets"'), NOW) == [
        MarketsListed(
            (
                Market(
                    "BAT/USD",
                    "batusd",
                    "bat",
                    "usd",
                    amount_precision=1,
                    price_precision=3,
                    min_amount=Decimal("0.1"),
                    min_price=Decimal("0.001"),
                    max_price=None,
                ),
            )
        )
    ]
    assert protocol.receive(fact('[3,"tickers"'), NOW) == [
        TickersUpdated(
            (
                Ticker(
                    "BAT/USD",
                    last=Decimal("0.41355000000000003"),
                    open=Decimal("0.4159965789473684"),
                    high=Decimal("0.41677723017833107"),
                    low=Decimal("0.4110046233561333"),
                    volume=Decimal("131491.12713629"),
                    amount=Decimal("54125.94662525234"),
                    change=Decimal("-0.5881247758236787"),
                    at=at(1654428483),
                ),
            )
        )
    ]


def test_markets_of_kayen() -> None:
    protocol = FinexProtocol()
    protocol.connect()
    (output,) = tell(protocol, MARKETS)
    assert output == MarketsListed(
        (
            Market("PEPE/USD", "pepeusd", "pepe", "usd", Decimal(10), 8, 8, 5),
            Market("BTC/USD", "btcusd", "btc", "usd", Decimal(10), 8, 8, 5),
        )
    )


def test_heartbeat_says_nothing() -> None:
    assert signed_in().receive(fact('[3,"sys"'), NOW) == []


def test_unauthorized_to_a_later_request_is_a_refusal_and_a_lost_sign_in() -> None:
    protocol = signed_in()
    while protocol.ping() < 14:
        pass
    refusal, sign_in = protocol.receive(fact('[2,14,"error"'), NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.request_id == 14
    assert isinstance(refusal.error, VenueRejectionError)
    assert refusal.error.reason == "unauthorized"
    assert sign_in == SignInRefused(refusal.error, is_token_stale=True)
    assert not protocol.is_signed_in
