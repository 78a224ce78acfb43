"""The receipt of a margin account: what was paid in, won, lost and paid, and what came back.

Decision: the result is reckoned from the fills, independently of the balance the broker tells;
what is left between the two gets a line of its own instead of being hidden in either. What
settlements paid went to the wallet, so it is told beside the sum and is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO
from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.receipt import AccountReceipt, realised_pnl, settled_result
from kayen_desktop.domain.settlement import SettlementRun
from kayen_desktop.ui.formatting import (
    MINUS,
    NOTHING,
    format_exact,
    format_signed_exact,
    short_address,
)
from kayen_desktop.ui.notices import channel_title
from kayen_desktop.ui.notices.closing import ROUNDING, UNEXPLAINED

from .facts import Fact, Tone, tone_of

# A fill's result is cut to six decimals (protocols.md §1.5), so it can be off by less than this.
_CUT = Decimal("0.000001")
SETTLED = "Settlements paid to your wallet, apart from this sum"
SETTLED_LOSS = "Settlements took from your wallet, apart from this sum"


@dataclass(frozen=True, slots=True)
class ChannelReceipt:
    """What became of a deposit, every digit kept; ``sums`` is None where a balance is not known.

    ``other_fees`` are those in other currencies than the account's, by currency. ``settled`` is
    what settlements have paid to the wallet, a loss being negative; None where none was paid.
    """

    sums: AccountReceipt | None
    other_fees: tuple[tuple[str, Decimal], ...]
    fills_count: int
    settled: Decimal | None = None


def make_channel_receipt(
    channel: Channel, fills: Iterable[Fill], quote: str, runs: Iterable[SettlementRun] = ()
) -> ChannelReceipt:
    """Return the receipt of an account from its last balance, its fills, oldest first, and runs.

    ``runs`` are all settlements of the account.
    """
    fills, runs = list(fills), list(runs)
    fees, other_fees = _fees(fills, quote)
    deposit, returned = channel.margin_deposit, channel.own_balance
    sums = None
    if deposit is not None and returned is not None:
        sums = AccountReceipt(deposit, realised_pnl(fills, runs), fees, returned)
    return ChannelReceipt(sums, other_fees, len(fills), settled_result(runs))


def receipt_facts(receipt: ChannelReceipt, quote: str) -> tuple[Fact, ...]:
    """Return the lines of the receipt, every digit shown."""
    sums = receipt.sums
    settled: tuple[Fact, ...] = ()
    if receipt.settled is not None:
        label = SETTLED_LOSS if receipt.settled < ZERO else SETTLED
        amount = format_exact(abs(receipt.settled), quote)
        settled = (Fact(label, amount, tone_of(receipt.settled)),)
    if sums is None:
        return (Fact("You get back", NOTHING, Tone.STRONG), *settled)
    lines = [
        Fact("You deposited", format_exact(sums.deposit, quote)),
        Fact(
            "Result of your trades",
            format_signed_exact(sums.realised, quote),
            tone_of(sums.realised),
        ),
        Fact("Fees", format_signed_exact(-sums.fees, quote)),
    ]
    lines += [
        Fact(f"Fees in {unit}", format_signed_exact(-fee, unit)) for unit, fee in receipt.other_fees
    ]
    if sums.difference:
        is_rounding = abs(sums.difference) < _CUT * receipt.fills_count
        label = ROUNDING if is_rounding else UNEXPLAINED
        lines.append(Fact(label, format_signed_exact(sums.difference, quote)))
    lines.append(Fact("You get back", format_exact(sums.returned, quote), Tone.STRONG))
    return (*lines, *settled)


def receipt_text(channel: Channel, facts: Iterable[Fact]) -> str:
    """Return the receipt as plain text for the clipboard, with the full identifiers."""
    lines = [channel_title(channel), f"Account (channel): {channel.channel_id}"]
    if channel.broker is not None:
        lines.append(f"Broker's address: {channel.broker.address}")
    lines += [f"{fact.label}: {fact.value.replace(MINUS, '-')}" for fact in facts]
    return "\n".join(lines)


def account_facts(channel: Channel) -> tuple[Fact, ...]:
    """Return which account it is, short, with the full identifiers to copy."""
    facts = [
        Fact(
            "Account (channel)",
            short_address(channel.channel_id),
            copy_text=channel.channel_id,
        )
    ]
    if channel.broker is not None:
        facts.append(
            Fact(
                "Broker's address",
                short_address(channel.broker.address),
                copy_text=channel.broker.address,
            )
        )
    return tuple(facts)


def _fees(fills: list[Fill], quote: str) -> tuple[Decimal, tuple[tuple[str, Decimal], ...]]:
    """Return the fees in quote, and those in other currencies by name."""
    fees = ZERO
    others: dict[str, Decimal] = {}
    for fill in fills:
        unit = fill.fee_currency.upper() or quote
        if unit == quote.upper():
            fees += fill.fee
        elif fill.fee:
            others[unit] = others.get(unit, ZERO) + fill.fee
    return fees, tuple(others.items())
