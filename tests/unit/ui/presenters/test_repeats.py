"""What comes again and again is told once in a while, and counted meanwhile."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

from kayen_desktop.ui.presenters.repeats import MOST_AT_ONCE, Repeats, newest, told_after
from tests.unit.ui.stage import NOW

PAUSE = timedelta(seconds=30)


def test_a_thing_passes_once_and_again_after_the_pause() -> None:
    repeats: Repeats[str] = Repeats(PAUSE)
    assert repeats.is_news("a", NOW)
    assert not repeats.is_news("a", NOW + PAUSE / 2)
    assert repeats.is_news("b", NOW + PAUSE / 2)
    assert repeats.is_news("a", NOW + PAUSE)


def test_what_came_once_is_not_counted() -> None:
    repeats: Repeats[str] = Repeats(PAUSE)
    repeats.is_news("a", NOW)
    repeats.is_news("b", NOW)
    repeats.is_news("b", NOW)
    assert repeats.take_over(NOW + PAUSE / 2) == []
    assert repeats.take_over(NOW + PAUSE) == [("b", 2)]
    assert repeats.take_over(NOW + PAUSE) == []


def test_a_flood_of_different_things_is_bounded_and_ends() -> None:
    repeats: Repeats[int] = Repeats(PAUSE)
    told = [number for number in range(1000) if repeats.is_news(number, NOW)]
    assert told == list(range(MOST_AT_ONCE))
    assert repeats.is_news(5000, NOW + PAUSE)


def test_a_clock_that_is_set_back_silences_nothing_for_ever() -> None:
    repeats: Repeats[str] = Repeats(PAUSE)
    repeats.is_news("a", NOW)
    assert not repeats.is_news("a", NOW - PAUSE)
    assert repeats.is_news("a", NOW + PAUSE)


def test_what_was_told_is_found_by_identity() -> None:
    first, second, third = [1], [1], [1]
    kept = deque([first, second, third])
    assert told_after(kept, first) == [second, third]
    assert told_after(kept, third) == []
    assert told_after(kept, None) == [first, second, third]
    assert newest(kept) is third
    assert newest(deque[int]()) is None
