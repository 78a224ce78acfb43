"""The logic of an account's details, without a window."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from kayen_desktop.app.clearing_house import CLEARING_HOUSE
from kayen_desktop.domain import events
from kayen_desktop.domain.channels import Broker, Channel, ChannelState, ClearingState
from kayen_desktop.domain.lifecycle import ChannelStep, Jump
from kayen_desktop.domain.settlement import SettlementRun, SettlementState, SettlementStep
from kayen_desktop.ui.presenters.account import (
    SETTLEMENTS_SHOWN,
    AccountPresenter,
    AccountScreen,
    account_to_show,
)
from kayen_desktop.ui.presenters.account_life import STEPS_SHOWN, life_steps
from kayen_desktop.ui.presenters.facts import Fact
from kayen_desktop.ui.presenters.steps import StepMark
from tests.unit.app.gates import Guard
from tests.unit.ui.stage import (
    CHANNEL_ID,
    HARBOUR,
    KAYEN,
    NOW,
    Stage,
    channel,
    position,
    settle,
)

S, C = ChannelState, ClearingState
D, N, A, F = StepMark.DONE, StepMark.CURRENT, StepMark.AHEAD, StepMark.FAILED
HOUSE = "0xDA3E211137bfF58bAE3278b6f5724241b625EF89"
OTHER = "0x55608cdbde2ff4183a81e62da096fa863d8f910d"


class FakeView:
    """Keeps the last screen."""

    screen: AccountScreen

    def show_screen(self, screen: AccountScreen) -> None:
        self.screen = screen


class Dialog:
    """A presenter with its fake view, redrawn on every change."""

    def __init__(self, stage: Stage, channel_id: str = CHANNEL_ID) -> None:
        self.view = FakeView()
        self.presenter = AccountPresenter(stage.session, stage.bridge, self.view, channel_id)
        stage.session.listen(lambda changes: self.presenter.refresh())
        self.presenter.refresh()

    @property
    def screen(self) -> AccountScreen:
        return self.view.screen

    @property
    def life(self) -> list[tuple[str, StepMark]]:
        """The terms in brackets and the marks of the timeline."""
        return [(step.text.split("(")[-1].rstrip(").,"), step.mark) for step in self.screen.life]


def values(facts: tuple[Fact, ...]) -> dict[str, str]:
    return {fact.label: fact.value for fact in facts}


def tell(stage: Stage, state: ChannelState, clearing: ClearingState | None = None) -> None:
    """Let the venue tell a step of the account, a second after the last."""
    stage.pass_time(1)
    stage.tell(events.ChannelUpdated(channel(state, clearing)))


async def describe(stage: Stage, address: str | None, count: int | None = 12) -> None:
    """Let the clearing house say who it is."""
    stage.venue.description = events.ClearingHouseDescribed("1.0.0", address, count)
    await stage.session.clearing_house.look()


# Who holds the account


async def test_balances_and_identifiers_are_exact(stage: Stage) -> None:
    word = replace(channel(balance="29.98850312"), responder_balance=Decimal("30.01149688"))
    stage.tell(events.ChannelUpdated(word))
    money = Dialog(stage).screen.money
    assert values(money) == {
        "Account (channel)": "0xef65…0746",
        "You deposited": "30 USD",
        "Your balance": "29.98850312 USD",
        "The broker's balance": "30.01149688 USD",
    }
    assert money[0].copy_text == CHANNEL_ID


async def test_balances_that_were_not_told_are_dashes(stage: Stage) -> None:
    stage.tell(events.ChannelUpdated(channel(balance=None, deposit=None)))
    assert set(list(values(Dialog(stage).screen.money).values())[1:]) == {"–"}


async def test_a_shipped_broker_is_recognised_by_its_address(stage: Stage) -> None:
    stage.open_account()
    broker = values(Dialog(stage).screen.broker)
    assert broker["Name"] == "Kayen"
    assert broker["Is it the right one?"] == "Pinned: the same as shipped with this application."
    assert broker["Deposits it takes"] == "Retail Package: 1 to 30 USD"
    stage.tell(events.ChannelUpdated(channel(broker=replace(KAYEN, name="BlockSafeguard"))))
    assert values(Dialog(stage).screen.broker)["Name"] == "BlockSafeguard (known here as Kayen)"


async def test_a_shipped_broker_without_packages_takes_any_deposit(stage: Stage) -> None:
    stage.venue.brokers = (replace(KAYEN, packages=()),)
    stage.open_account()
    assert values(Dialog(stage).screen.broker)["Deposits it takes"] == "Any deposit"


async def test_an_unknown_broker_is_told_not_alarmed(stage: Stage) -> None:
    stage.tell(events.ChannelUpdated(channel(broker=Broker(OTHER, ""))))
    screen = Dialog(stage).screen
    broker = values(screen.broker)
    assert broker["Name"] == "Not told"
    assert broker["Is it the right one?"].startswith("Pinned: the same as first seen here, ")
    assert broker["Who that is"].startswith("Not one of the brokers this application knows")
    assert screen.alarm is None


async def test_a_broker_that_was_not_told_is_not_made_up(stage: Stage) -> None:
    stage.tell(events.ChannelUpdated(replace(channel(), broker=None)))
    assert values(Dialog(stage).screen.broker) == {"Name": "Not told"}


async def test_hostile_names_stay_on_their_line(stage: Stage) -> None:
    evil = Broker(OTHER, "\u202eneyaK\n" + "x" * 10_000)
    stage.tell(
        events.ChannelUpdated(channel(broker=evil)),
        events.ClearingHouseDescribed("9" * 10_000, HOUSE, 10**60),
    )
    screen = Dialog(stage).screen
    for fact in (*screen.broker, *screen.house.facts):
        assert "\n" not in fact.value
        assert "\u202e" not in fact.value
        assert len(fact.value) < 200
    assert len(values(screen.house.facts)["Version"]) == 60


async def test_the_clearing_house_says_who_it_is(stage: Stage) -> None:
    stage.open_account()
    dialog = Dialog(stage)
    assert values(dialog.screen.house.facts)["Clearing house's address"] == "Not told"
    assert "nothing unusual" in values(dialog.screen.house.facts)["Why"]
    await describe(stage, HOUSE)
    dialog.presenter.refresh()
    assert values(dialog.screen.house.facts) == {
        "Clearing house's address": "0xDA3E…EF89",
        "Is it the right one?": f"Pinned: the same as first seen here, {local(stage)}.",
        "Version": "1.0.0",
        "In use": "12 of 400 accounts in use",
    }
    assert dialog.screen.house.warning == ""


def local(stage: Stage) -> str:
    return f"{stage.now.astimezone():%H:%M:%S}"


@pytest.mark.parametrize(
    ("count", "words", "is_grave"),
    [(239, "", False), (240, "is busy", False), (360, "nearly full", True), (None, "", False)],
)
async def test_a_busy_clearing_house_is_warned_of(
    stage: Stage, count: int | None, words: str, *, is_grave: bool
) -> None:
    await describe(stage, None, count)
    house = Dialog(stage).screen.house
    assert words in house.warning
    assert bool(house.warning) is bool(words)
    assert house.is_grave is is_grave
    assert values(house.facts)["Clearing house's address"] == "Not told"


async def test_an_address_that_nobody_pinned_says_so(stage: Stage) -> None:
    stage.tell(events.ClearingHouseDescribed("1.0.0", HOUSE, 12))
    house = values(Dialog(stage).screen.house.facts)
    assert house["Is it the right one?"] == "Not pinned yet."


async def test_without_an_account_the_clearing_house_stands_alone(stage: Stage) -> None:
    screen = Dialog(stage, "").screen
    assert screen.title == "Clearing house"
    assert screen.headline == "No margin account is open"
    assert (screen.money, screen.broker, screen.life, screen.settlements) == ((), (), (), ())
    assert not any((screen.can_record, screen.can_settle, screen.can_close))


# An address that changed


async def test_a_changed_address_is_shown_whole_and_stops_everything(stage: Stage) -> None:
    stage.open_account()
    stage.hold(position())
    dialog = Dialog(stage)
    assert dialog.screen.can_record
    assert dialog.screen.can_settle
    await describe(stage, HOUSE)
    await describe(stage, OTHER)
    alarm = dialog.screen.alarm
    assert alarm is not None
    assert (alarm.pinned, alarm.told) == (HOUSE, OTHER)
    assert "both signed stands" in alarm.safe
    assert "another way" in alarm.next_step
    assert alarm.trust_button == "Trust the new address…"
    assert "Not the pinned one" in values(dialog.screen.house.facts)["Is it the right one?"]
    screen = dialog.screen
    assert not any((screen.can_record, screen.can_settle, screen.can_close))
    assert dialog.screen.explanation == ""


async def test_without_a_passphrase_trust_takes_two_presses(stage: Stage) -> None:
    stage.open_account()
    dialog = Dialog(stage)
    dialog.presenter.trust()  # nothing to trust yet
    await describe(stage, HOUSE)
    await describe(stage, OTHER)
    dialog.presenter.trust()
    assert dialog.screen.alarm is not None
    assert dialog.screen.alarm.trust_button == "Yes, Kayen confirmed it: trust it"
    assert stage.session.state.alarm
    dialog.presenter.trust()
    assert dialog.screen.is_trusting
    dialog.presenter.trust()
    await settle(lambda: dialog.screen.alarm is None)
    assert stage.journal.pin(CLEARING_HOUSE) == OTHER
    assert dialog.screen.notice is None
    assert dialog.screen.can_leave


async def test_another_address_meanwhile_needs_two_presses_anew(stage: Stage) -> None:
    dialog = Dialog(stage, "")
    await describe(stage, HOUSE)
    await describe(stage, OTHER)
    dialog.presenter.trust()
    await describe(stage, KAYEN.address)
    assert dialog.screen.alarm is not None
    assert dialog.screen.alarm.trust_button == "Trust the new address…"
    dialog.presenter.trust()
    assert stage.session.state.alarm


async def test_the_pinned_address_may_come_back(stage: Stage) -> None:
    dialog = Dialog(stage, "")
    for address in (HOUSE, OTHER, HOUSE):
        await describe(stage, address)
    dialog.presenter.refresh()
    alarm = dialog.screen.alarm
    assert alarm is not None
    assert alarm.trust_button == "Go on with the pinned address…"
    assert alarm.next_step.startswith("The venue shows the pinned address again")
    assert "first seen" in values(dialog.screen.house.facts)["Is it the right one?"]
    dialog.presenter.trust()
    assert dialog.screen.alarm is not None
    assert dialog.screen.alarm.trust_button == "Yes, go on"
    dialog.presenter.trust()
    await settle(lambda: dialog.screen.alarm is None)
    assert stage.journal.pin(CLEARING_HOUSE) == HOUSE


async def test_an_alarm_of_another_kind_has_nothing_to_trust(stage: Stage) -> None:
    stage.open_account()
    dialog = Dialog(stage)
    stage.tell(events.SecurityAlarmRaised("two different signers"))
    alarm = dialog.screen.alarm
    assert alarm is not None
    assert alarm.happened == "Two different signers."
    assert (alarm.pinned, alarm.trust_button) == ("", "")


async def guarded(folder: Path, guard: Guard) -> tuple[Stage, Dialog]:
    """Return a stage with a passphrase, on which the clearing house has changed its address."""
    stage = Stage(folder, guard.gate)
    stage.begin()
    dialog = Dialog(stage, "")
    await describe(stage, HOUSE)
    await describe(stage, OTHER)
    return stage, dialog


async def test_with_a_passphrase_one_press_asks_for_it(tmp_path: Path) -> None:
    stage, dialog = await guarded(tmp_path, Guard())
    dialog.presenter.trust()
    await settle(lambda: dialog.screen.alarm is None)
    await stage.end()


async def test_who_declines_is_not_scolded(tmp_path: Path) -> None:
    guard = Guard()
    guard.asker.types = None
    stage, dialog = await guarded(tmp_path, guard)
    dialog.presenter.trust()
    await settle(lambda: not dialog.screen.is_trusting)
    assert dialog.screen.notice is None
    assert dialog.screen.alarm is not None
    await stage.end()


async def test_an_address_that_changes_while_the_question_stands_is_not_trusted(
    tmp_path: Path,
) -> None:
    guard = Guard()
    guard.asker.may_answer.clear()
    stage, dialog = await guarded(tmp_path, guard)
    dialog.presenter.trust()
    await settle(lambda: bool(guard.asker.asked))
    await describe(stage, KAYEN.address)
    guard.asker.may_answer.set()
    await settle(lambda: dialog.screen.notice is not None)
    assert dialog.screen.notice is not None
    assert "yet another address" in dialog.screen.notice.happened
    assert stage.journal.pin(CLEARING_HOUSE) == HOUSE
    await stage.end()


async def test_a_locked_application_trusts_nothing(tmp_path: Path) -> None:
    guard = Guard()
    stage, dialog = await guarded(tmp_path, guard)
    guard.lock.lock()
    dialog.presenter.trust()
    await settle(lambda: dialog.screen.notice is not None)
    assert stage.session.state.alarm
    dialog.presenter.stop()
    dialog.presenter.refresh()
    await stage.end()


# Its life


async def test_an_opening_shows_what_was_and_what_comes(stage: Stage) -> None:
    tell(stage, S.OPENING, C.INSTANTIATING)
    dialog = Dialog(stage)
    assert dialog.life[0] == ("instantiating", N)
    tell(stage, S.OPENING, C.ACCEPTED)
    assert dialog.life == [
        ("instantiating", D),
        ("accepted", N),
        ("initiator funded", A),
        ("funded", A),
        ("operational", A),
    ]
    tell(stage, S.OPEN, C.OPERATIONAL)
    assert dialog.life == [("instantiating", D), ("accepted", D), ("operational", D)]
    assert dialog.screen.life[-1].detail.endswith("· Words in between were missed.")
    assert not dialog.screen.can_settle  # nothing is held
    assert dialog.screen.can_close


async def test_a_closing_shows_what_comes(stage: Stage) -> None:
    tell(stage, S.OPEN, C.OPERATIONAL)
    dialog = Dialog(stage)
    tell(stage, S.OPEN, C.FINALIZING)
    assert dialog.life[1:] == [("finalizing", N), ("concluding", A), ("finalized", A)]
    tell(stage, S.OPEN, C.WITHDRAWING)
    assert dialog.life[2:] == [("withdrawing", N), ("finalized", A)]
    tell(stage, S.CLOSED, C.FINALIZED)
    assert dialog.life[3:] == [("closed", D)]
    assert not dialog.screen.can_close


@pytest.mark.parametrize(
    ("state", "clearing", "ahead"),
    [
        (S.OPENING, None, ["operational"]),
        (S.OPENING, C.OTHER, ["operational"]),
        (S.CLOSING, None, ["finalized"]),
        (S.CHALLENGING, None, []),
        (S.CHALLENGING, C.CHALLENGING, ["challenge pending", "challenge registered"]),
        (S.OPENING, C.PRE_OP_CHALLENGE_REGISTERED, []),
        (S.SETTLING, C.ACTIVE_SETTLEMENT, []),
    ],
)
async def test_what_comes_is_known_by_the_state(
    stage: Stage, state: ChannelState, clearing: ClearingState | None, ahead: list[str]
) -> None:
    tell(stage, state, clearing)
    life = Dialog(stage).life
    assert life[0][1] is N
    assert [term for term, mark in life if mark is A] == ahead


async def test_an_account_not_begun_has_every_step_before_it(stage: Stage) -> None:
    tell(stage, S.OPENING, C.DEFAULT)
    assert [mark for _, mark in Dialog(stage).life] == [N, A, A, A, A, A]


async def test_a_failed_opening_ends_with_a_cross(stage: Stage) -> None:
    tell(stage, S.OPENING, C.ACCEPTED)
    tell(stage, S.OPENING, C.FAILED)
    assert [mark for _, mark in Dialog(stage).life] == [D, F]


async def test_an_impossible_step_is_believed_and_marked(stage: Stage) -> None:
    tell(stage, S.OPEN, C.OPERATIONAL)
    tell(stage, S.OPENING, C.ACCEPTED)
    last = Dialog(stage).screen.life[1]
    assert last.detail.endswith(
        "This does not follow from the step before; we go by the venue's last word."
    )


def test_a_long_life_is_shortened_and_each_start_is_not_a_step() -> None:
    states = (C.OPERATIONAL, C.OPERATIONAL, C.PROCESSING_MARGIN_CALL)
    steps = [
        ChannelStep(NOW + timedelta(days=-1, seconds=number), S.OPEN, states[number % 3], Jump.NEXT)
        for number in range(150)
    ]
    lines = life_steps(channel(), steps, NOW)
    assert len(lines) == STEPS_SHOWN + 1
    assert lines[0].text == f"{100 - STEPS_SHOWN} earlier steps are not shown."
    assert lines[1].detail.startswith(f"{(NOW - timedelta(days=1)).astimezone().day} Jun")
    one_more = [
        replace(steps[0], clearing_state=states[number % 2 + 1])
        for number in range(STEPS_SHOWN + 1)
    ]
    assert life_steps(channel(), one_more, NOW)[0].text == "1 earlier step is not shown."


async def test_an_unknown_state_shows_the_venues_own_word(stage: Stage) -> None:
    word = Channel(CHANNEL_ID, S.OTHER, None, KAYEN, state_text="hibernating")
    stage.tell(events.ChannelUpdated(word))
    assert "“hibernating”" in Dialog(stage).screen.life[0].text


# Disputes


async def test_a_dispute_has_its_clock_and_says_what_to_do(stage: Stage) -> None:
    tell(stage, S.OPEN, C.OPERATIONAL)
    dialog = Dialog(stage)
    assert dialog.screen.dispute is None
    tell(stage, S.CHALLENGING, C.CHALLENGING)
    began = local(stage)
    stage.pass_time(2 * 3600 + 5 * 60)
    dialog.presenter.refresh()
    dispute = dialog.screen.dispute
    assert dispute is not None
    assert dispute.is_running
    facts = values(dispute.facts)
    assert facts["Running since"] == f"{began}, for 2 h 5 min, by this computer's clock"
    assert facts["Last agreed balance"] == "30 USD"
    assert "no deadline" in facts["When it ends"]
    assert "Either side" in facts["Who can start it"]
    assert facts["What to do"].startswith("Nothing.")
    assert not dialog.screen.can_close


@pytest.mark.parametrize(
    ("state", "clearing", "words"),
    [
        (S.OPEN, C.OPERATIONAL, "The dispute is over (cleared)"),
        (S.CLOSING, C.WITHDRAWING, "The dispute is over (finished)"),
    ],
)
async def test_how_a_dispute_ended_stays_on_the_screen(
    stage: Stage, state: ChannelState, clearing: ClearingState, words: str
) -> None:
    tell(stage, S.CHALLENGING, C.CHALLENGING)
    stage.pass_time(89)
    tell(stage, state, clearing)
    dispute = Dialog(stage).screen.dispute
    assert dispute is not None
    assert not dispute.is_running
    assert dispute.title == words
    assert values(dispute.facts)["Ended"].endswith(", after 1 min")


async def test_an_early_dispute_is_about_the_deposit(stage: Stage) -> None:
    stage.tell(
        events.ChannelUpdated(channel(S.OPENING, C.PRE_OP_CHALLENGING, balance=None, deposit=None))
    )
    dispute = Dialog(stage).screen.dispute
    assert dispute is not None
    assert "one deposit was missing" in dispute.explanation
    assert values(dispute.facts)["What is safe"].startswith("Your deposit.")
    assert "Last agreed balance" not in values(dispute.facts)


# Settlements, and what can be done


async def test_settlements_are_listed_the_newest_first(stage: Stage) -> None:
    stage.open_account()
    for number in range(SETTLEMENTS_SHOWN + 3):
        step = SettlementStep(SettlementState.COMPLETED, NOW)
        run = SettlementRun(f"s{number}", CHANNEL_ID, ("PEPE/USD",), NOW, steps=(step,))
        stage.tell(events.SettlementChanged(run))
    stage.tell(events.SettlementChanged(SettlementRun("x", "0xother", ("BTC/USD",), NOW)))
    lines = Dialog(stage).screen.settlements
    assert [line.settlement_id for line in lines[:2]] == [
        f"s{SETTLEMENTS_SHOWN + 2}",
        f"s{SETTLEMENTS_SHOWN + 1}",
    ]
    assert len(lines) == SETTLEMENTS_SHOWN
    assert lines[0].text.startswith("Settlement of PEPE/USD")
    assert lines[0].steps
    assert lines[0].facts


async def test_the_account_in_use_is_shown_else_the_newest(stage: Stage) -> None:
    state = stage.session.state
    assert account_to_show(state) == ""
    stage.open_account()
    stage.tell(
        events.ChannelUpdated(channel(S.CLOSED, C.FINALIZED, channel_id="0xold", broker=HARBOUR))
    )
    assert account_to_show(state) == CHANNEL_ID
    stage.tell(events.ChannelClosed(CHANNEL_ID))
    assert account_to_show(state) == "0xold"
