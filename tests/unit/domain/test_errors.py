"""Errors carry data for the sentence that is made elsewhere, and no secret."""

from __future__ import annotations

import pytest

from kayen_desktop.domain.errors import (
    KeyInputError,
    KeyProblemKind,
    KeyStoreError,
    LockedError,
    NotAuthorizedError,
    SigningRefusedError,
    VaultError,
    VaultProblem,
    WrongPassphraseError,
)


@pytest.mark.parametrize("kind", VaultProblem)
def test_a_vaults_error_is_a_sentence_with_its_kind_and_detail(kind: VaultProblem) -> None:
    error = VaultError(kind, "backend X")
    assert (error.kind, error.detail) == (kind, "backend X")
    assert str(error).endswith(".")
    assert "backend X" not in str(error)


@pytest.mark.parametrize("kind", KeyProblemKind)
def test_a_key_that_can_not_be_used_says_which_word_and_what_comes_near(
    kind: KeyProblemKind,
) -> None:
    error = KeyInputError(kind, position=3, found=11, hints=("abandon",))
    assert (error.kind, error.position, error.found, error.hints) == (kind, 3, 11, ("abandon",))
    assert str(error).endswith(".")
    assert "abandon" not in str(error)


def test_a_wrong_passphrase_says_how_long_none_is_tried() -> None:
    assert WrongPassphraseError("Wrong.").wait_s == 0
    assert WrongPassphraseError("Too many.", wait_s=2.0).wait_s == 2.0


def test_what_a_key_refuses_is_told_from_what_the_trader_declines() -> None:
    assert issubclass(SigningRefusedError, KeyStoreError)
    assert not issubclass(NotAuthorizedError, KeyStoreError)
    assert not issubclass(LockedError, KeyStoreError)
