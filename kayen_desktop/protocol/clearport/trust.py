"""Whether the tokens that Clearport shows belong to us and to each other (protocols.md §1.3)."""

from __future__ import annotations

from kayen_desktop.protocol.jwt import RECOVERABLE, Token, recover_signer


def doubt_session(token: Token, address: str) -> str | None:
    """Return why the session token can't be ours, as a sentence; None where nothing is wrong."""
    claimed = token.operator_address
    if claimed is None or claimed.lower() == address.lower():
        return None
    return "The clearing house issued its sign-in token for another address than yours."


def doubt_channel(token: Token, session: Token | None, channel_id: str) -> str | None:
    """Return why the channel token can't be trusted, as a sentence; None where nothing is wrong.

    Signers are compared only where both tokens are ES256K-R: other tokens are opaque.
    """
    if token.channel_id is not None and token.channel_id.lower() != channel_id.lower():
        return "The clearing house issued a trading token for another account than the one asked."
    if session is None or token.algorithm != RECOVERABLE or session.algorithm != RECOVERABLE:
        return None
    signer = recover_signer(token)
    if signer is not None and signer == recover_signer(session):
        return None
    return "The trading token was not signed by the clearing house that you are signed in to."
