"""How safe a margin account is, and how safe it would be: figures, zones and liquidation prices.

Sources (protocols.md §1.7): buying power is YIP-0003's, the zones are YIP-0006's, initial and
maintenance margin are definitions.md's. All is exact but prices and shares of a move, whose
rounding is stated where they are made and always tells of danger earlier, never later.

Decision: the zones say when the broker may close positions, and so where the liquidation price
is. definitions.md names another point, a margin balance of a tenth of what the positions cost;
at the leverage of ten that the exchange grants, an account in full use would stand there from its
first trade. It is told as the maintenance margin, and decides nothing.

Decision: "share of the margin" can be read as a share of one's own deposit or of the two deposits
together; no source settles it, so it is a setting (``MarginReading``). The own deposit is the
default: it warns of a loss where the trader feels it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from enum import Enum

from .amounts import ONE, PRICE_PLACES, ZERO, truncate
from .channels import Channel, MarginLimit
from .orders import Side
from .positions import Position

SHARE_PLACES = 4  # of a move: 0.0625 is 6.25 %
_PRICE_UNIT = ONE.scaleb(-PRICE_PLACES)
# Wide enough that cutting never fails on a figure as long as a hostile venue may send.
_PRICING_UP = Context(prec=200, rounding=ROUND_CEILING)
_PRICING_DOWN = Context(prec=200, rounding=ROUND_FLOOR)


class Zone(Enum):
    """How much of the margin is left (YIP-0006): orange and red take only what reduces."""

    GREEN = "green"
    ORANGE = "orange"
    RED = "red"

    @property
    def is_close_only(self) -> bool:
        """True where only orders that reduce a position are taken."""
        return self is not Zone.GREEN


class MarginReading(Enum):
    """What a zone's share is a share of."""

    OWN_DEPOSIT = "own_deposit"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class MarginRules:
    """The rates of §1.7, as fractions of the margin (zones) and of the cost (margins)."""

    reading: MarginReading = MarginReading.OWN_DEPOSIT
    orange_below: Decimal = Decimal("0.20")
    red_below: Decimal = Decimal("0.10")
    initial_rate: Decimal = Decimal("0.20")
    maintenance_rate: Decimal = Decimal("0.10")

    def zone_of(self, share: Decimal) -> Zone:
        """Return the zone of a remaining share: green from 20 %, red under 10 %."""
        if share < self.red_below:
            return Zone.RED
        return Zone.ORANGE if share < self.orange_below else Zone.GREEN


RULES = MarginRules()


@dataclass(frozen=True, slots=True)
class MarginBalance:
    """The exchange's word on an account, in quote (§2.6, balances of the Kayen dialect).

    ``available`` is collateral not yet used by positions or locked by open orders.
    """

    balance: Decimal
    locked: Decimal
    available: Decimal
    leverage: Decimal

    @property
    def buying_power(self) -> Decimal:
        """The largest order value the account can still carry (YIP-0003)."""
        return max(self.available * self.leverage, ZERO)


@dataclass(frozen=True, slots=True)
class AssetBalance:
    """One asset's balance where the exchange keeps balances by asset (OpenDAX dialect)."""

    asset: str
    available: Decimal
    locked: Decimal


@dataclass(frozen=True, slots=True)
class Holding:
    """A position as it bears on the margin: ``amount`` in base, the rest in quote.

    ``is_open`` is False where it is being settled: it still counts, and no order reduces it.
    """

    market: str
    side: Side
    amount: Decimal
    cost: Decimal
    value: Decimal
    pnl: Decimal
    is_open: bool = True

    @classmethod
    def of(cls, position: Position) -> Holding:
        """Return the position's holding; one that is not valued yet counts at its cost.

        Of value and profit either one gives the other, where the venue has told only that.
        """
        value, pnl = position.market_value, position.pnl
        sign = position.side.sign
        if value is None:
            value = position.cost + (ZERO if pnl is None else pnl) * sign
        if pnl is None:
            pnl = (value - position.cost) * sign
        return cls(
            position.market,
            position.side,
            position.amount,
            position.cost,
            value,
            pnl,
            position.is_open,
        )

    @property
    def mark_price(self) -> Decimal:
        """The price that the value is reckoned at."""
        return self.value / self.amount

    def moved(self, share: Decimal) -> Holding:
        """Return the holding after its price has moved by a share: -0.06 is a fall of 6 %."""
        change = self.value * share
        return replace(self, value=self.value + change, pnl=self.pnl + change * self.side.sign)


@dataclass(frozen=True, slots=True)
class MarginAccount:
    """All that the margin hangs on, in quote; None where the venue has not said it.

    ``total`` is what both sides put in: the two balances always sum to it. ``used`` and
    ``available`` are the exchange's words, carried along by what is reckoned from them. ``pnl`` is
    the unrealised profit or loss of all holdings, and ``cost`` what they were entered for.
    """

    balance: Decimal
    deposit: Decimal | None
    total: Decimal | None
    holdings: tuple[Holding, ...] = ()
    used: Decimal | None = None
    available: Decimal | None = None
    leverage: Decimal | None = None
    limit: MarginLimit | None = None
    pnl: Decimal = field(init=False, repr=False, compare=False)
    cost: Decimal = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Add up the holdings once: every figure of the account asks for the sums."""
        pnl = sum((holding.pnl for holding in self.holdings), ZERO)
        object.__setattr__(self, "pnl", pnl)
        cost = sum((holding.cost for holding in self.holdings), ZERO)
        object.__setattr__(self, "cost", cost)

    @property
    def equity(self) -> Decimal:
        """The margin balance of definitions.md: the balance and what the positions stand at."""
        return self.balance + self.pnl

    def net_in(self, market: str) -> Decimal:
        """Return what is held in the market in base, all its holdings together; sold is below 0."""
        return sum(
            (each.amount * each.side.sign for each in self.holdings if each.market == market), ZERO
        )

    def moved(self, shares: Mapping[str, Decimal]) -> MarginAccount:
        """Return the account after the markets named have moved by their shares.

        A move of nothing, or of what is not held, returns equal figures, to the last digit. The
        venue's word on the margin limit is one of now, so a copy that has moved goes without.
        """
        if not any(shares.get(each.market) for each in self.holdings):
            return self
        holdings = tuple(each.moved(shares.get(each.market, ZERO)) for each in self.holdings)
        after = replace(self, holdings=holdings, limit=None)
        available = self.available
        if available is not None:
            available += after.pnl - self.pnl
        return replace(after, available=available)

    def without(self, markets: Collection[str]) -> MarginAccount:
        """Return the account once the markets are settled: their result is paid outside it.

        What they used of the margin is free again, so far as it is their part of the cost.
        """
        holdings = tuple(each for each in self.holdings if each.market not in markets)
        if len(holdings) == len(self.holdings):
            return self
        after = replace(self, holdings=holdings, limit=None)
        used, available = self.used, self.available
        if used is not None and self.cost:
            used = used * after.cost / self.cost
        if available is not None:
            available += after.pnl - self.pnl + (self.used or ZERO) - (used or ZERO)
        return replace(after, used=used, available=available)


@dataclass(frozen=True, slots=True)
class MarginFigures:
    """An account at a glance, in quote; ``share`` is what is left of the margin, 1 being all.

    ``buying_power``, ``share`` and ``zone`` are None where the venue has not said enough.
    ``to_next`` is the loss that leads to the next worse zone, None in the worst one.
    ``payout`` and ``broker_payout`` are what each side gets back if all closed at these prices.
    """

    equity: Decimal
    pnl: Decimal
    used: Decimal
    available: Decimal
    buying_power: Decimal | None
    initial_margin: Decimal
    maintenance_margin: Decimal
    share: Decimal | None
    zone: Zone | None
    next_zone: Zone | None
    to_next: Decimal | None
    payout: Decimal
    broker_payout: Decimal | None


def account_of(
    channel: Channel,
    positions: Iterable[Position],
    margin: MarginBalance | None = None,
    holding_of: Callable[[Position], Holding] = Holding.of,
) -> MarginAccount | None:
    """Return the account as the venue tells it; None until its balance is known.

    A position in settlement still rises and falls with the market, so it counts until it is over.
    ``holding_of`` is for who remembers holdings.
    """
    balance = channel.own_balance
    if balance is None:
        return None
    broker_balance = channel.broker_balance
    total = None if broker_balance is None else balance + broker_balance
    return MarginAccount(
        balance,
        channel.margin_deposit or None,
        total,
        tuple(
            holding_of(position)
            for position in positions
            if position.channel_id == channel.channel_id and not position.is_over
        ),
        None if margin is None else margin.locked,
        None if margin is None else margin.available,
        None if margin is None else margin.leverage,
        channel.margin_limit,
    )


def measure(account: MarginAccount, rules: MarginRules = RULES) -> MarginFigures:
    """Return the account's figures.

    Where the exchange has not told what is used, the initial margin of definitions.md stands for
    it, and available is the equity without it.
    """
    equity = account.equity
    initial = account.cost * rules.initial_rate
    used = initial if account.used is None else account.used
    available = equity - used if account.available is None else account.available
    power = None if account.leverage is None else max(available * account.leverage, ZERO)
    whole = _whole(account, rules)
    share = zone = next_zone = to_next = None
    if whole is not None:
        share = equity / whole
        zone = _limited(rules.zone_of(share), account.limit)
        next_zone, to_next = _next(zone, equity, whole, rules)
    payout = payout_of(equity, account.total)
    return MarginFigures(
        equity=equity,
        pnl=account.pnl,
        used=used,
        available=available,
        buying_power=power,
        initial_margin=initial,
        maintenance_margin=account.cost * rules.maintenance_rate,
        share=share,
        zone=zone,
        next_zone=next_zone,
        to_next=to_next,
        payout=payout,
        broker_payout=None if account.total is None else account.total - payout,
    )


def payout_of(equity: Decimal, total: Decimal | None) -> Decimal:
    """Return what an equity is paid out as: never less than nothing, nor more than there is."""
    return max(equity if total is None else min(equity, total), ZERO)


def boundary(account: MarginAccount, zone: Zone, rules: MarginRules = RULES) -> Decimal | None:
    """Return the equity under which the account is in the zone, or in a worse one."""
    whole = _whole(account, rules)
    if whole is None or zone is Zone.GREEN:
        return None
    return whole * (rules.orange_below if zone is Zone.ORANGE else rules.red_below)


def price_at(account: MarginAccount, market: str, equity: Decimal) -> Decimal | None:
    """Return the market's price at which the account's equity is this, all others standing still.

    None where nothing is held in the market, or no price above zero leads there. Cut to 18
    decimals upwards for what is bought and downwards for what is sold: going down in equity, the
    price told is reached no later than the one meant.
    """
    net = account.net_in(market)
    if not net:
        return None
    value = sum(
        (each.value * each.side.sign for each in account.holdings if each.market == market),
        equity - account.equity,
    )
    if value * net <= ZERO:
        return None
    context = _PRICING_UP if net > ZERO else _PRICING_DOWN
    price = context.divide(value, net)
    return price.quantize(_PRICE_UNIT, context.rounding, context) or None


def liquidation_price(
    account: MarginAccount, market: str, rules: MarginRules = RULES
) -> Decimal | None:
    """Return the market's price under (or, sold, over) which the broker may close positions."""
    limit = boundary(account, Zone.RED, rules)
    return None if limit is None else price_at(account, market, limit)


def move_to(
    account: MarginAccount, equity: Decimal, markets: Collection[str] | None = None
) -> Decimal | None:
    """Return the share by which the markets (all, if None) move together until the equity is this.

    None where they cancel out, or would have to fall by all they are worth or more. Cut to four
    decimals towards zero, so that the move told is never a greater one than it takes.
    """
    exposure = sum(
        (
            each.value * each.side.sign
            for each in account.holdings
            if markets is None or each.market in markets
        ),
        ZERO,
    )
    if not exposure:
        return None
    share = truncate((equity - account.equity) / exposure, SHARE_PLACES) or ZERO
    return None if share <= -ONE else share


def liquidation_move(account: MarginAccount, rules: MarginRules = RULES) -> Decimal | None:
    """Return the share by which all markets move together until the broker may close.

    Zero where the broker may already; None where no such move leads there.
    """
    limit = boundary(account, Zone.RED, rules)
    if limit is None:
        return None
    is_there = account.equity < limit or account.limit is MarginLimit.HARD
    return ZERO if is_there else move_to(account, limit)


def _whole(account: MarginAccount, rules: MarginRules) -> Decimal | None:
    """Return what the zone's share is a share of."""
    whole = account.deposit if rules.reading is MarginReading.OWN_DEPOSIT else account.total
    return None if whole is None or whole <= ZERO else whole


def _limited(zone: Zone, limit: MarginLimit | None) -> Zone:
    """Return the zone, or a worse one where the venue itself says so."""
    if limit is MarginLimit.HARD:
        return Zone.RED
    if limit is MarginLimit.SOFT and zone is Zone.GREEN:
        return Zone.ORANGE
    return zone


def _next(
    zone: Zone, equity: Decimal, whole: Decimal, rules: MarginRules
) -> tuple[Zone | None, Decimal | None]:
    if zone is Zone.RED:
        return None, None
    worse, below = (
        (Zone.ORANGE, rules.orange_below) if zone is Zone.GREEN else (Zone.RED, rules.red_below)
    )
    return worse, max(equity - whole * below, ZERO)
