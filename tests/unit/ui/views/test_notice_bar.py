"""One notice at a time, the graver first, none lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from kayen_desktop.domain.events import Severity
from kayen_desktop.ui.notices import Action, Notice
from kayen_desktop.ui.views.notice_bar import NoticeBar


def notice(happened: str, severity: Severity, action: Action | None = None) -> Notice:
    return Notice(happened, "Safe.", "Next.", severity, action, "detail")


GOOD = notice("Sent.", Severity.INFO)
BAD = notice("Lost.", Severity.WARNING, Action.SHOW_ACTIVITY)
WORSE = notice("Alarm.", Severity.CRITICAL)


@pytest.fixture
def bar(qtbot: QtBot) -> NoticeBar:
    made = NoticeBar()
    qtbot.addWidget(made)
    return made


def test_all_three_parts_are_shown_as_plain_text(bar: NoticeBar) -> None:
    bar.show_notice(notice("<b>Lost</b>", Severity.WARNING))
    labels = bar.findChildren(QLabel)
    assert [each.text() for each in labels][:2] == ["<b>Lost</b>", "Safe. Next."]
    assert {each.textFormat() for each in labels} == {Qt.TextFormat.PlainText}
    assert not bar.isHidden()
    assert bar.accessibleDescription() == "Please read: <b>Lost</b> Safe. Next."


def test_good_news_leaves_by_itself_and_gives_way(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_notice(GOOD)
    bar.show_notice(BAD)
    assert bar.notice == BAD
    bar.dismiss()
    assert bar.notice is None
    bar.show_notice(GOOD)
    timer = bar.findChild(QTimer)
    assert timer is not None
    assert timer.isActive()
    timer.timeout.emit()
    assert bar.isHidden()


def test_a_graver_notice_comes_first_and_the_other_after_it(bar: NoticeBar) -> None:
    bar.show_notice(BAD)
    bar.show_notice(BAD)
    bar.show_notice(GOOD)
    other = notice("Late.", Severity.WARNING)
    bar.show_notice(other)
    bar.show_notice(WORSE)
    seen = []
    while bar.notice is not None:
        seen.append(bar.notice)
        bar.dismiss()
    assert seen == [WORSE, BAD, other]


def test_the_last_notice_about_a_matter_takes_the_place_of_those_before(bar: NoticeBar) -> None:
    danger = replace(WORSE, about="margin zone")
    low = replace(BAD, about="margin zone")
    recovered = replace(GOOD, about="margin zone")
    bar.show_notice(danger)
    bar.show_notice(BAD)
    bar.show_notice(recovered)
    assert bar.notice == recovered
    bar.show_notice(WORSE)
    bar.show_notice(low)
    bar.show_notice(recovered)  # what waits and is over is not told any more
    seen = []
    while bar.notice is not None:
        seen.append(bar.notice)
        bar.dismiss()
    assert seen == [WORSE, BAD]


def test_the_button_does_what_it_says_and_details_can_be_copied(
    bar: NoticeBar, qtbot: QtBot
) -> None:
    bar.show_notice(BAD)
    button = next(b for b in bar.findChildren(QPushButton) if b.text() == "Show activity")
    copy = next(b for b in bar.findChildren(QPushButton) if b.text() == "Copy details")
    copy.click()
    with qtbot.waitSignal(bar.action_requested) as told:
        button.click()
    assert told.args == [Action.SHOW_ACTIVITY]
    assert bar.notice is None
    bar.show_notice(WORSE)
    bar.findChildren(QToolButton)[0].click()
    assert bar.notice is None
