"""Who is behind a margin account: the broker, the clearing house, and an address that changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kayen_desktop.app.clearing_house import (
    CAPACITY,
    CLEARING_HOUSE,
    AddressChange,
    ClearingHouse,
    Load,
    broker_pin,
    load_of,
)
from kayen_desktop.domain.channels import Broker, Channel
from kayen_desktop.domain.events import ClearingHouseDescribed
from kayen_desktop.ui.formatting import short_address
from kayen_desktop.ui.notices.account import (
    ADDRESS_BACK,
    ADDRESS_NEXT,
    ADDRESS_SAFE,
    ADDRESS_TITLE,
    ALARM_NEXT,
    ALARM_TITLE,
    BROKER_UNKNOWN,
    BUSY,
    NEARLY_FULL,
    NOT_DESCRIBED,
    NOT_TOLD,
    PIN_DIFFERS,
    PIN_NONE,
    PIN_SHIPPED,
    TRUST_ARMED_BUTTON,
    TRUST_BACK_ARMED_BUTTON,
    TRUST_BACK_BUTTON,
    TRUST_BUTTON,
    capacity_text,
    pin_seen_text,
)
from kayen_desktop.ui.notices.notice import one_line, sentence
from kayen_desktop.ui.notices.opening import package_text

from .facts import Fact, Tone

LABEL_LENGTH = 60
_LOADS = {Load.ORDINARY: "", Load.BUSY: BUSY, Load.NEARLY_FULL: NEARLY_FULL}


@dataclass(frozen=True, slots=True)
class AlarmCard:
    """Why trading is stopped; with the two addresses, where one changed, and what to press.

    ``trust_button`` is empty where there is no address that could be trusted.
    """

    title: str
    happened: str
    safe: str
    next_step: str
    pinned: str = ""
    told: str = ""
    trust_button: str = ""


@dataclass(frozen=True, slots=True)
class HouseCard:
    """The clearing house: its facts, and a warning about its capacity where there is one."""

    facts: tuple[Fact, ...]
    warning: str = ""
    is_grave: bool = False


def alarm_card(alarm: str, house: ClearingHouse, *, is_armed: bool) -> AlarmCard | None:
    """Return why trading is stopped, one changed address at a time; None where it is not.

    ``is_armed`` where the trader has pressed the button once already.
    """
    if not alarm:
        return None
    if not house.changes:
        return AlarmCard(ALARM_TITLE, sentence(alarm), ADDRESS_SAFE, ALARM_NEXT)
    change = house.changes[0]
    if change.is_back:
        button = TRUST_BACK_ARMED_BUTTON if is_armed else TRUST_BACK_BUTTON
    else:
        button = TRUST_ARMED_BUTTON if is_armed else TRUST_BUTTON
    return AlarmCard(
        ADDRESS_TITLE,
        _happened(change),
        ADDRESS_SAFE,
        ADDRESS_BACK if change.is_back else ADDRESS_NEXT,
        change.pinned,
        change.told,
        button,
    )


def broker_facts(
    channel: Channel, house: ClearingHouse, shipped: Broker | None, quote: str, now: datetime
) -> tuple[Fact, ...]:
    """Return who the account is with; ``shipped`` is the broker of that address as we know it."""
    broker = channel.broker
    if broker is None:
        return (Fact("Name", NOT_TOLD),)
    name = label_text(broker.name) or NOT_TOLD
    if shipped is not None and shipped.name.casefold() != broker.name.casefold():
        name = f"{name} (known here as {shipped.name})"
    facts = [
        Fact("Name", name),
        Fact("Broker's address", short_address(broker.address), copy_text=broker.address),
        _pin_fact(house, broker_pin(channel.channel_id), now, is_shipped=shipped is not None),
    ]
    if shipped is None:
        facts.append(Fact("Who that is", BROKER_UNKNOWN, Tone.STRONG))
    else:
        packages = [package_text(each, quote) for each in shipped.packages]
        facts.append(Fact("Deposits it takes", "\n".join(packages) or "Any deposit"))
    return tuple(facts)


def house_card(told: ClearingHouseDescribed, house: ClearingHouse, now: datetime) -> HouseCard:
    """Return what the clearing house says of itself; what it did not say is called not told."""
    address = told.identity_address
    if address is None:
        facts = [Fact("Clearing house's address", NOT_TOLD)]
    else:
        facts = [
            Fact("Clearing house's address", short_address(address), copy_text=address),
            _pin_fact(house, CLEARING_HOUSE, now),
        ]
    facts.append(Fact("Version", label_text(told.version or "") or NOT_TOLD))
    facts.append(Fact("In use", capacity_in_use(told) or NOT_TOLD))
    if told == ClearingHouseDescribed():
        return HouseCard((*facts, Fact("Why", NOT_DESCRIBED)))
    load = Load.ORDINARY if told.active_channels is None else load_of(told.active_channels)
    return HouseCard(tuple(facts), _LOADS[load], load is Load.NEARLY_FULL)


def capacity_in_use(told: ClearingHouseDescribed) -> str:
    """Return how many of the clearing house's accounts are in use; empty where it is not told."""
    count = told.active_channels
    return "" if count is None else capacity_text(count, CAPACITY)


def nearly_full_text(told: ClearingHouseDescribed) -> str:
    """Return what to know before opening an account at a full house; empty where it is not."""
    count = told.active_channels
    return NEARLY_FULL if count is not None and load_of(count) is Load.NEARLY_FULL else ""


def label_text(text: str, length: int = LABEL_LENGTH) -> str:
    """Return somebody else's words on one line, as long as a label may be."""
    line = one_line(text)
    return line if len(line) <= length else f"{line[: length - 1]}…"


def _pin_fact(house: ClearingHouse, name: str, now: datetime, *, is_shipped: bool = False) -> Fact:
    if any(each.name == name and not each.is_back for each in house.changes):
        return Fact("Is it the right one?", PIN_DIFFERS, Tone.BAD)
    if is_shipped:
        return Fact("Is it the right one?", PIN_SHIPPED)
    at = house.pinned_at(name)
    return Fact("Is it the right one?", PIN_NONE if at is None else pin_seen_text(at, now))


def _happened(change: AddressChange) -> str:
    return f"The address of {change.who} is not the one that this application has pinned."
