"""A protocol of two words, to test the link apart from any venue."""

from __future__ import annotations

from datetime import datetime

from kayen_desktop.domain.errors import (
    LocalProtocolError,
    OutcomeUnknownError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import Severity, VenueNotified
from kayen_desktop.protocol.outputs import Dropped, Output, Ready, Refusal, Reply


class EchoProtocol:
    """Sends "ask N"; understands "yes N", "no N", "odd N", "hello" and "bug"."""

    def __init__(self) -> None:
        self._next_id = 0
        self._queue: list[str] = []
        self._pending: list[int] = []
        self.forgotten: list[int] = []
        self.is_ready = False

    def connect(self) -> None:
        self._queue.append("hello")

    def ask(self) -> int:
        if not self.is_ready:
            raise LocalProtocolError("not ready")
        self._next_id += 1
        self._queue.append(f"ask {self._next_id}")
        self._pending.append(self._next_id)
        return self._next_id

    def forget(self, request_id: int) -> None:
        self.forgotten.append(request_id)

    def say(self, text: str) -> None:
        self._queue.append(text)

    def receive(self, frame: str | bytes, now: datetime) -> list[Output]:
        word, _, number = str(frame).partition(" ")
        if word == "hello":
            self.is_ready = True
            return [Ready()]
        if word == "bug":
            raise ZeroDivisionError
        if word in ("yes", "no", "odd"):
            self._pending.remove(int(number))
        if word == "yes":
            return [Reply(int(number), f"value {number}")]
        if word == "no":
            return [Refusal(int(number), VenueRejectionError("because"))]
        if word == "odd":
            return [Refusal(int(number), OutcomeUnknownError("unreadable"))]
        if word == "news":
            return [VenueNotified(Severity.INFO, number)]
        return [Dropped("not a word")]

    def frames_to_send(self) -> list[str]:
        frames, self._queue = self._queue, []
        return frames

    def connection_lost(self) -> list[Output]:
        pending, self._pending = self._pending, []
        self.is_ready = False
        return [Refusal(number, OutcomeUnknownError("lost")) for number in pending]
