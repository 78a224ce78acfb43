"""The signer proves its address, refuses what is no challenge, and never shows its key."""

from __future__ import annotations

import copy
import pickle
import threading
import traceback

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.errors import KeyStoreError, SigningRefusedError
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.signer import LocalSigner, throwaway_signer
from kayen_desktop.late_imports import import_late

CHALLENGE = SigningPurpose.CLEARPORT_CHALLENGE
CODE = "4ffc0b7f-c93c-4b99-bfa7-7c9886c7fdd2"
KEY = b"\x01" * 32


def signer() -> LocalSigner:
    return LocalSigner(KeyMaterial(KEY, KeyOrigin.PRIVATE_KEY))


async def test_it_signs_as_the_published_vector_does() -> None:
    """protocols.md §1.2: 32 bytes of 0x01 as the key."""
    signature = await signer().sign(CHALLENGE, CODE)
    assert signer().address == "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
    assert signature == (
        "0xb7584cde01ea4f1d0cb99a0525ac1e23158b97a7a8cf1185e4166473306d0c7e"
        "7a79f70da059a85a959b971b31cf4d2d0cd6476818afaa5f40d38bb621f6247f1c"
    )


async def test_a_throwaway_key_is_fresh_and_proves_its_address() -> None:
    one, two = await throwaway_signer(), await throwaway_signer()
    assert one.address != two.address
    signature = await one.sign(CHALLENGE, CODE)
    recovered = Account.recover_message(encode_defunct(text=CODE), signature=signature)
    assert recovered == one.address


async def test_the_key_is_used_on_a_thread_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def watched(name: str) -> object:
        threads.append(threading.current_thread())
        return import_late(name)

    monkeypatch.setattr("kayen_desktop.keys.signer.import_late", watched)
    await signer().sign(CHALLENGE, CODE)
    assert threads
    assert threading.main_thread() not in threads


@pytest.mark.parametrize(
    "payload", ["", "x" * 257, "[1,2]", "0x02f8720181", "line\nbreak", "00" * 32, "prove it"]
)
async def test_what_is_no_challenge_is_refused(payload: str) -> None:
    with pytest.raises(SigningRefusedError):
        await signer().sign(CHALLENGE, payload)


@given(st.text(max_size=300))
async def test_any_text_is_signed_or_refused_in_words(payload: str) -> None:
    try:
        answer = await signer().sign(CHALLENGE, payload)
    except KeyStoreError as error:
        answer = str(error)
    assert answer.endswith(".") or len(answer) == 132


def test_the_key_is_in_no_text_of_the_signer() -> None:
    one = signer()
    shown = [repr(one), str(one), f"{one}"]
    for way in (pickle.dumps, copy.copy, copy.deepcopy):
        try:
            way(one)
        except TypeError:
            shown.append(traceback.format_exc())
    assert len(shown) == 6
    assert all(KEY.hex() not in text and str(KEY) not in text for text in shown)
    assert not hasattr(one, "__dict__")
