"""What the venue wants of the wallet → text to show; nothing here can send or sign (§1.5)."""

from __future__ import annotations

import re
from decimal import Decimal

from kayen_desktop.domain.amounts import plain
from kayen_desktop.domain.events import WalletAsked, WalletRequest

from .messages import (
    NotAnObject,
    SessionKeyTransactionData,
    TransactionNotificationData,
    UserOperation,
)
from .parsing import MAX_IDENTIFIER, server_text

# Four bytes name the contract's function; the rest of a call says nothing to a person.
SHOWN_BYTES = 4
_ETHER_PLACES = 18
_WORD_LIMIT = 2**256  # of the chain's largest whole number
_HEX = re.compile(r"0x[0-9a-fA-F]*")
_WHOLE = re.compile(r"[0-9]{1,78}|0x[0-9a-fA-F]{1,64}")


def parse_transaction(data: TransactionNotificationData | NotAnObject) -> WalletAsked:
    """Return the transaction that the venue wants sent, field by field, as text."""
    if not isinstance(data, TransactionNotificationData):
        return WalletAsked(WalletRequest.TRANSACTION)
    return _asked(
        WalletRequest.TRANSACTION,
        to=_show(data.to),
        value=_show_wei(data.value),
        gas_limit=_show_whole(data.gas_limit),
        data=_show_bytes(data.data),
    )


def parse_session_key(data: SessionKeyTransactionData | NotAnObject) -> WalletAsked:
    """Return the smart account's operation that the venue wants sent, field by field, as text."""
    if not isinstance(data, SessionKeyTransactionData):
        return WalletAsked(WalletRequest.SESSION_KEY)
    told = data.incomplete_user_op
    operation = told if isinstance(told, UserOperation) else UserOperation()
    permissions = data.permissions
    count = len(permissions) if isinstance(permissions, list) else permissions
    return _asked(
        WalletRequest.SESSION_KEY,
        sender=_show(operation.sender),
        nonce=_show_whole(operation.nonce),
        initCode=_show_bytes(operation.init_code),
        callData=_show_bytes(operation.call_data),
        enable_sig_offset=_show_whole(data.enable_sig_offset),
        digest_hash=_show(data.digest_hash),
        permissions=_show(count),
    )


def _asked(request: WalletRequest, **fields: str) -> WalletAsked:
    """Return the request with the fields that the venue named, under the venue's names."""
    return WalletAsked(request, tuple((name, text) for name, text in fields.items() if text))


def _show(value: object) -> str:
    """Return the value as one plain, capped line; empty where there is none."""
    return "" if value is None or value == "" else server_text(value, MAX_IDENTIFIER)


def _show_whole(value: object) -> str:
    number = _parse_whole(value)
    return _show(value) if number is None else str(number)


def _show_wei(value: object) -> str:
    """Return an amount of the chain's coin in its smallest unit, and exactly in ether."""
    number = _parse_whole(value)
    if number is None:
        return _show(value)
    return f"{number} wei ({plain(Decimal(number).scaleb(-_ETHER_PLACES))} ether)"


def _show_bytes(value: object) -> str:
    """Return how many bytes a 0x text spells and the first of them; other text as it is."""
    if not isinstance(value, str) or not _HEX.fullmatch(value) or len(value) % 2:
        return _show(value)
    count = len(value) // 2 - 1
    if not count:
        return "0 bytes"
    shown = value[: 2 + 2 * SHOWN_BYTES]
    more = "…" if count > SHOWN_BYTES else ""
    return f"{count} {'byte' if count == 1 else 'bytes'}: {shown}{more}"


def _parse_whole(value: object) -> int | None:
    """Return the whole number, written as a number, in digits or as 0x text; None for all else."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value, 16 if value.startswith("0x") else 10)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _WORD_LIMIT:
        return None
    return value
