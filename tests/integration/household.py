"""A household with its keys, and the application between one start and its end, in a window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton, QWidget

from kayen_desktop.app.session import Session
from kayen_desktop.app.settings import Settings, SettingsFile
from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.identities import Identity, KeyOrigin
from kayen_desktop.journey import Journey, KeychainOpener
from kayen_desktop.keys.identity_book import IdentityBook
from kayen_desktop.keys.keychain import Keychain
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.options import PRACTICE_VENUE, Destination, Options
from kayen_desktop.practice.server import PracticeServer
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.views.main_window import MainWindow
from tests.unit.keys.memory_vault import MemoryVault
from tests.unit.ui.dialogs.conftest import until

from .desk import QUIET

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

    async def comes_in(self, address: str) -> Session:
        """Unlock a live start, agree to the first signature, and be signed in."""
        await self.until(lambda: self.shows("lockScreen"), "the app is locked")
        await self.unlock(PASSPHRASE)
        await self.press("confirmButton")
        return await self.at(address)

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
