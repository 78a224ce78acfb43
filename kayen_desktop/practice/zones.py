"""The margin zones as the venue reckons them, for both sides of a channel (YIP-0006).

Decision: a zone is a share of one's own deposit, and a channel is as safe as its weaker side: a
trader who has won nearly all that the broker put in can win no more, so exposure is closed then
as well. The client reckons its zones by itself; the two share nothing but the words.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.margin import Zone

from .channels import MarginChannel

_ORANGE_PARTS = 5  # orange under a fifth of the deposit
_RED_PARTS = 10  # red under a tenth


def zone_of(margin: Decimal, deposit: Decimal) -> Zone:
    """Return the zone of what one side has left, both in quote: green from a fifth on."""
    if margin * _RED_PARTS < deposit:
        return Zone.RED
    return Zone.ORANGE if margin * _ORANGE_PARTS < deposit else Zone.GREEN


@dataclass(frozen=True, slots=True)
class ChannelZones:
    """The zones of a channel's two sides."""

    trader: Zone
    broker: Zone

    @property
    def is_green(self) -> bool:
        """True where both sides may add exposure."""
        return self.trader is self.broker is Zone.GREEN

    @property
    def is_red(self) -> bool:
        """True where the broker closes the positions."""
        return Zone.RED in (self.trader, self.broker)

    @property
    def words(self) -> str:
        """The weaker side's zone as the wire names it: "margin is orange".

        Both sides can't be weak at once: together they have two deposits.
        """
        if self.trader is Zone.GREEN:
            return f"the broker's margin is {self.broker.value}"
        return f"margin is {self.trader.value}"


def zones_of(
    channel: MarginChannel, *, without: Collection[str] = (), more: Decimal = ZERO
) -> ChannelZones:
    """Return where both sides stand at the marks of now, in quote.

    ``without`` leaves positions out, by their markets, as if they were paid outside the channel;
    ``more`` is added to the trader's side and taken from the broker's.
    """
    unrealised = sum(
        (each.pnl for market, each in channel.positions.items() if market not in without), more
    )
    return ChannelZones(
        zone_of(channel.initiator_balance + unrealised, channel.deposit),
        zone_of(channel.responder_balance - unrealised, channel.deposit),
    )
