"""The logic of the welcome wizard: practise at once, create a key, or bring one, and keep it.

Every secret on the way (phrase, key, passphrase, what was typed) is dropped as soon as the key is
kept, and when the wizard closes, whatever is still under way then.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kayen_desktop.app.gate import Act
from kayen_desktop.domain.errors import KayenError, KeyInputError, KeyProblemKind, VaultError
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import Notice
from kayen_desktop.ui.notices.welcome import no_vault_notice, not_kept_notice, stray_words_notice

from .bring_key import BringKeyPresenter, read_key_file
from .create_key import NAME_PROBLEMS, Answer, CreateScreen, KeyName, NewKey
from .keep_key import KeyInHand, Route
from .welcome_screens import (
    Onward,
    WelcomePage,
    WelcomeResult,
    WelcomeScreen,
    WelcomeView,
    confirm_screen,
    done_screen,
    passphrase_screen,
)

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain
    from kayen_desktop.keys.recovery_phrase import Chooser


class WelcomePresenter:
    """Leads from the choice to a key that is kept; one piece of work at a time."""

    def __init__(
        self,
        bridge: AsyncBridge,
        authorize: Callable[[Act], Awaitable[str]],
        view: WelcomeView,
        *,
        chooser: Chooser | None = None,
    ) -> None:
        """``authorize`` asks for the passphrase; ``chooser`` draws the questions of the check."""
        self._bridge = bridge
        self._view: WelcomeView | None = view
        self._chooser: Chooser = chooser or random.SystemRandom()
        self._keychain: Keychain | None = None
        self._page = WelcomePage.CHOICE
        self._route = Route()
        self._name = KeyName()
        self._new = NewKey()
        self.bring = BringKeyPresenter(bridge, self.refresh)
        self._hand = KeyInHand(authorize, view.tell_passphrase)
        self._identity: Identity | None = None
        self._notice: Notice | None = None
        self._is_busy = self._is_keeping = False

    def set_keychain(self, keychain: Keychain) -> None:
        """Keep keys here; it is loaded already."""
        self._keychain = keychain
        self._name.suggest(keychain.identities)
        self._notice = None
        self.refresh()

    def refuse_keychain(self, error: VaultError) -> None:
        """Say why no key can be kept; practice still works."""
        self._keychain = None
        self._notice = no_vault_notice(error)
        self._page = WelcomePage.CHOICE
        self.refresh()

    def await_keychain(self) -> None:
        """Say nothing of the keychain while it is being opened once more."""
        if self._keychain is None:
            self._notice = None
            self.refresh()

    # The choice and the end

    def choose_practice(self) -> None:
        """Practise: from the choice without any key, from the end with one that is kept."""
        if self._page in (WelcomePage.CHOICE, WelcomePage.DONE):
            self._finish(Onward.PRACTICE)

    def choose_live(self) -> None:
        """Go to the venue with the key that is kept."""
        if self._page is WelcomePage.DONE:
            self._finish(Onward.LIVE)

    def choose_create(self) -> None:
        """Begin to create a key."""
        self._begin(WelcomePage.CREATE)

    def choose_bring(self) -> None:
        """Begin to bring a key."""
        self._begin(WelcomePage.BRING)

    # What is typed and chosen on the pages

    def type_name(self, text: str) -> None:
        """Take what stands in the field for the key's name."""
        if text != self._name.text:
            self._name.text = text
            self.refresh()

    def choose_count(self, word_count: int) -> None:
        """Make a phrase of 12 or 24 words."""
        if word_count != self._new.word_count:
            self._notice = stray_words_notice() if self.has_stray_words else None
            self._new.choose_count(word_count)
        self.refresh()

    def type_passphrase(self, passphrase: str, *, is_good: bool) -> None:
        """Take the passphrase chosen; ``is_good`` once it is strong enough and typed twice."""
        self._hand.passphrase = passphrase if is_good else ""
        self.refresh()

    def skip_passphrase(self) -> None:
        """Keep the key without a passphrase, where that is possible."""
        if self._page is WelcomePage.PASSPHRASE and not self._must_have_passphrase:
            self._hand.passphrase = ""
            self._turn_on()

    def show_words(self) -> None:
        """Show the words of the phrase."""
        if self._page is WelcomePage.WORDS and not self._is_busy:
            self._new.show_words()
            self.refresh()

    def hide_words(self) -> None:
        """Hide the words of the phrase."""
        if self._new.are_words_shown:
            self._new.are_words_shown = False
            self.refresh()

    def answer(self, word: str) -> None:
        """Take the answer to the question that is asked."""
        if self._page is not WelcomePage.CHECK or self._is_busy or not self._new.is_asking:
            return
        outcome = self._new.answer(word)
        if outcome is Answer.WRONG:
            self._page = WelcomePage.WORDS
        elif outcome is Answer.ALL_RIGHT:
            self._keep()
        self.refresh()

    def check_later(self) -> None:
        """Keep the key although its words are not checked."""
        if self._page is WelcomePage.CHECK:
            self._keep()

    def choose_file(self, path: Path) -> None:
        """Read this key file."""
        self._work(lambda: self._read_file(path))

    # From page to page

    def go_on(self) -> None:
        """Do what the page is for and turn to the next one."""
        if not self._can_go_on():
            return
        match self._page:
            case WelcomePage.CREATE:
                self._turn_on_from_name()
            case WelcomePage.BRING:
                self._work(self._open_brought)
            case WelcomePage.PASSPHRASE:
                self._turn_on()
            case WelcomePage.WORDS if self._new.is_checked:
                self._keep()
            case WelcomePage.WORDS:
                self._work(self._ask_questions)
            case WelcomePage.CONFIRM:
                self._keep()

    def go_back(self) -> None:
        """Turn to the page before."""
        if not self._can_go_back():
            return
        self._notice = None
        self._new.are_words_shown = False
        self._page = self._route.before(self._page)
        if self._page is WelcomePage.CHOICE:
            self._notice = stray_words_notice() if self.has_stray_words else None
            self._forget()
        self.refresh()

    @property
    def has_stray_words(self) -> bool:
        """True while words may be on paper already that belong to no key that is kept."""
        return self._new.are_words_stray

    def leave(self) -> WelcomeResult | None:
        """Return what came of the wizard where it is closed now; None where nothing did."""
        return WelcomeResult(Onward.STAY, self._identity) if self._identity is not None else None

    def close(self) -> None:
        """Forget every secret, and draw once more, so that no field still shows one."""
        self._forget()
        self.refresh()
        self.stop()

    def stop(self) -> None:
        """Draw nothing any more and forget every secret; what is under way keeps nothing."""
        self._view = None
        self._forget()

    def refresh(self) -> None:
        """Draw."""
        if self._view is not None:
            self._view.show_screen(self._screen())

    @property
    def _is_over(self) -> bool:
        return self._view is None

    def _begin(self, page: WelcomePage) -> None:
        if self._page is WelcomePage.CHOICE and self._keychain is not None and not self._is_busy:
            self._notice = None
            self._page = page
            self._route.plan(page, self._keychain)
            self.refresh()

    def _finish(self, onward: Onward) -> None:
        if self._view is not None:
            self._view.finish(WelcomeResult(onward, self._identity))

    @property
    def _must_have_passphrase(self) -> bool:
        return self._keychain is not None and self._keychain.must_have_passphrase

    def _turn_on(self) -> None:
        """Turn to the next page of the way, with what it needs."""
        following = self._route.after(self._page)
        if following is WelcomePage.WORDS and self._new.phrase is None:
            self._work(self._make_phrase)
            return
        self._page = following
        self._notice = None
        self.refresh()

    def _turn_on_from_name(self) -> None:
        """Turn on, but look into the vault first where the list and the vault may disagree."""
        keychain = self._ready_keychain()
        if keychain.identities and not keychain.has_passphrase:
            self._work(self._look_and_turn_on)
        else:
            self._turn_on()

    async def _look_and_turn_on(self) -> None:
        keychain = self._ready_keychain()
        is_empty = await keychain.is_empty()
        self._route.plan(WelcomePage.CREATE, keychain, is_vault_empty=is_empty)
        following = self._route.after(WelcomePage.CREATE)
        if following is WelcomePage.WORDS and self._new.phrase is None:
            await self._make_phrase()
        else:
            self._page = following

    # Work off the loop

    def _work(self, work: Callable[[], Awaitable[None]], *, is_keeping: bool = False) -> None:
        """Do this unless something is being done already: a second click does nothing."""
        if self._is_busy or self._is_over:
            return
        self._is_busy, self._is_keeping = True, is_keeping
        self._notice = None
        self._bridge.run(self._until_done(work), self._on_error)
        self.refresh()

    async def _until_done(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            self._is_busy = self._is_keeping = False
            self.refresh()

    async def _make_phrase(self) -> None:
        keychain = self._ready_keychain()
        phrase = await keychain.make_phrase(self._new.word_count)
        if not self._is_over:
            self._new.take_phrase(phrase)
            self._page = WelcomePage.WORDS

    async def _ask_questions(self) -> None:
        from kayen_desktop.keys.recovery_phrase import make_quiz

        if (phrase := self._new.phrase) is None:
            return
        self._new.are_words_shown = False
        questions = await asyncio.to_thread(make_quiz, phrase.words, self._chooser)
        if not self._is_over:
            self._new.begin_check(questions)
            self._page = WelcomePage.CHECK

    async def _read_file(self, path: Path) -> None:
        text = await asyncio.to_thread(read_key_file, path)
        if not self._is_over:
            self.bring.take_file(path.name, text)

    async def _open_brought(self) -> None:
        keychain = self._ready_keychain()
        material = await self.bring.material(keychain)
        if self._is_over:
            return
        is_empty = await keychain.is_empty()
        # A key that is listed may be lost: only the keychain knows, once it is to keep it.
        listed = [each.name for each in keychain.identities if each.address == material.address]
        self._name.belong_to(listed[0] if listed else "")
        self._hand.material = material
        self._route.plan(WelcomePage.BRING, keychain, is_vault_empty=is_empty)
        self._page = self._route.after(WelcomePage.BRING)

    def _keep(self) -> None:
        self._work(self._put_into_vault, is_keeping=True)

    async def _put_into_vault(self) -> None:
        keychain = self._ready_keychain()
        is_new = self._new.phrase is not None
        if self._new.phrase is not None:
            material = await keychain.material_from_phrase(self._new.phrase)
            if self._is_over:
                return
            self._hand.material = material
        identity = await self._hand.keep(
            keychain,
            self._name.text,
            is_backed_up=self._new.is_checked or not is_new,
            is_wanted=lambda: not self._is_over,
        )
        if identity is not None:
            self._identity = identity
            self._forget()
            self._page = WelcomePage.DONE

    def _on_error(self, error: KayenError) -> None:
        """Say what is wrong where it can be mended; nothing that was made is lost by it."""
        if self._keychain is not None and self._keychain.has_passphrase:
            self._route.leave_out_passphrase()
        is_known = isinstance(error, KeyInputError) and error.kind is KeyProblemKind.KNOWN_ALREADY
        if is_known and self._page is WelcomePage.CONFIRM:
            self._page = WelcomePage.BRING
        if isinstance(error, KeyInputError) and self._page is WelcomePage.BRING:
            self.bring.refuse(error)
        else:
            self._notice = not_kept_notice(error)
            if self._page is WelcomePage.CHECK:
                is_name = isinstance(error, KeyInputError) and error.kind in NAME_PROBLEMS
                self._page = WelcomePage.CREATE if is_name else WelcomePage.WORDS
        self.refresh()

    def _ready_keychain(self) -> Keychain:
        if self._keychain is None:
            raise AssertionError("no page that needs the keychain is shown before it is there")
        return self._keychain

    def _forget(self) -> None:
        self._new.forget()
        self.bring.forget()
        self._hand.drop()

    # What is shown

    def _can_go_on(self) -> bool:
        if self._is_busy or self._keychain is None:
            return False
        match self._page:
            case WelcomePage.CREATE:
                return not self._name.problem
            case WelcomePage.BRING:
                return self.bring.is_ready
            case WelcomePage.PASSPHRASE:
                return bool(self._hand.passphrase)
            case WelcomePage.CONFIRM:
                return self._hand.material is not None and not self._name.problem
            case _:
                return self._page is WelcomePage.WORDS and self._new.were_words_shown

    @property
    def _has_page_before(self) -> bool:
        return self._page not in (WelcomePage.CHOICE, WelcomePage.DONE)

    def _can_go_back(self) -> bool:
        return not self._is_busy and self._has_page_before

    def _screen(self) -> WelcomeScreen:
        return WelcomeScreen(
            page=self._page,
            trail=self._route.trail(self._page),
            has_keychain=self._keychain is not None,
            create=CreateScreen(self._name.text, self._name.problem, self._new.word_count),
            bring=self.bring.screen(),
            passphrase=passphrase_screen(self._keychain),
            words=self._new.words_screen(),
            check=self._new.check_screen(),
            confirm=confirm_screen(self._hand.material, self._name.text, self._name.problem),
            done=done_screen(self._identity, self._keychain),
            notice=self._notice,
            is_busy=self._is_busy,
            is_keeping=self._is_keeping,
            can_go_on=self._can_go_on(),
            has_page_before=self._has_page_before,
            can_go_back=self._can_go_back(),
        )
