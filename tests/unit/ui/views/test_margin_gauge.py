"""The bottom strip: zone, distance and figures, within the narrowest window."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from kayen_desktop.app.state import AppState
from kayen_desktop.domain import events
from kayen_desktop.domain.channels import ClearingState
from kayen_desktop.domain.margin import MarginBalance
from kayen_desktop.ui.views import margin_gauge
from kayen_desktop.ui.views.margin_gauge import MarginGauge
from tests.unit.ui.stage import NOW, channel, position

D = Decimal
NARROWEST = 1110 - 2 * 8  # the least width of the window without what surrounds the strip
ORANGE_MARK, RED_MARK = "0.00001068", "0.0000106"


class Strip:
    def __init__(self, qtbot: QtBot) -> None:
        self.state = AppState()
        self.gauge = MarginGauge()
        qtbot.addWidget(self.gauge)
        self.gauge.resize(NARROWEST, self.gauge.sizeHint().height())
        self.gauge.show()

    def tell(self, *told: events.Event) -> None:
        for event in told:
            self.state.apply(event, NOW)
        self.gauge.refresh(self.state, "usd")

    def hold(self, mark: str, *, deposit: str = "1", amount: str = "1000000") -> None:
        self.tell(
            events.ChannelUpdated(channel(deposit=deposit, balance=deposit)),
            events.MarginUpdated(MarginBalance(D(1), D("0.8"), D("0.2"), D(10))),
            events.PositionUpdated(position(amount, mark=mark)),
        )

    def text(self, name: str) -> str:
        found = self.gauge.findChild(QLabel, name)
        assert isinstance(found, QLabel)
        return found.text()

    def figures(self) -> list[QLabel]:
        return self.gauge.findChildren(QLabel, "marginFigure")


@pytest.fixture
def strip(qtbot: QtBot) -> Strip:
    return Strip(qtbot)


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(margin_gauge, "announce", lambda _, text: told.append(text))
    return told


def test_it_tells_zone_distance_and_figures(strip: Strip) -> None:
    strip.hold("0.00001149")
    assert strip.text("zoneLabel") == "Safe (green)"
    assert strip.text("distanceLabel") == "97 % left · 0.77 USD or −6.7 % until Low"
    assert strip.text("zoneMeaningLabel") == "All orders are taken"
    assert [label.text() for label in strip.figures()] == ["0.97", "0.80", "0.20", "2.00", "−0.03"]
    assert strip.gauge.accessibleName() == (
        "Margin: Safe (green), 97 % left · 0.77 USD or −6.7 % until Low, All orders are taken"
    )
    assert "your deposit" in strip.gauge.toolTip()


@pytest.mark.parametrize(
    ("mark", "zone", "meaning"),
    [
        (ORANGE_MARK, "Low (orange)", "Only orders that reduce your positions are taken"),
        (RED_MARK, "Danger (red)", "The broker may close your positions at any moment"),
    ],
)
def test_danger_is_said_whole_at_the_least_width(
    strip: Strip, mark: str, zone: str, meaning: str
) -> None:
    strip.hold(mark)
    assert strip.text("zoneLabel") == zone
    assert strip.text("zoneMeaningLabel") == meaning
    assert "…" not in strip.text("distanceLabel")


def test_long_figures_stay_whole_and_do_not_widen_the_window(strip: Strip, qtbot: QtBot) -> None:
    strip.hold("0.00001149", deposit="123456789.123456", amount="900000000000")
    strip.tell(
        events.MarginUpdated(MarginBalance(D(1), D("23456789.12"), D("100000000.12"), D(10)))
    )
    assert strip.gauge.minimumSizeHint().width() <= NARROWEST
    qtbot.waitUntil(
        lambda: all(
            label.width() >= label.fontMetrics().horizontalAdvance(label.text())
            for label in strip.figures()
        )
    )
    assert strip.gauge.width() == NARROWEST


def test_words_without_room_end_in_dots_and_are_told_whole(strip: Strip) -> None:
    strip.hold(ORANGE_MARK)
    strip.gauge.resize(strip.gauge.minimumSizeHint())
    label = strip.gauge.findChild(QLabel, "zoneMeaningLabel")
    assert isinstance(label, QLabel)
    assert label.text().endswith("…")
    assert label.toolTip() == "Only orders that reduce your positions are taken"
    strip.gauge.resize(NARROWEST, strip.gauge.height())
    assert label.text() == "Only orders that reduce your positions are taken"


def test_without_an_account_it_says_so(strip: Strip) -> None:
    strip.gauge.refresh(strip.state, "")
    assert strip.gauge.accessibleName() == "Margin: No margin account"
    strip.tell(events.ChannelUpdated(channel(balance=None)))
    assert strip.text("zoneLabel") == "Balance not known yet"
    strip.tell(events.ChannelUpdated(channel(channel_id="0xother", deposit=None)))
    assert strip.text("zoneLabel") == "No zone: the deposit is not known"
    assert {label.text() for label in strip.figures()} >= {"30.00"}


def test_a_new_zone_is_spoken_once(strip: Strip, spoken: list[str]) -> None:
    strip.hold("0.00001149")
    strip.hold("0.00001148")
    assert spoken == []  # being safe is no news
    strip.hold(ORANGE_MARK)
    strip.hold("0.000010681")
    assert spoken == ["Margin: Low (orange). Only orders that reduce your positions are taken."]
    strip.hold(RED_MARK)
    strip.hold("0.00001149")
    zones = [each.partition(".")[0] for each in spoken[1:]]
    assert zones == ["Margin: Danger (red)", "Margin: Safe (green)"]


def test_a_danger_that_stands_at_the_start_is_spoken(strip: Strip, spoken: list[str]) -> None:
    strip.hold(RED_MARK)
    assert len(spoken) == 1


def test_its_button_asks_for_what_if_and_a_copy_has_none(strip: Strip, qtbot: QtBot) -> None:
    asked = QSignalSpy(strip.gauge.what_if_requested)
    button = strip.gauge.findChild(QPushButton, "whatIfButton")
    assert isinstance(button, QPushButton)
    button.click()
    assert asked.count() == 1
    copy = MarginGauge("whatIfGauge", is_copy=True)
    qtbot.addWidget(copy)
    copy.show()
    hidden = copy.findChild(QPushButton, "whatIfButton")
    assert hidden is None or not hidden.isVisible()


def test_old_figures_look_old(strip: Strip) -> None:
    strip.hold("0.00001149")
    strip.gauge.set_dimmed(True)
    assert not any(label.isEnabled() for label in strip.figures())
    strip.gauge.set_dimmed(False)
    assert all(label.isEnabled() for label in strip.figures())


@pytest.mark.parametrize("mark", ["0.00001149", ORANGE_MARK, RED_MARK])
def test_every_zone_can_be_painted(strip: Strip, mark: str) -> None:
    strip.hold(mark)
    assert not strip.gauge.grab().isNull()


@pytest.mark.parametrize(
    ("clearing", "words"),
    [
        (ClearingState.ACTIVE_SETTLEMENT, "No orders are taken until the settlement is over"),
        (ClearingState.CHALLENGE_REGISTERED, "No orders are taken until the dispute is over"),
        (ClearingState.OPERATIONAL, "All orders are taken"),
    ],
)
def test_it_does_not_promise_orders_that_the_account_takes_none_of(
    strip: Strip, clearing: ClearingState, words: str
) -> None:
    strip.hold("0.00001149")
    it = channel(clearing=clearing, deposit="1", balance="1")
    strip.tell(events.ChannelUpdated(it))
    assert strip.text("zoneMeaningLabel") == words
