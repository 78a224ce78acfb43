"""Where the trader is and with which key: from one visit to the next, locked or not.

Decision: practice has a key of its own, made anew at each start, and waits for nobody's keyring:
the operating system may put a question before it opens one. Where nothing was ever kept, the
keyring is not touched before the trader asks for something that needs it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from kayen_desktop.app.changes import Change
from kayen_desktop.app.gate import Act, Gate
from kayen_desktop.app.logs import log_to
from kayen_desktop.app.preferences import Preferences
from kayen_desktop.app.session import Session, utc_now
from kayen_desktop.app.settings import SettingsFile
from kayen_desktop.domain.errors import (
    KayenError,
    NotAuthorizedError,
    TransportError,
    VaultError,
    VaultProblem,
)
from kayen_desktop.domain.margin import MarginReading
from kayen_desktop.domain.signatures import SignatureMeaning
from kayen_desktop.keys.keychain import Keychain, open_keychain
from kayen_desktop.keys.lock import Lock, LockRules
from kayen_desktop.keys.signer import LocalSigner, throwaway_signer
from kayen_desktop.keys.vault import SERVICE
from kayen_desktop.options import (
    KAYEN_VENUE,
    PRACTICE,
    PRACTICE_VENUE,
    Destination,
    Options,
    host_of,
    place_of,
)
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import backup_notice, error_notice
from kayen_desktop.ui.presenters.connections import ConnectionLine
from kayen_desktop.ui.presenters.welcome_screens import Onward, WelcomeResult
from kayen_desktop.ui.views.key_actions import KeyActions
from kayen_desktop.ui.views.main_window import MainWindow
from kayen_desktop.venues.registry import Network, load_network
from kayen_desktop.visit import Visit

log = logging.getLogger(__name__)

KeychainOpener: TypeAlias = Callable[
    [Path, str, Callable[[], datetime]], Coroutine[Any, Any, Keychain]
]


@dataclass(frozen=True, slots=True)
class _Key:
    """What signs at the next venue, and what the trader calls it."""

    signer: LocalSigner
    name: str = ""


class Journey:
    """Opens one visit after the other, each with the right key, and ends what it opened."""

    def __init__(
        self,
        options: Options,
        settings: SettingsFile,
        window: MainWindow,
        bridge: AsyncBridge,
        on_crash: Callable[[BaseException], None],
        *,
        open_keys: KeychainOpener = open_keychain,
    ) -> None:
        self._options = options
        self._settings = settings
        self._window = window
        # What the screens do is no part of a journey; a journey that ends takes its moves along.
        self._travels = AsyncBridge(on_crash)
        self._stack = AsyncExitStack()
        self._open_keychain = open_keys
        self._keychain: Keychain | None = None
        self._preferences = Preferences(settings, lambda work: bridge.run(work, self._tell))
        self._lock = Lock(self._verify, time.time, self.lock_rules())
        self._gate = Gate(self._lock, self._has_passphrase)
        self._visit = Visit(window, self._gate, on_crash)
        self._keys = KeyActions(window, bridge, self._gate, self._lock, self)
        self._moving = asyncio.Lock()
        self._opening = asyncio.Lock()
        given = (options.start,) if options.start is not None else ()
        self._destinations = tuple(dict.fromkeys((PRACTICE_VENUE, KAYEN_VENUE, *given)))
        self._destination: Destination | None = None
        self._waiting: Destination | None = None
        self._throwaway: LocalSigner | None = None
        self._practice: PracticeServer | None = None
        self._is_nagged = False

    @property
    def session(self) -> Session | None:
        """The session at the venue where the trader is; None on the way to one."""
        return self._visit.session

    @property
    def keychain(self) -> Keychain | None:
        """The trader's keys, once the vault has opened."""
        return self._keychain

    def begin(self, start: Destination) -> None:
        """Set out for the first venue, by way of the welcome on a first start.

        Raises:
            SettingsError: the data folder can't be written to, so nothing is started.
        """
        handler = log_to(self._settings.folder / "logs")
        self._stack.callback(logging.getLogger("kayen_desktop").removeHandler, handler)
        self._stack.callback(handler.close)
        self._stack.push_async_callback(self._visit.close)
        self._window.venue_requested.connect(self.go_to)
        self._window.scheme_chosen.connect(lambda name: self._preferences.change(theme=name))
        self._window.margin_reading_chosen.connect(self._choose_margin_reading)
        if self._options.tour is None and self._needs_own_key(start):
            self._waiting = start
        self._travels.run(self._set_out(start), self._tell)

    async def _set_out(self, start: Destination) -> None:
        if self._options.tour is not None:
            # The first step of the tour makes the key that the others sign with.
            await self._open_keys()
            self._keys.show_welcome()
        elif self._needs_own_key(start):
            await self._open_keys_or_say_why()
        else:
            if self._options.start is None and not self._preferences.settings.is_welcomed:
                self._keys.show_welcome()
            elif self._preferences.settings.has_keys:
                self.open_keys()
            await self._go(start)

    async def end(self) -> None:
        """Leave the venue, and stop what was started on the way, the last thing first."""
        self._keys.stop()
        await self._travels.stop()
        await self._stack.aclose()

    # What the screens ask for

    def go_to(self, name: str) -> None:
        """Go to the venue of this name; where one is there already, try its connections again."""
        destination = next(each for each in self._destinations if each.key == name)
        self._waiting = None  # the trader has thought otherwise
        if destination == self._destination and self.session is not None:
            self.session.venue.reconnect()
            return
        self._travels.run(self._go(destination), self._tell)

    def welcome(self, result: WelcomeResult) -> None:
        """End the welcome as the trader chose: in practice, live with the key, or where one is."""
        self._preferences.change(is_welcomed=True)
        self._travels.run(self._follow_welcome(result), self._tell)

    async def _follow_welcome(self, result: WelcomeResult) -> None:
        identity, keychain = result.identity, self._keychain
        match result.onward:
            case Onward.LIVE:
                if identity is not None and keychain is not None:
                    await keychain.use(identity.identity_id)
                await self._go(self._live())
            case Onward.PRACTICE:
                await self._go(PRACTICE_VENUE)

    def open_keys(self) -> None:
        """Open the vault if it is not open yet, and say in the welcome why it can't be opened."""
        self._travels.run(self._open_keys_or_say_why(), self._tell)

    def connections(self) -> tuple[ConnectionLine, ...]:
        """Return the venues there are, and how the present one is connected."""
        return tuple(self._connection(each) for each in self._destinations)

    def _connection(self, destination: Destination) -> ConnectionLine:
        session, is_here = self.session, destination == self._destination
        network = load_network(destination.network)
        urls = (
            ("Clearport", destination.clearport_url or network.clearport_url),
            ("Finex", destination.finex_url or network.finex_url),
        )
        return ConnectionLine(
            venue_id=destination.key,
            name=destination.name,
            is_practice=destination.is_practice,
            is_in_use=is_here,
            servers=tuple((name, url) for name, url in urls if url is not None),
            links=tuple(session.state.links.values()) if session is not None and is_here else (),
        )

    def follow_keys(self) -> None:
        """Do what a change of keys or passphrase means for the lock and the visit."""
        if self._keychain is None:
            return
        has_passphrase = self._keychain.has_passphrase
        self._lock.is_armed = has_passphrase
        if self._options.tour is None:
            self._preferences.change(has_keys=has_passphrase or bool(self._keychain.identities))
        here, active = self._destination, self._keychain.active
        if self.session is None or here is None or not self._needs_own_key(here):
            return
        if active is None:
            self._travels.run(self._go(PRACTICE_VENUE), self._tell)
        elif not self._is_at(here):
            self._travels.run(self._go(here), self._tell)
        else:
            self._window.show_key_name(active.name)

    def lock_rules(self) -> LockRules:
        """Return when the application locks, as the trader has set it."""
        return self._preferences.lock_rules()

    def set_lock_rules(self, rules: LockRules) -> None:
        """Lock as this says from now on."""
        self._preferences.set_lock_rules(rules)
        self._lock.rules = rules

    async def unlock(self, passphrase: str) -> None:
        """Unlock, and go where a locked start was on its way to; raises as ``Lock.unlock``."""
        await self._lock.unlock(passphrase)
        destination, self._waiting = self._waiting, None
        self._travels.run(self._go_on(destination, passphrase), self._tell)

    async def _go_on(self, destination: Destination | None, passphrase: str) -> None:
        """List what an earlier run lost of the list of keys, and go where the start led."""
        if self._keychain is not None and await self._keychain.recover(passphrase):
            self.follow_keys()
        if destination is not None:
            await self._go(destination, passphrase)

    async def forget_keys(self) -> None:
        """Destroy every key and the passphrase, which nobody knows any more, and start anew.

        Raises:
            VaultError: the vault, or the list of keys, stays; so does the lock.
        """
        keychain = self._keychain
        if keychain is None:
            raise VaultError(VaultProblem.NOT_FOUND)
        await keychain.destroy()
        self._waiting = None
        self._lock.is_armed = False
        self._travels.run(self._start_anew(), self._tell)

    async def _start_anew(self) -> None:
        """Open the lock that has lost its passphrase, but only once nothing live is behind it."""
        self._keys.drop_hidden()
        try:
            if not self._is_at(PRACTICE_VENUE):
                async with self._moving:
                    await self._leave()
                await self._go(PRACTICE_VENUE)
        except KayenError as error:
            self._tell(error)
        self._lock.release()
        self._keys.show_welcome()

    # Travelling

    async def _go(self, destination: Destination, passphrase: str | None = None) -> None:
        """Leave the present venue and go to another, or to the same one with another key.

        Where there is no key for it, or the trader would rather not use it, everything stays.
        """
        async with self._moving:
            if self._is_at(destination):
                return
            try:
                key = await self._key_for(destination, passphrase)
            except NotAuthorizedError:
                await self._use_key_of_session()
                return
            if key is None:
                self._keys.show_welcome()
                return
            network = await self._network(destination)
            await self._leave()
            self._window.show_venue(destination.name, is_practice=destination.is_practice)
            await self._visit.open(
                network,
                self._folder(destination, network),
                key.signer,
                key.name,
                self._consent(network) if self._is_live(destination) else None,
                self._preferences.margin_rules(),
            )
            self._destination = destination
            self._keys.follow_session()
            if destination.clearport_url is None:
                self._preferences.change(venue=destination.network)
            if self._is_live(destination) and self.session is not None:
                self.session.listen(self._nag)

    def _choose_margin_reading(self, reading: MarginReading) -> None:
        self._preferences.set_margin_reading(reading)
        if self.session is not None:
            self.session.choose_margin_rules(self._preferences.margin_rules())

    async def _leave(self) -> None:
        """End the visit; the lock screen, too, watches over nothing any more."""
        await self._visit.close()
        self._destination = None
        self._keys.follow_session()

    def _is_at(self, destination: Destination) -> bool:
        """Return whether the trader is there, with the key that is in use."""
        session, keychain = self.session, self._keychain
        if session is None or destination != self._destination:
            return False
        if not self._needs_own_key(destination) or keychain is None or keychain.active is None:
            return True
        return session.venue.account == keychain.active.address

    async def _use_key_of_session(self) -> None:
        """Use the key again that the session has: the trader did not confirm another one."""
        session, keychain, here = self.session, self._keychain, self._destination
        if session is None or keychain is None or here is None or not self._needs_own_key(here):
            return
        for identity in keychain.identities:
            if identity.address == session.venue.account:
                await keychain.use(identity.identity_id)

    async def _key_for(self, destination: Destination, passphrase: str | None) -> _Key | None:
        if not self._needs_own_key(destination):
            self._throwaway = self._throwaway or await throwaway_signer()
            return _Key(self._throwaway)
        await self._has_opened_keys()
        keychain = self._keychain
        if keychain is None or keychain.active is None:
            return None
        if passphrase is None:
            passphrase = await self._gate.authorize(Act.USE_KEY)
        active = keychain.active
        return _Key(await keychain.signer(active.identity_id, passphrase), active.name)

    def _live(self) -> Destination:
        """Return where "live" leads: to the addresses given, if any, else to Kayen."""
        start = self._options.start
        return start if start is not None and not start.is_practice else KAYEN_VENUE

    def _needs_own_key(self, destination: Destination) -> bool:
        """Practice never sees the trader's keys; only the tour's own key is made for it."""
        if self._options.has_throwaway_key and self._options.tour is None:
            return False
        return not destination.is_practice or self._options.tour is not None

    def _is_live(self, destination: Destination) -> bool:
        return not destination.is_practice and not self._options.has_throwaway_key

    async def _network(self, destination: Destination) -> Network:
        network = load_network(destination.network)
        if destination.is_embedded:
            server = await self._practice_server()
            return replace(network, clearport_url=server.clearport_url, finex_url=server.finex_url)
        if destination.clearport_url is None:
            return network
        return replace(
            network, clearport_url=destination.clearport_url, finex_url=destination.finex_url
        )

    async def _practice_server(self) -> PracticeServer:
        """Return the practice venue, which runs from its first visit to the end of the run."""
        if self._practice is None:
            server = PracticeServer()
            self._stack.push_async_callback(server.stop)
            try:
                await server.start()
            except OSError as error:
                raise TransportError(
                    f"The practice venue could not be started: {error.strerror}.", is_fatal=True
                ) from error
            # It was pushed last, and so would stop first; the visit must go before it.
            self._stack.push_async_callback(self._visit.close)
            self._practice = server
        return self._practice

    def _folder(self, destination: Destination, network: Network) -> Path:
        """Return the venue's own folder: practice and live never share one."""
        root = self._settings.folder
        if destination.is_practice:
            return root / PRACTICE
        return root / f"live-{place_of(network.clearport_url)}"

    # Keys

    async def _open_keys(self) -> None:
        """Open the vault; the tour has one of its own, which is thrown away at the end."""
        folder, service = self._settings.folder, SERVICE
        is_tour = self._options.tour is not None
        if self._options.data_dir is not None:
            # Each data folder has a vault of its own; two must not share one item of the keyring.
            service += f" {hashlib.sha256(bytes(folder.absolute())).hexdigest()[:12]}"
        if is_tour:
            folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="kayen-")))
            service = f"{SERVICE} tour {secrets.token_hex(4)}"
        keychain = await self._open_keychain(folder, service, utc_now)
        self._stack.push_async_callback(keychain.close)
        if is_tour:
            self._stack.push_async_callback(keychain.destroy)
        self._keychain = keychain
        self.follow_keys()
        self._keys.use_keychain(keychain)

    async def _open_keys_or_say_why(self) -> None:
        """Open the vault, and go where its keys were waited for; behind the lock if there is one.

        Without its vault a live start goes nowhere: the window says why and what can be done.
        """
        if not await self._has_opened_keys() or self._waiting is None:
            return
        if self._has_passphrase():
            self._lock.lock()
        else:
            destination, self._waiting = self._waiting, None
            await self._go(destination)

    async def _has_opened_keys(self) -> bool:
        """Open the vault if it is not open yet; return whether it is, having said why not."""
        async with self._opening:
            try:
                if self._keychain is None:
                    await self._open_keys()
            except VaultError as error:
                self._keys.refuse_keychain(error)
                if self._waiting is not None:
                    self._tell(error)
                else:
                    log.warning("the keys can't be had: %s", error)
                return False
        return True

    async def _verify(self, passphrase: str) -> None:
        if self._keychain is None:
            raise VaultError(VaultProblem.NOT_FOUND)
        session, here = self.session, self._destination
        is_own = session is not None and here is not None and self._needs_own_key(here)
        address = session.venue.account if session is not None and is_own else ""
        await self._keychain.verify(passphrase, address)

    def _has_passphrase(self) -> bool:
        return self._keychain is not None and self._keychain.has_passphrase

    def _consent(self, network: Network) -> Callable[[SignatureMeaning], Awaitable[None]]:
        """Return what asks before the first signature of a key at this venue, and only then."""
        place = place_of(network.clearport_url)
        return self._keys.consent(
            host_of(network.clearport_url),
            lambda meaning: self._preferences.is_agreed(meaning, place),
            lambda meaning: self._preferences.agree(meaning, place),
        )

    def _nag(self, changes: tuple[Change, ...]) -> None:
        """Once there is real money behind a key, ask once a run for the backup it lacks."""
        session, keychain = self.session, self._keychain
        if session is None or keychain is None or self._is_nagged:
            return
        channel, active = session.state.channel, keychain.active
        if channel is None or not channel.is_usable or active is None or active.is_backed_up:
            return
        self._is_nagged = True
        self._window.show_notice(backup_notice(active.name))

    # Telling

    def _tell(self, error: KayenError) -> None:
        log.warning("%s", error)
        self._window.show_notice(error_notice(error))
