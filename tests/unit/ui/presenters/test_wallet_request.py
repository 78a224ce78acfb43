"""What the venue wants of the wallet is shown as it said it, and never done."""

from __future__ import annotations

from kayen_desktop.domain.events import WalletAsked, WalletRequest
from kayen_desktop.ui.presenters.wallet_request import (
    REQUESTS_SHOWN,
    WalletRequestPresenter,
    WalletScreen,
)
from tests.unit.ui.stage import KAYEN, Stage

TRANSACTION = WalletAsked(
    WalletRequest.TRANSACTION,
    (("to", KAYEN.address), ("value", "1 wei (0.000000000000000001 ether)")),
)


class FakeView:
    """Keeps the last screen."""

    screen: WalletScreen

    def show_screen(self, screen: WalletScreen) -> None:
        self.screen = screen


def shown(stage: Stage) -> WalletScreen:
    view = FakeView()
    WalletRequestPresenter(stage.session, view).refresh()
    return view.screen


async def test_without_a_request_it_says_so(stage: Stage) -> None:
    screen = shown(stage)
    assert screen.requests == ()
    assert screen.nothing == "The venue has asked nothing of your wallet."


async def test_a_request_is_shown_with_its_details_to_copy(stage: Stage) -> None:
    stage.tell(TRANSACTION)
    (line,) = shown(stage).requests
    assert line.title == "The venue asks for an on-chain transaction"
    assert [(fact.label, fact.copy_text) for fact in line.facts] == [
        ("Goes to (to)", KAYEN.address),
        ("Sends (value)", "1 wei (0.000000000000000001 ether)"),
    ]
    assert line.facts[0].value == "0x269F993271D845efBc72…C2be557Cc5284e"
    assert "signs nothing that moves money" in line.why
    assert line.details.endswith("value: 1 wei (0.000000000000000001 ether)")


async def test_equal_requests_are_one_line_and_counted_the_newest_first(stage: Stage) -> None:
    stage.tell(TRANSACTION, TRANSACTION)
    stage.pass_time(60)
    stage.tell(WalletAsked(WalletRequest.SESSION_KEY, (("permissions", "3"),)), TRANSACTION)
    newest, older = shown(stage).requests
    assert newest.when.startswith("Asked 3 times, last at")
    assert older.title == "The venue asks for a session key"
    assert "so it was refused" in older.why


async def test_many_requests_are_shortened(stage: Stage) -> None:
    for number in range(REQUESTS_SHOWN + 5):
        stage.tell(WalletAsked(WalletRequest.TRANSACTION, (("to", str(number)),)))
    screen = shown(stage)
    assert len(screen.requests) == REQUESTS_SHOWN
    assert screen.more == "…and 5 older."


async def test_hostile_text_stays_on_its_line(stage: Stage) -> None:
    stage.tell(
        WalletAsked(WalletRequest.TRANSACTION, (("n" * 10_000, "\u202egnp.exe\n" + "9" * 10_000),))
    )
    (line,) = shown(stage).requests
    (fact,) = line.facts
    assert len(fact.label) <= 26
    assert len(fact.value) <= 38
    assert "\n" not in fact.value
    assert "\u202e" not in fact.value


async def test_nothing_is_drawn_once_it_is_stopped(stage: Stage) -> None:
    view = FakeView()
    presenter = WalletRequestPresenter(stage.session, view)
    presenter.refresh()
    before = view.screen
    presenter.stop()
    stage.tell(TRANSACTION)
    presenter.refresh()
    assert view.screen is before
