"""The timeline, the figures and the receipt of a settlement."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.settlement import (
    STEPS,
    PaymentMethod,
    SettledPosition,
    SettlementRun,
    SettlementState,
    SettlementStep,
)
from kayen_desktop.ui.formatting import format_time
from kayen_desktop.ui.presenters.facts import Tone
from kayen_desktop.ui.presenters.settlement_steps import (
    run_facts,
    run_steps,
    settlement_receipt,
    settlement_receipt_text,
)
from kayen_desktop.ui.presenters.steps import StepMark
from tests.unit.ui.stage import CHANNEL_ID, KAYEN, NOW, channel

D, C, A, F = StepMark.DONE, StepMark.CURRENT, StepMark.AHEAD, StepMark.FAILED
S = SettlementState


def settled(market: str, pnl: str | None, *, side: Side = Side.BUY) -> SettledPosition:
    value = None if pnl is None else Decimal(10) + Decimal(pnl)
    return SettledPosition(
        market, side, Decimal(1000), Decimal(10), value, None if pnl is None else Decimal(pnl)
    )


RUN = SettlementRun(
    "settlement-1",
    CHANNEL_ID,
    ("PEPE/USD", "BTC/USD"),
    NOW,
    PaymentMethod.ESCROW,
    1337,
    (settled("PEPE/USD", "0.1234567"), settled("BTC/USD", "-0.02", side=Side.SELL)),
)


def reached(*states: SettlementState, run: SettlementRun = RUN) -> SettlementRun:
    for number, state in enumerate(states):
        run = run.stepped(SettlementStep(state, NOW + timedelta(seconds=number), "odd"))
    return run


def marks(run: SettlementRun) -> list[StepMark]:
    return [step.mark for step in run_steps(run)]


def facts(run: SettlementRun) -> dict[str, str]:
    return {fact.label: fact.value for fact in run_facts(run, "USD")}


def test_all_states_are_shown_from_the_beginning() -> None:
    steps = run_steps(RUN)
    assert len(steps) == len(STEPS)
    assert [step.mark for step in steps] == [C] + [A] * 6
    for state, step in zip(STEPS, steps, strict=True):
        assert f"({state.value})" in step.text
        assert step.detail.endswith(".")


@pytest.mark.parametrize("count", range(1, 6))
def test_reached_states_have_their_time_and_the_next_one_turns(count: int) -> None:
    run = reached(*STEPS[:count])
    steps = run_steps(run)
    assert [step.mark for step in steps] == [D] * count + [C] + [A] * (6 - count)
    for told, step in zip(run.steps, steps, strict=False):
        assert step.detail.startswith(f"{format_time(told.at)} · ")


def test_the_payout_is_not_waited_for() -> None:
    assert marks(reached(*STEPS[:6])) == [D] * 6 + [A]
    assert marks(reached(*STEPS)) == [D] * 7


@pytest.mark.parametrize("state", [S.FAILED, S.REJECTED])
def test_what_stops_is_shown_where_it_stopped(state: SettlementState) -> None:
    steps = run_steps(reached(S.PROPOSED, S.ACCEPTED, state))
    assert [step.mark for step in steps] == [D, D, F]
    assert f"({state.value})" in steps[-1].text
    assert "positions are as they were" in steps[-1].detail


def test_the_reason_of_a_refusal_stands_beneath_it_as_plain_text() -> None:
    step = SettlementStep(S.REJECTED, NOW, "<b>margin</b>\ntoo low")
    shown = run_steps(RUN.stepped(step))[-1]
    assert "The reason given: “<b>margin</b> too low”." in shown.detail


def test_what_the_venue_skipped_is_done_and_said_to_be_untold() -> None:
    steps = run_steps(reached(S.PROPOSED, S.PREPARED))
    assert [step.mark for step in steps] == [D, D, D, D, C, A, A]
    assert "did not tell" in steps[1].detail
    assert "did not tell" not in steps[3].detail


def test_repetitions_and_late_words_move_nothing() -> None:
    assert marks(reached(S.PROPOSED, S.ACCEPTED, S.PROPOSED, S.ACCEPTED)) == [D, D, C, A, A, A, A]
    assert marks(reached(S.PROPOSED, S.FAILED, S.FAILED)) == [D, F]


def test_an_unknown_state_is_quoted_where_it_came_and_is_the_present_one() -> None:
    steps = run_steps(reached(S.PROPOSED, S.OTHER))
    assert [step.mark for step in steps] == [D, C, A, A, A, A, A, A]
    assert "“odd”" in steps[1].text
    assert marks(reached(S.PROPOSED, S.OTHER, S.ACCEPTED)) == [D, D, D, C, A, A, A, A]


def test_an_unknown_state_after_the_end_waits_for_nothing() -> None:
    assert marks(reached(*STEPS[:6], S.OTHER)) == [D] * 7 + [A]
    assert marks(reached(S.PROPOSED, S.FAILED, S.OTHER)) == [D, F, D]


def test_what_we_found_out_later_is_marked_as_such() -> None:
    step = SettlementStep(S.COMPLETED, NOW, is_inferred=True)
    assert "after having been away" in run_steps(RUN.stepped(step))[5].detail


def test_times_of_another_day_have_their_date() -> None:
    later = NOW + timedelta(days=2)
    step = run_steps(reached(S.PROPOSED), later)[0]
    assert "22 Jun" in step.detail
    assert "22 Jun" in run_facts(RUN, "USD", later)[0].value


def test_the_figures_say_what_is_settled_and_what_it_comes_to() -> None:
    shown = facts(RUN)
    assert shown["Bought 1,000 PEPE"] == "Profit +0.1234 USD"
    assert shown["Sold 1,000 BTC"] == "Loss −0.02 USD"
    assert shown["How it is paid"] == "Through an escrow (escrow)"
    assert shown["Blockchain"] == "Practice chain (chain id 1337)"
    assert shown["To your wallet, about"] == "0.1034 USD"
    assert facts(reached(*STEPS[:6]))["Paid to your wallet"] == "0.1034 USD"


def test_positions_stay_in_the_order_they_were_asked_for() -> None:
    turned = replace(RUN, positions=RUN.positions[::-1])
    assert [fact.label for fact in run_facts(turned, "USD")] == [
        fact.label for fact in run_facts(RUN, "USD")
    ]


def test_a_loss_is_paid_from_the_wallet() -> None:
    losing = replace(RUN, positions=(settled("PEPE/USD", "-3"),))
    assert facts(losing)["From your wallet, about"] == "3.00 USD"
    even = replace(RUN, positions=(settled("PEPE/USD", "0"),))
    assert facts(even)["To your wallet, about"] == "0.00 USD"


def test_a_settlement_that_came_to_nothing_paid_nothing() -> None:
    assert facts(reached(S.REJECTED))["Paid"] == "Nothing"


def test_a_settlement_asked_for_elsewhere_says_so_and_what_is_known() -> None:
    run = SettlementRun("2", CHANNEL_ID, ("PEPE/USD",), NOW)
    shown = facts(run)
    assert shown["Who asked"] == "Not from this application"
    assert shown["Markets"] == "PEPE/USD"
    assert shown["Paid"] == "–"
    assert facts(reached(S.COMPLETED, run=run))["Paid"] == "–"
    assert "How it is paid" not in shown


@pytest.mark.parametrize("pnl", ["1", None])
def test_many_positions_are_summed_up(pnl: str | None) -> None:
    markets = tuple(f"M{number}/USD" for number in range(20))
    run = replace(RUN, markets=markets, positions=tuple(settled(each, pnl) for each in markets))
    shown = facts(run)
    assert shown["…and 12 more"] == ("Profit +12.00 USD" if pnl else "–")


def test_the_receipt_shows_every_digit_and_what_was_paid() -> None:
    lines = settlement_receipt(
        replace(reached(*STEPS[:6]), balance=Decimal("30.5")), "USD", Decimal("30.5")
    )
    shown = {fact.label: fact.value for fact in lines}
    assert shown == {
        "Bought 1,000 PEPE": "+0.1234567 USD",
        "Sold 1,000 BTC": "−0.02 USD",
        "Result": "+0.1034567 USD",
        "Paid to your wallet": "0.103456 USD",
        "Account balance before": "30.5 USD",
        "Account balance after": "30.5 USD",
    }
    assert lines[3].tone is Tone.STRONG


def test_a_receipt_shows_what_is_known() -> None:
    bare = SettlementRun("2", CHANNEL_ID, ("PEPE/USD",), NOW)
    lines = settlement_receipt(bare, "USD", Decimal(30))
    assert [(fact.label, fact.value) for fact in lines] == [
        ("Markets", "PEPE/USD"),
        ("Account balance now", "30 USD"),
    ]
    unvalued = replace(RUN, positions=(settled("PEPE/USD", None),))
    assert settlement_receipt(unvalued, "USD", None)[0].value == "–"
    losing = reached(S.COMPLETED, run=replace(RUN, positions=(settled("PEPE/USD", "-3"),)))
    assert settlement_receipt(losing, "USD", None)[2].label == "Paid from your wallet"


def test_the_copied_receipt_has_full_identifiers_and_the_steps() -> None:
    run = reached(S.PROPOSED, S.OTHER)
    run = run.stepped(SettlementStep(S.COMPLETED, NOW, is_inferred=True))
    lines = settlement_receipt(run, "USD", Decimal(30))
    text = settlement_receipt_text(run, channel(), lines)
    for part in (
        "Settlement of PEPE/USD, BTC/USD",
        CHANNEL_ID,
        "settlement-1",
        KAYEN.address,
        "Sold 1,000 BTC: -0.02 USD",
        "odd",
        "completed (found out later)",
        "Practice chain",
    ):
        assert part in text
    bare = settlement_receipt_text(SettlementRun("2", CHANNEL_ID, (), NOW), None, ())
    assert CHANNEL_ID in bare
