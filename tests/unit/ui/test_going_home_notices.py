"""Every sentence of "close all and go home", for every kind of leg and of setback."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.app.way_home import Closing, Leg, LegKind, LegMark, Setback, Way
from kayen_desktop.domain.errors import (
    JournalError,
    KayenError,
    LockedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    TicketError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.orders import OrderState, Side
from kayen_desktop.domain.settlement import (
    SettledPosition,
    SettlementRun,
    SettlementState,
    SettlementStep,
)
from kayen_desktop.ui.notices import Action
from kayen_desktop.ui.notices.going_home import (
    closing_text,
    leg_detail,
    leg_text,
    more_positions_text,
    risk_text,
    setback_notice,
    unfinished_notice,
    way_explanation,
    way_text,
)
from tests.unit.ui.stage import CHANNEL_ID, NOW, channel, order, position

LIVE = order("o1", OrderState.WAIT)
CANCELLED = order("o2", OrderState.CANCEL)
FILLED = order("o3")
HELD = position()


def run(*states: SettlementState, pnl: str | None = "0.31") -> SettlementRun:
    """Return a settlement that went through these states."""
    settled = SettledPosition(
        "PEPE/USD",
        Side.BUY,
        Decimal(1),
        Decimal(1),
        Decimal(1),
        None if pnl is None else Decimal(pnl),
    )
    steps = tuple(SettlementStep(state, NOW) for state in states)
    return SettlementRun("s1", CHANNEL_ID, ("PEPE/USD",), NOW, positions=(settled,), steps=steps)


@pytest.mark.parametrize(
    ("leg", "text"),
    [
        (Leg(LegKind.CANCEL, LegMark.AHEAD, live_orders=(LIVE,)), "Cancel 1 order"),
        (Leg(LegKind.CANCEL, LegMark.AHEAD, live_orders=(LIVE, LIVE)), "Cancel 2 orders"),
        (Leg(LegKind.CANCEL, LegMark.NOW, live_orders=(LIVE,)), "Cancelling 1 order…"),
        (
            Leg(LegKind.CANCEL, LegMark.STOPPED, live_orders=(LIVE,)),
            "1 order is still open",
        ),
        (
            Leg(LegKind.CANCEL, LegMark.STOPPED, live_orders=(LIVE, LIVE)),
            "2 orders are still open",
        ),
        (Leg(LegKind.CANCEL, LegMark.DONE, orders=(CANCELLED, CANCELLED)), "2 orders cancelled"),
        (
            Leg(LegKind.CANCEL, LegMark.DONE, orders=(CANCELLED, FILLED)),
            "1 order cancelled, 1 ended before that",
        ),
        (
            Leg(LegKind.CLOSE, LegMark.AHEAD, positions=(HELD, HELD)),
            "Close 2 positions at the exchange",
        ),
        (Leg(LegKind.CLOSE, LegMark.NOW, positions=(HELD,)), "Closing 1 position…"),
        (Leg(LegKind.CLOSE, LegMark.STOPPED, positions=(HELD,)), "1 position is still open"),
        (Leg(LegKind.CLOSE, LegMark.DONE, closings=(Closing(HELD, None),)), "1 position closed"),
        (
            Leg(LegKind.SETTLE, LegMark.AHEAD, positions=(HELD, replace(HELD, market="BTC/USD"))),
            "Settle PEPE and BTC with the broker",
        ),
        (Leg(LegKind.SETTLE, LegMark.NOW, run=run()), "Settling PEPE with the broker…"),
        (Leg(LegKind.SETTLE, LegMark.DONE, run=run()), "PEPE settled"),
        (Leg(LegKind.SETTLE, LegMark.STOPPED, positions=(HELD,)), "PEPE not settled"),
        (Leg(LegKind.CLOSE_ACCOUNT, LegMark.AHEAD), "Close the margin account"),
        (Leg(LegKind.CLOSE_ACCOUNT, LegMark.NOW), "Closing the margin account…"),
        (Leg(LegKind.CLOSE_ACCOUNT, LegMark.DONE), "The margin account is closed"),
        (Leg(LegKind.CLOSE_ACCOUNT, LegMark.STOPPED), "The margin account is still open"),
    ],
)
def test_a_leg_says_what_it_is_to_do_does_or_did(leg: Leg, text: str) -> None:
    assert leg_text(leg) == text


S = SettlementState


@pytest.mark.parametrize(
    ("settlement", "detail"),
    [
        (run(), "Asked for. The broker has not said anything about it yet."),
        (run(S.COMPLETED), "0.31 USD paid to your wallet"),
        (run(S.COMPLETED, S.WITHDRAWN), "0.31 USD paid to your wallet"),
        (run(S.COMPLETED, pnl="-0.31"), "A loss of 0.31 USD, paid to the broker"),
        (run(S.COMPLETED, pnl="0"), "Neither profit nor loss, so nothing was paid"),
        (run(S.COMPLETED, pnl=None), "The settlement is paid; its result was not told"),
    ],
)
def test_a_settlement_tells_its_result(settlement: SettlementRun, detail: str) -> None:
    leg = Leg(LegKind.SETTLE, LegMark.NOW, run=settlement)
    assert leg_detail(leg, channel(), "USD") == detail


def test_a_settlement_under_way_tells_its_step_and_what_it_means() -> None:
    leg = Leg(LegKind.SETTLE, LegMark.NOW, run=run(S.PROPOSED))
    assert leg_detail(leg, None, "USD") == (
        "The broker gets your proposal (proposed). Nothing has changed yet: your positions rise "
        "and fall with the market."
    )
    assert leg_detail(Leg(LegKind.SETTLE, LegMark.AHEAD), None, "USD") == ""


def test_a_close_tells_its_price_where_it_is_known() -> None:
    done = replace(FILLED, average_price=Decimal("0.00001146"))
    assert closing_text(Closing(HELD, done)) == "PEPE closed at 0.00001146 USD"
    assert closing_text(Closing(HELD, FILLED)) == "PEPE closed"
    assert closing_text(Closing(HELD, None)) == "PEPE closed"
    leg = Leg(LegKind.CLOSE, LegMark.NOW, closings=(Closing(HELD, done), Closing(HELD, None)))
    assert leg_detail(leg, None, "USD") == "PEPE closed at 0.00001146 USD\nPEPE closed"


def test_the_closed_account_tells_what_was_paid() -> None:
    done = Leg(LegKind.CLOSE_ACCOUNT, LegMark.DONE)
    assert leg_detail(done, channel(balance="12.31"), "USD") == "12.31 USD paid out to your wallet"
    assert leg_detail(done, channel(balance=None), "USD") == ""
    assert leg_detail(done, None, "USD") == ""
    assert leg_detail(Leg(LegKind.CLOSE_ACCOUNT, LegMark.STOPPED), channel(), "USD") == ""
    assert leg_detail(Leg(LegKind.CANCEL, LegMark.DONE), channel(), "USD") == ""


@pytest.mark.parametrize("way", list(Way))
def test_each_way_is_explained_with_what_can_go_wrong(way: Way) -> None:
    assert way_text(way)
    assert way_explanation(way).endswith(".")
    assert "what is done stays done" in risk_text(way, has_positions=True)
    assert "prices" not in risk_text(way, has_positions=False)


def test_positions_without_a_line_of_their_own_are_counted() -> None:
    assert more_positions_text(1) == "…and 1 position more"
    assert more_positions_text(3) == "…and 3 positions more"


@pytest.mark.parametrize("kind", list(LegKind))
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (VenueRejectionError("market is halted"), "“market is halted”"),
        (TransportError("No connection."), "no connection"),
        (JournalError("disk full"), "written down"),
        (TicketError(Problem(ProblemKind.PRICES_STALE)), "held back"),
        (OutcomeUnknownError("No answer."), "never sent twice"),
        (LockedError("locked"), "was locked on the way"),
        (NotAuthorizedError("old"), "typed too long ago"),
        (None, "You stopped here."),
    ],
)
def test_every_setback_has_three_parts_and_no_other_button(
    kind: LegKind, error: KayenError | None, words: str
) -> None:
    notice = setback_notice(Setback(kind, error), channel())
    assert words in notice.text
    assert notice.happened.endswith(".")
    assert notice.safe.endswith(".")
    assert notice.next_step.endswith(".")
    assert "go on" in notice.next_step.lower()
    assert notice.action is None


def test_a_problem_that_held_a_leg_back_says_what_to_do() -> None:
    error = TicketError(Problem(ProblemKind.UNRECORDED_TRADES))
    notice = setback_notice(Setback(LegKind.CLOSE_ACCOUNT, error), channel())
    assert "booked" in notice.next_step or "record" in notice.next_step


def test_a_close_that_ended_short_says_how_far_it_came() -> None:
    short = order(state=OrderState.CANCEL, executed="40000", reason="no liquidity")
    notice = setback_notice(Setback(LegKind.CLOSE, order=short), channel())
    assert notice.happened == (
        "PEPE: only a part was closed, 40,000 of 100,000 PEPE: “no liquidity”."
    )
    assert "still yours" in notice.safe
    assert notice.action is None


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((S.PROPOSED, S.REJECTED), "Kayen declined to settle (rejected)."),
        ((S.PREPARED, S.FAILED), "(failed)"),
        ((S.PROPOSED,), "The settlement came to nothing."),
    ],
)
def test_a_settlement_that_came_to_nothing_offers_the_other_way(
    states: tuple[SettlementState, ...], words: str
) -> None:
    notice = setback_notice(Setback(LegKind.SETTLE, run=run(*states)), channel())
    assert words in notice.happened
    assert "close the positions at the exchange" in notice.next_step
    assert notice.severity is Severity.WARNING
    assert notice.action is None


def test_a_start_after_an_unfinished_way_offers_to_go_on() -> None:
    notice = unfinished_notice()
    assert notice.action is Action.GO_HOME
    assert "nothing went on without you" in notice.safe
