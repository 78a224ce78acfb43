"""Every word of an account's details: complete, plain, and with something to do."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.disputes import Dispute, DisputeOutcome
from kayen_desktop.domain.events import Severity, WalletAsked, WalletRequest
from kayen_desktop.domain.lifecycle import ChannelStep, Jump
from kayen_desktop.domain.margin import Zone
from kayen_desktop.ui.notices import Action, Notice, action_text, alarm_notice
from kayen_desktop.ui.notices.account import (
    dispute_answers,
    dispute_words,
    jump_text,
    life_text,
)
from kayen_desktop.ui.notices.alerts import (
    alarm_lifted_notice,
    dispute_notice,
    liquidation_notice,
    never_known_notice,
    settled_notice,
    zone_notice,
)
from kayen_desktop.ui.notices.wallet import (
    wallet_field,
    wallet_line,
    wallet_notice,
)

NOW = datetime(2024, 6, 22, 12, 0, tzinfo=UTC)


def assert_sentences(*texts: str) -> None:
    """Check that each text is made of whole sentences."""
    for text in texts:
        assert text == "" or (text[0].isupper() and text.endswith(".")), text


@pytest.mark.parametrize("outcome", DisputeOutcome)
@pytest.mark.parametrize("is_early", [True, False])
def test_a_dispute_is_explained_whatever_became_of_it(
    outcome: DisputeOutcome, *, is_early: bool
) -> None:
    dispute = Dispute(NOW, outcome, NOW, is_early=is_early)
    title, explanation = dispute_words(dispute)
    assert title.endswith(")")
    notice = dispute_notice(dispute)
    assert_sentences(explanation, notice.happened, notice.safe, notice.next_step)
    assert notice.action is Action.SHOW_ACCOUNT
    assert (notice.severity is Severity.CRITICAL) is (outcome is DisputeOutcome.RUNNING)
    assert_sentences(*(sentence for _, sentence in dispute_answers(dispute)))


@pytest.mark.parametrize(("before", "after"), list(permutations(Zone, 2)))
def test_every_change_of_zone_is_told(before: Zone, after: Zone) -> None:
    notice = zone_notice(before, after)
    assert f"{after.value} zone" in notice.happened
    assert_sentences(notice.happened, notice.safe, notice.next_step)
    assert (notice.severity is Severity.INFO) is (after is Zone.GREEN)


@pytest.mark.parametrize("state", ChannelState)
@pytest.mark.parametrize("clearing", [None, *ClearingState])
def test_every_step_of_a_life_has_a_meaning(
    state: ChannelState, clearing: ClearingState | None
) -> None:
    step = ChannelStep(NOW, state, clearing, Jump.NEXT, state_text="odd")
    assert_sentences(life_text(step))


@pytest.mark.parametrize("jump", Jump)
def test_only_odd_jumps_are_worth_a_word(jump: Jump) -> None:
    assert_sentences(jump_text(jump))
    assert bool(jump_text(jump)) is (jump in (Jump.SKIPPED, Jump.ILLEGAL))


@pytest.mark.parametrize("request_kind", WalletRequest)
def test_what_the_venue_wants_of_the_wallet_is_refused_in_words(
    request_kind: WalletRequest,
) -> None:
    event = WalletAsked(request_kind)
    notice = wallet_notice(event)
    assert_sentences(notice.happened, notice.safe, notice.next_step, wallet_line(event, 3))
    assert "Nothing was signed." in notice.happened


def test_fields_that_nobody_named_keep_the_venues_name() -> None:
    assert wallet_field("gas_limit") == "At most (gas limit)"
    assert wallet_field("paymaster") == "paymaster"


@pytest.mark.parametrize(
    "notice",
    [
        liquidation_notice("The venue warns urgently: “liquidation margin reached”."),
        never_known_notice("Buy 12 PEPE, market order: no answer came."),
        settled_notice("Settlement of PEPE/USD: done.", is_paid=True),
        settled_notice("Settlement of PEPE/USD: declined.", is_paid=False),
        alarm_lifted_notice(),
        alarm_notice("Two signers"),
    ],
)
def test_notices_say_what_happened_what_is_safe_and_what_to_do(notice: Notice) -> None:
    assert_sentences(notice.happened, notice.safe, notice.next_step)
    assert notice.safe


@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_label(action: Action) -> None:
    assert action_text(action)
