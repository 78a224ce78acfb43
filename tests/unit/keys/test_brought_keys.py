"""Keys in hex and in V3 files come in and go out as everywhere else, and nothing else does."""

from __future__ import annotations

import hashlib
import json
import random
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_keyfile.keyfile import create_keyfile_json, decode_keyfile_json
from eth_utils.crypto import keccak
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from mnemonic import Mnemonic

from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.keys.brought_keys import (
    LIMITS,
    Likeness,
    export_keystore,
    material_from_keystore,
    material_from_private_key,
    recognise,
)
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.keys.recovery_phrase import RecoveryPhrase

from .key_errors import is_told_well, shows_nothing_of

KEYSTORES = json.loads((Path(__file__).parent / "vectors" / "keystore.json").read_text())
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
KEY = b"\x01" * 32
ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
PASSWORD = "päss wörd"  # noqa: S105 - of a test
JUNK = "test " * 11 + "junk"
WORDS = Mnemonic("english").wordlist


def cheap_page(kdf: Literal["scrypt", "pbkdf2"] = "scrypt") -> dict[str, Any]:
    """Return a V3 file by another library that opens at once."""
    rounds = 2 if kdf == "scrypt" else 1
    page: dict[str, Any] = create_keyfile_json(KEY, PASSWORD.encode(), kdf=kdf, iterations=rounds)
    return page


CHEAP = cheap_page()
# A gigabyte: what is just allowed.
COSTLY = {"dklen": 32, "n": 2**20, "r": 8, "p": 1, "salt": "00" * 16}


def changed(*steps: str, to: object) -> str:
    """Return the cheap file with one field changed."""
    page = json.loads(json.dumps(CHEAP))
    inner = page
    for step in steps[:-1]:
        inner = inner[step]
    inner[steps[-1]] = to
    return json.dumps(page)


def key_refusal(text: str) -> KeyInputError:
    with pytest.raises(KeyInputError) as caught:
        material_from_private_key(text)
    is_told_well(caught.value)
    return caught.value


def file_refusal(text: str, password: str = PASSWORD) -> KeyProblemKind:
    with pytest.raises(KeyInputError) as caught:
        material_from_keystore(text, password)
    is_told_well(caught.value)
    return caught.value.kind


# Private keys


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        "0x" + KEY.hex(),
        "0X" + KEY.hex(),
        f"  \n0x{KEY.hex()}\t",
        f"\ufeff{KEY.hex()}\u200b",
        " " * 9_000 + KEY.hex(),
    ],
)
def test_a_key_is_64_digits(text: str) -> None:
    material = material_from_private_key(text)
    assert material.private_key == KEY
    assert material.address == ADDRESS
    assert material.origin is KeyOrigin.PRIVATE_KEY
    assert material.path == ""
    assert material.entropy == b""


def test_capital_digits_are_the_same_key() -> None:
    text = "0x" + "ab" * 32
    same = material_from_private_key("0x" + "AB" * 32)
    assert same.address == material_from_private_key(text).address == Account.from_key(text).address


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", KeyProblemKind.KEY_EMPTY),
        (" \n", KeyProblemKind.KEY_EMPTY),
        ("0x", KeyProblemKind.KEY_LENGTH),
        ("1", KeyProblemKind.KEY_LENGTH),
        ("01" * 31, KeyProblemKind.KEY_LENGTH),
        ("01" * 33, KeyProblemKind.KEY_LENGTH),
        ("0x0x" + "01" * 32, KeyProblemKind.KEY_NOT_HEX),
        ("01" * 31 + "0g", KeyProblemKind.KEY_NOT_HEX),
        ("01" * 16 + " " + "01" * 16, KeyProblemKind.KEY_NOT_HEX),
        ("hello", KeyProblemKind.KEY_NOT_HEX),
        ("01" * 32 + " " * 5_000 + "more", KeyProblemKind.KEY_NOT_HEX),
        ("01" * 5_000, KeyProblemKind.KEY_NOT_HEX),
        ("xprv9s21ZrQH143K3GJpoapnV8SFfukcVBSfeCficPSGfubmSFDxo1kuHnLisriDvSn", "key_not_hex"),
        ("\ud800", KeyProblemKind.KEY_NOT_HEX),
        ("00" * 32, KeyProblemKind.KEY_OUT_OF_RANGE),
        (f"{ORDER:x}", KeyProblemKind.KEY_OUT_OF_RANGE),
        ("ff" * 32, KeyProblemKind.KEY_OUT_OF_RANGE),
        (ADDRESS, KeyProblemKind.KEY_LOOKS_LIKE_ADDRESS),
        (ADDRESS[2:], KeyProblemKind.KEY_LOOKS_LIKE_ADDRESS),
        (JUNK, KeyProblemKind.KEY_LOOKS_LIKE_PHRASE),
        (JUNK.replace("junk", "jnuk"), KeyProblemKind.KEY_LOOKS_LIKE_PHRASE),
        (json.dumps(CHEAP), KeyProblemKind.KEY_LOOKS_LIKE_KEYSTORE),
    ],
)
def test_what_is_no_key_is_called_what_it_is(text: str, kind: KeyProblemKind | str) -> None:
    assert key_refusal(text).kind is KeyProblemKind(kind)


def test_digits_are_counted() -> None:
    assert key_refusal("0x" + "01" * 31 + "1").found == 63


@pytest.mark.parametrize(
    ("text", "likeness"),
    [
        ("", Likeness.NOTHING),
        (JUNK, Likeness.PHRASE),
        ("0x" + "01" * 32, Likeness.PRIVATE_KEY),
        (ADDRESS, Likeness.ADDRESS),
        (json.dumps(CHEAP), Likeness.KEYSTORE),
        ("what is this", Likeness.UNKNOWN),
    ],
)
def test_pasted_text_is_recognised(text: str, likeness: Likeness) -> None:
    assert recognise(text) is likeness


# Files


@pytest.mark.parametrize("vector", KEYSTORES, ids=lambda vector: vector["name"])
def test_published_files_open(vector: dict[str, Any]) -> None:
    material = material_from_keystore(json.dumps(vector["file"]), vector["password"])
    assert material.private_key.hex() == vector["private_key"]
    assert material.address.lower() == "0x" + vector["address"]
    assert material.origin is KeyOrigin.KEYSTORE


def test_our_file_opens_here_and_in_another_library() -> None:
    text = export_keystore(KeyMaterial(KEY, KeyOrigin.CREATED), PASSWORD)
    page = json.loads(text)
    assert page["version"] == 3
    assert page["address"] == ADDRESS[2:].lower()
    assert page["crypto"]["kdfparams"] | {"salt": ""} == {
        "dklen": 32,
        "n": 262_144,
        "r": 8,
        "p": 1,
        "salt": "",
    }
    assert decode_keyfile_json(page, PASSWORD.encode()) == KEY
    assert material_from_keystore(text, PASSWORD).address == ADDRESS
    assert KEY.hex() not in text
    with pytest.raises(KeyInputError) as caught:
        material_from_keystore(text, PASSWORD.upper())
    assert caught.value.kind is KeyProblemKind.KEYSTORE_WRONG_PASSWORD


def test_two_files_of_one_key_have_nothing_in_common() -> None:
    material = KeyMaterial(KEY, KeyOrigin.CREATED)
    one, two = (json.loads(export_keystore(material, PASSWORD)) for _ in range(2))
    assert one["id"] != two["id"]
    assert one["crypto"]["kdfparams"]["salt"] != two["crypto"]["kdfparams"]["salt"]
    assert one["crypto"]["cipherparams"]["iv"] != two["crypto"]["cipherparams"]["iv"]


@pytest.mark.parametrize("kdf", ["scrypt", "pbkdf2"])
def test_files_of_another_library_open(kdf: Literal["scrypt", "pbkdf2"]) -> None:
    assert material_from_keystore(json.dumps(cheap_page(kdf)), PASSWORD).private_key == KEY


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(CHEAP),
        json.dumps(CHEAP, indent=4),
        f"\ufeff {json.dumps(CHEAP)}\n",
        json.dumps({"Crypto" if k == "crypto" else k: v for k, v in CHEAP.items()}),
        json.dumps({k.upper(): v for k, v in CHEAP.items()}),
        json.dumps({k: v for k, v in CHEAP.items() if k not in {"address", "id"}}),
        changed("address", to=ADDRESS),
        changed("address", to=ADDRESS[2:].upper()),
        changed("address", to=""),
        changed("address", to=None),
        changed("address", to="XE542A5PZHH8PYIZUBEJEO0MFWRAPPIL67"),
        changed("version", to="3"),
        changed("x-more", to={"a": [1]}),
        changed("crypto", "mac", to="0x" + CHEAP["crypto"]["mac"].upper()),
    ],
)
def test_spellings_of_one_file_open_alike(text: str) -> None:
    assert material_from_keystore(text, PASSWORD).address == ADDRESS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "3",
        "null",
        "{",
        '{"a":1',
        "\ud800",
        "[" * 60_000,
        '{"a":' * 12_000,
        '{"crypto":' + "[" * 60_000,
        " " * (LIMITS.size + 1),
        json.dumps(CHEAP) + " " * LIMITS.size,
    ],
)
def test_what_is_no_file_is_told(text: str) -> None:
    assert file_refusal(text) is KeyProblemKind.KEYSTORE_NOT_READABLE


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"version":3}',
        '{"version":3,"crypto":7}',
        changed("version", to=1),
        changed("version", to=4),
        changed("version", to="three"),
        changed("version", to=None),
        changed("version", to=[3]),
    ],
)
def test_files_of_another_kind_are_told(text: str) -> None:
    assert file_refusal(text) is KeyProblemKind.KEYSTORE_NOT_V3


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        (("crypto", "cipher"), "aes-256-ctr"),
        (("crypto", "cipher"), 7),
        (("crypto", "cipherparams"), {}),
        (("crypto", "cipherparams", "iv"), "00" * 15),
        (("crypto", "cipherparams", "iv"), "zz"),
        (("crypto", "ciphertext"), "00" * 33),
        (("crypto", "ciphertext"), ""),
        (("crypto", "mac"), "00"),
        (("crypto", "kdf"), "argon2id"),
        (("crypto", "kdf"), "pbkdf2"),
        (("crypto", "kdf"), None),
        (("crypto", "kdfparams"), []),
        (("crypto", "kdfparams", "salt"), "00" * 1_000),
        (("crypto", "kdfparams", "dklen"), 16),
        (("crypto", "kdfparams", "dklen"), 10**9),
        (("crypto", "kdfparams", "dklen"), "32"),
        (("crypto", "kdfparams", "n"), 0),
        (("crypto", "kdfparams", "n"), 1),
        (("crypto", "kdfparams", "n"), 3),
        (("crypto", "kdfparams", "n"), -2),
        (("crypto", "kdfparams", "n"), 2.5),
        (("crypto", "kdfparams", "n"), True),
        (("crypto", "kdfparams", "r"), 0),
        (("crypto", "kdfparams", "p"), -1),
    ],
)
def test_a_damaged_field_is_a_damaged_file(steps: tuple[str, ...], value: object) -> None:
    assert file_refusal(changed(*steps, to=value)) is KeyProblemKind.KEYSTORE_NOT_READABLE


@pytest.mark.parametrize(
    ("field", "value"),
    [("n", 2**30), ("n", 2**40), ("n", 2**300), ("r", 2**40), ("p", 2**40), ("r", 2**20)],
)
def test_a_file_that_would_take_the_computer_is_not_opened(field: str, value: int) -> None:
    text = changed("crypto", "kdfparams", field, to=value)
    assert file_refusal(text) in {
        KeyProblemKind.KEYSTORE_TOO_COSTLY,
        # A number that no computer word holds is no number of the format.
        KeyProblemKind.KEYSTORE_NOT_READABLE,
    }


def test_a_file_of_endless_rounds_is_not_opened() -> None:
    page = cheap_page("pbkdf2")
    page["crypto"]["kdfparams"]["c"] = 10**12
    assert file_refusal(json.dumps(page)) is KeyProblemKind.KEYSTORE_TOO_COSTLY
    page["crypto"]["kdfparams"] |= {"c": 1, "prf": "hmac-md5"}
    assert file_refusal(json.dumps(page)) is KeyProblemKind.KEYSTORE_NOT_READABLE


def test_a_wrong_password_is_told_as_such() -> None:
    for password in ("", "x", PASSWORD + " ", "\ud800"):
        assert file_refusal(json.dumps(CHEAP), password) is KeyProblemKind.KEYSTORE_WRONG_PASSWORD


def test_a_file_that_names_another_address_is_refused() -> None:
    text = changed("address", to="0x" + "ab" * 20)
    assert file_refusal(text) is KeyProblemKind.KEYSTORE_OTHER_ADDRESS


def test_a_file_that_holds_no_key_is_refused() -> None:
    page = cheap_page("pbkdf2")
    crypto, costs = page["crypto"], page["crypto"]["kdfparams"]
    # What opens to the key opens to zeros once the key is taken off it.
    sealed = bytes(a ^ b for a, b in zip(bytes.fromhex(crypto["ciphertext"]), KEY, strict=True))
    salt = bytes.fromhex(costs["salt"])
    derived = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, costs["c"], 32)
    crypto |= {"ciphertext": sealed.hex(), "mac": keccak(derived[16:] + sealed).hex()}
    assert decode_keyfile_json(page, PASSWORD.encode()) == bytes(32)
    assert file_refusal(json.dumps(page)) is KeyProblemKind.KEYSTORE_NOT_READABLE


@pytest.mark.parametrize("iv", ["ff" * 16, "00" * 16])
def test_a_changed_vector_is_noticed_by_the_address(iv: str) -> None:
    text = changed("crypto", "cipherparams", "iv", to=iv)
    assert file_refusal(text) is KeyProblemKind.KEYSTORE_OTHER_ADDRESS


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process")
def test_a_computer_with_too_little_memory_says_so() -> None:
    text = json.dumps(CHEAP | {"crypto": CHEAP["crypto"] | {"kdfparams": COSTLY}})
    program = (
        "import resource, sys\n"
        "from kayen_desktop.domain.errors import KeyInputError\n"
        "from kayen_desktop.keys.brought_keys import material_from_keystore\n"
        "from kayen_desktop.keys.material import KeyMaterial\n"
        "resource.setrlimit(resource.RLIMIT_AS, (800_000_000, 800_000_000))\n"
        "try:\n"
        "    material_from_keystore(sys.stdin.read(), 'x')\n"
        "except KeyInputError as error:\n"
        "    print(error.kind.value)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=text, capture_output=True, text=True, check=True
    )
    assert done.stdout == "keystore_too_costly\n"


def test_a_refusal_shows_nothing_of_the_file_or_the_password() -> None:
    canary = "canary" + secrets.token_hex(8)
    texts = [canary, f'{{"{canary}": 1}}', changed("crypto", "kdf", to=canary), json.dumps(CHEAP)]
    for text in texts:
        with pytest.raises(KeyInputError) as caught:
            material_from_keystore(text, canary)
        shows_nothing_of(caught.value, canary)
    shows_nothing_of(key_refusal(canary), canary)
    shows_nothing_of(key_refusal("ab" * 31), "abab")


# EIP-191


def test_a_brought_key_signs_as_web3_does() -> None:
    material = material_from_private_key(
        "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
    )
    assert material.address.lower() == "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23"
    signed = Account.sign_message(encode_defunct(text="Some data"), material.private_key)
    assert bytes(signed.message_hash).hex() == (
        "1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655"
    )
    assert bytes(signed.signature).hex() == (
        "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd"
        "6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c"
    )


def test_a_key_signs_as_the_protocol_s_vector_says() -> None:
    """protocols.md §1.2."""
    message = encode_defunct(text="4ffc0b7f-c93c-4b99-bfa7-7c9886c7fdd2")
    signed = Account.sign_message(message, material_from_private_key(KEY.hex()).private_key)
    assert bytes(signed.signature).hex() == (
        "b7584cde01ea4f1d0cb99a0525ac1e23158b97a7a8cf1185e4166473306d0c7e"
        "7a79f70da059a85a959b971b31cf4d2d0cd6476818afaa5f40d38bb621f6247f1c"
    )


# Anything at all

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
# Values that a field may have without making the test slow: small, senseless, or beyond all bounds.
_VALUES: list[object] = [-1, 0, 1, 2, 3, 2**63, 2**80, 0.5, "", "00", "zz", None, True, [], {}]
_FIELD = st.sampled_from(_VALUES)
_STEPS = st.sampled_from(
    [
        ("version",),
        ("crypto",),
        *(("crypto", field) for field in CHEAP["crypto"]),
        *(("crypto", "kdfparams", field) for field in CHEAP["crypto"]["kdfparams"]),
        ("crypto", "cipherparams", "iv"),
    ]
)
_HEX_TEXT = st.text("0123456789abcdefABCDEF", max_size=80)


@st.composite
def _phrases(draw: st.DrawFn) -> str:
    words = draw(st.lists(st.sampled_from(WORDS), max_size=26))
    seed = draw(st.integers(0, 2**32))
    rng = random.Random(seed)
    if words and seed % 2:
        place = rng.randrange(len(words))
        signs = list(words[place])
        rng.shuffle(signs)
        words[place] = "".join(signs)
    return draw(st.sampled_from([" ", "\n", ", ", "  "])).join(words)


_INPUTS = st.one_of(
    st.tuples(st.just("phrase"), st.one_of(st.text(), _phrases(), _HEX_TEXT)),
    st.tuples(
        st.just("key"), st.one_of(st.text(), _phrases(), _HEX_TEXT, _HEX_TEXT.map("0x".__add__))
    ),
    st.tuples(
        st.just("keystore"),
        st.one_of(
            st.text(),
            _JSON.map(json.dumps),
            st.builds(lambda steps, to: changed(*steps, to=to), _STEPS, _FIELD),
        ),
    ),
    st.tuples(st.just("index"), st.one_of(st.integers(max_value=-1), st.integers(min_value=2**31))),
)


@given(_INPUTS, st.text(max_size=10))
@settings(max_examples=500, deadline=None)
def test_500_bad_inputs_are_told_in_a_sentence_each(
    brought: tuple[str, str | int], password: str
) -> None:
    entry, given_ = brought
    try:
        if isinstance(given_, int):
            RecoveryPhrase.from_text(JUNK).derive(given_)
        elif entry == "phrase":
            RecoveryPhrase.from_text(given_)
        elif entry == "key":
            material_from_private_key(given_)
        else:
            material_from_keystore(given_, password)
    except KeyInputError as error:
        is_told_well(error)
    else:
        # Sound by chance: not what is looked for here.
        reject()
