"""A key on its way is checked, and shows nothing but its address."""

from __future__ import annotations

import copy
import pickle

import pytest

from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.keys.material import KeyMaterial

KEY = b"\x01" * 32
ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def test_it_gives_the_vault_what_it_took_and_knows_its_address() -> None:
    material = KeyMaterial(KEY, KeyOrigin.PHRASE, entropy=b"\x02" * 16, path="m/44'/60'/0'/0/0")
    assert material.private_key == KEY
    assert material.entropy == b"\x02" * 16
    assert material.address == ADDRESS
    assert material.path == "m/44'/60'/0'/0/0"
    assert material.origin is KeyOrigin.PHRASE


def test_nothing_about_it_can_be_printed_or_copied() -> None:
    material = KeyMaterial(KEY, KeyOrigin.CREATED, entropy=b"\x02" * 16)
    assert repr(material) == str(material) == f"KeyMaterial({ADDRESS})"
    assert not hasattr(material, "__dict__")
    for copier in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="can't be copied"):
            copier(material)


@pytest.mark.parametrize("number", [1, ORDER - 1])
def test_the_first_and_the_last_key_are_keys(number: int) -> None:
    assert KeyMaterial(number.to_bytes(32), KeyOrigin.PRIVATE_KEY).address.startswith("0x")


@pytest.mark.parametrize("number", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_numbers_off_the_curve_are_refused(number: int) -> None:
    with pytest.raises(KeyInputError) as caught:
        KeyMaterial(number.to_bytes(32), KeyOrigin.PRIVATE_KEY)
    assert caught.value.kind is KeyProblemKind.KEY_OUT_OF_RANGE


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_other_lengths_are_refused(length: int) -> None:
    with pytest.raises(KeyInputError) as caught:
        KeyMaterial(b"\x01" * length, KeyOrigin.PRIVATE_KEY)
    assert caught.value.kind is KeyProblemKind.KEY_LENGTH
    assert caught.value.found == 2 * length
