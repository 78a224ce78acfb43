"""Domain → Clearport messages: what we ask of the clearing house, as it wants it written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO, plain
from kayen_desktop.domain.channels import Broker
from kayen_desktop.domain.errors import LocalProtocolError
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.settlement import PaymentMethod

from .messages import (
    AuthenticateRequest,
    AuthenticateRequestData,
    ChallengeRequest,
    ChallengeRequestData,
    OpenChannelRequest,
    OpenChannelRequestData,
    Peer,
    RecordTradeRequest,
    RecordTradeRequestData,
    RequestSettlementRequest,
    RequestSettlementRequestData,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def build_challenge(reqid: int, address: str, user_name: str) -> ChallengeRequest:
    """Return the request for a text to sign (row 1)."""
    return ChallengeRequest(reqid=reqid, data=ChallengeRequestData(address=address, name=user_name))


def build_authenticate(
    reqid: int, address: str, challenge: str, signature: str
) -> AuthenticateRequest:
    """Return the sign-in by signature; the challenge is for the older dialect (row 3)."""
    return AuthenticateRequest(
        reqid=reqid,
        data=AuthenticateRequestData(address=address, signature=signature, challenge=challenge),
    )


def build_resume(reqid: int, address: str, jwt_token: str) -> AuthenticateRequest:
    """Return the sign-in by an earlier session's token (protocols.md §1.2)."""
    return AuthenticateRequest(
        reqid=reqid, data=AuthenticateRequestData(address=address, jwt_token=jwt_token)
    )


def build_open_channel(reqid: int, broker: Broker, deposit: Decimal) -> OpenChannelRequest:
    """Return the request to open a channel; the deposit is in quote.

    Raises:
        LocalProtocolError: the deposit is not a positive amount.
    """
    peer = Peer(address=broker.address, url=broker.url, name=broker.name)
    return OpenChannelRequest(
        reqid=reqid,
        data=OpenChannelRequestData(peer=peer, margin_deposit=_build_amount(deposit, "deposit")),
    )


def build_record_trade(reqid: int, channel_id: str, fill: Fill) -> RecordTradeRequest:
    """Return the report of a fill, its time in whole unix seconds.

    Raises:
        LocalProtocolError: the fill's amount or price is not a positive amount.
    """
    return RecordTradeRequest(
        reqid=reqid,
        data=RecordTradeRequestData(
            channel_id=channel_id,
            external_id=fill.fill_id,
            market=fill.market,
            direction=fill.side.value,
            amount=_build_amount(fill.amount, "fill's amount"),
            price=_build_amount(fill.price, "fill's price"),
            executed_at=(fill.executed_at - _EPOCH) // _SECOND,
        ),
    )


def build_settlement(
    reqid: int, channel_id: str, method: PaymentMethod, chain_id: int, markets: Sequence[str]
) -> RequestSettlementRequest:
    """Return the request to settle the markets, by name.

    Raises:
        LocalProtocolError: no market is named.
    """
    if not markets:
        raise LocalProtocolError("A settlement needs at least one market.")
    return RequestSettlementRequest(
        reqid=reqid,
        data=RequestSettlementRequestData(
            channel_id=channel_id,
            payment_method=method.value,
            chain_id=chain_id,
            markets=list(markets),
        ),
    )


def _build_amount(amount: Decimal, name: str) -> str:
    if not amount.is_finite() or amount <= ZERO:
        raise LocalProtocolError(f"The {name} is not a positive amount.")
    return plain(amount)
