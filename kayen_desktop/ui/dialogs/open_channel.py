"""The wizard that opens a margin account: broker, deposit, review, progress."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from kayen_desktop.app.session import Session
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.presenters.open_channel import (
    TOPICS,
    OpenChannelPresenter,
    OpenPage,
    OpenScreen,
)

from .labels import push_button
from .live_dialog import LiveDialog
from .open_channel_pages import PAGE_NAMES, BrokerPage, DepositPage, ProgressPage
from .wizard_pages import PageTrail, ReviewPage, wizard_body, wizard_footer

_WIDTH = 560


class OpenChannelWizard(LiveDialog):
    """Shows what the presenter says; accepted once the account is ready, rejected otherwise."""

    def __init__(
        self, session: Session, bridge: AsyncBridge, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, TOPICS, parent, _WIDTH)
        self.setObjectName("openChannelWizard")
        self.setWindowTitle("Open a margin account")
        self._page: OpenPage | None = None
        self._broker_page = BrokerPage()
        self._deposit_page = DepositPage()
        self._review_page = ReviewPage(
            "Check before you open the account",
            facts="reviewFacts",
            problem="openProblemLabel",
            notice="reviewNotice",
        )
        self._progress_page = ProgressPage()
        self._build()
        self._steps = OpenChannelPresenter(session, bridge, self)
        self._connect(self._steps)
        self.follow(self._steps)

    def show_screen(self, screen: OpenScreen) -> None:
        """Draw the wizard as it should look now."""
        self.set_can_leave(screen.can_leave)
        self._trail.show_page(screen.page)
        self._broker_page.show_screen(screen)
        self._deposit_page.show_screen(screen)
        notice = screen.notice if screen.page is OpenPage.REVIEW else None
        self._review_page.show_review(screen.review, screen.open_problem, notice)
        self._progress_page.show_screen(screen)
        self._show_buttons(screen)
        if screen.page is not self._page:
            self._turn_to(screen.page)

    def _build(self) -> None:
        self._trail = PageTrail(PAGE_NAMES)
        self._pages = QStackedWidget()
        for page in (self._broker_page, self._deposit_page, self._review_page, self._progress_page):
            self._pages.addWidget(page)
        self._cancel = push_button("Cancel", "cancelButton")
        self._back = push_button("Back", "backButton")
        self._next = push_button("Next", "nextButton", "primary")
        self._open = push_button("Open the account", "openChannelButton", "primary")
        self._start = push_button("Start trading", "startTradingButton", "primary")
        others = (self._back, self._next, self._open, self._start)
        self.place(wizard_body(self._trail, self._pages), wizard_footer(self._cancel, others))

    def _connect(self, presenter: OpenChannelPresenter) -> None:
        self._broker_page.broker_chosen.connect(presenter.choose_broker)
        self._broker_page.list.itemDoubleClicked.connect(lambda _: presenter.go_on())
        self._deposit_page.deposit_typed.connect(presenter.type_deposit)
        self._next.clicked.connect(presenter.go_on)
        self._open.clicked.connect(presenter.go_on)
        self._back.clicked.connect(presenter.go_back)
        self._cancel.clicked.connect(self.reject)
        self._start.clicked.connect(self.accept)

    def _show_buttons(self, screen: OpenScreen) -> None:
        is_progress = screen.page is OpenPage.PROGRESS
        self._cancel.setText("Close this window" if is_progress else "Cancel")
        self._cancel.setAccessibleName(self._cancel.text())
        self._cancel.setVisible(not screen.is_done)
        self._cancel.setEnabled(screen.can_leave)
        self._back.setVisible(screen.can_go_back)
        self._next.setVisible(screen.page < OpenPage.REVIEW)
        self._next.setEnabled(screen.can_go_on)
        self._open.setVisible(screen.page is OpenPage.REVIEW)
        self._open.setEnabled(screen.can_go_on)
        self._start.setVisible(is_progress and screen.is_done)
        if screen.is_done and not self._start.isDefault():
            self._start.setDefault(True)
            self._start.setFocus()

    def _turn_to(self, page: OpenPage) -> None:
        """Show the page, with the Enter key and the focus where one goes on."""
        self._page = page
        self._pages.setCurrentIndex(page)
        button = {OpenPage.REVIEW: self._open, OpenPage.PROGRESS: self._start}.get(page, self._next)
        button.setDefault(True)
        if page is OpenPage.BROKER:
            self._broker_page.list.setFocus()
        elif page is OpenPage.DEPOSIT:
            self._deposit_page.edit.setFocus()
            self._deposit_page.edit.selectAll()
        else:
            button.setFocus()
