"""The logic of "Connections & keys": whose keys there are, where they are kept, who is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from kayen_desktop.app.market_state import LinkStatus
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.identities import Identity
from kayen_desktop.keys.lock import LockRules
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.formatting import short_address
from kayen_desktop.ui.notices import Notice, error_notice, link_text
from kayen_desktop.ui.notices.identities import (
    FILES_STAY_PROTECTED,
    GOOD_BACKUP,
    IN_USE,
    LIVE_VENUE,
    LOCK_EXPLAINED,
    LOCK_NEEDS_ONE,
    LOST_BACKUP,
    PRACTICE_VENUE,
    PROTECTED,
    UNPROTECTED,
    backup_text,
    full_day,
)
from kayen_desktop.ui.notices.keys import origin_text, vault_place_text, why_files_text

from .facts import Fact, Tone

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain

# The choices of how long nobody may touch the window before it locks; 0 for never.
IDLE_MINUTES = (0, 1, 5, 10, 30, 60)
_MINUTE_S = 60.0


class LockSettings(Protocol):
    """What the trader chose of the lock; whoever keeps it writes it down."""

    def lock_rules(self) -> LockRules:
        """Return the rules in force."""

    def set_lock_rules(self, rules: LockRules) -> None:
        """Put the rules in force and write them down; may raise ``SettingsError``."""


@dataclass(frozen=True, slots=True)
class ConnectionLine:
    """One venue that the application knows; ``servers`` are pairs of a name and its address.

    ``links`` say how the connection is and are empty where none is made.
    """

    venue_id: str
    name: str
    is_practice: bool
    is_in_use: bool
    servers: tuple[tuple[str, str], ...] = ()
    links: tuple[LinkStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityLine:
    """One key as the list draws and speaks it."""

    identity_id: str
    name: str
    address: str
    short_address: str
    origin: str
    backup: str
    is_backed_up: bool
    is_in_use: bool

    @property
    def spoken(self) -> str:
        """All of it in a row, for those who hear the list."""
        parts = [self.name, self.backup, f"address {self.short_address}", self.origin]
        if self.is_in_use:
            parts.insert(1, IN_USE)
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class KeysScreen:
    """The keys, and all about the chosen one; ``selected`` is its id, empty where there is none."""

    lines: tuple[IdentityLine, ...]
    selected: str
    title: str
    facts: tuple[Fact, ...]
    backup: str
    backup_advice: str
    is_backed_up: bool
    is_in_use: bool
    can_act: bool
    can_use: bool
    has_phrase: bool
    notice: Notice | None


@dataclass(frozen=True, slots=True)
class VaultScreen:
    """Where the keys are kept, the passphrase and the lock; ``idle_minutes`` is 0 for never."""

    place: str
    why_not_keyring: str
    passphrase: str
    has_passphrase: bool
    can_remove_passphrase: bool
    lock_text: str
    idle_minutes: int
    can_close_positions: bool
    notice: Notice | None


@dataclass(frozen=True, slots=True)
class VenueLine:
    """One venue as it is drawn; ``state`` is how its connection is, in words."""

    venue_id: str
    name: str
    kind: str
    is_practice: bool
    is_in_use: bool
    state: str
    tone: Tone
    servers: tuple[Fact, ...]


class ConnectionsView(Protocol):
    """What the presenter needs of the dialog."""

    def show_keys(self, screen: KeysScreen) -> None:
        """Draw the keys."""

    def show_vault(self, screen: VaultScreen) -> None:
        """Draw where they are kept."""

    def show_venues(self, lines: tuple[VenueLine, ...]) -> None:
        """Draw the connections."""

    def tell_key_in_use(self, identity_id: str) -> None:
        """Tell the application that another key is in use."""


class ConnectionsPresenter:
    """Reads the keychain anew after everything that is done with it: it tells of nothing itself."""

    def __init__(
        self,
        keychain: Keychain,
        bridge: AsyncBridge,
        settings: LockSettings,
        connections: Sequence[ConnectionLine],
        view: ConnectionsView,
    ) -> None:
        self._keychain = keychain
        self._bridge = bridge
        self._settings = settings
        self._connections = tuple(connections)
        self._view: ConnectionsView | None = view
        self._selected = keychain.active.identity_id if keychain.active else ""
        self._is_busy = False
        self._keys_notice: Notice | None = None
        self._vault_notice: Notice | None = None

    @property
    def selected(self) -> Identity | None:
        """The key that the buttons are about."""
        return _find(self._keychain.identities, self._selected)

    # What the trader does

    def select(self, identity_id: str) -> None:
        """Show this key and be about it from now on."""
        if identity_id != self._selected and _find(self._keychain.identities, identity_id):
            self._selected = identity_id
            self._keys_notice = None
            self.refresh()

    def use_key(self) -> None:
        """Use the chosen key from now on, once."""
        chosen = self.selected
        if self._is_busy or chosen is None or chosen == self._keychain.active:
            return
        self._is_busy = True
        self._keys_notice = None
        self._bridge.run(self._use(chosen.identity_id), self._on_use_error)
        self.refresh()

    def set_idle_minutes(self, minutes: int) -> None:
        """Lock after so many minutes without the trader; 0 for never."""
        rules = self._settings.lock_rules()
        idle_s = minutes * _MINUTE_S or None
        self._set_rules(LockRules(idle_s, rules.warn_s, rules.can_close_positions))

    def set_can_close_positions(self, can_close: bool) -> None:
        """Allow closing a position while the window is locked, or not."""
        rules = self._settings.lock_rules()
        self._set_rules(LockRules(rules.idle_s, rules.warn_s, can_close))

    # What happens

    def show_connections(self, connections: Sequence[ConnectionLine]) -> None:
        """Show the venues as they are now."""
        self._connections = tuple(connections)
        if self._view is not None:
            self._view.show_venues(tuple(_venue_line(each) for each in self._connections))

    def refresh(self) -> None:
        """Read the keychain and the settings anew and draw."""
        if self.selected is None:
            active = self._keychain.active
            self._selected = active.identity_id if active else ""
        if self._view is not None:
            self._view.show_keys(self._keys_screen())
            self._view.show_vault(self._vault_screen())
            self._view.show_venues(tuple(_venue_line(each) for each in self._connections))

    def stop(self) -> None:
        """Draw nothing any more; what was begun is finished without the dialog."""
        self._view = None

    async def _use(self, identity_id: str) -> None:
        await self._keychain.use(identity_id)
        self._is_busy = False
        self.refresh()
        if self._view is not None:
            self._view.tell_key_in_use(identity_id)

    def _on_use_error(self, error: KayenError) -> None:
        self._is_busy = False
        self._keys_notice = error_notice(error, "using the key")
        self.refresh()

    def _set_rules(self, rules: LockRules) -> None:
        self._vault_notice = None
        try:
            self._settings.set_lock_rules(rules)
        except KayenError as error:
            self._vault_notice = error_notice(error, "the lock")
        self.refresh()

    # What is shown

    def _keys_screen(self) -> KeysScreen:
        active, chosen = self._keychain.active, self.selected
        is_in_use = chosen is not None and chosen == active
        return KeysScreen(
            lines=tuple(_identity_line(each, active) for each in self._keychain.identities),
            selected=self._selected if chosen else "",
            title=chosen.name if chosen else "",
            facts=_identity_facts(chosen) if chosen else (),
            backup=backup_text(chosen) if chosen else "",
            backup_advice=(GOOD_BACKUP if chosen.is_backed_up else LOST_BACKUP) if chosen else "",
            is_backed_up=chosen is not None and chosen.is_backed_up,
            is_in_use=is_in_use,
            can_act=chosen is not None and not self._is_busy,
            can_use=chosen is not None and not is_in_use and not self._is_busy,
            has_phrase=chosen is not None and chosen.has_phrase,
            notice=self._keys_notice,
        )

    def _vault_screen(self) -> VaultScreen:
        place = self._keychain.place
        has_passphrase = self._keychain.has_passphrase
        rules = self._settings.lock_rules()
        sentences = [PROTECTED if has_passphrase else UNPROTECTED]
        if place.is_file:
            sentences.append(FILES_STAY_PROTECTED)
        why = place.why_not_keyring
        return VaultScreen(
            # Why it is no keyring is said once, with what can be done about it.
            place=vault_place_text(replace(place, why_not_keyring=None)),
            why_not_keyring=why_files_text(why) if why is not None else "",
            passphrase=" ".join(sentences),
            has_passphrase=has_passphrase,
            can_remove_passphrase=has_passphrase and not place.is_file,
            lock_text=LOCK_EXPLAINED if has_passphrase else LOCK_NEEDS_ONE,
            idle_minutes=_minutes_of(rules),
            can_close_positions=rules.can_close_positions,
            notice=self._vault_notice,
        )


def _find(identities: Sequence[Identity], identity_id: str) -> Identity | None:
    return next((each for each in identities if each.identity_id == identity_id), None)


def _minutes_of(rules: LockRules) -> int:
    """Return the whole minutes of the rules, never less than the trader asked for; 0 for never."""
    return -int(-(rules.idle_s or 0.0) // _MINUTE_S)


def _identity_line(identity: Identity, active: Identity | None) -> IdentityLine:
    return IdentityLine(
        identity_id=identity.identity_id,
        name=identity.name,
        address=identity.address,
        short_address=short_address(identity.address),
        origin=origin_text(identity.origin),
        backup=backup_text(identity),
        is_backed_up=identity.is_backed_up,
        is_in_use=identity == active,
    )


def _identity_facts(identity: Identity) -> tuple[Fact, ...]:
    facts = [
        Fact("Address", short_address(identity.address), copy_text=identity.address),
        Fact("How it came", origin_text(identity.origin)),
        Fact("Since", full_day(identity.created_at)),
    ]
    if identity.has_phrase:
        facts.append(Fact("Recovery phrase", f"Yes, path {identity.path}"))
    else:
        facts.append(Fact("Recovery phrase", "None: back up the private key or a file"))
    return tuple(facts)


def _venue_line(line: ConnectionLine) -> VenueLine:
    if line.links:
        state = "\n".join(f"{link.link}: {link_text(link)}" for link in line.links)
    else:
        state = "Connecting…" if line.is_in_use else "Not connected"
    return VenueLine(
        venue_id=line.venue_id,
        name=line.name,
        kind=PRACTICE_VENUE if line.is_practice else LIVE_VENUE,
        is_practice=line.is_practice,
        is_in_use=line.is_in_use,
        state=state,
        tone=_tone(line),
        servers=tuple(
            Fact(name, address, Tone.PLAIN, copy_text=address) for name, address in line.servers
        ),
    )


def _tone(line: ConnectionLine) -> Tone:
    if not line.is_in_use or not line.links:
        return Tone.PLAIN
    is_up = all(link.state in (LinkState.READY, LinkState.CONNECTED) for link in line.links)
    return Tone.GOOD if is_up else Tone.BAD
