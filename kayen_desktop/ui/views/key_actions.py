"""What the window does about keys and the lock: the dialogs, the lock screen, the clipboard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog

from kayen_desktop.domain.errors import VaultError
from kayen_desktop.domain.signatures import SignatureMeaning
from kayen_desktop.keys.lock import Lock, LockRules, LockState
from kayen_desktop.ui.activity_watch import ActivityWatch
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.dialogs.connections import ConnectionsDialog
from kayen_desktop.ui.dialogs.forgotten import ForgottenDialog
from kayen_desktop.ui.dialogs.live_dialog import LiveDialog
from kayen_desktop.ui.dialogs.passphrase import PassphraseAsker
from kayen_desktop.ui.dialogs.signature import SignatureConsent, SignatureDialog
from kayen_desktop.ui.dialogs.welcome import WelcomeWizard
from kayen_desktop.ui.notices.welcome import stray_words_notice
from kayen_desktop.ui.presenters.connections import ConnectionLine
from kayen_desktop.ui.presenters.welcome_screens import Onward, WelcomeResult
from kayen_desktop.ui.secret_clipboard import SecretClipboard
from kayen_desktop.ui.untold import tell, untell

from .lock_screen import LockScreen, LockWarning

if TYPE_CHECKING:
    from kayen_desktop.app.gate import Gate
    from kayen_desktop.app.session import Session
    from kayen_desktop.keys.keychain import Keychain

    from .main_window import MainWindow

BEAT_MS = 1000
# What is only hidden while the application is locked, because something hangs on its answer: a
# request in flight, a sign-in, words that are on paper already. Anything else is answered by no.
_WAITING = (LiveDialog, SignatureDialog, WelcomeWizard)


class Traveller(Protocol):
    """Whoever carries out what is decided here: goes to venues, keeps settings, unlocks."""

    @property
    def session(self) -> Session | None:
        """The session at the venue where the trader is."""

    def go_to(self, name: str) -> None:
        """Go to the venue of this name."""

    def welcome(self, result: WelcomeResult) -> None:
        """End the welcome as the trader chose."""

    def open_keys(self) -> None:
        """Open the place where the keys are, if it is not open yet."""

    def follow_keys(self) -> None:
        """Do what a change of keys or passphrase means."""

    def connections(self) -> tuple[ConnectionLine, ...]:
        """Return the venues there are, as they are now."""

    def lock_rules(self) -> LockRules:
        """Return when the application locks."""

    def set_lock_rules(self, rules: LockRules) -> None:
        """Lock as this says from now on."""

    async def unlock(self, passphrase: str) -> None:
        """Unlock; raises ``WrongPassphraseError`` and ``VaultError``."""

    async def forget_keys(self) -> None:
        """Destroy every key and the passphrase, and start anew; raises ``VaultError``."""


class KeyActions:
    """Opens the dialogs of keys, one at a time, and covers the window while it is locked."""

    def __init__(
        self,
        window: MainWindow,
        bridge: AsyncBridge,
        gate: Gate,
        lock: Lock,
        traveller: Traveller,
    ) -> None:
        self._window = window
        self._bridge = bridge
        self._gate = gate
        self._lock = lock
        self._traveller = traveller
        self._keychain: Keychain | None = None
        self._problem: VaultError | None = None
        self._welcome: WelcomeWizard | None = None
        self._connections: ConnectionsDialog | None = None
        self._wanted: Callable[[], None] | None = None
        self._hidden: list[QDialog] = []
        self._clipboard = SecretClipboard(window)
        self._screen = LockScreen(lock, bridge, traveller.unlock)
        self._screen.forgotten.connect(self._on_forgotten)
        self._asker = PassphraseAsker(window, bridge, lock)
        gate.ask_with(self._asker)
        self._warning = LockWarning(lock)
        window.place_strip(self._warning)
        self._watch = ActivityWatch(lock, window)
        self._unlisten = lock.listen(self._on_lock)
        self._beat = QTimer(window)
        self._beat.setInterval(BEAT_MS)
        self._beat.timeout.connect(self._show_lines)
        window.connections_requested.connect(self.show_connections)
        window.lock_requested.connect(self._on_lock_wish)

    def use_keychain(self, keychain: Keychain) -> None:
        """Offer what can be done with these keys."""
        self._keychain = keychain
        if self._welcome is not None:
            self._welcome.set_keychain(keychain)
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            wanted()

    def refuse_keychain(self, error: VaultError) -> None:
        """Say why there are no keys; practice goes on without."""
        self._problem = error
        if self._welcome is not None:
            self._welcome.refuse_keychain(error)
        elif self._wanted is not None:
            self.show_welcome()
        self._wanted = None

    def stop(self) -> None:
        """End what waits for an answer, and leave no secret in the clipboard."""
        self._unlisten()
        self._watch.stop()
        self._clipboard.clear()
        self.close_dialogs()

    def close_dialogs(self) -> None:
        """Close every dialog of the window: the ground they stand on is about to go."""
        for dialog in self._open_dialogs():
            dialog.done(QDialog.DialogCode.Rejected)
        self._hidden = []

    def drop_hidden(self) -> None:
        """Answer the dialogs that wait behind the lock with a no: their session is about to end."""
        dialogs, self._hidden = self._hidden, []
        for dialog in dialogs:
            dialog.done(QDialog.DialogCode.Rejected)

    # Dialogs

    def show_welcome(self) -> None:
        """Open the welcome, or bring it to the front."""
        if self._welcome is not None:
            self._welcome.raise_()
            return
        wizard = WelcomeWizard(self._keychain, self._bridge, self._gate.authorize, self._window)
        if self._problem is not None:
            wizard.refuse_keychain(self._problem)
        wizard.retry_wanted.connect(self._on_retry)
        wizard.finished_with.connect(self._on_welcomed)
        wizard.passphrase_changed.connect(self._on_passphrase)
        wizard.words_abandoned.connect(self._on_stray_words)
        wizard.finished.connect(self._on_welcome_closed)
        self._welcome = wizard
        wizard.open()
        if self._keychain is None and self._problem is None:
            self._traveller.open_keys()

    def show_connections(self) -> None:
        """Open "Connections & keys", or the welcome's complaint where there are no keys."""
        if self._connections is not None:
            self._connections.raise_()
            return
        if self._keychain is None:
            self._open_keys_for(self.show_connections)
            return
        dialog = ConnectionsDialog(
            self._keychain,
            self._gate,
            self._bridge,
            self._traveller,
            self._traveller.connections(),
            self._clipboard,
            self._window,
            on_passphrase=self._on_passphrase,
            verify=self._lock.verify,
        )
        dialog.add_key_requested.connect(self.show_welcome)
        dialog.key_in_use_changed.connect(lambda _: self._traveller.follow_keys())
        dialog.keys_changed.connect(self._traveller.follow_keys)
        dialog.venue_requested.connect(self._on_venue)
        dialog.finished.connect(self._on_connections_closed)
        self._connections = dialog
        self._beat.start()
        dialog.open()

    def consent(
        self,
        venue: str,
        is_agreed: Callable[[SignatureMeaning], bool],
        agree: Callable[[SignatureMeaning], None],
    ) -> Callable[[SignatureMeaning], Awaitable[None]]:
        """Return what asks the trader before a key's first signature at the venue."""
        return SignatureConsent(self._window, self._lock, venue, is_agreed, agree)

    def follow_session(self) -> None:
        """Watch over another session while locked, or over none."""
        if self._window.is_covered:
            self._screen.bind(self._traveller.session)

    def _open_keys_for(self, wanted: Callable[[], None]) -> None:
        """Do this once the vault is open; say in the welcome why it does not open."""
        if self._problem is not None:
            self.show_welcome()
        else:
            self._wanted = wanted
            self._traveller.open_keys()

    def _on_retry(self) -> None:
        self._problem = None
        self._traveller.open_keys()

    def _on_welcomed(self, result: WelcomeResult) -> None:
        if result.onward is not Onward.STAY and self._connections is not None:
            self._connections.accept()
        self._traveller.follow_keys()
        self._traveller.welcome(result)

    def _on_welcome_closed(self) -> None:
        wizard, self._welcome = self._welcome, None
        if wizard is not None:
            wizard.deleteLater()
        if self._connections is not None:
            self._connections.refresh()

    def _on_stray_words(self) -> None:
        self._window.show_notice(stray_words_notice())

    def _on_passphrase(self) -> None:
        """Arm or disarm the lock.

        Decision: a lock that fell while its passphrase was being removed opens. Its owner had just
        typed that passphrase to be rid of it, and nothing else could ever open the lock again.
        """
        self._traveller.follow_keys()
        if self._lock.is_locked and not self._lock.is_armed:
            self._lock.release()

    def _on_venue(self, name: str) -> None:
        if self._connections is not None:
            self._connections.accept()
        self._traveller.go_to(name)

    def _on_connections_closed(self) -> None:
        self._beat.stop()
        dialog, self._connections = self._connections, None
        if dialog is not None:
            dialog.deleteLater()

    def _show_lines(self) -> None:
        if self._connections is not None:
            self._connections.show_connections(self._traveller.connections())

    # The lock

    def _on_lock_wish(self) -> None:
        """Lock, or show where to choose the passphrase that would unlock again."""
        if self._lock.is_armed:
            self._lock.lock()
            return
        if self._keychain is None:
            self._open_keys_for(self._on_lock_wish)
            return
        self.show_connections()
        if self._connections is not None:
            self._connections.show_lock()

    def _on_lock(self, state: LockState) -> None:
        if state is LockState.LOCKED:
            self._cover()
        elif self._window.is_covered:
            self._uncover()

    def _cover(self) -> None:
        """Show nothing of value: secrets are dropped, what waits for an answer is only hidden."""
        self._clipboard.clear()
        dialogs = self._open_dialogs()
        self._hidden = [each for each in dialogs if isinstance(each, _WAITING)]
        for dialog in dialogs:
            if dialog in self._hidden:
                dialog.finished.connect(partial(self._forget_hidden, dialog))
                dialog.hide()
                untell(dialog)
            else:
                dialog.done(QDialog.DialogCode.Rejected)
        active = self._keychain.active if self._keychain is not None else None
        self._screen.show_owner(active.name if active is not None else "")
        self._screen.bind(self._traveller.session)
        self._window.cover_with(self._screen)

    def _uncover(self) -> None:
        self._window.uncover()
        dialogs, self._hidden = self._hidden, []
        for dialog in dialogs:
            tell(dialog)
            dialog.show()

    def _forget_hidden(self, dialog: QDialog, _: int) -> None:
        """Never show again what came to its end behind the lock, and is deleted."""
        if dialog in self._hidden:
            self._hidden.remove(dialog)

    def _on_forgotten(self) -> None:
        """Offer the way out that needs no passphrase; the screen's going closes the dialog."""
        if self._keychain is None:
            return
        session = self._traveller.session
        dialog = ForgottenDialog(
            self._keychain.identities,
            self._traveller.forget_keys,
            self._bridge,
            self._screen,
            account=session.venue.account if session is not None else "",
        )
        dialog.rejected.connect(self._screen.try_again)
        dialog.open()

    def _open_dialogs(self) -> list[QDialog]:
        """Return the dialogs that are shown, the last one on top first."""
        shown = [each for each in self._window.findChildren(QDialog) if each.isVisible()]
        return shown[::-1]
