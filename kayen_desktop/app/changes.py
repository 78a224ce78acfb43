"""What a screen must redraw: small, hashable, so that a burst of them collapses in a set."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Topic(Enum):
    """The kinds of things on screens; the comment says what ``key`` names."""

    LINK = "link"  # the link's name
    MARKETS = "markets"  # nothing: the whole list
    TICKER = "ticker"  # the market
    BOOK = "book"  # the market
    TRADES = "trades"  # the market
    CANDLES = "candles"  # market and period: see candles_key
    ORDER = "order"  # venue_order_id
    FILL = "fill"  # fill_id
    MARGIN = "margin"  # nothing
    BALANCES = "balances"  # the asset
    CHANNEL = "channel"  # channel_id
    POSITION = "position"  # position_id
    SETTLEMENT = "settlement"  # settlement_id
    INTENT = "intent"  # intent_id
    NOTICE = "notice"  # nothing: the newest of state.notices
    ALARM = "alarm"  # nothing
    CLEARING_HOUSE = "clearing_house"  # nothing
    WALLET = "wallet"  # nothing: the newest of state.wallet_requests
    SIGNATURE = "signature"  # nothing: the newest of state.signatures


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs from what was drawn last."""

    topic: Topic
    key: str = ""
