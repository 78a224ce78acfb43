"""Icons from the shipped drawings, in the colour a screen needs."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QIcon, QImageReader, QPixmap

from kayen_desktop.resources import resource_path

# Drawn once for every usual scale of a screen, so that none is stretched.
_SCALES = (1, 2, 3)


@cache
def icon(name: str, colour: str, size: int = 16) -> QIcon:
    """Return the drawing in the colour ("#rrggbb"), ``size`` logical pixels wide and high.

    Raises:
        FileNotFoundError: there is no such drawing.
    """
    drawing = resource_path("icons", f"{name}.svg").read_bytes()
    drawing = drawing.replace(b"currentColor", colour.encode("ascii"))
    result = QIcon()
    for scale in _SCALES:
        result.addPixmap(_render(drawing, size, scale))
    return result


def _render(drawing: bytes, size: int, scale: int) -> QPixmap:
    buffer = QBuffer()
    buffer.setData(QByteArray(drawing))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"svg"))
    reader.setScaledSize(QSize(size * scale, size * scale))
    pixmap = QPixmap.fromImage(reader.read())
    pixmap.setDevicePixelRatio(scale)
    return pixmap
