"""Words for the connections to the venue's servers."""

from __future__ import annotations

from kayen_desktop.app.market_state import LinkStatus
from kayen_desktop.domain.events import LinkState

from .notice import quoted

_LABELS = {
    LinkState.OFFLINE: "Offline",
    LinkState.CONNECTING: "Connecting…",
    LinkState.CONNECTED: "Connected, prices only",
    LinkState.SIGNING_IN: "Signing in…",
    LinkState.READY: "Connected",
    LinkState.RETRYING: "Reconnecting…",
    LinkState.REFUSED: "Refused",
}

_EXPLANATIONS = {
    LinkState.OFFLINE: "There is no connection to {link}, and none is being made.",
    LinkState.CONNECTING: "The connection to {link} is being made.",
    LinkState.CONNECTED: (
        "Connected to {link} for prices. Orders can be sent once a margin account is open."
    ),
    LinkState.SIGNING_IN: "{link} is checking that the address is yours.",
    LinkState.READY: "Connected to {link} and signed in.",
    LinkState.RETRYING: (
        "{link} can't be reached now. Nothing is sent until it is back; it is tried again by "
        "itself."
    ),
    LinkState.REFUSED: "The connection to {link} was refused, and it is not tried again by itself.",
}


def link_text(status: LinkStatus) -> str:
    """Return how the connection is, as a label, with its round trip where measured."""
    if status.state is LinkState.READY and status.latency_ms is not None:
        return f"{_LABELS[status.state]}, {status.latency_ms:.0f} ms"
    return _LABELS[status.state]


def link_explanation(status: LinkStatus) -> str:
    """Return how the connection is, in sentences, with the reason and the time of the next try."""
    parts = [_EXPLANATIONS[status.state].format(link=status.link)]
    if status.reason.strip():
        parts.append(f"The reason given: {quoted(status.reason)}.")
    if status.retry_at is not None and status.state is LinkState.RETRYING:
        parts.append(f"Next try at {status.retry_at.astimezone():%H:%M:%S}.")
    return " ".join(parts)
