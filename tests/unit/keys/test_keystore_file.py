"""The vault of files: only its owner reads it, no crash loses a key, damage is told as such."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from eth_keyfile.keyfile import decode_keyfile_json

from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.keys.keystore_file import KeystoreVault

PASS = "correct horse"  # noqa: S105 - of vaults that live for a test
KEY = bytes(range(32))

only_posix = pytest.mark.skipif(os.name != "posix", reason="Windows guards files by their place")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "vault"


@pytest.fixture
def vault(folder: Path) -> KeystoreVault:
    return KeystoreVault(folder, work=2)


def pages(folder: Path) -> list[Path]:
    """Return the files of secrets; the lock is none."""
    return sorted(each for each in folder.glob("*/*.json") if each.name != "lock.json")


async def test_a_vault_at_full_cost_holds_files_that_other_wallets_open(folder: Path) -> None:
    vault = KeystoreVault(folder)
    await vault.write({"key.1": KEY}, PASS)
    assert await KeystoreVault(folder).read("key.1", PASS) == KEY
    (page,) = (msgspec.json.decode(each.read_bytes()) for each in pages(folder))
    assert page["crypto"]["kdfparams"]["n"] == 262_144
    assert decode_keyfile_json(page, PASS.encode()) == KEY


@only_posix
async def test_files_and_folders_are_their_owners_alone(folder: Path, vault: KeystoreVault) -> None:
    mask = os.umask(0)
    try:
        await vault.write({"key.1": KEY}, PASS)
    finally:
        os.umask(mask)
    for each in everything(folder):
        assert each.stat().st_mode & 0o777 == (0o700 if each.is_dir() else 0o600), each


@only_posix
async def test_what_others_were_let_read_is_taken_from_them(
    folder: Path, vault: KeystoreVault
) -> None:
    await vault.write({"key.1": KEY}, PASS)
    for each in everything(folder):
        each.chmod(0o777 if each.is_dir() else 0o666)
    assert await vault.read("key.1", PASS) == KEY
    for each in everything(folder):
        assert each.stat().st_mode & 0o077 == 0, each


async def test_one_generation_is_left_and_names_are_not_to_be_read(
    folder: Path, vault: KeystoreVault
) -> None:
    for number in range(3):
        await vault.write({f"key.{number}": KEY}, PASS)
    await vault.change_passphrase(PASS, "new")
    assert names_in(folder) == {"00000004"}
    assert len(pages(folder)) == 3
    for each in (*pages(folder), folder / "00000004" / "lock.json"):
        assert b"key." not in each.read_bytes() + each.name.encode()


async def test_a_new_passphrase_leaves_nothing_that_the_old_one_opens(
    folder: Path, vault: KeystoreVault
) -> None:
    await vault.write({"key.1": KEY}, PASS)
    salts = {each.read_bytes().split(b'"salt"')[1][:70] for each in pages(folder)}
    await vault.change_passphrase(PASS, "new")
    for page in pages(folder):
        assert page.read_bytes().split(b'"salt"')[1][:70] not in salts
        with pytest.raises(ValueError, match="MAC"):
            decode_keyfile_json(msgspec.json.decode(page.read_bytes()), PASS.encode())


async def test_what_a_crash_has_left_is_swept_away_once_the_vault_opens(
    folder: Path, vault: KeystoreVault
) -> None:
    await vault.write({"key.1": KEY}, PASS)
    (folder / "draft-dead").mkdir()
    (folder / "draft-dead" / "lock.json").write_text("{")
    old = (folder / "draft-dead").stat().st_mtime - 3_600
    os.utime(folder / "draft-dead", (old, old))
    (folder / "gone-dead").mkdir()
    (folder / "00000000").mkdir()
    (folder / "notes.txt").write_text("of the trader")
    await vault.verify(PASS)
    assert names_in(folder) == {"00000001", "notes.txt"}
    await vault.destroy()
    assert names_in(folder) == {"notes.txt"}


async def test_what_is_left_of_a_vault_that_was_being_destroyed_goes(
    folder: Path, vault: KeystoreVault
) -> None:
    await vault.write({"key.1": KEY}, PASS)
    (folder / "00000001").rename(folder / "gone-half")
    assert await vault.is_empty()
    assert await vault.names("") == frozenset()
    assert names_in(folder) == set()


async def test_a_draft_that_another_process_may_be_at_is_left_to_it(
    folder: Path, vault: KeystoreVault
) -> None:
    await vault.write({"key.1": KEY}, PASS)
    (folder / "draft-live").mkdir()
    await vault.verify(PASS)
    await vault.write({"key.2": KEY}, PASS)
    assert names_in(folder) == {"00000002", "draft-live"}
    await vault.destroy()
    assert everything(folder) == [folder]


def everything(folder: Path) -> list[Path]:
    return [folder, *folder.rglob("*")]


def names_in(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def cut_short(page: Path) -> None:
    page.write_bytes(page.read_bytes()[:-20])


def change_vector(page: Path) -> None:
    """Make another key of it, which V3 itself would not notice."""
    read = msgspec.json.decode(page.read_bytes())
    read["crypto"]["cipherparams"]["iv"] = "00" * 16
    page.write_bytes(msgspec.json.encode(read))


@pytest.mark.parametrize("harm", [cut_short, change_vector, Path.unlink])
@pytest.mark.parametrize("which", ["lock", "secret"])
async def test_damage_is_told_from_a_wrong_passphrase(
    folder: Path, vault: KeystoreVault, which: str, harm: Callable[[Path], None]
) -> None:
    await vault.write({"key.1": KEY}, PASS)
    harm(folder / "00000001" / "lock.json" if which == "lock" else pages(folder)[0])
    for passphrase in (PASS, "another") if which == "lock" else (PASS,):
        with pytest.raises(VaultError) as caught:
            await vault.read("key.1", passphrase)
        assert caught.value.kind is VaultProblem.DAMAGED


@pytest.mark.parametrize(
    ("fields", "figure"),
    [
        ({"kdfparams": {"dklen": 32, "n": 2**40, "r": 8, "p": 1, "salt": "00"}}, str(2**40)),
        ({"kdfparams": {"dklen": 32, "n": 2, "r": 8, "p": 2**40, "salt": "00"}}, str(2**40)),
        (
            {
                "kdf": "pbkdf2",
                "kdfparams": {"dklen": 32, "c": 1, "prf": "hmac-sha256", "salt": "00"},
            },
            "pbkdf2",
        ),
    ],
)
async def test_a_lock_that_somebody_else_made_costs_nothing(
    folder: Path, vault: KeystoreVault, fields: dict[str, object], figure: str
) -> None:
    await vault.write({"key.1": KEY}, PASS)
    lock = folder / "00000001" / "lock.json"
    page = msgspec.json.decode(lock.read_bytes())
    page["crypto"] |= fields
    lock.write_bytes(msgspec.json.encode(page))
    with pytest.raises(VaultError) as caught:
        await vault.verify(PASS)
    assert caught.value.kind is VaultProblem.DAMAGED
    assert figure in caught.value.detail


async def test_a_file_of_another_generation_is_not_taken_for_this_ones(
    folder: Path, vault: KeystoreVault
) -> None:
    await vault.write({"key.1": KEY}, PASS)
    old = pages(folder)[0].read_bytes()
    await vault.write({"key.1": bytes(32)}, PASS)
    pages(folder)[0].write_bytes(old)
    with pytest.raises(VaultError) as caught:
        await vault.read("key.1", PASS)
    assert caught.value.kind is VaultProblem.DAMAGED


@pytest.mark.parametrize("name", ["fsync", "open", "mkdir", "rename"])
async def test_a_disk_that_fails_is_told_and_the_vault_is_as_it_was(
    folder: Path, vault: KeystoreVault, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    await vault.write({"key.1": KEY}, PASS)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, name, fail)
        for attempt in (vault.write({"key.2": KEY}, PASS), vault.change_passphrase(PASS, "new")):
            with pytest.raises(VaultError) as caught:
                await attempt
            assert caught.value.kind is VaultProblem.FILE_FAILED
            assert "No space left" in caught.value.detail
    assert await KeystoreVault(folder).names(PASS) == {"key.1"}
    assert names_in(folder) == {"00000001"}


async def test_a_disk_that_keeps_something_else_is_found_out(
    folder: Path, vault: KeystoreVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    await vault.write({"key.1": KEY}, PASS)
    real = Path.read_bytes

    def lie(path: Path) -> bytes:
        return real(path) + (b" " if "draft-" in str(path) else b"")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "read_bytes", lie)
        with pytest.raises(VaultError) as caught:
            await vault.write({"key.2": KEY}, PASS)
    assert caught.value.kind is VaultProblem.NOT_SAVED
    assert await vault.names(PASS) == {"key.1"}


async def test_a_second_process_that_was_quicker_is_not_overwritten(
    folder: Path, vault: KeystoreVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read generation 1; the other one wrote generation 2 meanwhile."""
    await vault.write({"key.1": KEY}, PASS)
    real = os.rename

    def slow(source: Path, target: Path) -> None:
        monkeypatch.setattr(os, "rename", real)
        target.mkdir()
        (target / "lock.json").write_text("of the other process")
        real(source, target)

    monkeypatch.setattr(os, "rename", slow)
    with pytest.raises(VaultError) as caught:
        await vault.write({"key.2": KEY}, PASS)
    assert caught.value.kind is VaultProblem.FILE_FAILED
    assert (folder / "00000002" / "lock.json").read_text() == "of the other process"


async def test_a_reader_that_is_late_takes_nothing_newer_away(
    folder: Path, vault: KeystoreVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has read generation 1 and tidies up; meanwhile another process has come to the second."""
    await vault.write({"key.1": KEY}, PASS)
    real = Path.iterdir
    other = KeystoreVault(folder, work=2)

    def late(path: Path) -> Iterator[Path]:
        if path == folder and (folder / "00000001").exists() and not (folder / "00000002").exists():
            monkeypatch.setattr(Path, "iterdir", real)
            first = list(real(path))
            asyncio.run(other.write({"key.2": KEY}, PASS))
            return iter(first)
        return real(path)

    monkeypatch.setattr(Path, "iterdir", late)
    assert await vault.names(PASS) == {"key.1", "key.2"}
    assert names_in(folder) == {"00000002"}


async def test_a_writer_that_was_overtaken_loses_nothing_of_the_other_one(
    folder: Path, vault: KeystoreVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read generation 1; the other one wrote two more before this one's draft is whole."""
    await vault.write({"key.1": KEY}, PASS)
    real = os.mkdir
    other = KeystoreVault(folder, work=2)

    def slow(path: str | Path, *arguments: int) -> None:
        real(path, *arguments)
        if "draft-" in str(path):
            monkeypatch.setattr(os, "mkdir", real)
            asyncio.run(other.write({"key.2": KEY}, PASS))
            asyncio.run(other.write({"key.3": KEY}, PASS))

    monkeypatch.setattr(os, "mkdir", slow)
    with pytest.raises(VaultError) as caught:
        await vault.write({"key.4": KEY}, PASS)
    assert caught.value.kind is VaultProblem.FILE_FAILED
    assert await vault.names(PASS) == {"key.1", "key.2", "key.3"}
    assert names_in(folder) == {"00000003"}
    await vault.write({"key.4": KEY}, PASS)
    assert "key.4" in await other.names(PASS)


_PEER = """
import asyncio, sys
from pathlib import Path
from kayen_desktop.domain.errors import VaultError
from kayen_desktop.keys.keystore_file import KeystoreVault

folder, name, turns = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

async def main():
    vault, kept = KeystoreVault(folder, work=2), set()
    for turn in range(turns):
        if name == "reader":
            assert "first" in await vault.names("pass")
            continue
        try:
            await vault.write({f"{name}.{turn}": b"x"}, "pass")
        except VaultError as error:
            assert error.kind.name == "FILE_FAILED", error.detail
        else:
            kept.add(f"{name}.{turn}")
        assert kept <= await vault.names("pass"), kept
    print(*kept)

asyncio.run(main())
"""


async def test_several_processes_at_once_lose_no_secret(folder: Path, vault: KeystoreVault) -> None:
    await vault.write({"first": KEY}, "pass")
    turns = {"one": 60, "two": 60, "reader": 400}
    peers = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _PEER,
            str(folder),
            name,
            str(turns[name]),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for name in turns
    ]
    told = await asyncio.gather(*(peer.communicate() for peer in peers))
    assert [errors for _, errors in told] == [b"", b"", b""]
    kept = {name for said, _ in told for name in said.decode().split()}
    assert await vault.names("pass") == {"first", *kept}
    assert len(kept) > 60


# Each child dies at one more step of what the disk is asked to do; the parent looks at what is left
_CRASHES = """
import asyncio, os, shutil, sys
from pathlib import Path
from kayen_desktop.domain.errors import WrongPassphraseError
from kayen_desktop.keys.keystore_file import KeystoreVault

root, act = Path(sys.argv[1]), sys.argv[2]
SECRETS = {"key.1": bytes(32), "phrase.1": b"p" * 16}
ADDED = {"key.2": b"2" * 32, "phrase.2": b"q" * 16}
STEPS = ("open", "os.", "shutil.")

async def change(vault):
    if act == "passphrase":
        await vault.change_passphrase("old", "new")
    elif act == "write":
        await vault.write(ADDED, "old")
    else:
        await vault.destroy()

def die_at(step):
    left = [step]
    def watch(event, arguments):
        if event.startswith(STEPS) and str(root) in repr(arguments):
            left[0] -= 1
            if not left[0]:
                os._exit(9)
    sys.addaudithook(watch)

async def what_is_left(folder):
    vault = KeystoreVault(folder, work=2)
    if await vault.is_empty():
        return "nothing"
    for passphrase in ("old", "new"):
        try:
            names = await vault.names(passphrase)
        except WrongPassphraseError:
            continue
        for name in names:
            assert await vault.read(name, passphrase) == {**SECRETS, **ADDED}[name]
        return passphrase + " " + ",".join(sorted(names))

asyncio.run(KeystoreVault(root / "0", work=2).write(SECRETS, "old"))
step, code = 0, 9
while code:
    step += 1
    folder = root / str(step)
    shutil.copytree(root / "0", folder)
    if not (child := os.fork()):
        die_at(step)
        asyncio.run(change(KeystoreVault(folder, work=2)))
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(code, asyncio.run(what_is_left(folder)))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it dies in a fork of itself")
@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("passphrase", "old key.1,phrase.1", "new key.1,phrase.1"),
        ("write", "old key.1,phrase.1", "old key.1,key.2,phrase.1,phrase.2"),
        ("destroy", "old key.1,phrase.1", "nothing"),
    ],
)
def test_whenever_it_dies_the_old_or_the_new_vault_is_there_whole(
    tmp_path: Path, act: str, before: str, after: str
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _CRASHES, str(tmp_path), act],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == 0, told.stderr
    *crashes, end = told.stdout.splitlines()
    assert end == f"0 {after}"
    assert len(crashes) > 6
    left = [each.removeprefix("9 ") for each in crashes]
    assert left == sorted(left, key=[before, after].index)
    assert set(left) == {before, after}
