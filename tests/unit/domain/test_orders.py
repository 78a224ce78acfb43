"""Orders: what supersedes what, and which order can answer which request."""

from __future__ import annotations

from itertools import permutations

import pytest

from kayen_desktop.domain.errors import Problem, ProblemKind, TicketError, VenueRejectionError
from kayen_desktop.domain.intents import Intent, IntentOutcome
from kayen_desktop.domain.orders import Order, OrderRequest, OrderState, OrderType, Side

from .samples import NOW, make_order, make_request


def test_a_side_knows_its_opposite_and_its_sign() -> None:
    assert Side.BUY.opposite is Side.SELL
    assert Side.SELL.opposite is Side.BUY
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)


def test_each_type_names_the_prices_it_needs() -> None:
    priced = {kind for kind in OrderType if kind.has_price}
    triggered = {kind for kind in OrderType if kind.has_trigger}
    assert priced == {
        OrderType.LIMIT,
        OrderType.POST_ONLY,
        OrderType.FILL_OR_KILL,
        OrderType.STOP_LIMIT,
        OrderType.TAKE_LIMIT,
    }
    assert triggered == {
        OrderType.STOP_LOSS,
        OrderType.STOP_LIMIT,
        OrderType.TAKE_PROFIT,
        OrderType.TAKE_LIMIT,
    }


@pytest.mark.parametrize("state", OrderState)
def test_a_state_is_either_live_or_final(state: OrderState) -> None:
    is_live = state in (OrderState.PENDING, OrderState.TRIGGER_WAIT, OrderState.WAIT)
    assert state.is_live is is_live
    assert state.is_final is not is_live


def test_words_on_an_order_may_arrive_in_any_order_and_come_to_the_same() -> None:
    words = [
        make_order(state=OrderState.PENDING),
        make_order(state=OrderState.WAIT),
        make_order(state=OrderState.WAIT, executed="40", trades_count=1),
        make_order(state=OrderState.DONE, executed="100", trades_count=2),
    ]
    for arrival in permutations(words):
        held: Order = arrival[0]
        for word in arrival[1:]:
            if word.is_newer_than(held):
                held = word
        assert held is words[-1]


def test_the_same_word_told_again_is_taken() -> None:
    assert make_order().is_newer_than(make_order())


def test_an_order_that_sleeps_is_older_than_one_that_rests() -> None:
    asleep = make_order(state=OrderState.TRIGGER_WAIT)
    assert make_order(state=OrderState.WAIT).is_newer_than(asleep)
    assert not asleep.is_newer_than(make_order(state=OrderState.TRIGGER_REJECT))


LIMIT = make_request()
STOP = make_request(order_type=OrderType.STOP_LIMIT, trigger_price="0.00001")
MARKET_ORDER = make_request(order_type=OrderType.MARKET, price=None)


@pytest.mark.parametrize(
    "other",
    [
        make_request(market="BTC/USD"),
        make_request(side=Side.SELL),
        make_request(order_type=OrderType.POST_ONLY),
        make_request(amount="100.01"),
        make_request(price="0.00001153"),
    ],
)
def test_an_order_that_differs_does_not_answer(other: OrderRequest) -> None:
    assert make_order(request=LIMIT).answers(LIMIT)
    assert other != LIMIT
    assert not make_order(request=LIMIT).answers(other)


def test_equal_numbers_answer_however_they_are_spelled() -> None:
    assert make_order(request=make_request(amount="100.00", price="0.000011520")).answers(LIMIT)


def test_the_price_of_a_market_order_does_not_matter() -> None:
    told = make_request(order_type=OrderType.MARKET, price="0")
    assert make_order(request=told).answers(MARKET_ORDER)


@pytest.mark.parametrize(
    ("trigger", "answers"), [("0.00001", True), (None, True), ("0.00002", False)]
)
def test_a_trigger_price_answers_where_the_venue_tells_it(
    trigger: str | None, answers: bool
) -> None:
    told = make_request(order_type=OrderType.STOP_LIMIT, trigger_price=trigger)
    assert make_order(request=told).answers(STOP) is answers


def test_an_intent_is_unconfirmed_until_it_has_an_outcome() -> None:
    assert Intent("i", LIMIT, NOW).is_unconfirmed
    for outcome in set(IntentOutcome) - {IntentOutcome.UNCONFIRMED}:
        assert not Intent("i", LIMIT, NOW, outcome).is_unconfirmed


def test_errors_are_sentences_and_carry_their_data() -> None:
    refusal = TicketError(Problem(ProblemKind.NO_CHANNEL), Problem(ProblemKind.NO_MARKET))
    assert str(refusal) == "The request was not sent: no_channel, no_market."
    assert [problem.kind for problem in refusal.problems] == [
        ProblemKind.NO_CHANNEL,
        ProblemKind.NO_MARKET,
    ]
    rejection = VenueRejectionError("not enough funds", code="42")
    assert str(rejection) == "The venue refused: not enough funds"
    assert (rejection.reason, rejection.code) == ("not enough funds", "42")
