"""A venue's words are shown as they are: no markup is drawn, no picture fetched, no link made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QTableView,
    QWidget,
)

from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ChannelState
from kayen_desktop.domain.errors import VenueRejectionError
from kayen_desktop.domain.events import LinkState, Severity
from kayen_desktop.domain.orders import OrderState
from kayen_desktop.ui.dialogs.close_channel import CloseChannelDialog
from kayen_desktop.ui.dialogs.open_channel import OpenChannelWizard
from kayen_desktop.ui.notices import error_notice
from kayen_desktop.ui.views.main_window import MainWindow
from kayen_desktop.ui.widgets.labels import plain_tip
from tests.unit.ui.dialogs.conftest import OFFSCREEN_NOISE, Scene, until
from tests.unit.ui.stage import FINEX, KAYEN, PEPE, Stage, channel, fill, order, position

pytestmark = pytest.mark.qt_log_ignore(OFFSCREEN_NOISE)
Play = Callable[[Scene], None]
EVIL = '<img src="file:///etc/hostname"><b>x</b><a href="http://evil.example">y</a>'


def evil_stage(stage: Stage) -> None:
    """Let the venue say something evil wherever it can say anything."""
    market = replace(PEPE, name=f"{EVIL}/USD", symbol="evil", base=EVIL)
    broker = replace(KAYEN, name=EVIL, url=EVIL)
    stage.tell(events.MarketsListed((PEPE, market)))
    stage.tell(events.ChannelUpdated(channel(broker=broker)))
    stage.tell(events.ChannelUpdated(replace(channel(), channel_id=EVIL, broker=broker)))
    odd = channel(ChannelState.OTHER, None, channel_id="odd")
    stage.tell(events.ChannelUpdated(replace(odd, state_text=EVIL)))
    stage.hold(position(), position(market=f"{EVIL}/USD", position_id=EVIL))
    stage.tell(
        events.OrderUpdated(order(EVIL, OrderState.REJECT, reason=EVIL)),
        events.OrderUpdated(order("live", OrderState.WAIT, reason=EVIL)),
        events.FillReceived(fill(EVIL, order().side, "1", "1", "1", unit=EVIL)),
        events.VenueNotified(Severity.CRITICAL, EVIL),
        events.VenueNotified(Severity.WARNING, EVIL, EVIL),
        events.LinkChanged(FINEX, LinkState.REFUSED, EVIL),
    )


def tips_of(widget: QWidget) -> Iterator[str]:
    """Yield every tool tip that the widget or something in it can show."""
    for kind in (QLabel, QAbstractButton, QLineEdit, QComboBox, QFrame):
        for each in widget.findChildren(kind):
            yield each.toolTip()
    for table in widget.findChildren(QTableView):
        yield from model_tips(table.model())
    for made in widget.findChildren(QListWidget):
        yield from (made.item(row).toolTip() for row in range(made.count()))


def model_tips(model: QAbstractItemModel) -> Iterator[str]:
    parent = QModelIndex()
    for row in range(model.rowCount(parent)):
        for column in range(model.columnCount(parent)):
            yield str(model.index(row, column, parent).data(Qt.ItemDataRole.ToolTipRole) or "")


def check(widget: QWidget) -> int:
    """Fail on any label or tip that would draw markup; return how many tips hold some."""
    for label in widget.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText, label.text()
        assert not label.openExternalLinks()
    found = 0
    for tip in tips_of(widget):
        if "img" not in tip.lower():
            continue
        found += 1
        shown = QTextDocumentFragment.fromHtml(tip).toPlainText()
        assert "<img src=" in shown.lower(), tip
    return found


def test_every_place_in_the_window_shows_markup_as_text(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        window = MainWindow(True, "Practice", stage.bridge, clock=lambda: stage.now)
        window.attach(stage.session)
        window.show()
        evil_stage(stage)
        window.show_notice(error_notice(VenueRejectionError(EVIL)))
        await until(lambda: check(window) >= 4)
        window.detach()
        window.finish_close()
        window.deleteLater()

    play(scene)


def test_every_place_in_the_dialogs_shows_markup_as_text(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        wizard = OpenChannelWizard(stage.session, stage.bridge)
        wizard.open()
        check(wizard)
        stage.tell(events.ChannelUpdated(replace(channel(), channel_id=EVIL)))
        dialog = CloseChannelDialog(stage.session, stage.bridge, EVIL)
        dialog.open()
        check(dialog)
        wizard.close()
        dialog.close()

    play(scene)


def test_a_plain_text_stays_as_it_is_and_markup_is_written_out(qapp: QApplication) -> None:
    assert plain_tip("1 < 2 & 3") == "1 < 2 & 3"
    tip = plain_tip(f"Reason: {EVIL}")
    assert QTextDocumentFragment.fromHtml(tip).toPlainText().endswith(EVIL)
