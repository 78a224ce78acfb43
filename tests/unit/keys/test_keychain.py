"""Keys are kept, named, checked and removed so that none is ever lost or left behind unseen."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from eth_keyfile.keyfile import decode_keyfile_json

from kayen_desktop.domain.errors import (
    KeyInputError,
    KeyProblemKind,
    VaultError,
    VaultProblem,
    WrongPassphraseError,
)
from kayen_desktop.domain.identities import Identity, KeyOrigin
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.keys.keychain import open_keychain
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.recovery_phrase import RecoveryPhrase

from .key_errors import is_told_well
from .keychain_bench import KEY, NOW, PASS, WORDS, Bench

OTHER_WORDS = "abandon " * 11 + "about"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


# Keeping


async def test_there_is_nothing_at_first(bench: Bench) -> None:
    await bench.keychain.load()
    assert bench.keychain.identities == ()
    assert bench.keychain.active is None
    assert not bench.keychain.has_passphrase
    assert not bench.keychain.must_have_passphrase


async def test_a_new_phrase_is_kept_and_found_again(bench: Bench) -> None:
    phrase = await bench.keychain.make_phrase(12)
    material = await bench.keychain.material_from_phrase(phrase)
    identity = await bench.keychain.keep(material, "  My\n first   key ", PASS, is_backed_up=False)
    assert identity.name == "My first key"
    assert identity.address == material.address
    assert identity.origin is KeyOrigin.CREATED
    assert identity.path == "m/44'/60'/0'/0/0"
    assert identity.created_at == NOW
    assert not identity.is_backed_up
    assert bench.keychain.has_passphrase
    again = await bench.reopened()
    assert again.identities == (identity,)
    assert again.active == identity
    assert again.has_passphrase
    assert (await again.reveal_phrase(identity.identity_id, PASS)).words == phrase.words


async def test_the_first_key_is_used_and_a_second_waits(bench: Bench) -> None:
    one, two = await bench.keep_phrase(), await bench.keep_key()
    assert bench.keychain.active == one
    assert await bench.keychain.use(two.identity_id) == two
    assert bench.keychain.active == two
    assert (await bench.reopened()).active == two


async def test_each_account_of_one_phrase_is_a_key_of_its_own(bench: Bench) -> None:
    zero, seven = await bench.keep_phrase(), await bench.keep_phrase("Seventh", index=7)
    assert zero.address != seven.address
    assert seven.path.endswith("/7")
    await bench.keychain.check_phrase(seven.identity_id, WORDS)
    words = (await bench.keychain.reveal_phrase(seven.identity_id, PASS)).words
    assert words == tuple(WORDS.split())


async def test_a_key_that_is_here_is_not_taken_twice(bench: Bench) -> None:
    identity = await bench.keep_phrase()
    raw = await bench.keychain.reveal_private_key(identity.identity_id, PASS)
    with pytest.raises(KeyInputError) as caught:
        await bench.keep_key("Other name", raw)
    assert caught.value.kind is KeyProblemKind.KNOWN_ALREADY
    assert bench.keychain.identities == (identity,)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", KeyProblemKind.NAME_EMPTY),
        (" \n\t", KeyProblemKind.NAME_EMPTY),
        ("\u202e", KeyProblemKind.NAME_EMPTY),
        ("x" * 41, KeyProblemKind.NAME_TOO_LONG),
        ("ada", KeyProblemKind.NAME_TAKEN),
        (" ADA ", KeyProblemKind.NAME_TAKEN),
    ],
)
async def test_a_name_must_tell_keys_apart(bench: Bench, name: str, kind: KeyProblemKind) -> None:
    await bench.keep_phrase("Ada")
    bob = await bench.keep_key("Bob")
    with pytest.raises(KeyInputError) as kept:
        await bench.keep_key(name, "0x" + "02" * 32)
    with pytest.raises(KeyInputError) as renamed:
        await bench.keychain.rename(bob.identity_id, name)
    assert kept.value.kind is renamed.value.kind is kind
    is_told_well(kept.value)
    assert [each.name for each in bench.keychain.identities] == ["Ada", "Bob"]
    assert await bench.vault.names(PASS) == {f"key.{bob.identity_id}"} | {
        f"{kind_}.{bench.keychain.identities[0].identity_id}" for kind_ in ("key", "phrase")
    }


async def test_a_key_may_be_renamed_to_its_own_name(bench: Bench) -> None:
    ada = await bench.keep_phrase("Ada")
    await bench.keychain.rename(ada.identity_id, "ADA")
    assert [each.name for each in (await bench.reopened()).identities] == ["ADA"]
    await bench.keychain.rename(ada.identity_id, "x" * 40)


async def test_a_wrong_passphrase_keeps_nothing(bench: Bench) -> None:
    await bench.keep_phrase()
    material = await bench.keychain.material_from_private_key(KEY)
    with pytest.raises(WrongPassphraseError):
        await bench.keychain.keep(material, "Bob", "wrong", is_backed_up=False)
    assert len((await bench.reopened()).identities) == 1


async def test_files_want_a_passphrase(tmp_path: Path) -> None:
    bench = Bench(tmp_path, is_file=True)
    await bench.keychain.load()
    assert bench.keychain.must_have_passphrase
    material = await bench.keychain.material_from_private_key(KEY)
    with pytest.raises(KeyInputError) as caught:
        await bench.keychain.keep(material, "Bob", "", is_backed_up=False)
    assert caught.value.kind is KeyProblemKind.PASSPHRASE_EMPTY
    await bench.keychain.keep(material, "Bob", PASS, is_backed_up=False)
    assert not bench.keychain.must_have_passphrase
    with pytest.raises(KeyInputError) as caught:
        await bench.keychain.change_passphrase(PASS, "")
    assert caught.value.kind is KeyProblemKind.PASSPHRASE_EMPTY
    await bench.keychain.verify(PASS)


# Where something fails half-way


async def test_where_the_vault_fails_nothing_is_listed(bench: Bench) -> None:
    bench.vault.failing = {"write"}
    with pytest.raises(VaultError):
        await bench.keep_phrase()
    assert bench.keychain.identities == (await bench.reopened()).identities == ()
    assert not bench.keychain.has_passphrase


async def test_where_the_list_fails_the_key_is_not_kept_either(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    before = await bench.vault.names(PASS)
    bench.break_book()
    with pytest.raises(VaultError) as caught:
        await bench.keep_key()
    assert caught.value.kind is VaultProblem.FILE_FAILED
    assert await bench.vault.names(PASS) == before
    assert bench.keychain.identities == (ada,)
    bench.mend_book()
    await bench.keep_key()


async def test_a_first_key_that_failed_leaves_no_passphrase_behind(bench: Bench) -> None:
    bench.break_book()
    with pytest.raises(VaultError):
        await bench.keep_key()
    assert await bench.vault.is_empty()
    assert not bench.keychain.has_passphrase
    bench.mend_book()
    material = await bench.keychain.material_from_private_key(KEY)
    await bench.keychain.keep(material, "Bob", "another passphrase", is_backed_up=False)


@pytest.mark.parametrize("is_first", [True, False])
async def test_why_the_list_failed_is_told_even_where_tidying_up_fails(
    bench: Bench, is_first: bool
) -> None:
    if not is_first:
        await bench.keep_phrase()
    bench.break_book()
    bench.vault.failing = {"delete", "destroy"}
    with pytest.raises(VaultError) as caught:
        await bench.keep_key()
    assert caught.value.kind is VaultProblem.FILE_FAILED


async def test_where_the_list_fails_names_and_use_stay(bench: Bench) -> None:
    ada, bob = await bench.keep_phrase(), await bench.keep_key()
    bench.break_book()
    for change in (
        bench.keychain.rename(ada.identity_id, "Eve"),
        bench.keychain.use(bob.identity_id),
        bench.keychain.check_private_key(bob.identity_id, KEY),
    ):
        with pytest.raises(VaultError):
            await change
    assert bench.keychain.identities == (ada, bob)
    assert bench.keychain.active == ada


async def test_two_changes_at_once_lose_none(bench: Bench) -> None:
    texts = ["0x" + f"{number:02x}" * 32 for number in range(1, 7)]
    await bench.keep_phrase()
    await asyncio.gather(*(bench.keep_key(f"Key {text[-1]}", text) for text in texts))
    assert len((await bench.reopened()).identities) == 7
    again = [bench.keep_key("Twice", "0x" + "77" * 32) for _ in range(3)]
    outcomes = await asyncio.gather(*again, return_exceptions=True)
    assert sum(isinstance(each, Identity) for each in outcomes) == 1
    assert len((await bench.reopened()).identities) == 8


# Removing


async def test_a_removed_key_leaves_nothing_behind(bench: Bench) -> None:
    ada, bob = await bench.keep_phrase(), await bench.keep_key()
    await bench.keychain.use(bob.identity_id)
    await bench.keychain.remove(ada.identity_id, PASS)
    assert bench.keychain.identities == (bob,)
    assert await bench.vault.names(PASS) == {f"key.{bob.identity_id}"}
    assert (await bench.reopened()).active == bob


async def test_the_key_in_use_is_removed_only_as_the_last_one(bench: Bench) -> None:
    ada, bob = await bench.keep_phrase(), await bench.keep_key()
    with pytest.raises(KeyInputError) as caught:
        await bench.keychain.remove(ada.identity_id, PASS)
    assert caught.value.kind is KeyProblemKind.IN_USE
    await bench.keychain.remove(bob.identity_id, PASS)
    await bench.keychain.remove(ada.identity_id, PASS)
    assert bench.keychain.active is None
    assert (await bench.reopened()).identities == ()


async def test_a_wrong_passphrase_removes_nothing(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    with pytest.raises(WrongPassphraseError):
        await bench.keychain.remove(ada.identity_id, "wrong")
    assert (await bench.reopened()).identities == (ada,)
    assert len(await bench.vault.names(PASS)) == 2


@pytest.mark.parametrize("what", ["vault", "book"])
async def test_a_removal_that_failed_is_shown_and_can_be_done_again(
    bench: Bench, what: str
) -> None:
    ada = await bench.keep_phrase()
    if what == "vault":
        bench.vault.failing = {"delete"}
    else:
        bench.break_book()
    with pytest.raises(VaultError):
        await bench.keychain.remove(ada.identity_id, PASS)
    assert bench.keychain.identities == (await bench.reopened()).identities == (ada,)
    if what == "vault":
        bench.vault.failing = set()
    else:
        bench.mend_book()
    await bench.keychain.remove(ada.identity_id, PASS)
    assert await bench.vault.names(PASS) == frozenset()
    assert (await bench.reopened()).identities == ()


# Showing and exporting


async def test_secrets_are_shown_for_the_passphrase_alone(bench: Bench) -> None:
    ada, bob = await bench.keep_phrase(), await bench.keep_key()
    assert await bench.keychain.reveal_private_key(bob.identity_id, PASS) == KEY
    for wrong in ("", "wrong"):
        with pytest.raises(WrongPassphraseError):
            await bench.keychain.reveal_private_key(bob.identity_id, wrong)
        with pytest.raises(WrongPassphraseError):
            await bench.keychain.reveal_phrase(ada.identity_id, wrong)
        with pytest.raises(WrongPassphraseError):
            await bench.keychain.export(bob.identity_id, wrong, "x")
        with pytest.raises(WrongPassphraseError):
            await bench.keychain.signer(bob.identity_id, wrong)
    with pytest.raises(KeyInputError) as caught:
        await bench.keychain.reveal_phrase(bob.identity_id, PASS)
    assert caught.value.kind is KeyProblemKind.NO_PHRASE


async def test_an_exported_file_is_the_key(bench: Bench) -> None:
    bob = await bench.keep_key()
    text = await bench.keychain.export(bob.identity_id, PASS, "file password")
    assert decode_keyfile_json(json.loads(text), b"file password").hex() == KEY[2:]
    bench.now += timedelta(days=3)
    await bench.keychain.check_keystore(bob.identity_id, text, "file password")
    (checked,) = (await bench.reopened()).identities
    assert checked.backed_up_at == bench.now


async def test_the_signer_signs_for_the_address(bench: Bench) -> None:
    """protocols.md §1.2: 32 bytes of 0x01 as the key."""
    bob = await bench.keep_key()
    signer = await bench.keychain.signer(bob.identity_id, PASS)
    assert signer.address == bob.address == "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
    signature = await signer.sign(
        SigningPurpose.CLEARPORT_CHALLENGE, "4ffc0b7f-c93c-4b99-bfa7-7c9886c7fdd2"
    )
    assert signature.startswith("0xb7584cde01ea4f1d")


# The drill


async def test_a_good_backup_is_noted_and_not_kept(bench: Bench) -> None:
    phrase = await bench.keychain.make_phrase(24)
    material = await bench.keychain.material_from_phrase(phrase, 3)
    ada = await bench.keychain.keep(material, "Ada", PASS, is_backed_up=False)
    before = await bench.vault.names(PASS)
    await bench.keychain.check_phrase(ada.identity_id, ", ".join(phrase.words).upper())
    (checked,) = (await bench.reopened()).identities
    assert checked == replace(ada, backed_up_at=NOW)
    assert await bench.vault.names(PASS) == before


async def test_another_key_s_backup_is_told_as_such(bench: Bench) -> None:
    ada, bob = await bench.keep_phrase(), await bench.keep_key()
    for check in (
        bench.keychain.check_phrase(ada.identity_id, OTHER_WORDS),
        bench.keychain.check_private_key(bob.identity_id, "0x" + "02" * 32),
    ):
        with pytest.raises(KeyInputError) as caught:
            await check
        assert caught.value.kind is KeyProblemKind.BACKUP_DIFFERS
    with pytest.raises(KeyInputError) as caught:
        await bench.keychain.check_phrase(bob.identity_id, WORDS)
    assert caught.value.kind is KeyProblemKind.NO_PHRASE
    with pytest.raises(KeyInputError) as caught:
        await bench.keychain.check_phrase(ada.identity_id, WORDS.replace("junk", "jnuk"))
    assert caught.value.kind is KeyProblemKind.PHRASE_UNKNOWN_WORD
    assert bench.keychain.identities == (ada, bob)


# What was lost or changed behind our back


async def test_a_key_that_the_vault_lost_is_told_and_put_back_from_its_backup(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    await bench.keep_key()
    await bench.vault.delete(await bench.vault.names(PASS), PASS)
    with pytest.raises(VaultError) as caught:
        await bench.keychain.signer(ada.identity_id, PASS)
    assert caught.value.kind is VaultProblem.NOT_FOUND
    bench.now += timedelta(days=1)
    again = await bench.keep_phrase("Ada")
    assert again == replace(ada, backed_up_at=bench.now)
    assert len(bench.keychain.identities) == 2
    assert bench.keychain.active == again
    assert (await bench.keychain.signer(ada.identity_id, PASS)).address == ada.address


async def test_a_key_is_not_put_back_over_one_that_cannot_be_read_now(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    bench.vault.failing = {"read"}
    with pytest.raises(VaultError) as caught:
        await bench.keep_phrase("Ada again")
    assert caught.value.kind is VaultProblem.KEYRING_FAILED
    assert bench.keychain.identities == (ada,)


async def test_a_vault_that_was_emptied_takes_the_key_again(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    await bench.vault.destroy()
    keychain = await bench.reopened()
    assert not keychain.has_passphrase
    material = await keychain.material_from_phrase(RecoveryPhrase.from_text(WORDS))
    again = await keychain.keep(material, "Ada", "new passphrase", is_backed_up=True)
    assert again.identity_id == ada.identity_id
    assert await keychain.reveal_private_key(ada.identity_id, "new passphrase")


@pytest.mark.parametrize("kept", [b"", b"\x01" * 31, b"\x00" * 32, b"\xff" * 32, b"\x02" * 32])
async def test_another_secret_in_its_place_is_never_used(bench: Bench, kept: bytes) -> None:
    ada = await bench.keep_phrase()
    await bench.vault.write({f"key.{ada.identity_id}": kept}, PASS)
    for use in (
        bench.keychain.signer(ada.identity_id, PASS),
        bench.keychain.reveal_private_key(ada.identity_id, PASS),
        bench.keychain.export(ada.identity_id, PASS, "x"),
    ):
        with pytest.raises(VaultError) as caught:
            await use
        assert caught.value.kind is VaultProblem.DAMAGED
        assert kept.hex() not in caught.value.detail or not kept
    await bench.keep_phrase("Ada")
    await bench.keychain.signer(ada.identity_id, PASS)


@pytest.mark.parametrize("kept", [b"", b"\x01" * 15, b"\x01" * 16])
async def test_a_phrase_that_leads_elsewhere_is_never_shown(bench: Bench, kept: bytes) -> None:
    ada = await bench.keep_phrase()
    await bench.vault.write({f"phrase.{ada.identity_id}": kept}, PASS)
    with pytest.raises(VaultError) as caught:
        await bench.keychain.reveal_phrase(ada.identity_id, PASS)
    assert caught.value.kind is VaultProblem.DAMAGED


async def test_a_path_that_is_none_is_damage_and_no_typing_error(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    bench.book.save((replace(ada, path=f"m/{2**31}"),), ada.identity_id)
    keychain = await bench.reopened()
    with pytest.raises(VaultError):
        await keychain.check_phrase(ada.identity_id, WORDS)
    with pytest.raises(VaultError):
        await keychain.reveal_phrase(ada.identity_id, PASS)


async def test_a_list_that_names_no_key_in_use_uses_the_first(bench: Bench) -> None:
    ada, bob = await bench.keep_phrase(), await bench.keep_key()
    bench.book.save((ada, bob), "nobody")
    assert (await bench.reopened()).active == ada


async def test_a_key_that_is_not_listed_is_told(bench: Bench) -> None:
    for use in (
        bench.keychain.use("nobody"),
        bench.keychain.rename("nobody", "x"),
        bench.keychain.remove("nobody", PASS),
        bench.keychain.signer("nobody", PASS),
        bench.keychain.check_private_key("nobody", KEY),
    ):
        with pytest.raises(VaultError) as caught:
            await use
        assert caught.value.kind is VaultProblem.NOT_FOUND


# A data folder


async def test_the_keys_of_a_folder_are_there_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A keyring that is refused by its name, so that no machine's own keyring is touched.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    first = await open_keychain(tmp_path, "test", lambda: NOW)
    assert first.must_have_passphrase
    assert first.place.why_not_keyring is VaultProblem.REFUSED_KEYRING
    material = await first.material_from_private_key(KEY)
    identity = await first.keep(material, "Bob", PASS, is_backed_up=False)
    again = await open_keychain(tmp_path, "test", lambda: NOW)
    assert again.active == identity
    assert await again.reveal_private_key(identity.identity_id, PASS) == KEY
    await again.destroy()
    assert (await open_keychain(tmp_path, "test", lambda: NOW)).identities == ()


# The passphrase


async def test_the_passphrase_is_changed_and_taken_away(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    await bench.keychain.change_passphrase(PASS, "new")
    assert bench.keychain.has_passphrase
    with pytest.raises(WrongPassphraseError):
        await bench.keychain.verify(PASS)
    await bench.keychain.verify("new")
    await bench.keychain.change_passphrase("new", "")
    assert not bench.keychain.has_passphrase
    assert await bench.keychain.reveal_private_key(ada.identity_id, "")


async def test_a_rehearsal_leaves_nothing_behind(bench: Bench) -> None:
    await bench.keep_phrase()
    await bench.keychain.destroy()
    assert bench.keychain.identities == ()
    assert not bench.keychain.has_passphrase
    assert await bench.vault.is_empty()
    assert (await bench.reopened()).identities == ()


# Secrecy


async def test_nothing_secret_is_in_the_list_or_in_what_prints(bench: Bench) -> None:
    phrase = RecoveryPhrase.from_text(OTHER_WORDS)
    material = await bench.keychain.material_from_phrase(phrase)
    ada = await bench.keychain.keep(material, "Ada", PASS, is_backed_up=False)
    signer = await bench.keychain.signer(ada.identity_id, PASS)
    shown = [
        (bench.folder / "identities.json").read_text(),
        repr(vars(bench.keychain)),
        repr([bench.keychain, ada, material, phrase, signer]),
    ]
    secrets = [material.private_key.hex(), repr(material.private_key), "abandon", "about", PASS]
    assert not [(secret, text) for secret in secrets for text in shown if secret in text]


async def test_a_key_without_a_phrase_is_kept_without_one(bench: Bench) -> None:
    bob = await bench.keep_key()
    assert not bob.has_phrase
    assert bob.origin is KeyOrigin.PRIVATE_KEY
    assert await bench.vault.names(PASS) == {f"key.{bob.identity_id}"}
    assert KeyMaterial(bytes.fromhex(KEY[2:]), KeyOrigin.PRIVATE_KEY).address == bob.address
