"""Who is at the other end is pinned; somebody else stops trading until the trader has looked."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.app.clearing_house import (
    CLEARING_HOUSE,
    AddressChange,
    ClearingHouse,
    Load,
    broker_pin,
    load_of,
)
from kayen_desktop.app.gate import Act, Gate
from kayen_desktop.domain.channels import Broker, ChannelState
from kayen_desktop.domain.errors import (
    KayenError,
    LockedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import (
    ChannelUpdated,
    ClearingHouseDescribed,
    SecurityAlarmLifted,
    SecurityAlarmRaised,
)
from tests.unit.domain.samples import BROKER, CHANNEL, NOW, make_channel

from .conftest import Desk, Running, open_journal, quiet, until
from .fake_venue import CLEARING
from .gates import Guard

HOUSE = "0xDA3E211137bfF58bAE3278b6f5724241b625EF89"
OTHER = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
THIRD = "0x55608cdbde2ff4183a81e62da096fa863d8f910d"
PIN = broker_pin(CHANNEL)


def house_of(desk: Desk, gate: Gate | None = None) -> ClearingHouse:
    return ClearingHouse(desk.venue, desk.state, desk.journal, desk.tell, desk.clock, gate)


def alarms(desk: Desk) -> list[str]:
    return [each.text for each in desk.told if isinstance(each, SecurityAlarmRaised)]


async def look(desk: Desk, house: ClearingHouse, address: str | None) -> None:
    """Let the clearing house sign in and say that this is its address."""
    desk.venue.description = ClearingHouseDescribed("1.0.0", address, 12)
    await house.look()


def meet(desk: Desk, house: ClearingHouse, address: str, name: str = "Nobody") -> None:
    """Let the venue tell an account with the broker."""
    channel = make_channel(broker=Broker(address, name))
    desk.tell(ChannelUpdated(channel))
    house.on_channel(channel)


async def test_the_first_address_seen_is_pinned_for_good(desk: Desk) -> None:
    house = house_of(desk)
    await look(desk, house, HOUSE)
    assert house.pinned_at(CLEARING_HOUSE) == NOW
    assert desk.journal.pin(CLEARING_HOUSE) == HOUSE
    desk.clock.pass_by(3600)
    with closing(open_journal(desk.path)) as journal:
        later = ClearingHouse(desk.venue, desk.state, journal, desk.tell, desk.clock)
        await look(desk, later, HOUSE.lower())
        assert later.pinned_at(CLEARING_HOUSE) == NOW
    assert alarms(desk) == []
    assert house.changes == ()


async def test_another_address_stops_trading_once(desk: Desk) -> None:
    house = house_of(desk)
    await look(desk, house, HOUSE)
    await look(desk, house, OTHER)
    await look(desk, house, OTHER)
    assert alarms(desk) == [
        "The address of the clearing house changed from 0xDA3E…EF89 to 0x1a64…14F1."
    ]
    assert desk.state.alarm
    (change,) = house.changes
    assert (change.pinned, change.told) == (HOUSE, OTHER)
    assert desk.journal.pin(CLEARING_HOUSE) == HOUSE


async def test_a_change_is_found_again_after_a_restart(desk: Desk) -> None:
    await look(desk, house_of(desk), HOUSE)
    await look(desk, house_of(desk), OTHER)
    assert len(alarms(desk)) == 1


@pytest.mark.parametrize(
    "error",
    [TransportError("gone"), VenueRejectionError("unknown event"), OutcomeUnknownError("silent")],
)
async def test_a_question_without_an_answer_is_no_alarm(desk: Desk, error: KayenError) -> None:
    desk.venue.replies["describe_clearing_house"].append(error)
    house = house_of(desk)
    await house.look()
    await look(desk, house, None)
    assert desk.journal.pin(CLEARING_HOUSE) is None
    assert not desk.state.alarm


async def test_trusting_replaces_the_pin_and_lets_trading_go_on(desk: Desk) -> None:
    guard = Guard()
    house = house_of(desk, guard.gate)
    assert house.asks_first
    await look(desk, house, HOUSE)
    await look(desk, house, OTHER)
    assert await house.trust(house.changes[0])
    assert guard.asker.asked == [Act.TRUST_ADDRESS]
    assert desk.told[-1] == SecurityAlarmLifted()
    assert not desk.state.alarm
    assert desk.journal.pin(CLEARING_HOUSE) == OTHER
    await look(desk, house, OTHER)
    assert house.changes == ()
    await look(desk, house, HOUSE)
    assert desk.state.alarm


async def test_who_does_not_confirm_trusts_nothing(desk: Desk) -> None:
    guard = Guard()
    guard.asker.types = None
    house = house_of(desk, guard.gate)
    await look(desk, house, HOUSE)
    await look(desk, house, OTHER)
    with pytest.raises(NotAuthorizedError):
        await house.trust(house.changes[0])
    guard.lock.lock()
    with pytest.raises(LockedError):
        await house.trust(house.changes[0])
    assert desk.state.alarm
    assert desk.journal.pin(CLEARING_HOUSE) == HOUSE


async def test_only_the_address_that_was_on_the_screen_is_trusted(desk: Desk) -> None:
    house = house_of(desk)
    assert not house.asks_first
    await look(desk, house, HOUSE)
    await look(desk, house, OTHER)
    seen = house.changes[0]
    await look(desk, house, THIRD)
    assert not await house.trust(seen)
    assert desk.journal.pin(CLEARING_HOUSE) == HOUSE
    assert "0x5560…910d" in desk.state.alarm


async def test_an_address_that_comes_back_still_waits_for_the_trader(desk: Desk) -> None:
    house = house_of(desk)
    await look(desk, house, HOUSE)
    await look(desk, house, OTHER)
    await look(desk, house, HOUSE)
    (change,) = house.changes
    assert change.is_back
    assert desk.state.alarm
    await look(desk, house, OTHER)
    assert not house.changes[0].is_back
    await look(desk, house, HOUSE)
    await look(desk, house, HOUSE)
    assert await house.trust(house.changes[0])
    assert not desk.state.alarm
    assert desk.journal.pin(CLEARING_HOUSE) == HOUSE


def test_a_broker_is_pinned_by_account(desk: Desk) -> None:
    house = house_of(desk)
    meet(desk, house, OTHER)
    assert desk.journal.pin(PIN) == OTHER
    meet(desk, house, OTHER.upper().replace("0X", "0x"))
    assert alarms(desk) == []
    meet(desk, house, THIRD)
    assert alarms(desk) == ["The address of your broker changed from 0x1a64…14F1 to 0x5560…910d."]


@pytest.mark.parametrize("name", ["Kayen", "KAYEN", " ka\u200byen ", "Ｋａｙｅｎ"])  # noqa: RUF001
async def test_a_shipped_name_with_another_address_stops_trading(desk: Desk, name: str) -> None:
    house = house_of(desk)
    meet(desk, house, OTHER, name)
    assert alarms(desk) == [
        "The address of the broker that goes by the name of Kayen changed from 0x269F…284e to "
        "0x1a64…14F1."
    ]
    assert desk.journal.pin(PIN) is None
    assert await house.trust(house.changes[0])
    meet(desk, house, OTHER, name)
    assert not desk.state.alarm
    # What is trusted under the name is trusted for the next account, too; the shipped one always.
    for channel_id, address in (("0x2", OTHER), ("0x3", BROKER.address)):
        house.on_channel(make_channel(channel_id=channel_id, broker=Broker(address, name)))
    assert not desk.state.alarm


def test_a_broker_that_takes_on_a_shipped_name_later_is_noticed(desk: Desk) -> None:
    house = house_of(desk)
    meet(desk, house, OTHER, "Nobody")
    meet(desk, house, OTHER, "Kayen")
    assert "0x269F…284e to 0x1a64…14F1" in desk.state.alarm


def test_the_shipped_broker_may_go_by_another_name(desk: Desk) -> None:
    house = house_of(desk)
    meet(desk, house, BROKER.address, "BlockSafeguard")
    meet(desk, house, BROKER.address, "Kayen")
    assert alarms(desk) == []


def test_an_account_that_is_over_or_names_nobody_pins_nothing(desk: Desk) -> None:
    house = house_of(desk)
    house.on_channel(replace(make_channel(broker=BROKER), state=ChannelState.CLOSED))
    house.on_channel(replace(make_channel(), broker=None))
    assert desk.journal.pin(PIN) is None


async def test_two_changes_are_trusted_one_by_one(desk: Desk) -> None:
    house = house_of(desk)
    await look(desk, house, HOUSE)
    meet(desk, house, OTHER)
    await look(desk, house, OTHER)
    meet(desk, house, THIRD)
    assert "the clearing house" in desk.state.alarm
    assert "your broker" in desk.state.alarm
    assert await house.trust(house.changes[0])
    assert desk.state.alarm == "The address of your broker changed from 0x1a64…14F1 to 0x5560…910d."
    assert await house.trust(house.changes[0])
    assert not desk.state.alarm


async def test_an_alarm_of_another_kind_is_not_lifted(desk: Desk) -> None:
    house = house_of(desk)
    await look(desk, house, HOUSE)
    desk.tell(SecurityAlarmRaised("Two signers."))
    await look(desk, house, OTHER)
    assert desk.state.alarm.startswith("Two signers. The address of the clearing house")
    assert await house.trust(house.changes[0])
    assert desk.state.alarm == "Two signers."


async def test_an_alarm_raised_meanwhile_stays(desk: Desk) -> None:
    house = house_of(desk)
    await look(desk, house, HOUSE)
    await look(desk, house, OTHER)
    desk.tell(SecurityAlarmRaised("Two signers."))
    assert await house.trust(house.changes[0])
    assert desk.state.alarm == "Two signers."


async def test_what_is_not_there_any_more_is_not_trusted(desk: Desk) -> None:
    house = house_of(desk)
    gone = AddressChange(CLEARING_HOUSE, "the clearing house", HOUSE, OTHER, (CLEARING_HOUSE,))
    assert not await house.trust(gone)
    assert desk.journal.pin(CLEARING_HOUSE) is None


@pytest.mark.parametrize(
    ("count", "load"),
    [
        (0, Load.ORDINARY),
        (239, Load.ORDINARY),
        (240, Load.BUSY),
        (359, Load.BUSY),
        (360, Load.NEARLY_FULL),
        (10**30, Load.NEARLY_FULL),
    ],
)
def test_the_load_goes_by_the_terminals_scale(count: int, load: Load) -> None:
    assert load_of(count) is load


async def test_a_session_looks_after_each_sign_in_and_stops_trading(running: Running) -> None:
    venue, session = running.venue, running.session
    venue.description = ClearingHouseDescribed("1.0.0", HOUSE, 12)
    venue.sign_in()
    await until(lambda: running.journal.pin(CLEARING_HOUSE) == HOUSE)
    venue.tell(ChannelUpdated(make_channel(broker=BROKER)))
    assert running.journal.pin(PIN) == BROKER.address
    venue.description = ClearingHouseDescribed("1.0.0", OTHER, 12)
    venue.sign_in(CLEARING)
    await until(lambda: bool(session.state.alarm))
    assert session.channels.problems()
    assert await session.clearing_house.trust(session.clearing_house.changes[0])
    await quiet()
    assert session.channels.problems() == ()
    assert running.crashes == []


@pytest.mark.parametrize("is_told_first", [False, True])
async def test_a_new_account_is_with_the_broker_that_was_asked_for(
    running: Running, is_told_first: bool
) -> None:
    # Under a name that nobody knows: what is seen first would be pinned, and trusted for good.
    venue, session = running.venue, running.session
    venue.sign_in()
    told = ChannelUpdated(make_channel("0xNEW", broker=Broker(OTHER, "Somebody")))
    if is_told_first:
        venue.on_request = lambda name: venue.tell(told) if name == "open_channel" else None
    assert await session.channels.open(BROKER, Decimal(1)) == "0xnew"
    venue.tell(told)
    assert "0x269F…284e to 0x1a64…14F1" in session.state.alarm
    (change,) = session.clearing_house.changes
    assert (change.pinned, change.told) == (BROKER.address, OTHER)
    assert session.trading.problems() == (Problem(ProblemKind.TRADING_STOPPED),)
    assert await session.clearing_house.trust(change)
    assert session.state.alarm == ""


async def test_a_new_account_with_the_broker_asked_for_raises_no_alarm(running: Running) -> None:
    venue, session = running.venue, running.session
    venue.sign_in()
    await session.channels.open(BROKER, Decimal(1))
    assert running.journal.pin(broker_pin("0xnew")) == BROKER.address
    lower = Broker(BROKER.address.lower(), "Kayen")
    venue.tell(ChannelUpdated(make_channel("0xnew", broker=lower)))
    assert session.state.alarm == ""


async def test_another_spelling_of_the_accounts_id_is_no_other_account(desk: Desk) -> None:
    house = house_of(desk)
    meet(desk, house, OTHER)
    channel = make_channel(CHANNEL.upper(), broker=Broker(THIRD, "Nobody"))
    desk.tell(ChannelUpdated(channel))
    house.on_channel(channel)
    assert len(alarms(desk)) == 1
