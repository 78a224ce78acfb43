"""The welcome wizard: practise at once, create a key or bring one, until it is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from kayen_desktop.app.gate import Act
from kayen_desktop.domain.errors import VaultError
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.capture_shield import shield_from_capture, unshield
from kayen_desktop.ui.notices.identities import WORKING
from kayen_desktop.ui.presenters.welcome import WelcomePresenter
from kayen_desktop.ui.presenters.welcome_screens import WelcomePage, WelcomeResult, WelcomeScreen
from kayen_desktop.ui.theme import SPACE_L
from kayen_desktop.ui.widgets.announcements import announce
from kayen_desktop.ui.widgets.calm_button import CalmButton

from .labels import push_button, show_text, text_label
from .notice_box import NoticeBox
from .scrolling_dialog import ScrollingDialog
from .welcome_pages import ChoicePage, DonePage, PassphrasePage
from .welcome_pages_bring import BringPage, ConfirmPage
from .welcome_pages_create import CheckPage, CreatePage, WordsPage
from .wizard_pages import rule

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain

_WIDTH = 620
_SECRET_PAGES = frozenset({WelcomePage.BRING, WelcomePage.WORDS, WelcomePage.CHECK})
_NEXT_TEXTS = {
    WelcomePage.CREATE: "Next",
    WelcomePage.BRING: "Next",
    WelcomePage.PASSPHRASE: "Next",
    WelcomePage.WORDS: "I have written them down",
    WelcomePage.CONFIRM: "Yes, keep this key",
}
_KEEP = "Keep the key"


class WelcomeWizard(ScrollingDialog):
    """Shows what the presenter says; ``finished_with`` tells what came of it, if anything did.

    ``retry_wanted`` asks for another try at opening the keychain, after ``refuse_keychain``;
    ``passphrase_changed`` tells that the vault has a passphrase now, also where no key was kept,
    and ``words_abandoned`` that it closed with words on paper that belong to no key.
    """

    finished_with = Signal(object)
    retry_wanted = Signal()
    passphrase_changed = Signal()
    words_abandoned = Signal()

    def __init__(
        self,
        keychain: Keychain | None,
        bridge: AsyncBridge,
        authorize: Callable[[Act], Awaitable[str]],
        parent: QWidget | None = None,
    ) -> None:
        """``keychain`` is loaded, or comes later; ``authorize`` asks for the passphrase."""
        super().__init__(parent, _WIDTH, is_question=False)
        self.setObjectName("welcomeWizard")
        self.setWindowTitle("Your key")
        self._page: WelcomePage | None = None
        self._place: tuple[WelcomePage, bool, bool] | None = None
        self._is_shielded = False
        self._spoken = ""
        self._choice_page = ChoicePage()
        self._create_page = CreatePage()
        self._bring_page = BringPage()
        self._passphrase_page = PassphrasePage(bridge)
        self._words_page = WordsPage()
        self._check_page = CheckPage()
        self._confirm_page = ConfirmPage()
        self._done_page = DonePage()
        # In the order of WelcomePage.
        self._pages = (
            self._choice_page,
            self._create_page,
            self._bring_page,
            self._passphrase_page,
            self._words_page,
            self._check_page,
            self._confirm_page,
            self._done_page,
        )
        self._build()
        self._presenter = WelcomePresenter(bridge, authorize, self)
        self._connect(self._presenter)
        self.finished.connect(self._forget)
        self.destroyed.connect(self._presenter.stop)
        if keychain is not None:
            self._presenter.set_keychain(keychain)
        else:
            self._presenter.refresh()

    def set_keychain(self, keychain: Keychain) -> None:
        """Keep keys here; it is loaded already."""
        self._presenter.set_keychain(keychain)

    def refuse_keychain(self, error: VaultError) -> None:
        """Say why no key can be kept; practice still works."""
        self._presenter.refuse_keychain(error)

    def show_screen(self, screen: WelcomeScreen) -> None:
        """Draw the wizard as it should look now."""
        self.set_can_leave(not screen.is_keeping)
        show_text(self._trail, screen.trail)
        self._notice.show_notice(screen.notice)
        for page in self._pages:
            page.show_screen(screen)
        self._show_buttons(screen)
        if screen.page is not self._page:
            self._turn_to(screen.page)
        self._lead_keyboard(screen)
        self._speak(screen)

    def finish(self, result: WelcomeResult) -> None:
        """Close with this result."""
        self.accept()
        self.finished_with.emit(result)

    def tell_passphrase(self) -> None:
        """Tell that the vault has a passphrase now."""
        self.passphrase_changed.emit()

    def reject(self) -> None:
        """Close, unless the key is being written down in the vault at this moment."""
        if not self._can_leave:
            return
        result = self._presenter.leave()
        super().reject()
        if result is not None:
            self.finished_with.emit(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let an Enter key that is held down go on by one page only."""
        if not (event.isAutoRepeat() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)):
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Hide the words as soon as another window is in front."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._presenter.hide_words()

    def showEvent(self, event: QShowEvent) -> None:
        """Shield what is secret from the moment that it can be seen."""
        super().showEvent(event)
        self._set_shield()

    def hideEvent(self, event: QHideEvent) -> None:
        """Show no words when the window comes back."""
        super().hideEvent(event)
        self._presenter.hide_words()

    def _build(self) -> None:
        self._trail = text_label(role="small", name="pageTrail")
        self._notice = NoticeBox("welcomeNotice")
        self._stack = QStackedWidget()
        for page in self._pages:
            self._stack.addWidget(page)
        self.body.setSpacing(SPACE_L)
        self.body.addWidget(self._trail)
        self.body.addWidget(self._notice)
        self.body.addWidget(self._stack, 1)
        self.body.addWidget(rule())
        self._cancel = push_button("Cancel", "cancelButton")
        self._back = push_button("Back", "backButton")
        self._retry = push_button("Try again", "retryButton")
        self._skip = push_button("Go on without a passphrase", "skipPassphraseButton")
        self._next = push_button("Next", "nextButton", "primary")
        self._confirm = CalmButton(_NEXT_TEXTS[WelcomePage.CONFIRM], "confirmButton", "primary")
        onward = (self._retry, self._back, self._skip, self._next, self._confirm)
        self.add_buttons(self._cancel, right=onward)

    def _connect(self, presenter: WelcomePresenter) -> None:
        bring = presenter.bring
        self._choice_page.try_it.clicked.connect(presenter.choose_practice)
        self._choice_page.create_key.clicked.connect(presenter.choose_create)
        self._choice_page.bring.clicked.connect(presenter.choose_bring)
        self._create_page.name.typed.connect(presenter.type_name)
        self._create_page.count_chosen.connect(presenter.choose_count)
        self._bring_page.ways.chosen.connect(bring.choose_way)
        self._bring_page.phrase.typed.connect(bring.type_phrase)
        self._bring_page.phrase.submitted.connect(presenter.go_on)
        self._bring_page.index.index_typed.connect(bring.type_index)
        self._bring_page.private_key.typed.connect(bring.type_key)
        self._bring_page.keystore.typed.connect(bring.type_password)
        self._bring_page.keystore.file_chosen.connect(
            lambda path: presenter.choose_file(Path(path))
        )
        self._bring_page.hint_taken.connect(bring.take_hint)
        self._bring_page.move_wanted.connect(bring.move_to_other_way)
        self._passphrase_page.passphrase_typed.connect(
            lambda text, is_good: presenter.type_passphrase(text, is_good=is_good)
        )
        self._words_page.show_wanted.connect(presenter.show_words)
        self._words_page.hide_wanted.connect(presenter.hide_words)
        self._check_page.quiz.chosen.connect(presenter.answer)
        self._check_page.later.clicked.connect(presenter.check_later)
        self._confirm_page.name.typed.connect(presenter.type_name)
        self._done_page.practice.clicked.connect(presenter.choose_practice)
        self._done_page.live.clicked.connect(presenter.choose_live)
        self._cancel.clicked.connect(self.reject)
        self._retry.clicked.connect(self._ask_for_keychain)
        self._back.clicked.connect(presenter.go_back)
        self._skip.clicked.connect(presenter.skip_passphrase)
        self._next.clicked.connect(presenter.go_on)
        self._confirm.clicked.connect(presenter.go_on)

    def _show_buttons(self, screen: WelcomeScreen) -> None:
        page = screen.page
        cancel = {WelcomePage.CHOICE: "Not now", WelcomePage.DONE: "Close this window"}
        _name_button(self._cancel, cancel.get(page, "Cancel"))
        self._cancel.setEnabled(not screen.is_keeping)
        self._retry.setVisible(
            page is WelcomePage.CHOICE and screen.notice is not None and not screen.has_keychain
        )
        self._back.setVisible(screen.has_page_before)
        self._back.setEnabled(screen.can_go_back)
        self._skip.setVisible(page is WelcomePage.PASSPHRASE and not screen.passphrase.is_required)
        self._skip.setEnabled(not screen.is_busy)
        is_confirm = page is WelcomePage.CONFIRM
        self._next.setVisible(page in _NEXT_TEXTS and not is_confirm)
        self._confirm.setVisible(is_confirm)
        text = _NEXT_TEXTS.get(page, "Next")
        if page is WelcomePage.WORDS and screen.words.is_checked:
            text = _KEEP
        for button in (self._next, self._confirm):
            _name_button(button, WORKING if screen.is_busy else text)
            button.setEnabled(screen.can_go_on)

    def _turn_to(self, page: WelcomePage) -> None:
        """Show the page from its beginning."""
        self._page = page
        self._stack.setCurrentIndex(page)
        self.scroll_to_top()
        self._set_shield()
        if page in (WelcomePage.CHOICE, WelcomePage.DONE):
            self._passphrase_page.forget()

    def _lead_keyboard(self, screen: WelcomeScreen) -> None:
        """Give the Enter key and the focus to where one goes on, once for each new situation."""
        page, are_hidden = screen.page, not screen.words.are_shown
        if (page, are_hidden, screen.is_busy) == self._place or screen.is_busy:
            self._place = (page, are_hidden, screen.is_busy)
            return
        self._place = (page, are_hidden, screen.is_busy)
        is_to_be_shown = are_hidden and not screen.words.is_checked
        onward: QPushButton = {
            WelcomePage.CHOICE: self._choice_page.try_it,
            WelcomePage.WORDS: self._words_page.show_button if is_to_be_shown else self._next,
            WelcomePage.CONFIRM: self._confirm,
            WelcomePage.DONE: self._done_page.practice,
        }.get(page, self._next)
        onward.setDefault(page is not WelcomePage.CHECK)
        first: dict[WelcomePage, QWidget] = {
            WelcomePage.CREATE: self._create_page.name.edit,
            WelcomePage.BRING: self._bring_page.first_field,
            WelcomePage.PASSPHRASE: self._passphrase_page.first_field,
            WelcomePage.CHECK: self._check_page.quiz.first_choice,
        }
        first.get(page, onward).setFocus()

    def _speak(self, screen: WelcomeScreen) -> None:
        text = screen.notice.text if screen.notice is not None else ""
        if text not in ("", self._spoken):
            announce(self, text)
            self.scroll_to(self._notice)
        self._spoken = text

    def _set_shield(self) -> None:
        """Keep the pages with secrets out of captures, and those alone."""
        if not self.isVisible():
            return
        if self._page in _SECRET_PAGES:
            is_blocked = shield_from_capture(self)
            self._words_page.show_capture(is_blocked=is_blocked)
            self._is_shielded = True
        elif self._is_shielded:
            unshield(self)
            self._is_shielded = False

    def _ask_for_keychain(self) -> None:
        self._presenter.await_keychain()
        self.retry_wanted.emit()

    def _forget(self) -> None:
        has_stray_words = self._presenter.has_stray_words
        self._presenter.close()
        self._passphrase_page.forget()
        if has_stray_words:
            self.words_abandoned.emit()


def _name_button(button: QPushButton, text: str) -> None:
    button.setText(text)
    button.setAccessibleName(text)
