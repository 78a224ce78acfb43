"""What the tour plays on: finds widgets by their names, clicks, types, waits and takes pictures.

Decision: input is sent as Qt events, one by one, and never through QTest or ``processEvents``:
both run the event loop inside a running task, which asyncio forbids.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLineEdit,
    QListWidget,
    QTabBar,
    QWidget,
)

from kayen_desktop.app.session import Session
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.ui.theme import Scheme, apply_theme, tokens

LOOK_EVERY_S = 0.02
SETTLE_S = 0.06  # a few screen frames, for layouts and colours to follow
STEP_TIMEOUT_S = 20.0
TRANSCRIPT = "transcript.txt"

WidgetType = TypeVar("WidgetType", bound=QWidget)


class TourError(KayenError):
    """A step of the tour did not come true."""


class Traveller(Protocol):
    """Whoever knows the session at the venue where the trader is."""

    @property
    def session(self) -> Session | None:
        """The session; None on the way to one."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the tour plays on: the window, the session behind it, and where pictures go."""

    window: QWidget
    traveller: Traveller
    pictures: Path | None

    @property
    def session(self) -> Session:
        """The session of this moment.

        Raises:
            TourError: there is none.
        """
        session = self.traveller.session
        if session is None:
            raise TourError("The app is not at any venue.")
        return session

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

    def has(self, name: str, inside: QWidget | None = None) -> bool:
        """Return whether a widget of that name can be seen."""
        found = (inside or self.window).findChildren(QWidget, name)
        return any(each.isVisible() for each in found)

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

    def click_line(self, name: str, begins: str, inside: QWidget | None = None) -> None:
        """Press the line of a list that begins so.

        Raises:
            TourError: there is none.
        """
        lines = self.find(QListWidget, name, inside)
        for row in range(lines.count()):
            item = lines.item(row)
            if item.text().startswith(begins):
                _press(lines.viewport(), lines.visualItemRect(item).center())
                return
        raise TourError(f"The list {name} shows no {begins}.")

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

    def say(self, line: str) -> None:
        """Tell how it goes on standard output, where there is one, and beside the pictures.

        A windowed program on Windows has no standard output.
        """
        if sys.stdout is not None:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        if self.pictures is not None:
            with (self.pictures / TRANSCRIPT).open("a", encoding="utf-8") as transcript:
                transcript.write(line + "\n")

    def _save(self, path: Path) -> None:
        shot = self.window.grab()
        painter = QPainter(shot)
        painter.setPen(QColor(tokens().border_strong))
        for dialog in self.window.findChildren(QDialog):
            if dialog.isVisible():
                middle = QPoint(
                    (self.window.width() - dialog.width()) // 2,
                    (self.window.height() - dialog.height()) // 2,
                )
                painter.drawPixmap(middle, dialog.grab())
                painter.drawRect(QRect(middle, dialog.size()))  # as a window manager would
        painter.end()
        if not shot.save(str(path)):
            raise TourError(f"The picture {path} can't be written.")


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
