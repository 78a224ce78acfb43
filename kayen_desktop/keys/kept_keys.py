"""What the vault holds of a key: its items by name, and whether they are what the list says."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import count

from kayen_desktop.domain.errors import KeyInputError, VaultError, VaultProblem
from kayen_desktop.domain.identities import Identity, KeyOrigin

from .material import KeyMaterial
from .recovery_phrase import RecoveryPhrase
from .vault import Vault

log = logging.getLogger(__name__)

_KEY_ITEM = re.compile("key[.]([0-9a-f]{8})")
# How many accounts of a phrase are tried for a key whose path nobody knows: BIP-44's own gap limit.
_ACCOUNTS = 20

# What a vault says of a key that it has lost, as opposed to one that it can't read just now.
LOST = (VaultProblem.NOT_FOUND, VaultProblem.DAMAGED)


def key_item(identity_id: str) -> str:
    """Return the name of the item that holds the key."""
    return f"key.{identity_id}"


def phrase_item(identity_id: str) -> str:
    """Return the name of the item that holds the entropy of the key's phrase, if it has one."""
    return f"phrase.{identity_id}"


async def read_material(vault: Vault, identity: Identity, passphrase: str) -> KeyMaterial:
    """Return the key; ``VaultError(DAMAGED)`` where what is kept is the key of another address."""
    key = await vault.read(key_item(identity.identity_id), passphrase)
    return await asyncio.to_thread(_material, key, identity)


async def prove(vault: Vault, passphrase: str, identities: Sequence[Identity]) -> None:
    """Do nothing if the passphrase opens a vault that holds one of the keys; the first is tried.

    Raises:
        VaultError: NOT_FOUND or DAMAGED where it holds none of them.
    """
    first, *others = identities
    try:
        await read_material(vault, first, passphrase)
    except VaultError as error:
        if error.kind not in LOST:
            raise
        names = await vault.names(passphrase)
        for other in others:
            if key_item(other.identity_id) in names:
                with suppress(VaultError):  # why the first one proves nothing is what matters
                    await read_material(vault, other, passphrase)
                    return
        raise


async def find_unlisted(
    vault: Vault, passphrase: str, listed: tuple[Identity, ...], now: datetime
) -> tuple[Identity, ...]:
    """Return entries for the keys that the vault holds and the list does not name.

    A second copy of a key stays where it is: no secret is thrown away unasked.
    """
    names = await vault.names(passphrase)
    items = (_KEY_ITEM.fullmatch(name) for name in sorted(names))
    known_ids = {each.identity_id for each in listed}
    found: tuple[Identity, ...] = ()
    for identity_id in (each[1] for each in items if each is not None):
        if identity_id in known_ids:
            continue
        key = await vault.read(key_item(identity_id), passphrase)
        entropy = b""
        if phrase_item(identity_id) in names:
            entropy = await vault.read(phrase_item(identity_id), passphrase)
        known = (*listed, *found)
        identity = await asyncio.to_thread(
            _identity, identity_id, _free_name(known), key, entropy, now
        )
        if identity is not None and identity.address not in {each.address for each in known}:
            found = (*found, identity)
    return found


def _free_name(identities: tuple[Identity, ...]) -> str:
    """Return a name for a key whose own nobody knows any more."""
    taken = {each.name.casefold() for each in identities}
    names = (f"Recovered key {number}" for number in count(1))
    return next(each for each in names if each.casefold() not in taken)


def _identity(
    identity_id: str, name: str, key: bytes, entropy: bytes, now: datetime
) -> Identity | None:
    """Return the list's entry for a key that no list names; None where it is no key. Blocks.

    Nobody knows any more when and how it came here, or whether there is a backup.
    """
    try:
        address = KeyMaterial(key, KeyOrigin.PRIVATE_KEY).address
    except KeyInputError:
        log.warning("the vault holds something that is no key as %s", key_item(identity_id))
        return None
    path = _path(entropy, address)
    origin = KeyOrigin.PHRASE if path else KeyOrigin.PRIVATE_KEY
    return Identity(identity_id, name, address, origin, now, path)


def _path(entropy: bytes, address: str) -> str:
    """Return the path on which the phrase leads to the address; empty where none does."""
    try:
        phrase = RecoveryPhrase.from_entropy(entropy)
    except KeyInputError:
        return ""
    accounts = (phrase.derive(index) for index in range(_ACCOUNTS))
    return next((each.path for each in accounts if each.address == address), "")


def _damaged(identity: Identity) -> VaultError:
    return VaultError(VaultProblem.DAMAGED, f"what is kept is not the key of {identity.address}")


def _material(key: bytes, identity: Identity) -> KeyMaterial:
    try:
        material = KeyMaterial(key, identity.origin)
    except KeyInputError:
        raise _damaged(identity) from None
    if material.address != identity.address:
        raise _damaged(identity)
    return material


def kept_phrase(entropy: bytes, identity: Identity) -> RecoveryPhrase:
    """Return the phrase that was kept; ``VaultError(DAMAGED)`` where it leads elsewhere. Blocks."""
    try:
        phrase = RecoveryPhrase.from_entropy(entropy)
    except KeyInputError:
        raise _damaged(identity) from None
    if address_on_path(phrase, identity) != identity.address:
        raise _damaged(identity)
    return phrase


def address_on_path(phrase: RecoveryPhrase, identity: Identity) -> str:
    """Return the address to which the phrase leads on the path of the key. Blocks."""
    try:
        return phrase.derive_path(identity.path).address
    except KeyInputError:
        raise VaultError(VaultProblem.DAMAGED, f"{identity.path[:40]!r} is no path") from None
