"""One sentence for everything that happens, as the activity list tells it."""

from __future__ import annotations

from kayen_desktop.app.market_state import LinkStatus
from kayen_desktop.app.state import Notice as VenueNotice
from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.events import Severity, SignatureAsked, SignatureWithheld
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import (
    Intent,
    IntentOutcome,
    IntentRequest,
    OpenChannelRequest,
    RecordTradeRequest,
    SettleRequest,
)
from kayen_desktop.domain.markets import Market, base_of, quote_of
from kayen_desktop.domain.orders import Order, OrderRequest, OrderState
from kayen_desktop.domain.signatures import SignatureOutcome
from kayen_desktop.ui.formatting import format_amount, format_exact, format_money, format_price

from .accounts import channel_explanation, channel_title
from .connections import link_explanation
from .keys import signing_text
from .notice import one_line, quoted, sentence
from .orders import held_word, order_status_text, order_type_text, side_text
from .settling import markets_text

_OUTCOMES = {
    IntentOutcome.UNCONFIRMED: (
        "not confirmed yet. It is never sent twice; we are asking the venue what became of it."
    ),
    IntentOutcome.CONFIRMED: "taken in by the venue.",
    IntentOutcome.REJECTED: "the venue said no.",
    IntentOutcome.NOT_SENT: "not sent, because there was no connection. Nothing has changed.",
    IntentOutcome.NOT_RECEIVED: "it never reached the venue. Nothing has changed.",
    IntentOutcome.NEVER_KNOWN: (
        "no answer came, and the venue can't be asked. Compare your positions before you book it "
        "again."
    ),
}
# A trade made elsewhere is in no list of the venue's: only its own answer tells of it.
_TRADE_UNCONFIRMED = "not confirmed yet. It is never sent twice."

_VENUE_SAYS = {
    Severity.INFO: "The venue says",
    Severity.WARNING: "The venue warns",
    Severity.CRITICAL: "The venue warns urgently",
}


def fill_activity(fill: Fill, market: Market | None = None) -> str:
    """Return what was bought or sold, for how much and at what fee."""
    base, quote = base_of(fill.market), quote_of(fill.market)
    text = (
        f"{held_word(fill.side)} {format_amount(fill.amount, market)} {base} at "
        f"{format_price(fill.price, market)}, {format_money(fill.total, quote)} in all"
    )
    if fill.fee:
        text += f", fee {format_money(fill.fee, fill.fee_currency)}"
    return sentence(text)


def order_activity(order: Order, market: Market | None = None) -> str:
    """Return which order it is, where it stands, and the venue's reason where it gave one."""
    base, quote = base_of(order.market), quote_of(order.market)
    text = (
        f"{order_type_text(order.order_type)} order, {side_text(order.side).lower()} "
        f"{format_amount(order.amount, market)} {base}"
    )
    if order.order_type.has_price and order.price is not None:
        text += f" at {format_price(order.price, market)} {quote}"
    text += f": {order_status_text(order).lower()}"
    if ZERO < order.executed < order.amount:
        text += f", {format_amount(order.executed, market)} {base} traded"
    if order.reason.strip() and order.state in (OrderState.REJECT, OrderState.TRIGGER_REJECT):
        text += f" with the words {quoted(order.reason)}"
    return sentence(text)


def channel_activity(channel: Channel) -> str:
    """Return which account it is and what its state means."""
    return f"{channel_title(channel)}: {channel_explanation(channel)}"


def request_text(request: IntentRequest, market: Market | None = None) -> str:
    """Return what was asked for, without an end mark: "Buy 12 PEPE, market order"."""
    if isinstance(request, OrderRequest):
        base, quote = base_of(request.market), quote_of(request.market)
        text = (
            f"{side_text(request.side)} {format_amount(request.amount, market)} {base}, "
            f"{order_type_text(request.order_type).lower()} order"
        )
        if request.order_type.has_price and request.price is not None:
            text += f" at {format_price(request.price, market)} {quote}"
        return text
    if isinstance(request, OpenChannelRequest):
        name = one_line(request.broker.name) or "a broker"
        return (
            f"Open a margin account (channel) with {name}, deposit {format_exact(request.deposit)}"
        )
    if isinstance(request, SettleRequest):
        return f"Settle {markets_text(request.markets)}"
    if isinstance(request, RecordTradeRequest):
        fill = request.fill
        base, quote = base_of(fill.market), quote_of(fill.market)
        return (
            f"Book a trade made elsewhere: {held_word(fill.side).lower()} "
            f"{format_amount(fill.amount, market)} {base} at {format_price(fill.price, market)} "
            f"{quote}, trade {quoted(fill.fill_id)}"
        )
    return "Close the margin account (channel)"


def intent_text(intent: Intent, market: Market | None = None) -> str:
    """Return what was asked for and what is known of its outcome."""
    outcome = _OUTCOMES[intent.outcome]
    if intent.outcome is IntentOutcome.REJECTED and intent.reason.strip():
        outcome = f"the venue said no: {quoted(intent.reason)}."
    elif intent.is_unconfirmed and isinstance(intent.request, RecordTradeRequest):
        outcome = _TRADE_UNCONFIRMED
    return f"{request_text(intent.request, market)}: {outcome}"


def link_activity(status: LinkStatus) -> str:
    """Return how a connection is, in sentences."""
    return link_explanation(status)


def notice_activity(notice: VenueNotice) -> str:
    """Return the venue's own words, marked as such, and what it names beside them."""
    named = [
        f"{label} {quoted(value)}"
        for label, value in (("state", notice.state), ("transaction", notice.transaction_hash))
        if value.strip()
    ]
    rest = f" ({', '.join(named)})" if named else ""
    return f"{_VENUE_SAYS[notice.severity]}: {quoted(notice.text)}{rest}."


def signature_activity(event: SignatureAsked | SignatureWithheld) -> str:
    """Return what a signature says before it is made, or why there is none."""
    if isinstance(event, SignatureAsked):
        return signing_text(event.meaning)
    if event.outcome is SignatureOutcome.DECLINED:
        return "You declined to sign, so you are not signed in. Nothing was signed."
    if event.outcome is SignatureOutcome.FAILED:
        return f"Your key could not be used, so nothing was signed. {sentence(event.reason)}"
    return sentence(event.reason)
