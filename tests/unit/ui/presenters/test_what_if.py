"""What if: at nothing it equals now, moved it equals the domain's own figures, and it is live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.channels import MarginLimit
from kayen_desktop.domain.margin import MarginBalance, MarginReading, MarginRules, Zone, measure
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import Position, PositionStatus
from kayen_desktop.ui.notices import what_if
from kayen_desktop.ui.presenters.what_if import AccountCopy, WhatIfPresenter, WhatIfScreen
from tests.unit.ui.stage import BTC, CHANNEL_ID, NOW, PEPE, Stage, channel, position

D = Decimal
BITCOIN = position(
    "0.00001", side=Side.SELL, market="BTC/USD", position_id="b", entry="64000", mark="64100"
)


class View:
    """Keeps the last screen."""

    def __init__(self) -> None:
        self.screen: WhatIfScreen | None = None

    def show_screen(self, screen: WhatIfScreen) -> None:
        self.screen = screen


class Desk:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.view = View()
        self.presenter = WhatIfPresenter(stage.session, self.view)

    def look(self) -> WhatIfScreen:
        self.presenter.refresh()
        assert self.view.screen is not None
        return self.view.screen

    def fact(self, label: str) -> tuple[str, str]:
        return next((each.now, each.then) for each in self.look().facts if each.label == label)


def furnish(stage: Stage) -> Desk:
    stage.open_account("1")
    stage.tell(events.MarginUpdated(MarginBalance(D(1), D("0.8"), D("0.2"), D(10))))
    stage.hold(position("1000000", mark="0.00001149"), BITCOIN)
    return Desk(stage)


async def test_at_nothing_every_figure_is_the_one_of_now(stage: Stage) -> None:
    desk = furnish(stage)
    screen = desk.look()
    assert [each.now for each in screen.facts] == [each.then for each in screen.facts]
    source = stage.session.state
    assert screen.copy.margin_account == source.margin_account
    assert screen.copy.positions == source.positions
    assert screen.copy.margin == source.margin
    assert screen.result == "At the prices now your account is worth 0.969 USD and safe. All " \
        "orders are taken."  # fmt: skip
    assert screen.empty == ""


async def test_a_fall_moves_every_figure_of_the_copy_and_none_of_the_account(
    stage: Stage,
) -> None:
    desk = furnish(stage)
    before = stage.session.state.margin_account
    desk.presenter.move(D("-0.06"))
    # PEPE loses 0.6894 of 11.49, BTC gains 0.03846 of 0.641.
    assert desk.fact("Equity") == ("0.969", "0.318")
    assert desk.fact("Profit/loss") == ("−0.031", "−0.6819")
    assert desk.fact("Used") == ("0.80", "0.80")
    assert desk.fact("Available") == ("0.20", "−0.4509")
    assert desk.fact("Buying power") == ("2.00", "0.00")
    assert desk.fact("Initial margin") == ("2.432", "2.432")
    assert desk.fact("Maintenance margin") == ("1.216", "1.216")
    assert desk.fact("Zone") == ("Safe, 96.9 %", "Safe, 31.8 %")
    assert desk.fact("To the next zone") == ("0.769", "0.118")
    assert desk.fact("… in per cent of price") == ("−7 %", "−1.1 %")
    assert desk.fact("Danger at") == ("−8 %", "−2.1 %")
    assert desk.fact("… in PEPE/USD alone") == ("0.000010621", "0.000010582")
    assert desk.fact("… in BTC/USD alone") == ("151,000.00", "82,060.00")
    assert desk.fact("You get back") == ("0.969", "0.318")
    assert desk.fact("The broker gets back") == ("–", "–")
    assert stage.session.state.margin_account == before
    moved = desk.look().copy.positions
    assert moved[BITCOIN.position_id].market_value == D("0.641") * D("0.94")
    desk.presenter.move(ZERO)
    assert desk.look().copy.margin_account == before


async def test_one_market_moves_alone_until_it_is_gone(stage: Stage) -> None:
    desk = furnish(stage)
    desk.presenter.choose_market("BTC/USD")
    desk.presenter.move(D("0.10"))
    screen = desk.look()
    assert (screen.market, screen.markets) == ("BTC/USD", ("PEPE/USD", "BTC/USD"))
    assert desk.fact("Equity") == ("0.969", "0.9049")
    labels = [each.label for each in screen.facts]
    assert "… in BTC/USD alone" in labels
    assert "… in PEPE/USD alone" not in labels
    assert screen.result.startswith("If BTC/USD rises 10 %, ")
    stage.hold(replace(BITCOIN, status=PositionStatus.CLOSED))
    assert (desk.look().market, desk.look().markets) == ("", ("PEPE/USD",))


async def test_the_copy_follows_the_live_prices(stage: Stage) -> None:
    desk = furnish(stage)
    desk.presenter.move(D("-0.05"))
    desk.look()
    stage.hold(position("1000000", mark="0.00001160"))
    screen = desk.look()
    assert Change(Topic.POSITION, BITCOIN.position_id) in screen.changes
    assert screen.copy.positions[position().position_id].market_value == D("11.6") * D("0.95")
    copy = screen.copy
    assert desk.look().copy is copy


async def test_the_zone_crosses_and_says_what_it_means(stage: Stage) -> None:
    desk = furnish(stage)
    desk.presenter.move(D("-0.075"))
    assert desk.fact("Zone")[1].startswith("Low, 15.")
    assert "Only orders that reduce" in desk.look().result
    desk.presenter.move(D("-0.09"))
    assert desk.fact("Zone")[1].startswith("Danger, ")
    assert desk.fact("Danger at") == ("−8 %", "now")
    assert desk.fact("… in PEPE/USD alone")[1] == "now"
    assert desk.fact("… in per cent of price")[1] == "–"


async def test_the_other_reading_is_explained_with_its_boundaries(stage: Stage) -> None:
    desk = furnish(stage)
    words = desk.look().reading_words
    assert "low begins under 0.20 USD and danger under 0.10 USD" in words
    both = replace(channel(deposit="1", balance="1"), responder_balance=D(1))
    rules = MarginRules(MarginReading.TOTAL)
    stage.tell(events.ChannelUpdated(both), events.MarginRulesChosen(rules))
    screen = desk.look()
    assert screen.rules is rules
    assert screen.copy.margin_rules is rules
    assert "low begins under 0.40 USD and danger under 0.20 USD" in screen.reading_words
    assert desk.fact("The broker gets back") == ("1.031", "1.031")


async def test_what_is_not_known_is_said_and_no_figure_invented(stage: Stage) -> None:
    desk = Desk(stage)
    screen = desk.look()
    assert (screen.empty, screen.facts, screen.result) == (what_if.NO_ACCOUNT, (), "")
    stage.tell(events.ChannelUpdated(channel(balance=None)))
    assert desk.look().empty == what_if.NO_BALANCE
    stage.open_account("1")
    assert desk.look().empty == what_if.NOTHING_HELD
    assert desk.fact("Danger at") == ("at no price", "at no price")
    stage.tell(
        events.ChannelClosed(CHANNEL_ID),
        events.ChannelUpdated(channel(deposit=None, channel_id="0xnew")),
    )
    assert desk.fact("Zone") == ("not known", "not known")
    assert desk.fact("Danger at") == ("–", "–")
    stage.hold(replace(position(), channel_id="0xnew"))
    assert desk.fact("… in PEPE/USD alone") == ("–", "–")
    assert "low begins" not in desk.look().reading_words


async def test_another_account_gets_another_copy(stage: Stage) -> None:
    desk = furnish(stage)
    first = desk.look().copy
    stage.tell(events.ChannelClosed(CHANNEL_ID))
    assert desk.look().empty == what_if.NO_ACCOUNT
    stage.tell(events.ChannelUpdated(channel(channel_id="0xnew")))
    second = desk.look().copy
    assert second is not first
    assert set(second.channels) == {"0xnew"}
    assert second.margin is None


async def test_once_closed_nothing_is_drawn(stage: Stage) -> None:
    desk = furnish(stage)
    desk.look()
    desk.presenter.stop()
    desk.view.screen = None
    desk.presenter.move(D("0.01"))
    assert desk.view.screen is None


def source(positions: list[Position], limit: MarginLimit | None = None) -> AppState:
    state = AppState()
    account = replace(channel(deposit="1", balance="1"), margin_limit=limit)
    told: list[events.Event] = [
        events.MarketsListed((PEPE, BTC)),
        events.ChannelUpdated(account),
        events.MarginUpdated(MarginBalance(D(1), D("0.8"), D("0.2"), D(10))),
        *(events.PositionUpdated(each) for each in positions),
    ]
    for event in told:
        state.apply(event, NOW)
    return state


def hold(side: Side, amount: Decimal, entry: Decimal, mark: Decimal, *, valued: bool) -> Position:
    held = position(
        str(amount), side=side, entry=str(entry), mark=str(mark), position_id=str(amount)
    )
    return held if valued else replace(held, market_value=None, pnl=None)


HELD = st.builds(
    hold,
    st.sampled_from(Side),
    st.decimals("0.001", "1e6", places=3),
    st.decimals("0.00000001", "10", places=8),
    st.decimals("0.00000001", "10", places=8),
    valued=st.booleans(),
)


@given(
    held=st.lists(HELD, max_size=4, unique_by=lambda each: each.position_id),
    share=st.integers(-200, 200).map(lambda tenths: D(tenths) / 1000),
    limit=st.sampled_from([None, *MarginLimit]),
)
def test_the_copys_account_is_the_domains_moved_account(
    held: list[Position], share: Decimal, limit: MarginLimit | None
) -> None:
    state, copy = source(held, limit), AccountCopy()
    shares: Mapping[str, Decimal] = {"PEPE/USD": share}
    copy.follow(state, shares, NOW)
    account = state.margin_account
    assert account is not None
    assert copy.state.margin_account == account.moved(shares)
    copy.follow(state, {}, NOW)
    assert copy.state.margin_account == account
    assert copy.state.positions == state.positions


def test_the_venues_word_on_the_limit_is_one_of_now_only() -> None:
    state, copy = source([position("1000000")], MarginLimit.HARD), AccountCopy()
    copy.follow(state, {}, NOW)
    assert copy.state.margin_account is not None
    assert measure(copy.state.margin_account).zone is Zone.RED
    copy.follow(state, {"PEPE/USD": D("0.01")}, NOW)
    assert copy.state.margin_account is not None
    assert measure(copy.state.margin_account).zone is Zone.GREEN


@pytest.mark.parametrize("is_told", [True, False])
def test_what_the_exchange_does_not_tell_any_more_leaves_the_copy(is_told: bool) -> None:
    copy = AccountCopy()
    copy.follow(source([position()]), {}, NOW)
    state = source([position()])
    if not is_told:
        state = AppState()
        state.apply(events.ChannelUpdated(channel(deposit="1", balance="1")), NOW)
    copy.follow(state, {}, NOW)
    assert (copy.state.margin is not None) is is_told
