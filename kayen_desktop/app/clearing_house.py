"""The clearing house and the brokers by their addresses: one that changes stops trading.

Decision: an address is pinned the first time it is seen, by venue and account, and a broker that
goes by a name of the shipped list is held against the shipped address at once. An account opened
here is pinned to the broker that was asked for: what is seen first may be somebody else. Names are
labels that anybody can take (protocols.md §1.5), and a pin kept only in memory would trust
whatever the next start is told.

Decision: a question that the clearing house does not answer is no alarm. No document says how to
ask for its address, so silence is the ordinary case; an answer that differs is not.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from kayen_desktop.domain.channels import Broker, Channel
from kayen_desktop.domain.errors import OutcomeUnknownError, TransportError, VenueRejectionError
from kayen_desktop.domain.events import Event, SecurityAlarmLifted, SecurityAlarmRaised
from kayen_desktop.journal.store import Journal
from kayen_desktop.venues.venue import Venue

from .gate import Act, Gate
from .state import AppState

log = logging.getLogger(__name__)
CLEARING_HOUSE = "clearing house"
# The terminal's scale (protocols.md §1.4): it warns at 60 %, and gravely at 90 %.
CAPACITY = 400
_BUSY_PERCENT = 60
_NEARLY_FULL_PERCENT = 90
_SHORT_HEAD = 6
_SHORT_TAIL = 4


class Load(Enum):
    """How much of the clearing house's capacity is in use."""

    ORDINARY = "ordinary"
    BUSY = "busy"
    NEARLY_FULL = "nearly_full"


@dataclass(frozen=True, slots=True)
class AddressChange:
    """An address that is not the pinned one; ``name`` is the pin's, ``pins`` what trust replaces.

    ``is_back`` is True once the venue shows the pinned address again: then there is nothing to
    replace, and trading still waits for the trader to have looked.
    """

    name: str
    who: str
    pinned: str
    told: str
    pins: tuple[str, ...]
    is_back: bool = False

    @property
    def sentence(self) -> str:
        """What changed, with both addresses shortened."""
        return (
            f"The address of {self.who} changed from {_short(self.pinned)} to {_short(self.told)}."
        )


class ClearingHouse:
    """Asks who is at the other end, and stops trading where it is somebody else than before."""

    def __init__(
        self,
        venue: Venue,
        state: AppState,
        journal: Journal,
        tell: Callable[[Event], None],
        clock: Callable[[], datetime],
        gate: Gate | None = None,
    ) -> None:
        """``tell`` takes the alarms; ``gate`` asks before a changed address is taken for right."""
        self._venue = venue
        self._state = state
        self._journal = journal
        self._tell = tell
        self._clock = clock
        self._gate = gate or Gate()
        self._pins: dict[str, str] = {}
        self._pinned_at: dict[str, datetime | None] = {}
        self._changes: dict[str, AddressChange] = {}
        self._alarm = ""
        self._other_alarm = ""

    @property
    def asks_first(self) -> bool:
        """True where the trader is asked for the passphrase before an address is trusted."""
        return self._gate.asks

    @property
    def changes(self) -> tuple[AddressChange, ...]:
        """The addresses that are not the pinned ones, in order of their discovery."""
        return tuple(self._changes.values())

    def pinned_at(self, name: str) -> datetime | None:
        """Return when an address was pinned under the name; None where this run met none yet."""
        return self._pinned_at.get(name)

    async def look(self) -> None:
        """Ask the clearing house to describe itself and hold its address against the pinned one.

        To be called after each of its sign-ins. What it does not answer stays unknown.

        Raises:
            JournalError: the pin can't be read or kept.
        """
        try:
            await self._venue.describe_clearing_house()
        except (TransportError, VenueRejectionError, OutcomeUnknownError) as error:
            log.info("the clearing house does not describe itself: %s", error)
            return
        told = self._state.clearing_house.identity_address
        if told is None:
            return
        pinned = self._pin(CLEARING_HOUSE)
        if pinned is None:
            self._set_pin(CLEARING_HOUSE, told)
        elif _is_same(pinned, told):
            self._on_pinned(CLEARING_HOUSE)
        else:
            self._on_other(
                AddressChange(CLEARING_HOUSE, "the clearing house", pinned, told, (CLEARING_HOUSE,))
            )

    def on_opened(self, channel_id: str, broker: Broker) -> None:
        """Pin the broker that the account was asked for with, whatever was told of it first.

        Raises:
            JournalError: the pin can't be read or kept.
        """
        name = broker_pin(channel_id)
        pinned = self._pin(name)
        if pinned is None or not _is_same(pinned, broker.address):
            self._set_pin(name, broker.address)
        for channel in tuple(self._state.channels.values()):
            if broker_pin(channel.channel_id) == name:
                self.on_channel(channel)

    def on_channel(self, channel: Channel) -> None:
        """Hold the address of the account's broker against the pinned and the shipped one.

        Raises:
            JournalError: the pin can't be read or kept.
        """
        if channel.broker is None or channel.is_closed:
            return
        told = channel.broker.address
        name = broker_pin(channel.channel_id)
        pinned = self._pin(name)
        pins: tuple[str, ...] = (name,)
        shipped = self._shipped(channel.broker.name)
        right = pinned or told
        if shipped is not None:
            named = f"broker called {_key(shipped.name)}"
            pins = (name, named)
            trusted = self._pin(named) or shipped.address
            if not (_is_same(told, trusted) or _is_same(told, shipped.address)):
                right = pinned if pinned and not _is_same(pinned, told) else trusted
        if not _is_same(right, told):
            who = "your broker"
            if shipped is not None:
                who = f"the broker that goes by the name of {shipped.name}"
            self._on_other(AddressChange(name, who, right, told, pins))
            return
        if pinned is None:
            self._set_pin(name, told)
        self._on_pinned(name)

    async def trust(self, change: AddressChange) -> bool:
        """Take the changed address for the right one, once the trader has confirmed it.

        Returns False, and trusts nothing, where the venue shows yet another address by then: what
        is confirmed is the address that was on the screen.

        Raises:
            LockedError: the application is locked. NotAuthorizedError: not confirmed.
            JournalError: the pin could not be kept, so the old one stands.
        """
        await self._gate.authorize(Act.TRUST_ADDRESS)
        if self._changes.get(change.name) != change:
            return False
        if not change.is_back:
            for name in change.pins:
                self._set_pin(name, change.told)
        del self._changes[change.name]
        self._tell_alarm()
        return True

    # Pins

    def _pin(self, name: str) -> str | None:
        if name not in self._pins:
            pinned = self._journal.pin(name)
            if pinned is None:
                return None
            self._pins[name] = pinned
            self._pinned_at[name] = self._journal.pinned_at(name)
        return self._pins[name]

    def _set_pin(self, name: str, address: str) -> None:
        now = self._clock()
        self._journal.set_pin(name, address, now)
        self._pins[name] = address
        self._pinned_at[name] = now

    def _shipped(self, name: str) -> Broker | None:
        """Return the shipped broker that goes by the name, however it is spelt."""
        key = _key(name)
        return next((each for each in self._venue.brokers if _key(each.name) == key), None)

    # Alarms

    def _on_pinned(self, name: str) -> None:
        held = self._changes.get(name)
        if held is not None and not held.is_back:
            self._changes[name] = replace(held, is_back=True)

    def _on_other(self, change: AddressChange) -> None:
        if self._changes.get(change.name) == change:
            return
        self._changes[change.name] = change
        self._tell_alarm()

    def _tell_alarm(self) -> None:
        """Say what does not fit now; an alarm of another kind stays what it is."""
        standing = self._state.alarm
        is_ours = bool(self._alarm) and standing == self._alarm
        if not is_ours:
            self._other_alarm = standing
        parts = [self._other_alarm] + [each.sentence for each in self._changes.values()]
        text = " ".join(part for part in parts if part)
        if text == standing:
            return
        self._alarm = text if self._changes else ""
        self._tell(SecurityAlarmRaised(text) if text else SecurityAlarmLifted())


def broker_pin(channel_id: str) -> str:
    """Return the name that the address of an account's broker is pinned under.

    Another spelling of the same id is no other account.
    """
    return f"broker of {channel_id.lower()}"


def load_of(active_channels: int) -> Load:
    """Return how busy the clearing house is with so many accounts (protocols.md §1.4)."""
    percent = active_channels * 100
    if percent >= _NEARLY_FULL_PERCENT * CAPACITY:
        return Load.NEARLY_FULL
    return Load.BUSY if percent >= _BUSY_PERCENT * CAPACITY else Load.ORDINARY


def _is_same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _key(name: str) -> str:
    """Return a name without what only looks different: case, width, spaces and unseen marks."""
    normal = unicodedata.normalize("NFKC", name).casefold()
    return "".join(each for each in normal if each.isprintable() and not each.isspace())


def _short(address: str) -> str:
    return f"{address[:_SHORT_HEAD]}…{address[-_SHORT_TAIL:]}"
