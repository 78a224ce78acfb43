"""Choices are in force at once and on disk in order."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from kayen_desktop.app.preferences import Preferences
from kayen_desktop.app.settings import MARGIN_READINGS, Settings, SettingsFile
from kayen_desktop.domain.margin import RULES, MarginReading
from kayen_desktop.domain.signatures import SignatureMeaning, SigningPurpose
from kayen_desktop.keys.lock import LockRules

ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
MEANING = SignatureMeaning(SigningPurpose.CLEARPORT_CHALLENGE, "Clearport", ADDRESS, "text")


class Chooser:
    def __init__(self, folder: Path) -> None:
        self.work: list[Coroutine[Any, Any, None]] = []
        self.folder = folder
        self.preferences = Preferences(SettingsFile(folder), self.work.append)

    async def kept(self) -> Settings:
        work, self.work = self.work, []
        await asyncio.gather(*work)
        file = SettingsFile(self.folder)
        await asyncio.to_thread(file.load)
        return file.settings


async def test_each_change_is_kept_and_the_last_one_stands(tmp_path: Path) -> None:
    chooser = Chooser(tmp_path)
    for theme in ("dark", "light", "dark"):
        chooser.preferences.change(theme=theme)
    assert chooser.preferences.settings.theme == "dark"
    assert (await chooser.kept()).theme == "dark"


async def test_the_same_choice_again_writes_nothing(tmp_path: Path) -> None:
    chooser = Chooser(tmp_path)
    chooser.preferences.change(theme="system")
    assert chooser.work == []


async def test_the_lock_s_rules_are_minutes_and_0_is_never(tmp_path: Path) -> None:
    chooser = Chooser(tmp_path)
    assert chooser.preferences.lock_rules() == LockRules(idle_s=600.0)
    chooser.preferences.set_lock_rules(LockRules(None, can_close_positions=True))
    assert chooser.preferences.lock_rules() == LockRules(None, can_close_positions=True)
    kept = await chooser.kept()
    assert (kept.idle_minutes, kept.can_close_while_locked) == (0, True)


async def test_the_reading_of_the_margin_is_kept(tmp_path: Path) -> None:
    chooser = Chooser(tmp_path)
    assert chooser.preferences.margin_rules() == RULES
    chooser.preferences.set_margin_reading(MarginReading.TOTAL)
    assert chooser.preferences.margin_rules().reading is MarginReading.TOTAL
    assert (await chooser.kept()).margin_reading == "total"


def test_every_reading_of_the_margin_can_be_kept() -> None:
    assert set(MARGIN_READINGS) == {reading.value for reading in MarginReading}


async def test_a_yes_is_for_one_key_at_one_place(tmp_path: Path) -> None:
    chooser = Chooser(tmp_path)
    chooser.preferences.agree(MEANING, "port-a.kayen.io")
    assert chooser.preferences.is_agreed(MEANING, "port-a.kayen.io")
    assert not chooser.preferences.is_agreed(MEANING, "port-a.kayen.io-8080")
    assert (await chooser.kept()).agreed == (f"{ADDRESS}@port-a.kayen.io",)
