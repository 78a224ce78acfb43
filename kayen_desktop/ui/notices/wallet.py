"""Words of what the venue wants of the wallet, and why this application does none of it."""

from __future__ import annotations

from kayen_desktop.domain.events import Severity, WalletAsked, WalletRequest

from .notice import Action, Notice

WALLET_TITLES = {
    WalletRequest.TRANSACTION: "The venue asks for an on-chain transaction",
    WalletRequest.SESSION_KEY: "The venue asks for a session key",
}
WALLET_WHY = {
    WalletRequest.TRANSACTION: (
        "This application signs nothing that moves money. A transaction could pay out anything "
        "that the address holds, and nobody can take it back."
    ),
    WalletRequest.SESSION_KEY: (
        "A session key would let the venue act for your address by itself, within limits that it "
        "writes. This application gives no such key to anybody, so it was refused."
    ),
}
WALLET_SAFE = "Nothing was signed and nothing was sent. Your key and your money are as they were."
WALLET_NEXT = (
    "You need not do anything. If the broker tells you by another way that it is needed, do it "
    "with a wallet that shows you what you sign."
)
_WALLET_FIELDS = {
    "to": "Goes to (to)",
    "value": "Sends (value)",
    "gas_limit": "At most (gas limit)",
    "data": "Calls (data)",
    "sender": "Acts for (sender)",
    "nonce": "Number (nonce)",
    "initCode": "Sets up (init code)",
    "callData": "Calls (call data)",
    "enable_sig_offset": "Place of the signature",
    "digest_hash": "To be signed (digest)",
    "permissions": "Permissions",
}
WALLET_NONE = "The venue has asked nothing of your wallet."
_WALLET_LINES = {
    WalletRequest.TRANSACTION: (
        "The venue asks for an on-chain transaction; this app does not send one. Nothing was "
        "signed."
    ),
    WalletRequest.SESSION_KEY: "The venue asks for a session key; refused. Nothing was signed.",
}


def wallet_line(event: WalletAsked, count: int = 1) -> str:
    """Return one line on what the venue wanted of the wallet, and how often it did."""
    line = _WALLET_LINES[event.request]
    return line if count == 1 else f"{line} It asked {count} times in a short time."


def wallet_notice(event: WalletAsked) -> Notice:
    """Return the notice for what the venue wants of the wallet."""
    return Notice(
        _WALLET_LINES[event.request],
        "Your key and your money are as they were.",
        "You need not do anything; the details show what it asked for.",
        Severity.WARNING,
        Action.SHOW_WALLET_REQUEST,
    )


def asked_text(time: str, count: int) -> str:
    """Return when a request came last, and how often it came."""
    return f"Asked at {time}" if count == 1 else f"Asked {count} times, last at {time}"


def wallet_field(name: str) -> str:
    """Return a field of a wallet request as a label, the venue's own name in brackets."""
    return _WALLET_FIELDS.get(name, name)
