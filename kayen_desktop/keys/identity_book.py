"""The list of the trader's keys without their secrets: names, addresses, backups; one file.

Decision: names and dates are in a file of their own and not in the vault. What the system's
keyring keeps is read only with a passphrase (and on Windows holds 1,280 characters), but the
window must say whose key is locked before anybody typed one.

Decision: the file is not believed more than any other input. What this application would not have
written is damage, and what it could not read again is not written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind, VaultError, VaultProblem
from kayen_desktop.domain.identities import MAX_NAME, Identity

from .private_file import make_private_folder, write_private

MAX_BYTES = 1_000_000
# A clock before or after these is wrong; dates beyond a calendar's end can't even be shown.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 12, 31, tzinfo=UTC)

_ID = re.compile("[0-9a-f]{8}")
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")
_PATH = re.compile("(?:m(?:/[0-9]{1,10}'?){1,10})?")
_MAX_DETAIL = 200


class _Page(msgspec.Struct):
    identities: tuple[Identity, ...] = ()
    active: str = ""


class IdentityBook:
    """The identities in the order they were added, and which one is in use.

    Reading and writing block for a moment: meant for a thread.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> tuple[tuple[Identity, ...], str]:
        """Return the identities and the id of the one in use; nothing where there is no file.

        Raises:
            VaultError: FILE_FAILED where it can't be read, DAMAGED where it is not such a list.
        """
        try:
            with self._path.open("rb") as file:
                text = file.read(MAX_BYTES + 1)
            if len(text) > MAX_BYTES:
                raise self._damaged("too long")
            page = msgspec.json.decode(text, type=_Page)
        except FileNotFoundError:
            return (), ""
        except OSError as error:
            raise self._failed(error) from error
        # RecursionError: a file of nothing but brackets.
        except (msgspec.MsgspecError, RecursionError) as error:
            raise self._damaged(str(error)) from error
        self._check(page.identities)
        return page.identities, page.active

    def save(self, identities: tuple[Identity, ...], active: str) -> None:
        """Put the list in the file's place, whole or not at all.

        Raises:
            VaultError: it could not be written; the old list still stands.
        """
        self._check(identities)
        text = msgspec.json.encode(_Page(identities, active))
        if len(text) > MAX_BYTES:
            raise VaultError(VaultProblem.FULL, f"{self._path}: {len(text)} bytes")
        try:
            make_private_folder(self._path.parent)
            write_private(self._path, text)
        except OSError as error:
            raise self._failed(error) from error

    def _check(self, identities: tuple[Identity, ...]) -> None:
        """Refuse what no list of this application says."""
        for each in identities:
            if flaw := _flaw(each):
                raise self._damaged(flaw)
        if not _all_differ(each.identity_id for each in identities):
            raise self._damaged("an id twice")
        if not _all_differ(each.address.lower() for each in identities):
            raise self._damaged("an address twice")
        if not _all_differ(each.name.casefold() for each in identities):
            raise self._damaged("a name twice")

    def _damaged(self, why: str) -> VaultError:
        return VaultError(VaultProblem.DAMAGED, f"{self._path}: {why[:_MAX_DETAIL]}")

    def _failed(self, error: OSError) -> VaultError:
        return VaultError(VaultProblem.FILE_FAILED, f"{self._path}: {error.strerror}")


def tidy_name(name: str) -> str:
    """Return the name as it is kept: printable and on one line.

    Raises:
        KeyInputError: nothing is left of it, or it is too long.
    """
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not name:
        raise KeyInputError(KeyProblemKind.NAME_EMPTY)
    if len(name) > MAX_NAME:
        raise KeyInputError(KeyProblemKind.NAME_TOO_LONG)
    return name


def sane_time(time: datetime) -> datetime:
    """Return the time, or the nearest one that a list may hold, where a clock has gone mad."""
    return min(max(time, EARLIEST), LATEST)


def _flaw(identity: Identity) -> str:
    """Return what is wrong with the entry; empty where nothing is."""
    if not _ID.fullmatch(identity.identity_id):
        return "an id"
    if not _is_tidy(identity.name):
        return "a name"
    if not _ADDRESS.fullmatch(identity.address):
        return "an address"
    if not _PATH.fullmatch(identity.path):
        return "a path"
    times = (identity.created_at, identity.backed_up_at or identity.created_at)
    if any(each.tzinfo is None or not EARLIEST <= each <= LATEST for each in times):
        return "a time"
    return ""


def _is_tidy(name: str) -> bool:
    try:
        return tidy_name(name) == name
    except KeyInputError:
        return False


def _all_differ(values: Iterable[str]) -> bool:
    seen = list(values)
    return len(set(seen)) == len(seen)
