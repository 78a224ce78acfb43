"""Clearport messages → domain: strict where money and states are, tolerant where labels are.

Rows are those of protocols.md §1.6. What can't be read raises RemoteProtocolError, a sentence that
repeats nothing of the frame.
"""

from __future__ import annotations

import re
from decimal import Decimal

from kayen_desktop.domain.amounts import ZERO, parse_decimal
from kayen_desktop.domain.channels import (
    Broker,
    Channel,
    ChannelAction,
    ChannelState,
    ClearingState,
)
from kayen_desktop.domain.errors import RemoteProtocolError
from kayen_desktop.domain.events import PositionsListed, Severity, Trouble, VenueNotified
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import Position
from kayen_desktop.domain.settlement import Settlement, SettlementState
from kayen_desktop.protocol.outputs import MAX_SERVER_TEXT, plain_text

from .messages import (
    ActiveChannelsCountReplyData,
    ChallengeReplyData,
    ChannelData,
    ErrorData,
    ErrorMetadata,
    IdentityAddressReplyData,
    NotAnObject,
    Peer,
    PositionFields,
    PositionItem,
    PositionsReplyData,
    SettlementNotificationData,
    StreamNotificationData,
    VersionReplyData,
)
from .words import (
    ACTIONS,
    CHANNEL_STATES,
    CLEARING_STATES,
    IS_INITIATOR,
    MARGIN_LIMITS,
    POSITION_STATUSES,
    SETTLEMENT_STATES,
    SIDES,
    look_up,
)

MAX_CHALLENGE = 256
MAX_IDENTIFIER = 128
MAX_WORD = 40
MAX_LABEL = 80
MAX_POSITIONS = 2000
MAX_COUNT = 2**63
NO_REASON = "no reason given"
_LIQUIDATION = "liquidat"  # "liquidation margin reached" (§1.5), "position liquidated"

ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_MARKET = re.compile(r"[A-Za-z0-9._-]{1,20}/[A-Za-z0-9._-]{1,20}")
_NUMBER = re.compile(r"[0-9]{1,19}")


def parse_request_id(reqid: object) -> int | None:
    """Return the request's number; None where it is absent or no number."""
    # bool is an int, and True would answer request 1.
    if isinstance(reqid, int) and not isinstance(reqid, bool):
        return reqid
    return int(reqid) if isinstance(reqid, str) and _NUMBER.fullmatch(reqid) else None


def parse_challenge(data: ChallengeReplyData | None) -> str:
    """Return the text to sign (row 2).

    Raises:
        RemoteProtocolError: there is none, or it is nothing a person would want signed.
    """
    challenge = data.challenge if data is not None else None
    if not isinstance(challenge, str) or not challenge:
        raise RemoteProtocolError("The sign-in failed: no challenge in reply.")
    if len(challenge) > MAX_CHALLENGE or not challenge.isprintable():
        raise RemoteProtocolError("The sign-in failed: the challenge is not a short line of text.")
    return challenge


def parse_token_text(*candidates: object) -> str | None:
    """Return the first of the values that is text at all (row 4)."""
    return next((text for text in candidates if isinstance(text, str) and text), None)


def parse_channel_id(data: ChannelData | None) -> str:
    """Return the channel that the message names."""
    return parse_identifier(None if data is None else data.channel_id, "channel id")


def parse_version(data: VersionReplyData | None) -> str:
    """Return the version of the interface, as plain text."""
    return plain_text(parse_identifier(None if data is None else data.version, "version"))


def parse_identity_address(data: IdentityAddressReplyData | None) -> str:
    """Return the clearing house's own address."""
    address = None if data is None else data.address
    if not isinstance(address, str) or not ADDRESS.fullmatch(address):
        raise RemoteProtocolError("The message has no readable address.")
    return address


def parse_active_channels_count(data: ActiveChannelsCountReplyData | None) -> int:
    """Return how many channels are open at the clearing house."""
    count = parse_request_id(None if data is None else data.count)
    if count is None or not 0 <= count < MAX_COUNT:
        raise RemoteProtocolError("The message has no readable count.")
    return count


def parse_identifier(value: object, name: str) -> str:
    """Return an id as text; numbers are taken for the text they should have been."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_COUNT:
        return str(value)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_IDENTIFIER:
        raise RemoteProtocolError(f"The message has no readable {name}.")
    if not value.isprintable():
        raise RemoteProtocolError(f"The {name} is not plain text.")
    return value


def parse_channel(data: StreamNotificationData | None) -> Channel:
    """Return the channel as the notification tells it (rows 6 to 11, 23)."""
    if data is None:
        raise RemoteProtocolError("The channel's notification is empty.")
    channel_id = parse_identifier(data.channel_id, "channel id")
    told = _first(data.channel_state, data.channel_status, data.state)
    state = look_up(CHANNEL_STATES, told) or ChannelState.OTHER
    clearing_told = _first(data.clearing_sm_state)
    clearing = None
    if clearing_told is not None:
        clearing = look_up(CLEARING_STATES, clearing_told) or ClearingState.OTHER
    odd_word = told if state is ChannelState.OTHER else clearing_told
    is_odd = state is ChannelState.OTHER or clearing is ClearingState.OTHER
    action_told = _first(data.action)
    action = None
    if action_told is not None:
        action = look_up(ACTIONS, action_told) or ChannelAction.OTHER
    other_balance = _first(data.responder_margin_balance, data.follower_margin_balance)
    return Channel(
        channel_id=channel_id,
        state=state,
        clearing_state=clearing,
        broker=_parse_broker(data.peer),
        is_initiator=_parse_role(data.my_role),
        margin_deposit=_parse_positive(data.margin_deposit, "deposit"),
        initiator_balance=_parse_amount(data.initiator_margin_balance, "initiator's balance"),
        responder_balance=_parse_amount(other_balance, "responder's balance"),
        turn_num=_parse_turn(data.turn_num),
        state_text=server_text(odd_word, MAX_WORD) if is_odd and odd_word is not None else "",
        action=action,
        margin_limit=look_up(MARGIN_LIMITS, data.margin_limit_type),
    )


def parse_position(item: PositionItem | None, channel_id: str | None = None) -> Position | None:
    """Return the position, flat or wrapped; None where it names no market (rows 12 to 14, 24).

    ``channel_id`` is the channel that it must belong to, where that is known.
    """
    if item is None:
        return None
    fields = item.position if isinstance(item.position, PositionFields) else item
    if fields.market is None or fields.market == "":
        return None
    market = _parse_market(fields.market)
    if market is None:
        raise RemoteProtocolError("The position's market is not spelled BASE/QUOTE.")
    owner = parse_identifier(_first(fields.channel_id, item.channel_id, channel_id), "channel id")
    if channel_id is not None and owner.lower() != channel_id.lower():
        raise RemoteProtocolError("The position belongs to another account than the list.")
    side = look_up(SIDES, fields.direction)
    if side is None:
        raise RemoteProtocolError("The position's direction is neither buy nor sell.")
    status = look_up(POSITION_STATUSES, fields.status)
    if status is None:
        word = server_text(fields.status, MAX_WORD)
        raise RemoteProtocolError(f"The position's status is none we know: {word}.")
    amount = _parse_positive(fields.amount, "amount")
    cost = _parse_positive(fields.cost, "cost")
    if amount is None or cost is None:
        raise RemoteProtocolError("The position lacks its amount or its cost.")
    average = _parse_positive(fields.average_entry_price, "average entry price")
    if average is None and amount:
        average = cost / amount  # row 13
    return Position(
        position_id=_parse_position_id(fields.id, owner, market, side),
        channel_id=channel_id or owner,
        market=market,
        side=side,
        amount=amount,
        cost=cost,
        market_value=_parse_positive(fields.market_value, "market value"),
        average_entry_price=average,
        pnl=_parse_amount(fields.pnl, "profit or loss"),
        status=status,
    )


def parse_positions(
    data: PositionsReplyData | None, asked_channel_id: str | None
) -> tuple[PositionsListed, int]:
    """Return the list, and how many of its items said nothing at all (null, or no market).

    A position that can't be read fails the whole list: a list without it would say it is gone.
    An absent list is an empty one: the venue's language writes nothing for it.
    """
    if data is None:
        raise RemoteProtocolError("The message lists no positions.")
    channel_id = parse_identifier(_first(data.channel_id, asked_channel_id), "channel id")
    if asked_channel_id is not None:
        if channel_id.lower() != asked_channel_id.lower():
            raise RemoteProtocolError("The positions listed are of another account than asked.")
        channel_id = asked_channel_id
    items = data.positions or []
    if len(items) > MAX_POSITIONS:
        raise RemoteProtocolError(f"The list holds more than {MAX_POSITIONS} positions.")
    if not all(item is None or isinstance(item, PositionItem) for item in items):
        raise RemoteProtocolError("The list holds something that is not a position.")
    read = [parse_position(item, channel_id) for item in items if isinstance(item, PositionItem)]
    positions = tuple(position for position in read if position is not None)
    return PositionsListed(channel_id, positions), len(items) - len(positions)


def parse_settlement(data: SettlementNotificationData | None) -> Settlement:
    """Return the settlement as the notification tells it (rows 17 and 18)."""
    if data is None:
        raise RemoteProtocolError("The settlement's notification is empty.")
    told = _first(data.settlement_state, data.state)
    state = look_up(SETTLEMENT_STATES, told) or SettlementState.OTHER
    is_odd = state is SettlementState.OTHER and told is not None
    # Which markets it is about is a label here: one that can't be read hides no state.
    markets = data.markets if isinstance(data.markets, list) else []
    names = (_parse_market(market) for market in markets)
    return Settlement(
        channel_id=parse_identifier(data.channel_id, "channel id"),
        state=state,
        markets=tuple(name for name in names if name is not None),
        state_text=server_text(told, MAX_WORD) if is_odd else "",
    )


def parse_reason(data: ErrorData | NotAnObject) -> str:
    """Return the venue's words about an error, plain, capped and without secrets."""
    return _parse_words(data) or NO_REASON


def parse_notice(data: ErrorData | NotAnObject) -> VenueNotified:
    """Return what an error notification says; a liquidation is critical.

    Where it has no words, the name of what happened stands for them.
    """
    if not isinstance(data, ErrorData):
        data = ErrorData(message=data)
    metadata = data.metadata if isinstance(data.metadata, ErrorMetadata) else ErrorMetadata()
    text = _parse_words(data) or _parse_label(_first(metadata.event, data.action))
    is_liquidation = _LIQUIDATION in text.lower()
    return VenueNotified(
        Severity.CRITICAL if is_liquidation else Severity.WARNING,
        text or NO_REASON,
        _parse_label(_first(metadata.channel_id, data.channel_id), MAX_IDENTIFIER),
        Trouble.LIQUIDATION if is_liquidation else Trouble.OTHER,
        _parse_label(metadata.transaction_hash, MAX_IDENTIFIER),
        _parse_label(_first(metadata.state, data.channel_state), MAX_WORD),
    )


def server_text(value: object, limit: int = MAX_SERVER_TEXT) -> str:
    """Return venue text for a person: plain, capped, tokens and signatures struck out.

    Anything but text or a whole number is named, not shown.
    """
    if isinstance(value, str):
        return plain_text(value, limit)
    number = parse_request_id(value)
    return "(not text)" if number is None or abs(number) >= MAX_COUNT else str(number)


def _parse_words(data: ErrorData | NotAnObject) -> str:
    """Return what is said under any of the names in use; empty where nothing is."""
    if isinstance(data, ErrorData):
        told = (data.error, data.message, data.err, data.msg)
        data = next((text for text in told if isinstance(text, str) and text), None)
    return _parse_label(data)


def _parse_label(value: object, limit: int = MAX_SERVER_TEXT) -> str:
    """Return text that decides nothing, plain and capped; empty where it is no text."""
    return plain_text(value, limit) if isinstance(value, str) else ""


def _first(*values: object) -> object:
    """Return the first value that is there; empty text counts as absent."""
    return next((value for value in values if value is not None and value != ""), None)


def _parse_amount(value: object, name: str) -> Decimal | None:
    """Return the amount, or None where the venue left it out, null or empty."""
    if value is None or value == "":
        return None
    try:
        return parse_decimal(value)
    except ValueError as error:
        raise RemoteProtocolError(f"The {name} is not an amount: {error}.") from None


def _parse_positive(value: object, name: str) -> Decimal | None:
    amount = _parse_amount(value, name)
    if amount is not None and amount < ZERO:
        raise RemoteProtocolError(f"The {name} is negative.")
    return amount


def _parse_turn(value: object) -> int | None:
    if value is None:
        return None
    turn = parse_request_id(value)
    if turn is None or not 0 <= turn < MAX_COUNT:
        raise RemoteProtocolError("The channel's turn number is not a number.")
    return turn


def _parse_role(value: object) -> bool:
    """Return whether we opened the channel; which balance is ours hangs on it, so it is strict."""
    if value is None or value == "":
        return True
    is_initiator = look_up(IS_INITIATOR, value)
    if is_initiator is None:
        raise RemoteProtocolError("The channel gives us a role that is none we know.")
    return is_initiator


def _parse_broker(peer: Peer | NotAnObject) -> Broker | None:
    """Return the broker, known by address alone (rows 23 and 25); None without a real address."""
    if not isinstance(peer, Peer) or not isinstance(peer.address, str):
        return None
    if not ADDRESS.fullmatch(peer.address):
        return None
    return Broker(peer.address, _parse_label(peer.name, MAX_LABEL), _parse_label(peer.url))


def _parse_market(value: object) -> str | None:
    """Return the market's name from "A/B" or {base, quote} (row 24); None for anything else."""
    if isinstance(value, dict):
        base, quote = value.get("base"), value.get("quote")
        value = f"{base}/{quote}" if isinstance(base, str) and isinstance(quote, str) else None
    return value.upper() if isinstance(value, str) and _MARKET.fullmatch(value) else None


def _parse_position_id(value: object, channel_id: str, market: str, side: Side) -> str:
    if value is None or value == "":
        return f"{channel_id}:{market}:{side.value}"  # row 13
    return parse_identifier(value, "position id")
