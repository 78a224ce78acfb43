"""The trader's keys: made, brought, named, checked, exported and removed; secrets in one vault."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind, VaultError, VaultProblem
from kayen_desktop.domain.identities import Identity

from .brought_keys import export_keystore, material_from_keystore, material_from_private_key
from .identity_book import IdentityBook, sane_time, tidy_name
from .kept_keys import (
    LOST,
    address_on_path,
    find_unlisted,
    kept_phrase,
    key_item,
    phrase_item,
    prove,
    read_material,
)
from .material import KeyMaterial
from .recovery_phrase import RecoveryPhrase
from .signer import LocalSigner
from .undertakings import Undertakings
from .vault import Vault, VaultPlace, open_vault

_CLOSING_S = 5.0


class Keychain:
    """Every key of the trader's on this computer; one of them is in use.

    The vault asks for the passphrase anew each time a secret is read or kept; the empty string
    stands for none. Every method may raise ``VaultError`` and ``WrongPassphraseError``. One change
    is made at a time: the list is one file, and two changes at once would lose one of them. It is
    made to its end, whatever becomes of its caller; ``close`` waits for it.
    """

    def __init__(
        self,
        vault: Vault,
        book: IdentityBook,
        clock: Callable[[], datetime],
        *,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """``entropy`` returns that many unpredictable bytes; only tests give another one."""
        self._vault = vault
        self._book = book
        self._clock = clock
        self._entropy = entropy
        self._active = ""
        self._changes = Undertakings()
        self._is_searched = False
        self.identities: tuple[Identity, ...] = ()
        self.has_passphrase = False

    @property
    def place(self) -> VaultPlace:
        """Where the secrets are kept."""
        return self._vault.place

    @property
    def must_have_passphrase(self) -> bool:
        """True where keys can't be kept before a passphrase is chosen."""
        return self.place.is_file and not self.has_passphrase

    @property
    def active(self) -> Identity | None:
        """The key in use; None before there is one."""
        return next((each for each in self.identities if each.identity_id == self._active), None)

    async def is_empty(self) -> bool:
        """Return whether the vault holds nothing at all, whatever the list says."""
        return await self._vault.is_empty()

    async def destroy(self) -> None:
        """Forget every key and the passphrase: they are a rehearsal's, or nobody can open them."""
        await self._changes.run(self._destroy)

    async def _destroy(self) -> None:
        await self._vault.destroy()
        await self._save((), "")
        self.has_passphrase = False

    async def load(self) -> None:
        """Read which keys there are; their secrets stay in the vault.

        Without a passphrase, this finds those that are on no list, too; see ``recover``.
        """
        self.identities, self._active = await asyncio.to_thread(self._book.load)
        if self.active is None and self.identities:
            self._active = self.identities[0].identity_id
        self._is_searched = False
        self.has_passphrase = await self._vault.has_passphrase()
        if not self.has_passphrase:
            await self.recover("")

    async def recover(self, passphrase: str) -> tuple[Identity, ...]:
        """List the keys that are in the vault and on no list, and return them.

        So are they after a crash between the two, or where the list was lost. Once a run: the
        search costs one opening of the vault, and what this run keeps it lists.

        Raises:
            VaultError: the vault is gone, or the list can't be written; nothing is listed then.
        """
        return await self._changes.run(self._recover, passphrase)

    async def _recover(self, passphrase: str) -> tuple[Identity, ...]:
        if self._is_searched:
            return ()
        await self._check_passphrase_stands()
        now = sane_time(self._clock())
        found = await find_unlisted(self._vault, passphrase, self.identities, now)
        if found:
            active = self.active or found[0]
            await self._save((*self.identities, *found), active.identity_id)
        self._is_searched = True
        return found

    async def close(self, timeout_s: float = _CLOSING_S) -> bool:
        """Wait for what is being kept or written; return False where that took too long.

        For the end of the application, which would otherwise cut it. Nothing is closed by it.
        """
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + timeout_s
        is_finished = await self._changes.finish(timeout_s)
        return await self._vault.drain(max(ends_at - loop.time(), 0.0)) and is_finished

    # Making and bringing keys

    async def make_phrase(self, words: int) -> RecoveryPhrase:
        """Return a new recovery phrase of 12 or 24 words; nothing is kept yet."""
        return await asyncio.to_thread(RecoveryPhrase.make, words, self._entropy)

    async def material_from_phrase(self, phrase: RecoveryPhrase, index: int = 0) -> KeyMaterial:
        """Return the key that the phrase leads to; raises ``KeyInputError`` for a bad index."""
        return await asyncio.to_thread(phrase.derive, index)

    async def material_from_private_key(self, text: str) -> KeyMaterial:
        """Return the key that was typed; raises ``KeyInputError``."""
        return await asyncio.to_thread(material_from_private_key, text)

    async def material_from_keystore(self, text: str, password: str) -> KeyMaterial:
        """Return the key in a V3 JSON file, which takes a second; raises ``KeyInputError``."""
        return await asyncio.to_thread(material_from_keystore, text, password)

    async def keep(
        self, material: KeyMaterial, name: str, passphrase: str, *, is_backed_up: bool
    ) -> Identity:
        """Put the key into the vault, under the name, and return it; the first one is used.

        A key that is listed but that the vault has lost is put back in its place.

        Raises:
            KeyInputError: the name can't be used, the key is here already, or a vault of files
                was given no passphrase.
        """
        return await self._changes.run(self._keep, material, name, passphrase, is_backed_up)

    async def _keep(
        self, material: KeyMaterial, name: str, passphrase: str, is_backed_up: bool
    ) -> Identity:
        if self.place.is_file and not passphrase:
            raise KeyInputError(KeyProblemKind.PASSPHRASE_EMPTY)
        await self._check_passphrase_stands()
        known = await self._lost(material.address, passphrase)
        now = sane_time(self._clock())
        identity = Identity(
            identity_id=known.identity_id if known else secrets.token_hex(4),
            name=self._checked_name(name, but=known.identity_id if known else ""),
            address=material.address,
            origin=material.origin,
            created_at=known.created_at if known else now,
            path=material.path,
            backed_up_at=now if is_backed_up else None,
        )
        kept = {key_item(identity.identity_id): material.private_key}
        if material.entropy:
            kept[phrase_item(identity.identity_id)] = material.entropy
        others = tuple(each for each in self.identities if each is not known)
        await self._keep_and_list(kept, (*others, identity), identity, passphrase)
        return identity

    async def _lost(self, address: str, passphrase: str) -> Identity | None:
        """Return the listed key of that address if the vault can't give it, None if none is listed.

        Raises:
            KeyInputError: KNOWN_ALREADY where the vault has it.
        """
        known = next((each for each in self.identities if each.address == address), None)
        if known is None:
            return None
        try:
            await read_material(self._vault, known, passphrase)
        except VaultError as error:
            if error.kind in LOST:
                return known
            raise
        raise KeyInputError(KeyProblemKind.KNOWN_ALREADY)

    async def _keep_and_list(
        self,
        kept: Mapping[str, bytes],
        identities: tuple[Identity, ...],
        identity: Identity,
        passphrase: str,
    ) -> None:
        is_first = await self._vault.is_empty()
        await self._vault.write(kept, passphrase)
        try:
            await self._save(identities, self._active or identity.identity_id)
        except VaultError:
            # A key that no list names could never be found again: it is not kept after all, and
            # the passphrase that came with the first key does not bind the next try. What matters
            # to the trader is why the list failed, not whether tidying up did.
            with suppress(VaultError):
                await (self._vault.destroy() if is_first else self._vault.delete(kept, passphrase))
            with suppress(VaultError):
                self.has_passphrase = await self._vault.has_passphrase()
            raise
        self.has_passphrase = await self._vault.has_passphrase()

    # Names and use

    async def rename(self, identity_id: str, name: str) -> None:
        """Give the key another name; raises ``KeyInputError`` for one that can't be used."""
        await self._changes.run(self._rename, identity_id, name)

    async def _rename(self, identity_id: str, name: str) -> None:
        identity = self._find(identity_id)
        name = self._checked_name(name, but=identity_id)
        await self._replace(replace(identity, name=name))

    async def use(self, identity_id: str) -> Identity:
        """Use this key from now on and return it."""
        return await self._changes.run(self._use, identity_id)

    async def _use(self, identity_id: str) -> Identity:
        identity = self._find(identity_id)
        await self._save(self.identities, identity_id)
        return identity

    async def remove(self, identity_id: str, passphrase: str) -> None:
        """Forget the key and its phrase; removing one again after an error is fine.

        Raises:
            KeyInputError: it is the one in use, and another one is there to be used instead.
        """
        await self._changes.run(self._remove, identity_id, passphrase)

    async def _remove(self, identity_id: str, passphrase: str) -> None:
        self._find(identity_id)
        if identity_id == self._active and len(self.identities) > 1:
            raise KeyInputError(KeyProblemKind.IN_USE)
        # The vault first. Where the list then fails, the key is still shown and can be
        # removed again; the other way round a secret would stay behind that nobody sees.
        gone = {key_item(identity_id), phrase_item(identity_id)}
        await self._vault.delete(gone, passphrase)
        left = tuple(each for each in self.identities if each.identity_id != identity_id)
        await self._save(left, "" if identity_id == self._active else self._active)

    # Backups

    async def reveal_phrase(self, identity_id: str, passphrase: str) -> RecoveryPhrase:
        """Return the phrase of the key; raises ``KeyInputError`` where it has none.

        Raises:
            VaultError: DAMAGED where what is kept does not lead to the key: no backup of it.
        """
        identity = self._find(identity_id)
        if not identity.has_phrase:
            raise KeyInputError(KeyProblemKind.NO_PHRASE)
        entropy = await self._vault.read(phrase_item(identity_id), passphrase)
        return await asyncio.to_thread(kept_phrase, entropy, identity)

    async def reveal_private_key(self, identity_id: str, passphrase: str) -> str:
        """Return the private key, 0x and 64 hex digits."""
        material = await read_material(self._vault, self._find(identity_id), passphrase)
        return "0x" + material.private_key.hex()

    async def export(self, identity_id: str, passphrase: str, password: str) -> str:
        """Return the key as V3 JSON under a password of its own; takes a second."""
        material = await read_material(self._vault, self._find(identity_id), passphrase)
        return await asyncio.to_thread(export_keystore, material, password)

    async def check_phrase(self, identity_id: str, text: str) -> None:
        """Check a written phrase against the key, without keeping it, and note that it is good.

        Raises:
            KeyInputError: it is no phrase, or the phrase of another key.
        """
        identity = self._find(identity_id)
        if not identity.has_phrase:
            raise KeyInputError(KeyProblemKind.NO_PHRASE)
        phrase = await asyncio.to_thread(RecoveryPhrase.from_text, text)
        await self._changes.run(
            self._note_backup,
            identity_id,
            await asyncio.to_thread(address_on_path, phrase, identity),
        )

    async def check_private_key(self, identity_id: str, text: str) -> None:
        """Check a written private key against the key; raises as ``check_phrase`` does."""
        material = await self.material_from_private_key(text)
        await self._changes.run(self._note_backup, identity_id, material.address)

    async def check_keystore(self, identity_id: str, text: str, password: str) -> None:
        """Check an exported file against the key; raises as ``check_phrase`` does."""
        material = await self.material_from_keystore(text, password)
        await self._changes.run(self._note_backup, identity_id, material.address)

    # Use of the vault

    async def signer(self, identity_id: str, passphrase: str) -> LocalSigner:
        """Return what signs with the key; it holds the key in memory from now on.

        Raises:
            VaultError: DAMAGED where what is kept is the key of another address.
        """
        identity = self._find(identity_id)
        material = await read_material(self._vault, identity, passphrase)
        return LocalSigner(material)

    async def verify(self, passphrase: str, address: str = "") -> None:
        """Do nothing if the passphrase opens the vault that the listed keys are in.

        That some vault opens proves nothing, because an empty one opens with anything: somebody
        else may have emptied or replaced it. The proof is the key of ``address``, and no other,
        where one is given (that of the session); otherwise the one in use, or where that is lost,
        any other; only where no key is listed, it is the vault's own word.

        Raises:
            VaultError: NOT_FOUND or DAMAGED where it is not that vault any more.
        """
        await self._check_passphrase_stands()
        if address:
            await read_material(self._vault, self._find_address(address), passphrase)
        elif self.active is not None:
            others = tuple(each for each in self.identities if each != self.active)
            await prove(self._vault, passphrase, (self.active, *others))
        else:
            await self._vault.verify(passphrase)
            await self._check_passphrase_stands()  # it may have been emptied just now

    async def _check_passphrase_stands(self) -> None:
        """Refuse a vault that has no passphrase any more, though nobody took it away here."""
        if self.has_passphrase and not await self._vault.has_passphrase():
            raise VaultError(VaultProblem.NOT_FOUND, "the vault that had a passphrase is gone")

    async def change_passphrase(self, old: str, new: str) -> None:
        """Seal all secrets with the new passphrase; an empty one takes it away.

        Raises:
            KeyInputError: PASSPHRASE_EMPTY where keys are kept in files.
        """
        await self._changes.run(self._change_passphrase, old, new)

    async def _change_passphrase(self, old: str, new: str) -> None:
        if self.place.is_file and not new:
            raise KeyInputError(KeyProblemKind.PASSPHRASE_EMPTY)
        await self._check_passphrase_stands()
        await self._vault.change_passphrase(old, new)
        self.has_passphrase = await self._vault.has_passphrase()

    # Inside

    async def _note_backup(self, identity_id: str, address: str) -> None:
        identity = self._find(identity_id)
        if address != identity.address:
            raise KeyInputError(KeyProblemKind.BACKUP_DIFFERS)
        await self._replace(replace(identity, backed_up_at=sane_time(self._clock())))

    async def _replace(self, identity: Identity) -> None:
        identities = tuple(
            identity if each.identity_id == identity.identity_id else each
            for each in self.identities
        )
        await self._save(identities, self._active)

    async def _save(self, identities: tuple[Identity, ...], active: str) -> None:
        await asyncio.to_thread(self._book.save, identities, active)
        self.identities, self._active = identities, active

    def _find(self, identity_id: str) -> Identity:
        for identity in self.identities:
            if identity.identity_id == identity_id:
                return identity
        raise VaultError(VaultProblem.NOT_FOUND, identity_id)

    def _find_address(self, address: str) -> Identity:
        for identity in self.identities:
            if identity.address == address:
                return identity
        raise VaultError(VaultProblem.NOT_FOUND, address)

    def _checked_name(self, name: str, but: str = "") -> str:
        """Return the name as it is kept, which is nobody else's."""
        name = tidy_name(name)
        taken = {e.name.casefold() for e in self.identities if e.identity_id != but}
        if name.casefold() in taken:
            raise KeyInputError(KeyProblemKind.NAME_TAKEN)
        return name


async def open_keychain(folder: Path, service: str, clock: Callable[[], datetime]) -> Keychain:
    """Return the keys of a data folder, read and ready; ``service`` names the keyring's item.

    Raises:
        VaultError: the list or the vault can't be used.
    """
    book = IdentityBook(folder / "identities.json")
    identities, _ = await asyncio.to_thread(book.load)
    vault = await open_vault(folder / "keys", service, has_keys=bool(identities))
    keychain = Keychain(vault, book, clock)
    await keychain.load()
    return keychain
