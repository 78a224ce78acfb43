"""Clearport's frames as text, in both dialects (protocols.md §1.4 to 1.6).

v2 is the walkthrough's, v1 the operator API's. Nothing here decides anything.
"""

from __future__ import annotations

import msgspec

from kayen_desktop.domain.amounts import plain
from kayen_desktop.practice.channels import MarginChannel, Phase
from kayen_desktop.practice.positions import OpenPosition
from kayen_desktop.practice.settings import ClearportDialect

Json = dict[str, object]

_V1_ACTIONS = {
    "channel_opening": "channelOpened",
    "channel_opened": "channelOpened",
    "channel_closed": "channelClosed",
    "channel_settled": "channelSettled",
    "margin_updated": "marginUpdated",
}
_V1_STATES = {
    Phase.INSTANTIATING: "opening",
    Phase.ACCEPTED: "opening",
    Phase.INITIATOR_FUNDED: "opening",
    Phase.FUNDED: "opened",
    Phase.OPERATIONAL: "opened",
    Phase.ACTIVE_SETTLEMENT: "settling",
    Phase.PROCESSING_POST_SETTLEMENT_MARGIN: "settling",
    Phase.FINALIZING: "closing",
    Phase.CONCLUDING: "closing",
    Phase.FINALIZED: "closed",
    Phase.FAILED: "closed",
}
# The walkthrough's channel is "open" from funded until it is final, also while finalizing.
_V2_STATES = {
    Phase.INSTANTIATING: "opening",
    Phase.ACCEPTED: "opening",
    Phase.INITIATOR_FUNDED: "opening",
    Phase.FAILED: "closed",
    Phase.FINALIZED: "closed",
}


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
        return {
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

    def settlement(self, channel: MarginChannel, state: str) -> Json:
        """Return the data of a settlement_notification; v1 names the field as its table does."""
        key = "settlement_state" if self.dialect == "v2" else "state"
        return {"channel_id": channel.channel_id, key: state}

    def error(self, channel: MarginChannel, message: str) -> Json:
        """Return the data of an error_notification."""
        return {
            "message": message,
            "metadata": {"channel_id": channel.channel_id, "state": channel.phase.value},
        }
