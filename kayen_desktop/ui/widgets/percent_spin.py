"""A field for a share of a price: whole tenths of a per cent, never a binary fraction."""

from __future__ import annotations

import re
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QSpinBox, QWidget

from kayen_desktop.ui.formatting import MINUS

TENTHS_IN_WHOLE = 1000
_TYPED = re.compile(r"\s*([+\-−]?)\s*(\d{0,3})(?:[.,](\d?))?\s*%?\s*")


class PercentSpin(QSpinBox):
    """Counts tenths of a per cent, and shows and reads them as "−6.5 %"."""

    def __init__(self, name: str, bound: int, step: int, parent: QWidget | None = None) -> None:
        """``bound`` and ``step`` in tenths of a per cent: 200 is 20 %."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setRange(-bound, bound)
        self.setSingleStep(step)
        self.setKeyboardTracking(False)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def textFromValue(self, val: int) -> str:
        """Return the tenths as a signed percentage."""
        sign = MINUS if val < 0 else "+" if val > 0 else ""
        whole, tenth = divmod(abs(val), 10)
        return f"{sign}{whole}.{tenth} %"

    def valueFromText(self, text: str) -> int:
        """Return the tenths that were typed; zero where there are none yet."""
        found = _TYPED.fullmatch(text)
        if found is None:
            return 0
        sign, whole, tenth = found.groups()
        value = int(whole or "0") * 10 + int(tenth or "0")
        return -value if sign in ("-", MINUS) else value

    def validate(self, input: str, pos: int) -> tuple[QValidator.State, str, int]:
        """Return whether what is typed is a percentage, or may become one."""
        found = _TYPED.fullmatch(input)
        if found is None:
            return QValidator.State.Invalid, input, pos
        if not (found[2] or found[3]):
            return QValidator.State.Intermediate, input, pos
        is_within = self.minimum() <= self.valueFromText(input) <= self.maximum()
        state = QValidator.State.Acceptable if is_within else QValidator.State.Intermediate
        return state, input, pos

    @property
    def share(self) -> Decimal:
        """What the field says as a share: 0.065 is 6.5 %."""
        return Decimal(self.value()) / TENTHS_IN_WHOLE
