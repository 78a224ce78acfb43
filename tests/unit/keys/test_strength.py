"""A passphrase is judged in plain words, whatever it holds, and is kept nowhere."""

from __future__ import annotations

import gc
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
import zxcvbn
from hypothesis import given, settings
from hypothesis import strategies as st

from kayen_desktop.keys.strength import Strength, measure


@pytest.mark.parametrize(
    ("passphrase", "score", "crack_time"),
    [
        ("", 0, "less than a second"),
        ("password", 0, "less than a second"),
        ("aaaaaaaa", 0, "less than a second"),
        ("qwertyuiop", 0, "less than a second"),
        ("correct horse battery staple", 4, "centuries"),
    ],
)
def test_it_is_scored_and_timed(passphrase: str, score: int, crack_time: str) -> None:
    strength = measure(passphrase)
    assert strength.score == score
    assert strength.crack_time == crack_time
    assert strength.is_enough == (score >= 3)


def test_a_weak_one_is_told_why_and_what_to_do() -> None:
    strength = measure("password1")
    assert strength.warning.endswith(".")
    assert any("another word" in each for each in strength.advice)


def test_a_good_one_needs_no_advice() -> None:
    assert measure("correct horse battery staple").advice == ()


def test_words_about_the_trader_are_easy_to_guess() -> None:
    passphrase = "ravenscroft harborough"  # noqa: S105 - of a test
    without = measure(passphrase)
    assert measure(passphrase, ("Ravenscroft", "Harborough")).score < without.score
    assert measure(passphrase) == without


@pytest.mark.parametrize("length", [72, 73, 1_000, 100_000])
def test_a_long_one_is_judged_by_its_beginning(length: int) -> None:
    assert not measure("a" * length).is_enough
    varied = "correct horse battery staple " * (length // 20)
    assert measure(varied[:length]).is_enough


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_anything_at_all_is_judged(passphrase: str) -> None:
    strength = measure(passphrase, ("Ada",))
    assert 0 <= strength.score <= 4
    assert strength.crack_time
    assert not strength.warning or strength.warning.endswith(".")
    assert all(each.endswith(".") for each in strength.advice)


@pytest.mark.parametrize(
    ("passphrase", "about"), [("ravenscroft", ("ravenscroft",)), ("canary-4711", ())]
)
def test_nothing_of_it_stays(passphrase: str, about: tuple[str, ...]) -> None:
    passphrase += secrets.token_hex(8)
    measure(passphrase, (*about, passphrase))
    assert "user_inputs" not in zxcvbn.matching.RANKED_DICTIONARIES
    gc.collect()
    holders = [
        each
        for each in gc.get_objects()
        if isinstance(each, dict) and each.get("password") == passphrase
    ]
    assert holders == []
    assert passphrase not in repr(measure(passphrase))


def test_two_meters_at_once_don_t_mix() -> None:
    def judge(number: int) -> Strength:
        about = ("ravenscroft", "harborough") if number % 2 else ()
        return measure("ravenscroft harborough", about)

    with ThreadPoolExecutor(4) as threads:
        judged = list(threads.map(judge, range(40)))
    assert len(set(judged[::2])) == len(set(judged[1::2])) == 1
    assert judged[0] != judged[1]


@pytest.mark.parametrize("passphrase", [f"x{n}kq" * n for n in range(1, 8)])
def test_times_are_words(passphrase: str) -> None:
    text = measure(passphrase).crack_time
    number = text.removeprefix("about ").split(" ")[0]
    assert text in {"centuries", "less than a second"} or int(number) >= 1
    if text.startswith("about 1 "):
        assert not text.endswith("s")
