"""What an order would do to a margin account, before it is sent.

The clearing house's own rules are followed (protocols.md §1.5, §1.7): entry prices are averages
cut to 18 decimals, realised results and fees are cut to 6, and both move between the two balances,
whose sum stays. All is reckoned as if the order were filled at its estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .amounts import MONEY_PLACES, ONE, PRICE_PLACES, ZERO, truncate
from .estimates import TicketEstimate
from .margin import (
    RULES,
    SHARE_PLACES,
    Holding,
    MarginAccount,
    MarginFigures,
    MarginRules,
    Zone,
    boundary,
    liquidation_price,
    measure,
    payout_of,
    price_at,
)
from .orders import OrderRequest, Side
from .positions import Position


@dataclass(frozen=True, slots=True)
class OrderRisk:
    """An account before and after an order, and how far it then is from danger; money in quote.

    ``side_held`` is what is held in the order's market afterwards, None for nothing. The moves are
    shares of this market's price, counted from its mark: -0.06 is a fall of 6 %; None where the
    zone is reached already, or by no price. ``stake`` is what the trader would get back now, and
    ``most_to_lose`` how much of that the worst prices could take after the order.

    Decision: an order that waits (``is_waiting``) may wait for ever, and what a thin book does not
    show may be filled all the same. So the moves, the liquidation price and the most to lose are
    the worst of what may come of the order, and ``after`` alone is the account once it is filled.
    """

    before: MarginFigures
    after: MarginFigures
    side_held: Side | None
    liquidation_price: Decimal | None
    orange_move: Decimal | None
    red_move: Decimal | None
    most_to_lose: Decimal
    stake: Decimal
    side_before: Side | None = None
    is_waiting: bool = False


def added_amount(
    request: OrderRequest, position: Position | None, resting: Decimal = ZERO
) -> Decimal:
    """Return the part of the order (base) that adds exposure; what it closes adds none.

    ``resting`` (base) is what rests on the order's side already: it has first call on the
    position, as it has at the exchange (YIP-0003).
    """
    if position is None or not position.is_open or position.side is request.side:
        return request.amount
    return max(request.amount - max(position.amount - resting, ZERO), ZERO)


def after_order(
    account: MarginAccount,
    request: OrderRequest,
    estimate: TicketEstimate,
    mark: Decimal,
    leverage: Decimal | None,
) -> MarginAccount:
    """Return the account once the order is filled at its estimate.

    ``mark`` (quote) values what is added; an order that rests is filled when the market has come
    to its price, and is valued there: neither gains nor loses by that alone. ``leverage`` is the
    market's, else the account's stands for it: what is used grows and shrinks by the cost over it.
    The venue's word on the margin limit stays: no order takes it back.
    """
    held = next((each for each in account.holdings if _is_reached(each, request)), None)
    price = estimate.average_price
    left, closed = held, ZERO
    realised = cost_closed = cost_added = ZERO
    if held is not None and held.side is not request.side:
        closed = min(estimate.amount, held.amount)
        left, realised = _reduce(held, closed, price)
        cost_closed = held.cost - (ZERO if left is None else left.cost)
    if estimate.amount > closed:
        worth = price if estimate.is_resting else mark
        cost_before = ZERO if left is None else left.cost
        left = _add(left, request, estimate.amount - closed, price, worth)
        cost_added = left.cost - cost_before
    fee = truncate(estimate.fee or ZERO, MONEY_PLACES)
    others = tuple(each for each in account.holdings if each is not held)
    after = replace(
        account,
        balance=account.balance + realised - fee,
        holdings=others if left is None else (*others, left),
    )
    return _carry(account, after, cost_closed, cost_added, leverage or account.leverage)


def order_risk(
    account: MarginAccount,
    request: OrderRequest,
    estimate: TicketEstimate,
    mark: Decimal,
    leverage: Decimal | None,
    rules: MarginRules = RULES,
    before: MarginFigures | None = None,
) -> OrderRisk:
    """Return what the order would do to the account; ``mark`` (quote) is more than zero.

    ``before`` are the account's figures, where they are at hand.
    """
    after = after_order(account, request, estimate, mark, leverage)
    if before is None:
        before = measure(account, rules)
    then = measure(after, rules)
    ends = [after]
    if estimate.is_resting:
        ends.append(account)
    elif estimate.amount < request.amount:
        whole = replace(estimate, amount=request.amount)
        ends.append(after_order(account, request, whole, mark, leverage))
    stake = before.payout
    market, side = request.market, _side_of(after, request.market)
    alike = [each for each in ends if _side_of(each, market) is side]
    zones = [then.zone, *(measure(each, rules).zone for each in alike[1:])]
    return OrderRisk(
        before=before,
        after=then,
        side_held=side,
        liquidation_price=_nearest_price(alike, market, side, rules),
        orange_move=_nearest_move(Zone.ORANGE, alike, zones, market, mark, rules),
        red_move=_nearest_move(Zone.RED, alike, zones, market, mark, rules),
        most_to_lose=min(max(stake - min(map(_worst_payout, ends)), ZERO), stake),
        stake=stake,
        side_before=_side_of(account, market),
        is_waiting=estimate.is_resting,
    )


def _side_of(account: MarginAccount, market: str) -> Side | None:
    net = account.net_in(market)
    return None if not net else Side.BUY if net > ZERO else Side.SELL


def _nearest_price(
    accounts: Sequence[MarginAccount], market: str, side: Side | None, rules: MarginRules
) -> Decimal | None:
    """Return the liquidation price that is reached first of those of the accounts."""
    told = (liquidation_price(each, market, rules) for each in accounts)
    prices = [price for price in told if price is not None]
    nearest = max if side is Side.BUY else min
    return nearest(prices, default=None)


def _nearest_move(
    zone: Zone,
    accounts: Sequence[MarginAccount],
    zones: Sequence[Zone | None],
    market: str,
    mark: Decimal,
    rules: MarginRules,
) -> Decimal | None:
    """Return the least of the accounts' moves into the zone; None where the first is in it.

    ``zones`` are those that the accounts are in.
    """
    if zones[0] in (zone, Zone.RED):
        return None
    told = (
        ZERO if now in (zone, Zone.RED) else _move_into(zone, each, market, mark, rules)
        for each, now in zip(accounts, zones, strict=True)
    )
    return min((move for move in told if move is not None), key=abs, default=None)


def _is_reached(holding: Holding, request: OrderRequest) -> bool:
    """Return whether the order adds to the holding or reduces it."""
    return holding.market == request.market and holding.is_open


def _reduce(held: Holding, amount: Decimal, price: Decimal) -> tuple[Holding | None, Decimal]:
    """Return what is left after closing the amount (base) at a price, and the realised result."""
    rest = held.amount - amount
    left = replace(
        held,
        amount=rest,
        cost=held.cost * rest / held.amount,
        value=held.value * rest / held.amount,
        pnl=held.pnl * rest / held.amount,
    )
    realised = (amount * price - (held.cost - left.cost)) * held.side.sign
    return left if rest else None, truncate(realised, MONEY_PLACES)


def _add(
    held: Holding | None, request: OrderRequest, amount: Decimal, price: Decimal, worth: Decimal
) -> Holding:
    """Return what is held after adding the amount (base), entered at a price, valued at a worth."""
    if held is None:
        held = Holding(request.market, request.side, ZERO, ZERO, ZERO, ZERO)
    whole = held.amount + amount
    cost = whole * truncate((held.cost + amount * price) / whole, PRICE_PLACES)
    gain = (amount * worth - (cost - held.cost)) * request.side.sign
    return replace(
        held, amount=whole, cost=cost, value=held.value + amount * worth, pnl=held.pnl + gain
    )


def _carry(
    account: MarginAccount,
    after: MarginAccount,
    cost_closed: Decimal,
    cost_added: Decimal,
    leverage: Decimal | None,
) -> MarginAccount:
    """Return ``after`` with the exchange's words on what is used and available carried along."""
    used, available = account.used, account.available
    if used is None or available is None:
        return replace(after, used=None, available=None)
    # No leverage at all is the careful guess where the exchange has told none.
    leverage = ONE if leverage is None or leverage <= ZERO else leverage
    then_used = max(used - cost_closed / leverage, ZERO) + cost_added / leverage
    gained = after.equity - account.equity
    return replace(after, used=then_used, available=available + gained - (then_used - used))


def _move_into(
    zone: Zone,
    account: MarginAccount,
    market: str,
    mark: Decimal,
    rules: MarginRules,
) -> Decimal | None:
    """Return the share of the mark by which the price moves into a zone that is not reached.

    Cut to four decimals towards zero, so that danger is told earlier, never later. Zero where the
    price is past it, which a resting order's can be before it is filled.
    """
    limit = boundary(account, zone, rules)
    if limit is None:
        return None
    price = price_at(account, market, limit)
    if price is None:
        return None
    share = truncate((price - mark) / mark, SHARE_PLACES)
    is_towards_loss = share * account.net_in(market) < ZERO
    return share if is_towards_loss else ZERO


def _worst_payout(account: MarginAccount) -> Decimal:
    """Return what is paid out at the worst prices: a sold market has no highest one."""
    nets: dict[str, Decimal] = {}  # in one pass: it is asked for at every key in the ticket
    for each in account.holdings:
        nets[each.market] = nets.get(each.market, ZERO) + each.amount * each.side.sign
    if any(net < ZERO for net in nets.values()):
        return ZERO
    worth = sum((each.value * each.side.sign for each in account.holdings), ZERO)
    return payout_of(account.equity - worth, account.total)
