"""Keyrings in memory, honest and otherwise; they are in no list of trusted ones."""

from __future__ import annotations

import threading

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    """Keeps texts as long as it lives, and remembers on which threads it was called."""

    priority = 0.1  # keyring itself would never prefer it

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.threads: set[threading.Thread] = set()
        self._is_busy = threading.Lock()

    def get_password(self, service: str, username: str) -> str | None:
        with self._alone():
            return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        with self._alone():
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        with self._alone():
            if self.kept.pop((service, username), None) is None:
                raise PasswordDeleteError("not found")

    def _alone(self) -> threading.Lock:
        self.threads.add(threading.current_thread())
        if self._is_busy.locked():
            raise AssertionError("two calls at once")
        return self._is_busy


class ForgetfulKeyring(MemoryKeyring):
    """Says that it has kept what it was given, and keeps what it had."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Do nothing."""


class CuttingKeyring(MemoryKeyring):
    """Keeps the beginning of a text only, once ``length`` is set."""

    length: int | None = None

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[: self.length])


class FailingKeyring(MemoryKeyring):
    """Raises ``failure`` where one is set, when it is asked, told, or both."""

    failure: Exception | None = None
    is_failing_to_read = True

    def get_password(self, service: str, username: str) -> str | None:
        if self.failure is not None and self.is_failing_to_read:
            raise self.failure
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.failure is not None:
            raise self.failure
        super().set_password(service, username, password)
