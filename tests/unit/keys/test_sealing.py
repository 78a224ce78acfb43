"""Sealed texts open with their passphrase alone; hostile ones cost nothing and break nothing."""

from __future__ import annotations

import base64
import hashlib
import traceback

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kayen_desktop.domain.errors import KeyStoreError, VaultError, VaultProblem
from kayen_desktop.domain.errors import WrongPassphraseError as WrongPassphrase
from kayen_desktop.keys.sealing import STANDARD_COST, Cost, is_sealed, seal, unseal

CHEAP = Cost(1, 8, 1)
SECRET = b"canary--canary--canary--canary--"


def packed(body: bytes) -> str:
    """Return the body as a text whose checksum is right."""
    return base64.b64encode(hashlib.sha256(body).digest()[:8] + body).decode()


def unpacked(text: str) -> bytes:
    return base64.b64decode(text)[8:]


def is_plain(text: str) -> bool:
    """Return whether it is what anybody may write: a right checksum, no seal."""
    try:
        body = base64.b64decode(text, validate=True)[8:]
    except ValueError:
        return False
    return body[:1] == b"\x01" and packed(body) == text


@given(st.binary(max_size=300), st.text(max_size=40))
@example(b"", "")
@example(b"x", "\ud800")
def test_what_is_sealed_opens_with_the_same_passphrase(secret: bytes, passphrase: str) -> None:
    text = seal(secret, passphrase, CHEAP)
    assert text.isascii()
    assert is_sealed(text) == bool(passphrase)
    assert unseal(text, passphrase) == secret
    with pytest.raises(WrongPassphrase):
        unseal(text, passphrase + "!")


def test_it_costs_what_the_standard_recommends_and_is_short() -> None:
    """RFC 9106 §4: t=3, m=64 MiB, a salt of 16 bytes, a key of 32; in one lane, on one core."""
    assert STANDARD_COST == (3, 64 * 1024, 1)
    text = seal(SECRET, "passphrase")
    assert unpacked(text)[:7] == b"\x02\x03\x00\x01\x00\x00\x01"
    assert unseal(text, "passphrase") == SECRET
    assert len(text) < 150


def test_no_two_texts_are_alike_and_none_holds_the_secret() -> None:
    one, two = seal(SECRET, "passphrase", CHEAP), seal(SECRET, "passphrase", CHEAP)
    assert unpacked(one)[8:40] != unpacked(two)[8:40]  # salt and nonce
    assert SECRET not in unpacked(one)


@pytest.mark.parametrize(
    ("typed", "meant"), [("e\u0301te\u0301", "été"), ("\ufb01sh", "fish"), ("\uff12", "2")]
)
def test_however_a_keyboard_composes_it_it_is_the_same_passphrase(typed: str, meant: str) -> None:
    assert unseal(seal(SECRET, typed, CHEAP), meant) == SECRET


@pytest.mark.parametrize("at", range(7 + 16 + 24 + len(SECRET) + 16))
def test_a_changed_byte_is_noticed_wherever_it_is(at: int) -> None:
    body = bytearray(unpacked(seal(SECRET, "passphrase", CHEAP)))
    body[at] ^= 0x01
    damaged = base64.b64encode(hashlib.sha256(b"before").digest()[:8] + body).decode()
    with pytest.raises(VaultError) as caught:
        unseal(damaged, "passphrase")
    assert caught.value.kind is VaultProblem.DAMAGED
    with pytest.raises(KeyStoreError):  # also where somebody made the checksum right again
        unseal(packed(bytes(body)), "passphrase")


def test_a_secret_without_a_passphrase_is_guarded_against_damage() -> None:
    text = seal(SECRET, "")
    assert unpacked(text) == b"\x01" + SECRET
    with pytest.raises(VaultError) as caught:
        unseal("A" + text[1:] if text[0] != "A" else "B" + text[1:], "")
    assert caught.value.kind is VaultProblem.DAMAGED


@pytest.mark.parametrize(
    "cost",
    [
        (3, 2**32 - 1, 4),
        (255, 64, 1),
        (11, 64, 1),
        (3, 256 * 1024 + 1, 4),
        (3, 64 * 1024, 255),
        (0, 64, 1),
        (1, 64, 0),
        (1, 7, 1),
        (1, 0, 0),
    ],
)
def test_a_text_that_asks_for_too_much_is_refused_before_it_gets_it(
    cost: tuple[int, int, int],
) -> None:
    header = b"\x02" + cost[0].to_bytes() + cost[1].to_bytes(4) + cost[2].to_bytes()
    with pytest.raises(VaultError) as caught:
        unseal(packed(header + bytes(16 + 24 + 16)), "passphrase")
    assert caught.value.kind is VaultProblem.DAMAGED
    assert "Argon2id" in caught.value.detail


@given(
    st.one_of(
        st.text(max_size=200),
        st.binary(max_size=200).map(packed),
        st.binary(max_size=200).map(lambda rest: packed(b"\x02" + rest)),
        st.binary(max_size=90).map(lambda rest: packed(b"\x02\x01\x00\x00\x00\x08\x01" + rest)),
        st.binary(max_size=90).map(lambda rest: base64.b64encode(rest).decode()),
    ),
    st.sampled_from(["", "passphrase", "\ud800"]),
)
@settings(max_examples=500)
@example("", "")
@example("=", "")
@example("é" * 10, "")
@example("A" * 1_000_001, "")
def test_a_hostile_text_is_refused_in_words(text: str, passphrase: str) -> None:
    """Only a text with the right checksum and no seal opens: it is its author's own."""
    if not passphrase and is_plain(text):
        assert packed(b"\x01" + unseal(text, "")) == text
        return
    with pytest.raises(KeyStoreError, match=r"\.$"):
        unseal(text, passphrase)


def test_an_error_says_nothing_of_what_was_sealed() -> None:
    for text in (seal(SECRET, "the passphrase", CHEAP), packed(b"\x09" + SECRET)):
        with pytest.raises(KeyStoreError) as caught:
            unseal(text, "another passphrase")
        said = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
        for hidden in (SECRET.decode(), SECRET.hex(), text, "the passphrase"):
            assert hidden not in said
