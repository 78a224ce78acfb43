"""What is written down reads back as it was, to the last digit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.channels import Broker
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import (
    CloseChannelRequest,
    IntentOutcome,
    IntentRequest,
    OpenChannelRequest,
    RecordTradeRequest,
    SettleRequest,
)
from kayen_desktop.domain.lifecycle import ChannelStep
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.domain.settlement import PaymentMethod, SettledPosition, SettlementRun
from kayen_desktop.journal.records import (
    decode_fill,
    decode_intent,
    decode_request,
    decode_run,
    decode_step,
    encode_fill,
    encode_request,
    encode_run,
    encode_step,
)
from tests.unit.domain.samples import CHANNEL, NOW, PEPE

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
money = st.decimals(Decimal("-1e17"), Decimal("1e17"), allow_nan=False, places=18)
moments = st.integers(0, 10**15).map(lambda us: EPOCH + timedelta(microseconds=us))
fills = st.builds(
    Fill, texts, texts, texts, st.sampled_from(Side), money, money, money, money, texts, moments
)
requests = st.one_of(
    st.builds(
        OrderRequest,
        texts,
        st.sampled_from(Side),
        st.sampled_from(OrderType),
        money,
        st.none() | money,
        st.none() | money,
    ),
    st.builds(OpenChannelRequest, st.builds(Broker, texts, texts, texts), money),
    st.builds(CloseChannelRequest, texts),
    st.builds(
        SettleRequest,
        texts,
        st.lists(texts, max_size=3).map(tuple),
        st.sampled_from(PaymentMethod),
        st.integers(0, 2**63 - 1),
    ),
    st.builds(RecordTradeRequest, texts, fills),
)


@given(requests)
def test_requests_read_back_as_they_were(request: IntentRequest) -> None:
    text = encode_request(request)
    assert "\n" not in text
    assert decode_request(text) == request


@given(fills)
def test_fills_read_back_as_they_were(fill: Fill) -> None:
    again = decode_fill(encode_fill(fill))
    assert again == fill
    assert str(again.amount) == str(fill.amount)


@given(st.builds(SettlementRun, requested_at=moments, steps=st.just(())), money)
def test_settlements_read_back_as_they_were(run: SettlementRun, pnl: Decimal) -> None:
    position = SettledPosition(PEPE, Side.SELL, Decimal(1), Decimal("0.10"), None, pnl)
    run = replace(run, positions=(position,))
    text = encode_run(run)
    assert decode_run(text) == run
    assert '"0.10"' in text


@given(st.builds(ChannelStep, at=moments))
def test_steps_of_an_account_read_back_as_they_were(step: ChannelStep) -> None:
    assert decode_step(encode_step(step)) == step


@pytest.mark.parametrize("money", ["NaN", "Infinity"])
def test_a_settlement_with_money_that_is_none_is_damaged(money: str) -> None:
    position = SettledPosition(PEPE, Side.BUY, Decimal(1), Decimal(1), Decimal(money), None)
    text = encode_run(SettlementRun("s1", CHANNEL, (PEPE,), NOW, positions=(position,)))
    with pytest.raises(ValueError, match=r".+"):
        decode_run(text)


@given(requests, moments, st.sampled_from(IntentOutcome))
def test_intents_read_back_as_they_were(
    request: IntentRequest, at: datetime, outcome: IntentOutcome
) -> None:
    row = ("i1", at.isoformat(), encode_request(request), outcome.value, "v1", "a reason")
    intent = decode_intent(*row)
    assert (intent.intent_id, intent.request, intent.created_at) == ("i1", request, at)
    assert (intent.outcome, intent.venue_id, intent.reason) == (outcome, "v1", "a reason")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"type":"gift"}',
        '{"type":"order","request":{"market":"PEPE/USD"}}',
        '{"type":"open_channel","address":"0x1","name":"","url":"","deposit":"NaN"}',
        '{"type":"open_channel","address":"0x1","name":"","url":"","deposit":"one"}',
    ],
)
def test_damaged_text_is_said_to_be_damaged(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_request(text)


def test_money_is_written_as_text() -> None:
    request = OrderRequest("PEPE/USD", Side.BUY, OrderType.MARKET, Decimal("0.10"))
    assert '"0.10"' in encode_request(request)
