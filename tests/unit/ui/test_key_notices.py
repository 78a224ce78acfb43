"""Everything that can be wrong with a key, a vault or a signature is told so that it helps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kayen_desktop.domain.errors import (
    KayenError,
    KeyInputError,
    KeyProblemKind,
    LockedError,
    NotAuthorizedError,
    SigningRefusedError,
    VaultError,
    VaultProblem,
    WrongPassphraseError,
)
from kayen_desktop.domain.events import Severity
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.domain.signatures import SignatureMeaning, SigningPurpose
from kayen_desktop.keys.strength import Strength, measure
from kayen_desktop.keys.vault import VaultPlace
from kayen_desktop.ui import notices
from kayen_desktop.ui.notices.keys import NOUN_FOR_FILES, why_files_text
from tests.unit.ui.test_notices import is_label, reads_well

ADDRESS = "0x44AF1234567890123456789012345678901bA49C"
ERRORS: tuple[KayenError, ...] = (
    *(VaultError(kind, "libsecret: [Errno 5] None") for kind in VaultProblem),
    *(KeyInputError(kind) for kind in KeyProblemKind),
    WrongPassphraseError("wrong"),
    WrongPassphraseError("wrong", wait_s=0.3),
    WrongPassphraseError("wrong", wait_s=30),
    SigningRefusedError("0x1901"),
    LockedError("locked"),
    NotAuthorizedError("cancelled"),
)


@pytest.mark.parametrize("kind", KeyProblemKind)
@pytest.mark.parametrize("position", [0, 7])
@pytest.mark.parametrize("found", [0, 1, 13])
@pytest.mark.parametrize("hints", [(), ("about",), ("about", "above"), ("about", "above", "zoo")])
def test_every_key_problem_says_what_is_wrong_and_what_to_do(
    kind: KeyProblemKind, position: int, found: int, hints: tuple[str, ...]
) -> None:
    error = KeyInputError(kind, position=position, found=found, hints=hints)
    reads_well(notices.key_problem_text(error))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            KeyInputError(KeyProblemKind.PHRASE_UNKNOWN_WORD, position=5, hints=("about", "above")),
            "Word 5 is not in the list of recovery words. Did you mean “about” or “above”?",
        ),
        (
            KeyInputError(KeyProblemKind.PHRASE_UNKNOWN_WORD, position=5, hints=("a", "b", "c")),
            "Did you mean “a”, “b” or “c”?",
        ),
        (KeyInputError(KeyProblemKind.PHRASE_UNKNOWN_WORD, position=5), "Look at it again"),
        (KeyInputError(KeyProblemKind.PHRASE_WORD_COUNT, found=13), "Here are 13 words."),
        (KeyInputError(KeyProblemKind.PHRASE_WORD_COUNT, found=1), "Here is one word."),
        (KeyInputError(KeyProblemKind.KEY_LENGTH, found=63), "64 digits, and here are 63 digits"),
        (KeyInputError(KeyProblemKind.KEY_LENGTH, found=1), "64 digits, and here is 1 digit."),
        (KeyInputError(KeyProblemKind.NAME_TOO_LONG), "at most 40 characters"),
    ],
)
def test_a_key_problem_names_the_place_and_the_figures(error: KeyInputError, words: str) -> None:
    assert words in notices.key_problem_text(error)


@pytest.mark.parametrize("kind", VaultProblem)
@pytest.mark.parametrize("detail", ["", "  ", "org.freedesktop.secrets is\nnot here"])
def test_every_vault_problem_has_a_remedy(kind: VaultProblem, detail: str) -> None:
    text = notices.vault_problem_text(kind, detail)
    reads_well(text)
    assert text.count(".") >= 2
    assert ("“org.freedesktop.secrets is not here”" in text) == bool(detail.strip())


def test_a_place_is_named_and_files_are_explained() -> None:
    keyring = notices.vault_place_text(VaultPlace("the keyring of\nthis system"))
    assert keyring == "Your keys are kept in the keyring of this system."
    folder = Path("somewhere") / "keys"
    for why in (None, *VaultProblem):
        text = notices.vault_place_text(VaultPlace("Files", folder, why))
        reads_well(text)
        assert f"encrypted files in the folder “{folder}”" in text
        assert ("because" in text) == (why is not None)


def test_keys_that_are_in_files_are_not_said_to_need_a_keyring() -> None:
    for why in VaultProblem:
        text = why_files_text(why)
        reads_well(text)
        assert "stay in use" in text
    # A keyring may well be there by now: files that hold keys go on holding them.
    assert why_files_text(VaultProblem.NO_KEYRING).startswith("There was no keyring")


def test_keys_in_a_keyring_that_is_gone_are_not_offered_files() -> None:
    for kind in (VaultProblem.NO_KEYRING, VaultProblem.REFUSED_KEYRING):
        text = notices.vault_problem_text(kind)
        assert "Desktop again" in text
        assert "file" not in text


def test_what_the_lock_holds_back_need_not_be_something_that_is_sent() -> None:
    notice = notices.error_notice(LockedError("locked"), "the export of the key")
    assert notice.happened == "The export of the key was held back, because the window is locked."


def test_a_passphrase_and_a_password_go_by_their_names() -> None:
    error = KeyInputError(KeyProblemKind.PASSPHRASES_DIFFER)
    assert "passphrases" in notices.key_problem_text(error)
    assert "passwords" in notices.key_problem_text(error, NOUN_FOR_FILES)


@pytest.mark.parametrize("purpose", SigningPurpose)
def test_every_signature_is_explained_from_its_meaning(purpose: SigningPurpose) -> None:
    text = notices.signing_text(SignatureMeaning(purpose, "Clear\nport", ADDRESS, "payload"))
    reads_well(text)
    assert "Clear port" in text
    assert "payload" not in text


def test_a_sign_in_is_explained_in_the_words_of_the_product() -> None:
    meaning = SignatureMeaning(SigningPurpose.CLEARPORT_CHALLENGE, "Clearport", ADDRESS, "x")
    assert notices.signing_text(meaning) == (
        "You are proving to Clearport that 0x44AF…A49C is yours. No money moves."
    )


def test_a_name_with_brackets_is_no_format() -> None:
    meaning = SignatureMeaning(SigningPurpose.CLEARPORT_CHALLENGE, "{address}", ADDRESS, "x")
    assert "to {address} that 0x44AF" in notices.signing_text(meaning)


@pytest.mark.parametrize("origin", KeyOrigin)
def test_every_origin_has_a_label(origin: KeyOrigin) -> None:
    is_label(notices.origin_text(origin))


@pytest.mark.parametrize("score", range(5))
def test_every_strength_has_a_verdict(score: int) -> None:
    strength = Strength(score, "about 3 days", "It is a name.", ("Add a word.", "Avoid names."))
    text = notices.strength_text(strength)
    reads_well(text)
    assert "about 3 days" in text
    assert ("Add a word." in text) == (score < 3)


@pytest.mark.parametrize("passphrase", ["", "password", "Tr0ub4dor", "correct horse battery"])
def test_a_measured_passphrase_reads_well(passphrase: str) -> None:
    reads_well(notices.strength_text(measure(passphrase)))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("doing", ["", "the sell order"])
def test_every_key_error_says_what_happened_what_is_safe_and_what_next(
    error: KayenError, doing: str
) -> None:
    notice = notices.error_notice(error, doing)
    for text in (notice.happened, notice.safe, notice.next_step):
        reads_well(text)
        assert not re.search(r"libsecret|1901", text)
    assert len(notice.happened) < 400
    assert (doing or "the request") in notice.text[:1].lower() + notice.text[1:]


def test_a_lost_key_is_not_called_safe() -> None:
    for kind in VaultProblem:
        notice = notices.error_notice(VaultError(kind))
        is_lost = kind in {VaultProblem.DAMAGED, VaultProblem.NOT_FOUND}
        was_kept = kind not in {VaultProblem.NOT_SAVED, VaultProblem.FULL}
        assert ("still where you keep it" in notice.safe) == (was_kept and not is_lost)
        button = notices.Action.SHOW_CONNECTIONS if is_lost else notices.Action.TRY_AGAIN
        assert notice.action is button
    lost = notices.error_notice(VaultError(VaultProblem.NOT_FOUND))
    assert "place where your keys are kept no longer holds" in lost.happened
    assert "Bring it again from its backup" in lost.next_step


def test_a_vault_s_own_word_is_for_the_copy_button_alone() -> None:
    notice = notices.error_notice(VaultError(VaultProblem.KEYRING_FAILED, "libsecret 0x5"))
    assert "libsecret 0x5" in notice.detail
    assert "libsecret" not in notice.text


def test_how_long_to_wait_is_told() -> None:
    def next_step(wait_s: float) -> str:
        return notices.error_notice(WrongPassphraseError("x", wait_s=wait_s)).next_step

    assert "wait 1 second," in next_step(0.2)
    assert "wait 30 seconds," in next_step(29.2)
    assert "wait" not in next_step(0)


def test_a_refused_signature_is_an_alarm_and_a_cancelled_one_is_not() -> None:
    assert notices.error_notice(SigningRefusedError("x")).severity is Severity.CRITICAL
    assert notices.error_notice(NotAuthorizedError("x")).severity is Severity.INFO
