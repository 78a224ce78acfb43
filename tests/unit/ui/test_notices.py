"""Every state, problem and failure has a sentence that a person can read."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kayen_desktop.app.market_state import LinkStatus
from kayen_desktop.app.state import Notice as VenueNotice
from kayen_desktop.domain.channels import ChannelState, ClearingState
from kayen_desktop.domain.errors import (
    JournalError,
    KayenError,
    KeyStoreError,
    LocalProtocolError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    RemoteProtocolError,
    SettingsError,
    TicketError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import LinkState, Severity
from kayen_desktop.domain.intents import (
    CloseChannelRequest,
    Intent,
    IntentOutcome,
    OpenChannelRequest,
)
from kayen_desktop.domain.margin import Zone
from kayen_desktop.domain.orders import OrderRequest, OrderState, OrderType, Side
from kayen_desktop.domain.positions import PositionStatus
from kayen_desktop.domain.signatures import SignatureMeaning, SigningPurpose
from kayen_desktop.ui import notices
from kayen_desktop.ui.notices.closing import (
    all_result_text,
    close_headline,
    close_order_notice,
    result_text,
    thin_book_text,
)
from kayen_desktop.ui.notices.failures import problems_notice
from kayen_desktop.ui.notices.opening import opening_notice, opening_review, package_text
from tests.unit.ui.stage import CHANNEL_ID, HARBOUR, KAYEN, NOW, PEPE, channel, fill, order

LONG = "no! <b>bold</b>\u202e\n" + "word " * 100
ERRORS: tuple[KayenError, ...] = (
    KayenError("boom"),
    VenueRejectionError(LONG),
    VenueRejectionError(""),
    OutcomeUnknownError("0xdeadbeef"),
    TransportError("[Errno 111] Exception"),
    TransportError("certificate", is_fatal=True),
    KeyStoreError("backend None"),
    SettingsError("The journal journal.sqlite can't be used."),
    JournalError("disk full"),
    RemoteProtocolError("frame 0x00"),
    LocalProtocolError("bug"),
    TicketError(Problem(ProblemKind.NO_CHANNEL), Problem(ProblemKind.PRICES_STALE)),
    TicketError(),
)
REQUESTS = (
    OrderRequest("PEPE/USD", Side.BUY, OrderType.MARKET, Decimal("108506.94444444")),
    OrderRequest("PEPE/USD", Side.SELL, OrderType.LIMIT, Decimal(5), Decimal("0.00001152")),
    OpenChannelRequest(KAYEN, Decimal("1.5")),
    CloseChannelRequest(CHANNEL_ID),
)


def reads_well(text: str) -> None:
    """Fail where a sentence shows what only a programmer reads, or does not end."""
    assert text
    assert not re.search(r"None|Exception|Errno|Traceback|\bpeer\b|\{|\}", text), text
    assert "0x" not in re.sub(r"0x\w{4}…\w{4}", "", text), text
    assert text[-1] in ".…?!", text
    assert text == text.strip()
    assert text[0].isupper() or text[0] in "“0123456789", text
    assert "  " not in text


def is_label(text: str) -> None:
    """Fail where a label is no label."""
    assert text
    assert text[0].isupper()
    assert not text.endswith(".")
    assert "None" not in text


@pytest.mark.parametrize("kind", ProblemKind)
@pytest.mark.parametrize(
    ("limit", "unit"),
    [("", ""), ("9.5", "USD"), ("0", ""), ("1", ""), ("5", "digits"), ("2", "minimum")],
)
def test_every_problem_says_what_to_change(kind: ProblemKind, limit: str, unit: str) -> None:
    reads_well(re.sub(r"\s+", " ", notices.problem_text(Problem(kind, limit, unit))))


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (Problem(ProblemKind.DEPOSIT_OUT_OF_RANGE, "1 to 30", "USD"), "1 to 30 USD"),
        (Problem(ProblemKind.NOT_ENOUGH_BUYING_POWER, "12345.5", "USD"), "12,345.5 USD"),
        (Problem(ProblemKind.AMOUNT_TOO_SMALL, "1000", "PEPE"), "1,000 PEPE"),
        (Problem(ProblemKind.MORE_THAN_POSITION, "0.01", "BTC"), "0.01 BTC"),
        (Problem(ProblemKind.AMOUNT_TOO_PRECISE, "8"), "8 digits after the point"),
        (Problem(ProblemKind.PRICE_TOO_PRECISE, "5", "digits"), "at most 5"),
        (Problem(ProblemKind.PRICE_OUT_OF_RANGE, "2", "minimum"), "2 or more"),
        (Problem(ProblemKind.PRICE_OUT_OF_RANGE, "2", "maximum"), "2 or less"),
        (Problem(ProblemKind.AMOUNT_TOO_PRECISE, "0"), "whole number"),
        (Problem(ProblemKind.NOT_CONNECTED, unit="Finex"), "Finex"),
        (Problem(ProblemKind.CLOSE_ONLY, unit="orange"), "in the orange zone"),
        (Problem(ProblemKind.CLOSE_ONLY, unit="red"), "the broker may close your positions"),
        (Problem(ProblemKind.CLOSE_ONLY), "in the orange or red zone"),
        (
            Problem(ProblemKind.WOULD_LEAVE_GREEN, "orange", "BTC/USD"),
            "Without BTC/USD your margin would be in the orange",
        ),
        (Problem(ProblemKind.NOT_GREEN, "red"), "in the red zone"),
        (Problem(ProblemKind.EXTERNAL_ID_TOO_LONG, "64"), "at most 64 characters"),
        (Problem(ProblemKind.EXTERNAL_ID_TOO_LONG), "a shorter one"),
    ],
)
def test_a_problem_names_its_limit_and_unit(problem: Problem, words: str) -> None:
    assert words in notices.problem_text(problem)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("doing", ["", "the sell order"])
def test_every_error_says_what_happened_what_is_safe_and_what_next(
    error: KayenError, doing: str
) -> None:
    notice = notices.error_notice(error, doing)
    for text in (notice.happened, notice.safe, notice.next_step):
        reads_well(text)
    assert len(notice.happened) < 400
    assert notice.text == f"{notice.happened} {notice.safe} {notice.next_step}"
    if doing and not isinstance(error, SettingsError):
        assert "sell order" in notice.happened


def test_a_rejection_is_told_in_the_venues_own_words_on_one_plain_line() -> None:
    notice = notices.error_notice(VenueRejectionError("market\nis\u202e halted"))
    assert "“market is halted”." in notice.happened
    long = notices.error_notice(VenueRejectionError(LONG)).happened
    assert "\n" not in long
    assert "…”" in long


def test_an_unknown_outcome_is_never_called_a_failure() -> None:
    text = notices.error_notice(OutcomeUnknownError("timeout"), "the order").text.lower()
    assert text.startswith("not confirmed yet")
    assert not re.search(r"reject|fail|refus|error|said no", text)
    assert "never sent twice" in text


def test_a_dead_connection_says_that_nothing_was_sent() -> None:
    for is_fatal in (True, False):
        notice = notices.error_notice(TransportError("x", is_fatal=is_fatal))
        assert notice.happened.startswith("Nothing was sent")


def test_an_error_keeps_what_only_a_technician_reads_for_the_copy_button() -> None:
    notice = notices.error_notice(SettingsError("The journal journal.sqlite can't be used."))
    assert "journal.sqlite" in notice.detail
    assert "journal.sqlite" not in notice.text


def test_a_held_back_request_offers_what_mends_it() -> None:
    notice = problems_notice([Problem(ProblemKind.NO_CHANNEL)])
    assert notice.action is notices.Action.OPEN_ACCOUNT
    assert "Nothing was sent" in notice.safe
    for action in notices.Action:
        is_label(notices.action_text(action))


def test_an_alarm_stops_and_explains() -> None:
    notice = notices.alarm_notice("The two tokens are signed by different nodes")
    assert notice.severity is Severity.CRITICAL
    for text in (notice.happened, notice.safe, notice.next_step):
        reads_well(text)


@pytest.mark.parametrize("state", LinkState)
def test_every_link_state_has_words(state: LinkState) -> None:
    status = LinkStatus("Finex", state, "it went\naway", NOW + timedelta(seconds=5))
    is_label(notices.link_text(status).rstrip("…"))
    reads_well(notices.link_explanation(status))
    reads_well(notices.link_activity(replace(status, reason="")))
    assert "Finex" in notices.link_explanation(status)
    assert "it went away" in notices.link_explanation(status)


def test_a_live_link_shows_its_round_trip() -> None:
    status = LinkStatus("Finex", LinkState.READY, latency_ms=23.4)
    assert notices.link_text(status) == "Connected, 23 ms"


@pytest.mark.parametrize("state", OrderState)
@pytest.mark.parametrize("executed", ["0", "40", "100000"])
def test_every_order_state_has_words(state: OrderState, executed: str) -> None:
    it = order(state=state, executed=executed, reason="too\nlate", order_type=OrderType.LIMIT)
    is_label(notices.order_status_text(it))
    reads_well(notices.order_activity(it, PEPE))


def test_an_order_tells_its_price_and_the_part_that_traded() -> None:
    it = order(state=OrderState.WAIT, executed="40", order_type=OrderType.LIMIT, price="0.00001152")
    text = notices.order_activity(it, PEPE)
    assert "0.00001152 USD" in text
    assert "partly filled" in text
    assert "40 PEPE traded" in text


def test_every_word_of_the_order_vocabulary_is_there() -> None:
    for order_type in OrderType:
        is_label(notices.order_type_text(order_type))
        reads_well(notices.order_type_help(order_type))
    for side in Side:
        is_label(notices.side_text(side))
    for status in PositionStatus:
        is_label(notices.position_status_text(status))
    for zone in Zone:
        is_label(notices.zone_text(zone))
        reads_well(notices.zone_explanation(zone))
    for purpose in SigningPurpose:
        meaning = SignatureMeaning(purpose, "Clearport", "0x" + "44" * 20, "a nonce")
        reads_well(notices.signing_text(meaning))


@pytest.mark.parametrize("state", ChannelState)
@pytest.mark.parametrize("clearing", [None, *ClearingState])
def test_every_pair_of_account_states_is_explained(
    state: ChannelState, clearing: ClearingState | None
) -> None:
    it = replace(channel(state, clearing), state_text="odd\nword")
    reads_well(notices.channel_explanation(it))
    reads_well(notices.channel_activity(it))
    is_label(notices.channel_state_text(it))
    if "ready to trade" in notices.channel_explanation(it):
        assert it.is_usable
    notice = opening_notice(it)
    assert notice is None or notice.text


def test_an_account_that_closes_is_not_called_ready() -> None:
    it = channel(ChannelState.OPEN, ClearingState.FINALIZING)
    assert notices.channel_state_text(it) == "Closing"
    assert "finalizing" in notices.channel_explanation(it)


@pytest.mark.parametrize(
    ("clearing", "label"),
    [
        (ClearingState.ACTIVE_SETTLEMENT, "Settling"),
        (ClearingState.PROCESSING_POST_SETTLEMENT_MARGIN, "Settling"),
        (ClearingState.CHALLENGE_REGISTERED, "In dispute"),
    ],
)
def test_an_account_with_something_under_way_is_not_called_ready(
    clearing: ClearingState, label: str
) -> None:
    assert notices.channel_state_text(channel(ChannelState.OPEN, clearing)) == label


def test_an_unknown_state_is_shown_in_the_venues_word() -> None:
    it = replace(channel(ChannelState.OTHER, None), state_text="weird")
    assert "“weird”" in notices.channel_explanation(it)


def test_an_account_is_named_by_its_broker_in_plain_text() -> None:
    assert notices.channel_title(channel()) == "Margin account (channel) with Kayen"
    nameless = replace(channel(), broker=None)
    assert notices.channel_title(nameless) == "Margin account (channel)"
    hostile = replace(channel(), broker=replace(KAYEN, name="A\nB" * 300))
    assert len(notices.channel_title(hostile)) < 400
    assert "\n" not in notices.channel_title(hostile)


@pytest.mark.parametrize("state", ClearingState)
def test_every_clearing_step_has_a_sentence(state: ClearingState) -> None:
    reads_well(notices.clearing_step_text(state))


@pytest.mark.parametrize("outcome", IntentOutcome)
@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("reason", ["", "not enough"])
def test_every_intent_says_what_is_known(
    outcome: IntentOutcome,
    request_: OrderRequest | OpenChannelRequest | CloseChannelRequest,
    reason: str,
) -> None:
    text = notices.intent_text(Intent("i", request_, NOW, outcome, reason=reason))
    reads_well(text)
    if outcome is IntentOutcome.UNCONFIRMED:
        assert "not confirmed yet" in text
    if outcome is IntentOutcome.REJECTED and reason:
        assert "“not enough”" in text


@pytest.mark.parametrize("severity", Severity)
def test_the_venues_words_are_marked_as_such(severity: Severity) -> None:
    text = notices.notice_activity(VenueNotice(severity, "liquidation margin reached", NOW))
    reads_well(text)
    assert "“liquidation margin reached”" in text


def test_a_fill_tells_amount_price_total_and_fee() -> None:
    text = notices.fill_activity(fill("1", Side.SELL, "1000", "0.00001152", "0.00002"), PEPE)
    reads_well(text)
    for part in ("Sold 1,000 PEPE", "0.00001152", "USD in all", "fee 0.00002 USD"):
        assert part in text
    assert "fee" not in notices.fill_activity(fill("1", Side.BUY, "1000", "0.00001152", "0"))


def test_a_long_position_gets_money_and_a_short_one_pays() -> None:
    assert "you get about 1.20 USD" in close_headline(Side.BUY, Decimal("1.2"), "USD")
    assert "you pay about 1.20 USD" in close_headline(Side.SELL, Decimal("1.2"), "USD")


def test_gain_and_loss_are_told_in_words() -> None:
    assert "profit of 1.20 USD" in result_text(Decimal("1.2"), "USD")
    assert "loss of 1.20 USD" in result_text(Decimal("-1.2"), "USD")
    for value in ("1", "-1", "0"):
        reads_well(result_text(Decimal(value), "USD"))
        reads_well(all_result_text(Decimal(value), "USD"))
    reads_well(thin_book_text(Decimal(1), Decimal(2), "PEPE"))


@pytest.mark.parametrize("executed", ["0", "40"])
def test_a_closing_order_that_ended_early_says_how_far_it_came(executed: str) -> None:
    notice = close_order_notice(order(state=OrderState.CANCEL, executed=executed, reason="thin"))
    reads_well(notice.happened)
    assert ("40 of 100,000 PEPE" in notice.happened) == (executed == "40")


def test_the_review_explains_signing_cost_risk_and_return() -> None:
    for fee in (Decimal("0.002"), None):
        review = opening_review(fee)
        for label, text in review:
            is_label(label)
            reads_well(text)
    assert any("0.20 %" in text for _, text in opening_review(Decimal("0.002")))
    assert [package_text(each, "USD") for each in HARBOUR.packages] == [
        "Starter: 1 to 100 USD",
        "Pro: 100 to 1,000 USD",
    ]


def test_the_door_keeps_what_it_promises() -> None:
    assert all(hasattr(notices, name) for name in notices.__all__)
