"""The dialog of the trader's keys, where they are kept and locked, and of the venues."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from kayen_desktop.app.gate import Gate
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.presenters.connections import (
    ConnectionLine,
    ConnectionsPresenter,
    KeysScreen,
    LockSettings,
    VaultScreen,
    VenueLine,
)
from kayen_desktop.ui.presenters.key_passphrase import Change
from kayen_desktop.ui.presenters.key_reveal import Secret
from kayen_desktop.ui.secret_clipboard import SecretClipboard
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, find_theme

from .connections_keys import KeysPage
from .connections_pages import VaultPage, VenuesPage
from .key_backup import CheckBackupDialog
from .key_dialog import KeyDialog
from .key_export import ExportDialog
from .key_passphrase import ChangePassphraseDialog
from .key_remove import RemoveDialog
from .key_rename import RenameDialog
from .key_reveal import RevealDialog
from .labels import push_button
from .plain_dialog import TITLE_BAR

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain

_WIDTH, _HEIGHT = 780, 580
_MIN_WIDTH, _MIN_HEIGHT = 680, 320


class ConnectionsDialog(QDialog):
    """Everything about keys and connections in one place; each act has a small dialog of its own.

    ``key_in_use_changed`` tells the key used from now on, empty where the last one was removed;
    ``keys_changed`` that a name, a backup or the number of keys changed.
    """

    add_key_requested = Signal()
    key_in_use_changed = Signal(str)
    venue_requested = Signal(str)
    keys_changed = Signal()

    def __init__(
        self,
        keychain: Keychain,
        gate: Gate,
        bridge: AsyncBridge,
        settings: LockSettings,
        connections: Sequence[ConnectionLine],
        clipboard: SecretClipboard,
        parent: QWidget | None = None,
        *,
        on_passphrase: Callable[[], None],
        verify: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        """``verify`` is the lock's, which counts wrong passphrases; the keychain's without it.

        ``on_passphrase`` hears that there is another passphrase, or none any more: that may be
        after this dialog is closed and gone, because the lock closes it in the middle of a change.
        """
        super().__init__(parent)
        self.setObjectName("connectionsDialog")
        self.setWindowTitle("Connections & keys")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._keychain = keychain
        self._gate = gate
        self._bridge = bridge
        self._clipboard = clipboard
        self._verify = verify or keychain.verify
        self._on_passphrase = on_passphrase
        self._known = keychain.identities
        self._over: KeyDialog | None = None
        self._build()
        self._presenter = ConnectionsPresenter(keychain, bridge, settings, connections, self)
        self._connect()
        self.finished.connect(self._presenter.stop)
        self._presenter.refresh()
        self._keys.list.setFocus()

    # What the lead window calls

    def refresh(self) -> None:
        """Read the keys, the vault and the settings anew: somebody else changed them."""
        self._presenter.refresh()
        if self._keychain.identities != self._known:
            self._known = self._keychain.identities
            self.keys_changed.emit()

    def show_connections(self, connections: Sequence[ConnectionLine]) -> None:
        """Show the venues as they are now."""
        self._presenter.show_connections(connections)

    def show_lock(self) -> None:
        """Turn to where the passphrase is chosen and the lock is set."""
        self._tabs.setCurrentWidget(self._vault)

    # What the presenter needs

    def show_keys(self, screen: KeysScreen) -> None:
        """Draw the keys."""
        self._keys.show_screen(screen)

    def show_vault(self, screen: VaultScreen) -> None:
        """Draw where they are kept."""
        self._vault.show_screen(screen)

    def show_venues(self, lines: tuple[VenueLine, ...]) -> None:
        """Draw the connections."""
        self._venues.show_lines(lines)

    def tell_key_in_use(self, identity_id: str) -> None:
        """Tell the application that another key is in use."""
        self.key_in_use_changed.emit(identity_id)

    # The small dialogs

    def _reveal(self, secret: Secret) -> None:
        identity = self._presenter.selected
        if identity is not None and (secret is Secret.PRIVATE_KEY or identity.has_phrase):
            self._open(
                lambda: RevealDialog(
                    self._keychain,
                    self._gate,
                    self._bridge,
                    self._clipboard,
                    identity,
                    secret,
                    self,
                )
            )

    def _export(self) -> None:
        identity = self._presenter.selected
        if identity is not None:
            self._open(
                lambda: ExportDialog(self._keychain, self._gate, self._bridge, identity, self)
            )

    def _check_backup(self) -> None:
        identity = self._presenter.selected
        if identity is not None:
            self._open(lambda: self._check_dialog(identity))

    def _check_dialog(self, identity: Identity) -> CheckBackupDialog:
        dialog = CheckBackupDialog(self._keychain, self._bridge, identity, self)
        dialog.checked.connect(self.refresh)
        return dialog

    def _rename(self) -> None:
        identity = self._presenter.selected
        if identity is not None:
            self._open(lambda: RenameDialog(self._keychain, self._bridge, identity, self))

    def _remove(self) -> None:
        identity = self._presenter.selected
        if identity is not None:
            self._open(lambda: self._remove_dialog(identity))

    def _remove_dialog(self, identity: Identity) -> RemoveDialog:
        dialog = RemoveDialog(self._keychain, self._gate, self._bridge, identity, self)
        dialog.check_requested.connect(self._check_backup)
        dialog.accepted.connect(self._on_removed)
        return dialog

    def _change_passphrase(self, change: Change) -> None:
        self._open(
            lambda: ChangePassphraseDialog(
                self._keychain,
                self._gate,
                self._bridge,
                change,
                self._verify,
                self._on_passphrase,
                self,
            )
        )

    def _open(self, make: Callable[[], KeyDialog]) -> KeyDialog | None:
        """Open one dialog, and none while another one stands over this window."""
        if self._over is not None:
            return None
        dialog = make()
        self._over = dialog
        dialog.finished.connect(self._on_dialog_closed)
        dialog.open()
        return dialog

    def _on_dialog_closed(self) -> None:
        self._over = None
        self.refresh()

    def _on_removed(self) -> None:
        if self._keychain.active is None:
            self.key_in_use_changed.emit("")

    def _on_theme(self) -> None:
        self._presenter.refresh()

    # How it is built

    def _connect(self) -> None:
        keys, vault, presenter = self._keys, self._vault, self._presenter
        keys.list.chosen.connect(presenter.select)
        keys.add.clicked.connect(self.add_key_requested)
        keys.use.clicked.connect(presenter.use_key)
        keys.rename.clicked.connect(self._rename)
        keys.check.clicked.connect(self._check_backup)
        keys.reveal_phrase.clicked.connect(lambda: self._reveal(Secret.PHRASE))
        keys.reveal_key.clicked.connect(lambda: self._reveal(Secret.PRIVATE_KEY))
        keys.export.clicked.connect(self._export)
        keys.remove.clicked.connect(self._remove)
        vault.set.clicked.connect(lambda: self._change_passphrase(Change.SET))
        vault.change.clicked.connect(lambda: self._change_passphrase(Change.CHANGE))
        vault.remove.clicked.connect(lambda: self._change_passphrase(Change.REMOVE))
        vault.idle_minutes_chosen.connect(presenter.set_idle_minutes)
        vault.can_close_chosen.connect(presenter.set_can_close_positions)
        self._venues.venue_requested.connect(self.venue_requested)
        self._close.clicked.connect(self.reject)
        theme = find_theme()
        if theme is not None:
            theme.changed.connect(self._on_theme)

    def _build(self) -> None:
        self._keys = KeysPage()
        self._vault = VaultPage()
        self._venues = VenuesPage()
        self._tabs = QTabWidget()
        self._tabs.setObjectName("connectionsTabs")
        self._tabs.setAccessibleName("Keys, vault and connections")
        self._tabs.addTab(self._keys, "Keys")
        self._tabs.addTab(self._vault, "Vault && lock")
        self._tabs.addTab(self._venues, "Connections")
        self._close = push_button("Close", "closeButton")
        buttons = QHBoxLayout()
        buttons.setContentsMargins(SPACE_L, 0, SPACE_L, SPACE_M)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        column.addWidget(self._tabs, 1)
        column.addLayout(buttons)
        self.setMinimumSize(_MIN_WIDTH, _MIN_HEIGHT)
        screen = self.screen() or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        self.resize(min(_WIDTH, room.width()), min(_HEIGHT, room.height() - TITLE_BAR))
