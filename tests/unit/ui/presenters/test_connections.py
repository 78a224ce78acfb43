"""The logic of "Connections & keys", without a window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from kayen_desktop.app.market_state import LinkStatus
from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.domain.events import LinkState
from kayen_desktop.keys.identity_book import IdentityBook
from kayen_desktop.keys.lock import LockRules
from kayen_desktop.ui.notices.keys import why_files_text
from kayen_desktop.ui.presenters.connections import (
    ConnectionsPresenter,
    KeysScreen,
    VaultScreen,
    VenueLine,
)
from kayen_desktop.ui.presenters.facts import Tone
from tests.unit.ui.identity_stage import (
    LIVE_URL,
    SESAME,
    IdentityStage,
    connections,
    reached,
)


class FakeView:
    """Keeps the last of each screen, and which key was told to be in use."""

    def __init__(self) -> None:
        self.keys: KeysScreen
        self.vault: VaultScreen
        self.venues: tuple[VenueLine, ...] = ()
        self.told: list[str] = []
        self.news = asyncio.Event()

    def show_keys(self, screen: KeysScreen) -> None:
        self.keys = screen
        self.news.set()

    def show_vault(self, screen: VaultScreen) -> None:
        self.vault = screen

    def show_venues(self, lines: tuple[VenueLine, ...]) -> None:
        self.venues = lines

    def tell_key_in_use(self, identity_id: str) -> None:
        self.told.append(identity_id)
        self.news.set()


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[IdentityStage]:
    it = IdentityStage(tmp_path)
    yield it
    await it.end()


def opened(stage: IdentityStage) -> tuple[ConnectionsPresenter, FakeView]:
    view = FakeView()
    presenter = ConnectionsPresenter(
        stage.keychain, stage.bridge, stage.settings, connections(), view
    )
    presenter.refresh()
    return presenter, view


async def until_told(view: FakeView) -> None:
    async with asyncio.timeout(5):
        while not view.told:
            view.news.clear()
            await view.news.wait()


async def test_without_a_key_there_is_nothing_to_do(stage: IdentityStage) -> None:
    presenter, view = opened(stage)
    assert view.keys.lines == ()
    assert view.keys.selected == ""
    assert not view.keys.can_act
    assert not view.keys.can_use
    presenter.use_key()
    presenter.select("nobody")
    assert presenter.selected is None


async def test_the_key_in_use_is_chosen_first(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    await stage.add("Savings", is_backed_up=True)
    _, view = opened(stage)
    first, second = view.keys.lines
    assert (first.name, first.is_in_use, first.backup) == ("Main", True, "Not backed up")
    assert (second.is_in_use, second.backup) == (False, "Backed up 21 Nov 2026")
    assert view.keys.selected == main.identity_id
    assert view.keys.is_in_use
    assert not view.keys.can_use
    assert view.keys.has_phrase
    facts = {fact.label: fact for fact in view.keys.facts}
    assert facts["Address"].copy_text == main.address
    assert facts["Since"].value == "21 Nov 2026"
    assert "m/44'/60'/0'/0/0" in facts["Recovery phrase"].value


async def test_a_key_without_a_phrase_says_what_to_back_up(stage: IdentityStage) -> None:
    await stage.add_pasted()
    _, view = opened(stage)
    assert not view.keys.has_phrase
    assert "private key or a file" in view.keys.facts[-1].value


async def test_another_key_is_used_once(stage: IdentityStage) -> None:
    await stage.add("Main")
    savings = await stage.add("Savings")
    presenter, view = opened(stage)
    presenter.select(savings.identity_id)
    assert view.keys.can_use
    presenter.use_key()
    presenter.use_key()
    assert not view.keys.can_use
    assert not view.keys.can_act
    await until_told(view)
    assert view.told == [savings.identity_id]
    assert view.keys.is_in_use
    assert stage.keychain.active == savings


async def test_a_use_that_can_not_be_written_down_says_so(
    stage: IdentityStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = await stage.add("Main")
    savings = await stage.add("Savings")
    presenter, view = opened(stage)
    presenter.select(savings.identity_id)

    def fail(*_: object) -> None:
        raise VaultError(VaultProblem.FILE_FAILED, "disk full")

    monkeypatch.setattr(IdentityBook, "save", fail)
    presenter.use_key()
    async with asyncio.timeout(5):
        while view.keys.notice is None:
            view.news.clear()
            await view.news.wait()
    assert view.told == []
    assert stage.keychain.active == main
    assert view.keys.can_use
    presenter.select(main.identity_id)
    assert view.keys.notice is None


async def test_a_key_that_went_away_leaves_the_one_in_use(stage: IdentityStage) -> None:
    main = await stage.add("Main")
    savings = await stage.add("Savings")
    presenter, view = opened(stage)
    presenter.select(savings.identity_id)
    await stage.keychain.remove(savings.identity_id, "")
    presenter.refresh()
    assert view.keys.selected == main.identity_id
    await stage.keychain.remove(main.identity_id, "")
    presenter.refresh()
    assert view.keys.selected == ""
    assert view.keys.lines == ()


async def test_without_a_passphrase_there_is_no_lock(stage: IdentityStage) -> None:
    _, view = opened(stage)
    assert not view.vault.has_passphrase
    assert not view.vault.can_remove_passphrase
    assert "No passphrase" in view.vault.passphrase
    assert "Set a passphrase first" in view.vault.lock_text
    assert view.vault.why_not_keyring == ""
    assert view.vault.idle_minutes == 10


async def test_a_vault_of_files_says_why_and_keeps_its_passphrase(tmp_path: Path) -> None:
    stage = IdentityStage(tmp_path, passphrase=SESAME, is_file=True)
    await stage.add("Main")
    _, view = opened(stage)
    assert view.vault.why_not_keyring == why_files_text(VaultProblem.NO_KEYRING)
    assert "nowhere" in view.vault.place
    assert view.vault.has_passphrase
    assert not view.vault.can_remove_passphrase
    assert "always have a passphrase" in view.vault.passphrase
    await stage.end()


async def test_the_lock_follows_its_settings(stage: IdentityStage) -> None:
    presenter, view = opened(stage)
    presenter.set_idle_minutes(30)
    assert stage.settings.rules == LockRules(1800.0)
    assert view.vault.idle_minutes == 30
    presenter.set_idle_minutes(0)
    assert stage.settings.rules.idle_s is None
    assert view.vault.idle_minutes == 0
    presenter.set_can_close_positions(True)
    assert stage.settings.rules == LockRules(None, can_close_positions=True)
    assert view.vault.can_close_positions
    stage.settings.rules = LockRules(90.0)
    presenter.refresh()
    assert view.vault.idle_minutes == 2


async def test_settings_that_can_not_be_saved_are_told(stage: IdentityStage) -> None:
    presenter, view = opened(stage)
    stage.settings.is_failing = True
    presenter.set_idle_minutes(1)
    assert view.vault.notice is not None
    assert view.vault.idle_minutes == 10
    stage.settings.is_failing = False
    presenter.set_idle_minutes(1)
    assert view.vault.notice is None


async def test_venues_say_what_they_are_and_how_they_are(stage: IdentityStage) -> None:
    presenter, view = opened(stage)
    practice, live = view.venues
    assert practice.is_in_use
    assert practice.state == "Clearport: Connected, 4 ms"
    assert practice.tone is Tone.GOOD
    assert "No real money" in practice.kind
    assert live.state == "Not connected"
    assert live.servers[0].copy_text == LIVE_URL
    down = replace(connections("kayen")[1], links=(LinkStatus("Clearport", LinkState.RETRYING),))
    presenter.show_connections((down,))
    (line,) = view.venues
    assert line.state == "Clearport: Reconnecting…"
    assert line.tone is Tone.BAD
    presenter.show_connections((replace(down, links=()),))
    assert view.venues[0].state == "Connecting…"


async def test_a_closed_dialog_is_drawn_no_more(stage: IdentityStage) -> None:
    await stage.add("Main")
    savings = await stage.add("Savings")
    presenter, view = opened(stage)
    presenter.select(savings.identity_id)
    presenter.use_key()
    presenter.stop()
    before = view.keys
    await reached(lambda: stage.keychain.active == savings)
    presenter.refresh()
    presenter.show_connections(())
    assert view.keys is before
    assert view.venues != ()
    assert view.told == []
