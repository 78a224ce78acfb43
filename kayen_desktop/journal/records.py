"""How domain values are written down: JSON text with money as text, never as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

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
    RecordTradeRequest,
    SettleRequest,
)
from kayen_desktop.domain.lifecycle import ChannelStep
from kayen_desktop.domain.orders import OrderRequest
from kayen_desktop.domain.settlement import SettlementRun
from kayen_desktop.domain.signatures import SignatureOutcome, SignatureRecord, SigningPurpose


@dataclass(frozen=True, slots=True)
class Plan:
    """Several steps that the trader is on the way through; ``kind`` is the one's who began it."""

    channel_id: str
    kind: str
    began_at: datetime


class _OrderRecord(msgspec.Struct, tag="order", frozen=True):
    request: OrderRequest


class _OpenRecord(msgspec.Struct, tag="open_channel", frozen=True):
    address: str
    name: str
    url: str
    deposit: str


class _CloseRecord(msgspec.Struct, tag="close_channel", frozen=True):
    channel_id: str


class _SettleRecord(msgspec.Struct, tag="settle", frozen=True):
    request: SettleRequest


class _TradeRecord(msgspec.Struct, tag="record_trade", frozen=True):
    request: RecordTradeRequest


_Record: TypeAlias = _OrderRecord | _OpenRecord | _CloseRecord | _SettleRecord | _TradeRecord

_REQUEST = msgspec.json.Decoder(_Record)
_FILL = msgspec.json.Decoder(Fill)
_RUN = msgspec.json.Decoder(SettlementRun)
_STEP = msgspec.json.Decoder(ChannelStep)
_ENCODER = msgspec.json.Encoder(decimal_format="string")


def encode_request(request: IntentRequest) -> str:
    """Return the request as one line of JSON."""
    record: _Record
    match request:
        case OrderRequest():
            record = _OrderRecord(request)
        case OpenChannelRequest(broker, deposit):
            record = _OpenRecord(broker.address, broker.name, broker.url, str(deposit))
        case CloseChannelRequest(channel_id):
            record = _CloseRecord(channel_id)
        case SettleRequest():
            record = _SettleRecord(request)
        case RecordTradeRequest():
            record = _TradeRecord(request)
    return _ENCODER.encode(record).decode()


def decode_request(text: str) -> IntentRequest:
    """Return the request that ``encode_request`` wrote.

    Raises:
        ValueError: the text is damaged.
    """
    record: _Record = _REQUEST.decode(text)
    if isinstance(record, _OpenRecord):
        broker = Broker(record.address, record.name, record.url)
        return OpenChannelRequest(broker, parse_decimal(record.deposit))
    if isinstance(record, _CloseRecord):
        return CloseChannelRequest(record.channel_id)
    return record.request


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


def encode_run(run: SettlementRun) -> str:
    """Return the settlement with its positions and steps as one line of JSON."""
    return _ENCODER.encode(run).decode()


def decode_run(text: str) -> SettlementRun:
    """Return the settlement that ``encode_run`` wrote.

    Raises:
        ValueError: the text is damaged.
    """
    run = _RUN.decode(text)
    amounts = [run.balance]
    for position in run.positions:
        amounts += (position.amount, position.cost, position.value, position.pnl)
    if not all(amount is None or amount.is_finite() for amount in amounts):
        raise ValueError("an amount of a settlement is not a number")
    return run


def encode_step(step: ChannelStep) -> str:
    """Return the step of an account's life as one line of JSON."""
    return _ENCODER.encode(step).decode()


def decode_step(text: str) -> ChannelStep:
    """Return the step that ``encode_step`` wrote.

    Raises:
        ValueError: the text is damaged.
    """
    return _STEP.decode(text)


def decode_plan(channel_id: str, kind: str, began_at: str) -> Plan:
    """Return the plan of one row.

    Raises:
        ValueError: the row is damaged.
    """
    return Plan(channel_id, kind, datetime.fromisoformat(began_at))


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
