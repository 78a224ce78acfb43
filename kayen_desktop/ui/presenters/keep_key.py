"""A key on its way into the vault, the passphrase chosen for it, and the pages that lead there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from kayen_desktop.app.gate import Act
from kayen_desktop.domain.identities import Identity
from kayen_desktop.ui.notices.welcome import BRING_TITLE, CREATE_TITLE, trail_text

from .welcome_screens import WelcomePage

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain
    from kayen_desktop.keys.material import KeyMaterial

_ENDS = {
    WelcomePage.CREATE: (WelcomePage.WORDS, WelcomePage.CHECK),
    WelcomePage.BRING: (WelcomePage.CONFIRM,),
}
_TITLES = {WelcomePage.CREATE: CREATE_TITLE, WelcomePage.BRING: BRING_TITLE}


class Route:
    """The pages from the first one to the key that is kept; none before one is planned."""

    def __init__(self) -> None:
        self._pages: tuple[WelcomePage, ...] = ()

    def plan(self, first: WelcomePage, keychain: Keychain, *, is_vault_empty: bool = False) -> None:
        """Begin at this page; a first key comes with a passphrase, or with the offer of one.

        So does one that comes into an emptied vault: the passphrase there was went with the rest.
        """
        is_first = is_vault_empty or not keychain.identities
        is_asked = is_first and not keychain.has_passphrase
        between = (WelcomePage.PASSPHRASE,) if is_asked or keychain.must_have_passphrase else ()
        self._pages = (first, *between, *_ENDS[first]) if first in _ENDS else ()

    def leave_out_passphrase(self) -> None:
        """Lead past the choice of a passphrase from now on: the vault has one."""
        self._pages = tuple(each for each in self._pages if each is not WelcomePage.PASSPHRASE)

    def after(self, page: WelcomePage) -> WelcomePage:
        """Return the next page; the page itself where it is the last one."""
        following = self._pages[self._pages.index(page) + 1 :]
        return following[0] if following else page

    def before(self, page: WelcomePage) -> WelcomePage:
        """Return the page before, which is the choice for the first one."""
        earlier = self._pages[: self._pages.index(page)] if page in self._pages else ()
        return earlier[-1] if earlier else WelcomePage.CHOICE

    def trail(self, page: WelcomePage) -> str:
        """Return where on the way the page is; empty for a page that is not on it."""
        if page not in self._pages:
            return ""
        return trail_text(_TITLES[self._pages[0]], self._pages.index(page) + 1, len(self._pages))


class KeyInHand:
    """Holds the key and the passphrase chosen for it until both are where they belong."""

    def __init__(
        self, authorize: Callable[[Act], Awaitable[str]], on_passphrase: Callable[[], None]
    ) -> None:
        """``authorize`` asks for the passphrase where there is one already.

        ``on_passphrase`` hears that the vault has one now, also where the key was not kept.
        """
        self._authorize = authorize
        self._on_passphrase = on_passphrase
        self.material: KeyMaterial | None = None
        self.passphrase = ""

    async def keep(
        self,
        keychain: Keychain,
        name: str,
        *,
        is_backed_up: bool,
        is_wanted: Callable[[], bool],
    ) -> Identity | None:
        """Put the key into the vault; ``is_wanted`` is asked last, and None is returned if not.

        Raises what ``Keychain.keep`` and ``authorize`` raise; nothing is kept then, and the key
        is still in hand.
        """
        had_passphrase = keychain.has_passphrase
        try:
            passphrase = await self._passphrase_for(keychain)
            if self.material is None or not is_wanted():
                return None
            return await keychain.keep(self.material, name, passphrase, is_backed_up=is_backed_up)
        finally:
            if keychain.has_passphrase is not had_passphrase:
                self._on_passphrase()

    def drop(self) -> None:
        """Forget the key and the passphrase."""
        self.material = None
        self.passphrase = ""

    async def _passphrase_for(self, keychain: Keychain) -> str:
        """Return what the vault is opened with, and give it its first passphrase if chosen."""
        if keychain.has_passphrase:
            return await self._authorize(Act.ADD_KEY)
        if self.passphrase and not await keychain.is_empty():
            # The vault holds other secrets already: they get the passphrase, too. An empty one
            # takes it with the key or not at all, so that no passphrase is left without a key.
            await keychain.change_passphrase("", self.passphrase)
        return self.passphrase
