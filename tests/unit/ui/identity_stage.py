"""A real keychain on a vault in memory, a real gate and lock, and a view that waits for news."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from kayen_desktop.app.gate import Act, Gate
from kayen_desktop.app.market_state import LinkStatus
from kayen_desktop.domain.errors import NotAuthorizedError, SettingsError
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.identities import Identity
from kayen_desktop.keys.identity_book import IdentityBook
from kayen_desktop.keys.keychain import Keychain
from kayen_desktop.keys.lock import Lock, LockRules
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.presenters.connections import ConnectionLine
from tests.unit.keys.memory_vault import MemoryVault

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SESAME = "four words and a river"
PRIVATE_KEY = "0x" + "4f" * 32
PATIENCE_S = 15.0
LIVE_URL = "wss://clearport.example/ws"

ScreenT = TypeVar("ScreenT")


class Drawn(Generic[ScreenT]):
    """Keeps the last screen and lets a test wait for one."""

    def __init__(self) -> None:
        self.screen: ScreenT
        self.is_finished = False
        self._news = asyncio.Event()

    def show_screen(self, screen: ScreenT) -> None:
        assert not self.is_finished
        self.screen = screen
        self._news.set()

    def finish(self) -> None:
        assert not self.is_finished
        self.is_finished = True
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()


class FakeAsker:
    """Answers with a passphrase, or would rather not; notes what it was asked for."""

    def __init__(self, answer: str | None = SESAME) -> None:
        self.answer = answer
        self.asked: list[Act] = []

    async def ask(self, act: Act, verify: Callable[[str], Awaitable[None]]) -> str:
        self.asked.append(act)
        if self.answer is None:
            raise NotAuthorizedError("no")
        await verify(self.answer)
        return self.answer


class FakeLockSettings:
    """Keeps the rules in memory; fails to write them down where told to."""

    def __init__(self) -> None:
        self.rules = LockRules()
        self.is_failing = False

    def lock_rules(self) -> LockRules:
        return self.rules

    def set_lock_rules(self, rules: LockRules) -> None:
        if self.is_failing:
            raise SettingsError("The settings could not be saved.")
        self.rules = rules


class IdentityStage:
    """A keychain with what stands around it in the application."""

    def __init__(self, folder: Path, *, passphrase: str = "", is_file: bool = False) -> None:
        self.now = 0.0
        self.crashes: list[BaseException] = []
        self.told: list[str] = []
        self.passphrase = passphrase
        self.folder = folder
        self.vault = MemoryVault(is_file=is_file)
        self.keychain = Keychain(
            self.vault, IdentityBook(folder / "identities.json"), lambda: NOW, entropy=self._entropy
        )
        self.bridge = AsyncBridge(self.crashes.append)
        self.lock = Lock(self.keychain.verify, lambda: self.now)
        self.lock.is_armed = bool(passphrase)
        self.asker = FakeAsker(passphrase or None)
        self.gate = Gate(self.lock, lambda: self.keychain.has_passphrase, self.asker)
        self.settings = FakeLockSettings()
        self._drawn = 0

    async def add(self, name: str, *, is_backed_up: bool = False) -> Identity:
        """Keep a new key with a phrase of twelve words."""
        phrase = await self.keychain.make_phrase(12)
        material = await self.keychain.material_from_phrase(phrase)
        return await self.keychain.keep(material, name, self.passphrase, is_backed_up=is_backed_up)

    async def add_pasted(self, name: str = "Pasted") -> Identity:
        """Keep a key that has no phrase."""
        material = await self.keychain.material_from_private_key(PRIVATE_KEY)
        return await self.keychain.keep(material, name, self.passphrase, is_backed_up=False)

    async def words(self, identity: Identity) -> str:
        """Return the phrase of the key as somebody wrote it down."""
        phrase = await self.keychain.reveal_phrase(identity.identity_id, self.passphrase)
        return " ".join(phrase.words)

    async def end(self) -> None:
        """Stop what runs, and fail on what crashed."""
        await self.bridge.stop()
        assert not self.crashes, self.crashes

    def _entropy(self, length: int) -> bytes:
        self._drawn += 1
        return bytes([self._drawn]) * length


async def reached(condition: Callable[[], bool]) -> None:
    """Wait for work on threads that tells nobody; fails where a long time is not enough."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.to_thread(int)
    except TimeoutError:
        raise AssertionError("the condition never came to hold") from None


def connections(in_use: str = "practice") -> tuple[ConnectionLine, ...]:
    """Return the practice venue and a live one."""
    up = (LinkStatus("Clearport", LinkState.READY, latency_ms=4.0),)
    return (
        ConnectionLine(
            "practice", "Practice", True, in_use == "practice", (), up * (in_use == "practice")
        ),
        ConnectionLine(
            "kayen", "Kayen", False, in_use == "kayen", (("Clearport", LIVE_URL),),
            up * (in_use == "kayen"),
        ),
    )  # fmt: skip
