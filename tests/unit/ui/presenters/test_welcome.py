"""The logic of the welcome wizard, without a window."""

from __future__ import annotations

import asyncio
import gc
import os
import random
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from kayen_desktop.app.gate import Act
from kayen_desktop.domain.errors import (
    KeyInputError,
    KeyProblemKind,
    NotAuthorizedError,
    VaultError,
    VaultProblem,
)
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.keys.identity_book import IdentityBook
from kayen_desktop.keys.keychain import Keychain
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.recovery_phrase import RecoveryPhrase
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.keys import key_problem_text
from kayen_desktop.ui.presenters.bring_key import Way, look_at, read_key_file
from kayen_desktop.ui.presenters.welcome import WelcomePresenter
from kayen_desktop.ui.presenters.welcome_screens import (
    Onward,
    WelcomePage,
    WelcomeResult,
    WelcomeScreen,
)
from tests.unit.ui.keys import (
    ADDRESS,
    PHRASE,
    PRIVATE_KEY,
    SECOND_ADDRESS,
    STRONG,
    Passphrase,
    ShakyVault,
    loaded_keychain,
    write_keystore,
)

PATIENCE_S = 20.0
# Secrets that another test has left to the garbage collection.
ELSEWHERE: list[object] = []
P = WelcomePage


class FakeView:
    """Keeps the last screen and the result, and tells when a screen is as one waits for it."""

    def __init__(self) -> None:
        self.screen: WelcomeScreen
        self.results: list[WelcomeResult] = []
        self.passphrases_told = 0
        self._waiting: list[tuple[Callable[[WelcomeScreen], bool], asyncio.Future[None]]] = []

    def show_screen(self, screen: WelcomeScreen) -> None:
        self.screen = screen
        for condition, reached in self._waiting:
            if condition(screen) and not reached.done():
                reached.set_result(None)

    def finish(self, result: WelcomeResult) -> None:
        self.results.append(result)

    def tell_passphrase(self) -> None:
        self.passphrases_told += 1

    async def until(self, condition: Callable[[WelcomeScreen], bool]) -> WelcomeScreen:
        if not condition(self.screen):
            reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((condition, reached))
            await asyncio.wait_for(reached, PATIENCE_S)
        return self.screen

    async def turned_to(self, page: WelcomePage) -> WelcomeScreen:
        return await self.until(lambda screen: screen.page is page and not screen.is_busy)


class Wizard:
    """A presenter with its fake view, a keychain, and somebody who knows the passphrase."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.crashes: list[BaseException] = []
        self.bridge = AsyncBridge(self.crashes.append)
        self.view = FakeView()
        self.vault = ShakyVault()
        self.passphrase = Passphrase()
        self.keychain: Keychain
        self.presenter: WelcomePresenter

    async def begin(
        self, start: WelcomePage = P.CHOICE, *, is_file: bool = False, passphrase: str = ""
    ) -> None:
        """Open the wizard on a keychain; a passphrase set already locks the vault."""
        self.vault = ShakyVault(is_file=is_file)
        if passphrase:
            await self.vault.write({"api.key": b"another secret"}, passphrase)
            self.passphrase.answer = passphrase
        self.keychain = await loaded_keychain(self.folder, self.vault)
        self.open_again(start)

    def open(self) -> None:
        self.presenter = WelcomePresenter(
            self.bridge, self.passphrase.authorize, self.view, chooser=random.Random(7)
        )
        self.presenter.refresh()

    def open_again(self, start: WelcomePage) -> None:
        """Open the wizard on the keychain that is there, and turn to this page."""
        self.open()
        self.presenter.set_keychain(self.keychain)
        if start is P.CREATE:
            self.presenter.choose_create()
        elif start is P.BRING:
            self.presenter.choose_bring()

    @property
    def screen(self) -> WelcomeScreen:
        return self.view.screen

    def is_on(self, page: WelcomePage) -> bool:
        return self.screen.page is page

    async def to_words(self) -> tuple[str, ...]:
        """Go on from the page with the name; return the words."""
        self.presenter.go_on()
        if self.screen.page is P.PASSPHRASE:
            self.presenter.skip_passphrase()
        await self.view.turned_to(P.WORDS)
        self.presenter.show_words()
        return self.screen.words.words

    async def to_check(self) -> tuple[str, ...]:
        words = await self.to_words()
        self.presenter.go_on()
        await self.view.turned_to(P.CHECK)
        return words

    def answer(self, words: tuple[str, ...], *, rightly: bool = True) -> None:
        check = self.screen.check
        right = words[int(check.question.rstrip("?").rpartition(" ")[2]) - 1]
        assert right in check.choices
        wrong = next(word for word in check.choices if word != right)
        self.presenter.answer(right if rightly else wrong)

    async def bring_phrase(self, text: str = PHRASE, index: str = "0") -> None:
        self.presenter.bring.type_phrase(text)
        self.presenter.bring.type_index(index)
        self.presenter.go_on()
        await self.view.until(lambda screen: not screen.is_busy)

    async def confirm(self) -> None:
        """Go on without a passphrase, and keep the key."""
        if self.screen.page is P.PASSPHRASE:
            self.presenter.skip_passphrase()
        assert self.is_on(P.CONFIRM)
        self.presenter.go_on()
        await self.view.until(lambda screen: not screen.is_busy)


@pytest_asyncio.fixture
async def wizard(tmp_path: Path) -> AsyncIterator[Wizard]:
    it = Wizard(tmp_path)
    yield it
    await it.bridge.stop()
    assert not it.crashes, it.crashes


# The choice


async def test_practice_needs_no_keychain(wizard: Wizard) -> None:
    wizard.open()
    assert not wizard.screen.has_keychain
    wizard.presenter.choose_create()
    assert wizard.is_on(P.CHOICE)
    wizard.presenter.choose_practice()
    assert wizard.view.results == [WelcomeResult(Onward.PRACTICE, None)]


async def test_a_keychain_that_comes_later_opens_the_other_ways(wizard: Wizard) -> None:
    wizard.open()
    wizard.presenter.set_keychain(await loaded_keychain(wizard.folder, wizard.vault))
    wizard.presenter.choose_bring()
    assert wizard.is_on(P.BRING)
    wizard.presenter.go_back()
    assert wizard.is_on(P.CHOICE)


async def test_a_keychain_that_does_not_open_is_explained(wizard: Wizard) -> None:
    wizard.open()
    wizard.presenter.refuse_keychain(VaultError(VaultProblem.KEYRING_LOCKED, "detail"))
    notice = wizard.screen.notice
    assert notice is not None
    assert "Unlock it" in notice.next_step
    assert "Practice needs no key" in notice.safe
    wizard.presenter.choose_create()
    assert wizard.is_on(P.CHOICE)
    wizard.presenter.await_keychain()
    assert wizard.screen.notice is None
    wizard.presenter.choose_practice()
    assert wizard.view.results


# Creating a key


async def test_a_key_is_made_checked_and_kept(wizard: Wizard) -> None:
    await wizard.begin()
    wizard.presenter.choose_create()
    assert wizard.screen.trail.endswith("step 1 of 4")
    wizard.presenter.type_name("Trading")
    words = await wizard.to_check()
    assert len(words) == 12
    for _ in range(4):
        wizard.answer(words)
    screen = await wizard.view.turned_to(P.DONE)
    (identity,) = wizard.keychain.identities
    assert identity == wizard.keychain.active
    assert identity.name == "Trading"
    assert identity.is_backed_up
    assert identity.origin is KeyOrigin.CREATED
    assert identity.address == RecoveryPhrase.from_text(" ".join(words)).derive().address
    assert (screen.done.address, screen.done.is_backed_up) == (identity.address, True)
    assert not screen.has_page_before
    wizard.presenter.choose_live()
    assert wizard.view.results == [WelcomeResult(Onward.LIVE, identity)]
    kept = await wizard.keychain.reveal_phrase(identity.identity_id, "")
    assert kept.words == words


async def test_words_are_hidden_until_wanted_and_never_printed(wizard: Wizard) -> None:
    await wizard.begin(P.CREATE)
    wizard.presenter.choose_count(24)
    wizard.presenter.go_on()
    wizard.presenter.skip_passphrase()
    screen = await wizard.view.turned_to(P.WORDS)
    assert not screen.words.words
    assert not screen.can_go_on
    wizard.presenter.show_words()
    words = wizard.screen.words.words
    assert len(words) == 24
    assert wizard.screen.can_go_on
    assert not any(f"'{word}'" in repr(wizard.screen) for word in words)
    wizard.presenter.hide_words()
    assert not wizard.screen.words.words
    assert wizard.screen.can_go_on
    wizard.presenter.show_words()
    wizard.presenter.go_on()
    screen = await wizard.view.turned_to(P.CHECK)
    assert not screen.words.words
    assert not any(f"'{word}'" in repr(screen) for word in screen.check.choices)


async def test_a_wrong_word_leads_back_to_the_words(wizard: Wizard) -> None:
    await wizard.begin(P.CREATE)
    words = await wizard.to_check()
    wizard.answer(words)
    wizard.answer(words, rightly=False)
    assert wizard.is_on(P.WORDS)
    assert "another word" in wizard.screen.words.remark
    assert not wizard.screen.words.words
    wizard.presenter.show_words()
    assert wizard.screen.words.words == words
    wizard.presenter.go_on()
    screen = await wizard.view.turned_to(P.CHECK)
    assert screen.check.trail == "Question 1 of 4"
    for _ in range(4):
        wizard.answer(words)
    await wizard.view.turned_to(P.DONE)
    assert wizard.keychain.identities[0].is_backed_up


async def test_the_check_can_wait(wizard: Wizard) -> None:
    await wizard.begin(P.CREATE)
    await wizard.to_check()
    wizard.presenter.check_later()
    wizard.presenter.check_later()
    screen = await wizard.view.turned_to(P.DONE)
    assert not screen.done.is_backed_up
    assert "not checked yet" in screen.done.backup
    assert not wizard.keychain.identities[0].is_backed_up
    assert wizard.vault.writes == 1


async def test_files_need_a_passphrase(wizard: Wizard) -> None:
    await wizard.begin(P.CREATE, is_file=True)
    wizard.presenter.go_on()
    screen = wizard.screen
    assert screen.page is P.PASSPHRASE
    assert screen.passphrase.is_required
    assert "no keyring" in screen.passphrase.why
    wizard.presenter.skip_passphrase()
    wizard.presenter.type_passphrase("weak", is_good=False)
    wizard.presenter.go_on()
    assert wizard.is_on(P.PASSPHRASE)
    wizard.presenter.type_passphrase(STRONG, is_good=True)
    wizard.presenter.go_on()
    await wizard.view.turned_to(P.WORDS)
    wizard.presenter.show_words()
    wizard.presenter.go_on()
    await wizard.view.turned_to(P.CHECK)
    wizard.presenter.check_later()
    await wizard.view.turned_to(P.DONE)
    assert wizard.keychain.has_passphrase
    await wizard.vault.verify(STRONG)
    assert wizard.passphrase.asked == []


async def test_a_passphrase_that_is_offered_can_be_taken(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    await wizard.vault.write({"api.key": b"kept without a passphrase"}, "")
    await wizard.bring_phrase()
    assert wizard.is_on(P.PASSPHRASE)
    assert not wizard.screen.passphrase.is_required
    wizard.presenter.type_passphrase(STRONG, is_good=True)
    wizard.presenter.go_on()
    await wizard.confirm()
    assert wizard.is_on(P.DONE)
    assert wizard.keychain.has_passphrase
    assert await wizard.vault.read("api.key", STRONG)


async def test_the_passphrase_is_asked_for_before_a_key_is_added(wizard: Wizard) -> None:
    await wizard.begin(P.CREATE, passphrase=STRONG)
    wizard.passphrase.answer = NotAuthorizedError("The trader would rather not.")
    wizard.presenter.go_on()
    words = await wizard.to_words()
    wizard.presenter.go_on()
    await wizard.view.turned_to(P.CHECK)
    for _ in range(4):
        wizard.answer(words)
    screen = await wizard.view.turned_to(P.WORDS)
    assert screen.notice is not None
    assert "not kept yet" in screen.notice.happened
    assert screen.words.is_checked
    assert not wizard.keychain.identities
    wizard.passphrase.answer = STRONG
    wizard.presenter.show_words()
    assert wizard.screen.words.words == words
    wizard.presenter.go_on()
    await wizard.view.turned_to(P.DONE)
    assert wizard.passphrase.asked == [Act.ADD_KEY, Act.ADD_KEY]
    assert wizard.keychain.identities[0].is_backed_up


async def test_nothing_is_lost_where_the_vault_fails(wizard: Wizard) -> None:
    await wizard.begin(P.CREATE)
    words = await wizard.to_check()
    wizard.vault.problem = VaultProblem.NOT_SAVED
    for _ in range(4):
        wizard.answer(words)
    screen = await wizard.view.turned_to(P.WORDS)
    assert screen.notice is not None
    assert "Nothing is lost" in screen.notice.safe
    assert not wizard.keychain.identities
    wizard.presenter.show_words()
    assert wizard.screen.words.words == words
    wizard.vault.problem = None
    wizard.presenter.go_on()
    await wizard.view.turned_to(P.DONE)
    assert wizard.keychain.identities[0].is_backed_up


async def test_a_vault_that_fails_after_its_passphrase_was_set_asks_for_it(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    await wizard.vault.write({"api.key": b"kept without a passphrase"}, "")
    await wizard.bring_phrase()
    wizard.presenter.type_passphrase(STRONG, is_good=True)
    wizard.presenter.go_on()
    wizard.vault.problem = VaultProblem.KEYRING_FAILED
    await wizard.confirm()
    assert wizard.is_on(P.CONFIRM)
    assert wizard.screen.notice is not None
    assert wizard.view.passphrases_told == 1  # the lock must be armed, whatever becomes of the key
    wizard.vault.problem = None
    wizard.passphrase.answer = STRONG
    wizard.presenter.go_back()
    assert wizard.is_on(P.BRING)  # the vault has its passphrase: another one can't be chosen
    wizard.presenter.go_on()
    await wizard.view.turned_to(P.CONFIRM)
    await wizard.confirm()
    assert wizard.is_on(P.DONE)
    assert wizard.passphrase.asked == [Act.ADD_KEY]
    assert wizard.view.passphrases_told == 1


@pytest.mark.parametrize("start", [P.CREATE, P.BRING])
async def test_a_first_key_that_is_not_kept_leaves_no_passphrase_behind(
    wizard: Wizard, start: WelcomePage
) -> None:
    await wizard.begin(start)
    wizard.vault.problem = VaultProblem.FULL
    if start is P.BRING:
        wizard.presenter.bring.type_phrase(PHRASE)
    wizard.presenter.go_on()
    await wizard.view.turned_to(P.PASSPHRASE)
    wizard.presenter.type_passphrase(STRONG, is_good=True)
    wizard.presenter.go_on()
    if start is P.CREATE:
        await wizard.view.turned_to(P.WORDS)
        wizard.presenter.show_words()
        wizard.presenter.go_on()
        await wizard.view.turned_to(P.CHECK)
        wizard.presenter.check_later()
    else:
        wizard.presenter.go_on()
    await wizard.view.until(lambda screen: screen.notice is not None and not screen.is_busy)
    assert await wizard.vault.is_empty()
    assert not wizard.keychain.has_passphrase
    assert wizard.view.passphrases_told == 0
    wizard.vault.problem = None
    wizard.presenter.go_on()
    await wizard.view.until(lambda screen: not screen.is_busy)
    if start is P.CREATE:  # the words are asked for again before the key is kept
        wizard.presenter.check_later()
    await wizard.view.turned_to(P.DONE)
    assert wizard.keychain.has_passphrase
    await wizard.vault.verify(STRONG)
    assert wizard.passphrase.asked == []
    assert wizard.view.passphrases_told == 1


async def test_a_second_click_does_nothing(wizard: Wizard) -> None:
    await wizard.begin(P.CREATE)
    wizard.presenter.go_on()
    wizard.presenter.skip_passphrase()
    assert wizard.screen.is_busy
    wizard.presenter.skip_passphrase()
    wizard.presenter.go_on()
    wizard.presenter.go_back()
    await wizard.view.turned_to(P.WORDS)
    wizard.presenter.show_words()
    words = wizard.screen.words.words
    wizard.presenter.go_on()
    wizard.presenter.go_on()
    await wizard.view.turned_to(P.CHECK)
    for _ in range(4):
        wizard.answer(words)
    assert wizard.screen.is_keeping
    wizard.presenter.answer(words[0])
    wizard.presenter.check_later()
    await wizard.view.turned_to(P.DONE)
    assert wizard.vault.writes == 1


async def test_going_back_keeps_the_phrase_unless_its_length_changes(wizard: Wizard) -> None:
    await wizard.begin(P.CREATE)
    words = await wizard.to_words()
    for _ in range(2):
        wizard.presenter.go_back()
    assert wizard.is_on(P.CREATE)
    assert await wizard.to_words() == words
    for _ in range(2):
        wizard.presenter.go_back()
    wizard.presenter.choose_count(24)
    again = await wizard.to_words()
    assert len(again) == 24


async def test_names_are_checked_and_suggested(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    await wizard.bring_phrase()
    await wizard.confirm()
    assert wizard.keychain.identities[0].name == "My key"
    wizard.open_again(P.CREATE)
    assert wizard.screen.create.name == "My key 2"
    for bad in ("", "  ", "x" * 41, "my KEY"):
        wizard.presenter.type_name(bad)
        assert wizard.screen.create.name_problem
        assert not wizard.screen.can_go_on
    wizard.presenter.type_name("x" * 40)
    assert not wizard.screen.create.name_problem


# Bringing a key


async def test_a_phrase_is_brought_and_its_address_confirmed(wizard: Wizard) -> None:
    await wizard.begin()
    wizard.presenter.choose_bring()
    await wizard.bring_phrase(f" 1. {PHRASE.upper()}\n")
    wizard.presenter.skip_passphrase()
    confirm = wizard.screen.confirm
    assert confirm.address == ADDRESS
    assert confirm.grouped_address.replace(" ", "") == ADDRESS
    assert confirm.account == "Account 0 of the phrase (m/44'/60'/0'/0/0)"
    await wizard.confirm()
    (identity,) = wizard.keychain.identities
    assert identity.address == ADDRESS
    assert identity.origin is KeyOrigin.PHRASE
    assert identity.is_backed_up
    assert not wizard.screen.bring.phrase_text


async def test_another_address_is_found_by_going_back(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    await wizard.bring_phrase()
    wizard.presenter.skip_passphrase()
    wizard.presenter.go_back()
    wizard.presenter.go_back()
    assert wizard.screen.bring.phrase_text == PHRASE
    await wizard.bring_phrase(index="1")
    wizard.presenter.skip_passphrase()
    assert wizard.screen.confirm.address == SECOND_ADDRESS


@pytest.mark.parametrize("index", ["", "-1", "x", "1.5", "٣", str(2**31), "9" * 12])
async def test_a_number_that_no_key_has_is_refused(wizard: Wizard, index: str) -> None:
    await wizard.begin(P.BRING)
    await wizard.bring_phrase(index=index)
    assert wizard.is_on(P.BRING)
    assert "no account of this number" in wizard.screen.bring.problem


async def test_a_typo_is_found_while_typing_and_mended(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    wizard.presenter.bring.type_phrase("test tets test")
    screen = await wizard.view.until(lambda screen: bool(screen.bring.problem))
    assert "Word 2" in screen.bring.problem
    assert "test" in screen.bring.hints
    wizard.presenter.bring.take_hint("not a hint")
    assert wizard.screen.bring.phrase_text == "test tets test"
    wizard.presenter.bring.take_hint("test")
    assert wizard.screen.bring.phrase_text == "test test test "
    assert not wizard.screen.bring.problem
    wizard.presenter.bring.type_phrase(PHRASE)
    screen = await wizard.view.until(lambda screen: bool(screen.bring.fits))
    assert not screen.bring.problem


async def test_words_that_do_not_belong_together_are_told(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    wizard.presenter.bring.type_phrase(PHRASE.replace("junk", "test"))
    screen = await wizard.view.until(lambda screen: bool(screen.bring.problem))
    assert "don't belong together" in screen.bring.problem
    wizard.presenter.go_on()
    await wizard.view.until(lambda screen: not screen.is_busy)
    assert wizard.is_on(P.BRING)


async def test_too_few_words_are_no_problem_before_one_goes_on(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    wizard.presenter.bring.type_phrase("test test")
    wizard.presenter.go_on()
    screen = await wizard.view.until(lambda screen: bool(screen.bring.problem))
    assert "Here are 2 words" in screen.bring.problem
    wizard.presenter.bring.type_phrase("test test test")
    assert not wizard.screen.bring.problem


async def test_a_private_key_among_the_words_moves_where_it_belongs(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    wizard.presenter.bring.type_phrase(f" {PRIVATE_KEY} ")
    screen = await wizard.view.until(lambda screen: screen.bring.other_way is Way.PRIVATE_KEY)
    assert "looks like a private key" in screen.bring.problem
    wizard.presenter.bring.move_to_other_way()
    bring = wizard.screen.bring
    assert (bring.way, bring.key_text, bring.phrase_text) == (Way.PRIVATE_KEY, PRIVATE_KEY, "")
    wizard.presenter.go_on()
    await wizard.view.until(lambda screen: not screen.is_busy)
    await wizard.confirm()
    assert wizard.keychain.identities[0].origin is KeyOrigin.PRIVATE_KEY
    assert wizard.screen.done.address == ADDRESS


async def test_a_phrase_among_the_digits_moves_where_it_belongs(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    wizard.presenter.bring.choose_way(Way.PRIVATE_KEY)
    wizard.presenter.bring.type_key(PHRASE)
    await wizard.view.until(lambda screen: screen.bring.other_way is Way.PHRASE)
    wizard.presenter.bring.move_to_other_way()
    assert wizard.screen.bring.phrase_text == PHRASE
    await wizard.view.until(lambda screen: bool(screen.bring.fits))


async def test_an_address_is_no_key(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    wizard.presenter.bring.choose_way(Way.PRIVATE_KEY)
    wizard.presenter.bring.type_key(ADDRESS)
    screen = await wizard.view.until(lambda screen: bool(screen.bring.problem))
    assert "everybody may know" in screen.bring.problem
    assert screen.bring.other_way is None


async def test_a_key_file_is_opened_with_its_password(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    path = write_keystore(wizard.folder, "the right one")
    wizard.presenter.bring.choose_way(Way.KEYSTORE)
    assert not wizard.screen.can_go_on
    wizard.presenter.choose_file(path)
    screen = await wizard.view.until(lambda screen: not screen.is_busy)
    assert screen.bring.file_name == path.name
    wizard.presenter.bring.type_password("the wrong one")
    wizard.presenter.go_on()
    screen = await wizard.view.until(lambda screen: not screen.is_busy)
    assert "does not open the file" in screen.bring.problem
    wizard.presenter.bring.type_password("the right one")
    wizard.presenter.go_on()
    await wizard.view.until(lambda screen: not screen.is_busy)
    await wizard.confirm()
    assert wizard.keychain.identities[0].origin is KeyOrigin.KEYSTORE
    assert wizard.screen.done.address == ADDRESS


async def test_the_text_of_a_key_file_moves_where_it_belongs(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    text = write_keystore(wizard.folder, "password").read_text("utf-8")
    for way, take in (
        (Way.PHRASE, wizard.presenter.bring.type_phrase),
        (Way.PRIVATE_KEY, wizard.presenter.bring.type_key),
    ):
        wizard.presenter.bring.choose_way(way)
        take(text)
        await wizard.view.until(lambda screen: screen.bring.other_way is Way.KEYSTORE)
        wizard.presenter.bring.move_to_other_way()
        assert wizard.screen.bring.file_name == "the text you pasted"
        assert wizard.screen.can_go_on


async def test_a_key_that_is_here_already_is_told(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    await wizard.bring_phrase()
    await wizard.confirm()
    wizard.open_again(P.BRING)
    await wizard.bring_phrase()
    await wizard.confirm()
    assert wizard.is_on(P.BRING)
    assert "here already" in wizard.screen.bring.problem
    assert wizard.vault.writes == 1


async def test_a_passphrase_that_a_failure_left_behind_is_asked_for(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise VaultError(VaultProblem.KEYRING_FAILED)

    def fail_to_write(*_: object) -> None:
        raise VaultError(VaultProblem.FILE_FAILED)

    await wizard.begin(P.BRING)
    monkeypatch.setattr(IdentityBook, "save", fail_to_write)
    monkeypatch.setattr(wizard.vault, "destroy", fail)
    wizard.presenter.bring.type_phrase(PHRASE)
    wizard.presenter.go_on()
    await wizard.view.turned_to(P.PASSPHRASE)
    wizard.presenter.type_passphrase(STRONG, is_good=True)
    wizard.presenter.go_on()
    await wizard.confirm()
    assert wizard.screen.notice is not None
    assert wizard.view.passphrases_told == 1
    monkeypatch.undo()
    wizard.passphrase.answer = STRONG
    await wizard.confirm()
    assert wizard.is_on(P.DONE)
    assert wizard.passphrase.asked == [Act.ADD_KEY]


# A key that is listed, but that the vault has lost


async def test_a_lost_key_comes_back_in_its_place_under_its_name(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    wizard.presenter.type_name("Savings")
    await wizard.bring_phrase()
    await wizard.confirm()
    (lost,) = wizard.keychain.identities
    await wizard.vault.delete(await wizard.vault.names(""), "")
    wizard.open_again(P.BRING)
    await wizard.bring_phrase()
    assert wizard.is_on(P.CONFIRM)
    assert (wizard.screen.confirm.name, wizard.screen.confirm.name_problem) == ("Savings", "")
    await wizard.confirm()
    assert wizard.is_on(P.DONE)
    (back,) = wizard.keychain.identities
    assert (back.identity_id, back.name) == (lost.identity_id, "Savings")


async def test_the_name_of_a_lost_key_is_no_other_key_s(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    wizard.presenter.type_name("Savings")
    await wizard.bring_phrase()
    await wizard.confirm()
    wizard.open_again(P.BRING)
    await wizard.bring_phrase()
    assert wizard.screen.confirm.name == "Savings"
    wizard.presenter.go_back()
    await wizard.bring_phrase(index="1")
    assert wizard.screen.confirm.name == "My key"
    wizard.presenter.type_name("Savings")
    assert "Another key" in wizard.screen.confirm.name_problem
    wizard.presenter.go_back()
    wizard.presenter.type_name("Mine")
    await wizard.bring_phrase(index="2")
    assert wizard.screen.confirm.name == "Mine"


@pytest.mark.parametrize("start", [P.CREATE, P.BRING])
async def test_a_passphrase_is_offered_once_more_where_the_vault_was_emptied(
    wizard: Wizard, start: WelcomePage
) -> None:
    await wizard.begin(P.BRING)
    await wizard.bring_phrase()
    wizard.presenter.type_passphrase(STRONG, is_good=True)
    wizard.presenter.go_on()
    await wizard.confirm()
    await wizard.vault.destroy()  # the list still names the key
    wizard.keychain = await loaded_keychain(wizard.folder, wizard.vault)
    assert wizard.keychain.identities
    wizard.open_again(start)
    if start is P.BRING:
        wizard.presenter.bring.type_phrase(PHRASE)
    wizard.presenter.go_on()
    await wizard.view.turned_to(P.PASSPHRASE)
    wizard.presenter.type_passphrase(STRONG, is_good=True)
    wizard.presenter.go_on()
    if start is P.BRING:
        await wizard.confirm()
        assert wizard.is_on(P.DONE)
        assert len(wizard.keychain.identities) == 1
        await wizard.vault.verify(STRONG)
        assert await wizard.vault.has_passphrase()


# Words that are on paper, of a key that is never kept


async def test_words_that_belong_to_no_key_are_told_to_be_crossed_out(wizard: Wizard) -> None:
    await wizard.begin(P.CREATE)
    await wizard.to_words()
    assert wizard.presenter.has_stray_words
    wizard.presenter.choose_count(24)
    assert wizard.screen.notice is not None
    assert wizard.screen.notice.happened.startswith("The words you wrote down belong to no key")
    assert not wizard.presenter.has_stray_words
    wizard.presenter.choose_count(12)
    for _ in range(2):
        wizard.presenter.go_back()
    assert wizard.is_on(P.CREATE)
    assert wizard.screen.notice is None  # once
    await wizard.to_words()
    for _ in range(3):
        wizard.presenter.go_back()
    assert wizard.is_on(P.CHOICE)
    assert wizard.screen.notice is not None
    assert "cross them out" in wizard.screen.notice.next_step.lower()
    wizard.presenter.choose_create()
    assert wizard.screen.notice is None
    wizard.presenter.go_on()
    wizard.presenter.skip_passphrase()
    await wizard.view.turned_to(P.WORDS)
    assert not wizard.presenter.has_stray_words  # nobody has seen these


async def test_words_of_a_key_that_is_kept_stay(wizard: Wizard) -> None:
    await wizard.begin(P.CREATE)
    await wizard.to_check()
    wizard.presenter.check_later()
    await wizard.view.turned_to(P.DONE)
    assert not wizard.presenter.has_stray_words


def test_what_is_no_key_file_is_refused(tmp_path: Path) -> None:
    big, binary, pipe = tmp_path / "big", tmp_path / "binary", tmp_path / "pipe"
    big.write_text("x" * (64 * 1024 + 1), "utf-8")
    binary.write_bytes(b"\xff\xfe\x00")
    os.mkfifo(pipe)
    for path in (big, binary, pipe, tmp_path, tmp_path / "nothing"):
        with pytest.raises(KeyInputError) as told:
            read_key_file(path)
        assert told.value.kind is KeyProblemKind.KEYSTORE_NOT_READABLE
        assert told.value.__cause__ is None


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300) | st.text("abcdef 0123456789x{}\n,.", max_size=120))
def test_every_text_gets_a_sentence_or_none(text: str) -> None:
    for way in (Way.PHRASE, Way.PRIVATE_KEY):
        finding = look_at(way, text)
        if finding.problem is not None:
            assert key_problem_text(finding.problem).endswith((".", "?"))


# Leaving


@pytest.mark.usefixtures("elsewhere")
async def test_closing_midway_forgets_everything(wizard: Wizard) -> None:
    await wizard.begin(P.CREATE)
    await wizard.to_words()
    assert alive(RecoveryPhrase)
    wizard.presenter.close()
    assert not alive(RecoveryPhrase)
    assert not wizard.screen.words.words
    assert wizard.presenter.leave() is None
    assert not wizard.keychain.identities


@pytest.mark.usefixtures("elsewhere")
async def test_closing_forgets_what_was_brought(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    await wizard.bring_phrase()
    assert alive(KeyMaterial)
    wizard.presenter.close()
    assert not alive(KeyMaterial)
    assert wizard.screen.bring.phrase_text == ""


async def test_what_is_under_way_keeps_nothing_once_the_wizard_is_gone(wizard: Wizard) -> None:
    await wizard.begin(P.CREATE, passphrase=STRONG)
    asked, answered = asyncio.Event(), asyncio.Event()
    answer = asyncio.get_running_loop().create_future()

    async def authorize(act: Act) -> str:
        asked.set()
        await answer
        answered.set()
        return STRONG

    wizard.presenter = WelcomePresenter(
        wizard.bridge, authorize, wizard.view, chooser=random.Random(7)
    )
    wizard.presenter.set_keychain(wizard.keychain)
    wizard.presenter.choose_create()
    await wizard.to_check()
    wizard.presenter.check_later()
    await asyncio.wait_for(asked.wait(), PATIENCE_S)
    assert wizard.screen.is_keeping
    wizard.presenter.stop()
    answer.set_result(None)
    await asyncio.wait_for(answered.wait(), PATIENCE_S)
    assert wizard.vault.writes == 1  # the one that set the passphrase


@pytest.mark.usefixtures("elsewhere")
async def test_secrets_are_dropped_once_the_key_is_kept(wizard: Wizard) -> None:
    await wizard.begin(P.BRING)
    await wizard.bring_phrase()
    await wizard.confirm()
    assert not alive(RecoveryPhrase)
    assert not alive(KeyMaterial)
    left = wizard.presenter.leave()
    assert left == WelcomeResult(Onward.STAY, wizard.keychain.identities[0])


def alive(kind: type[object]) -> list[object]:
    """Return what is there of this kind since the test began; others may have left theirs."""
    return [each for each in all_of(kind) if not any(each is other for other in ELSEWHERE)]


def all_of(kind: type[object]) -> list[object]:
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, kind)]


@pytest.fixture
def elsewhere() -> Iterator[None]:
    ELSEWHERE[:] = [*all_of(RecoveryPhrase), *all_of(KeyMaterial)]
    yield
    ELSEWHERE.clear()
