"""What tests of settling share: positions, the venue's words, and a presenter with its view."""

from __future__ import annotations

from kayen_desktop.domain import events
from kayen_desktop.domain.positions import Position
from kayen_desktop.domain.settlement import Settlement, SettlementState
from kayen_desktop.ui.presenters.settle import SettlePage, SettlePresenter, SettleScreen
from kayen_desktop.ui.presenters.steps import StepMark
from tests.unit.ui.stage import CHANNEL_ID, Stage, position, settle

ASKED = "Waiting for the broker's answer"


def pepe() -> Position:
    """Return a position with a profit of ten."""
    return position("1000000", entry="0.00001", mark="0.00002", position_id="pepe")


def btc(mark: str = "35") -> Position:
    """Return a position with a loss of twenty-five, at this price."""
    return position("1", market="BTC/USD", entry="60", mark=mark, position_id="btc")


class FakeView:
    """Keeps the last screen."""

    def __init__(self) -> None:
        self.screen: SettleScreen
        self.count = 0

    def show_screen(self, screen: SettleScreen) -> None:
        self.screen = screen
        self.count += 1


class Wizard:
    """A presenter with its fake view, redrawn on every change."""

    def __init__(self, stage: Stage) -> None:
        self.view = FakeView()
        self.presenter = SettlePresenter(stage.session, stage.bridge, self.view)
        stage.session.listen(lambda changes: self.presenter.refresh())
        self.presenter.refresh()

    @property
    def screen(self) -> SettleScreen:
        return self.view.screen

    @property
    def marks(self) -> list[StepMark]:
        return [step.mark for step in self.screen.progress.steps]

    @property
    def notice(self) -> str:
        notice = self.screen.progress.notice
        return "" if notice is None else notice.text

    def margin(self) -> dict[str, str]:
        return {fact.label: fact.value for fact in self.screen.margin}

    def review(self, *markets: str) -> None:
        for market in markets or ("PEPE/USD",):
            self.presenter.choose_market(market, is_chosen=True)
        self.presenter.go_on()
        self.presenter.go_on()
        assert self.screen.page is SettlePage.REVIEW

    def submit(self, *markets: str) -> None:
        self.review(*markets)
        self.presenter.go_on()

    async def ask(self) -> None:
        self.submit()
        await settle(lambda: self.screen.progress.headline == ASKED)


def word(state: SettlementState, text: str = "") -> events.SettlementUpdated:
    return events.SettlementUpdated(Settlement(CHANNEL_ID, state, ("PEPE/USD",), text))
