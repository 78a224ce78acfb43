"""Questions that a coroutine asks: a dialog over the topmost window, and no loop of its own."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from PySide6.QtWidgets import QApplication, QDialog, QWidget

from kayen_desktop.domain.errors import NotAuthorizedError

AnswerType = TypeVar("AnswerType")


def topmost(window: QWidget) -> QWidget:
    """Return the modal dialog that has the trader's attention, else the window."""
    return QApplication.activeModalWidget() or window


def refuse(answer: asyncio.Future[AnswerType]) -> None:
    """Answer with a no, unless there is an answer already."""
    if not answer.done():
        answer.set_exception(NotAuthorizedError("The question was not answered with a yes."))


async def answer_to(dialog: QDialog, answer: asyncio.Future[AnswerType]) -> AnswerType:
    """Open the dialog, wait for the answer, and leave no dialog behind.

    Raises:
        NotAuthorizedError: the dialog was closed, or went away, without an answer.
    """
    is_open = True

    def leave(*_: object) -> None:
        nonlocal is_open
        is_open = False
        refuse(answer)

    dialog.finished.connect(leave)
    dialog.destroyed.connect(leave)
    dialog.open()
    try:
        return await answer
    finally:
        if is_open:
            dialog.reject()
