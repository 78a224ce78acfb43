"""The dialog that books a trade made elsewhere: fill in, see what it does, confirm once."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from kayen_desktop.app.session import Session
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.recorded_trade import TradeDraft
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.record_trade import RECORD_WARNING
from kayen_desktop.ui.presenters.record_trade import (
    TOPICS,
    Field,
    RecordPhase,
    RecordScreen,
    RecordTradePresenter,
)
from kayen_desktop.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XL
from kayen_desktop.ui.widgets.calm_button import CalmButton

from .fact_list import FactList
from .labels import push_button, set_look, show_text, text_label
from .live_dialog import LiveDialog
from .notice_box import NoticeBox
from .titled_card import titled_card

_WIDTH = 520
_MOST_TYPED = 120
_SIDES = ((Side.BUY, "You bought"), (Side.SELL, "You sold"))


class RecordTradeDialog(LiveDialog):
    """A form that says what is wrong with it at every key; accepted once the trade is booked."""

    def __init__(
        self,
        session: Session,
        bridge: AsyncBridge,
        channel_id: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, TOPICS, parent, _WIDTH)
        self.setObjectName("recordTradeDialog")
        self.setWindowTitle("Record a trade made elsewhere")
        self._phase: RecordPhase | None = None
        self._is_drawing = False
        self._build()
        self._recording = RecordTradePresenter(session, bridge, self, channel_id)
        self._connect()
        self.follow(self._recording)

    def show_screen(self, screen: RecordScreen) -> None:
        """Draw the dialog as it should look now."""
        self._is_drawing = True
        self.set_can_leave(screen.can_leave)
        self._title.setText(screen.headline)
        self._lead.setText(screen.explanation)
        is_editing = screen.phase is RecordPhase.EDITING
        self._warning_box.setVisible(is_editing)
        self._form.setVisible(is_editing)
        self._show_form(screen)
        show_text(self._problem, screen.problem)
        show_text(self._hint, screen.hint)
        show_text(self._blocked, screen.blocked)
        self._preview_card.setVisible(bool(screen.preview))
        self._preview.show_facts(screen.preview)
        show_text(self._preview_note, screen.preview_note)
        self._receipt_card.setVisible(bool(screen.receipt))
        self._receipt.show_facts(screen.receipt)
        self._notice.show_notice(screen.notice)
        self._show_buttons(screen)
        self._is_drawing = False

    def _show_form(self, screen: RecordScreen) -> None:
        draft = screen.draft
        shown = [self._market.itemText(row) for row in range(self._market.count())]
        if shown != list(screen.markets):
            self._market.clear()
            self._market.addItems(list(screen.markets))
        self._market.setCurrentIndex(self._market.findText(draft.market))
        self._side.setCurrentIndex(self._side.findData(draft.side))
        for field, edit in self._edits.items():
            is_wrong = screen.invalid is field
            set_look(edit, "invalid", "true" if is_wrong else "false")
            edit.setAccessibleDescription(screen.problem if is_wrong else "")
        for edit, text in zip(
            self._edits.values(),
            (draft.external_id, draft.amount, draft.price, draft.executed_at),
            strict=True,
        ):
            if edit.text() != text:
                edit.setText(text)
        self._amount_unit.setText(screen.base)
        self._price_unit.setText(screen.quote)

    def _show_buttons(self, screen: RecordScreen) -> None:
        is_editing = screen.phase is RecordPhase.EDITING
        self._confirm.setVisible(is_editing)
        self._confirm.setEnabled(screen.can_confirm)
        self._cancel.setEnabled(screen.can_leave)
        is_over = screen.phase in (RecordPhase.DONE, RecordPhase.UNKNOWN)
        self._cancel.setText("Done" if is_over else "Cancel")
        self._cancel.setAccessibleName(self._cancel.text())
        if screen.phase is not self._phase:
            self._phase = screen.phase
            (self._confirm if is_editing else self._cancel).setDefault(True)
            (self._edits[Field.EXTERNAL_ID] if is_editing else self._cancel).setFocus()

    def _on_edited(self, field: Field) -> None:
        if self._is_drawing:
            return
        edits = self._edits
        side: Side = self._side.currentData()
        self._recording.take(
            TradeDraft(
                edits[Field.EXTERNAL_ID].text(),
                self._market.currentText(),
                side,
                edits[Field.AMOUNT].text(),
                edits[Field.PRICE].text(),
                edits[Field.TIME].text(),
            ),
            field,
        )

    def _connect(self) -> None:
        for field, edit in self._edits.items():
            edit.textChanged.connect(partial(self._on_text, field))
        self._market.currentIndexChanged.connect(partial(self._on_text, Field.MARKET))
        self._side.currentIndexChanged.connect(partial(self._on_text, Field.SIDE))
        self._confirm.clicked.connect(self._recording.confirm)
        self._cancel.clicked.connect(self._on_cancel)

    def _on_text(self, field: Field, _: object) -> None:
        self._on_edited(field)

    def _on_cancel(self) -> None:
        if self._phase is RecordPhase.DONE:
            self.accept()
        else:
            self.reject()

    def _build(self) -> None:
        self._title = text_label(role="title", name="recordTitle")
        self._lead = text_label(role="muted", name="recordLead")
        self._warning_box = _warning_box()
        self._form = self._build_form()
        self._problem = text_label(role="problem", name="recordProblem")
        self._hint = text_label(role="muted", name="recordHint")
        self._blocked = text_label(role="problem", name="recordBlocked")
        self._preview = FactList("recordPreview")
        self._preview_note = text_label(role="small", name="recordPreviewNote")
        self._preview_card = titled_card("What it does", self._preview, self._preview_note)
        self._receipt = FactList("recordReceipt")
        self._receipt_card = titled_card("The trade", self._receipt)
        self._notice = NoticeBox("recordNotice")
        body = QWidget()
        body.setMinimumWidth(1)  # a word of the venue that is too wide is cut, not the rest
        layout = QVBoxLayout(body)
        layout.setContentsMargins(SPACE_XL, 0, SPACE_XL, 0)
        layout.setSpacing(SPACE_M)
        for widget in (
            self._title, self._lead, self._warning_box, self._form, self._problem, self._hint,
            self._preview_card, self._receipt_card, self._blocked, self._notice,
        ):  # fmt: skip
            layout.addWidget(widget)
        layout.addStretch(1)
        self._cancel = push_button("Cancel", "cancelButton")
        # A double click must not book what the first click has just brought on the screen.
        self._confirm = CalmButton("Record the trade", "confirmButton", "primary")
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._confirm)
        self.place(body, buttons)

    def _build_form(self) -> QWidget:
        self._market = _combo("recordMarketCombo", "Market")
        self._side = _combo("recordSideCombo", "Bought or sold")
        for side, words in _SIDES:
            self._side.addItem(words, side)
        self._edits = {
            Field.EXTERNAL_ID: _edit("externalIdEdit", "The trade's id"),
            Field.AMOUNT: _edit("recordAmountEdit", "Amount", is_number=True),
            Field.PRICE: _edit("recordPriceEdit", "Price", is_number=True),
            Field.TIME: _edit("recordTimeEdit", "When it was made"),
        }
        self._edits[Field.TIME].setPlaceholderText("2024-06-22 14:30:00")
        self._amount_unit = text_label(role="muted", wraps=False)
        self._price_unit = text_label(role="muted", wraps=False)
        form = QWidget()
        grid = QGridLayout(form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_L)
        grid.setVerticalSpacing(SPACE_S)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget, QLabel], ...] = (
            ("The trade's id (external id)", self._edits[Field.EXTERNAL_ID], QLabel()),
            ("Market", self._market, QLabel()),
            ("What you did", self._side, QLabel()),
            ("Amount", self._edits[Field.AMOUNT], self._amount_unit),
            ("Price", self._edits[Field.PRICE], self._price_unit),
            ("When, in your local time", self._edits[Field.TIME], QLabel()),
        )
        for row, (caption, field, unit) in enumerate(rows):
            label = text_label(caption, wraps=False)
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
            grid.addWidget(unit, row, 2)
        return form


def _warning_box() -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "notice")
    frame.setProperty("severity", "warning")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
    layout.addWidget(text_label(RECORD_WARNING, name="recordWarning"))
    return frame


def _combo(name: str, accessible: str) -> QComboBox:
    combo = QComboBox()
    combo.setObjectName(name)
    combo.setAccessibleName(accessible)
    combo.setAccessibleDescription(accessible)
    return combo


def _edit(name: str, accessible: str, *, is_number: bool = False) -> QLineEdit:
    edit = QLineEdit()
    edit.setObjectName(name)
    edit.setAccessibleName(accessible)
    edit.setMaxLength(_MOST_TYPED)
    if is_number:
        edit.setAlignment(Qt.AlignmentFlag.AlignRight)
    return edit
