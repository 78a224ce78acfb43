"""Drives the main job through the real widgets, by their names, and checks the money at the end.

It clicks and types what a person would, waits for what a person would see, and fails at the first
step that does not come true. It changes nothing by a back door: every figure is read from the
state that the screens draw.

Decision: input is sent as Qt events, one by one, and never through QTest or ``processEvents``:
both run the event loop inside a running task, which asyncio forbids.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QTabBar,
    QTableView,
    QWidget,
)

from kayen_desktop.app.session import Session
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.amounts import ZERO, plain
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.receipt import AccountReceipt, make_receipt
from kayen_desktop.ui.theme import Scheme, apply_theme

MARKET = "PEPE/USD"
AMOUNT = "108506.94444444"
DEPOSIT = "10"
LOOK_EVERY_S = 0.02
SETTLE_S = 0.06  # a few screen frames, for layouts and colours to follow
STEP_TIMEOUT_S = 20.0
WATCH_MOVES = 1
TRANSCRIPT = "transcript.txt"

WidgetType = TypeVar("WidgetType", bound=QWidget)


class TourError(KayenError):
    """A step of the tour did not come true."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the tour plays on: the window, the session behind it, and where pictures go."""

    window: QWidget
    session: Session
    pictures: Path | None

    @property
    def state(self) -> AppState:
        """What is known, as the screens draw it."""
        return self.session.state

    def find(self, kind: type[WidgetType], name: str, inside: QWidget | None = None) -> WidgetType:
        """Return the visible widget of that name.

        Raises:
            TourError: there is none.
        """
        for widget in (inside or self.window).findChildren(kind, name):
            if widget.isVisible():
                return widget
        raise TourError(f"The screen shows no {name}.")

    async def until(
        self, is_true: Callable[[], bool], what: str, timeout_s: float = STEP_TIMEOUT_S
    ) -> None:
        """Wait for something that a person would see.

        Raises:
            TourError: it has not come true in time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                async for _ in _glances():
                    if is_true():
                        return
        except TimeoutError:
            raise TourError(f"Waited {timeout_s:.0f} s in vain for this: {what}.") from None

    def dialogs(self, name: str) -> list[QDialog]:
        """Return the dialogs of that name that are shown; one that ends is deleted."""
        return [each for each in self.window.findChildren(QDialog, name) if each.isVisible()]

    async def dialog(self, name: str) -> QDialog:
        """Return the dialog once it is shown."""
        await self.until(lambda: bool(self.dialogs(name)), f"the dialog {name} opens")
        return self.dialogs(name)[-1]

    async def click(self, name: str, inside: QWidget | None = None) -> None:
        """Press the button once it can be pressed."""
        where = inside or self.window

        def ready() -> list[QAbstractButton]:
            return [
                each
                for each in where.findChildren(QAbstractButton, name)
                if each.isVisible() and each.isEnabled()
            ]

        await self.until(lambda: bool(ready()), f"the button {name} can be pressed")
        button = ready()[0]
        _press(button, button.rect().center())

    def turn_to(self, title: str) -> None:
        """Press the tab whose title begins so.

        Raises:
            TourError: there is none.
        """
        for bar in self.window.findChildren(QTabBar):
            for index in range(bar.count()):
                if bar.isVisible() and bar.tabText(index).startswith(title):
                    _press(bar, bar.tabRect(index).center())
                    return
        raise TourError(f"The screen shows no tab {title}.")

    def type(self, name: str, text: str, inside: QWidget | None = None) -> None:
        """Put the text into the field, key by key, in place of what is there."""
        field = self.find(QLineEdit, name, inside)
        field.setFocus()
        field.selectAll()
        for letter in text:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter)
                QApplication.sendEvent(field, event)

    async def picture(self, step: str) -> None:
        """Save the screen as it is, in light and in dark, where pictures are wanted."""
        if self.pictures is None:
            return
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise TourError("There is no application to take a picture of.")
        for scheme in (Scheme.LIGHT, Scheme.DARK):
            apply_theme(app, scheme)
            await asyncio.sleep(SETTLE_S)
            self._save(self.pictures / f"{step}-{scheme.value}.png")
        apply_theme(app)

    def _save(self, path: Path) -> None:
        shot = self.window.grab()
        painter = QPainter(shot)
        for dialog in self.window.findChildren(QDialog):
            if dialog.isVisible():
                middle = QPoint(
                    (self.window.width() - dialog.width()) // 2,
                    (self.window.height() - dialog.height()) // 2,
                )
                painter.drawPixmap(middle, dialog.grab())
        painter.end()
        if not shot.save(str(path)):
            raise TourError(f"The picture {path} can't be written.")


async def run_tour(window: QWidget, session: Session, pictures: Path) -> int:
    """Play the main job and return 0, or tell which step failed and return 1.

    ``pictures`` is an existing folder.
    """
    stage = Stage(window, session, pictures)
    began = time.monotonic()
    steps = (
        (
            "1-window",
            "The window opens in practice mode and the markets come alive",
            watch_markets,
        ),
        ("2-account", "A margin account is opened with a broker", open_account),
        ("3-order", "An order to buy is placed", _buy),
        ("4-position", "The position moves with the market", _watch_position),
        ("5-closed-position", "The position is closed", _close_position),
        ("6-closed-account", "The account is closed", _close_account),
        ("7-receipt", "The money adds up to the last digit", _check_money),
    )
    for name, sentence, step in steps:
        try:
            detail = await step(stage)
        except KayenError as error:
            _say(stage, f"FAILED  {sentence}. {error}")
            await stage.picture(f"{name}-failed")
            return 1
        await stage.picture(name)
        _say(stage, f"ok      {sentence}. {detail}")
    _say(stage, f"done    in {time.monotonic() - began:.1f} s; pictures are in {pictures}")
    return 0


async def watch_markets(stage: Stage) -> str:
    """Wait until both servers speak, and return how many markets there are, in words."""
    state = stage.state
    await stage.until(
        lambda: _link(state, stage.session.venue.clearing_link) is LinkState.READY,
        "Clearport signs us in",
    )
    await stage.until(lambda: len(state.tickers) > 0, "prices arrive")
    await stage.until(lambda: MARKET in state.books, f"the book of {MARKET} arrives")
    await stage.until(lambda: bool(state.candles), "the chart has candles")
    return f"{len(state.markets)} markets."


async def open_account(stage: Stage) -> str:
    """Open a margin account through the wizard until it can be traded on."""
    await stage.click("openAccountButton")
    wizard = await stage.dialog("openChannelWizard")
    stage.find(QListWidget, "brokerList", wizard).setCurrentRow(0)
    await stage.picture("2-account-1-broker")
    await stage.click("nextButton", wizard)
    stage.type("marginDepositEdit", DEPOSIT, wizard)
    await stage.picture("2-account-2-deposit")
    await stage.click("nextButton", wizard)
    await stage.picture("2-account-3-review")
    await stage.click("openChannelButton", wizard)
    await stage.until(
        lambda: stage.state.channel is not None and stage.state.channel.is_usable,
        "the account is funded",
    )
    await stage.until(
        lambda: _link(stage.state, stage.session.venue.trading_link) is LinkState.READY,
        "Finex signs us in",
    )
    await stage.picture("2-account-4-progress")
    await stage.click("startTradingButton", wizard)
    return f"Deposit {DEPOSIT} USD."


async def _buy(stage: Stage) -> str:
    market = stage.find(QComboBox, "marketCombo")
    market.setCurrentIndex(market.findText(MARKET))
    await stage.click("sideBuyButton")
    stage.type("amountEdit", AMOUNT)
    await stage.until(
        lambda: bool(stage.find(QLabel, "estimateLabel").text()), "the ticket shows what it costs"
    )
    await stage.picture("3-order-1-ticket")
    await stage.click("submitOrderButton")
    await stage.until(lambda: stage.state.position_in(MARKET) is not None, "the position appears")
    await stage.until(lambda: bool(stage.state.fills), "the fill is told")
    position = stage.state.position_in(MARKET)
    if position is None or position.amount != Decimal(AMOUNT):
        raise TourError("The position is not what was bought.")
    return f"{plain(position.amount)} PEPE for {plain(position.cost)} USD."


async def _watch_position(stage: Stage) -> str:
    seen: set[Decimal | None] = set()

    def has_moved() -> bool:
        position = stage.state.position_in(MARKET)
        seen.add(position.pnl if position else None)
        return len(seen) > WATCH_MOVES

    await stage.until(has_moved, "its profit or loss moves")
    return f"Its profit or loss took {len(seen)} values."


async def _close_position(stage: Stage) -> str:
    table = stage.find(QTableView, "positionsView")
    table.selectRow(0)
    await stage.click("closePositionButton")
    dialog = await stage.dialog("closePositionDialog")
    await stage.picture("5-closed-position-1-preview")
    await stage.click("confirmButton", dialog)
    await stage.until(lambda: not stage.state.open_positions, "the position is gone")
    await stage.until(
        lambda: not stage.dialogs("closePositionDialog"), "the dialog closes by itself"
    )
    return f"{len(stage.state.fills)} fills so far."


async def _close_account(stage: Stage) -> str:
    stage.turn_to("Channels")
    table = stage.find(QTableView, "channelsView")
    table.selectRow(0)
    await stage.click("closeChannelButton")
    dialog = await stage.dialog("closeChannelDialog")
    await stage.picture("6-closed-account-1-preview")
    await stage.click("confirmButton", dialog)
    await stage.until(lambda: stage.state.channel is None, "the account is closed")
    await stage.until(
        lambda: any(each.isVisible() for each in dialog.findChildren(QWidget, "receiptFacts")),
        "the receipt is shown",
    )
    await stage.picture("6-closed-account-2-receipt")
    await stage.click("cancelButton", dialog)
    return "The venue says it is finalized."


async def _check_money(stage: Stage) -> str:
    receipt = receipt_of(stage.state)
    sum_text = (
        f"{plain(receipt.deposit)} deposit {receipt.realised:+f} result "
        f"−{plain(receipt.fees)} fees = {plain(receipt.returned)} USD back"
    )
    if receipt.difference != ZERO:
        raise TourError(f"The money does not add up by {plain(receipt.difference)}: {sum_text}.")
    return f"{sum_text}."


def receipt_of(state: AppState) -> AccountReceipt:
    """Return the receipt of the account that was closed last.

    Raises:
        TourError: its deposit or what came back is not known.
    """
    channel = list(state.channels.values())[-1]
    if channel.margin_deposit is None or channel.own_balance is None:
        raise TourError("The venue did not say what came back.")
    fills = sorted(state.fills.values(), key=lambda fill: int(fill.fill_id))
    return make_receipt(channel.margin_deposit, fills, channel.own_balance)


def _press(widget: QWidget, point: QPoint) -> None:
    """Press and release the left mouse button at the point of the widget."""
    for kind, held in (
        (QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton),
        (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton),
    ):
        event = QMouseEvent(
            kind,
            QPointF(point),
            QPointF(widget.mapToGlobal(point)),
            Qt.MouseButton.LeftButton,
            held,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(widget, event)


async def _glances() -> AsyncIterator[None]:
    """Yield now and then, as somebody looks at a screen: widgets tell nobody what they show."""
    while True:
        yield
        await asyncio.sleep(LOOK_EVERY_S)


def _link(state: AppState, name: str) -> LinkState | None:
    status = state.links.get(name)
    return status.state if status else None


def _say(stage: Stage, line: str) -> None:
    """Tell how it goes on standard output, where there is one, and in a file beside the pictures.

    A windowed program on Windows has no standard output.
    """
    if sys.stdout is not None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    if stage.pictures is not None:
        with (stage.pictures / TRANSCRIPT).open("a", encoding="utf-8") as transcript:
            transcript.write(line + "\n")
