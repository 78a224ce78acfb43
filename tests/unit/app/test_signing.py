"""Every signature is explained, told, consented to and written down before it is made."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from kayen_desktop.app.signing import MOST_SIGNATURES, WITHIN_S, ExplainedSigner
from kayen_desktop.domain.errors import (
    JournalError,
    KeyStoreError,
    NotAuthorizedError,
    SigningRefusedError,
    VaultError,
    VaultProblem,
)
from kayen_desktop.domain.events import Event, SignatureAsked, SignatureWithheld
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.domain.signatures import (
    SignatureMeaning,
    SignatureOutcome,
    SignatureRecord,
    SigningPurpose,
)
from kayen_desktop.journal.store import Journal
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.signer import LocalSigner
from tests.unit.domain.samples import NOW

from .conftest import Clock, Running, open_journal, until

PURPOSE = SigningPurpose.CLEARPORT_CHALLENGE
TEXT = "4ffc0b7f-c93c-4b99-bfa7-7c9886c7fdd2"
TRANSACTION = "e801843b9aca008252089444afc24403ca6e6bdefd69a11e7c140cc206a49c880de0b6b3a764000080"
ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
MEANING = SignatureMeaning(PURPOSE, "Clearport", ADDRESS, TEXT)


class WatchedSigner:
    """A signer that notes when it is asked, and fails where a test says so."""

    address = ADDRESS

    def __init__(self, steps: list[object], on_disk: list[SignatureOutcome], path: Path) -> None:
        self._inner = LocalSigner(KeyMaterial(b"\x01" * 32, KeyOrigin.CREATED))
        self._steps = steps
        self._on_disk = on_disk
        self._path = path
        self.failure: KeyStoreError | None = None
        self.may_sign = asyncio.Event()
        self.may_sign.set()

    async def sign(self, purpose: SigningPurpose, payload: str) -> str:
        with closing(open_journal(self._path)) as other:
            self._on_disk.extend(each.outcome for each in other.signatures())
        self._steps.append("signed")
        await self.may_sign.wait()
        if self.failure is not None:
            raise self.failure
        return await self._inner.sign(purpose, payload)


class Desk:
    """An explained signer, and everything that happened around it, in order."""

    def __init__(self, path: Path, journal: Journal, clock: Clock) -> None:
        self.journal = journal
        self.steps: list[object] = []
        self.on_disk: list[SignatureOutcome] = []
        self.inner = WatchedSigner(self.steps, self.on_disk, path)
        self.declines = False
        self.signer = ExplainedSigner(self.inner, journal, clock, self.tell, self.consent)

    def tell(self, event: Event) -> None:
        self.steps.append(event)

    async def consent(self, meaning: SignatureMeaning) -> None:
        self.steps.append("asked for consent")
        assert self.journal.signatures() == []
        assert meaning == MEANING
        if self.declines:
            raise NotAuthorizedError("Not now.")

    @property
    def audit(self) -> list[SignatureOutcome]:
        return [record.outcome for record in self.journal.signatures()]


@pytest.fixture
def desk(path: Path, journal: Journal, clock: Clock) -> Desk:
    return Desk(path, journal, clock)


async def test_it_is_told_asked_written_down_and_then_signed(desk: Desk) -> None:
    signature = await desk.signer.sign(PURPOSE, TEXT)
    recovered = Account.recover_message(encode_defunct(text=TEXT), signature=signature)
    assert recovered == desk.signer.address == ADDRESS
    assert desk.steps == [SignatureAsked(MEANING), "asked for consent", "signed"]
    assert desk.on_disk == [SignatureOutcome.ASKED]
    assert desk.journal.signatures() == [
        SignatureRecord(
            NOW,
            PURPOSE,
            "Clearport",
            ADDRESS,
            hashlib.sha256(TEXT.encode()).hexdigest(),
            len(TEXT),
            SignatureOutcome.SIGNED,
        )
    ]


async def test_neither_text_nor_signature_are_in_the_journal(desk: Desk, path: Path) -> None:
    signature = await desk.signer.sign(PURPOSE, TEXT)
    with pytest.raises(SigningRefusedError):
        await desk.signer.sign(PURPOSE, TRANSACTION)
    written = b"".join(each.read_bytes() for each in path.parent.iterdir() if each.is_file())
    assert hashlib.sha256(TEXT.encode()).hexdigest().encode() in written
    for secret in (TEXT, signature.removeprefix("0x"), TRANSACTION):
        assert secret.encode() not in written
        assert bytes.fromhex(secret.replace("-", "")) not in written


async def test_what_is_refused_is_told_and_written_down_and_never_signed(desk: Desk) -> None:
    with pytest.raises(SigningRefusedError, match="transaction") as refused:
        await desk.signer.sign(PURPOSE, TRANSACTION)
    assert desk.steps == [
        SignatureWithheld(PURPOSE, SignatureOutcome.REFUSED, str(refused.value)),
    ]
    assert desk.audit == [SignatureOutcome.REFUSED]


async def test_half_a_character_is_refused_like_anything_else(desk: Desk) -> None:
    with pytest.raises(SigningRefusedError):
        await desk.signer.sign(PURPOSE, "\ud800")
    assert desk.audit == [SignatureOutcome.REFUSED]


async def test_what_the_trader_declines_is_not_signed(desk: Desk) -> None:
    desk.declines = True
    with pytest.raises(NotAuthorizedError):
        await desk.signer.sign(PURPOSE, TEXT)
    assert desk.steps == [
        SignatureAsked(MEANING),
        "asked for consent",
        SignatureWithheld(PURPOSE, SignatureOutcome.DECLINED, "Not now."),
    ]
    assert desk.audit == [SignatureOutcome.DECLINED]


async def test_a_key_that_fails_is_told_and_written_down(desk: Desk) -> None:
    desk.inner.failure = VaultError(VaultProblem.KEYRING_LOCKED)
    with pytest.raises(VaultError):
        await desk.signer.sign(PURPOSE, TEXT)
    assert desk.steps[-1] == SignatureWithheld(
        PURPOSE, SignatureOutcome.FAILED, str(desk.inner.failure)
    )
    assert desk.audit == [SignatureOutcome.FAILED]


async def test_a_signature_that_nobody_waits_for_any_more_may_have_been_made(desk: Desk) -> None:
    desk.inner.may_sign.clear()
    task = asyncio.ensure_future(desk.signer.sign(PURPOSE, TEXT))
    await until(lambda: "signed" in desk.steps)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.audit == [SignatureOutcome.ASKED]


async def test_what_can_not_be_written_down_is_not_signed(desk: Desk, path: Path) -> None:
    with closing(sqlite3.connect(path)) as stranger, stranger:
        stranger.execute("DROP TABLE signatures")
    with pytest.raises(JournalError):
        await desk.signer.sign(PURPOSE, TEXT)
    assert "signed" not in desk.steps
    with pytest.raises(JournalError):
        await desk.signer.sign(PURPOSE, TRANSACTION)
    assert isinstance(desk.steps[-1], SignatureWithheld)


async def test_it_signs_before_a_session_hears_of_it_and_without_consent(
    desk: Desk, clock: Clock
) -> None:
    signer = ExplainedSigner(desk.inner, desk.journal, clock)
    await signer.sign(PURPOSE, TEXT)
    heard: list[Event] = []
    signer.tell_to(heard.append)
    await signer.sign(PURPOSE, TEXT)
    assert heard == [SignatureAsked(MEANING)]
    assert repr(signer) == f"ExplainedSigner({ADDRESS})"


# A server that asks without end

FLOODED = [SignatureOutcome.REFUSED] + [SignatureOutcome.SIGNED] * MOST_SIGNATURES


async def flood(signer: ExplainedSigner) -> str:
    """Sign as often as is signed in a row, once more, and return why that was refused."""
    for _ in range(MOST_SIGNATURES):
        await signer.sign(PURPOSE, TEXT)
    with pytest.raises(SigningRefusedError) as refused:
        await signer.sign(PURPOSE, TEXT)
    return str(refused.value)


async def test_more_signatures_than_signing_in_takes_are_refused_and_told(
    desk: Desk, clock: Clock
) -> None:
    heard: list[Event] = []
    signer = ExplainedSigner(desk.inner, desk.journal, clock, heard.append)
    reason = await flood(signer)
    assert reason.startswith("Clearport asked for more than 20 signatures within 10 minutes.")
    assert "Nothing more was signed, and no money moves." in reason
    assert heard == [
        *[SignatureAsked(MEANING)] * MOST_SIGNATURES,
        SignatureWithheld(PURPOSE, SignatureOutcome.REFUSED, reason),
    ]
    assert desk.steps == ["signed"] * MOST_SIGNATURES
    assert desk.audit == FLOODED


async def test_after_that_refusal_only_the_trader_asks_again_and_is_given_as_many(
    desk: Desk, clock: Clock
) -> None:
    signer = ExplainedSigner(desk.inner, desk.journal, clock)
    reason = await flood(signer)
    assert await flood(signer) == reason
    assert desk.audit == FLOODED + FLOODED


async def test_signatures_as_rare_as_sign_ins_are_never_refused(desk: Desk, clock: Clock) -> None:
    signer = ExplainedSigner(desk.inner, desk.journal, clock)
    for _ in range(3 * MOST_SIGNATURES):
        await signer.sign(PURPOSE, TEXT)
        clock.pass_by(WITHIN_S / MOST_SIGNATURES)
    assert set(desk.audit) == {SignatureOutcome.SIGNED}


async def test_a_session_shows_the_sentence_before_there_is_a_signature(
    desk: Desk, running: Running
) -> None:
    desk.signer.tell_to(running.session.on_event)
    desk.inner.may_sign.clear()
    task = asyncio.ensure_future(desk.signer.sign(PURPOSE, TEXT))
    await until(lambda: "signed" in desk.steps)
    assert [note.event for note in running.session.state.signatures] == [SignatureAsked(MEANING)]
    assert not task.done()
    desk.inner.may_sign.set()
    assert len(await task) == 132
