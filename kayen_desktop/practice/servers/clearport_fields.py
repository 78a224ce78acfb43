"""The fields of Clearport's requests, read strictly (venues/operator-api.md)."""

from __future__ import annotations

from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO, parse_decimal
from kayen_desktop.domain.orders import Side
from kayen_desktop.practice.channels import ClientFill, MarginChannel
from kayen_desktop.practice.refusals import RefusalError

from .clearport_frames import Json


def text_of(data: Json, key: str) -> str:
    """Return a text field of a request.

    Raises:
        RefusalError: missing, or not text.
    """
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise RefusalError(f"{key} is required")
    return value


def decimal_of(data: Json, key: str) -> Decimal:
    """Return a decimal string field of a request.

    Raises:
        RefusalError: missing, or not a decimal string.
    """
    try:
        return parse_decimal(text_of(data, key))
    except ValueError:
        raise RefusalError(f"{key} is not a decimal string") from None


def trade_of(data: Json, channel: MarginChannel) -> ClientFill:
    """Return the trade that a record_trade spells, as one made elsewhere.

    Raises:
        RefusalError: a field is missing or is not what it should be.
    """
    direction = text_of(data, "direction")
    if direction not in ("buy", "sell"):
        raise RefusalError("direction must be buy or sell")
    executed_at = data.get("executed_at", 0)
    if not isinstance(executed_at, int) or isinstance(executed_at, bool):
        raise RefusalError("executed_at must be an integer")
    return ClientFill(
        external_id=text_of(data, "external_id"),
        channel_id=channel.channel_id,
        market=text_of(data, "market"),
        side=Side(direction),
        amount=decimal_of(data, "amount"),
        price=decimal_of(data, "price"),
        fee=ZERO,
        at_s=executed_at,
        is_elsewhere=True,
    )
