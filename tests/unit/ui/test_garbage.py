"""Cycles are collected on the window's thread, whichever thread made them."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from kayen_desktop.ui.garbage import GarbageCollection


class Knot:
    """Refers to itself, so that only the collection frees it, and notes on which thread."""

    def __init__(self, freed_on: list[int]) -> None:
        self.itself = self
        self._freed_on = freed_on

    def __del__(self) -> None:
        self._freed_on.append(threading.get_ident())


@pytest.fixture
def collection(qapp: QApplication) -> Iterator[GarbageCollection]:
    made = GarbageCollection()
    yield made
    made.stop()


def make_many(freed_on: list[int]) -> None:
    Knot(freed_on)
    kept: list[list[int]] = [
        [] for _ in range(20_000)
    ]  # enough for Python to collect several times over
    assert kept


def test_no_other_thread_ever_collects(collection: GarbageCollection) -> None:
    freed_on: list[int] = []
    worker = threading.Thread(target=make_many, args=(freed_on,))
    worker.start()
    worker.join()
    assert freed_on == []
    gc.collect(1)
    make_many(freed_on)
    for _ in range(3):
        collection.collect_if_due()
    assert set(freed_on) == {threading.get_ident()}


def test_nothing_is_due_after_a_collection(collection: GarbageCollection) -> None:
    gc.collect()
    collected: list[str] = []
    gc.callbacks.append(lambda phase, info: collected.append(phase))
    try:
        collection.collect_if_due()
    finally:
        gc.callbacks.pop()
    assert collected == []


def test_afterwards_python_collects_by_itself_again(qapp: QApplication) -> None:
    made = GarbageCollection()
    assert not gc.isenabled()
    made.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
