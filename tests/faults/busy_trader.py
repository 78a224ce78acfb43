"""A desk in a process of its own that trades without a pause, to be killed at any moment.

Arguments: Clearport URL, Finex URL, folder of the journal. It signs with the test vectors' key.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from decimal import Decimal
from itertools import count
from pathlib import Path

from kayen_desktop.app.session import Session, utc_now
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.journal.store import Journal
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.venues.kayen import KayenVenue
from kayen_desktop.venues.registry import load_network
from tests.integration.desk import DEPOSIT, PEPE
from tests.integration.trader_process import KEY


async def trade(clearport_url: str, finex_url: str, folder: Path) -> None:
    """Open an account where there is none, and place one order after the other."""
    signer = LocalSigner(KeyMaterial(KEY, KeyOrigin.CREATED))
    network = replace(load_network("practice"), clearport_url=clearport_url, finex_url=finex_url)
    journal = Journal(folder / "journal.sqlite3", network.name, signer.address)
    crashes: list[BaseException] = []
    session = Session(KayenVenue(network, signer, utc_now), journal, crashes.append)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    session.start()
    for number in count():
        side = Side.BUY if number % 2 else Side.SELL
        request = OrderRequest(PEPE, side, OrderType.MARKET, Decimal(1000))
        try:
            if session.state.channel is None:
                await session.channels.open(session.channels.brokers[0], DEPOSIT)
            else:
                await session.trading.place(request)
        except KayenError:
            await asyncio.sleep(0.005)


if __name__ == "__main__":
    asyncio.run(trade(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
