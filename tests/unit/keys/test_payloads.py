"""A text to be signed is a plain challenge or it is refused in words, however it is disguised."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import RFC_4122, UUID

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.domain.errors import SigningRefusedError
from kayen_desktop.domain.signatures import SignatureMeaning, SigningPurpose
from kayen_desktop.keys.payloads import MAX_CHALLENGE, audience_of, examine
from kayen_desktop.late_imports import import_late

rlp = import_late("rlp")
PURPOSE = SigningPurpose.CLEARPORT_CHALLENGE
ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
CHALLENGE = "4ffc0b7f-c93c-4b99-bfa7-7c9886c7fdd2"
KEY = b"\x01" * 32
CHECKSUMMED = "0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C"
TO = bytes.fromhex(CHECKSUMMED[2:])


def refusal(text: str) -> str:
    """Return why the text is refused; empty where it is not."""
    try:
        examine(PURPOSE, text, ADDRESS)
    except SigningRefusedError as error:
        return str(error)
    return ""


# What transactions are, made by the libraries that wallets use


def signed(**fields: Any) -> bytes:
    account = Account.from_key(KEY)
    common = {"nonce": 1, "gas": 21000, "to": CHECKSUMMED, "value": 10**18, "data": b""}
    return bytes(account.sign_transaction({**common, **fields}).raw_transaction)


FEES = {"maxFeePerGas": 10**9, "maxPriorityFeePerGas": 10**8, "chainId": 1}
ACCESS = ({"address": CHECKSUMMED, "storageKeys": ("0x" + "00" * 32,)},)
BLOB_HASH = b"\x01" + b"\x11" * 31
TRANSACTIONS = {
    "legacy, signed": signed(gasPrice=10**9),
    "legacy, signed for one chain": signed(gasPrice=10**9, chainId=1),
    "EIP-2930, signed": signed(gasPrice=10**9, chainId=1, type=1, accessList=()),
    "EIP-2930 with a list": signed(gasPrice=10**9, chainId=1, type=1, accessList=ACCESS),
    "EIP-1559, signed": signed(type=2, **FEES),
    "EIP-1559 with a list": signed(type=2, accessList=ACCESS, **FEES),
    "legacy, unsigned": rlp.encode([1, 10**9, 21000, TO, 10**18, b""]),
    "legacy, unsigned, EIP-155": rlp.encode([1, 10**9, 21000, TO, 10**18, b"", 1, 0, 0]),
    "a contract's creation": rlp.encode([0, 1, 21000, b"", 0, b"\x60\x00\xf3"]),
    "the smallest": bytes.fromhex("c6808080808080"),
    "EIP-2930, unsigned": b"\x01" + rlp.encode([1, 1, 10**9, 21000, TO, 1, b"", []]),
    "EIP-1559, unsigned": b"\x02" + rlp.encode([1, 1, 1, 10**9, 21000, TO, 1, b"", []]),
    "EIP-4844, unsigned": b"\x03"
    + rlp.encode([1, 1, 1, 10**9, 21000, TO, 1, b"", [], 1, [BLOB_HASH]]),
    "EIP-4844, blobs beside it": b"\x03"
    + rlp.encode([[1, 1, 1, 10**9, 21000, TO, 1, b"", [], 1, []], [], [], []]),
    "EIP-7702, unsigned": b"\x04" + rlp.encode([1, 1, 1, 10**9, 21000, TO, 1, b"", [], []]),
}
DISGUISES: dict[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "hex with 0x": lambda data: "0x" + data.hex(),
    "hex in capitals": lambda data: data.hex().upper(),
    "hex in pairs": lambda data: data.hex(":"),
    "hex with dashes": lambda data: data.hex("-", 4),
    "base64": lambda data: base64.b64encode(data).decode(),
    "base64 without padding": lambda data: base64.b64encode(data).decode().rstrip("="),
    "base64url": lambda data: base64.urlsafe_b64encode(data).decode(),
    "hex in base64": lambda data: base64.b64encode(data.hex().encode()).decode(),
    "percent signs": quote,
    "backslashes": lambda data: "".join(f"\\x{byte:02x}" for byte in data),
    "octal": lambda data: "".join(f"\\{byte:03o}" for byte in data),
    "entities": lambda data: "".join(f"&#{byte};" for byte in data),
    "raw": lambda data: data.decode("latin-1"),
    "hex in percent signs": lambda data: "".join(f"%{byte:02x}" for byte in data.hex().encode()),
    "hex among words": lambda data: f"please sign {data.hex()} now",
}


# Among words, a run of so few digits is any number.
TOO_SHORT = {name for name, data in TRANSACTIONS.items() if len(data) < 22}


@pytest.mark.parametrize(
    ("name", "disguise"),
    [
        (name, disguise)
        for name in TRANSACTIONS
        for disguise in DISGUISES
        if disguise != "hex among words" or name not in TOO_SHORT
    ],
)
def test_a_transaction_is_refused_however_it_is_written(name: str, disguise: str) -> None:
    assert "Nothing was signed" in refusal(DISGUISES[disguise](TRANSACTIONS[name]))


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_a_transaction_is_called_one(name: str) -> None:
    text = TRANSACTIONS[name].hex()
    if len(text) <= MAX_CHALLENGE:
        assert "transaction" in refusal(text)


# What else a signature could be taken for

PERSONAL = b"\x19Ethereum Signed Message:\n36" + CHALLENGE.encode()
TYPED = b"\x19\x01" + b"\x22" * 64
INTENDED = b"\x19\x00" + TO + b"pay"
TYPED_JSON = json.dumps({"types": {"EIP712Domain": []}, "primaryType": "Mail"})
SIGN_IN = "example.com wants you to sign in with your Ethereum account: 0x" + TO.hex()


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("data", [PERSONAL, TYPED, INTENDED, b"say " + PERSONAL])
def test_prepared_signatures_are_refused(data: bytes, disguise: str) -> None:
    assert refusal(DISGUISES[disguise](data))


@pytest.mark.parametrize("disguise", set(DISGUISES) - {"raw"})
@pytest.mark.parametrize("text", [TYPED_JSON, SIGN_IN])
def test_typed_data_and_sign_ins_elsewhere_are_refused(text: str, disguise: str) -> None:
    assert refusal(text)
    assert refusal(DISGUISES[disguise](text.encode()))


@pytest.mark.parametrize("disguise", set(DISGUISES) - {"raw", "percent signs"})
def test_a_digest_or_a_key_is_refused(disguise: str) -> None:
    for seed in range(50):
        assert refusal(DISGUISES[disguise](random.Random(seed).randbytes(32)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no challenge"),
        ("   ", "no challenge"),
        ("x" * (MAX_CHALLENGE + 1), "too long"),
        ("line\nbreak", "can't be shown"),
        ("tab\there", "can't be shown"),
        ("ünïcode", "can't be shown"),
        ("zero\u200bwidth", "can't be shown"),
        ("\x19Ethereum Signed Message:\n1", "can't be shown"),
        ("\\x19\\x01", "hides signs"),
        ("%19E", "hides signs"),
        ("&#25;E", "hides signs"),
        ("\\u0019", "hides signs"),
        ("\\u{19}", "hides signs"),
        ("a\\nb", "hides signs"),
        ("0x", "hexadecimal"),
        ("0x02f8720181", "hexadecimal"),
        ("0X02", "hexadecimal"),
        (" 0x1901 ", "hexadecimal"),
        ('{"types":{"EIP712Domain":[]}}', "typed data"),
        ("[1,2]", "typed data"),
        ('"text"', "typed data"),
        ("my primaryType is Mail", "typed data"),
        ("00" * 32, "32 bytes"),
        ("Evil.com Wants You To Sign In", "another site"),
    ],
)
def test_each_refusal_says_what_was_found(text: str, words: str) -> None:
    answer = refusal(text)
    assert words in answer
    assert answer.startswith("The server asked for a signature on ")
    assert answer.endswith("Nothing was signed, and no money moves.")


# What is signed


def test_the_meaning_is_made_from_the_text_itself() -> None:
    assert examine(PURPOSE, CHALLENGE, ADDRESS) == SignatureMeaning(
        PURPOSE, "Clearport", ADDRESS, CHALLENGE
    )
    assert audience_of(PURPOSE) == "Clearport"


@pytest.mark.parametrize(
    "text",
    [
        CHALLENGE,
        CHALLENGE.upper(),
        CHALLENGE.replace("-", ""),
        CHALLENGE.replace("-", "").upper(),
        "c232ab00-9414-11ec-b3c8-9f6bdeced846",  # version 1, of RFC 9562 like the next
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",  # version 7
    ],
)
def test_a_one_time_code_is_signed(text: str) -> None:
    assert examine(PURPOSE, text, ADDRESS).text == text


def test_of_twenty_thousand_codes_not_one_is_refused() -> None:
    chance = random.Random(3)
    for _ in range(20_000):
        uuid = UUID(int=chance.getrandbits(128), version=4)
        assert refusal(str(uuid)) == ""
        assert refusal(uuid.hex) == ""


# What is not a one-time code is not signed, whatever else it is or is not

SENTENCES = [
    "I agree to transfer all my funds to 0xdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
    "Welcome to OpenSea! Click to sign in and accept the Terms of Service. Nonce: 8f3a1c",
    "Sign this message to withdraw 10000 USDC to 0xdeadbeef. nonce 7",
    "action:withdraw;amount:1000;to:0xdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
    f"login to exchange.example as {CHECKSUMMED} at 2026-01-01",
    "uniswap.org wants  you to sign in",
    "Transfer all funds to Mallory, n=7",
    "prove it",
    f"nonce: {CHALLENGE}",
    f"{CHALLENGE} and I agree to pay",
    f"{CHALLENGE} ",
    f"{CHALLENGE}{CHALLENGE}",
]
TOKENS = [
    "eyJhbGciOiJFUzI1NksifQ.eyJhZG1pbiI6dHJ1ZX0",
    "eyJhbGciOiJFUzI1NksifQ.eyJhZG1pbiI6dHJ1ZX0.c2lnbmF0dXJl",
    "I-agree-to-transfer-all",
    "i_agree_to_transfer_all_1234",
    "IAgreeToTransferAllMyFunds2026",
    "tRaNsFeR-1000-uSdC-tO-mAlLoRy",
    "I-a-g-r-e-e-7-o-p-4-y",
    CHECKSUMMED,
    CHECKSUMMED[2:],
    "a9059cbb" + "00" * 20,
    "ab" * 66,
    "00" * 16,
    "1718000000123",
    "a",
    "{" + CHALLENGE + "}",
    f"urn:uuid:{CHALLENGE}",
    CHALLENGE.replace("-", "_"),
    "4ffc0b7fc-93c-4b99-bfa7-7c9886c7fdd2",
    "4ffc0b7f-c93c-4b99-7fa7-7c9886c7fdd2",  # no variant that a UUID has
    "4FFC0b7f-c93c-4b99-bfa7-7c9886c7fdd2",  # mixed capitals carry something, as in addresses
]


@pytest.mark.parametrize("text", SENTENCES + TOKENS)
def test_sentences_and_tokens_of_other_kinds_are_refused(text: str) -> None:
    assert refusal(text)


def test_what_is_no_danger_that_has_a_name_is_refused_as_unknown() -> None:
    assert "no one-time code of Clearport's" in refusal("prove it")


@pytest.mark.parametrize("text", ["I agree to pay U", "all of my coins", "yes"])
def test_words_written_as_a_code_are_refused(text: str) -> None:
    data = text.encode().ljust(16, b"\0")
    assert refusal(data.hex())
    assert refusal(str(UUID(bytes=data)))


def test_words_within_the_bits_that_a_code_leaves_free_are_refused() -> None:
    code = UUID(bytes="I pay Bé now ok".encode())
    assert code.variant == RFC_4122
    assert "holds words" in refusal(str(code))


# The usual nonces of other forms: Clearport has never sent one


def _hex_of(size: int) -> Callable[[random.Random], str]:
    return lambda chance: chance.randbytes(size).hex()


def _base64_of(size: int) -> Callable[[random.Random], str]:
    return lambda chance: base64.urlsafe_b64encode(chance.randbytes(size)).decode().rstrip("=")


URL_SIGNS = "-_" + string.ascii_letters + string.digits
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NONCES: dict[str, Callable[[random.Random], str]] = {
    **{f"hex, {size} bytes": _hex_of(size) for size in (20, 24, 32, 48)},
    **{f"base64url, {size} bytes": _base64_of(size) for size in (16, 24, 32, 48)},
    "ULID": lambda chance: "01" + "".join(chance.choices(CROCKFORD, k=24)),
    "nanoid": lambda chance: "".join(chance.choices(URL_SIGNS, k=21)),
}


@pytest.mark.parametrize("kind", NONCES)
def test_a_nonce_of_another_form_is_refused_until_it_is_known(kind: str) -> None:
    chance = random.Random(5)
    assert all(refusal(NONCES[kind](chance)) for _ in range(200))


# Anything at all

printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=300)
encoded = st.builds(
    lambda data, disguise: DISGUISES[disguise](data),
    st.binary(max_size=128),
    st.sampled_from(sorted(DISGUISES)),
)


@given(st.text(max_size=300) | printable | encoded)
def test_any_text_means_itself_or_is_refused_in_words(text: str) -> None:
    answer = refusal(text)
    if answer:
        assert answer.endswith(".")
    else:
        assert examine(PURPOSE, text, ADDRESS).text == text
        assert UUID(text).variant == RFC_4122
        assert text.isascii()


amounts = st.integers(0, 2**64)
bodies = st.tuples(
    amounts, amounts, amounts, st.just(TO) | st.just(b""), amounts, st.binary(max_size=20)
)


@given(bodies, st.sampled_from(["hex", "hex with 0x", "base64", "base64url", "backslashes"]))
def test_any_legacy_transaction_is_refused(body: tuple[Any, ...], disguise: str) -> None:
    assert refusal(DISGUISES[disguise](rlp.encode(list(body))))


@given(
    st.integers(1, 4), st.lists(amounts | st.binary(max_size=20), min_size=7, max_size=10),
    st.sampled_from(["hex", "base64", "base64url"]),
)  # fmt: skip
def test_any_typed_transaction_is_refused(kind: int, fields: list[Any], disguise: str) -> None:
    assert refusal(DISGUISES[disguise](bytes([kind]) + rlp.encode([*fields, []])))
