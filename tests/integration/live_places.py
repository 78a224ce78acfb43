"""What a running application shows to whoever looks into it: objects, widgets, clipboard, process.

What is looked at, of each living object of a class of the application, and of each coroutine of
it that waits: ``repr`` and ``str``, and the ``repr`` of each attribute or local variable. The one
attribute left out is where the key in use lives on purpose (``KeyMaterial``'s entropy; its account
is looked at, for eth-account shows nothing of a key). What lies deeper than a ``repr`` reaches is
the memory of the process, which is out of scope.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import CoroutineType
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox

PACKAGE = "kayen_desktop"
_HOMES = frozenset({"_KeyMaterial__entropy"})
_TEXTS = (
    "windowTitle",
    "toolTip",
    "statusTip",
    "whatsThis",
    "accessibleName",
    "accessibleDescription",
    "text",
    "displayText",
    "placeholderText",
    "toPlainText",
)
_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
    Qt.ItemDataRole.UserRole,
)


def write_places(folder: Path, *copied: Path) -> None:
    """Write down in the folder all that can be seen now, with copies of these folders."""
    folder.mkdir(parents=True)
    for name, lines in (
        ("objects", _objects()),
        ("coroutines", _coroutines()),
        ("widgets", _widgets()),
        ("items", _items()),
        ("clipboard", _clipboard()),
        ("settings", _settings()),
    ):
        # A secret of bytes, or half a letter, must not stop the one who looks for it.
        text = "\n".join(lines).encode("utf-8", "surrogateescape")
        (folder / f"{name}.txt").write_bytes(text)
    for name in ("environ", "cmdline", "comm"):
        (folder / name).write_bytes(Path("/proc/self", name).read_bytes())
    for each in copied:
        if each.exists():
            shutil.copytree(each, folder / each.name)


def _objects() -> Iterator[str]:
    for each in gc.get_objects():
        if str(type(each).__module__).partition(".")[0] == PACKAGE:
            yield _shown(each)
            yield _shown(each, str)
            for name, value in _attributes(each):
                yield f"{type(each).__qualname__}.{name} = {_shown(value)}"


def _coroutines() -> Iterator[str]:
    for each in gc.get_objects():
        if type(each) is CoroutineType and each.cr_frame is not None:
            frame = each.cr_frame
            if frame.f_globals.get("__name__", "").partition(".")[0] == PACKAGE:
                for name, value in frame.f_locals.items():
                    yield f"{each.__qualname__}: {name} = {_shown(value)}"


def _widgets() -> Iterator[str]:
    for widget in QApplication.allWidgets():
        for name in _TEXTS:
            read = getattr(widget, name, None)
            if callable(read):
                yield f"{widget.objectName()}.{name} = {read()}"
        for name in (bytes(key.data()).decode() for key in widget.dynamicPropertyNames()):
            with suppress(RuntimeError):  # Qt's own, of a type that is not for Python
                yield f"{widget.objectName()}[{name}] = {widget.property(name)}"


def _items() -> Iterator[str]:
    """Yield what lists, tables and choices hold, in each of the ways in which a line can be read.

    Those that show a state hold it in objects, which are looked at by themselves.
    """
    for widget in QApplication.allWidgets():
        if isinstance(widget, QAbstractItemView | QComboBox) and widget.model() is not None:
            model, root = widget.model(), QModelIndex()
            # A list has one column, and does not let itself be asked how many.
            columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(root)
            places = [
                model.index(row, column, root)
                for row in range(model.rowCount(root))
                for column in range(columns)
            ]
            for place in places:
                told = (str(place.data(role)) for role in _ROLES if place.data(role) is not None)
                yield f"{widget.objectName()}: {' | '.join(told)}"


def _clipboard() -> Iterator[str]:
    clipboard = QGuiApplication.clipboard()
    yield clipboard.text()
    # An empty clipboard has no data at all on some platforms, whatever the stubs say.
    if clipboard.text():
        data = clipboard.mimeData()
        yield from (f"{kind}: {data.data(kind).data()!r}" for kind in data.formats())


def _settings() -> Iterator[str]:
    settings = QSettings()
    return (f"{key} = {settings.value(key)}" for key in settings.allKeys())


def _attributes(each: object) -> Iterator[tuple[str, Any]]:
    yield from getattr(each, "__dict__", {}).items()
    for kind in type(each).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            is_private = slot.startswith("__") and not slot.endswith("__")
            name = f"_{kind.__name__.lstrip('_')}{slot}" if is_private else slot
            if name not in _HOMES and hasattr(each, name):
                yield name, getattr(each, name)


def _shown(value: object, show: Callable[[object], str] = repr) -> str:
    try:
        return show(value)
    except (RuntimeError, AttributeError):
        return ""  # deleted by Qt, or not built yet
