"""Fields for secrets, and the one that tries a passphrase and says how that went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.capture_shield import shield_from_capture, unshield
from kayen_desktop.ui.presenters.passphrase import TryPresenter, TryScreen
from kayen_desktop.ui.theme import SPACE_S, SPACE_XS

from .announcements import announce
from .labels import plain_label, set_look

# Far beyond what anybody types; what is pasted by mistake stays out of the slow key derivation.
MAX_PASSPHRASE = 1024
PAUSE_BEAT_MS = 200


class SecretEdit(QLineEdit):
    """A line that is hidden unless the trader wants to see it, and keeps no history."""

    def __init__(self, name: str, accessible_name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setMaxLength(MAX_PASSPHRASE)
        self.set_shown(is_shown=False)

    def set_shown(self, *, is_shown: bool) -> None:
        """Show what is typed, or dots."""
        self.setEchoMode(QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password)
        # An input method must learn nothing, in either look.
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )

    def set_busy(self, *, is_busy: bool) -> None:
        """Take no typing while what is typed is being checked; the keyboard stays here."""
        if self.isReadOnly() != is_busy:
            self.setReadOnly(is_busy)
            self.style().unpolish(self)
            self.style().polish(self)

    def forget(self) -> None:
        """Empty the line so that undo does not bring it back."""
        self.setText("")


class ShowButton(QPushButton):
    """Shows or hides what stands in the edits beside it; no capture sees it while it is shown."""

    def __init__(self, *edits: SecretEdit, name: str = "showPassphraseButton") -> None:
        super().__init__("Show")
        self._edits = edits
        self.setObjectName(name)
        self.setProperty("kind", "link")
        self.setAutoDefault(False)
        self.setCheckable(True)
        self.setAccessibleName("Show what is typed")
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance("Show") + 2 * SPACE_S)
        self.toggled.connect(self._on_toggled)

    def beside(self, edit: SecretEdit) -> QHBoxLayout:
        """Return a row of the edit and this button."""
        row = QHBoxLayout()
        row.setSpacing(SPACE_XS)
        row.addWidget(edit, 1)
        row.addWidget(self)
        return row

    def _on_toggled(self, is_shown: bool) -> None:
        self.setText("Hide" if is_shown else "Show")
        self.setAccessibleName("Hide what is typed" if is_shown else "Show what is typed")
        wish = self._edits[0].objectName()
        if is_shown:
            shield_from_capture(self.window(), wish)
        for edit in self._edits:
            edit.set_shown(is_shown=is_shown)
        if not is_shown:
            unshield(self.window(), wish)


class PassphraseEntry(QWidget):
    """A field, and below it what is wrong, how long to wait, or that it is being checked."""

    def __init__(
        self,
        verify: Callable[[str], Awaitable[None]],
        bridge: AsyncBridge,
        on_right: Callable[[str], None],
        confirm: QPushButton,
        *,
        retry_after_s: Callable[[], float] = lambda: 0.0,
        parent: QWidget | None = None,
    ) -> None:
        """``on_right`` takes the passphrase once ``verify`` did; ``confirm`` stands elsewhere."""
        super().__init__(parent)
        self._on_right = on_right
        self._confirm = confirm
        self._edit = SecretEdit("passphraseEdit", "Passphrase")
        self._show = ShowButton(self._edit)
        self._label = plain_label("Passphrase", "small")
        self._label.setBuddy(self._edit)
        self._problem = plain_label(role="problem", wraps=True)
        self._problem.setObjectName("passphraseProblem")
        self._note = plain_label(role="muted", wraps=True)
        self._note.setObjectName("passphraseNote")
        self._lay_out()
        self._beat = QTimer(self)
        self._beat.setInterval(PAUSE_BEAT_MS)
        trying = TryPresenter(verify, bridge, self, retry_after_s)
        self._trying = trying
        self.destroyed.connect(lambda: trying.stop())
        self._beat.timeout.connect(self._trying.refresh)
        self._edit.returnPressed.connect(self.submit)
        confirm.clicked.connect(self.submit)
        self._trying.refresh()

    @property
    def is_trying(self) -> bool:
        """True while a passphrase is being checked."""
        return self._trying.is_trying

    def submit(self) -> None:
        """Try what is typed."""
        self._trying.submit(self._edit.text())

    def begin(self) -> None:
        """Start afresh: nothing typed, nothing wrong, the keyboard here."""
        self.forget()
        self._trying.begin_anew()
        self._edit.setFocus()

    def forget(self) -> None:
        """Empty the field and hide what will be typed."""
        self._edit.forget()
        self._show.setChecked(False)

    def stop(self) -> None:
        """Forget what is typed and hear of nothing any more."""
        self._trying.stop()
        self._beat.stop()
        self.forget()

    # What the presenter needs

    def show_screen(self, screen: TryScreen) -> None:
        """Draw the field as it should look now."""
        note = screen.pause or screen.progress
        is_news = screen.problem not in ("", self._problem.text())
        begins = bool(note) and self._note.isHidden()
        self._problem.setText(screen.problem)
        self._problem.setVisible(bool(screen.problem))
        self._note.setText(note)
        self._note.setVisible(bool(note))
        set_look(self._edit, "invalid", "true" if screen.problem else "false")
        self._edit.set_busy(is_busy=bool(screen.progress))
        self._edit.setAccessibleDescription(screen.problem)
        self._confirm.setEnabled(screen.can_try)
        if screen.pause and not self._beat.isActive():
            self._beat.start()
        elif not screen.pause:
            self._beat.stop()
        spoken = (screen.problem if is_news else "", note if begins else "")
        announce(self, " ".join(filter(None, spoken)))

    def ask_again(self) -> None:
        """Select what was typed, so that typing replaces it."""
        self._edit.setFocus()
        self._edit.selectAll()

    def finish(self, passphrase: str) -> None:
        """Forget what was typed and hand it over."""
        self.forget()
        self._on_right(passphrase)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_XS)
        layout.addWidget(self._label)
        layout.addLayout(self._show.beside(self._edit))
        layout.addWidget(self._problem)
        layout.addWidget(self._note)
