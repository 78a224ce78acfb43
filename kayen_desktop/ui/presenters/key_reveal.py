"""The logic of showing a recovery phrase or a private key: asked for, briefly shown, dropped."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from kayen_desktop.app.gate import Act, Gate
from kayen_desktop.domain.errors import KayenError, NotAuthorizedError
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices import Notice, error_notice
from kayen_desktop.ui.notices.identities import (
    COPIED,
    COPY_GONE,
    HIDDEN_AGAIN,
    NOT_COPIED,
    PHRASE_WARNING,
    PRIVATE_KEY_WARNING,
    WORKING,
    hidden_in,
)

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain

SHOWN_FOR_S = 60.0


class Secret(Enum):
    """What is shown of a key."""

    PHRASE = "phrase"
    PRIVATE_KEY = "private_key"


TITLES = {Secret.PHRASE: "Recovery phrase", Secret.PRIVATE_KEY: "Private key"}
WARNINGS = {Secret.PHRASE: PHRASE_WARNING, Secret.PRIVATE_KEY: PRIVATE_KEY_WARNING}


@dataclass(frozen=True, slots=True)
class RevealScreen:
    """All that the dialog shows at one moment; the secret is in no repr."""

    status: str
    copied: str
    is_shown: bool
    is_busy: bool
    can_copy: bool
    notice: Notice | None
    words: tuple[str, ...] = field(default=(), repr=False)
    private_key: str = field(default="", repr=False)


class RevealView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: RevealScreen) -> None:
        """Draw the dialog as it should look now."""


class CopiesSecrets(Protocol):
    """A clipboard that forgets."""

    def copy(self, secret: str) -> bool:
        """Copy the secret and return whether it was taken."""


class RevealPresenter:
    """Holds the secret only while it is on the screen; the passphrase is never held.

    Decision: what was hidden is read from the vault anew, and the passphrase asked anew. Keeping
    the secret under a cover was refused: who sits down at a window that was left would have it.
    """

    def __init__(
        self,
        keychain: Keychain,
        gate: Gate,
        bridge: AsyncBridge,
        clipboard: CopiesSecrets,
        view: RevealView,
        identity: Identity,
        secret: Secret,
        clock: Callable[[], float],
    ) -> None:
        """``clock`` counts seconds."""
        self._keychain = keychain
        self._gate = gate
        self._bridge = bridge
        self._clipboard = clipboard
        self._view: RevealView | None = view
        self._identity = identity
        self._secret = secret
        self._clock = clock
        self._words: tuple[str, ...] = ()
        self._private_key = ""
        self._hides_at: float | None = None
        self._is_busy = False
        self._was_hidden = False
        self._copied = ""
        self._notice: Notice | None = None

    @property
    def is_shown(self) -> bool:
        """True while the secret is on the screen."""
        return self._hides_at is not None

    # What the trader does

    def show(self) -> None:
        """Ask for the passphrase where there is one, and show the secret, once."""
        if self._is_busy or self.is_shown or self._view is None:
            return
        self._is_busy = True
        self._was_hidden = False
        self._copied = ""
        self._notice = None
        self._bridge.run(self._read(), self._on_error)
        self.refresh()

    def stay(self) -> None:
        """Leave the secret on the screen for another while."""
        if self.is_shown:
            self._hides_at = self._clock() + SHOWN_FOR_S
            self.refresh()

    def hide(self) -> None:
        """Take the secret off the screen and drop it."""
        if self.is_shown:
            self._drop()
            self._was_hidden = True
            self.refresh()

    def copy(self) -> None:
        """Copy the private key; words are written down by hand."""
        if self.is_shown and self._private_key:
            is_copied = self._clipboard.copy(self._private_key)
            self._copied = COPIED if is_copied else NOT_COPIED
            self.refresh()

    # What happens

    def tick(self) -> None:
        """Hide what was shown long enough, or is locked away; called about once a second."""
        if self._hides_at is None:
            return
        if self._clock() >= self._hides_at or self._gate.is_shut():
            self.hide()
        else:
            self.refresh()

    def forget_copy(self) -> None:
        """Hear that the clipboard has been cleared."""
        if self._copied:
            self._copied = COPY_GONE
            self.refresh()

    def refresh(self) -> None:
        """Draw."""
        if self._view is not None:
            self._view.show_screen(self._screen())

    def stop(self) -> None:
        """Drop the secret and draw nothing any more."""
        self._view = None
        self._drop()

    async def _read(self) -> None:
        try:
            passphrase = await self._gate.authorize(Act.REVEAL)
            identity_id = self._identity.identity_id
            words: tuple[str, ...] = ()
            private_key = ""
            if self._secret is Secret.PHRASE:
                words = (await self._keychain.reveal_phrase(identity_id, passphrase)).words
            else:
                private_key = await self._keychain.reveal_private_key(identity_id, passphrase)
            if self._view is None:  # closed meanwhile
                return
            self._gate.check()  # locked meanwhile
            self._words, self._private_key = words, private_key
            self._hides_at = self._clock() + SHOWN_FOR_S
        finally:
            self._is_busy = False
            self.refresh()

    def _on_error(self, error: KayenError) -> None:
        if not isinstance(error, NotAuthorizedError):
            self._notice = error_notice(
                error, f"the request to show the {TITLES[self._secret].lower()}"
            )
        self.refresh()

    def _drop(self) -> None:
        self._words = ()
        self._private_key = ""
        self._hides_at = None

    def _screen(self) -> RevealScreen:
        status = ""
        if self._hides_at is not None:
            status = hidden_in(max(math.ceil(self._hides_at - self._clock()), 0))
        elif self._is_busy:
            status = WORKING
        elif self._was_hidden:
            status = HIDDEN_AGAIN
        return RevealScreen(
            status=status,
            copied=self._copied,
            is_shown=self.is_shown,
            is_busy=self._is_busy,
            can_copy=bool(self._private_key),
            notice=self._notice,
            words=self._words,
            private_key=self._private_key,
        )
