"""Every state, way of payment and mishap of a settlement has words that a person can read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kayen_desktop.domain.margin import MarginReading, Zone
from kayen_desktop.domain.settlement import (
    STEPS,
    PaymentMethod,
    SettlementRun,
    SettlementState,
    SettlementStep,
)
from kayen_desktop.ui import notices
from kayen_desktop.ui.notices import Notice
from kayen_desktop.ui.notices import settling as words
from tests.unit.ui.stage import CHANNEL_ID, NOW, channel

RUN = SettlementRun("1", CHANNEL_ID, ("PEPE/USD",), NOW, PaymentMethod.ESCROW, 1337)
NASTY = "<b>odd</b>\nword" + "!" * 400


def reads_well(text: str) -> None:
    assert text == text.strip()
    assert text[0].isupper() or text[0].isdigit()
    assert text.endswith((".", "…", "?", "!"))
    assert "\n" not in text


def in_three_parts(notice: Notice) -> None:
    for part in (notice.happened, notice.safe, notice.next_step):
        reads_well(part)


@pytest.mark.parametrize("state", SettlementState)
def test_every_state_says_what_it_is_what_it_means_and_what_to_do(state: SettlementState) -> None:
    reads_well(words.settlement_state_text(state))
    reads_well(words.settlement_meaning(state))
    reads_well(words.settlement_advice(state))
    step = SettlementStep(state, NOW, NASTY)
    reads_well(words.settlement_step_text(step))
    reads_well(notices.settlement_text(RUN.stepped(step)))


@pytest.mark.parametrize("state", [*STEPS, SettlementState.FAILED, SettlementState.REJECTED])
def test_known_states_name_the_term_after_the_plain_words(state: SettlementState) -> None:
    assert f"({state.value})" in words.settlement_state_text(state)


def test_an_unknown_state_is_quoted_as_plain_text_and_capped() -> None:
    text = words.settlement_step_text(SettlementStep(SettlementState.OTHER, NOW, NASTY))
    assert "“<b>odd</b> word" in text
    assert len(text) < 400
    nameless = words.settlement_step_text(SettlementStep(SettlementState.OTHER, NOW))
    assert "“other”" in nameless


def test_the_line_for_the_activity_list_names_the_markets_and_the_state() -> None:
    asked = notices.settlement_text(RUN)
    assert asked.startswith("Settlement of PEPE/USD: asked for")
    accepted = notices.settlement_text(RUN.stepped(SettlementStep(SettlementState.ACCEPTED, NOW)))
    assert accepted == "Settlement of PEPE/USD: the broker agrees to settle (accepted)."
    inferred = SettlementStep(SettlementState.COMPLETED, NOW, is_inferred=True)
    assert "after having been away" in notices.settlement_text(RUN.stepped(inferred))


@pytest.mark.parametrize(
    ("markets", "text"),
    [
        ((), "markets that the venue doesn't name"),
        (("A/USD",), "A/USD"),
        (("A/USD", "B/USD"), "A/USD and B/USD"),
        (("A/USD", "B/USD", "C/USD"), "A/USD, B/USD and C/USD"),
        (("A/USD", "B/USD", "C/USD", "D/USD", "E/USD"), "A/USD, B/USD, C/USD and 2 more"),
        (("A\n/USD",), "A /USD"),
    ],
)
def test_markets_are_listed_a_few_by_name(markets: tuple[str, ...], text: str) -> None:
    assert words.markets_text(markets) == text


@pytest.mark.parametrize("method", PaymentMethod)
def test_every_way_of_payment_is_explained(method: PaymentMethod) -> None:
    assert method.value in words.method_text(method)
    reads_well(words.method_explanation(method))


@pytest.mark.parametrize(
    ("chain_id", "text"),
    [
        (1, "Ethereum (chain id 1)"),
        (59144, "Linea (chain id 59144)"),
        (11155111, "Sepolia, a test chain (chain id 11155111)"),
        (1337, "Practice chain (chain id 1337)"),
        (42, "Chain id 42"),
    ],
)
def test_blockchains_are_named_where_they_are_known(chain_id: int, text: str) -> None:
    assert words.chain_text(chain_id) == text


def test_the_share_names_what_it_is_a_share_of() -> None:
    assert words.share_label(MarginReading.OWN_DEPOSIT) == "Left of your deposit"
    assert words.share_label(MarginReading.TOTAL) == "Left of both deposits"


def test_a_refused_choice_gives_its_reason_in_plain_words() -> None:
    text = words.leaves_green_text(["PEPE/USD"], ["BTC/USD"], Zone.ORANGE, is_profit=True)
    assert text.startswith(
        "If you settle PEPE now, its profit is paid to your wallet and no longer stands behind "
        "your BTC position. What stays would be in the orange zone, and the broker refuses that."
    )
    reads_well(text)
    many = words.leaves_green_text(
        ["PEPE/USD", "LINDA/USD"], ["BTC/USD", "ETH/USD"], Zone.RED, is_profit=True
    )
    assert "settle PEPE and LINDA now, their profit" in many
    assert "your BTC and ETH positions" in many
    assert "in the red zone" in many


@pytest.mark.parametrize(
    ("staying", "part"),
    [
        (["BTC/USD"], "your BTC position stays."),
        (["BTC/USD", "E/USD"], "BTC and E positions stay."),
    ],
)
def test_a_refusal_without_a_profit_says_so(staying: list[str], part: str) -> None:
    text = words.leaves_green_text(["PEPE/USD"], staying, Zone.ORANGE, is_profit=False)
    assert part in text
    assert "profit" not in text


@pytest.mark.parametrize(
    ("settled", "part"),
    [(["PEPE/USD"], "Close it with"), (["PEPE/USD", "BTC/USD"], "Close them with")],
)
def test_what_leaves_too_little_in_the_account_is_better_closed(
    settled: list[str], part: str
) -> None:
    text = words.leaves_green_text(settled, [], Zone.ORANGE, is_profit=True)
    assert "profit is paid to your wallet. What is left in the account would be in" in text
    assert part in text
    reads_well(text)


@pytest.mark.parametrize(
    "notice",
    [
        words.settling_stopped_notice(SettlementState.REJECTED, channel()),
        words.settling_stopped_notice(SettlementState.FAILED, None),
        words.settling_silent_notice(None, timedelta(seconds=60), "details", is_executed=True),
        words.settling_offline_notice("Clearport"),
        words.settling_not_received(),
        words.settling_never_known(),
        words.settling_refused_notice("no"),
        words.settling_refused_notice(""),
    ],
)
def test_every_mishap_says_what_happened_what_is_safe_and_what_to_do(notice: Notice) -> None:
    in_three_parts(notice)


def test_a_silence_is_told_with_its_length() -> None:
    notice = words.settling_silent_notice(channel(), timedelta(hours=1), "", is_executed=False)
    assert notice.happened == "Kayen is silent: no word for 1 h."


def test_a_nameless_broker_is_still_a_broker() -> None:
    for it in (None, replace(channel(), broker=None)):
        notice = words.settling_silent_notice(it, timedelta(minutes=1), "", is_executed=False)
        assert notice.happened.startswith("The broker is silent")
