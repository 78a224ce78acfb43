"""The logic of "What if…": a copy of the account whose prices the trader moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from kayen_desktop.app.changes import Change, Topic
from kayen_desktop.app.session import Session
from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.margin import (
    Holding,
    MarginAccount,
    MarginFigures,
    MarginRules,
    Zone,
    boundary,
    liquidation_move,
    liquidation_price,
    measure,
)
from kayen_desktop.domain.positions import Position
from kayen_desktop.ui.formatting import NOTHING, format_money, format_price, format_signed_money
from kayen_desktop.ui.notices import reading_explanation, what_if
from kayen_desktop.ui.notices.margin import (
    ANY_MOMENT,
    ASK_THE_BROKER,
    NEVER,
    boundaries_text,
    move_text,
    share_text,
    zone_word,
)

from .facts import Tone, account_quote, tone_of
from .margin import next_move

TOPICS = frozenset({Topic.MARKETS, Topic.MARGIN, Topic.CHANNEL, Topic.POSITION})
# A dialog that names them all would be longer than any screen; the table names the rest.
_MARKETS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure now and after the move; ``tone`` is the later one's."""

    label: str
    meaning: str
    now: str
    then: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class WhatIfScreen:
    """All that the dialog shows; ``copy`` is the state as it would be, ``changes`` what is new.

    ``empty`` says why there is nothing to try; then the prices can't be moved.
    """

    copy: AppState
    changes: tuple[Change, ...]
    quote: str
    markets: tuple[str, ...]
    market: str
    result: str
    facts: tuple[Comparison, ...]
    rules: MarginRules
    reading_words: str
    empty: str


class WhatIfView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: WhatIfScreen) -> None:
        """Draw the dialog as it should look now."""


class AccountCopy:
    """A state of its own with the account in use, its prices moved; the real one never changes.

    Decision: it is written through ``AppState.apply`` like any state, so that the gauge and the
    table of the window show the copy as they show the account, by the same rules.
    """

    def __init__(self) -> None:
        self.state = AppState()

    def follow(
        self, source: AppState, shares: Mapping[str, Decimal], now: datetime
    ) -> tuple[Change, ...]:
        """Take in the account as it is, moved by these shares, and return what is new."""
        channel, account = source.channel, source.margin_account
        if self._is_over(source, channel):
            self.state = AppState()
        changes: dict[Change, None] = {}
        for event in self._events(source, channel, account, shares):
            changes.update(dict.fromkeys(self.state.apply(event, now)))
        return tuple(changes)

    def _is_over(self, source: AppState, channel: Channel | None) -> bool:
        """Return whether the copy is of another account, or knows what is not known any more."""
        held = self.state.channel
        if held is None:
            return False
        is_other = channel is None or held.channel_id != channel.channel_id
        return is_other or (source.margin is None and self.state.margin is not None)

    def _events(
        self,
        source: AppState,
        channel: Channel | None,
        account: MarginAccount | None,
        shares: Mapping[str, Decimal],
    ) -> list[events.Event]:
        told: list[events.Event] = []
        if source.markets != self.state.markets:
            told.append(events.MarketsListed(tuple(source.markets.values())))
        if source.margin_rules != self.state.margin_rules:
            told.append(events.MarginRulesChosen(source.margin_rules))
        if channel is None:
            return told
        moved = None if account is None else account.moved(shares)
        limit = channel.margin_limit if moved is None else moved.limit
        told.append(events.ChannelUpdated(replace(channel, margin_limit=limit)))
        if source.margin is not None:
            available = None if moved is None else moved.available
            margin = source.margin
            if available is not None and available != margin.available:
                margin = replace(margin, available=available)
            told.append(events.MarginUpdated(margin))
        held = tuple(
            _moved(each, shares.get(each.market, ZERO))
            for each in source.positions.values()
            if each.channel_id == channel.channel_id
        )
        told.append(events.PositionsListed(channel.channel_id, held))
        return told


class WhatIfPresenter:
    """Keeps the copy in step with the account, and sets its figures beside those of now."""

    def __init__(self, session: Session, view: WhatIfView) -> None:
        self._session = session
        self._view: WhatIfView | None = view
        self._copy = AccountCopy()
        self._share = ZERO
        self._market = ""

    def move(self, share: Decimal) -> None:
        """Move the prices by this share from where they are: -0.06 is a fall of 6 %."""
        if share != self._share:
            self._share = share
            self.refresh()

    def choose_market(self, market: str) -> None:
        """Move this market's price alone; all of them where the name is empty."""
        if market != self._market:
            self._market = market
            self.refresh()

    def refresh(self) -> None:
        """Draw the account as it is now, and as it would be."""
        if self._view is not None:
            self._view.show_screen(self._screen())

    def stop(self) -> None:
        """Draw nothing any more."""
        self._view = None

    def _screen(self) -> WhatIfScreen:
        source = self._session.state
        now = source.margin_account
        markets = _markets_of(now)
        if self._market not in markets:
            self._market = ""
        chosen = (self._market,) if self._market else markets
        share = self._share if markets else ZERO
        changes = self._copy.follow(source, dict.fromkeys(chosen, share), self._session.now())
        then = self._copy.state.margin_account
        quote = account_quote(source)
        result, facts = "", tuple[Comparison, ...]()
        if now is not None and then is not None:
            figures = measure(then, source.margin_rules)
            result = what_if.result_text(self._market, share, figures, quote)
            facts = _compare(now, then, source, chosen)
        return WhatIfScreen(
            self._copy.state,
            changes,
            quote,
            markets,
            self._market,
            result,
            facts,
            source.margin_rules,
            _reading_words(now, source.margin_rules, quote),
            _emptiness(source, now, markets),
        )


def _moved(position: Position, share: Decimal) -> Position:
    """Return the position at the moved price; one whose price stays is the very same."""
    if not share or position.is_over:
        return position
    held = Holding.of(position).moved(share)
    return replace(position, market_value=held.value, pnl=held.pnl)


def _markets_of(account: MarginAccount | None) -> tuple[str, ...]:
    if account is None:
        return ()
    return tuple(dict.fromkeys(each.market for each in account.holdings))


def _emptiness(source: AppState, account: MarginAccount | None, markets: tuple[str, ...]) -> str:
    if source.channel is None:
        return what_if.NO_ACCOUNT
    if account is None:
        return what_if.NO_BALANCE
    return "" if markets else what_if.NOTHING_HELD


def _reading_words(account: MarginAccount | None, rules: MarginRules, quote: str) -> str:
    """Return what the chosen reading means, with this account's own boundaries."""
    parts = [reading_explanation(rules.reading)]
    if account is not None:
        orange = boundary(account, Zone.ORANGE, rules)
        red = boundary(account, Zone.RED, rules)
        if orange is not None and red is not None:
            parts.append(boundaries_text(orange, red, quote))
    return " ".join((*parts, ASK_THE_BROKER))


def _compare(
    now: MarginAccount,
    then: MarginAccount,
    state: AppState,
    chosen: tuple[str, ...],
) -> tuple[Comparison, ...]:
    """Return every figure of the account, now and then; money is in its quote."""
    rules = state.margin_rules
    a, b = measure(now, rules), measure(then, rules)
    return (
        _zones(a, b, rules),
        *_amounts(a, b, rules),
        Comparison(*what_if.NEXT_MOVE, _next_move(now, a, rules), _next_move(then, b, rules)),
        Comparison(
            *what_if.CLOSING_MOVE, _closing_move(now, a, rules), _closing_move(then, b, rules)
        ),
        *(
            Comparison(
                *what_if.market_closed_at(market),
                _closing_price(now, a, market, state),
                _closing_price(then, b, market, state),
            )
            for market in chosen[:_MARKETS_NAMED]
        ),
        _money(what_if.YOU_GET, a.payout, b.payout),
        _money(what_if.BROKER_GETS, a.broker_payout, b.broker_payout),
    )


def _amounts(a: MarginFigures, b: MarginFigures, rules: MarginRules) -> tuple[Comparison, ...]:
    """Return what the account is worth, and what of it is used, free and at stake."""
    initial = what_if.initial_margin(rules.initial_rate)
    maintenance = what_if.maintenance_margin(rules.maintenance_rate)
    pnl = (format_signed_money(a.pnl), format_signed_money(b.pnl))
    return (
        _money(what_if.EQUITY, a.equity, b.equity),
        Comparison(*what_if.PNL, *pnl, tone_of(b.pnl)),
        _money(what_if.USED, a.used, b.used),
        _money(what_if.AVAILABLE, a.available, b.available),
        _money(what_if.POWER, a.buying_power, b.buying_power),
        _money(initial, a.initial_margin, b.initial_margin),
        _money(maintenance, a.maintenance_margin, b.maintenance_margin),
        _money(what_if.TO_NEXT, a.to_next, b.to_next),
    )


def _money(words: tuple[str, str], now: Decimal | None, then: Decimal | None) -> Comparison:
    return Comparison(*words, format_money(now), format_money(then))


def _zones(now: MarginFigures, then: MarginFigures, rules: MarginRules) -> Comparison:
    tones = {Zone.GREEN: Tone.PLAIN, Zone.ORANGE: Tone.BAD, Zone.RED: Tone.BAD}
    tone = Tone.PLAIN if then.zone is None else tones[then.zone]
    words = what_if.left_of_margin(rules.reading)
    return Comparison(*words, _zone(now), _zone(then), tone)


def _zone(figures: MarginFigures) -> str:
    if figures.zone is None or figures.share is None:
        return what_if.UNKNOWN_ZONE
    return f"{zone_word(figures.zone)}, {share_text(figures.share)}"


def _next_move(account: MarginAccount, figures: MarginFigures, rules: MarginRules) -> str:
    if figures.next_zone is None:
        return NOTHING
    move = next_move(account, figures, rules)
    return NEVER if move is None else move_text(move)


def _closing_move(account: MarginAccount, figures: MarginFigures, rules: MarginRules) -> str:
    if figures.zone is None:
        return NOTHING
    if figures.zone is Zone.RED:
        return ANY_MOMENT
    move = liquidation_move(account, rules)
    return NEVER if move is None else move_text(move)


def _closing_price(
    account: MarginAccount, figures: MarginFigures, market: str, state: AppState
) -> str:
    if figures.zone is None:
        return NOTHING
    if figures.zone is Zone.RED:
        return ANY_MOMENT
    price = liquidation_price(account, market, state.margin_rules)
    return NEVER if price is None else format_price(price, state.markets.get(market))
