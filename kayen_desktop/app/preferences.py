"""The trader's choices while the application runs: in force at once, on disk a moment later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from kayen_desktop.domain.margin import MarginReading, MarginRules
from kayen_desktop.domain.signatures import SignatureMeaning
from kayen_desktop.keys.lock import LockRules

from .settings import Settings, SettingsFile

MINUTE_S = 60.0


class Preferences:
    """Reads and changes the settings; every change is written off the loop, and in order."""

    def __init__(
        self, file: SettingsFile, run: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        """``run`` owns the writing, and tells the trader of a ``SettingsError``."""
        self._file = file
        self._run = run
        self._turn = asyncio.Lock()

    @property
    def settings(self) -> Settings:
        """What is in force."""
        return self._file.settings

    def change(self, **changes: Any) -> None:
        """Put the changes in force and keep them; the same choice again is none."""
        settings = replace(self._file.settings, **changes)
        if settings != self._file.settings:
            self._file.settings = settings
            self._run(self._write())

    def lock_rules(self) -> LockRules:
        """Return when the application locks."""
        return LockRules(
            idle_s=self.settings.idle_minutes * MINUTE_S or None,
            can_close_positions=self.settings.can_close_while_locked,
        )

    def set_lock_rules(self, rules: LockRules) -> None:
        """Keep when the application locks, in whole minutes."""
        self.change(
            idle_minutes=int((rules.idle_s or 0.0) // MINUTE_S),
            can_close_while_locked=rules.can_close_positions,
        )

    def margin_rules(self) -> MarginRules:
        """Return how zones are reckoned."""
        return MarginRules(reading=MarginReading(self.settings.margin_reading))

    def set_margin_reading(self, reading: MarginReading) -> None:
        """Keep what the zones' shares are shares of."""
        self.change(margin_reading=reading.value)

    def is_agreed(self, meaning: SignatureMeaning, place: str) -> bool:
        """Return whether the trader has agreed to sign with this key at this place before."""
        return _agreement(meaning, place) in self.settings.agreed

    def agree(self, meaning: SignatureMeaning, place: str) -> None:
        """Keep that the trader has agreed to it."""
        self.change(agreed=(*self.settings.agreed, _agreement(meaning, place)))

    async def _write(self) -> None:
        async with self._turn:
            await asyncio.to_thread(self._file.save)


def _agreement(meaning: SignatureMeaning, place: str) -> str:
    return f"{meaning.address}@{place}"
