"""From venue to venue with the right key: first start, going live, locking, coming back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
import qasync
from PySide6.QtCore import QEvent
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPushButton, QWidget

from kayen_desktop.app.session import Session
from kayen_desktop.app.settings import Settings, SettingsFile
from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.identities import Identity, KeyOrigin
from kayen_desktop.journey import Journey, KeychainOpener
from kayen_desktop.keys.identity_book import IdentityBook
from kayen_desktop.keys.keychain import Keychain
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.options import PRACTICE_VENUE, Destination, Options, place_of
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.dialogs.connections import ConnectionsDialog
from kayen_desktop.ui.presenters import forgotten
from kayen_desktop.ui.presenters.welcome_screens import Onward, WelcomeResult
from kayen_desktop.ui.views.main_window import MainWindow
from tests.unit.keys.memory_vault import MemoryVault
from tests.unit.ui.dialogs.conftest import until

from .desk import DEPOSIT, QUIET

PASSPHRASE = "seven harbours at low tide"  # noqa: S105 - opens nothing but a test's vault
W = TypeVar("W", bound=QWidget)
Play = Callable[[Callable[[], Awaitable[None]]], None]


class BrittleVault(MemoryVault):
    """Is not destroyed while ``problem`` says why, and has no new passphrase before it may."""

    def __init__(self) -> None:
        super().__init__()
        self.problem: VaultProblem | None = None
        self.may_change = asyncio.Event()
        self.may_change.set()
        self.is_changing = False

    async def change_passphrase(self, old: str, new: str) -> None:
        self.is_changing = True
        await self.may_change.wait()
        await super().change_passphrase(old, new)

    async def destroy(self) -> None:
        if self.problem is not None:
            raise VaultError(self.problem, "the test says so")
        await super().destroy()


class Household:
    """What stays from one start to the next: the data folder and the vault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vault = BrittleVault()
        self.problem: VaultError | None = None

    async def open_keys(self, folder: Path, service: str, clock: object) -> Keychain:
        if self.problem is not None:
            raise self.problem
        keychain = self.keychain()
        await keychain.load()
        return keychain

    def keychain(self) -> Keychain:
        book = IdentityBook(self.folder / "identities.json")
        return Keychain(self.vault, book, lambda: datetime.now(UTC))

    async def add_key(
        self, number: int, passphrase: str = "", *, is_backed_up: bool = True
    ) -> Identity:
        keychain = self.keychain()
        await keychain.load()
        material = KeyMaterial(bytes([number]) * 32, KeyOrigin.PRIVATE_KEY)
        return await keychain.keep(material, f"Key {number}", passphrase, is_backed_up=is_backed_up)

    def settings(self) -> Settings:
        file = SettingsFile(self.folder)
        file.load()
        return file.settings


class Start:
    """The application between one start and its end, before a trader."""

    def __init__(self, window: MainWindow, journey: Journey, crashes: list[BaseException]) -> None:
        self.window = window
        self.journey = journey
        self.crashes = crashes

    @property
    def session(self) -> Session:
        assert self.journey.session is not None
        return self.journey.session

    @property
    def notice(self) -> str:
        if not self.shows("noticeBar"):
            return ""
        return self.find("noticeBar", QWidget).findChildren(QLabel)[0].text()

    def find(self, name: str, kind: type[W]) -> W:
        found = [each for each in self.window.findChildren(kind, name) if each.isVisible()]
        assert found, f"the screen shows no {name}"
        return found[-1]

    def says(self, words: str) -> bool:
        labels = self.window.findChildren(QLabel)
        return any(each.isVisible() and words in each.text() for each in labels)

    def shows(self, name: str) -> bool:
        return any(each.isVisible() for each in self.window.findChildren(QWidget, name))

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        try:
            await until(condition)
        except TimeoutError:
            raise AssertionError(f"never came true: {what}; notice: {self.notice}") from None

    async def press(self, name: str) -> None:
        def can_be_pressed() -> bool:
            return self.shows(name) and self.find(name, QPushButton).isEnabled()

        await self.until(can_be_pressed, f"{name} can be pressed")
        self.find(name, QPushButton).click()

    async def opens_keys(self) -> None:
        """Open the vault, as going live or looking at the keys does."""
        self.journey.open_keys()
        await self.until(lambda: self.journey.keychain is not None, "the vault is open")

    async def unlock(self, passphrase: str) -> None:
        self.find("passphraseEdit", QLineEdit).setText(passphrase)
        await self.press("unlockButton")

    async def confirm(self, passphrase: str) -> None:
        await self.until(lambda: self.shows("passphraseDialog"), "the passphrase is asked for")
        self.find("passphraseEdit", QLineEdit).setText(passphrase)
        dialog = self.find("passphraseDialog", QDialog)
        dialog.findChildren(QPushButton, "confirmButton")[0].click()
        await self.until(lambda: not self.shows("passphraseDialog"), "it is right")

    async def forget_passphrase(self) -> None:
        """Say so at the lock screen, and type that the keys may go."""
        await self.press("forgotPassphraseButton")
        assert self.shows("forgottenDialog")
        self.find("typedConfirmationEdit", QLineEdit).setText("DELETE MY KEYS")
        await self.press("confirmButton")

    async def starts_anew(self) -> None:
        """Wait for practice and the first page of the welcome, with nothing left of the lock."""
        await self.until(lambda: self.shows("welcomeWizard"), "the welcome is shown")
        await self.until(lambda: self.shows("marketsView"), "practice is shown")
        assert self.shows("practiceBanner")
        assert self.find("bringKeyButton", QPushButton).isEnabled()
        for gone in ("lockScreen", "forgottenDialog", "noticeBar"):
            assert not self.shows(gone), gone

    async def bring_key(self, number: int, *steps: str) -> None:
        """Bring the private key that ``Household.add_key`` kept, and go live with it.

        ``steps`` are the buttons to press between the page with the key and the end.
        """
        await self.press("bringKeyButton")
        await self.press("privateKeyWayButton")
        self.find("privateKeyEdit", QLineEdit).setText((bytes([number]) * 32).hex())
        for step in ("nextButton", *steps):
            await self.press(step)
        await self.press("liveWithKeyButton")

    async def signed_in(self) -> Session:
        def is_ready() -> bool:
            session = self.journey.session
            status = session.state.links.get("Clearport") if session is not None else None
            return status is not None and status.state is LinkState.READY

        await self.until(is_ready, "Clearport signs us in")
        return self.session

    async def at(self, address: str) -> Session:
        await self.until(
            lambda: (
                self.journey.session is not None and self.journey.session.venue.account == address
            ),
            f"the session is that of {address}",
        )
        return await self.signed_in()


@pytest.fixture(autouse=True)
def no_thinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the keys go at once; the half minute before has tests of its own."""
    monkeypatch.setattr(forgotten, "THINKING_S", 0.0)


@pytest.fixture
def household(tmp_path: Path) -> Household:
    return Household(tmp_path / "data")


@pytest.fixture
def play(qapp: QApplication) -> Iterator[Play]:
    """Run a scene on the loop that Qt and asyncio share."""
    loop = qasync.QEventLoop(qapp)
    quits = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)

    async def run(scene: Callable[[], Awaitable[None]]) -> None:
        await scene()

    yield lambda scene: loop.run_until_complete(run(scene))
    qapp.setQuitOnLastWindowClosed(quits)
    loop.close()
    for widget in qapp.topLevelWidgets():
        widget.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    asyncio.set_event_loop(None)


@asynccontextmanager
async def started(
    household: Household,
    start: Destination | None = None,
    *,
    opener: KeychainOpener | None = None,
) -> AsyncIterator[Start]:
    """Start the application, and stop it in order as ``application`` does."""
    settings = SettingsFile(household.folder)
    settings.load()
    crashes: list[BaseException] = []
    bridge = AsyncBridge(crashes.append)
    first = start or PRACTICE_VENUE
    window = MainWindow(first.is_practice, first.name, bridge)
    window.show()
    options = Options(start, None, household.folder, has_throwaway_key=False)
    journey = Journey(
        options, settings, window, bridge, crashes.append, open_keys=opener or household.open_keys
    )
    journey.begin(first)
    try:
        yield Start(window, journey, crashes)
    finally:
        await journey.end()
        await bridge.stop()
        window.finish_close()
    assert crashes == []


@asynccontextmanager
async def live_venue() -> AsyncIterator[Destination]:
    """Run a venue that the application takes for live, because it was told its address."""
    async with PracticeServer(QUIET) as server:
        yield Destination("kayen", server.clearport_url, server.finex_url)


def test_a_first_start_welcomes_and_practice_waits_for_nobody(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        async with started(household) as app:
            await app.until(lambda: app.shows("welcomeWizard"), "the welcome is shown")
            await app.press("tryButton")
            await app.until(lambda: not app.shows("welcomeWizard"), "the welcome is over")
            session = await app.signed_in()
            assert app.shows("practiceBanner")
            practised_as = session.venue.account
        assert household.settings().is_welcomed
        async with started(household) as app:
            session = await app.signed_in()
            assert not app.shows("welcomeWizard")
            assert session.venue.account != practised_as  # a key of its own at each start

    play(scene)


def test_practice_works_without_a_vault_and_the_welcome_says_why(
    play: Play, household: Household
) -> None:
    household.problem = VaultError(VaultProblem.KEYRING_LOCKED)

    async def scene() -> None:
        async with started(household) as app:
            await app.until(lambda: app.shows("welcomeNotice"), "the welcome says why")
            assert not app.find("createKeyButton", QWidget).isEnabled()
            await app.signed_in()
            household.problem = None
            await app.press("retryButton")
            await app.until(
                lambda: app.find("createKeyButton", QWidget).isEnabled(), "keys can be made"
            )

    play(scene)


def test_practice_touches_no_keyring_before_somebody_asks_for_a_key(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            assert app.journey.keychain is None
            app.window.connections_requested.emit()
            await app.until(lambda: app.shows("connectionsDialog"), "the keys are shown")
            assert app.journey.keychain is not None
        household.problem = VaultError(VaultProblem.KEYRING_LOCKED)
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            app.window.connections_requested.emit()
            await app.until(lambda: app.shows("welcomeNotice"), "it says why there are none")
        household.problem = None
        await household.add_key(1, PASSPHRASE)
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            app.window.venue_requested.emit("kayen")  # not said to have keys, but it has
            await app.until(lambda: app.shows("passphraseDialog"), "the key is found")
        async with started(household, PRACTICE_VENUE) as app:
            await app.until(lambda: app.journey.keychain is not None, "they are opened by now")

    play(scene)


def test_the_lock_button_leads_to_the_passphrase_before_the_vault_was_needed(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            assert app.journey.keychain is None
            app.window.lock_requested.emit()
            await app.until(lambda: app.shows("setPassphraseButton"), "a passphrase can be chosen")
            assert not app.shows("lockScreen")
        await household.add_key(1, PASSPHRASE)
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            app.window.lock_requested.emit()  # the settings know of no passphrase, the vault does
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")

    play(scene)


def test_going_live_explains_the_first_signature_once_and_keeps_the_ways_apart(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1)
        async with live_venue() as venue:
            async with started(household, venue) as app:
                await app.until(lambda: app.shows("signatureDialog"), "the signature is explained")
                words = [
                    each.text()
                    for each in app.find("signatureDialog", QDialog).findChildren(QLabel)
                ]
                assert any("No money moves." in each for each in words)
                await app.press("confirmButton")
                session = await app.at(identity.address)
                assert not app.shows("practiceBanner")
                assert app.window.windowTitle().startswith(venue.name)
                assert [
                    note.event.meaning.address
                    for note in session.state.signatures
                    if hasattr(note.event, "meaning")
                ] == [identity.address]
                app.journey.go_to("practice")
                await app.until(lambda: app.shows("practiceBanner"), "practice looks like practice")
                practice = await app.signed_in()
                assert practice.venue.account != identity.address
                app.journey.go_to(venue.key)
                await app.at(identity.address)
                assert not app.shows("signatureDialog")
            async with started(household, venue) as app:
                await app.at(identity.address)
                assert not app.shows("signatureDialog")
        assert len(household.settings().agreed) == 1
        folders = {each.name for each in household.folder.iterdir() if each.is_dir()}
        assert {"practice", f"live-{place_of(venue.clearport_url)}", "logs"} <= folders

    play(scene)


def test_a_declined_signature_stays_declined_until_tried_again(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("signatureDialog"), "the signature is explained")
            await app.press("cancelButton")
            await app.until(
                lambda: app.session.state.links["Clearport"].state is LinkState.REFUSED,
                "nothing goes on without it",
            )
            assert not app.shows("signatureDialog")
            app.journey.go_to(venue.key)
            await app.until(lambda: app.shows("signatureDialog"), "it is asked for anew")
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_a_live_start_is_locked_where_there_is_a_passphrase(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            assert app.journey.session is None
            assert not app.shows("marketsView")
            await app.unlock("not the passphrase")
            await app.until(lambda: app.says("not your passphrase"), "it is said to be wrong")
            assert app.shows("lockScreen")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("signatureDialog"), "the signature is explained")
            await app.press("confirmButton")
            await app.at(identity.address)
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("marketsView"), "the window is back")

    play(scene)


def test_a_question_that_stood_when_the_app_was_locked_stands_again_afterwards(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("signatureDialog"), "the signature is explained")
            dialog = app.find("signatureDialog", QDialog)
            told = QAccessible.queryAccessibleInterface(dialog)
            assert told.childCount() > 0
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            assert not app.shows("signatureDialog")
            assert told.childCount() == 0  # nor can a screen reader find it
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("signatureDialog"), "the question stands again")
            assert told.childCount() > 0
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_from_practice_the_passphrase_is_asked_for_and_no_leaves_everything(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.unlock(PASSPHRASE)
            await app.press("confirmButton")
            await app.at(identity.address)
            app.journey.go_to("practice")
            await app.until(lambda: app.shows("practiceBanner"), "practice")
            practice = await app.signed_in()
            app.journey.go_to(venue.key)
            await app.until(lambda: app.shows("passphraseDialog"), "the passphrase is asked for")
            app.find("passphraseDialog", QDialog).reject()
            await app.until(lambda: not app.shows("passphraseDialog"), "no is an answer")
            assert app.session is practice
            app.journey.go_to(venue.key)
            await app.confirm(PASSPHRASE)
            await app.at(identity.address)

    play(scene)


def test_without_a_key_live_leads_to_the_welcome(play: Play, household: Household) -> None:
    async def scene() -> None:
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("welcomeWizard"), "the welcome is shown")
            assert app.journey.session is None

    play(scene)


def test_a_vault_that_does_not_open_is_said_at_a_live_start_and_can_be_tried_again(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1)
        household.problem = VaultError(VaultProblem.KEYRING_LOCKED)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: bool(app.notice), "the window says why")
            assert app.journey.session is None
            household.problem = None
            app.journey.open_keys()
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_another_key_is_another_session_and_no_key_is_practice(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        one, two = await household.add_key(1), await household.add_key(2)
        async with live_venue() as venue, started(household, venue) as app:
            await app.press("confirmButton")
            await app.at(one.address)
            keychain = app.journey.keychain
            assert keychain is not None
            await keychain.use(two.identity_id)
            app.journey.follow_keys()
            await app.press("confirmButton")
            await app.at(two.address)
            await keychain.rename(two.identity_id, "Savings")
            app.journey.follow_keys()
            assert any(each.text() == "Savings" for each in app.window.findChildren(QLabel))
            await keychain.remove(one.identity_id, "")
            await keychain.remove(two.identity_id, "")
            app.journey.follow_keys()
            await app.until(lambda: app.shows("practiceBanner"), "no key is practice")

    play(scene)


def test_a_passphrase_arms_the_lock_and_opening_an_account_asks_for_it(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        async with started(household, PRACTICE_VENUE) as app:
            session = await app.signed_in()
            await app.opens_keys()
            app.window.lock_requested.emit()
            assert not app.shows("lockScreen")
            assert app.shows("connectionsDialog")  # where a passphrase can be chosen
            app.find("connectionsDialog", QDialog).reject()
            keychain = app.journey.keychain
            assert keychain is not None
            await keychain.change_passphrase("", PASSPHRASE)
            app.journey.follow_keys()
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("marketsView"), "the window is back")
            broker = session.channels.brokers[0]
            opening = asyncio.create_task(session.channels.open(broker, DEPOSIT))
            await app.confirm(PASSPHRASE)
            assert await opening

    play(scene)


def test_real_money_on_a_key_without_a_backup_is_said_once(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, is_backed_up=False)
        async with live_venue() as venue, started(household, venue) as app:
            await app.press("confirmButton")
            session = await app.at(identity.address)
            assert not app.notice
            await session.channels.open(session.channels.brokers[0], DEPOSIT)

            await app.until(lambda: "no backup" in app.notice, "the backup is asked for")
            button = [
                each
                for each in app.find("noticeBar", QWidget).findChildren(QPushButton)
                if each.isVisible() and each.text() == "Back up the key"
            ]
            button[0].click()
            assert app.shows("connectionsDialog")

    play(scene)


def test_the_app_stops_while_a_question_stands(play: Play, household: Household) -> None:
    asked = asyncio.Event()

    async def never(folder: Path, service: str, clock: object) -> Keychain:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def scene() -> None:
        await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue:
            async with started(household, venue, opener=never):
                await asked.wait()  # the keyring asks its owner something, for ever
            async with started(household, PRACTICE_VENUE) as app:
                await app.signed_in()
                await app.opens_keys()
                app.journey.go_to("kayen")
                await app.until(lambda: app.shows("passphraseDialog"), "it is asked for")

    play(scene)


# When the passphrase is forgotten, or the keys are gone


def test_a_forgotten_passphrase_at_a_live_start_leads_to_practice_and_the_key_comes_back(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.forget_passphrase()
            await app.starts_anew()
            keychain = app.journey.keychain
            assert keychain is not None
            assert (keychain.identities, keychain.has_passphrase) == ((), False)
            assert await household.vault.is_empty()
            practice = await app.signed_in()
            assert practice.venue.account != identity.address
            await app.bring_key(1, "skipPassphraseButton", "confirmButton")
            await app.until(lambda: app.shows("signatureDialog"), "the signature is explained")
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_after_a_fresh_start_a_new_passphrase_leads_nowhere_else(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.forget_passphrase()
            await app.starts_anew()
            practice = await app.signed_in()
            app.find("welcomeWizard", QDialog).reject()
            keychain = app.journey.keychain
            assert keychain is not None
            material = KeyMaterial(bytes([2]) * 32, KeyOrigin.PRIVATE_KEY)
            await keychain.keep(material, "Another", "another passphrase", is_backed_up=True)
            app.journey.follow_keys()
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("passphraseProblem"), "the old one is forgotten")
            await app.unlock("another passphrase")
            await app.until(lambda: app.shows("marketsView"), "the window is back")
            assert await app.signed_in() is practice

    play(scene)


def test_a_forgotten_passphrase_ends_what_is_live_before_the_lock_opens(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.unlock(PASSPHRASE)
            await app.press("confirmButton")
            live = await app.at(identity.address)
            app.window.open_account_requested.emit()
            assert app.shows("openChannelWizard")
            seen: list[str] = []
            lock = app.journey._lock  # noqa: SLF001
            unlisten = lock.listen(
                lambda _: seen.append(app.session.venue.account if app.journey.session else "")
            )
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            await app.press("forgotPassphraseButton")
            assert app.shows("forgottenSignedIn")
            app.find("forgottenDialog", QDialog).reject()
            await app.until(lambda: not app.shows("forgottenDialog"), "it can be left")
            await app.forget_passphrase()
            await app.starts_anew()
            unlisten()
            assert app.session is not live
            assert seen == [identity.address, app.session.venue.account]
            assert identity.address not in seen[1:]
            assert not app.shows("openChannelWizard")
            app.find("welcomeWizard", QDialog).reject()
            app.window.lock_requested.emit()
            assert not app.shows("lockScreen")  # there is nothing to unlock with

    play(scene)


def test_a_question_behind_the_lock_goes_with_the_keys(play: Play, household: Household) -> None:
    async def scene() -> None:
        await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("signatureDialog"), "the signature is explained")
            app.window.lock_requested.emit()
            await app.forget_passphrase()
            await app.starts_anew()
            await app.signed_in()
            assert not app.shows("signatureDialog")
        assert household.settings().agreed == ()

    play(scene)


def test_in_practice_a_forgotten_passphrase_interrupts_nothing(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        await household.add_key(1, PASSPHRASE)
        async with started(household, PRACTICE_VENUE) as app:
            practice = await app.signed_in()
            await app.opens_keys()
            app.window.lock_requested.emit()
            await app.press("forgotPassphraseButton")
            assert not app.shows("forgottenSignedIn")
            app.find("forgottenDialog", QDialog).reject()
            await app.forget_passphrase()
            await app.starts_anew()
            assert app.session is practice

    play(scene)


def test_who_remembers_after_all_has_lost_nothing(play: Play, household: Household) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.press("forgotPassphraseButton")
            await app.press("cancelButton")
            await app.until(lambda: not app.shows("forgottenDialog"), "it can be left")
            assert app.shows("lockScreen")
            await app.unlock(PASSPHRASE)
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_a_vault_that_can_not_be_destroyed_stays_locked_and_whole(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        household.vault.problem = VaultProblem.KEYRING_FAILED
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.forget_passphrase()
            await app.until(lambda: app.shows("forgottenNotice"), "it says why not")
            assert app.shows("lockScreen")
            assert app.journey.session is None
            await app.press("cancelButton")
            await app.until(lambda: not app.shows("forgottenDialog"), "it can be left")
            await app.unlock(PASSPHRASE)
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_keys_that_are_gone_but_still_listed_open_no_lock_and_can_be_removed_again(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        await household.add_key(1, PASSPHRASE)
        draft = household.folder / "identities.json.new"
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            draft.mkdir()  # where the list would be written
            await app.forget_passphrase()
            await app.until(lambda: app.shows("forgottenNotice"), "it says why not")
            assert await household.vault.is_empty()
            await app.press("cancelButton")
            await app.until(lambda: not app.shows("forgottenDialog"), "it can be left")
            await app.unlock("anything")
            await app.until(lambda: app.shows("passphraseProblem"), "the lock says what is wrong")
            assert "no longer" in app.find("passphraseProblem", QLabel).text()
            assert app.shows("lockScreen")
            draft.rmdir()
            await app.forget_passphrase()
            await app.starts_anew()

    play(scene)


def test_a_vault_emptied_behind_the_lock_opens_nothing(play: Play, household: Household) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.unlock(PASSPHRASE)
            await app.press("confirmButton")
            await app.at(identity.address)
            app.window.lock_requested.emit()
            await household.vault.destroy()  # somebody deletes the keyring's item
            for passphrase in ("anything", PASSPHRASE):
                await app.unlock(passphrase)
                await app.until(lambda: app.shows("passphraseProblem"), "it says what is wrong")
                assert app.shows("lockScreen")
                assert not app.shows("marketsView")

    play(scene)


def test_a_key_lost_from_the_keyring_is_said_and_can_be_kept_again_in_its_place(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        await household.vault.destroy()  # the list still names the key
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: bool(app.notice), "the window says why")
            words = " ".join(
                each.text() for each in app.find("noticeBar", QWidget).findChildren(QLabel)
            )
            assert "no longer holds this key" in words
            assert "Bring it again from its backup" in words
            assert app.journey.session is None
            assert not app.shows("lockScreen")
            material = KeyMaterial(bytes([1]) * 32, KeyOrigin.PRIVATE_KEY)
            keychain = app.journey.keychain
            assert keychain is not None
            again = await keychain.keep(material, "Key 1", "", is_backed_up=True)
            assert again.identity_id == identity.identity_id
            assert len(keychain.identities) == 1
            app.journey.go_to(venue.key)
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_a_key_lost_from_the_keyring_comes_back_through_the_welcome(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        await household.vault.destroy()  # the list still names the key
        async with live_venue() as venue:
            async with started(household, venue) as app:
                await app.until(lambda: bool(app.notice), "the window says why")
                buttons = app.find("noticeBar", QWidget).findChildren(QPushButton)
                next(each for each in buttons if each.text() == "Show connections").click()
                await app.press("addKeyButton")
                await app.bring_key(1, "skipPassphraseButton", "confirmButton")
                await app.until(lambda: app.shows("signatureDialog"), "it is explained")
                await app.press("confirmButton")
                await app.at(identity.address)
                keychain = app.journey.keychain
                assert keychain is not None
                (back,) = keychain.identities
                assert (back.identity_id, back.name) == (identity.identity_id, identity.name)
            async with started(household, venue) as app:
                await app.at(identity.address)

    play(scene)


def test_locking_while_the_words_are_on_paper_hides_them_and_loses_nothing(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        await household.add_key(1, PASSPHRASE)
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            await app.opens_keys()
            app.window.connections_requested.emit()
            await app.press("addKeyButton")
            await app.press("createKeyButton")
            await app.press("nextButton")
            await app.press("showWordsButton")
            wizard = app.find("welcomeWizard", QDialog)

            def words() -> list[str]:
                labels = [wizard.findChildren(QLabel, f"phraseWord{n}")[0] for n in range(1, 13)]
                return [each.text() for each in labels]

            written = words()
            assert all(each.isalpha() for each in written)
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            assert not app.shows("welcomeWizard")
            said = {each.text() for each in app.window.findChildren(QLabel)}
            assert not said & set(written)
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("welcomeWizard"), "the wizard is back")
            assert app.find("welcomeWizard", QDialog) is wizard
            assert not set(words()) & set(written)
            await app.press("showWordsButton")
            assert words() == written
            assert not app.notice
            wizard.reject()
            await app.until(lambda: bool(app.notice), "it is said what the words are now")
            assert "belong to no key" in app.notice

    play(scene)


def test_a_lock_that_falls_while_its_passphrase_is_removed_opens_again(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            await app.opens_keys()
            app.window.connections_requested.emit()
            app.find("connectionsDialog", ConnectionsDialog).show_lock()
            await app.press("removePassphraseButton")
            app.find("oldPassphraseEdit", QLineEdit).setText(PASSPHRASE)
            household.vault.may_change.clear()
            app.find("changePassphraseDialog", QDialog).findChildren(QPushButton, "confirmButton")[
                0
            ].click()
            await app.until(lambda: household.vault.is_changing, "it is under way")
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            assert not app.shows("connectionsDialog")
            household.vault.may_change.set()
            await app.until(lambda: app.shows("marketsView"), "nothing is locked any more")
            assert not app.shows("lockScreen")
            keychain = app.journey.keychain
            assert keychain is not None
            assert not keychain.has_passphrase
            assert await keychain.reveal_private_key(identity.identity_id, "")
            app.window.lock_requested.emit()
            assert not app.shows("lockScreen")  # there is nothing to unlock with

    play(scene)


def test_going_live_with_a_second_key_uses_that_key_or_keeps_the_first(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        one = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.unlock(PASSPHRASE)
            await app.press("confirmButton")
            await app.at(one.address)
            keychain = app.journey.keychain
            assert keychain is not None
            material = KeyMaterial(b"\x02" * 32, KeyOrigin.PRIVATE_KEY)
            two = await keychain.keep(material, "Second", PASSPHRASE, is_backed_up=True)
            app.journey.welcome(WelcomeResult(Onward.LIVE, two))
            await app.until(lambda: app.shows("passphraseDialog"), "the passphrase is asked for")
            app.find("passphraseDialog", QDialog).reject()
            await app.until(lambda: keychain.active == one, "the session's key is in use again")
            assert app.session.venue.account == one.address
            app.journey.welcome(WelcomeResult(Onward.LIVE, two))
            await app.confirm(PASSPHRASE)
            await app.press("confirmButton")
            await app.at(two.address)
            assert keychain.active == two

    play(scene)


def test_who_went_to_practice_meanwhile_stays_there_when_the_keys_come(
    play: Play, household: Household
) -> None:
    may_open = asyncio.Event()

    async def slowly(folder: Path, service: str, clock: object) -> Keychain:
        await may_open.wait()
        return await household.open_keys(folder, service, clock)

    async def scene() -> None:
        await household.add_key(1)
        async with live_venue() as venue, started(household, venue, opener=slowly) as app:
            app.journey.go_to("practice")
            practice = await app.signed_in()
            may_open.set()
            await app.until(lambda: app.journey.keychain is not None, "the vault is open")
            await asyncio.sleep(0)
            assert app.session is practice
            assert app.shows("practiceBanner")
            assert not app.shows("signatureDialog")

    play(scene)


def test_a_venue_reached_behind_the_lock_is_watched_and_asks_nothing(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: not app.shows("lockScreen"), "it is unlocked")
            app.window.lock_requested.emit()  # before the venue has sent its challenge
            await app.until(lambda: app.journey.session is not None, "the venue is reached")
            links = "lockedLinks"
            await app.until(lambda: app.shows(links), "the lock screen watches over it")
            await app.until(
                lambda: "Clearport" in app.find(links, QLabel).text(), "and says how it is"
            )
            assert not app.shows("signatureDialog")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("signatureDialog"), "now it asks")
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_a_dialog_that_ends_behind_the_lock_does_not_come_back(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            await app.opens_keys()
            keychain = app.journey.keychain
            assert keychain is not None
            await keychain.change_passphrase("", PASSPHRASE)
            app.journey.follow_keys()
            app.window.open_account_requested.emit()
            wizard = app.find("openChannelWizard", QDialog)
            app.window.lock_requested.emit()
            assert not app.shows("openChannelWizard")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("openChannelWizard"), "what was hidden is back")
            app.window.lock_requested.emit()
            wizard.accept()  # as a dialog does whose request is answered
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("marketsView"), "the window is back")
            assert not app.shows("openChannelWizard")
            app.window.lock_requested.emit()
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("marketsView"), "and again")

    play(scene)
