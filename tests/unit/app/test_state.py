"""What the state holds after each fact, and what it asks to be redrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import get_args

import pytest

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.market_state import STALE_AFTER, TRADES_KEPT, candles_key
from kayen_desktop.app.state import (
    NOTICES_KEPT,
    SIGNATURES_KEPT,
    STEPS_KEPT,
    WALLET_REQUESTS_KEPT,
    AppState,
)
from kayen_desktop.domain import events
from kayen_desktop.domain.candles import Candle, Period
from kayen_desktop.domain.channels import Channel, ChannelState, ClearingState
from kayen_desktop.domain.events import Event, LinkState, Severity
from kayen_desktop.domain.fills import Trade
from kayen_desktop.domain.intents import Intent, IntentOutcome
from kayen_desktop.domain.lifecycle import ChannelStep, Jump
from kayen_desktop.domain.margin import (
    AssetBalance,
    MarginBalance,
    MarginReading,
    MarginRules,
    Zone,
)
from kayen_desktop.domain.markets import Ticker
from kayen_desktop.domain.orders import OrderState, Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.domain.settlement import (
    Settlement,
    SettlementRun,
    SettlementState,
    SettlementStep,
)
from kayen_desktop.domain.signatures import SignatureMeaning, SignatureOutcome, SigningPurpose
from tests.unit.domain.samples import (
    CHANNEL,
    MARKET,
    NOW,
    PEPE,
    later,
    make_channel,
    make_fill,
    make_levels,
    make_order,
    make_position,
    make_request,
)

MARGIN = MarginBalance(Decimal(1), Decimal(0), Decimal(1), Decimal(10))
OTHER = "0xother"


def make_run(settlement_id: str) -> SettlementRun:
    return SettlementRun(settlement_id, CHANNEL, (PEPE,), NOW)


@pytest.fixture
def state() -> AppState:
    return AppState()


def told(state: AppState, *facts: Event) -> tuple[Change, ...]:
    """Apply the facts and return the changes of the last one."""
    changes: tuple[Change, ...] = ()
    for fact in facts:
        changes = state.apply(fact, NOW)
    return changes


def ticker(last: str) -> Ticker:
    price = Decimal(last)
    return Ticker(PEPE, price, price, price, price, Decimal(1), Decimal(1), None, NOW)


def trade(trade_id: int) -> Trade:
    return Trade(str(trade_id), PEPE, Decimal(1), Decimal(1), Side.BUY, NOW)


MEANING = SignatureMeaning(SigningPurpose.CLEARPORT_CHALLENGE, "Clearport", "0xAB", "a nonce")
WITHHELD = events.SignatureWithheld(
    SigningPurpose.CLEARPORT_CHALLENGE, SignatureOutcome.REFUSED, "It reads as a transaction."
)


def test_the_state_takes_in_every_kind_of_fact(state: AppState) -> None:
    facts: list[Event] = [
        events.LinkChanged("Finex", LinkState.READY),
        events.LinkHeard("Finex"),
        events.MarketsListed(()),
        events.TickersUpdated(()),
        events.BookReplaced(PEPE, (), ()),
        events.BookUpdated(PEPE, (), ()),
        events.BookLost(PEPE),
        events.TradePrinted(trade(1)),
        events.CandlesUpdated(PEPE, Period.M1, ()),
        events.OrderUpdated(make_order()),
        events.FillReceived(make_fill()),
        events.MarginUpdated(MARGIN),
        events.AssetBalancesUpdated(()),
        events.ChannelUpdated(make_channel()),
        events.ChannelClosed(CHANNEL),
        events.PositionUpdated(make_position()),
        events.PositionsListed(CHANNEL, ()),
        events.TradeRecorded(CHANNEL, "1"),
        events.ChannelRecalled(CHANNEL, ()),
        events.SettlementUpdated(Settlement(CHANNEL, SettlementState.PROPOSED)),
        events.SettlementChanged(make_run("s1")),
        events.VenueNotified(Severity.INFO, ""),
        events.WalletAsked(events.WalletRequest.TRANSACTION),
        events.ClearingHouseDescribed(),
        events.MarginRulesChosen(MarginRules()),
        events.SecurityAlarmRaised(""),
        events.SecurityAlarmLifted(),
        events.IntentChanged(Intent("i1", make_request(), NOW)),
        events.SignatureAsked(MEANING),
        WITHHELD,
    ]
    told(state, *facts)
    assert {type(fact) for fact in facts} == set(get_args(Event))


# Connections


def test_a_link_tells_when_it_was_heard_of_last(state: AppState) -> None:
    state.apply(events.LinkChanged("Finex", LinkState.READY), NOW)
    assert state.is_fresh("Finex", NOW + STALE_AFTER)
    assert not state.is_fresh("Finex", NOW + STALE_AFTER + timedelta(microseconds=1))
    changes = state.apply(events.LinkHeard("Finex", 23.5), later(30))
    assert changes == (Change(Topic.LINK, "Finex"),)
    assert state.is_fresh("Finex", later(40))
    state.apply(events.LinkHeard("Finex"), later(41))
    assert state.links["Finex"].latency_ms == 23.5
    assert not state.is_fresh("Clearport", NOW)


def test_a_link_that_went_away_is_not_fresh_and_has_no_latency(state: AppState) -> None:
    told(state, events.LinkChanged("Finex", LinkState.READY), events.LinkHeard("Finex", 5.0))
    lost = events.LinkChanged("Finex", LinkState.RETRYING, "The network is away.", later(3))
    state.apply(lost, later(1))
    status = state.links["Finex"]
    assert (status.reason, status.retry_at) == ("The network is away.", later(3))
    assert (status.heard_at, status.latency_ms) == (NOW, None)
    assert not state.is_fresh("Finex", later(1))


def test_a_connection_began_when_it_was_last_down(state: AppState) -> None:
    for seconds, link_state in enumerate(
        [LinkState.CONNECTING, LinkState.CONNECTED, LinkState.SIGNING_IN, LinkState.READY]
    ):
        state.apply(events.LinkChanged("Clearport", link_state), later(seconds))
    assert state.links["Clearport"].began_at == NOW
    state.apply(events.LinkChanged("Clearport", LinkState.RETRYING), later(9))
    assert state.links["Clearport"].began_at == later(9)


def test_a_link_never_told_of_is_not_heard(state: AppState) -> None:
    assert told(state, events.LinkHeard("Finex", 5.0)) == ()
    assert state.links == {}


# Market data


def test_the_list_of_markets_is_the_whole_of_it(state: AppState) -> None:
    other = replace(MARKET, name="BTC/USD")
    told(state, events.MarketsListed((MARKET,)))
    assert told(state, events.MarketsListed((other,))) == (Change(Topic.MARKETS),)
    assert state.markets == {"BTC/USD": other}


def test_tickers_not_named_are_kept(state: AppState) -> None:
    other = replace(ticker("5"), market="BTC/USD")
    told(state, events.TickersUpdated((ticker("1"), other)))
    assert told(state, events.TickersUpdated((ticker("2"),))) == (Change(Topic.TICKER, PEPE),)
    assert state.tickers == {PEPE: ticker("2"), "BTC/USD": other}


def test_increments_before_a_snapshot_mean_nothing(state: AppState) -> None:
    increment = events.BookUpdated(PEPE, make_levels([("2", "1")]), ())
    assert told(state, increment) == ()
    assert state.books == {}
    change = (Change(Topic.BOOK, PEPE),)
    assert told(state, events.BookReplaced(PEPE, make_levels([("3", "1")]), ())) == change
    assert told(state, increment) == change
    assert state.books[PEPE].best_ask == Decimal(2)
    assert told(state, events.BookLost(PEPE)) == change
    assert told(state, increment) == ()


def test_the_newest_public_trades_are_kept(state: AppState) -> None:
    for number in range(TRADES_KEPT + 1):
        assert told(state, events.TradePrinted(trade(number))) == (Change(Topic.TRADES, PEPE),)
    assert len(state.trades[PEPE]) == TRADES_KEPT
    assert state.trades[PEPE][-1] == trade(TRADES_KEPT)
    assert state.trades[PEPE][0] == trade(1)


def test_candles_are_kept_by_market_and_period(state: AppState) -> None:
    one = Decimal(1)
    candle = Candle(NOW, one, one, one, one, one)
    changes = told(state, events.CandlesUpdated(PEPE, Period.M5, (candle,)))
    assert changes == (Change(Topic.CANDLES, candles_key(PEPE, Period.M5)),)
    assert state.candles[PEPE, Period.M5].last == candle
    assert (PEPE, Period.M1) not in state.candles


# Orders and fills


def test_words_on_an_order_in_any_order_come_to_the_newest() -> None:
    words = [
        make_order(state=OrderState.WAIT),
        make_order(state=OrderState.WAIT, executed="40", trades_count=1),
        make_order(state=OrderState.DONE, executed="100", trades_count=2),
    ]
    for arrival in permutations(words):
        state = AppState()
        told(state, *(events.OrderUpdated(word) for word in arrival))
        assert state.orders["o1"] == words[-1]
        assert state.live_orders == []


def test_an_older_word_on_an_order_changes_nothing(state: AppState) -> None:
    done = make_order(state=OrderState.DONE, executed="100", trades_count=2)
    assert told(state, events.OrderUpdated(done)) == (Change(Topic.ORDER, "o1"),)
    assert told(state, events.OrderUpdated(make_order())) == ()
    assert told(state, events.OrderUpdated(done)) == (Change(Topic.ORDER, "o1"),)


def test_live_orders_are_those_that_can_still_trade(state: AppState) -> None:
    live = make_order("o2")
    told(state, events.OrderUpdated(make_order(state=OrderState.CANCEL)), events.OrderUpdated(live))
    assert state.live_orders == [live]


def test_a_fill_is_counted_once(state: AppState) -> None:
    assert told(state, events.FillReceived(make_fill("1"))) == (Change(Topic.FILL, "1"),)
    assert told(state, events.FillReceived(make_fill("1"))) == ()
    assert list(state.fills) == ["1"]


def test_a_recorded_trade_is_remembered(state: AppState) -> None:
    assert told(state, events.TradeRecorded(CHANNEL, "1")) == (Change(Topic.FILL, "1"),)
    assert state.recorded == {(CHANNEL, "1")}


# The account


def test_the_account_in_use_is_the_usable_one_else_the_newest_alive(state: AppState) -> None:
    assert state.channel is None
    opening = make_channel("0x2", ChannelState.OPENING, ClearingState.ACCEPTED)
    closing = make_channel("0x3", ChannelState.CLOSING)
    told(state, events.ChannelUpdated(opening), events.ChannelUpdated(closing))
    assert state.channel == closing
    told(state, events.ChannelUpdated(make_channel("0x1")))
    told(state, events.ChannelUpdated(make_channel("0x4", ChannelState.OPENING)))
    assert state.channel == make_channel("0x1")
    told(state, *(events.ChannelClosed(key) for key in ("0x1", "0x2", "0x3", "0x4")))
    assert state.channel is None


def test_turns_do_not_go_back(state: AppState) -> None:
    newer = make_channel(turn_num=5, balance="0.9")
    told(state, events.ChannelUpdated(newer))
    assert told(state, events.ChannelUpdated(make_channel(turn_num=4))) == ()
    assert state.channels[CHANNEL] == newer


def test_a_word_without_a_turn_does_not_open_the_door_to_older_ones(state: AppState) -> None:
    bare = Channel(CHANNEL, ChannelState.CLOSING, ClearingState.FINALIZING)
    told(state, events.ChannelUpdated(make_channel(turn_num=5)), events.ChannelUpdated(bare))
    assert told(state, events.ChannelUpdated(make_channel(turn_num=4))) == ()
    held = state.channels[CHANNEL]
    assert held.is_closing
    assert (held.broker, held.own_balance) == (make_channel().broker, Decimal(1))


@pytest.mark.parametrize(
    "end",
    [
        events.ChannelClosed(CHANNEL),
        events.ChannelUpdated(make_channel(state=ChannelState.CLOSED, turn_num=9)),
        events.ChannelUpdated(make_channel(clearing_state=ClearingState.FINALIZED, turn_num=9)),
    ],
)
def test_a_closed_account_does_not_come_back(state: AppState, end: Event) -> None:
    told(
        state,
        events.ChannelUpdated(make_channel()),
        events.MarginUpdated(MARGIN),
        events.PositionUpdated(make_position("a")),
        events.PositionUpdated(make_position("b", channel_id=OTHER)),
    )
    changes = told(state, end)
    assert changes == (
        Change(Topic.CHANNEL, CHANNEL),
        Change(Topic.MARGIN),
        Change(Topic.POSITION, "a"),
    )
    assert list(state.positions) == ["b"]
    assert state.margin is None
    assert told(state, events.ChannelUpdated(make_channel(turn_num=10))) == ()
    assert told(state, events.PositionUpdated(make_position("a"))) == ()
    assert state.channel is None


def test_the_end_of_another_account_leaves_the_margin_of_this_one(state: AppState) -> None:
    told(
        state,
        events.ChannelUpdated(make_channel(OTHER)),
        events.ChannelUpdated(make_channel()),
        events.MarginUpdated(MARGIN),
        events.ChannelClosed(OTHER),
        events.ChannelClosed("0xunknown"),
    )
    assert state.margin == MARGIN
    assert state.channels["0xunknown"].is_closed


def test_the_margin_and_balances_are_the_last_told(state: AppState) -> None:
    assert told(state, events.MarginUpdated(MARGIN)) == (Change(Topic.MARGIN),)
    usd, btc = (
        AssetBalance("usd", Decimal(1), Decimal(0)),
        AssetBalance("btc", Decimal(2), Decimal(0)),
    )
    told(state, events.AssetBalancesUpdated((usd, btc)))
    less = replace(usd, available=Decimal("0.5"))
    assert told(state, events.AssetBalancesUpdated((less,))) == (Change(Topic.BALANCES, "usd"),)
    assert state.balances == {"usd": less, "btc": btc}


def test_positions_come_and_go(state: AppState) -> None:
    changed = (Change(Topic.POSITION, "p1"), Change(Topic.MARGIN))
    assert told(state, events.PositionUpdated(make_position())) == changed
    over = make_position(amount="0", status=PositionStatus.CLOSED)
    assert told(state, events.PositionUpdated(over)) == changed
    assert state.positions == {}
    assert told(state, events.PositionUpdated(over)) == ()


def test_positions_not_listed_are_gone_from_that_account_only(state: AppState) -> None:
    told(
        state,
        *(
            events.PositionUpdated(each)
            for each in (
                make_position("a"),
                make_position("b"),
                make_position("c", channel_id=OTHER),
            )
        ),
    )
    newer = make_position("b", amount="7")
    over = make_position("d", amount="0")
    changes = told(state, events.PositionsListed(CHANNEL, (newer, over)))
    assert set(changes) == {
        Change(Topic.POSITION, "a"),
        Change(Topic.POSITION, "b"),
        Change(Topic.MARGIN),
    }
    assert state.positions == {"b": newer, "c": make_position("c", channel_id=OTHER)}


def test_a_list_for_a_closed_account_brings_nothing_back(state: AppState) -> None:
    told(state, events.ChannelUpdated(make_channel()), events.ChannelClosed(CHANNEL))
    told(state, events.PositionsListed(CHANNEL, (make_position(),)))
    assert state.positions == {}


def test_the_position_in_a_market_is_the_open_one_of_the_account_in_use(state: AppState) -> None:
    told(state, events.PositionUpdated(make_position("a", channel_id=OTHER)))
    assert state.position_in(PEPE) is None
    told(state, events.ChannelUpdated(make_channel()))
    assert state.position_in(PEPE) is None
    told(
        state,
        events.PositionUpdated(make_position("b", status=PositionStatus.IN_SETTLEMENT)),
        events.PositionUpdated(make_position("c")),
    )
    assert state.position_in(PEPE) == make_position("c")
    assert state.position_in("BTC/USD") is None
    assert [each.position_id for each in state.open_positions] == ["a", "c"]


def test_the_figures_are_of_the_account_in_use(state: AppState) -> None:
    assert state.margin_account is None
    assert state.margin_figures is None
    told(
        state,
        events.ChannelUpdated(make_channel()),
        events.PositionUpdated(make_position(pnl="-0.3")),
    )
    assert state.margin_figures is not None
    assert state.margin_figures.equity == Decimal("0.7")


def test_the_zone_follows_the_rules_chosen(state: AppState) -> None:
    told(
        state,
        events.ChannelUpdated(make_channel()),
        events.PositionUpdated(make_position(pnl="-0.7")),
    )

    def zone() -> Zone | None:
        figures = state.margin_figures
        return None if figures is None else figures.zone

    assert zone() is Zone.GREEN
    chosen = events.MarginRulesChosen(MarginRules(reading=MarginReading.TOTAL))
    assert told(state, chosen) == (Change(Topic.MARGIN),)
    assert zone() is Zone.ORANGE


def test_settlements_are_kept_by_account_in_order(state: AppState) -> None:
    first, other = make_run("s1"), replace(make_run("s2"), channel_id=OTHER)
    assert told(state, events.SettlementChanged(first)) == (Change(Topic.SETTLEMENT, "s1"),)
    told(state, events.SettlementChanged(other))
    stepped = first.stepped(SettlementStep(SettlementState.PROPOSED, NOW))
    told(state, events.SettlementChanged(stepped))
    assert state.settlements_of(CHANNEL) == [stepped]
    assert state.settlements_of(OTHER) == [other]


def test_the_venue_s_word_on_a_settlement_names_none_and_changes_nothing(state: AppState) -> None:
    word = events.SettlementUpdated(Settlement(CHANNEL, SettlementState.PROPOSED))
    assert told(state, word) == ()


# The life of an account


def test_each_new_state_is_a_step_of_the_account_s_life(state: AppState) -> None:
    for clearing in (ClearingState.INSTANTIATING, ClearingState.ACCEPTED, ClearingState.ACCEPTED):
        told(state, events.ChannelUpdated(make_channel(clearing_state=clearing)))
    told(state, events.ChannelUpdated(make_channel(clearing_state=ClearingState.OPERATIONAL)))
    steps = state.channel_steps[CHANNEL]
    assert [(step.clearing_state, step.jump, step.at) for step in steps] == [
        (ClearingState.INSTANTIATING, Jump.NEXT, NOW),
        (ClearingState.ACCEPTED, Jump.NEXT, NOW),
        (ClearingState.OPERATIONAL, Jump.SKIPPED, NOW),
    ]


def test_a_jump_that_no_account_makes_is_logged_and_believed(
    state: AppState, caplog: pytest.LogCaptureFixture
) -> None:
    told(
        state,
        events.ChannelUpdated(make_channel(clearing_state=ClearingState.CONCLUDING)),
        events.ChannelUpdated(make_channel(clearing_state=ClearingState.ACCEPTED)),
    )
    assert state.channels[CHANNEL].clearing_state is ClearingState.ACCEPTED
    assert state.channel_steps[CHANNEL][-1].jump is Jump.ILLEGAL
    assert "from open/concluding to open/accepted" in caplog.text


def test_an_account_s_life_goes_on_where_an_earlier_run_heard_of_it(state: AppState) -> None:
    recalled = ChannelStep(NOW, ChannelState.OPEN, ClearingState.OPERATIONAL, Jump.NEXT)
    told(state, events.ChannelRecalled(CHANNEL, (recalled,)))
    told(state, events.ChannelUpdated(make_channel(clearing_state=ClearingState.OPERATIONAL)))
    assert list(state.channel_steps[CHANNEL]) == [recalled]
    told(state, events.ChannelClosed(CHANNEL))
    assert [step.state for step in state.channel_steps[CHANNEL]] == [
        ChannelState.OPEN,
        ChannelState.CLOSED,
    ]


def test_a_life_that_goes_back_and_forth_is_kept_up_to_a_limit(state: AppState) -> None:
    for _ in range(STEPS_KEPT):
        for clearing in (ClearingState.OPERATIONAL, ClearingState.PROCESSING_MARGIN_CALL):
            told(state, events.ChannelUpdated(make_channel(clearing_state=clearing)))
    assert len(state.channel_steps[CHANNEL]) == STEPS_KEPT


# The clearing house and the wallet


def test_what_the_clearing_house_says_of_itself_is_kept(state: AppState) -> None:
    described = events.ClearingHouseDescribed("1.0.0", "0xhouse", 12)
    assert told(state, described) == (Change(Topic.CLEARING_HOUSE),)
    assert state.clearing_house == described


def test_what_the_venue_wants_of_the_wallet_is_kept_up_to_a_limit(state: AppState) -> None:
    asked = events.WalletAsked(events.WalletRequest.TRANSACTION, (("to", "0x12"),))
    for _ in range(WALLET_REQUESTS_KEPT + 1):
        assert told(state, asked) == (Change(Topic.WALLET),)
    assert len(state.wallet_requests) == WALLET_REQUESTS_KEPT
    assert (state.wallet_requests[-1].event, state.wallet_requests[-1].at) == (asked, NOW)


# Words


def test_notices_are_kept_up_to_a_limit(state: AppState) -> None:
    notice = events.VenueNotified(Severity.WARNING, "liquidation margin reached", CHANNEL)
    for _ in range(NOTICES_KEPT + 1):
        assert told(state, notice) == (Change(Topic.NOTICE),)
    assert len(state.notices) == NOTICES_KEPT
    newest = state.notices[-1]
    assert (newest.severity, newest.text, newest.at, newest.channel_id) == (
        Severity.WARNING,
        "liquidation margin reached",
        NOW,
        CHANNEL,
    )


def test_an_alarm_stands_and_is_a_notice_too(state: AppState) -> None:
    changes = told(state, events.SecurityAlarmRaised("Two signers."))
    assert changes == (Change(Topic.ALARM), Change(Topic.NOTICE))
    assert state.alarm == "Two signers."
    assert state.notices[-1].severity is Severity.CRITICAL


def test_an_alarm_is_lifted_when_the_trader_has_looked(state: AppState) -> None:
    told(state, events.SecurityAlarmRaised("Another address."))
    assert told(state, events.SecurityAlarmLifted()) == (Change(Topic.ALARM),)
    assert state.alarm == ""


def test_intents_without_an_outcome_are_known(state: AppState) -> None:
    first, second = Intent("i1", make_request(), NOW), Intent("i2", make_request(), NOW)
    assert told(state, events.IntentChanged(first)) == (Change(Topic.INTENT, "i1"),)
    told(state, events.IntentChanged(second))
    told(state, events.IntentChanged(replace(first, outcome=IntentOutcome.REJECTED)))
    assert state.unconfirmed_intents == [second]


def test_each_thing_knows_when_it_was_told_last(state: AppState) -> None:
    assert state.told_at(Topic.ORDER, "o1") is None
    state.apply(events.OrderUpdated(make_order(state=OrderState.DONE)), NOW)
    state.apply(events.OrderUpdated(make_order()), later(5))  # ignored: older
    assert state.told_at(Topic.ORDER, "o1") == NOW
    state.apply(events.MarginUpdated(MARGIN), later(6))
    assert state.told_at(Topic.MARGIN) == later(6)


# Signatures


def test_signatures_are_kept_in_order_and_not_for_ever(state: AppState) -> None:
    assert told(state, events.SignatureAsked(MEANING)) == (Change(Topic.SIGNATURE),)
    assert told(state, WITHHELD) == (Change(Topic.SIGNATURE),)
    assert [note.event for note in state.signatures] == [events.SignatureAsked(MEANING), WITHHELD]
    assert all(note.at == NOW for note in state.signatures)
    for _ in range(2 * SIGNATURES_KEPT):
        told(state, WITHHELD)
    assert len(state.signatures) == SIGNATURES_KEPT
