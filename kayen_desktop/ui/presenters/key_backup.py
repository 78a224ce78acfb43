"""The logic of the drill: what was written down is compared with the key and forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kayen_desktop.domain.errors import KayenError, KeyInputError, KeyProblemKind
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import Notice, error_notice
from kayen_desktop.ui.notices.identities import (
    CHECK_GOOD,
    CHECK_GOOD_NEXT,
    CHECK_WORKING,
    CHOOSE_A_FILE,
    FILE_UNOPENED,
    words_counted,
)
from kayen_desktop.ui.notices.keys import key_problem_text

from .bring_key import Finding, Way, look_at, read_key_file
from .newest_only import NewestOnly

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain


@dataclass(frozen=True, slots=True)
class BackupScreen:
    """All that the dialog shows at one moment; nothing that was typed is in it."""

    kinds: tuple[Way, ...]
    kind: Way
    count: str
    hint: str
    file_name: str
    problem: str
    status: str
    good: str
    good_next: str
    is_busy: bool
    notice: Notice | None


class BackupView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: BackupScreen) -> None:
        """Draw the dialog as it should look now."""

    def forget_typed(self) -> None:
        """Empty every field."""

    def tell_checked(self) -> None:
        """Tell that the key has a backup."""


class BackupPresenter:
    """Compares and forgets; nothing that is typed here is kept."""

    def __init__(
        self, keychain: Keychain, bridge: AsyncBridge, view: BackupView, identity: Identity
    ) -> None:
        self._keychain = keychain
        self._bridge = bridge
        self._view: BackupView | None = view
        self._identity = identity
        has_phrase = identity.has_phrase
        self._kinds = tuple(each for each in Way if has_phrase or each is not Way.PHRASE)
        self._kind = self._kinds[0]
        self._count = self._hint = ""
        self._looks = NewestOnly(bridge, _look_at_phrase, self._take_finding)
        self._path: Path | None = None
        self._problem = ""
        self._is_busy = False
        self._is_good = False
        self._notice: Notice | None = None

    # What the trader does

    def choose(self, kind: Way) -> None:
        """Check a backup of this kind; what was typed of another is forgotten."""
        if self._is_busy or kind is self._kind or kind not in self._kinds:
            return
        self._kind = kind
        self._begin_anew()
        if self._view is not None:
            self._view.forget_typed()
        self.refresh()

    def type_phrase(self, text: str) -> None:
        """Say at each key how many words there are, and which one is in no list."""
        from kayen_desktop.keys.recovery_phrase import split_phrase

        self._change_input()
        self._count = words_counted(len(split_phrase(text)))
        self._looks.take(text)
        self.refresh()

    def type_other(self) -> None:
        """Hear that a private key or a password changed: what was said of it no longer holds."""
        self._change_input()
        self.refresh()

    def choose_file(self, path: Path) -> None:
        """Check this file."""
        self._change_input()
        self._path = path
        self.refresh()

    def check(self, typed: str) -> None:
        """Compare the phrase, the key or the file under this password with the key, once."""
        if self._is_busy or self._is_good:
            return
        self._problem = self._missing(typed)
        self._notice = None
        if not self._problem:
            self._is_busy = True
            self._bridge.run(self._check(typed), self._on_error)
        self.refresh()

    # What happens

    def refresh(self) -> None:
        """Draw."""
        if self._view is not None:
            self._view.show_screen(
                BackupScreen(
                    kinds=self._kinds,
                    kind=self._kind,
                    count=self._count if self._kind is Way.PHRASE else "",
                    hint=self._hint if self._kind is Way.PHRASE else "",
                    file_name=self._path.name if self._path is not None else "",
                    problem=self._problem,
                    status=CHECK_WORKING if self._is_busy else "",
                    good=CHECK_GOOD if self._is_good else "",
                    good_next=CHECK_GOOD_NEXT if self._is_good else "",
                    is_busy=self._is_busy,
                    notice=self._notice,
                )
            )

    def stop(self) -> None:
        """Draw nothing any more."""
        self._view = None
        self._looks.stop()

    async def _check(self, typed: str) -> None:
        try:
            await self._compare(typed)
            self._begin_anew()
            self._is_good = True
        finally:
            self._is_busy = False
            self.refresh()
        if self._view is not None:
            self._view.forget_typed()
            self._view.tell_checked()
            self.refresh()

    async def _compare(self, typed: str) -> None:
        identity_id = self._identity.identity_id
        match self._kind:
            case Way.PHRASE:
                await self._keychain.check_phrase(identity_id, typed)
            case Way.PRIVATE_KEY:
                await self._keychain.check_private_key(identity_id, typed)
            case Way.KEYSTORE:
                if self._path is not None:
                    text = await asyncio.to_thread(read_key_file, self._path)
                    await self._keychain.check_keystore(identity_id, text, typed)

    def _take_finding(self, finding: Finding) -> None:
        self._hint = key_problem_text(finding.problem) if finding.problem is not None else ""
        self.refresh()

    def _on_error(self, error: KayenError) -> None:
        if isinstance(error, KeyInputError):
            self._problem = key_problem_text(error)
        else:
            self._notice = error_notice(error, "checking the backup")
        self.refresh()

    def _missing(self, typed: str) -> str:
        if self._kind is Way.KEYSTORE and self._path is None:
            return CHOOSE_A_FILE
        if typed.strip() or (self._kind is Way.KEYSTORE and typed):
            return ""
        return {
            Way.PHRASE: key_problem_text(KeyInputError(KeyProblemKind.PHRASE_EMPTY)),
            Way.PRIVATE_KEY: key_problem_text(KeyInputError(KeyProblemKind.KEY_EMPTY)),
            Way.KEYSTORE: FILE_UNOPENED,
        }[self._kind]

    def _change_input(self) -> None:
        self._problem = ""
        self._notice = None
        self._is_good = False

    def _begin_anew(self) -> None:
        self._change_input()
        self._count = self._hint = ""
        self._looks.take(None)
        self._path = None


async def _look_at_phrase(text: str) -> Finding:
    return await asyncio.to_thread(look_at, Way.PHRASE, text)
