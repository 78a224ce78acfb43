"""The vault over a real Secret Service: chosen, locked, killed, tampered with, started again."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import secretstorage

from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.keys.keyring_vault import KeyringVault
from kayen_desktop.keys.keystore_file import KeystoreVault
from kayen_desktop.keys.vault import open_vault
from tests.secret_service import environment, keyring_daemon, private_bus

PASS = "correct horse"  # noqa: S105 - of vaults that live for a test
KEY = bytes(range(32))

leaves_connections = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture
def stack(service_environment: dict[str, str]) -> Iterator[ExitStack]:
    """Return where daemons of a test's own go; skips where there can be none.

    keyring leaves its connection to the garbage collector where a call fails: that is done here,
    and not in the middle of another test.
    """
    assert service_environment
    with ExitStack() as daemons:
        yield daemons
    gc.collect()


def go_to(address: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(folder, address).items():
        monkeypatch.setenv(name, value)


async def test_it_is_chosen_where_it_answers(real_keyring: dict[str, str], tmp_path: Path) -> None:
    vault = await open_vault(tmp_path / "vault", "chosen")
    assert isinstance(vault, KeyringVault)
    assert not vault.place.is_file
    assert vault.place.name == "the keyring of this system (Secret Service)"
    assert await vault.is_empty()
    assert real_keyring["DBUS_SESSION_BUS_ADDRESS"].startswith("unix:")


@pytest.mark.usefixtures("real_keyring")
async def test_files_that_hold_keys_are_not_left_for_it(tmp_path: Path) -> None:
    await KeystoreVault(tmp_path, work=2).write({"key.1": KEY}, PASS)
    vault = await open_vault(tmp_path, "left")
    assert await vault.read("key.1", PASS) == KEY
    assert vault.place.is_file


@pytest.mark.usefixtures("real_keyring")
async def test_it_holds_one_item_a_vault_and_a_changed_one_is_damage(tmp_path: Path) -> None:
    vault = await open_vault(tmp_path, "tampered")
    await vault.write({"key.1": KEY}, PASS)
    await vault.write({"key.2": KEY}, PASS)
    with closing(secretstorage.dbus_init()) as connection:
        (item,) = secretstorage.search_items(connection, {"service": "tampered"})
        text = item.get_secret()
        assert KEY.hex().encode() not in text
        for changed in (text[:-8], b"\xff\xfe", b"", text[4:]):
            item.set_secret(changed)
            with pytest.raises(VaultError) as caught:
                await vault.read("key.1", PASS)
            assert caught.value.kind is VaultProblem.DAMAGED
        item.set_secret(text)
    assert await vault.names(PASS) == {"key.1", "key.2"}


_READ = """
import asyncio, sys
from pathlib import Path
from kayen_desktop.keys.vault import open_vault
async def main():
    vault = await open_vault(Path(sys.argv[1]), sys.argv[2], has_keys=True)
    print(await vault.names(sys.stdin.read()))
asyncio.run(main())
"""


async def test_another_process_finds_what_this_one_kept(
    real_keyring: dict[str, str], tmp_path: Path
) -> None:
    await (await open_vault(tmp_path, "shared")).write({"key.1": KEY}, PASS)
    told = subprocess.run(  # noqa: ASYNC221 - nothing else is on this loop
        [sys.executable, "-c", _READ, str(tmp_path), "shared"],
        input=PASS,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert told.stdout == "frozenset({'key.1'})\n", told.stderr
    assert real_keyring


@leaves_connections
async def test_a_locked_one_is_not_replaced_by_files_and_opens_again_later(
    stack: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = stack.enter_context(private_bus())
    go_to(address, tmp_path, monkeypatch)
    with keyring_daemon(tmp_path, address):
        vault = await open_vault(tmp_path / "vault")
        await vault.write({"key.1": KEY}, PASS)
    with keyring_daemon(tmp_path, address, is_unlocked=False):
        for attempt in (
            open_vault(tmp_path / "vault"),
            vault.read("key.1", PASS),
            vault.write({"key.2": KEY}, PASS),
            vault.is_empty(),
            vault.destroy(),
        ):
            with pytest.raises(VaultError) as caught:
                await attempt
            assert caught.value.kind is VaultProblem.KEYRING_LOCKED
    with keyring_daemon(tmp_path, address):
        assert await vault.names(PASS) == {"key.1"}
        assert await KeystoreVault(tmp_path / "vault").is_empty()


@leaves_connections
async def test_one_that_was_killed_is_told_and_nothing_is_lost(
    stack: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = stack.enter_context(ExitStack())
    address = bus.enter_context(private_bus())
    go_to(address, tmp_path, monkeypatch)
    with keyring_daemon(tmp_path, address):
        vault = await open_vault(tmp_path / "vault")
        await vault.write({"key.1": KEY}, PASS)
    for attempt in (vault.read("key.1", PASS), vault.write({"key.2": KEY}, PASS)):
        with pytest.raises(VaultError) as caught:
            await attempt
        assert caught.value.kind is VaultProblem.KEYRING_FAILED
    with pytest.raises(VaultError) as caught:
        await open_vault(tmp_path / "vault", has_keys=True)
    assert caught.value.kind is VaultProblem.NO_KEYRING
    with keyring_daemon(tmp_path, address):
        assert await vault.read("key.1", PASS) == KEY
    bus.close()
    with pytest.raises(VaultError) as caught:
        await vault.read("key.1", PASS)
    assert caught.value.kind is VaultProblem.KEYRING_FAILED
