"""What the welcome wizard shows at one moment, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Protocol

from kayen_desktop.domain.identities import Identity, KeyOrigin
from kayen_desktop.ui.formatting import short_address
from kayen_desktop.ui.notices import Notice
from kayen_desktop.ui.notices.keys import vault_place_text
from kayen_desktop.ui.notices.welcome import (
    BACKUP_BROUGHT,
    BACKUP_GOOD,
    BACKUP_OPEN,
    OTHER_KEY,
    OTHER_PHRASE,
    account_text,
    grouped_address,
    required_passphrase_text,
)

from .bring_key import BringScreen
from .create_key import CheckScreen, CreateScreen, WordsScreen

if TYPE_CHECKING:
    from kayen_desktop.keys.keychain import Keychain
    from kayen_desktop.keys.material import KeyMaterial


class WelcomePage(IntEnum):
    """The pages; a way through them leads from the choice to the end."""

    CHOICE = 0
    CREATE = 1
    BRING = 2
    PASSPHRASE = 3
    WORDS = 4
    CHECK = 5
    CONFIRM = 6
    DONE = 7


class Onward(Enum):
    """Where the trader wants to go from the wizard."""

    PRACTICE = "practice"
    LIVE = "live"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class WelcomeResult:
    """What came of the wizard: the key that was kept, None where practice was chosen at once."""

    onward: Onward
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class PassphraseScreen:
    """The page with the passphrase; ``why`` says why one is needed, empty where it is offered."""

    is_required: bool
    why: str


@dataclass(frozen=True, slots=True)
class ConfirmScreen:
    """The page with the address of a key that was brought."""

    address: str
    account: str
    otherwise: str
    name: str
    name_problem: str

    @property
    def grouped_address(self) -> str:
        """The whole address in groups, to be compared by a person."""
        return grouped_address(self.address)


@dataclass(frozen=True, slots=True)
class DoneScreen:
    """The page at the end: which key it is, where it is kept, and how its backup stands."""

    name: str
    address: str
    place: str
    backup: str
    is_backed_up: bool

    @property
    def short_address(self) -> str:
        """The ends of the address."""
        return short_address(self.address)


@dataclass(frozen=True, slots=True)
class WelcomeScreen:
    """All that the wizard shows at one moment."""

    page: WelcomePage
    trail: str
    has_keychain: bool
    create: CreateScreen
    bring: BringScreen
    passphrase: PassphraseScreen
    words: WordsScreen
    check: CheckScreen
    confirm: ConfirmScreen
    done: DoneScreen
    notice: Notice | None
    is_busy: bool
    is_keeping: bool
    can_go_on: bool
    has_page_before: bool
    can_go_back: bool


class WelcomeView(Protocol):
    """What the presenter needs of the wizard."""

    def show_screen(self, screen: WelcomeScreen) -> None:
        """Draw the wizard as it should look now."""

    def finish(self, result: WelcomeResult) -> None:
        """Close with this result."""

    def tell_passphrase(self) -> None:
        """Tell that the vault has a passphrase now, whether or not the key is kept."""


def passphrase_screen(keychain: Keychain | None) -> PassphraseScreen:
    """Return whether a passphrase can be left out, and where it can't, why."""
    if keychain is None or not keychain.must_have_passphrase:
        return PassphraseScreen(is_required=False, why="")
    return PassphraseScreen(
        is_required=True, why=required_passphrase_text(vault_place_text(keychain.place))
    )


def confirm_screen(material: KeyMaterial | None, name: str, problem: str) -> ConfirmScreen:
    """Return the address of the key that was brought; empty before there is one."""
    if material is None:
        return ConfirmScreen("", "", "", name, problem)
    account = account_text(material.path) if material.path else ""
    otherwise = OTHER_PHRASE if material.path else OTHER_KEY
    return ConfirmScreen(material.address, account, otherwise, name, problem)


def done_screen(identity: Identity | None, keychain: Keychain | None) -> DoneScreen:
    """Return how the key is kept; empty before it is."""
    if identity is None or keychain is None:
        return DoneScreen("", "", "", "", is_backed_up=False)
    backup = BACKUP_GOOD if identity.origin is KeyOrigin.CREATED else BACKUP_BROUGHT
    return DoneScreen(
        name=identity.name,
        address=identity.address,
        place=vault_place_text(keychain.place),
        backup=backup if identity.is_backed_up else BACKUP_OPEN,
        is_backed_up=identity.is_backed_up,
    )
