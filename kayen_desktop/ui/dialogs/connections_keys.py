"""The keys of "Connections & keys": the list of them, and all about the chosen one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QListView,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from kayen_desktop.ui.assets import icon
from kayen_desktop.ui.models.columns import KEY_ROLE
from kayen_desktop.ui.models.identities import LINE_ROLE, IdentitiesModel
from kayen_desktop.ui.notices.identities import IN_USE, NO_KEYS, PRACTICE_KEY, USE_EXPLAINED
from kayen_desktop.ui.presenters.connections import IdentityLine, KeysScreen
from kayen_desktop.ui.theme import RADIUS, SPACE_L, SPACE_M, SPACE_S, SPACE_XS, tokens
from kayen_desktop.ui.widgets.empty import EmptyState
from kayen_desktop.ui.widgets.labels import plain_tip
from kayen_desktop.ui.widgets.scrolled import Scrolled

from .fact_list import FactList
from .labels import card, push_button, set_look, text_label
from .notice_box import NoticeBox

_LIST_WIDTH = 264
_LABEL_WIDTH = 110
_ICON = 16
_LINES = 3


class IdentityDelegate(QStyledItemDelegate):
    """Draws the name strong, the address beneath, and whether there is a backup."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return room for three lines."""
        height = QFontMetrics(option.font).height()
        return QSize(0, _LINES * height + (_LINES - 1) * SPACE_XS + 2 * SPACE_M)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one key."""
        line: IdentityLine = index.data(LINE_ROLE)
        colours = tokens()
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        is_focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = option.rect.adjusted(1, SPACE_XS // 2, -1, -SPACE_XS // 2)
        painter.setBrush(QColor(colours.selection if is_selected else colours.surface))
        painter.setPen(QColor(colours.accent_text if is_focused else colours.border))
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        area = frame.adjusted(SPACE_M, SPACE_M - SPACE_XS // 2, -SPACE_M, 0)
        strong = QFont(option.font)
        strong.setWeight(QFont.Weight.DemiBold)
        first = QRect(area)
        if line.is_in_use:
            width = QFontMetrics(option.font).horizontalAdvance(IN_USE)
            beside = QRect(area)
            beside.setLeft(area.right() - width)
            _draw_line(painter, beside, option.font, colours.accent_text, IN_USE)
            first.setRight(beside.left() - SPACE_S)
        _draw_line(painter, first, strong, colours.text, line.name)
        area = _next_line(area, option.font)
        _draw_line(painter, area, option.font, colours.muted, line.short_address)
        area = _next_line(area, option.font)
        tone = colours.buy if line.is_backed_up else colours.warning
        picture = icon("check-circle" if line.is_backed_up else "warning", tone, _ICON)
        height = QFontMetrics(option.font).height()
        picture.paint(painter, QRect(area.left(), area.top() + (height - _ICON) // 2, _ICON, _ICON))
        _draw_line(
            painter, area.adjusted(_ICON + SPACE_XS, 0, 0, 0), option.font, tone, line.backup
        )
        painter.restore()


class IdentityList(QListView):
    """One key is chosen at a time; ``chosen`` tells which."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("identitiesView")
        self.setAccessibleName("Your keys")
        self.setItemDelegate(IdentityDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._is_drawing = False
        self._model = IdentitiesModel(self)
        self.setModel(self._model)
        self.selectionModel().currentChanged.connect(self._on_current)

    def show_screen(self, screen: KeysScreen) -> None:
        """Draw the keys, one of them chosen."""
        # A row that goes hands its place to a neighbour: that is nobody's choice.
        self._is_drawing = True
        self._model.show_lines(screen.lines)
        row = self._model.row_of(screen.selected)
        if row is not None and self.currentIndex().row() != row:
            self.setCurrentIndex(self._model.index(row))
        self._is_drawing = False

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid() and not self._is_drawing:
            self.chosen.emit(str(index.data(KEY_ROLE)))


class KeysPage(QWidget):
    """The list on the left; on the right the chosen key, and what can be done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.list = IdentityList()
        self.add = push_button("Add a key…", "addKeyButton")
        self.use = push_button("Use this key", "useKeyButton")
        self.rename = push_button("Rename…", "renameKeyButton", accessible="Rename this key")
        self.check = push_button("Check a backup…", "checkBackupButton")
        self.reveal_phrase = push_button("Show the phrase…", "revealPhraseButton")
        self.reveal_key = push_button("Show the private key…", "revealKeyButton")
        self.export = push_button("Export to a file…", "exportKeyButton")
        self.remove = push_button("Remove…", "removeKeyButton", accessible="Remove this key")
        self._nothing = EmptyState(NO_KEYS)
        self._details = self._build_details()
        self._lay_out()

    def show_screen(self, screen: KeysScreen) -> None:
        """Draw the keys."""
        has_keys = bool(screen.lines)
        self.list.show_screen(screen)
        self.list.setEnabled(has_keys)
        self._nothing.setVisible(not has_keys)
        self._details.setVisible(has_keys)
        set_look(self.add, "kind", "" if has_keys else "primary")
        self._title.setText(screen.title)
        self._title.setToolTip(plain_tip(screen.title))
        self._in_use.setVisible(screen.is_in_use)
        self._facts.show_facts(screen.facts)
        tone = tokens().buy if screen.is_backed_up else tokens().warning
        name = "check-circle" if screen.is_backed_up else "warning"
        self._mark.setPixmap(icon(name, tone).pixmap(QSize(_ICON, _ICON), self.devicePixelRatioF()))
        self._backup.setText(screen.backup)
        set_look(self._backup, "sign", "good" if screen.is_backed_up else "warning")
        self._advice.setText(screen.backup_advice)
        set_look(self.check, "kind", "" if screen.is_backed_up else "primary")
        self.use.setVisible(not screen.is_in_use)
        self._use_hint.setVisible(not screen.is_in_use and has_keys)
        self.use.setEnabled(screen.can_use)
        for button in self._actions:
            button.setEnabled(screen.can_act)
        self.reveal_phrase.setVisible(screen.has_phrase)
        self._notice.show_notice(screen.notice)

    def _build_details(self) -> QWidget:
        self._actions: tuple[QPushButton, ...] = (
            self.rename, self.check, self.reveal_phrase, self.reveal_key, self.export, self.remove,
        )  # fmt: skip
        self._title = text_label(role="title", name="keyTitle")
        # A name of forty letters without a space can't be broken: it must not push the window.
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._in_use = text_label(IN_USE, "keyChip", "keyInUseLabel", wraps=False)
        self._in_use.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        heading = QHBoxLayout()
        heading.setSpacing(SPACE_S)
        heading.addWidget(self._title, 1)
        heading.addWidget(self._in_use, 0, Qt.AlignmentFlag.AlignTop)
        self._facts = FactList("keyFacts", is_text=True, label_width=_LABEL_WIDTH)
        self._use_hint = text_label(USE_EXPLAINED, "muted", "useKeyHint")
        manage = QHBoxLayout()
        manage.setSpacing(SPACE_S)
        manage.addWidget(self.use)
        manage.addWidget(self.rename)
        manage.addWidget(self.remove)
        manage.addStretch(1)
        self._notice = NoticeBox("keysNotice")
        details = Scrolled()
        column = details.column
        column.setContentsMargins(0, 0, SPACE_L, 0)
        column.setSpacing(SPACE_M)
        column.addLayout(heading)
        column.addWidget(self._facts)
        column.addLayout(manage)
        column.addWidget(self._use_hint)
        column.addWidget(self._notice)
        column.addWidget(self._build_backup())
        column.addStretch(1)
        return details

    def _build_backup(self) -> QWidget:
        frame, inside = card("card")
        self._mark = text_label(wraps=False)
        self._mark.setFixedSize(_ICON, _ICON)
        self._backup = text_label(role="heading", name="backupLabel")
        self._advice = text_label(role="muted", name="backupAdvice")
        line = QHBoxLayout()
        line.setSpacing(SPACE_S)
        line.addWidget(self._mark)
        line.addWidget(self._backup, 1)
        buttons = QGridLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addWidget(self.check, 0, 0)
        buttons.addWidget(self.export, 0, 1)
        buttons.addWidget(self.reveal_key, 1, 0)
        buttons.addWidget(self.reveal_phrase, 1, 1)
        inside.addLayout(line)
        inside.addWidget(self._advice)
        inside.addSpacing(SPACE_XS)
        inside.addLayout(buttons)
        return frame

    def _lay_out(self) -> None:
        left = QWidget()
        # The design width is for an ordinary font; a larger one needs more.
        left.setFixedWidth(round(_LIST_WIDTH * max(self.fontMetrics().height() / 15, 1)))
        side = QVBoxLayout(left)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(SPACE_S)
        side.addWidget(self.list, 1)
        side.addWidget(self.add)
        side.addWidget(text_label(PRACTICE_KEY, "small", "practiceKeyLabel"))
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_L, SPACE_L, 0, SPACE_L)
        row.setSpacing(SPACE_L)
        row.addWidget(left)
        row.addWidget(self._details, 1)
        row.addWidget(self._nothing, 1)


def _draw_line(painter: QPainter, area: QRect, font: QFont, colour: str, text: str) -> None:
    """Draw one line of text at the top of the area, cut with an ellipsis where it is too long."""
    metrics = QFontMetrics(font)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area.left(), area.top() + metrics.ascent(), shown)


def _next_line(area: QRect, font: QFont) -> QRect:
    return area.adjusted(0, QFontMetrics(font).height() + SPACE_XS, 0, 0)
