"""A signature that is refused or declined is not asked for again in a loop; over real sockets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

from websockets.asyncio.server import ServerConnection, serve

from kayen_desktop.app.session import Session, utc_now
from kayen_desktop.app.signing import MOST_SIGNATURES, Consent, ExplainedSigner
from kayen_desktop.domain.errors import NotAuthorizedError
from kayen_desktop.domain.events import LinkState, SignatureAsked, SignatureWithheld
from kayen_desktop.domain.signatures import SignatureMeaning, SignatureOutcome
from kayen_desktop.journal.store import Journal
from kayen_desktop.keys.signer import throwaway_signer
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.venues.kayen import CLEARPORT, KayenVenue
from kayen_desktop.venues.registry import load_network

from .desk import QUIET, Desk

TRANSACTION = "e801843b9aca008252089444afc24403ca6e6bdefd69a11e7c140cc206a49c880de0b6b3a764000080"


@dataclass
class Trader:
    """Agrees to signatures, or declines, and counts how often that was asked."""

    agrees: bool
    asked: list[SignatureMeaning] = field(default_factory=list)

    async def consent(self, meaning: SignatureMeaning) -> None:
        self.asked.append(meaning)
        if not self.agrees:
            raise NotAuthorizedError("You declined to sign in.")


@asynccontextmanager
async def explained_desk(
    server: PracticeServer, folder: Path, consent: Consent, clearport_url: str | None = None
) -> AsyncIterator[Desk]:
    """Connect a desk that signs only what it has explained."""
    network = replace(
        load_network("practice"),
        clearport_url=clearport_url or server.clearport_url,
        finex_url=server.finex_url,
    )
    key = await throwaway_signer()
    journal = Journal(folder / "journal.sqlite3", network.name, key.address)
    signer = ExplainedSigner(key, journal, utc_now, consent=consent)
    crashes: list[BaseException] = []
    session = Session(KayenVenue(network, signer, utc_now), journal, crashes.append)
    signer.tell_to(session.on_event)
    desk = Desk(session, server, journal)
    session.start()
    try:
        yield desk
    finally:
        await session.stop()
        journal.close()
    assert not crashes, crashes


def is_refused(desk: Desk) -> bool:
    status = desk.state.links.get(CLEARPORT)
    return status is not None and status.state is LinkState.REFUSED


def is_waiting(desk: Desk) -> bool:
    status = desk.state.links.get(CLEARPORT)
    return status is not None and status.state is LinkState.RETRYING


def audit(desk: Desk) -> list[SignatureOutcome]:
    return [record.outcome for record in desk.journal.signatures()]


async def test_each_sign_in_is_explained_and_written_down(tmp_path: Path) -> None:
    trader = Trader(agrees=True)
    async with (
        PracticeServer(QUIET) as server,
        explained_desk(server, tmp_path, trader.consent) as desk,
    ):
        await desk.connected()
        (meaning,) = trader.asked
        assert [note.event for note in desk.state.signatures] == [SignatureAsked(meaning)]
        assert meaning.address == desk.address
        assert meaning.audience == CLEARPORT
        assert audit(desk) == [SignatureOutcome.SIGNED]


async def test_who_declines_is_not_asked_again_before_they_want_it(tmp_path: Path) -> None:
    trader = Trader(agrees=False)
    async with (
        PracticeServer(QUIET) as server,
        explained_desk(server, tmp_path, trader.consent) as desk,
    ):
        await desk.until(lambda: is_refused(desk), "the link rests")
        status = desk.state.links[CLEARPORT]
        assert status.reason == "You declined to sign in."
        assert status.retry_at is None
        trader.agrees = True
        desk.session.venue.reconnect()
        await desk.connected()
        assert len(trader.asked) == 2
        assert audit(desk) == [SignatureOutcome.SIGNED, SignatureOutcome.DECLINED]


async def test_a_transaction_dressed_as_a_challenge_is_refused_once(tmp_path: Path) -> None:
    trader = Trader(agrees=True)
    challenges = 0

    async def deceive(socket: ServerConnection) -> None:
        nonlocal challenges
        async for frame in socket:
            asked = json.loads(frame)
            if asked["event"] == "challenge":
                challenges += 1
                answer = {**asked, "data": {"challenge": TRANSACTION}}
                await socket.send(json.dumps(answer))

    async with PracticeServer(QUIET) as server, serve(deceive, "127.0.0.1", 0) as evil:
        url = f"ws://127.0.0.1:{evil.sockets[0].getsockname()[1]}"
        async with explained_desk(server, tmp_path, trader.consent, url) as desk:
            await desk.until(lambda: is_refused(desk), "the link rests")
            assert "transaction" in desk.state.links[CLEARPORT].reason
            (note,) = desk.state.signatures
            assert isinstance(note.event, SignatureWithheld)
            assert audit(desk) == [SignatureOutcome.REFUSED]
            assert trader.asked == []
            desk.session.venue.reconnect()
            await desk.until(lambda: len(desk.state.signatures) == 2, "it is tried once more")
            await desk.until(lambda: is_refused(desk), "the link rests again")
            assert challenges == 2


async def test_a_server_that_asks_without_end_gets_no_more_than_signing_in_takes(
    tmp_path: Path,
) -> None:
    """It gives no session to resume and hangs up on whoever is signed in."""
    trader = Trader(agrees=True)

    async def hang_up(socket: ServerConnection) -> None:
        async for frame in socket:
            asked = json.loads(frame)
            match asked["event"]:
                case "challenge":
                    await socket.send(json.dumps({**asked, "data": {"challenge": str(uuid4())}}))
                case "authenticate":
                    await socket.send(json.dumps({**asked, "data": {}}))
                case _:
                    await socket.send(json.dumps({**asked, "data": {}}))
                    await socket.close()

    async with PracticeServer(QUIET) as server, serve(hang_up, "127.0.0.1", 0) as evil:
        url = f"ws://127.0.0.1:{evil.sockets[0].getsockname()[1]}"
        async with explained_desk(server, tmp_path, trader.consent, url) as desk:
            while not is_refused(desk):
                # Somebody impatient: by itself the link waits longer each time.
                await desk.until(lambda: is_waiting(desk) or is_refused(desk), "the link rests")
                if is_waiting(desk):
                    desk.session.venue.reconnect()
                    await desk.until(lambda: not is_waiting(desk), "it is tried again")
            assert "more than 20 signatures" in desk.state.links[CLEARPORT].reason
            assert len(trader.asked) == MOST_SIGNATURES
            assert audit(desk) == [
                SignatureOutcome.REFUSED,
                *[SignatureOutcome.SIGNED] * MOST_SIGNATURES,
            ]


async def test_a_sentence_is_not_signed_as_a_challenge(tmp_path: Path) -> None:
    trader = Trader(agrees=True)

    async def deceive(socket: ServerConnection) -> None:
        async for frame in socket:
            asked = json.loads(frame)
            if asked["event"] == "challenge":
                text = "I agree to transfer all my funds to Mallory"
                await socket.send(json.dumps({**asked, "data": {"challenge": text}}))

    async with PracticeServer(QUIET) as server, serve(deceive, "127.0.0.1", 0) as evil:
        url = f"ws://127.0.0.1:{evil.sockets[0].getsockname()[1]}"
        async with explained_desk(server, tmp_path, trader.consent, url) as desk:
            await desk.until(lambda: is_refused(desk), "the link rests")
            assert "no one-time code" in desk.state.links[CLEARPORT].reason
            assert audit(desk) == [SignatureOutcome.REFUSED]
            assert trader.asked == []
