"""What closing a position would come to, reckoned from the book as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kayen_desktop.app.changes import Topic
from kayen_desktop.app.market_state import STALE_AFTER
from kayen_desktop.app.session import Session
from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.estimates import estimate_order
from kayen_desktop.domain.markets import base_of
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.domain.positions import Position
from kayen_desktop.ui.notices.closing import BOOK_MISSING, BOOK_OLD, NO_PRICE, thin_book_text


@dataclass(frozen=True, slots=True)
class CloseEstimate:
    """The figures of closing an amount (base); money in quote, ``warning`` empty where all is well.

    ``total`` is what the order itself gets or pays, ``result`` the profit or loss after the fee,
    None where the entry is not known.
    """

    total: Decimal
    average_price: Decimal
    fee: Decimal
    result: Decimal | None
    warning: str

    def money(self, side: Side) -> Decimal:
        """Return what changes hands, fee included, for a position of this side."""
        return self.total - self.fee if side is Side.BUY else self.total + self.fee


def estimate_close(session: Session, position: Position, amount: Decimal) -> CloseEstimate | None:
    """Return what closing the amount (base) would come to; None where there is no price at all."""
    request = OrderRequest(position.market, position.side.opposite, OrderType.MARKET, amount)
    context = session.trading.context(position.market)
    estimate = estimate_order(request, context)
    if estimate is None or estimate.amount <= ZERO:
        return None
    fee = estimate.fee or ZERO
    result = None
    if position.amount > ZERO:
        entry = position.cost * estimate.amount / position.amount
        result = (estimate.total - entry) * position.side.sign - fee
    has_book = context.book is not None and (
        context.book.best_bid if position.side is Side.BUY else context.book.best_ask
    )
    if not has_book:
        warning = BOOK_MISSING
    elif not estimate.is_complete:
        base = base_of(position.market)
        warning = thin_book_text(estimate.amount, amount, base)
    elif is_book_old(session, position.market, session.now()):
        warning = BOOK_OLD
    else:
        warning = ""
    return CloseEstimate(estimate.total, estimate.average_price, fee, result, warning)


def no_price_warning(estimate: CloseEstimate | None) -> str:
    """Return what to warn of beside the figures, also where there are none."""
    return NO_PRICE if estimate is None else estimate.warning


def is_book_old(session: Session, market: str, now: datetime) -> bool:
    """Return whether the market's book is missing or has been silent for long."""
    told_at = session.state.told_at(Topic.BOOK, market)
    return told_at is None or market not in session.state.books or now - told_at > STALE_AFTER


def follow_book(session: Session, market: str) -> None:
    """Have the market's book told, where it is not told already.

    Decision: it is not given back when the dialog goes. Another screen may have begun to rely on
    it meanwhile, and one book more costs less than one book missing.
    """
    if market in session.state.markets and is_book_old(session, market, session.now()):
        session.venue.watch_market(market)
