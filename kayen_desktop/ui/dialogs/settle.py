"""The wizard that settles markets: choose them, how it is paid, review, progress, receipt."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from kayen_desktop.app.session import Session
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.presenters.settle import (
    TOPICS,
    SettlePage,
    SettlePresenter,
    SettleScreen,
)

from .labels import push_button
from .live_dialog import LiveDialog
from .settle_pages import PAGE_NAMES, MarketsPage, MethodPage, ProgressPage
from .wizard_pages import PageTrail, ReviewPage, wizard_body, wizard_footer

_WIDTH = 560


class SettleWizard(LiveDialog):
    """Shows what the presenter says; accepted once the markets are settled, rejected otherwise."""

    def __init__(
        self, session: Session, bridge: AsyncBridge, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, TOPICS, parent, _WIDTH)
        self.setObjectName("settleWizard")
        self.setWindowTitle("Settle markets")
        self._page: SettlePage | None = None
        self._focused: QPushButton | None = None
        self._is_refused = False
        self._markets_page = MarketsPage()
        self._method_page = MethodPage()
        self._review_page = ReviewPage(
            "Check before you settle",
            facts="settleReviewFacts",
            problem="settleReviewProblem",
            notice="settleReviewNotice",
        )
        self._progress_page = ProgressPage()
        self._build()
        self._settling = SettlePresenter(session, bridge, self)
        self._connect(self._settling)
        self.follow(self._settling)

    def show_screen(self, screen: SettleScreen) -> None:
        """Draw the wizard as it should look now."""
        self.set_can_leave(screen.can_leave)
        self._trail.show_page(screen.page)
        self._markets_page.show_screen(screen)
        self._method_page.show_screen(screen)
        notice = screen.notice if screen.page is SettlePage.REVIEW else None
        self._review_page.show_review(screen.review, screen.review_problem, notice)
        self._progress_page.show_screen(screen)
        self._show_buttons(screen)
        if screen.page is not self._page:
            self._turn_to(screen.page)
        self._show_default(screen)
        self._show_refusal(screen.refusal)

    def _build(self) -> None:
        self._trail = PageTrail(PAGE_NAMES)
        self._pages = QStackedWidget()
        for page in (
            self._markets_page,
            self._method_page,
            self._review_page,
            self._progress_page,
        ):
            self._pages.addWidget(page)
        self._cancel = push_button("Cancel", "cancelButton")
        self._back = push_button("Back", "backButton")
        self._next = push_button("Next", "nextButton", "primary")
        self._confirm = push_button("Settle", "settleConfirmButton", "primary")
        self._again = push_button("Choose again", "chooseAgainButton", "primary")
        self._done = push_button("Done", "doneButton", "primary")
        others = (self._back, self._next, self._confirm, self._again, self._done)
        self.place(wizard_body(self._trail, self._pages), wizard_footer(self._cancel, others))

    def _connect(self, presenter: SettlePresenter) -> None:
        self._markets_page.list.market_ticked.connect(
            lambda market, is_chosen: presenter.choose_market(market, is_chosen=is_chosen)
        )
        self._markets_page.choose_all.clicked.connect(presenter.choose_all)
        self._method_page.method_chosen.connect(presenter.choose_method)
        self._next.clicked.connect(presenter.go_on)
        self._confirm.clicked.connect(presenter.go_on)
        self._back.clicked.connect(presenter.go_back)
        self._again.clicked.connect(presenter.choose_again)
        self._cancel.clicked.connect(self.reject)
        self._done.clicked.connect(self.accept)

    def _show_buttons(self, screen: SettleScreen) -> None:
        is_progress = screen.page is SettlePage.PROGRESS
        self._cancel.setText("Close this window" if is_progress else "Cancel")
        self._cancel.setAccessibleName(self._cancel.text())
        self._cancel.setVisible(not screen.is_done)
        self._cancel.setEnabled(screen.can_leave)
        self._back.setVisible(screen.can_go_back)
        self._next.setVisible(screen.page < SettlePage.REVIEW)
        self._next.setEnabled(screen.can_go_on)
        self._confirm.setVisible(screen.page is SettlePage.REVIEW)
        self._confirm.setEnabled(screen.can_go_on)
        self._again.setVisible(screen.can_choose_again)
        self._done.setVisible(screen.is_done)

    def _turn_to(self, page: SettlePage) -> None:
        """Show the page from its beginning, with the focus where one goes on."""
        self._page = page
        self._focused = None
        self._pages.setCurrentIndex(page)
        self.scroll_to_top()
        if page is SettlePage.MARKETS:
            self._markets_page.list.setFocus()
        elif page is SettlePage.METHOD:
            (self._method_page.chosen_radio or self._next).setFocus()

    def _show_default(self, screen: SettleScreen) -> None:
        """Give the Enter key to the button that goes on, and the focus where nothing else has it.

        While the settlement is under way that is none: a second Enter must not close the window.
        """
        is_progress = screen.page is SettlePage.PROGRESS
        button = self._next
        if is_progress:
            button = self._again if screen.can_choose_again else self._done
        elif screen.page is SettlePage.REVIEW:
            button = self._confirm
        is_waiting = is_progress and not screen.is_done and not screen.can_choose_again
        focused = self._cancel if is_waiting else button
        if focused is self._focused:
            return
        self._focused = focused
        button.setDefault(True)
        if screen.page in (SettlePage.REVIEW, SettlePage.PROGRESS):
            focused.setFocus()

    def _show_refusal(self, refusal: str) -> None:
        """Bring a reason that has just come up into sight, once it has its place."""
        is_new = bool(refusal) and not self._is_refused
        self._is_refused = bool(refusal)
        if is_new:
            label = self._markets_page.refusal
            QTimer.singleShot(0, label, lambda: self.scroll_to(label))
