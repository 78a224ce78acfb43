"""V3 files: the published vector opens, other wallets open ours, hostile ones are refused."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import msgspec
import pytest
from eth_keyfile.keyfile import decode_keyfile_json
from hypothesis import example, given
from hypothesis import strategies as st

from kayen_desktop.keys.secret_storage import (
    STANDARD_WORK,
    Flaw,
    Limits,
    StorageError,
    StorageFile,
    StorageKey,
    new_stretch,
    parse_file,
)

KEY = bytes.fromhex("7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d")

# go-ethereum, accounts/keystore/testdata/v3_test_vector.json: "31_byte_key" and "30_byte_key",
# password "foo". (The wiki's own vector has r=1, with which RFC 7914 forbids its N.)
VECTORS: list[tuple[dict[str, Any], str]] = [
    (
        {
            "crypto": {
                "cipher": "aes-128-ctr",
                "cipherparams": {"iv": "e0c41130a323adc1446fc82f724bca2f"},
                "ciphertext": "9517cd5bdbe69076f9bf5057248c6c050141e970efa36ce53692d5d59a3984",
                "kdf": "scrypt",
                "kdfparams": {
                    "dklen": 32,
                    "n": 2,
                    "r": 8,
                    "p": 1,
                    "salt": "711f816911c92d649fb4c84b047915679933555030b3552c1212609b38208c63",
                },
                "mac": "d5e116151c6aa71470e67a7d42c9620c75c4d23229847dcc127794f0732b0db5",
            },
            "id": "fecfc4ce-e956-48fd-953b-30f8b52ed66c",
            "version": 3,
        },
        "fa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35",
    ),
    (
        {
            "crypto": {
                "cipher": "aes-128-ctr",
                "cipherparams": {"iv": "3ca92af36ad7c2cd92454c59cea5ef00"},
                "ciphertext": "108b7d34f3442fc26ab1ab90ca91476ba6bfa8c00975a49ef9051dc675aa",
                "kdf": "scrypt",
                "kdfparams": {
                    "dklen": 32,
                    "n": 2,
                    "r": 8,
                    "p": 1,
                    "salt": "d0769e608fb86cda848065642a9c6fa046845c928175662b8e356c77f914cd3b",
                },
                "mac": "75d0e6759f7b3cefa319c3be41680ab6beea7d8328653474bd06706d4cc67420",
            },
            "id": "a37e1559-5955-450d-8075-7b8931b392b2",
            "version": 3,
        },
        "81c29e8142bb6a81bef5a92bda7a8328a5c85bb2f9542e76f9b0f94fc018",
    ),
]
PAGE = VECTORS[0][0]


# Names of a file, and values that come near to those of one.
NAMES = [*PAGE, *PAGE["crypto"], *PAGE["crypto"]["kdfparams"], "iv", "address", "c", "prf", "x"]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.binary(max_size=40).map(bytes.hex),
    st.sampled_from(["aes-128-ctr", "scrypt", "pbkdf2", "hmac-sha256", 3, 32]),
)
TREES = st.recursive(
    VALUES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=8)
    ),
    max_leaves=20,
)

LIMITS = Limits(size=100_000, memory=2**29, work=2**24, rounds=1_000)
PASSWORD = b"passphrase"


def cheap_key(password: bytes = PASSWORD) -> StorageKey:
    return StorageKey(password, new_stretch(2))


def parsed(file: bytes) -> StorageFile:
    return parse_file(file, LIMITS)


def flaw_of(file: bytes, limits: Limits = LIMITS) -> Flaw:
    """Return why the file is refused before any work is done for it."""
    with pytest.raises(StorageError) as caught:
        parse_file(file, limits)
    return caught.value.flaw


def changed(file: bytes, *path: str, to: object) -> bytes:
    """Return the file with one value of ``crypto`` changed."""
    page = msgspec.json.decode(file)
    inner = page["crypto"]
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = to
    return msgspec.json.encode(page)


@pytest.mark.parametrize(("page", "secret"), VECTORS)
def test_the_published_vectors_open(page: dict[str, Any], secret: str) -> None:
    file = parsed(msgspec.json.encode(page))
    assert StorageKey(b"foo", file.stretch).decrypt(file).hex() == secret
    assert not file.is_whole


def test_another_wallet_opens_a_key_that_was_written_at_full_cost() -> None:
    file = StorageKey("pässword".encode(), new_stretch()).encrypt(KEY)
    page = msgspec.json.decode(file)
    assert page["crypto"]["kdfparams"] | {"salt": ""} == {
        "dklen": 32,
        "n": 262144,
        "p": 1,
        "r": 8,
        "salt": "",
    }
    assert set(page) == {"crypto", "id", "version"}
    assert decode_keyfile_json(page, "pässword".encode()) == KEY
    assert STANDARD_WORK == 262_144


@given(st.binary(max_size=200), st.text("0123456789abcdef", max_size=40))
def test_a_secret_of_any_length_comes_back(secret: bytes, address: str) -> None:
    file = parsed(cheap_key().encrypt(secret, address))
    assert StorageKey(PASSWORD, file.stretch).decrypt(file) == secret
    assert file.address == address
    assert file.is_whole
    with pytest.raises(StorageError) as caught:
        StorageKey(b"another", file.stretch).decrypt(file)
    assert caught.value.flaw is Flaw.WRONG_PASSWORD


def test_two_files_of_one_key_have_nothing_in_common() -> None:
    key = cheap_key()
    one, two = (msgspec.json.decode(key.encrypt(KEY)) for _ in range(2))
    assert one["id"] != two["id"]
    assert one["crypto"]["cipherparams"] != two["crypto"]["cipherparams"]
    assert one["crypto"]["ciphertext"] != two["crypto"]["ciphertext"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2**40),
        ("n", 2**23),
        ("n", 3),
        ("n", -4),
        ("n", 0),
        ("r", 2**22),
        ("r", 0),
        ("p", 1_025),
        ("p", 0),
        ("dklen", 16),
        ("dklen", 129),
    ],
)
def test_a_file_that_asks_for_too_much_is_refused_before_it_gets_it(name: str, value: int) -> None:
    params = {"dklen": 32, "n": 2, "p": 1, "r": 1, "salt": "00"} | {name: value}
    file = changed(cheap_key().encrypt(b""), "kdfparams", to=params)
    assert flaw_of(file) in {Flaw.TOO_COSTLY, Flaw.NOT_READABLE}


def test_how_much_is_too_much_is_for_the_caller_to_say() -> None:
    params = {"dklen": 32, "c": 1_000, "prf": "hmac-sha256", "salt": "00"}
    page = msgspec.json.decode(cheap_key().encrypt(b""))
    page["crypto"] |= {"kdf": "pbkdf2", "kdfparams": params}
    rounds = msgspec.json.encode(page)
    assert parsed(rounds).stretch.kdf == "pbkdf2"
    for limits in (Limits(100_000, 2**29, 2**24, 0), Limits(100_000, 2**29, 2**24, 999)):
        assert flaw_of(rounds, limits) is Flaw.TOO_COSTLY
    standard = changed(cheap_key().encrypt(b""), "kdfparams", "n", to=STANDARD_WORK)
    assert parse_file(standard, Limits(100_000, 2**28, 2**21, 0))
    for limits in (Limits(100_000, 2**28 - 1, 2**21, 0), Limits(100_000, 2**28, 2**21 - 1, 0)):
        assert flaw_of(standard, limits) is Flaw.TOO_COSTLY
    assert flaw_of(standard, Limits(100, 2**28, 2**21, 0)) is Flaw.NOT_READABLE


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("ciphertext",), "zz"),
        (("mac",), "0"),
        (("mac",), "00" * 31),
        (("cipherparams", "iv"), "é" * 16),
        (("cipherparams", "iv"), "00" * 15),
        (("kdfparams", "salt"), "no salt"),
        (("kdfparams", "salt"), "00" * 257),
        (("kdf",), "argon2id"),
        (("cipher",), "aes-128-cbc"),
    ],
)
def test_a_field_that_was_made_up_makes_no_file(path: tuple[str, ...], value: str) -> None:
    assert flaw_of(changed(cheap_key().encrypt(KEY), *path, to=value)) is Flaw.NOT_READABLE


def test_a_counter_that_begins_at_its_end_is_counted_on() -> None:
    key = cheap_key()
    file = changed(key.encrypt(KEY), "cipherparams", "iv", to="ff" * 16)
    assert len(key.decrypt(parsed(file))) == len(KEY)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("ciphertext",), "00"),
        (("mac",), "00" * 32),
        (("cipherparams", "iv"), "00" * 16),
        (("kdfparams", "n"), 4),
        (("kdfparams", "salt"), "00"),
    ],
)
def test_every_changed_field_is_noticed_by_the_checksum(
    path: tuple[str, ...], value: object
) -> None:
    file = cheap_key().encrypt(KEY)
    assert parsed(file).is_whole
    assert not parsed(changed(file, *path, to=value)).is_whole


@given(st.binary(max_size=100) | TREES.map(msgspec.json.encode))
@example(b"[" * 90_000)
@example(b'{"x":' * 18_000)
@example(b"x" * 100_001)
def test_a_hostile_file_is_refused_in_words(file: bytes) -> None:
    with pytest.raises(StorageError, match=r"^The file does not open: .*\.$"):
        parsed(file)


@given(
    VALUES | TREES,
    st.sampled_from(
        [(n,) for n in PAGE["crypto"]]
        + [("cipherparams", "iv"), *(("kdfparams", n) for n in PAGE["crypto"]["kdfparams"])]
    ),
)
def test_a_file_with_one_hostile_field_is_refused_or_cheap(
    value: object, path: tuple[str, ...]
) -> None:
    try:
        file = parsed(changed(msgspec.json.encode(PAGE), *path, to=value))
    except StorageError:
        return
    costs = file.stretch.kdfparams
    assert 128 * costs.n * costs.r <= LIMITS.memory
    assert costs.n * costs.r * costs.p <= LIMITS.work
    assert len(file.iv) == 16
    assert len(file.mac) == 32


def test_the_key_can_not_be_seen_copied_or_written_down() -> None:
    key = cheap_key()
    assert repr(key) == "StorageKey()"
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            take(key)
