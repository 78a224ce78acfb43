"""The whole application on its tour, with a key that is known, looked into after every step.

Arguments: a folder, and a mark. It runs ``main.run`` as a user does. Only three things differ:
the entropy of the recovery phrase is the canary; standard output is read along, to look around
when a step of the tour is over; and after some steps something is done that must leave no trace.
The mark is put into all the places that are looked at, so that it is known that they are.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import io
import logging
import os
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from kayen_desktop import application, main
from kayen_desktop.app.session import Session
from kayen_desktop.app.settings import SettingsFile
from kayen_desktop.app.signing import ExplainedSigner
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.events import SettlementUpdated, Severity, WalletAsked, WalletRequest
from kayen_desktop.domain.margin import MarginReading
from kayen_desktop.domain.settlement import Settlement, SettlementState
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.keys.keychain import Keychain
from kayen_desktop.keys.recovery_phrase import RecoveryPhrase
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.options import Destination, Options
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import Notice
from kayen_desktop.ui.secret_clipboard import SecretClipboard
from kayen_desktop.ui.views.desk import Desk
from kayen_desktop.ui.views.main_window import MainWindow
from tests.keyring_items import items_of

from .live_places import write_places

ObjectType = TypeVar("ObjectType")

CRASH = "an error that nobody expects"
STEPS = 10
_ARRIVED, _BOUGHT, _SETTLED, _LAST = 2, 4, 7, STEPS
DIALOGS = (
    "whatIfDialog",
    "settleWizard",
    "walletRequestDialog",
    "accountDialog",
    "recordTradeDialog",
    "goHomeDialog",
)


def canary(length: int) -> bytes:
    """Return the entropy of the canary's phrase: it is known, and looks like nothing else."""
    return hashlib.sha256(b"the canary of the leak test").digest()[:length]


class CanaryApplication(application.Application):
    """The application, which can be reached from outside."""

    running: CanaryApplication

    def __init__(
        self,
        options: Options,
        start: Destination,
        settings: SettingsFile,
        window: MainWindow,
        bridge: AsyncBridge,
    ) -> None:
        super().__init__(options, start, settings, window, bridge)
        self.bridge = bridge
        CanaryApplication.running = self

    async def run(self) -> int:
        """Look around once more when all has been stopped."""
        exit_code = await super().run()
        if isinstance(sys.stdout, Onlooker):
            sys.stdout.look("end")
        return exit_code


class Onlooker(io.StringIO):
    """Standard output that looks around whenever the tour tells of a step."""

    def __init__(self, folder: Path, mark: str) -> None:
        super().__init__()
        self._folder = folder
        self._mark = mark
        self._steps = 0
        self._planted: list[Notice] = []

    def write(self, text: str) -> int:
        """Pass the line on, and look around."""
        stdout = sys.__stdout__
        if stdout is not None:
            stdout.write(text)
            stdout.flush()
        if text.startswith("ok "):
            self._steps += 1
            self.look(f"step-{self._steps}")
            self._do_mischief()
        return len(text)

    def look(self, moment: str) -> None:
        """Write down all that can be seen now, under this name."""
        write_places(self._folder / moment, self._folder / "data", self._folder / "drafts")
        items = items_of(os.environ)
        text = b"\n".join(label.encode() + b": " + secret for label, secret in items.items())
        (self._folder / moment / "keyring").write_bytes(text)

    def _do_mischief(self) -> None:
        app = CanaryApplication.running
        if self._steps == _ARRIVED:
            self._plant(app.window)
            app.bridge.run(self._sign_nonsense(), _expect_nothing)
            QTimer.singleShot(0, lambda: self._crash(*_alive(LocalSigner)))
        elif self._steps == _BOUGHT:
            QGuiApplication.clipboard().clear()
        elif self._steps == _SETTLED:
            self._tell_of_the_mark(app.window)
            self._look_into_dialogs(app.window)
        elif self._steps == _LAST:
            self._copy_the_phrase(app.window)

    def _plant(self, window: MainWindow) -> None:
        """Put the mark wherever a secret is looked for."""
        self._planted.append(Notice(self._mark, "", "", Severity.INFO))
        logging.getLogger("kayen_desktop.canary").info("%s", self._mark)
        window.setToolTip(self._mark)
        QGuiApplication.clipboard().setText(self._mark)
        QSettings().setValue("mark", self._mark)

    def _tell_of_the_mark(self, window: MainWindow) -> None:
        """Let the venue say the mark wherever its words are kept or shown, and keep a choice."""
        (session,) = _alive(Session)
        channel = session.state.channel
        assert channel is not None
        word = Settlement(channel.channel_id, SettlementState.OTHER, state_text=self._mark)
        session.on_event(SettlementUpdated(word))
        session.on_event(WalletAsked(WalletRequest.TRANSACTION, (("note", self._mark),)))
        window.margin_reading_chosen.emit(MarginReading.TOTAL)

    def _look_into_dialogs(self, window: MainWindow) -> None:
        """Open every dialog that tells of the account, and write down what each one shows."""
        (session,) = _alive(Session)
        channel = session.state.channel
        assert channel is not None
        (desk,) = window.findChildren(Desk)
        show_account = partial(desk.account_requested.emit, channel.channel_id)
        openers: tuple[Callable[[], None], ...] = (
            desk.what_if_requested.emit,
            desk.tabs.settle_requested.emit,
            desk.wallet_requests_requested.emit,
            show_account,
            partial(_turn_to_record_trade, show_account),
            desk.go_home_requested.emit,
        )
        for name, show in zip(DIALOGS, openers, strict=True):
            show()
            write_places(self._folder / name)
            _dialog(name).reject()

    async def _sign_nonsense(self) -> None:
        """Fail in the middle of signing, with all who sign in the frames."""
        (signer,) = _alive(ExplainedSigner)
        nonsense: Any = None
        try:
            await signer.sign(SigningPurpose.CLEARPORT_CHALLENGE, nonsense)
        except AttributeError as error:
            told = traceback.TracebackException.from_exception(error, capture_locals=True)
            text = "".join(told.format()) + self._mark
            await asyncio.to_thread((self._folder / "frames.txt").write_text, text, "utf-8")
            raise

    def _crash(self, *signers: LocalSigner) -> NoReturn:
        """Fail in a slot of Qt, where nobody but the hook of last resort hears of it."""
        raise ArithmeticError(f"{CRASH} {signers} {self._mark}")

    def _copy_the_phrase(self, window: MainWindow) -> None:
        """Copy the phrase as the screen that shows it does; the end must take it away."""
        words = " ".join(RecoveryPhrase.from_entropy(canary(16)).words)
        (clipboard,) = window.findChildren(SecretClipboard)
        copied = clipboard.copy(words) and QGuiApplication.clipboard().text() == words
        (self._folder / "copied.txt").write_text(str(copied), "utf-8")
        del words


def _dialog(name: str) -> QDialog:
    """Return the dialog of this name that is open."""
    shown = (each for each in QApplication.topLevelWidgets() if each.isVisible())
    (dialog,) = (each for each in shown if isinstance(each, QDialog) and each.objectName() == name)
    return dialog


def _turn_to_record_trade(show_account: Callable[[], None]) -> None:
    show_account()
    (button,) = _dialog("accountDialog").findChildren(QPushButton, "recordTradeButton")
    button.click()


def _alive(kind: type[ObjectType]) -> list[ObjectType]:
    return [each for each in gc.get_objects() if type(each) is kind]


def _expect_nothing(error: KayenError) -> None:
    raise AssertionError("nonsense is nothing that we expect") from error


def run(folder: Path, mark: str) -> int:
    """Go on the tour with the canary, and return its exit code."""
    # The one place where a phrase gets its entropy; salts and nonces stay as they are.
    (Keychain.__init__.__kwdefaults__ or {})["entropy"] = canary
    sys.stdout = Onlooker(folder, mark)
    try:
        return main.run(
            [
                *("--practice", "--tour", str(folder / f"pictures-{mark}")),
                *("--data-dir", str(folder / "data")),
            ],
            make_application=CanaryApplication,
        )
    finally:
        sys.stdout = sys.__stdout__


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2]))
