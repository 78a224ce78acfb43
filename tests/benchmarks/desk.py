"""What the margin figures cost the desk in a frame, and how long a settlement holds up the loop.

Prints one line of JSON. "frames" has, for each number of positions, the processor time of a screen
frame of 33 words on positions, in microseconds: ours with a margin account, so that gauge, ticket,
alerts and liquidation prices follow; the reference without one, where only the table does.
"settle" has the longest gap between two beats of the loop from asking for a settlement until it is
on disk, sent and drawn, in milliseconds, and that of the same time without one.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from decimal import Decimal

from PySide6.QtWidgets import QLineEdit

from kayen_desktop import tour
from kayen_desktop.application import Application
from kayen_desktop.domain.events import PositionUpdated
from kayen_desktop.domain.orders import OrderRequest, OrderType, Side
from kayen_desktop.domain.positions import Position, PositionStatus
from kayen_desktop.main import run
from kayen_desktop.stage import Stage, TourError
from kayen_desktop.ui.conflation import FRAME_MS

from .loop import REST_S, gaps_during

ROWS = (15, 500)
MESSAGES = 33  # a screen frame, at 2,000 a second
FRAMES = 100
WARM_UP = 20
SETTLEMENTS = 7
FRAME_S = 2 * FRAME_MS / 1000  # drawn and painted, with room to spare


class Benchmark(Application):
    """The application, at a venue that speaks of more positions than anybody has."""

    async def serve(self) -> int:
        """Measure frames without and with an account, then settlements, and print all."""
        if self.journey is None:
            return 1
        stage = Stage(self.window, self.journey, None)
        await tour.watch_markets(stage)
        stage.find(QLineEdit, "amountEdit").setText("2000")
        without = {rows: await _frames(stage, rows, "0xnone") for rows in ROWS}
        await tour.open_account(stage)
        channel = stage.state.channel
        if channel is None:
            return 1
        frames = {
            rows: {
                "ours": await _frames(stage, rows, channel.channel_id),
                "reference": without[rows],
            }
            for rows in ROWS
        }
        settle = [await _settle(stage) for _ in range(SETTLEMENTS)]
        told = {"ours": [each[0] for each in settle], "reference": [each[1] for each in settle]}
        json.dump({"frames": frames, "settle": told}, sys.stdout)
        return 0


async def _frames(stage: Stage, rows: int, channel_id: str) -> list[float]:
    """Return what each frame took of the processor, and leave no position behind."""
    session, markets = stage.session, list(stage.state.markets)

    def tell(row: int, turn: int, status: PositionStatus = PositionStatus.OPEN) -> None:
        """Tell of the row's position at a price that moves at every turn."""
        pnl = Decimal((turn * 7 + row * 13) % 200 - 100).scaleb(-6)
        market = markets[row % len(markets)]
        session.on_event(
            PositionUpdated(
                Position(
                    f"row {row}",
                    channel_id,
                    market,
                    Side.BUY,
                    Decimal(100),
                    Decimal("0.01"),
                    Decimal("0.01") + pnl,
                    Decimal("0.0001"),
                    pnl,
                    status,
                )
            )
        )

    for row in range(rows):
        tell(row, 0)
    taken = []
    for turn in range(FRAMES):
        await asyncio.sleep(FRAME_S)
        began = time.process_time_ns()
        for message in range(MESSAGES):
            tell((turn * MESSAGES + message) % rows, turn)
        await asyncio.sleep(FRAME_S)
        taken.append((time.process_time_ns() - began) / 1000)
    for row in range(rows):
        tell(row, 0, PositionStatus.CLOSED)
    return taken[WARM_UP:]


async def _settle(stage: Stage) -> tuple[float, float]:
    """Buy and settle; return the longest gaps of asking for it, and of the same time without."""
    session, state = stage.session, stage.state
    fills = len(state.fills)
    await session.trading.place(
        OrderRequest(tour.SETTLED_MARKET, Side.BUY, OrderType.MARKET, Decimal(tour.SETTLED_AMOUNT))
    )
    await stage.until(lambda: bool(state.open_positions), "the position appears")
    await stage.until(lambda: len(state.fills) > fills, "the fill is told")
    await asyncio.sleep(REST_S)  # the clearing house has its trade to book
    await stage.until(lambda: not session.settlements.problems(), "it can be settled")
    channel = state.channel
    if channel is None:
        raise TourError("The account is gone.")

    async def ask(channel_id: str) -> None:
        method = session.settlements.methods[0]
        await session.settlements.request(channel_id, (tour.SETTLED_MARKET,), method)
        await asyncio.sleep(FRAME_S)

    ours = await gaps_during(ask(channel.channel_id))
    reference = await gaps_during(asyncio.sleep(sum(ours) / 1000))
    await stage.until(lambda: not state.positions, "it is settled")
    await stage.until(lambda: not session.settlements.problems(), "it is over")
    return max(ours), max(reference)


if __name__ == "__main__":
    sys.exit(run(["--practice", "--data-dir", sys.argv[1]], make_application=Benchmark))
