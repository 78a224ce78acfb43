"""Phrases are those of BIP-39, lead where BIP-32 and BIP-44 say, and forgive spacing, not words."""

from __future__ import annotations

import copy
import json
import pickle
import random
import secrets
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mnemonic import Mnemonic

from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.keys.recovery_phrase import (
    RecoveryPhrase,
    is_word,
    looks_like_phrase,
    make_quiz,
    split_phrase,
    suggest,
)
from kayen_desktop.late_imports import import_late

from .key_errors import is_told_well, shows_nothing_of

VECTORS = Path(__file__).parent / "vectors"
BIP39 = json.loads((VECTORS / "bip39.json").read_text())
BIP32 = json.loads((VECTORS / "bip32.json").read_text())
JUNK = "test " * 11 + "junk"
ABOUT = "abandon " * 11 + "about"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def refusal(text: str) -> KeyInputError:
    with pytest.raises(KeyInputError) as caught:
        RecoveryPhrase.from_text(text)
    is_told_well(caught.value)
    return caught.value


def private_key_of(extended: str) -> bytes:
    """Return the key of a BIP-32 extended private key, its last 32 bytes before the checksum."""
    number = 0
    for sign in extended:
        number = number * 58 + BASE58.index(sign)
    return number.to_bytes(82)[46:78]


# The standards


def test_there_are_24_vectors() -> None:
    assert len(BIP39) == 24
    assert len(BIP32) == 17


@pytest.mark.parametrize("vector", BIP39, ids=lambda vector: vector["entropy"][:8])
def test_it_is_bip_39(vector: dict[str, str]) -> None:
    entropy = bytes.fromhex(vector["entropy"])
    phrase = RecoveryPhrase.from_entropy(entropy)
    assert " ".join(phrase.words) == vector["phrase"]
    assert RecoveryPhrase.from_text(vector["phrase"]).derive().entropy == entropy
    seed = Mnemonic.to_seed(" ".join(phrase.words), "TREZOR")
    assert seed.hex() == vector["seed"]
    assert Mnemonic.to_hd_master_key(seed) == vector["root"]


@pytest.mark.parametrize("vector", BIP32, ids=lambda vector: vector["path"])
def test_what_derives_is_bip_32(vector: dict[str, str]) -> None:
    derived = import_late("eth_account.hdaccount").HDPath(vector["path"])
    key = derived.derive(bytes.fromhex(vector["seed"]))
    assert key == private_key_of(vector["extended_private_key"])


@pytest.mark.parametrize(
    ("index", "address"),
    [
        (0, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        (1, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    ],
)
def test_it_leads_to_the_addresses_that_other_wallets_show(index: int, address: str) -> None:
    material = RecoveryPhrase.from_text(JUNK).derive(index)
    assert material.address == address
    assert material.path == f"m/44'/60'/0'/0/{index}"
    assert material.origin is KeyOrigin.PHRASE
    assert RecoveryPhrase.from_entropy(material.entropy).words == tuple(JUNK.split())


def test_any_path_of_bip_32_can_be_followed() -> None:
    material = RecoveryPhrase.from_text(ABOUT).derive_path("m/7'/13'/8'/65'/6/44/16/18'/7")
    assert material.private_key.hex() == (
        "a3feab189ba3bc20968cc92adc3c73a0ff02fc63fdc8bab9e004bcbf2862a3dd"
    )
    root = RecoveryPhrase.from_text(ABOUT).derive_path("m")
    assert root.private_key.hex() == (
        "1837c1be8e2995ec11cda2b066151be2cfb48adf9e47b151d46adab3a21cdf67"
    )


def test_the_last_account_can_be_reached_and_no_other() -> None:
    phrase = RecoveryPhrase.from_text(JUNK)
    assert phrase.derive(2**31 - 1).path.endswith("/2147483647")
    for index in (-1, 2**31, 2**40):
        with pytest.raises(KeyInputError) as caught:
            phrase.derive(index)
        assert caught.value.kind is KeyProblemKind.INDEX_OUT_OF_RANGE
        is_told_well(caught.value)


@pytest.mark.parametrize(
    "path",
    ["", "44'/60'", "m/", "m//0", "m/x", "m/-1", "m/2147483648", "m/0''", "m/0h", "m/٣", "n/0"],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(KeyInputError) as caught:
        RecoveryPhrase.from_text(JUNK).derive_path(path)
    assert caught.value.kind is KeyProblemKind.INDEX_OUT_OF_RANGE


# Making one


@pytest.mark.parametrize(("words", "length"), [(12, 16), (24, 32)])
def test_a_new_phrase_has_all_its_entropy(words: int, length: int) -> None:
    asked: list[int] = []

    def entropy(count: int) -> bytes:
        asked.append(count)
        return b"\x7f" * count

    phrase = RecoveryPhrase.make(words, entropy)
    assert asked == [length]
    assert len(phrase.words) == words
    assert phrase.words[:2] == ("legal", "winner")
    assert phrase.derive().origin is KeyOrigin.CREATED


def test_new_phrases_differ_and_can_be_typed_again() -> None:
    one, two = (RecoveryPhrase.make(12, secrets.token_bytes) for _ in range(2))
    assert one.words != two.words
    again = RecoveryPhrase.from_text(" ".join(one.words))
    assert again.derive().address == one.derive().address


@pytest.mark.parametrize("words", [0, 11, 13, 15, 18, 21, 48])
def test_other_lengths_are_not_made(words: int) -> None:
    with pytest.raises(KeyInputError) as caught:
        RecoveryPhrase.make(words, secrets.token_bytes)
    assert caught.value.kind is KeyProblemKind.PHRASE_WORD_COUNT


def test_a_source_of_too_little_entropy_is_not_used() -> None:
    with pytest.raises(ValueError, match="another number of bytes"):
        RecoveryPhrase.make(24, lambda count: b"\x01" * (count - 4))


@pytest.mark.parametrize("length", [0, 8, 17, 33, 64])
def test_entropy_of_another_length_is_no_phrase(length: int) -> None:
    with pytest.raises(KeyInputError):
        RecoveryPhrase.from_entropy(b"\x01" * length)


# Typing one


@pytest.mark.parametrize(
    "typed",
    [
        JUNK,
        f"  {JUNK}\n",
        JUNK.upper(),
        JUNK.title(),
        JUNK.replace(" ", "\n"),
        JUNK.replace(" ", "\t\u3000"),
        JUNK.replace(" ", "\u00a0"),
        JUNK.replace(" ", ", "),
        JUNK.replace(" ", ";") + ".",
        f'"{JUNK}"',
        f"\ufeff{JUNK}",
        JUNK.replace("test", "te\u200bst"),
        "".join(chr(ord(c) + 0xFEE0) if c != " " else c for c in JUNK),
        "\n".join(f"{n}. {word}" for n, word in enumerate(JUNK.split(), 1)),
        "\n".join(f"{n}) {word}" for n, word in enumerate(JUNK.split(), 1)),
        "\n".join(f"{n}.{word}" for n, word in enumerate(JUNK.split(), 1)),
        " ".join(f"{n} {word}" for n, word in enumerate(JUNK.split(), 1)),
        " ".join(f"{n}: {word}," for n, word in enumerate(JUNK.split(), 1)),
    ],
)
def test_case_spacing_commas_and_numbering_do_not_matter(typed: str) -> None:
    assert RecoveryPhrase.from_text(typed).words == tuple(JUNK.split())


@pytest.mark.parametrize("words", [12, 15, 18, 21, 24])
def test_every_length_of_the_standard_is_taken(words: int) -> None:
    made = RecoveryPhrase.from_entropy(secrets.token_bytes(words * 4 // 3))
    assert RecoveryPhrase.from_text(" ".join(made.words)).words == made.words


@pytest.mark.parametrize("text", ["", " ", "\n\t", "1. 2. 3.", "\u200b"])
def test_nothing_is_told_as_nothing(text: str) -> None:
    assert refusal(text).kind is KeyProblemKind.PHRASE_EMPTY


@pytest.mark.parametrize("count", [1, 11, 13, 23, 25, 100, 900])
def test_another_number_of_words_is_counted(count: int) -> None:
    error = refusal("test " * count)
    assert error.kind is KeyProblemKind.PHRASE_WORD_COUNT
    assert error.found == count


@pytest.mark.parametrize("text", ["x" * 10_000_000, JUNK + " " * 5_000 + "more"])
def test_an_endless_text_is_no_phrase_whatever_it_begins_with(text: str) -> None:
    assert refusal(text).kind is KeyProblemKind.PHRASE_WORD_COUNT


def test_space_around_is_no_text() -> None:
    assert RecoveryPhrase.from_text(" " * 9_000 + JUNK + "\n" * 9_000).words[-1] == "junk"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("abandno", "abandon"),
        ("aband", "abandon"),
        ("aban", "abandon"),
        ("abandons", "abandon"),
        ("abandon1", "abandon"),
        ("baandon", "abandon"),
        ("abovt", "about"),
        ("junck", "junk"),
        ("jnk", "junk"),
        ("zooo", "zoo"),
        ("hamstr", "hamster"),
    ],
)
def test_a_typo_is_told_by_its_place_and_what_may_be_meant(typed: str, meant: str) -> None:
    assert meant in suggest(typed)
    error = refusal(" ".join(["test"] * 4 + [typed] + ["test"] * 7))
    assert error.kind is KeyProblemKind.PHRASE_UNKNOWN_WORD
    assert error.position == 5
    assert meant in error.hints


def test_an_abbreviation_is_answered_with_its_word_and_not_completed() -> None:
    error = refusal(" ".join(word[:4] for word in ABOUT.split()))
    assert (error.position, error.hints[0]) == (1, "abandon")


def test_the_first_four_letters_name_one_word() -> None:
    words = Mnemonic("english").wordlist
    assert all(suggest(word[:4] + "q")[0] == word for word in words if len(word) >= 4)


@pytest.mark.parametrize("text", ["", " ", "qqqqqqq", "12345", "x" * 500, "€€€€", "\ud800"])
def test_what_is_no_typo_gets_no_hint(text: str) -> None:
    assert suggest(text) == ()


def test_words_are_known_in_any_case() -> None:
    assert is_word("zoo")
    assert is_word(" ZOO ")
    assert not is_word("zo")
    assert not is_word("")


def test_two_words_that_changed_places_are_noticed() -> None:
    words = BIP39[1]["phrase"].split()
    words[0], words[1] = words[1], words[0]
    error = refusal(" ".join(words))
    assert error.kind is KeyProblemKind.PHRASE_CHECKSUM
    shows_nothing_of(error, "sausage", "yellow")


@pytest.mark.parametrize(
    "text", ["ab" * 32, "0x" + "AB" * 32, "  0x" + "ab" * 32 + "\n", '{"version": 3}', " {"]
)
def test_a_key_among_the_phrases_is_called_a_key(text: str) -> None:
    assert refusal(text).kind is KeyProblemKind.PHRASE_LOOKS_LIKE_KEY


def test_a_phrase_is_recognised_by_most_of_its_words() -> None:
    assert looks_like_phrase(JUNK.replace("junk", "jnuk"))
    assert not looks_like_phrase("test")
    assert not looks_like_phrase("this is some other sentence of no list")
    assert split_phrase("1. Zoo, ") == ("zoo",)


# Secrecy


def test_nothing_about_it_can_be_printed_or_copied() -> None:
    phrase = RecoveryPhrase.from_text(JUNK)
    assert repr(phrase) == str(phrase) == "RecoveryPhrase(12 words)"
    assert not hasattr(phrase, "__dict__")
    for copier in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="can't be copied"):
            copier(phrase)


def test_a_refusal_shows_nothing_of_what_was_typed() -> None:
    shows_nothing_of(refusal("test " * 11 + "canaryword"), "canaryword")
    shows_nothing_of(refusal("canaryword " * 13), "canaryword")


_WORDS = st.lists(
    st.sampled_from(["abandon", "zoo", "abandom", "Zoo.", "12.", "été", "0x1f", ""]) | st.text(),
    max_size=26,
)


@given(st.text() | _WORDS.map(" ".join) | _WORDS.map("\n".join))
@settings(max_examples=500, deadline=None)
def test_500_texts_that_are_no_phrase_are_told_in_a_sentence_each(text: str) -> None:
    with pytest.raises(KeyInputError) as told:
        RecoveryPhrase.from_text(text)
    is_told_well(told.value)


# The quiz


def test_four_words_are_asked_in_order_among_decoys() -> None:
    words = RecoveryPhrase.make(12, secrets.token_bytes).words
    questions = make_quiz(words, random.SystemRandom())
    positions = [question.position for question in questions]
    assert len(positions) == len(set(positions)) == 4
    assert positions == sorted(positions)
    for question in questions:
        right = words[question.position - 1]
        assert len(set(question.choices)) == 6
        assert [choice for choice in question.choices if question.is_right(choice)] == [right]
        assert not set(question.choices) - {right} & set(words)
        assert all(is_word(choice) for choice in question.choices)
        assert right not in repr(question)


@given(st.integers(0, 2**32), st.sampled_from(BIP39))
@settings(max_examples=60)
def test_every_place_and_every_choice_can_come(seed: int, vector: dict[str, str]) -> None:
    words = vector["phrase"].split()
    for question in make_quiz(words, random.Random(seed)):
        assert 1 <= question.position <= len(words)
        assert question.is_right(words[question.position - 1])
        assert not question.is_right("")


def test_the_right_choice_stands_anywhere() -> None:
    words = JUNK.split()
    places = set()
    for seed in range(60):
        for question in make_quiz(words, random.Random(seed)):
            places.add(question.choices.index(words[question.position - 1]))
    assert places == set(range(6))
