"""Clearport's frames as text, in both dialects (protocols.md §1.4 to 1.6).

v2 is the walkthrough's, v1 the operator API's. Nothing here decides anything.
"""

from __future__ import annotations

import msgspec

from kayen_desktop.domain.amounts import plain
from kayen_desktop.practice.channels import CHALLENGED, MarginChannel, Phase, SettlementNotice
from kayen_desktop.practice.positions import OpenPosition
from kayen_desktop.practice.settings import ClearportDialect

Json = dict[str, object]

_V1_ACTIONS = {
    "channel_opening": "channelOpened",
    "channel_opened": "channelOpened",
    "channel_closed": "channelClosed",
    "channel_settled": "channelSettled",
    "margin_updated": "marginUpdated",
    # The operator API has no words for a dispute. These go with the states below: while a dispute
    # lasts, what the two sides signed last is being settled on the chain.
    "challenge_started": "channelSettled",
    "challenge_cleared": "channelOpened",
    "challenge_finished": "channelClosed",
}
# "settling" is the only word of the operator API for a channel that is open, takes no orders and
# may work again afterwards; "closing" would promise an end that a cleared dispute does not have.
_V1_STATES = {
    Phase.DEFAULT: "opening",
    Phase.INSTANTIATING: "opening",
    Phase.ACCEPTED: "opening",
    Phase.INITIATOR_FUNDED: "opening",
    Phase.FUNDED: "opened",
    Phase.PRE_OP_CHALLENGING: "settling",
    Phase.PENDING_PRE_OP_CHALLENGE_REGISTERED: "settling",
    Phase.PRE_OP_CHALLENGE_REGISTERED: "settling",
    Phase.OPERATIONAL: "opened",
    Phase.PROCESSING_MARGIN_CALL: "opened",
    Phase.ACTIVE_SETTLEMENT: "settling",
    Phase.PROCESSING_POST_SETTLEMENT_MARGIN: "settling",
    Phase.CHALLENGING: "settling",
    Phase.PENDING_CHALLENGE_REGISTERED: "settling",
    Phase.CHALLENGE_REGISTERED: "settling",
    Phase.WITHDRAWING: "closing",
    Phase.FINALIZING: "closing",
    Phase.CONCLUDING: "closing",
    Phase.FINALIZED: "closed",
    Phase.FAILED: "closed",
}
# The walkthrough's channel is "open" from funded until it is final, also while finalizing.
_V2_STATES = {
    Phase.DEFAULT: "opening",
    Phase.INSTANTIATING: "opening",
    Phase.ACCEPTED: "opening",
    Phase.INITIATOR_FUNDED: "opening",
    Phase.FAILED: "closed",
    Phase.FINALIZED: "closed",
} | dict.fromkeys(CHALLENGED, "challenging")


def frame(reqid: object, event: str, data: Json | None = None) -> str:
    """Return one frame; without ``data`` the key is left out."""
    message: Json = {"reqid": reqid, "event": event}
    if reqid is None:
        del message["reqid"]
    if data is not None:
        message["data"] = data
    return msgspec.json.encode(message).decode()


def error_frame(reqid: object, text: str) -> str:
    """Return an error; a request without a readable reqid gets one without."""
    return frame(reqid, "error", {"error": text})


class ClearportFrames:
    """The data objects of one dialect."""

    def __init__(self, dialect: ClearportDialect) -> None:
        self.dialect = dialect

    def authenticated(self, token: str) -> Json | None:
        """Return what authenticate answers."""
        return {"jwt_token": token} if self.dialect == "v2" else None

    def settlement_requested(self) -> Json | None:
        """Return what request_settlement answers."""
        return {} if self.dialect == "v2" else None

    def channel(self, channel: MarginChannel) -> Json:
        """Return the data of a stream_notification."""
        peer: Json = {
            "address": channel.broker.address,
            "url": channel.broker.url,
            "name": channel.peer_name,
        }
        if self.dialect == "v1":
            return {
                "channel_id": channel.channel_id,
                "action": _V1_ACTIONS[channel.action],
                "channel_status": _V1_STATES[channel.phase],
                "my_role": "Initiator",
                "peer": peer,
                "margin_deposit": plain(channel.deposit),
                "initiator_margin_balance": plain(channel.initiator_balance),
                "follower_margin_balance": plain(channel.responder_balance),
            }
        # The walkthrough's notification drops the scheme that its request had.
        peer["url"] = channel.broker.url.partition("://")[2] or channel.broker.url
        data: Json = {
            "channel_id": channel.channel_id,
            "action": channel.action,
            "channel_state": _V2_STATES.get(channel.phase, "open"),
            "clearing_sm_state": channel.phase.value,
            "my_role": "Initiator",
            "peer": peer,
            "margin_deposit": plain(channel.deposit),
            "initiator_margin_balance": plain(channel.initiator_balance),
            "responder_margin_balance": plain(channel.responder_balance),
            "turn_num": channel.turn_num,
        }
        # A later protocol's field: the walkthrough's frames are without it.
        return data | {"margin_limit_type": channel.margin_limit} if channel.margin_limit else data

    def _position(self, position: OpenPosition) -> Json:
        common: Json = {
            "channel_id": position.channel_id,
            "market": position.market,
            "direction": position.side.value,
            "amount": plain(position.amount),
            "cost": plain(position.cost),
            "market_value": plain(position.market_value),
        }
        last: Json = {"pnl": plain(position.pnl), "status": position.status.value}
        if self.dialect == "v1":
            return common | last
        entry: Json = {"average_entry_price": plain(position.entry_price)}
        return {"id": position.position_id} | common | entry | last

    def position_notification(self, position: OpenPosition) -> Json:
        """Return the data of a position_notification: nested in v2, flat in v1."""
        data = self._position(position)
        return {"position": data} if self.dialect == "v2" else data

    def positions(self, channel: MarginChannel) -> Json:
        """Return what positions answers: flat items in v2, wrapped ones in v1."""
        items = [self._position(position) for position in channel.positions.values()]
        return {
            "channel_id": channel.channel_id,
            "positions": items if self.dialect == "v2" else [{"position": i} for i in items],
        }

    def settlement(self, notice: SettlementNotice) -> Json | None:
        """Return the data of a settlement_notification, or None where the dialect has no word.

        v1 names the field as its table does, and its states end with "completed".
        """
        channel_id = notice.channel.channel_id
        if self.dialect == "v2":
            markets = list(notice.markets)
            return {"channel_id": channel_id, "settlement_state": notice.state, "markets": markets}
        if notice.state == "withdrawn":
            return None
        return {"channel_id": channel_id, "state": notice.state}

    def error(self, channel: MarginChannel, message: str) -> Json:
        """Return the data of an error_notification."""
        data: Json = {
            "message": message,
            "metadata": {"channel_id": channel.channel_id, "state": channel.phase.value},
        }
        if self.dialect == "v1":
            return data
        state = _V2_STATES.get(channel.phase, "open")
        return data | {"action": channel.action, "channel_state": state}
