"""The keyring of a real system, for the contract that every vault keeps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.secret_service import find_missing_tool, is_linux, secret_service


@pytest.fixture(scope="session")
def service_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Return the environment in which a Secret Service answers, unlocked."""
    if not is_linux():
        pytest.skip("The Secret Service is the keyring of Linux.")
    if problem := find_missing_tool():
        pytest.fail(problem, pytrace=False)
    with secret_service(tmp_path_factory.mktemp("keyring")) as environment:
        yield environment


@pytest.fixture
def real_keyring(
    service_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Put this process where the Secret Service answers; returns the environment for others."""
    for name, value in service_environment.items():
        monkeypatch.setenv(name, value)
    return service_environment
