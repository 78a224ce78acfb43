"""A key of one's own, by keyboard and by ear: made, brought, kept, locked, and signed in with."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from .practice import venue_running
from .screen import Screen
from .test_main_job import open_account
from .trader import Trader

PASSPHRASE = "seven harbours at low tide"  # noqa: S105 - opens nothing but a test's vault
PHRASE = "test " * 11 + "junk"
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"  # what Hardhat's phrase is known for
QUESTIONS = 4
TRADING_WITHIN_S = 10
_VALUES = re.compile(r"0x[0-9a-fA-F]{4}|\d\s?USD\b")


def test_trading_can_begin_at_once_without_any_key(
    sit_before: Callable[..., Trader], tmp_path: Path
) -> None:
    began = time.monotonic()
    trader = sit_before()
    trader.sees_keyboard_on("tryButton")
    trader.hits("Return")
    trader.sees_no("welcomeWizard")
    trader.sees("clearportStatus", says="signed in")
    trader.sees("finexStatus", says="Connected")
    trader.sees_usable("openAccountButton")
    assert time.monotonic() - began < TRADING_WITHIN_S
    trader.sees("practiceBanner", says="no real money")
    assert not (tmp_path / "data" / "identities.json").exists()


def test_a_key_is_made_by_keyboard_and_locks_the_next_start(
    sit_before: Callable[..., Trader],
) -> None:
    trader = sit_before()
    make_key(trader)
    trader.sees_no("welcomeWizard")
    trader.sees("practiceBanner", says="no real money")
    trader.sees("clearportStatus", says="signed in")
    trader.sees_usable("openAccountButton")
    trader.closes_window()
    assert trader.waits_for_end(within_s=5) == 0
    assert trader.complaints == ""

    trader = sit_before()
    open_account(trader, "7.31", PASSPHRASE)
    trader.sees_no("welcomeWizard")
    trader.sees(called="Equity: 7.31")
    trader.hits("Ctrl+L")
    trader.sees_keyboard_on("passphraseEdit")
    trader.hears("Kayen Desktop is locked.")
    trader.sees_no("openAccountButton")
    locked = trader.reads_everything()
    assert "My key" in locked
    assert "7.31" not in locked
    assert "PEPE" not in locked
    assert not _VALUES.findall(locked)
    trader.types("seven harbours at high tide")
    trader.hits("Return")
    trader.hears("That is not your passphrase.")
    trader.sees("passphraseProblem", says="That is not your passphrase.")
    trader.types(PASSPHRASE)  # in place of the wrong one, which is selected
    trader.hits("Return")
    trader.sees_no("lockScreen")
    trader.sees(called="Equity: 7.31")


def test_a_key_is_brought_and_signs_in_where_it_was_told_to(
    screen: Screen, sit_before: Callable[..., Trader]
) -> None:
    with venue_running(screen) as venue:
        trader = sit_before(*venue.as_options)
        bring_key(trader, "test tset " + "test " * 9 + "junk")
        trader.goes_to("liveWithKeyButton")
        trader.hits("Return")
        confirm(trader)
        trader.sees(
            "signatureSentence",
            says="You are proving to Clearport that 0xf39F…2266 is yours. No money moves.",
        )
        trader.sees("signatureAddress", says=ADDRESS)
        trader.goes_to("confirmButton")
        trader.hits("space")
        trader.sees("clearportStatus", says="Connected to Clearport and signed in.")
        trader.sees_no("practiceBanner")
        trader.sees(called="Venue: 127.0.0.1")
        trader.closes_window()
        assert trader.waits_for_end(within_s=5) == 0
        assert trader.complaints == ""

        trader = sit_before(*venue.as_options)
        trader.sees_keyboard_on("passphraseEdit")
        trader.sees("lockScreen")
        assert not _VALUES.findall(trader.reads_everything())
        trader.types(PASSPHRASE)
        trader.hits("Return")
        # Were it asked for again, the question would stand before the window.
        trader.sees("clearportStatus", says="Connected to Clearport and signed in.")
        trader.sees_no("signatureDialog")
        trader.sees(called="Account address: 0xf39F…2266")
        trader.sees(called="Key in use: My key")


def make_key(trader: Trader) -> None:
    """Go through the wizard by keyboard alone until the key is kept."""
    trader.sees_keyboard_on("tryButton")
    trader.sees_usable("createKeyButton")
    trader.hits("Tab")
    trader.sees_keyboard_on("createKeyButton")
    trader.hits("Return")
    trader.sees_keyboard_on("keyNameEdit")
    trader.hits("Return")
    choose_passphrase(trader)
    trader.sees_keyboard_on("showWordsButton")
    assert trader.sees("phraseWord1").called == "Word 1, hidden"
    trader.hits("Return")
    trader.sees_keyboard_on("nextButton")
    read = [each.called for each in trader.sees_all() if each.name.startswith("phraseWord")]
    words = [each.rpartition(": ")[2] for each in sorted(read, key=_number)]
    assert len(words) == 12
    trader.hits("Return")
    for number in range(1, QUESTIONS + 1):
        answer(trader, number, words)
    trader.sees("keyFacts")
    trader.sees_keyboard_on("practiceButton")
    trader.hits("Return")


def answer(trader: Trader, number: int, words: list[str]) -> None:
    """Answer the question of this number: go to the right word with the Tab key, and take it."""
    trader.sees("quizTrail", says=f"Question {number} of {QUESTIONS}")
    question = trader.sees("quizQuestion").called
    trader.sees_keyboard_on("answerButton1")
    choices = [each for each in trader.sees_all() if each.name.startswith("answerButton")]
    right = f"{question} {words[_number(question) - 1]}"
    (position,) = (index for index, each in enumerate(choices) if each.called == right)
    trader.hits(*["Tab"] * position)
    trader.sees_keyboard_on(choices[position].name)
    trader.hits("Return")


def bring_key(trader: Trader, phrase: str) -> None:
    """Go through the wizard with a phrase whose second word is mistyped, until the key is kept."""
    trader.sees_usable("bringKeyButton")
    trader.hits("Tab", "Tab")
    trader.sees_keyboard_on("bringKeyButton")
    trader.hits("Return")
    trader.sees_keyboard_on("phraseEdit")
    trader.types(phrase)
    trader.hears("Word 2 is not in the list")
    trader.sees("bringProblemLabel", says="Word 2 is not in the list")
    trader.sees("suggestionButton2", says="Put in test")
    trader.hits("Tab", "Tab")
    trader.sees_keyboard_on("suggestionButton2")
    trader.hits("space")
    trader.sees("phraseFitsLabel", says="they fit together")
    assert trader.sees("phraseEdit").text.split() == PHRASE.split()
    trader.goes_to("nextButton")
    trader.hits("space")
    choose_passphrase(trader)
    trader.sees("addressLabel", says=f"Address: {ADDRESS}")
    trader.sees_keyboard_on("confirmButton")
    trader.hits("Return")
    trader.sees("keyFacts")


def choose_passphrase(trader: Trader) -> None:
    """Type a passphrase twice; nothing may hear what is typed."""
    trader.sees_keyboard_on("newPassphraseEdit")
    trader.types(PASSPHRASE)
    trader.hits("Tab")
    trader.sees_keyboard_on("repeatPassphraseEdit")
    trader.types(PASSPHRASE)
    trader.sees_usable("nextButton")
    for name in ("newPassphraseEdit", "repeatPassphraseEdit"):
        assert set(trader.sees(name).text) == {"●"}
    trader.hits("Return")


def confirm(trader: Trader) -> None:
    """Type the passphrase where it is asked for."""
    trader.sees("passphraseDialog")
    trader.sees_keyboard_on("passphraseEdit")
    trader.types(PASSPHRASE)
    trader.hits("Return")
    trader.sees_no("passphraseDialog")


def _number(words: str) -> int:
    return int("".join(letter for letter in words if letter.isdigit()))
