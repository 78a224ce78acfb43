"""Waits grow and are capped; one function alone decides what is worth another try."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.errors import (
    KayenError,
    KeyStoreError,
    LockedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    RemoteProtocolError,
    SettingsError,
    SigningRefusedError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.venues.reconnect import (
    FIRST_DELAY_S,
    MAX_DELAY_S,
    Backoff,
    Verdict,
    classify,
)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (TransportError("gone"), Verdict.RETRY),
        (TransportError("wrong certificate", is_fatal=True), Verdict.FATAL),
        (RemoteProtocolError("no challenge"), Verdict.RETRY),
        (OutcomeUnknownError("unreadable"), Verdict.RETRY),
        (VenueRejectionError("Invalid signature"), Verdict.FATAL),
        (KeyStoreError("locked"), Verdict.FATAL),
        (SigningRefusedError("reads as a transaction"), Verdict.FATAL),
        (NotAuthorizedError("declined"), Verdict.FATAL),
        (LockedError("locked"), Verdict.FATAL),
        (SettingsError("bad"), Verdict.FATAL),
    ],
)
def test_each_error_has_its_verdict(error: KayenError, verdict: Verdict) -> None:
    assert classify(error) is verdict


@given(st.floats(0, 1), st.integers(1, 40))
def test_waits_are_within_bounds_and_never_shrink_before_a_reset(jitter: float, tries: int) -> None:
    backoff = Backoff(lambda: jitter)
    waits = [backoff.delay_s() for _ in range(tries)]
    assert waits == sorted(waits)
    assert waits[0] >= FIRST_DELAY_S / 2
    assert waits[-1] <= MAX_DELAY_S
    backoff.reset()
    assert backoff.delay_s() == waits[0]
