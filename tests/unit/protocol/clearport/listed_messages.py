"""The messages that a venue sends, each as a struct and with what it must come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from kayen_desktop.domain.channels import Channel, ChannelAction, ChannelState
from kayen_desktop.domain.events import (
    ChannelClosed,
    ChannelUpdated,
    PositionsListed,
    SettlementUpdated,
    Severity,
    TradeRecorded,
    Trouble,
    VenueNotified,
    WalletAsked,
    WalletRequest,
)
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import Position, PositionStatus
from kayen_desktop.domain.settlement import PaymentMethod, Settlement, SettlementState
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.protocol.clearport import messages
from kayen_desktop.protocol.clearport.protocol import ClearportProtocol
from kayen_desktop.protocol.jwt import parse_token
from kayen_desktop.protocol.outputs import Dropped, Ready, Reply, SignatureNeeded

from .listed_requests import DOC_BROKER, DOC_CHANNEL_DATA, DOC_FILL, DOC_PEER, asking, proving
from .session import (
    ADDRESS,
    BROKER,
    CHALLENGE,
    DOC_CHANNEL,
    connecting,
    signed_in,
    token_in,
)

DOC_TOKEN = token_in("operator_api_inbound", "channel_jwt")
TRANSFER = (
    "0xa9059cbb000000000000000000000000269f993271d845efbc7298d9ebc2be557cc5284e"
    "00000000000000000000000000000000000000000000000000000000000f4240"
)
HASH = "0x88df016429689c079f3b2f6ad39fa052532c56795b733da78a91ebe6a713944b"
DIGEST = "0x0a2fc01db5a7299b8d114f686968cfb62675a8c98ea79408a77de736d4d0c031"


@dataclass(frozen=True)
class Received:
    """One message of the venue's.

    The document's example is in ``file``. It comes to a conversation that ``waits`` begins, under
    the number of the request that it answers where it answers one, and comes to ``outputs``.
    """

    name: str
    message: messages.Inbound
    waits: Callable[[], ClearportProtocol]
    reqid: int
    outputs: list[object]
    file: str = "operator_api_inbound"


def position(market: str, side: Side, amount: str, cost: str, value: str, pnl: str) -> Position:
    return Position(
        f"{DOC_CHANNEL}:{market}:{side.value}",
        DOC_CHANNEL,
        market,
        side,
        Decimal(amount),
        Decimal(cost),
        Decimal(value),
        Decimal(cost) / Decimal(amount),
        Decimal(pnl),
        PositionStatus.OPEN,
    )


def listed(market: str, direction: str, *figures: str) -> messages.PositionItem:
    """Return a position as the document lists it: amount, cost, market value, profit or loss."""
    amount, cost, value, pnl = figures
    return messages.PositionItem(
        position=messages.PositionFields(
            channel_id=DOC_CHANNEL,
            market=market,
            direction=direction,
            amount=amount,
            cost=cost,
            market_value=value,
            pnl=pnl,
            status="open",
        )
    )


RECEIVED = [
    Received(
        "version",
        messages.VersionReply(reqid=1, data=messages.VersionReplyData(version="1.0.0")),
        asking(ClearportProtocol.request_version),
        3,
        [Reply(3, "1.0.0")],
    ),
    Received(
        "identityAddress",
        messages.IdentityAddressReply(
            reqid=1, data=messages.IdentityAddressReplyData(address=DOC_BROKER.address)
        ),
        asking(ClearportProtocol.request_identity_address),
        3,
        [Reply(3, DOC_BROKER.address)],
    ),
    Received(
        "challenge",
        messages.ChallengeReply(reqid=1, data=messages.ChallengeReplyData(challenge=CHALLENGE)),
        connecting,
        0,
        [SignatureNeeded(SigningPurpose.CLEARPORT_CHALLENGE, CHALLENGE)],
    ),
    Received("authenticated", messages.AuthenticateReply(reqid=1), proving, 1, [Ready()]),
    Received(
        "jwt",
        messages.ChannelJwtReply(reqid=1, data=messages.ChannelJwtReplyData(jwt=DOC_TOKEN)),
        asking(lambda protocol: protocol.request_channel_token(DOC_CHANNEL)),
        3,
        [Reply(3, parse_token(DOC_TOKEN))],
    ),
    Received(
        "openingChannel",
        messages.OpenChannelReply(reqid=1, data=DOC_CHANNEL_DATA),
        asking(lambda protocol: protocol.open_channel(BROKER, Decimal(1))),
        3,
        [Reply(3, DOC_CHANNEL)],
    ),
    Received(
        "recordedTrade",
        messages.RecordTradeReply(
            reqid=1,
            data=messages.RecordTradeReplyData(channel_id=DOC_CHANNEL, external_id="123"),
        ),
        asking(lambda protocol: protocol.record_trade(DOC_CHANNEL, DOC_FILL)),
        3,
        [TradeRecorded(DOC_CHANNEL, "123"), Reply(3, "123")],
    ),
    Received(
        "streamNotification",
        messages.StreamNotification(
            reqid=1,
            data=messages.StreamNotificationData(
                channel_id=DOC_CHANNEL,
                action="channelOpened",
                channel_status="opened",
                my_role="Initiator",
                peer=DOC_PEER,
                margin_deposit="10000",
                initiator_margin_balance="0",
                follower_margin_balance="0",
            ),
        ),
        signed_in,
        1,
        [
            ChannelUpdated(
                Channel(
                    DOC_CHANNEL,
                    ChannelState.OPEN,
                    broker=DOC_BROKER,
                    margin_deposit=Decimal(10000),
                    initiator_balance=Decimal(0),
                    responder_balance=Decimal(0),
                    action=ChannelAction.CHANNEL_OPENED,
                )
            )
        ],
    ),
    Received(
        "settlementNotification",
        messages.SettlementNotification(
            reqid=1,
            data=messages.SettlementNotificationData(
                channel_id=DOC_CHANNEL, settlement_state="proposed"
            ),
        ),
        signed_in,
        1,
        [SettlementUpdated(Settlement(DOC_CHANNEL, SettlementState.PROPOSED))],
    ),
    Received(
        # The example has nothing but a channel in it (§1.6 row 12).
        "positionNotification",
        messages.PositionNotification(reqid=1, data=messages.PositionItem(channel_id=DOC_CHANNEL)),
        signed_in,
        1,
        [Dropped("A position that names no market.")],
    ),
    Received(
        "closeChannel",
        messages.CloseChannelReply(reqid=1, data=DOC_CHANNEL_DATA),
        asking(lambda protocol: protocol.close_channel(DOC_CHANNEL)),
        3,
        [ChannelClosed(DOC_CHANNEL), Reply(3, DOC_CHANNEL)],
    ),
    Received(
        "positions",
        messages.PositionsReply(
            reqid=1,
            data=messages.PositionsReplyData(
                channel_id=DOC_CHANNEL,
                positions=[
                    listed("WBTC/USDT", "buy", "1.2", "36789", "35467", "-1322"),
                    listed("ETH/USDT", "sell", "1.5", "3678.9", "3546.7", "132.2"),
                ],
            ),
        ),
        asking(lambda protocol: protocol.request_positions(DOC_CHANNEL)),
        3,
        [
            PositionsListed(
                DOC_CHANNEL,
                (
                    position("WBTC/USDT", Side.BUY, "1.2", "36789", "35467", "-1322"),
                    position("ETH/USDT", Side.SELL, "1.5", "3678.9", "3546.7", "132.2"),
                ),
            ),
            Reply(3, None),
        ],
    ),
    Received(
        "requestedSettlement",
        messages.RequestSettlementReply(reqid=1),
        asking(
            lambda protocol: protocol.request_settlement(
                DOC_CHANNEL, PaymentMethod.MOCK, 1, ["ETH/USDT"]
            )
        ),
        3,
        [Reply(3, None)],
    ),
    Received(
        "error",
        messages.ErrorReply(reqid=1, data=messages.ErrorData(error="Invalid signature")),
        proving,
        1,
        [("sign-in", "The venue refused: Invalid signature", False)],
    ),
    Received(
        "active_channels_count",
        messages.ActiveChannelsCountReply(
            reqid=3, data=messages.ActiveChannelsCountReplyData(count=240)
        ),
        asking(ClearportProtocol.request_active_channels_count),
        3,
        [Reply(3, 240)],
        "protocols_inferred",
    ),
    Received(
        "error_notification",
        messages.ErrorNotification(
            reqid=2,
            data=messages.ErrorData(
                error="liquidation margin reached",
                metadata=messages.ErrorMetadata(
                    channel_id=DOC_CHANNEL,
                    transaction_hash=HASH,
                    state="operational",
                    event="MarginCall",
                ),
                action="channel_opened",
                channel_state="open",
            ),
        ),
        signed_in,
        2,
        [
            VenueNotified(
                Severity.CRITICAL,
                "liquidation margin reached",
                DOC_CHANNEL,
                Trouble.LIQUIDATION,
                HASH,
                "operational",
            )
        ],
        "protocols_inferred",
    ),
    Received(
        "transaction_notification",
        messages.TransactionNotification(
            reqid=2,
            data=messages.TransactionNotificationData(
                to=BROKER.address, data=TRANSFER, gas_limit="120000", value="1500000000000000"
            ),
        ),
        signed_in,
        2,
        [
            WalletAsked(
                WalletRequest.TRANSACTION,
                (
                    ("to", BROKER.address),
                    ("value", "1500000000000000 wei (0.0015 ether)"),
                    ("gas_limit", "120000"),
                    ("data", "68 bytes: 0xa9059cbb…"),
                ),
            )
        ],
        "protocols_inferred",
    ),
    Received(
        "session_key_transaction",
        messages.SessionKeyTransaction(
            reqid=2,
            data=messages.SessionKeyTransactionData(
                incomplete_user_op=messages.UserOperation(
                    sender=ADDRESS, nonce="0x7", init_code="0x", call_data="0xb61d27f600000000"
                ),
                enable_sig_offset=65,
                digest_hash=DIGEST,
                permissions=["transfer", "settle"],
            ),
        ),
        signed_in,
        2,
        [
            WalletAsked(
                WalletRequest.SESSION_KEY,
                (
                    ("sender", ADDRESS),
                    ("nonce", "7"),
                    ("initCode", "0 bytes"),
                    ("callData", "8 bytes: 0xb61d27f6…"),
                    ("enable_sig_offset", "65"),
                    (
                        "digest_hash",
                        DIGEST,
                    ),
                    ("permissions", "2"),
                ),
            )
        ],
        "protocols_inferred",
    ),
]
