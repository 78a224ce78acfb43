"""Bytes to Finex messages and back, every number exact.

Decision: a frame is first read straight into its typed struct, in one pass. Only what does not
fit is read a second time the tolerant way (§2.1: numeric strings for type and reqid), so
tolerance costs the frames that need it and no others.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from kayen_desktop.domain.errors import LocalProtocolError, RemoteProtocolError

from .messages import Args, Message, PrivateEvent, PublicEvent, Request, Response
from .values import read_int


def _read_float(text: str) -> Decimal | str:
    # An exponent beyond what Decimal holds spoils its own element only: as text it is refused
    # by whoever reads it as a number.
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


_typed: msgspec.json.Decoder[Message] = msgspec.json.Decoder(
    Request | Response | PublicEvent | PrivateEvent, float_hook=Decimal
)
_untyped = msgspec.json.Decoder(float_hook=_read_float)
_encoder = msgspec.json.Encoder(decimal_format="number")

_NOT_JSON = (msgspec.DecodeError, UnicodeError, RecursionError)
_REQUEST, _RESPONSE, _PUBLIC, _PRIVATE, _ADMIN = range(1, 6)
_LENGTHS = {_REQUEST: 4, _RESPONSE: 4, _PUBLIC: 3, _PRIVATE: 3}


def decode(frame: str | bytes) -> Message:
    """Return the message that a frame carries; JSON numbers in it are ``int`` or ``Decimal``.

    Raises:
        RemoteProtocolError: the frame is not one of the four kinds a client reads (§2.1).
    """
    try:
        return _typed.decode(frame)
    except (*_NOT_JSON, InvalidOperation):
        return _decode_tolerantly(frame)


def encode(message: Message) -> str:
    """Return the frame of a message: compact JSON, as the venue's documents print it.

    Raises:
        LocalProtocolError: the message holds what JSON can't carry.
    """
    try:
        return _encoder.encode(message).decode()
    except (TypeError, UnicodeError, RecursionError):
        # The foreign error may hold the argument itself, and that may be a token.
        raise LocalProtocolError("The message can't be written as JSON.") from None


def _decode_tolerantly(frame: str | bytes) -> Message:
    try:
        value: Any = _untyped.decode(frame)
    except _NOT_JSON:
        raise RemoteProtocolError("The frame is not JSON.") from None
    if not isinstance(value, list) or not value:
        raise RemoteProtocolError("The frame is not an array.")
    try:
        return _build(value)
    except ValueError as exc:
        raise RemoteProtocolError(f"The frame can't be read: {exc}.") from exc


def _build(frame: Args) -> Message:
    kind = read_int(frame[0])
    if kind == _ADMIN:
        raise ValueError("it is an admin event")
    length = _LENGTHS.get(kind)
    if length is None:
        raise ValueError("its type is not known")
    if len(frame) != length:
        raise ValueError(f"it has {len(frame)} elements instead of {length}")
    name, args = frame[-2], frame[-1]
    if not isinstance(name, str):
        raise ValueError("its name is not text")
    if not isinstance(args, list):
        raise ValueError("its arguments are not an array")
    if kind == _REQUEST:
        return Request(read_int(frame[1]), name, args)
    if kind == _RESPONSE:
        return Response(read_int(frame[1]), name, args)
    return PublicEvent(name, args) if kind == _PUBLIC else PrivateEvent(name, args)
