"""The signer proves its address, refuses what is no challenge, and never shows its key."""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.errors import KeyStoreError
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.keys.signer import LocalSigner, throwaway_signer

CHALLENGE = SigningPurpose.CLEARPORT_CHALLENGE
KEY = b"\x01" * 32


def signer() -> LocalSigner:
    return LocalSigner(Account.from_key(KEY))


async def test_it_signs_as_the_published_vector_does() -> None:
    """protocols.md §1.2: 32 bytes of 0x01 as the key."""
    signature = await signer().sign(CHALLENGE, "4ffc0b7f-c93c-4b99-bfa7-7c9886c7fdd2")
    assert signer().address == "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
    assert signature == (
        "0xb7584cde01ea4f1d0cb99a0525ac1e23158b97a7a8cf1185e4166473306d0c7e"
        "7a79f70da059a85a959b971b31cf4d2d0cd6476818afaa5f40d38bb621f6247f1c"
    )


async def test_a_throwaway_key_is_fresh_and_proves_its_address() -> None:
    one, two = await throwaway_signer(), await throwaway_signer()
    assert one.address != two.address
    signature = await one.sign(CHALLENGE, "prove it")
    recovered = Account.recover_message(encode_defunct(text="prove it"), signature=signature)
    assert recovered == one.address


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "x" * 257,
        '{"types":{"EIP712Domain":[]}}',
        "[1,2]",
        "0x02f8720181",
        "0X02",
        "\x19Ethereum Signed Message:\n1",
        "line\nbreak",
        "ünïcode",
    ],
)
async def test_what_is_no_challenge_is_refused(payload: str) -> None:
    with pytest.raises(KeyStoreError):
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
    try:
        pickle.dumps(one)
    except TypeError:
        shown.append(traceback.format_exc())
    with pytest.raises(TypeError):
        copy.copy(one)
    with pytest.raises(TypeError):
        copy.deepcopy(one)
    assert all(KEY.hex() not in text and str(KEY) not in text for text in shown)
    assert not hasattr(one, "__dict__") or KEY.hex() not in str(vars(one))
