"""A passphrase is right only where it opens the vault that holds the keys of this run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kayen_desktop.domain.errors import VaultError, VaultProblem, WrongPassphraseError
from kayen_desktop.keys.identity_book import IdentityBook
from kayen_desktop.keys.keychain import Keychain
from kayen_desktop.keys.keyring_vault import KeyringVault
from kayen_desktop.keys.keystore_file import KeystoreVault
from kayen_desktop.keys.lock import Lock
from kayen_desktop.keys.sealing import Cost
from kayen_desktop.keys.vault import KeyringItem, Vault

from .keychain_bench import KEY, NOW, PASS, Bench
from .memory_keyring import MemoryKeyring

THIEF = "chosen by somebody else"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def refusal(keychain: Keychain, passphrase: str, address: str = "") -> VaultProblem:
    """Return why the passphrase is not taken, which must not be because it is another one."""
    with pytest.raises(VaultError) as caught:
        await keychain.verify(passphrase, address)
    return caught.value.kind


async def test_the_right_one_is_proved_by_the_key_in_use_at_the_cost_of_one_opening(
    bench: Bench,
) -> None:
    await bench.keep_phrase()
    await bench.keep_key()
    bench.vault.openings = 0
    await bench.keychain.verify(PASS)
    assert bench.vault.openings == 1
    for wrong in ("", "wrong", PASS + " "):
        with pytest.raises(WrongPassphraseError):
            await bench.keychain.verify(wrong)


async def test_an_emptied_vault_takes_no_passphrase_at_all(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    await bench.vault.destroy()
    for passphrase in ("", "nonsense", PASS):
        assert await refusal(bench.keychain, passphrase) is VaultProblem.NOT_FOUND
        assert await refusal(bench.keychain, passphrase, ada.address) is VaultProblem.NOT_FOUND


async def test_a_vault_that_lost_its_passphrase_takes_none(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    await bench.vault.change_passphrase(PASS, "")
    for passphrase in ("", "nonsense", PASS):
        assert await refusal(bench.keychain, passphrase) is VaultProblem.NOT_FOUND
        assert await refusal(bench.keychain, passphrase, ada.address) is VaultProblem.NOT_FOUND


async def test_a_vault_in_its_place_is_no_proof_whatever_it_holds(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    await bench.vault.destroy()
    await bench.vault.write({"key.0badcafe": b"\x05" * 32}, THIEF)
    assert await refusal(bench.keychain, THIEF) is VaultProblem.NOT_FOUND
    with pytest.raises(WrongPassphraseError):
        await bench.keychain.verify(PASS)
    await bench.vault.write({f"key.{ada.identity_id}": b"\x05" * 32}, THIEF)
    assert await refusal(bench.keychain, THIEF) is VaultProblem.DAMAGED
    assert await refusal(bench.keychain, THIEF, ada.address) is VaultProblem.DAMAGED


async def test_where_the_key_in_use_is_lost_another_one_proves_the_vault(bench: Bench) -> None:
    """So that the lock opens, and the lost one can be put back."""
    ada, bob = await bench.keep_phrase(), await bench.keep_key()
    await bench.vault.delete({f"key.{ada.identity_id}"}, PASS)
    await bench.keychain.verify(PASS)
    with pytest.raises(WrongPassphraseError):
        await bench.keychain.verify("wrong")
    await bench.vault.write({f"key.{ada.identity_id}": b"\x05" * 32}, PASS)
    await bench.keychain.verify(PASS)
    await bench.vault.delete({f"key.{bob.identity_id}"}, PASS)
    assert await refusal(bench.keychain, PASS) is VaultProblem.DAMAGED


async def test_a_session_is_opened_by_its_own_key_alone(bench: Bench) -> None:
    ada, bob = await bench.keep_phrase(), await bench.keep_key()
    await bench.keychain.verify(PASS, ada.address)
    await bench.keychain.verify(PASS, bob.address)
    await bench.vault.delete({f"key.{bob.identity_id}"}, PASS)
    assert await refusal(bench.keychain, PASS, bob.address) is VaultProblem.NOT_FOUND
    assert await refusal(bench.keychain, PASS, "0x" + "12" * 20) is VaultProblem.NOT_FOUND
    await bench.keychain.verify(PASS, ada.address)


async def test_without_a_key_the_passphrase_is_all_there_is_to_prove(bench: Bench) -> None:
    await bench.keychain.change_passphrase("", PASS)
    await bench.keychain.verify(PASS)
    with pytest.raises(WrongPassphraseError):
        await bench.keychain.verify("wrong")
    await bench.vault.destroy()
    assert await refusal(bench.keychain, PASS) is VaultProblem.NOT_FOUND


async def test_a_vault_that_is_gone_gets_no_new_passphrase_in_its_place(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    await bench.vault.destroy()
    with pytest.raises(VaultError) as caught:
        await bench.keychain.change_passphrase("anything", THIEF)
    assert caught.value.kind is VaultProblem.NOT_FOUND
    with pytest.raises(VaultError) as caught:
        await bench.keep_key()
    assert caught.value.kind is VaultProblem.NOT_FOUND
    assert await bench.vault.is_empty()
    assert bench.keychain.identities == (ada,)


async def test_what_a_vault_can_not_say_is_told_as_it_is(bench: Bench) -> None:
    await bench.keep_phrase()
    bench.vault.failing = {"read"}
    assert await refusal(bench.keychain, PASS) is VaultProblem.KEYRING_FAILED


@pytest.mark.parametrize("kind", ["files", "keyring"])
async def test_no_lock_opens_over_a_vault_that_was_emptied_or_replaced(
    tmp_path: Path, kind: str
) -> None:
    keyring = MemoryKeyring()

    def vault() -> Vault:
        if kind == "files":
            return KeystoreVault(tmp_path / "keys", work=2)
        return KeyringVault(KeyringItem(keyring, "test"), cost=Cost(1, 8, 1))

    keychain = Keychain(vault(), IdentityBook(tmp_path / "list.json"), lambda: NOW)
    await keychain.load()
    material = await keychain.material_from_private_key(KEY)
    identity = await keychain.keep(material, "Ada", PASS, is_backed_up=True)
    lock = Lock(lambda passphrase: keychain.verify(passphrase, identity.address), lambda: 0.0)
    lock.is_armed = True
    lock.lock()
    await vault().destroy()
    for passphrase in ("nonsense", PASS):
        with pytest.raises(VaultError):
            await lock.unlock(passphrase)
    await vault().write({"key.0badcafe": b"\x05" * 32}, THIEF)
    with pytest.raises(VaultError):
        await lock.unlock(THIEF)
    assert lock.is_locked
    await vault().destroy()
    await vault().write({f"key.{identity.identity_id}": material.private_key}, PASS)
    await lock.unlock(PASS)
    assert not lock.is_locked


async def test_a_list_that_was_changed_on_disk_proves_nothing_new(bench: Bench) -> None:
    """What this run knows of its keys is what it read at its start."""
    ada = await bench.keep_phrase()
    await bench.vault.destroy()
    await bench.vault.write({f"key.{ada.identity_id}": b"\x05" * 32}, THIEF)
    bench.book.save((replace(ada, address="0x" + "05" * 20),), ada.identity_id)
    assert await refusal(bench.keychain, THIEF) is VaultProblem.DAMAGED
