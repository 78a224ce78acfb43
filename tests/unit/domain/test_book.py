"""The book holds one amount a price, and says what an order would fetch from it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.book import MAX_LEVELS, Level, OrderBook
from kayen_desktop.domain.orders import Side

from .samples import make_book, make_levels

prices = st.integers(1, 30).map(lambda ticks: Decimal(ticks) / 4)
amounts = st.integers(0, 40).map(lambda lots: Decimal(lots) / 8)
levels = st.lists(st.builds(Level, prices, amounts), max_size=30)
sides = st.sampled_from(Side)


def test_asks_rise_and_bids_fall_whatever_order_they_came_in() -> None:
    book = make_book([("3", "1"), ("1", "2"), ("2", "3")], [("0.5", "1"), ("0.7", "2")])
    assert book.asks() == list(make_levels([("1", "2"), ("2", "3"), ("3", "1")]))
    assert book.bids() == list(make_levels([("0.7", "2"), ("0.5", "1")]))
    assert book.asks(2) == book.asks()[:2]
    assert book.bids(1) == book.bids()[:1]
    assert book.bids(0) == book.asks(0) == []
    assert (book.best_ask, book.best_bid) == (Decimal(1), Decimal("0.7"))
    assert book.mid == Decimal("0.85")


def test_equal_prices_are_one_level_however_they_are_spelled() -> None:
    book = make_book([("1.0", "1")])
    book.update(make_levels([("1", "5")]), [])
    assert book.asks() == [Level(Decimal(1), Decimal(5))]


def test_zero_removes_a_price_and_an_unknown_price_removes_nothing() -> None:
    book = make_book([("1", "1"), ("2", "1")], [("0.5", "1")])
    book.update(make_levels([("1.00", "0"), ("9", "0")]), make_levels([("0.1", "0")]))
    assert book.asks() == [Level(Decimal(2), Decimal(1))]
    assert book.bids() == [Level(Decimal("0.5"), Decimal(1))]


def test_the_last_word_on_a_price_of_a_snapshot_wins() -> None:
    book = make_book([("1", "5"), ("1", "0"), ("2", "1"), ("2", "7")])
    assert book.asks() == [Level(Decimal(2), Decimal(7))]


@pytest.mark.parametrize(
    ("asks", "bids", "is_crossed"),
    [
        ([], [], False),
        ([("1", "1")], [], False),
        ([], [("1", "1")], False),
        ([("2", "1")], [("1", "1")], False),
        ([("1", "1")], [("1", "1")], True),
        ([("1", "1")], [("2", "1")], True),
    ],
)
def test_a_book_is_crossed_where_bid_meets_ask(
    asks: list[tuple[str, str]], bids: list[tuple[str, str]], is_crossed: bool
) -> None:
    assert make_book(asks, bids).is_crossed is is_crossed


def test_an_empty_book_has_no_prices() -> None:
    book = OrderBook()
    assert (book.best_ask, book.best_bid, book.mid) == (None, None, None)
    assert make_book([("1", "1")]).mid is None
    estimate = book.estimate(Side.BUY, Decimal(1))
    assert (estimate.amount, estimate.average_price, estimate.is_complete) == (ZERO, None, False)
    assert book.amount_for(Side.BUY, Decimal(5)) == ZERO


@given(levels, st.lists(st.tuples(levels, levels), max_size=5))
def test_updates_come_to_what_a_dictionary_would_hold(
    snapshot: list[Level], updates: list[tuple[list[Level], list[Level]]]
) -> None:
    book = OrderBook()
    book.replace(snapshot, snapshot)
    asks = {level.price: level.amount for level in snapshot}
    bids = dict(asks)
    for ask_levels, bid_levels in updates:
        book.update(ask_levels, bid_levels)
        asks.update((level.price, level.amount) for level in ask_levels)
        bids.update((level.price, level.amount) for level in bid_levels)
    assert book.asks() == [Level(p, asks[p]) for p in sorted(asks) if asks[p]]
    assert book.bids() == [Level(p, bids[p]) for p in sorted(bids, reverse=True) if bids[p]]


@given(levels, sides, st.integers(0, 400), st.none() | prices)
def test_an_estimate_takes_lot_by_lot_from_the_best_price(
    snapshot: list[Level], side: Side, lots: int, limit: Decimal | None
) -> None:
    book = OrderBook()
    book.replace(snapshot, snapshot)
    resting = [
        price
        for price, amount in {level.price: level.amount for level in snapshot}.items()
        for _ in range(int(amount * 8))
        if limit is None or (price <= limit if side is Side.BUY else price >= limit)
    ]
    taken = sorted(resting, reverse=side is Side.SELL)[:lots]
    estimate = book.estimate(side, Decimal(lots) / 8, limit)
    assert estimate.amount == Decimal(len(taken)) / 8
    assert estimate.total == sum(taken, ZERO) / 8
    assert estimate.worst_price == (taken[-1] if taken else None)
    assert estimate.is_complete is (len(taken) == lots)
    if taken:
        assert estimate.average_price == sum(taken, ZERO) / len(taken)


@given(levels, sides, st.integers(1, 4000).map(lambda cents: Decimal(cents) / 100))
def test_the_amount_for_a_total_costs_that_total(
    snapshot: list[Level], side: Side, total: Decimal
) -> None:
    book = OrderBook()
    book.replace(snapshot, snapshot)
    amount = book.amount_for(side, total)
    estimate = book.estimate(side, amount)
    if estimate.worst_price is None:
        assert amount == ZERO
        return
    rest = amount - estimate.amount  # beyond the book: counted at its worst price
    cost = estimate.total + rest * estimate.worst_price
    assert abs(cost - total) < Decimal("1e-60")


@pytest.mark.parametrize("side", [0, 1])
def test_a_book_with_more_levels_than_any_exchange_shows_is_overgrown(side: int) -> None:
    levels = [Level(Decimal(number + 1), Decimal(1)) for number in range(MAX_LEVELS + 1)]
    book = OrderBook()
    book.replace(*((levels[:-1], []) if side == 0 else ([], levels[:-1])))
    assert not book.is_overgrown
    book.update(*((levels[-1:], []) if side == 0 else ([], levels[-1:])))
    assert book.is_overgrown
