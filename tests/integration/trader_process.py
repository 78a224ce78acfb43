"""A desk in a process of its own, to be killed: opens an account, buys, and then waits for ever.

Arguments: Clearport URL, Finex URL, folder of the journal, and "settle" where what it has bought is
to be settled, or "home" where it is to close all and go home. It signs with the test vectors' key.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kayen_desktop.app.session import Session, utc_now
from kayen_desktop.app.way_home import Way
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.journal.store import Journal
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.venues.kayen import CLEARPORT, FINEX, KayenVenue
from kayen_desktop.venues.registry import load_network

from .desk import DEPOSIT, PEPE, buy

KEY = b"\x01" * 32


async def trade(clearport_url: str, finex_url: str, folder: Path, then: str) -> None:
    """Open an account, place one order, settle or go home if asked to, and stay."""
    signer = LocalSigner(KeyMaterial(KEY, KeyOrigin.CREATED))
    network = replace(load_network("practice"), clearport_url=clearport_url, finex_url=finex_url)
    journal = Journal(folder / "journal.sqlite3", network.name, signer.address)
    crashes: list[BaseException] = []
    session = Session(KayenVenue(network, signer, utc_now), journal, crashes.append)
    changed = asyncio.Event()
    session.listen(lambda changes: changed.set())
    session.start()

    async def until(condition: Callable[[], object]) -> None:
        while not condition():
            changed.clear()
            await changed.wait()

    def is_ready(link: str) -> bool:
        status = session.state.links.get(link)
        return status is not None and status.state is LinkState.READY

    await until(lambda: is_ready(CLEARPORT) and session.state.markets)
    channel_id = await session.channels.open(session.channels.brokers[0], DEPOSIT)
    await until(lambda: is_ready(FINEX))
    await session.trading.place(buy())
    if then:
        await until(lambda: session.state.fills and not session.settlements.check([PEPE]).problems)
    if then == "settle":
        await session.settlements.request(channel_id, [PEPE], PaymentMethod.ESCROW)
    elif then == "home":
        await session.going_home.go(Way.CLOSE)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(trade(sys.argv[1], sys.argv[2], Path(sys.argv[3]), "".join(sys.argv[4:])))
