"""What wizards have in common: the trail of pages, a page's head, the review, and the frame."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kayen_desktop.ui.notices import Notice
from kayen_desktop.ui.presenters.facts import Fact
from kayen_desktop.ui.theme import SPACE_L, SPACE_S, SPACE_XL, SPACE_XS

from .fact_list import FactList
from .labels import card, set_look, show_text, text_label
from .notice_box import NoticeBox

LABEL_WIDTH = 130


class PageTrail(QWidget):
    """Where in the wizard one is: the names of the pages, the present one strong."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.setObjectName("pageTrail")
        self._names = names
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        self._labels: list[QLabel] = []
        for index, name in enumerate(names):
            if index:
                layout.addWidget(text_label("→", "muted", wraps=False))
            label = text_label(f"{index + 1}  {name}", "muted", wraps=False)
            self._labels.append(label)
            layout.addWidget(label)
        layout.addStretch(1)

    def show_page(self, page: int) -> None:
        """Draw the present page strong."""
        for index, label in enumerate(self._labels):
            set_look(label, "role", "heading" if index == page else "muted")
        self.setAccessibleName(f"Step {page + 1} of {len(self._names)}: {self._names[page]}")


class ReviewPage(QWidget):
    """Everything that the request means, before it is sent."""

    def __init__(self, title: str, *, facts: str, problem: str, notice: str) -> None:
        """``facts``, ``problem`` and ``notice`` are the stable names of the parts."""
        super().__init__()
        layout = page_layout(self, title, "")
        frame, inside = card()
        self._facts = FactList(facts, is_text=True, label_width=LABEL_WIDTH)
        inside.addWidget(self._facts)
        self._problem = text_label(role="problem", name=problem)
        self._notice = NoticeBox(notice)
        layout.addWidget(frame)
        layout.addWidget(self._problem)
        layout.addWidget(self._notice)
        layout.addStretch(1)

    def show_review(self, facts: Sequence[Fact], problem: str, notice: Notice | None) -> None:
        """Draw the review, and what stands against it."""
        self._facts.show_facts(facts)
        show_text(self._problem, problem)
        self._notice.show_notice(notice)


def page_layout(page: QWidget, title: str, lead: str) -> QVBoxLayout:
    """Give the page its title and the lines below it, if any; return the layout for the rest."""
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(SPACE_S)
    if title:
        layout.addWidget(text_label(title, "title"))
    if lead:
        layout.addWidget(text_label(lead, "muted"))
    if title:
        layout.addSpacing(SPACE_XS)
    return layout


def rule() -> QFrame:
    """Return a thin line that parts two areas."""
    line = QFrame()
    line.setProperty("role", "separator")
    line.setFixedHeight(1)
    return line


def wizard_body(trail: PageTrail, pages: QStackedWidget) -> QWidget:
    """Return the trail above the pages, parted by lines."""
    body = QWidget()
    layout = QVBoxLayout(body)
    layout.setContentsMargins(SPACE_XL, 0, SPACE_XL, 0)
    layout.setSpacing(SPACE_L)
    layout.addWidget(trail)
    layout.addWidget(rule())
    layout.addWidget(pages, 1)
    layout.addWidget(rule())
    return body


def wizard_footer(leave: QPushButton, others: Sequence[QPushButton]) -> QHBoxLayout:
    """Return the row of buttons: the way out on the left, the others on the right."""
    buttons = QHBoxLayout()
    buttons.setSpacing(SPACE_S)
    buttons.addWidget(leave)
    buttons.addStretch(1)
    for button in others:
        buttons.addWidget(button)
    return buttons
