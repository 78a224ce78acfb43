"""Clearport frames ↔ messages: JSON objects with reqid, event and data (protocols.md §1.1)."""

from __future__ import annotations

from typing import TypeVar, get_args

import msgspec

from kayen_desktop.domain.errors import RemoteProtocolError

from .messages import Inbound, Message, Request, UnknownMessage


class _Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A frame with nothing known of its inside; fields in the order the walkthrough writes."""

    reqid: object = None
    event: object = None
    data: object = None


class _Label(msgspec.Struct, frozen=True):
    """The outside of a frame: what it is and whose."""

    event: object = None
    reqid: object = None


_Known = TypeVar("_Known")

# ``float_hook=str`` keeps a number with a point or an exponent as the text it was written as.
_INBOUND: msgspec.json.Decoder[Inbound] = msgspec.json.Decoder(Inbound, float_hook=str)
_REQUESTS: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request, float_hook=str)
_LABELS = msgspec.json.Decoder(_Label, float_hook=str)
_ENCODER = msgspec.json.Encoder()


def decode(frame: str | bytes) -> Inbound | UnknownMessage:
    """Return the message that the venue sent.

    Raises:
        RemoteProtocolError: not a JSON object with an event, or its inside has the wrong shape.
    """
    return _decode(_INBOUND, _INBOUND_EVENTS, frame)


def decode_request(frame: str | bytes) -> Request | UnknownMessage:
    """Return the message that a client sent: the venue's side of the same wire.

    Raises:
        RemoteProtocolError: as ``decode``.
    """
    return _decode(_REQUESTS, _REQUEST_EVENTS, frame)


def decode_label(frame: str | bytes) -> UnknownMessage | None:
    """Return the event and reqid of a frame whose inside can't be read; None where it has none."""
    try:
        label = _LABELS.decode(frame)
    except (ValueError, RecursionError):
        return None
    if not isinstance(label.event, str) or not label.event:
        return None
    return UnknownMessage(event=label.event, reqid=label.reqid)


def encode(message: Message) -> str:
    """Return the message as one compact JSON frame: reqid, event, data, absent fields left out."""
    envelope = _Envelope(
        reqid=message.reqid, event=event_of(message), data=getattr(message, "data", None)
    )
    return _ENCODER.encode(envelope).decode()


def event_of(message: Message) -> str:
    """Return the venue's name of the message."""
    return message.event if isinstance(message, UnknownMessage) else _tag(type(message))


def _tag(kind: type[Message]) -> str:
    return str(kind.__struct_config__.tag)


_INBOUND_EVENTS = frozenset(map(_tag, get_args(Inbound)))
_REQUEST_EVENTS = frozenset(map(_tag, get_args(Request)))


def _decode(
    decoder: msgspec.json.Decoder[_Known], events: frozenset[str], frame: str | bytes
) -> _Known | UnknownMessage:
    """Decode in one pass; look a second time only at frames that failed."""
    try:
        return decoder.decode(frame)
    except msgspec.ValidationError as error:
        label = decode_label(frame)
        if label is None:
            raise RemoteProtocolError("The frame is no JSON object that names an event.") from error
        if label.event not in events:
            return label
        raise RemoteProtocolError("The frame's inside is not as the venue documents it.") from error
    except (ValueError, RecursionError):
        # Unchained: a Unicode error carries the whole frame, and a frame may carry a token.
        raise RemoteProtocolError("The frame is not JSON.") from None
