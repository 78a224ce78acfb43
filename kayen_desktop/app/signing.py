"""Every signature, explained before it is made and written down before and after.

Decision: the audit keeps a digest and the length of the text, not the text. A challenge that was
used is worth nothing, but one that was refused may be anything, and the digest proves as much.

Decision: twenty signatures within ten minutes and no more. A sign-in is resumed with the session's
token, so one signature lasts for hours; a venue that gives no token takes one for each connection,
and twenty broken ones in ten minutes are worth the trader's attention, too. Refused is fatal to
the link (venues/reconnect.py): nothing but the trader's "Try again" asks after it, so counting
begins anew then.
"""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from kayen_desktop.domain.errors import KayenError, NotAuthorizedError, SigningRefusedError
from kayen_desktop.domain.events import Event, SignatureAsked, SignatureWithheld
from kayen_desktop.domain.signatures import (
    SignatureMeaning,
    SignatureOutcome,
    SignatureRecord,
    SigningPurpose,
)
from kayen_desktop.journal.store import Journal
from kayen_desktop.keys.payloads import audience_of, examine
from kayen_desktop.venues.venue import Signer

log = logging.getLogger(__name__)

MOST_SIGNATURES = 20
WITHIN_S = 600.0
Tell: TypeAlias = Callable[[Event], None]
Consent: TypeAlias = Callable[[SignatureMeaning], Awaitable[None]]


class ExplainedSigner:
    """Stands before a signer: what can't be explained, told and written down is not signed.

    In this order: the text is examined, the trader is told what a signature of it says, asked
    where there is ``consent``, the request is put on disk, the text signed, the outcome kept.
    """

    def __init__(
        self,
        inner: Signer,
        journal: Journal,
        clock: Callable[[], datetime],
        tell: Tell | None = None,
        consent: Consent | None = None,
    ) -> None:
        """``consent`` raises ``NotAuthorizedError`` where the trader declines.

        ``tell`` may be given later: a session is made after the signer of its venue.
        """
        self._inner = inner
        self._journal = journal
        self._clock = clock
        self._consent = consent
        self._tell = tell or _unheard
        # When each of the last ones was asked for: one signer has one address.
        self._recent: dict[SigningPurpose, deque[datetime]] = {}

    @property
    def address(self) -> str:
        """The checksummed address that the signatures prove."""
        return self._inner.address

    def __repr__(self) -> str:
        return f"ExplainedSigner({self.address})"

    def tell_to(self, tell: Tell) -> None:
        """Tell of signatures in this way from now on."""
        self._tell = tell

    async def sign(self, purpose: SigningPurpose, payload: str) -> str:
        """Return the EIP-191 signature of the text, 0x and 130 hex digits.

        Raises:
            SigningRefusedError: the text is not what the purpose allows, or more than
                ``MOST_SIGNATURES`` were asked for within ``WITHIN_S`` seconds.
            NotAuthorizedError: the trader declined. JournalError: it could not be written down.
            KeyStoreError: the key can't be had. In all of these no signature leaves.
        """
        try:
            meaning = examine(purpose, payload, self.address)
            self._count(purpose)
        except SigningRefusedError as error:
            self._withhold(purpose, payload, SignatureOutcome.REFUSED, error)
            raise
        self._tell(SignatureAsked(meaning))
        if self._consent is not None:
            try:
                await self._consent(meaning)
            except NotAuthorizedError as error:
                self._withhold(purpose, payload, SignatureOutcome.DECLINED, error)
                raise
        number = self._journal.record_signature(
            self._record(purpose, payload, SignatureOutcome.ASKED)
        )
        try:
            signature = await self._inner.sign(purpose, payload)
        except KayenError as error:
            self._tell(SignatureWithheld(purpose, SignatureOutcome.FAILED, str(error)))
            self._journal.settle_signature(number, SignatureOutcome.FAILED)
            raise
        self._journal.settle_signature(number, SignatureOutcome.SIGNED)
        return signature

    def _count(self, purpose: SigningPurpose) -> None:
        """Refuse one more than are signed in a row; whoever asks after that is the trader."""
        recent = self._recent.setdefault(purpose, deque())
        now = self._clock()
        while recent and now - recent[0] >= timedelta(seconds=WITHIN_S):
            recent.popleft()
        if len(recent) < MOST_SIGNATURES:
            recent.append(now)
            return
        recent.clear()
        raise SigningRefusedError(
            f"{audience_of(purpose)} asked for more than {MOST_SIGNATURES} signatures within "
            f"{WITHIN_S / 60:.0f} minutes. Nothing more was signed, and no money moves. "
            "Try again if you know why; if it comes back, don't use this venue."
        )

    def _withhold(
        self,
        purpose: SigningPurpose,
        payload: str,
        outcome: SignatureOutcome,
        error: KayenError,
    ) -> None:
        """Tell that nothing is signed, whether or not it can be written down, too."""
        self._tell(SignatureWithheld(purpose, outcome, str(error)))
        self._journal.record_signature(self._record(purpose, payload, outcome))

    def _record(
        self, purpose: SigningPurpose, payload: str, outcome: SignatureOutcome
    ) -> SignatureRecord:
        return SignatureRecord(
            self._clock(),
            purpose,
            audience_of(purpose),
            self.address,
            hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest(),
            len(payload),
            outcome,
        )


def _unheard(event: Event) -> None:
    log.warning("nobody hears of a signature: %s", type(event).__name__)
