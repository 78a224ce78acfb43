"""A desk in a process of its own that trades without a pause, to be killed at any moment.

Now and then it settles what it holds, and sometimes it goes home and begins anew; a way home that
the last one was killed on is gone on first.

Arguments: Clearport URL, Finex URL, folder of the journal. It signs with the test vectors' key.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import count
from pathlib import Path

from kayen_desktop.app.session import Session, utc_now
from kayen_desktop.app.way_home import Way
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.journal.store import Journal
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.venues.kayen import KayenVenue
from kayen_desktop.venues.registry import load_network
from tests.integration.desk import DEPOSIT, PEPE
from tests.integration.trader_process import KEY

PAUSE_S = 0.005
# An even number of orders leaves a position; these steps come after one.
SETTLES_EVERY, SETTLES_AT = 6, 3
GOES_HOME_EVERY, GOES_HOME_AT = 20, 15


async def trade(clearport_url: str, finex_url: str, folder: Path) -> None:
    """Open an account where there is none, and do one thing after the other."""
    signer = LocalSigner(KeyMaterial(KEY, KeyOrigin.CREATED))
    network = replace(load_network("practice"), clearport_url=clearport_url, finex_url=finex_url)
    journal = Journal(folder / "journal.sqlite3", network.name, signer.address)
    crashes: list[BaseException] = []
    session = Session(KayenVenue(network, signer, utc_now), journal, crashes.append)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    session.start()
    for number in count():
        try:
            await act(session, number)
        except KayenError:
            await asyncio.sleep(PAUSE_S)


async def act(session: Session, number: int) -> None:
    """Do what comes at this number.

    Raises:
        KayenError: it can't be done now.
    """
    channel = session.state.channel
    offer = session.going_home.offer
    if channel is None:
        await session.channels.open(session.channels.brokers[0], DEPOSIT)
    elif offer is not None:
        await session.going_home.go(offer.way)
    elif number % GOES_HOME_EVERY == GOES_HOME_AT:
        way = Way.SETTLE if number % (2 * GOES_HOME_EVERY) == GOES_HOME_AT else Way.CLOSE
        await session.going_home.go(way)
    elif number % SETTLES_EVERY == SETTLES_AT and session.state.open_positions:
        await settle(session, channel.channel_id)
    else:
        side = Side.BUY if number % 2 else Side.SELL
        await session.trading.place(OrderRequest(PEPE, side, OrderType.MARKET, Decimal(1000)))


async def settle(session: Session, channel_id: str) -> None:
    """Settle all that is held, once the trades are booked, and wait for its end."""
    settlements = session.settlements
    markets = {each.market for each in session.state.open_positions}
    await until(
        session,
        lambda: not session.state.open_positions or not settlements.check(markets).problems,
    )
    settlement_id = await settlements.request(channel_id, markets, PaymentMethod.ESCROW)
    await until(session, lambda: session.state.settlements[settlement_id].is_over)


async def until(session: Session, condition: Callable[[], bool]) -> None:
    """Wait, change by change, until it is so."""
    changed = asyncio.Event()
    unlisten = session.listen(lambda changes: changed.set())
    try:
        while not condition():
            changed.clear()
            await changed.wait()
    finally:
        unlisten()


if __name__ == "__main__":
    asyncio.run(trade(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
