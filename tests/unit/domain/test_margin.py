"""How safe an account is, in the walkthrough's figures and in properties that always hold."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.amounts import ONE, PRICE_PLACES, ZERO
from kayen_desktop.domain.channels import Channel, ChannelState, MarginLimit
from kayen_desktop.domain.margin import (
    RULES,
    Holding,
    MarginAccount,
    MarginBalance,
    MarginReading,
    MarginRules,
    Zone,
    account_of,
    boundary,
    liquidation_move,
    liquidation_price,
    measure,
    move_to,
    price_at,
)
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import PositionStatus

from .samples import (
    CHANNEL,
    PEPE,
    WALKTHROUGH,
    make_account,
    make_channel,
    make_holding,
    make_position,
)

BTC = "BTC/USD"
TICK = ONE.scaleb(-PRICE_PLACES)
TOTAL = MarginRules(reading=MarginReading.TOTAL)
BOTH = pytest.mark.parametrize("rules", [RULES, TOTAL], ids=["own deposit", "total"])
WORSE = [Zone.GREEN, Zone.ORANGE, Zone.RED]
D = Decimal


def at_price(account: MarginAccount, market: str, price: Decimal) -> MarginAccount:
    """Return the account with the market's holdings valued at the price, exactly."""

    def valued(each: Holding) -> Holding:
        if each.market != market:
            return each
        value = each.amount * price
        return replace(each, value=value, pnl=(value - each.cost) * each.side.sign)

    return replace(account, holdings=tuple(valued(each) for each in account.holdings))


def badness(account: MarginAccount, rules: MarginRules = RULES) -> int:
    zone = measure(account, rules).zone
    assert zone is not None
    return WORSE.index(zone)


# What accounts look like in the properties below: prices of one to six digits, any leverage.
prices = st.integers(1, 10**6).map(lambda part: D(part) / 10**5)
amounts = st.integers(1, 10**9).map(lambda part: D(part) / 10**4)
shares = st.integers(-9999, 20000).map(lambda part: D(part) / 10**4)
sides = st.sampled_from(Side)
rulings = st.sampled_from([RULES, TOTAL])


@st.composite
def holdings(draw: st.DrawFn, market: str = PEPE, side: Side | None = None) -> Holding:
    chosen = draw(sides) if side is None else side
    amount, entry, mark = draw(amounts), draw(prices), draw(prices)
    pnl = (amount * mark - amount * entry) * chosen.sign
    return Holding(market, chosen, amount, amount * entry, amount * mark, pnl)


@st.composite
def accounts(draw: st.DrawFn, *markets: str) -> MarginAccount:
    deposit = draw(amounts)
    balance = draw(st.integers(0, 20000)) * deposit / 10000
    used = draw(st.none() | amounts)
    return MarginAccount(
        balance,
        deposit,
        2 * deposit,
        tuple(draw(holdings(market)) for market in markets),
        used,
        None if used is None else draw(amounts),
        None if used is None else D(10),
    )


# The walkthrough, to the last digit


def test_the_walkthroughs_account_is_reckoned_to_the_last_digit() -> None:
    account = account_of(make_channel(), [WALKTHROUGH])
    assert account is not None
    figures = measure(account)
    assert account.cost == D("1.2499999999999488")
    assert figures.pnl == D("-0.0032552083333332")
    assert figures.equity == D("0.9967447916666668")
    assert figures.initial_margin == D("0.24999999999998976")
    assert figures.maintenance_margin == D("0.12499999999999488")
    assert (figures.used, figures.available) == (
        D("0.24999999999998976"),
        D("0.74674479166667704"),
    )
    assert (figures.zone, figures.next_zone) == (Zone.GREEN, Zone.ORANGE)
    assert figures.to_next == D("0.7967447916666668")
    assert (figures.payout, figures.broker_payout) == (
        D("0.9967447916666668"),
        D("1.0032552083333332"),
    )


def test_the_walkthroughs_balances_after_the_close() -> None:
    account = account_of(make_channel(balance="0.99349"), [])
    assert account is not None
    figures = measure(account)
    assert (figures.payout, figures.broker_payout) == (D("0.99349"), D("1.00651"))


def test_the_walkthroughs_liquidation_price() -> None:
    account = account_of(make_channel(), [WALKTHROUGH])
    assert account is not None
    price = liquidation_price(account, PEPE)
    assert price == D("0.0000032256")
    assert measure(at_price(account, PEPE, price)).zone is Zone.ORANGE
    assert measure(at_price(account, PEPE, price - TICK)).zone is Zone.RED
    assert liquidation_move(account) == D("-0.7192")


# The account as the venue tells it


def test_an_account_without_a_balance_is_not_known() -> None:
    assert account_of(Channel(CHANNEL, ChannelState.OPENING), []) is None


def test_the_account_counts_its_own_positions_until_they_are_over() -> None:
    positions = [
        make_position("a", pnl="-0.3"),
        make_position("b", pnl=None, market_value=None, market="B/USD"),
        make_position("c", pnl="5", status=PositionStatus.SETTLED),
        make_position("d", pnl="7", channel_id="0xother"),
        make_position("e", pnl="0.1", status=PositionStatus.IN_SETTLEMENT, market="E/USD"),
    ]
    account = account_of(make_channel(), positions)
    assert account is not None
    assert [each.market for each in account.holdings] == [PEPE, "B/USD", "E/USD"]
    assert [each.is_open for each in account.holdings] == [True, True, False]
    assert (account.pnl, account.equity) == (D("-0.2"), D("0.8"))


def test_the_exchanges_word_is_carried_along() -> None:
    told = MarginBalance(D(1), D("0.125"), D("0.875"), D(10))
    channel = replace(make_channel(), margin_limit=MarginLimit.SOFT)
    account = account_of(channel, [], told)
    assert account is not None
    figures = measure(account)
    assert (figures.used, figures.available) == (D("0.125"), D("0.875"))
    assert figures.buying_power == told.buying_power == D("8.75")
    assert figures.zone is Zone.ORANGE


def test_what_the_venue_has_not_told_is_not_made_up() -> None:
    channel = Channel(CHANNEL, ChannelState.OPEN, initiator_balance=D(1))
    account = account_of(channel, [])
    assert account is not None
    figures = measure(account)
    assert (figures.share, figures.zone, figures.next_zone, figures.to_next) == (None,) * 4
    assert (figures.buying_power, figures.broker_payout) == (None, None)
    assert figures.payout == D(1)
    assert boundary(account, Zone.RED) is None
    assert liquidation_price(account, PEPE) is None
    assert liquidation_move(account) is None


@pytest.mark.parametrize(
    ("deposit", "total", "rules"),
    [("0", "2", RULES), ("-1", "2", RULES), (None, "2", RULES), ("1", "0", TOTAL)],
)
def test_a_share_of_nothing_is_not_known(
    deposit: str | None, total: str, rules: MarginRules
) -> None:
    assert measure(make_account(deposit=deposit, total=total), rules).zone is None
    channel = make_channel(deposit=deposit)
    account = account_of(channel, [])
    assert account is not None
    assert (measure(account).zone is None) is (rules is RULES)


def test_buying_power_is_available_times_leverage_and_never_negative() -> None:
    margin = MarginBalance(D(1), D("0.1"), D("0.9"), D(10))
    assert margin.buying_power == D(9)
    assert replace(margin, available=D("-0.5")).buying_power == ZERO
    account = make_account(used="1", available="-0.5", leverage="10")
    assert measure(account).buying_power == ZERO


@pytest.mark.parametrize(
    ("value", "pnl", "expected"),
    [
        ("9", "-1", ("9", "-1")),
        ("9", None, ("9", "-1")),
        (None, "-1", ("9", "-1")),
        (None, None, ("10", "0")),
    ],
)
def test_value_and_profit_stand_for_each_other(
    value: str | None, pnl: str | None, expected: tuple[str, str]
) -> None:
    holding = Holding.of(make_position(market_value=value, pnl=pnl))
    assert (holding.value, holding.pnl) == (D(expected[0]), D(expected[1]))
    assert holding.mark_price == holding.value / 100


def test_the_profit_of_what_is_sold_is_the_other_way_round() -> None:
    sold = make_position(side=Side.SELL, pnl=None)
    assert Holding.of(sold).pnl == D(1)
    unvalued = make_position(side=Side.SELL, pnl="1", market_value=None)
    assert Holding.of(unvalued).value == D(9)


# Zones


@pytest.mark.parametrize(
    ("share", "zone"),
    [
        ("1.5", Zone.GREEN),
        ("0.20", Zone.GREEN),
        ("0.1999999", Zone.ORANGE),
        ("0.10", Zone.ORANGE),
        ("0.0999999", Zone.RED),
        ("-1", Zone.RED),
    ],
)
def test_zones_change_at_a_fifth_and_at_a_tenth(share: str, zone: Zone) -> None:
    assert RULES.zone_of(D(share)) is zone
    assert measure(make_account(balance=share)).zone is zone
    assert zone.is_close_only is (zone is not Zone.GREEN)


@given(st.decimals(-2, 2, allow_nan=False, places=6), st.decimals(0, 1, places=6))
def test_a_zone_never_gets_better_by_losing(share: Decimal, loss: Decimal) -> None:
    assert WORSE.index(RULES.zone_of(share - loss)) >= WORSE.index(RULES.zone_of(share))


def test_the_reading_decides_what_the_share_is_of() -> None:
    account = make_account(balance="0.3")
    assert (measure(account).share, measure(account).zone) == (D("0.3"), Zone.GREEN)
    assert (measure(account, TOTAL).share, measure(account, TOTAL).zone) == (
        D("0.15"),
        Zone.ORANGE,
    )


@pytest.mark.parametrize(
    ("balance", "zone", "next_zone", "to_next"),
    [
        ("0.95", Zone.GREEN, Zone.ORANGE, "0.75"),
        ("0.20", Zone.GREEN, Zone.ORANGE, "0"),
        ("0.15", Zone.ORANGE, Zone.RED, "0.05"),
        ("0.05", Zone.RED, None, None),
    ],
)
def test_the_way_to_the_next_zone_is_told_in_money(
    balance: str, zone: Zone, next_zone: Zone | None, to_next: str | None
) -> None:
    figures = measure(make_account(balance=balance))
    assert (figures.zone, figures.next_zone) == (zone, next_zone)
    assert figures.to_next == (None if to_next is None else D(to_next))


@pytest.mark.parametrize(
    ("balance", "limit", "zone", "to_next"),
    [
        ("0.9", MarginLimit.NONE, Zone.GREEN, "0.7"),
        ("0.9", MarginLimit.SOFT, Zone.ORANGE, "0.8"),
        ("0.9", MarginLimit.HARD, Zone.RED, None),
        ("0.05", MarginLimit.SOFT, Zone.RED, None),
        ("0.05", MarginLimit.NONE, Zone.RED, None),
    ],
)
def test_the_venues_own_limit_makes_a_zone_worse_never_better(
    balance: str, limit: MarginLimit, zone: Zone, to_next: str | None
) -> None:
    figures = measure(replace(make_account(balance=balance), limit=limit))
    assert figures.zone is zone
    assert figures.to_next == (None if to_next is None else D(to_next))


@BOTH
def test_the_boundaries_are_the_equity_where_the_zones_change(rules: MarginRules) -> None:
    account = make_account()
    assert boundary(account, Zone.GREEN, rules) is None
    for zone in (Zone.ORANGE, Zone.RED):
        limit = boundary(account, zone, rules)
        assert limit is not None
        assert badness(replace(account, balance=limit), rules) == WORSE.index(zone) - 1
        below = replace(account, balance=limit - TICK)
        assert badness(below, rules) == WORSE.index(zone)


# Payouts


@given(accounts(PEPE, BTC), shares)
def test_both_payouts_always_sum_to_the_two_deposits(
    account: MarginAccount, share: Decimal
) -> None:
    for each in (account, account.moved({PEPE: share, BTC: share}), account.without({PEPE})):
        figures = measure(each)
        assert figures.broker_payout is not None
        assert figures.payout + figures.broker_payout == account.total
        assert figures.payout >= ZERO
        assert figures.broker_payout >= ZERO


@pytest.mark.parametrize(
    ("balance", "payout"), [("-0.5", "0"), ("0", "0"), ("1.5", "1.5"), ("2.5", "2")]
)
def test_nobody_gets_back_more_than_there_is_or_owes(balance: str, payout: str) -> None:
    assert measure(make_account(balance=balance)).payout == D(payout)


def test_a_total_below_nothing_pays_nothing() -> None:
    assert measure(make_account(total="-1")).payout == ZERO


# What-if


@given(accounts(PEPE, BTC), rulings)
def test_a_move_of_nothing_is_now(account: MarginAccount, rules: MarginRules) -> None:
    assert measure(account.moved({PEPE: ZERO, BTC: D("0.00")}), rules) == measure(account, rules)
    assert account.moved({}) == account
    assert account.moved({"DOGE/USD": D("-0.2")}) == account


def test_only_a_copy_that_has_moved_goes_without_the_venues_limit() -> None:
    account = replace(make_account(make_holding()), limit=MarginLimit.HARD)
    assert account.moved({PEPE: ZERO}).limit is MarginLimit.HARD
    assert account.moved({BTC: ONE}).limit is MarginLimit.HARD
    assert account.moved({PEPE: D("0.01")}).limit is None


@given(accounts(PEPE, BTC), shares, shares)
def test_a_move_of_all_markets_is_the_sum_of_single_moves(
    account: MarginAccount, pepe: Decimal, btc: Decimal
) -> None:
    both = account.moved({PEPE: pepe, BTC: btc})
    one, other = account.moved({PEPE: pepe}), account.moved({BTC: btc})
    assert both.equity - account.equity == one.equity + other.equity - 2 * account.equity
    assert both == replace(one.moved({BTC: btc}), limit=both.limit)
    assert both.used == account.used
    if both.available is not None and account.available is not None:
        assert both.available - account.available == both.equity - account.equity


@given(holdings(), shares)
def test_a_move_changes_the_price_and_nothing_that_was_agreed(
    holding: Holding, share: Decimal
) -> None:
    moved = holding.moved(share)
    assert (moved.amount, moved.cost, moved.side) == (holding.amount, holding.cost, holding.side)
    assert moved.value == holding.value * (1 + share)
    assert moved.pnl == (moved.value - moved.cost) * moved.side.sign


@given(accounts(PEPE), shares, shares, rulings)
def test_zones_are_monotone_in_the_price(
    account: MarginAccount, one: Decimal, other: Decimal, rules: MarginRules
) -> None:
    """The worse the price is for the side held, the never better is the zone."""
    sign = account.holdings[0].side.sign
    worse, better = sorted((one, other), key=lambda share: share * sign)
    low, high = account.moved({PEPE: worse}), account.moved({PEPE: better})
    assert low.equity <= high.equity
    assert badness(low, rules) >= badness(high, rules)


# Prices and moves that lead to a zone


@given(accounts(PEPE, BTC), rulings)
def test_at_the_liquidation_price_red_is_at_most_one_tick_away(
    account: MarginAccount, rules: MarginRules
) -> None:
    price = liquidation_price(account, PEPE, rules)
    limit = boundary(account, Zone.RED, rules)
    assert limit is not None
    if price is None:
        # Nothing of this market can lead there: bought, it has not so much to lose; sold, it is
        # red even where the price is zero.
        held = account.holdings[0]
        at_zero = account.equity - held.value * held.side.sign
        assert at_zero >= limit if held.side is Side.BUY else at_zero <= limit + held.amount * TICK
        return
    there = at_price(account, PEPE, price)
    assert there.equity >= limit
    assert badness(there, rules) < WORSE.index(Zone.RED)
    beyond = at_price(account, PEPE, price - TICK * account.holdings[0].side.sign)
    assert beyond.equity < limit
    assert badness(beyond, rules) == WORSE.index(Zone.RED)


@given(accounts(PEPE, BTC), shares)
def test_the_price_at_an_equity_undoes_a_move(account: MarginAccount, share: Decimal) -> None:
    held = account.holdings[0]
    moved = account.moved({PEPE: share})
    price = price_at(account, PEPE, moved.equity)
    exact = held.mark_price * (1 + share)
    assert price is not None
    assert abs(price - exact) <= TICK
    # Never beyond the price meant, seen from the side that loses.
    assert (price - exact) * held.side.sign >= -TICK / 10**6


@given(accounts(PEPE, BTC), shares)
def test_the_move_to_an_equity_undoes_a_move(account: MarginAccount, share: Decimal) -> None:
    for markets in (None, {PEPE}, {PEPE, BTC}):
        names = markets or {PEPE, BTC}
        moved = account.moved(dict.fromkeys(names, share))
        found = move_to(account, moved.equity, markets)
        if moved.equity == account.equity:
            assert found in (None, ZERO)
        else:
            assert found is not None
            assert abs(found) <= abs(share)
            assert abs(found - share) <= D("0.0001")


def test_moves_are_cut_towards_zero() -> None:
    account = make_account(make_holding("3", "1"))
    assert move_to(account, D("0.1")) == D("-0.3")
    assert move_to(account, D("0.5")) == D("-0.1666")
    assert move_to(account, D("1.5")) == D("0.1666")
    assert str(move_to(account, D("0.99999"))) == "0"


def test_what_can_not_be_reached_has_no_move_and_no_price() -> None:
    safe = make_account(make_holding("0.5", "1"))
    assert liquidation_price(safe, PEPE) is None
    assert liquidation_move(safe) is None
    empty = make_account()
    assert price_at(empty, PEPE, ZERO) is None
    assert move_to(empty, ZERO) is None
    hedged = make_account(make_holding(), make_holding(side=Side.SELL, market=BTC))
    assert move_to(hedged, ZERO) is None
    assert move_to(hedged, ZERO, [PEPE]) == D("-0.1")
    # A price so small that 18 decimals don't hold it is none.
    dust = make_account(make_holding("1e20", "1e-30", side=Side.SELL))
    assert price_at(dust, PEPE, ONE) is None


def test_where_the_broker_may_close_already_the_move_is_none_at_all() -> None:
    assert liquidation_move(make_account(make_holding(), balance="0.05")) == ZERO
    told = replace(make_account(make_holding()), limit=MarginLimit.HARD)
    assert liquidation_move(told) == ZERO


def test_several_holdings_of_one_market_count_together() -> None:
    """A market that is being settled and was entered anew stands in two positions."""
    settling = make_holding("10", "1", is_open=False)
    assert make_account(settling, make_holding("5", "1")).net_in(PEPE) == D(15)
    account = make_account(settling, make_holding("6", "1", side=Side.SELL))
    assert account.net_in(PEPE) == D(4)
    assert liquidation_price(account, PEPE) == D("0.775")
    even = make_account(settling, make_holding("10", "1", side=Side.SELL))
    assert liquidation_price(even, PEPE) is None


# Without markets


def test_what_is_settled_takes_its_part_of_the_margin_along() -> None:
    account = make_account(
        make_holding("2", "1", mark="1.5"),
        make_holding("6", "1", mark="0.9", market=BTC),
        used="0.8",
        available="0.6",
        leverage="10",
    )
    after = account.without({PEPE})
    assert [each.market for each in after.holdings] == [BTC]
    assert after.balance == account.balance
    assert after.equity == D("0.4")  # the profit is paid out, the loss stays
    assert (after.used, after.available) == (D("0.6"), D("-0.2"))
    assert after.without({BTC}).used == ZERO
    assert account.without({"DOGE/USD"}) == account


def test_without_the_exchanges_word_only_the_holdings_go() -> None:
    account = make_account(make_holding("2", "1", mark="1.5"))
    after = account.without({PEPE})
    assert (after.used, after.available) == (None, None)
    assert measure(after).available == ONE


def test_what_cost_nothing_used_nothing() -> None:
    free = make_holding("2", "0", mark="0.1")
    account = make_account(free, used="0.3", available="0.9", leverage="10")
    after = account.without({PEPE})
    assert (after.used, after.available) == (D("0.3"), D("0.7"))
