"""What the tests of Clearport share: the documents' frames and a conversation that is signed in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from kayen_desktop.domain.channels import Broker, Channel
from kayen_desktop.domain.events import ChannelUpdated, PositionUpdated
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import Position
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.outputs import Dropped, Output, Ready

FRAMES = Path(__file__).parents[3] / "frames" / "clearport"
NOW = datetime(2024, 6, 22, 12, tzinfo=UTC)
ADDRESS = "0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C"
CHANNEL = "0xef6570a709f664572673eaeb2d8a1ac2a70c867626c18f30d4b406acc8d00746"
OTHER_CHANNEL = "0x" + "5" * 64
DOC_CHANNEL = "0x55608cdbde2ff4183a81e62da096fa863d8f910d29d17826124fccc9bcc11f62"
CHALLENGE = "4ffc0b7f-c93c-4b99-bfa7-7c9886c7fdd2"
SIGNATURE = (
    "0x365a2116a812687ff968560f16bde752ef9d762bc495c735537dd36f32b1ec3f"
    "4bfc62004050be217180e1f37a64b8661322a6b582e89a5b2d1bf093fa47e0991c"
)
BROKER = Broker(
    "0x269F993271D845efBc7298d9EbC2be557Cc5284e",
    "BlockSafeguard",
    "http://clearport-peer-grpc.kayen-prod:50081",
)
FILL = Fill(
    fill_id="172783",
    market="PEPE/USD",
    venue_order_id="9",
    side=Side.BUY,
    price=Decimal("0.00001152"),
    amount=Decimal("108506.94444444"),
    total=Decimal("1.2499999999999488"),
    fee=Decimal(0),
    fee_currency="usd",
    executed_at=datetime(2024, 6, 22, 12, 0, 0, 900_000, tzinfo=UTC),
)
POSITION = {
    "id": "p-1",
    "channel_id": CHANNEL,
    "market": "PEPE/USD",
    "direction": "buy",
    "amount": "3",
    "cost": "1.5",
    "market_value": "1.2",
    "average_entry_price": "0.5",
    "pnl": "-0.3",
    "status": "open",
}


def read_frames(name: str) -> list[str]:
    """Return the frames of one file, one a line."""
    return (FRAMES / f"{name}.jsonl").read_text().splitlines()


def frame(event: str, data: object = None, reqid: object = None) -> str:
    """Return a frame of the venue's; what is None is left out."""
    parts = {"reqid": reqid, "event": event, "data": data}
    return json.dumps({key: value for key, value in parts.items() if value is not None})


def frame_of(file: str, event: str, number: int = 0) -> str:
    """Return the document's frame of that event."""
    return [one for one in read_frames(file) if json.loads(one)["event"] == event][number]


def token_in(file: str, event: str) -> str:
    """Return the token of the document's frame."""
    data = json.loads(frame_of(file, event))["data"]
    return str(data.get("jwt_token") or data["jwt"])


def connecting() -> ClearportProtocol:
    """Return a conversation that waits for its challenge."""
    protocol = ClearportProtocol(ADDRESS)
    protocol.connect()
    protocol.frames_to_send()
    return protocol


def challenged() -> ClearportProtocol:
    """Return a conversation that waits for the signature of its challenge."""
    protocol = connecting()
    protocol.receive(frame("challenge", {"challenge": CHALLENGE}, 0), NOW)
    return protocol


def signed_in(data: object = None) -> ClearportProtocol:
    """Return a conversation that is signed in; its next request has the number 3."""
    protocol = challenged()
    protocol.provide_signature(SIGNATURE)
    assert Ready() in protocol.receive(frame("authenticate", data, 1), NOW)
    protocol.frames_to_send()
    return protocol


def tell(event: str, data: object = None, reqid: object = 2) -> list[Output]:
    """Return what one frame means to a conversation that is signed in."""
    return signed_in().receive(frame(event, data, reqid), NOW)


def told_channel(**data: object) -> Channel:
    """Return the channel that a notification of these fields tells."""
    output = tell("stream_notification", {"channel_id": CHANNEL, **data})[0]
    assert isinstance(output, ChannelUpdated)
    return output.channel


def told_position(**changes: object) -> Position:
    """Return the position told with these changes; "absent" leaves a field out."""
    data = {key: value for key, value in (POSITION | changes).items() if value != "absent"}
    (output,) = tell("position_notification", {"position": data})
    assert isinstance(output, PositionUpdated)
    return output.position


def dropped(outputs: list[Output]) -> str:
    """Return the reason of the one thing that came of a frame: it was dropped."""
    (output,) = outputs
    assert isinstance(output, Dropped), output
    return output.reason
