"""No key stays in the vault unseen: not after a crash, a lost list, or a caller that went away."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kayen_desktop.domain.errors import VaultError, VaultProblem, WrongPassphraseError
from kayen_desktop.domain.identities import Identity, KeyOrigin
from kayen_desktop.keys.keychain import Keychain
from kayen_desktop.keys.material import KeyMaterial

from .keychain_bench import NOW, PASS, WORDS, Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def lose_list(bench: Bench) -> Keychain:
    (bench.folder / "identities.json").unlink()
    return await bench.reopened()


def material(number: int) -> KeyMaterial:
    return KeyMaterial(bytes([number]) * 32, KeyOrigin.CREATED)


# A key on no list


async def test_where_the_list_is_lost_the_first_passphrase_brings_every_key_back(
    bench: Bench,
) -> None:
    ada, bob = await bench.keep_phrase(), await bench.keep_key()
    third = await bench.keep_phrase("Third", index=3)
    keychain = await lose_list(bench)
    assert not keychain.identities
    with pytest.raises(WrongPassphraseError):
        await keychain.recover("wrong")
    await keychain.verify(PASS)
    found = await keychain.recover(PASS)
    assert found == keychain.identities == (await bench.reopened()).identities
    assert {each.name for each in found} == {f"Recovered key {number}" for number in (1, 2, 3)}
    assert keychain.active == found[0]
    by_id = {each.identity_id: each for each in found}
    for lost in (ada, bob, third):
        again = by_id[lost.identity_id]
        assert (again.address, again.path) == (lost.address, lost.path)
        assert not again.is_backed_up
        assert again.created_at == NOW
        assert (await keychain.signer(again.identity_id, PASS)).address == lost.address
    assert by_id[ada.identity_id].origin is KeyOrigin.PHRASE
    assert by_id[bob.identity_id].origin is KeyOrigin.PRIVATE_KEY
    phrase = await keychain.reveal_phrase(third.identity_id, PASS)
    assert phrase.words == tuple(WORDS.split())


async def test_without_a_passphrase_they_are_there_at_once(bench: Bench) -> None:
    one = await bench.keychain.keep(material(1), "One", "", is_backed_up=True)
    keychain = await lose_list(bench)
    (found,) = keychain.identities
    assert (found.identity_id, found.address) == (one.identity_id, one.address)
    assert keychain.active == found
    assert (await bench.reopened()).identities == (found,)


async def test_what_is_listed_already_stays_as_it_is(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    bench.book.save((), "")
    keychain = await bench.reopened()
    (found,) = await keychain.recover(PASS)
    await keychain.rename(found.identity_id, "RECOVERED KEY 2")
    await bench.vault.write({"key.0000000b": b"\x0b" * 32, "key.0000000a": b"\x0a" * 32}, PASS)
    keychain = await bench.reopened()
    ten, eleven = await keychain.recover(PASS)
    assert (ten.name, eleven.name) == ("Recovered key 1", "Recovered key 3")
    assert (ten.address, eleven.address) == (material(10).address, material(11).address)
    assert keychain.identities[1:] == (ten, eleven)
    assert keychain.active is not None
    assert keychain.active.address == ada.address


async def test_nothing_is_searched_for_twice_in_a_run(bench: Bench) -> None:
    await bench.keep_phrase()
    keychain = await bench.reopened()
    bench.vault.openings = 0
    assert await keychain.recover(PASS) == ()
    assert bench.vault.openings == 1
    assert await keychain.recover(PASS) == ()
    assert bench.vault.openings == 1


async def test_a_search_that_failed_is_made_again(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    keychain = await lose_list(bench)
    bench.break_book()
    with pytest.raises(VaultError) as caught:
        await keychain.recover(PASS)
    assert caught.value.kind is VaultProblem.FILE_FAILED
    assert keychain.identities == ()
    bench.mend_book()
    (found,) = await keychain.recover(PASS)
    assert found.address == ada.address


async def test_what_is_no_key_of_ours_is_left_alone(bench: Bench) -> None:
    ada = await bench.keep_phrase()
    left = {
        "token.finex": b"of another venue",
        "key.": b"\x01" * 32,
        "key.nonsense": b"\x01" * 32,
        "key.0000000a\n": b"\x01" * 32,
        "key.0000000b": b"too short",
        "key.0000000c": b"\xff" * 32,
        "key.0000000d": b"\x00" * 32,
        "phrase.0000000e": b"p" * 16,
    }
    await bench.vault.write(left, PASS)
    keychain = await bench.reopened()
    assert await keychain.recover(PASS) == ()
    assert keychain.identities == (ada,)
    assert set(left) < await bench.vault.names(PASS)


async def test_a_second_copy_of_a_listed_key_is_not_listed_twice(bench: Bench) -> None:
    bob = await bench.keep_key()
    await bench.vault.write({"key.0000000a": b"\x01" * 32, "key.0000000b": b"\x02" * 32}, PASS)
    await bench.vault.write({"key.0000000c": b"\x02" * 32}, PASS)
    keychain = await bench.reopened()
    (found,) = await keychain.recover(PASS)
    assert found.address == material(2).address
    assert keychain.identities == (bob, found)


@pytest.mark.parametrize("entropy", [b"", b"\x01" * 15, b"\x01" * 16, b"\x01" * 64])
async def test_a_phrase_that_leads_elsewhere_is_none(bench: Bench, entropy: bytes) -> None:
    await bench.vault.write({"key.0000000a": b"\x01" * 32, "phrase.0000000a": entropy}, PASS)
    keychain = await bench.reopened()
    (found,) = await keychain.recover(PASS)
    assert (found.origin, found.path) == (KeyOrigin.PRIVATE_KEY, "")


async def test_an_emptied_vault_gives_nothing_back_and_says_so(bench: Bench) -> None:
    await bench.keep_phrase()
    keychain = await bench.reopened()
    await bench.vault.destroy()
    with pytest.raises(VaultError) as caught:
        await keychain.recover(PASS)
    assert caught.value.kind is VaultProblem.NOT_FOUND


@pytest.mark.parametrize("year", [1970, 9999])
async def test_a_clock_gone_mad_writes_no_list_that_can_not_be_read(
    bench: Bench, year: int
) -> None:
    bench.now = datetime(year, 1, 1, tzinfo=UTC)
    ada = await bench.keep_phrase()
    assert (await bench.reopened()).identities == (ada,)
    await bench.keychain.check_phrase(ada.identity_id, WORDS)
    (found,) = await (await lose_list(bench)).recover(PASS)
    assert (await bench.reopened()).identities == (found,)


# A caller that goes away


async def begin(bench: Bench, work: asyncio.Task[Identity]) -> None:
    """Let the work come as far as the vault, and take its caller away."""
    await bench.vault.is_writing.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_a_key_whose_keeping_has_begun_is_kept_and_listed_to_the_end(bench: Bench) -> None:
    await bench.keychain.load()
    bench.vault.may_write.clear()
    await begin(bench, asyncio.create_task(bench.keep_key()))
    assert bench.keychain.identities == ()
    closing = asyncio.create_task(bench.keychain.close(60))
    await asyncio.sleep(0)
    assert not closing.done()
    bench.vault.may_write.set()
    assert await closing
    (bob,) = (await bench.reopened()).identities
    assert bob == bench.keychain.active
    assert await bench.vault.names(PASS) == {f"key.{bob.identity_id}"}
    assert bench.keychain.has_passphrase


async def test_what_comes_next_waits_for_what_its_caller_has_left(bench: Bench) -> None:
    await bench.keychain.load()
    bench.vault.may_write.clear()
    await begin(bench, asyncio.create_task(bench.keep_key()))
    again = asyncio.create_task(bench.keep_key("Two", "0x" + "02" * 32))
    bench.vault.may_write.set()
    two = await again
    assert [each.name for each in bench.keychain.identities] == ["Bob", two.name]


async def test_a_change_of_the_list_whose_caller_went_away_is_in_memory_as_on_disk(
    bench: Bench,
) -> None:
    ada = await bench.keep_phrase()
    renaming = asyncio.create_task(bench.keychain.rename(ada.identity_id, "Eve"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # it is on its way to the disk
    renaming.cancel()
    await asyncio.wait({renaming})
    assert await bench.keychain.close(60)
    assert [each.name for each in bench.keychain.identities] == ["Eve"]
    assert (await bench.reopened()).identities == bench.keychain.identities


async def test_what_fails_when_nobody_waits_any_more_is_in_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.keychain.load()
    bench.vault.may_write.clear()
    await begin(bench, asyncio.create_task(bench.keep_key()))
    bench.break_book()
    bench.vault.may_write.set()
    assert await bench.keychain.close(60)
    assert await bench.vault.is_empty()
    (record,) = caplog.records
    assert "file failed" in record.getMessage()


async def test_closing_does_not_wait_for_ever_and_leaves_no_task(bench: Bench) -> None:
    await bench.keychain.load()
    bench.vault.may_write.clear()
    before = asyncio.all_tasks()
    await begin(bench, asyncio.create_task(bench.keep_key()))
    assert not await bench.keychain.close(0.01)
    assert asyncio.all_tasks() == before


async def test_closing_what_rests_takes_no_time(bench: Bench) -> None:
    assert await bench.keychain.close(0)
    await bench.keep_key()
    assert await bench.keychain.close(0)
    await bench.keychain.load()  # it is no end: what comes later is served, too
    assert await bench.keychain.recover(PASS) == ()
