"""How domain values are written down: JSON text with money as text, never as numbers."""

from __future__ import annotations

from datetime import datetime

import msgspec

from kayen_desktop.domain.amounts import parse_decimal
from kayen_desktop.domain.channels import Broker
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import (
    CloseChannelRequest,
    Intent,
    IntentOutcome,
    IntentRequest,
    OpenChannelRequest,
)
from kayen_desktop.domain.orders import OrderRequest
from kayen_desktop.domain.signatures import SignatureOutcome, SignatureRecord, SigningPurpose


class _OrderRecord(msgspec.Struct, tag="order", frozen=True):
    request: OrderRequest


class _OpenRecord(msgspec.Struct, tag="open_channel", frozen=True):
    address: str
    name: str
    url: str
    deposit: str


class _CloseRecord(msgspec.Struct, tag="close_channel", frozen=True):
    channel_id: str


_REQUEST = msgspec.json.Decoder(_OrderRecord | _OpenRecord | _CloseRecord)
_FILL = msgspec.json.Decoder(Fill)
_ENCODER = msgspec.json.Encoder(decimal_format="string")


def encode_request(request: IntentRequest) -> str:
    """Return the request as one line of JSON."""
    record: _OrderRecord | _OpenRecord | _CloseRecord
    if isinstance(request, OrderRequest):
        record = _OrderRecord(request)
    elif isinstance(request, OpenChannelRequest):
        broker = request.broker
        record = _OpenRecord(broker.address, broker.name, broker.url, str(request.deposit))
    else:
        record = _CloseRecord(request.channel_id)
    return _ENCODER.encode(record).decode()


def decode_request(text: str) -> IntentRequest:
    """Return the request that ``encode_request`` wrote.

    Raises:
        ValueError: the text is damaged.
    """
    record = _REQUEST.decode(text)
    if isinstance(record, _OrderRecord):
        return record.request
    if isinstance(record, _OpenRecord):
        broker = Broker(record.address, record.name, record.url)
        return OpenChannelRequest(broker, parse_decimal(record.deposit))
    return CloseChannelRequest(record.channel_id)


def decode_intent(
    intent_id: str, created_at: str, request: str, outcome: str, venue_id: str, reason: str
) -> Intent:
    """Return the intent of one row.

    Raises:
        ValueError: the row is damaged.
    """
    return Intent(
        intent_id,
        decode_request(request),
        datetime.fromisoformat(created_at),
        IntentOutcome(outcome),
        venue_id,
        reason,
    )


def encode_fill(fill: Fill) -> str:
    """Return the fill as one line of JSON."""
    return _ENCODER.encode(fill).decode()


def decode_fill(text: str) -> Fill:
    """Return the fill that ``encode_fill`` wrote.

    Raises:
        ValueError: the text is damaged.
    """
    return _FILL.decode(text)


def signature_row(record: SignatureRecord) -> tuple[str | int, ...]:
    """Return the line of the audit as columns, in the order of ``decode_signature``."""
    return (
        record.asked_at.isoformat(),
        record.purpose.value,
        record.audience,
        record.address,
        record.digest,
        record.length,
        record.outcome.value,
    )


def decode_signature(
    asked_at: str,
    purpose: str,
    audience: str,
    address: str,
    digest: str,
    length: int,
    outcome: str,
) -> SignatureRecord:
    """Return the line of the audit of one row.

    Raises:
        ValueError: the row is damaged.
    """
    return SignatureRecord(
        datetime.fromisoformat(asked_at),
        SigningPurpose(purpose),
        audience,
        address,
        digest,
        length,
        SignatureOutcome(outcome),
    )
