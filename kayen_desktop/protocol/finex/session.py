"""One exchange of numbered requests and their answers, across any number of connections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kayen_desktop.domain.errors import (
    KayenError,
    LocalProtocolError,
    OutcomeUnknownError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import Severity, VenueNotified
from kayen_desktop.protocol.outputs import (
    Dropped,
    Output,
    Refusal,
    Reply,
    SignInRefused,
    plain_text,
)

from .codec import encode
from .messages import REPLY_NAMES, Args, Method, Request, Response

UNAUTHORIZED = "unauthorized"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says: the value of its ``Reply``, and the facts that go before it.

    With a ``problem`` the answer was readable in part only: the facts stand, the value does not.
    """

    value: object = None
    facts: tuple[Output, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A request under way: what to make of its answer, or of getting none.

    ``accept(request_id, args)`` raises ValueError for an answer it can't read.
    """

    method: str
    accept: Callable[[int, Args], list[Output]]
    fail: Callable[[int, KayenError], list[Output]]


class Session:
    """Numbers requests, matches answers to them by number, and knows whether we are signed in.

    Numbers never repeat, so an answer from an earlier connection can't be taken for a later one.
    """

    def __init__(self) -> None:
        self.is_connected = False
        self.is_signed_in = False
        self._last_id = 0
        self._pending: dict[int, Pending] = {}
        self._frames: list[str] = []

    @property
    def pending_count(self) -> int:
        """How many requests have not been answered yet."""
        return len(self._pending)

    def connect(self) -> None:
        """Start over on a new connection.

        Raises:
            LocalProtocolError: the last connection was not reported lost.
        """
        if self.is_connected:
            raise LocalProtocolError("The exchange is connected already.")
        self.is_connected = True

    def lose(self) -> list[Output]:
        """End the connection and return how every request under way ends."""
        self.is_connected = self.is_signed_in = False
        self._frames.clear()
        pending, self._pending = self._pending, {}
        outputs: list[Output] = []
        for request_id, request in pending.items():
            error = OutcomeUnknownError(
                f"The connection was lost before the exchange answered {request.method}."
            )
            outputs += request.fail(request_id, error)
        return outputs

    def ask(self, method: str, args: Args, read: Callable[[Args], Answer]) -> int:
        """Queue a trader's request and return its id; it ends in one ``Reply`` or ``Refusal``.

        Raises:
            LocalProtocolError: not connected, or the arguments can't be written.
        """

        def accept(request_id: int, answer_args: Args) -> list[Output]:
            answer = read(answer_args)
            if answer.problem:
                unknown = OutcomeUnknownError(_unreadable(method, answer.problem))
                return [*answer.facts, Refusal(request_id, unknown)]
            return [*answer.facts, Reply(request_id, answer.value)]

        return self.send(args, Pending(method, accept, _refuse))

    def send(self, args: Args, pending: Pending) -> int:
        """Queue a request and return its id.

        Raises:
            LocalProtocolError: not connected, or the arguments can't be written.
        """
        if not self.is_connected:
            raise LocalProtocolError(f"The exchange is not connected: {pending.method}.")
        frame = encode(Request(self._last_id + 1, pending.method, args))
        self._last_id += 1
        self._pending[self._last_id] = pending
        self._frames.append(frame)
        return self._last_id

    def take_frames(self) -> list[str]:
        """Return the frames to send, in order, each once."""
        frames, self._frames = self._frames, []
        return frames

    def answer(self, response: Response) -> list[Output]:
        """Return what an answer comes to for the request it answers."""
        request_id = response.reqid
        request = self._pending.pop(request_id, None)
        if request is None:
            return self._on_stray(response)
        if response.method == Method.ERROR:
            return self._on_error(request_id, request, _error_of(response.args))
        if response.method not in REPLY_NAMES.get(request.method, (request.method,)):
            problem = f"it names {plain_text(response.method, 40)}"
            return request.fail(
                request_id, OutcomeUnknownError(_unreadable(request.method, problem))
            )
        try:
            return request.accept(request_id, response.args)
        except ValueError as error:
            unknown = OutcomeUnknownError(_unreadable(request.method, str(error)))
            return request.fail(request_id, unknown)

    def _on_error(
        self, request_id: int, request: Pending, error: VenueRejectionError
    ) -> list[Output]:
        outputs = request.fail(request_id, error)
        if is_unauthorized(error):
            self.is_signed_in = False
            if request.method != Method.AUTH:
                outputs = [*outputs, SignInRefused(error, is_token_stale=True)]
        return outputs

    def _on_stray(self, response: Response) -> list[Output]:
        if 0 < response.reqid <= self._last_id:
            return [Dropped(f"another answer to request {response.reqid}, which has its answer")]
        dropped = Dropped("an answer to a request that was never made")
        if response.method != Method.ERROR:
            return [dropped]
        error = _error_of(response.args)
        outputs: list[Output] = [dropped, VenueNotified(Severity.WARNING, error.reason)]
        if is_unauthorized(error):
            self.is_signed_in = False
            outputs.append(SignInRefused(error, is_token_stale=True))
        return outputs


def is_unauthorized(error: KayenError) -> bool:
    """Return whether the venue says that our token is no good (§2.2)."""
    return isinstance(error, VenueRejectionError) and error.reason.lower() == UNAUTHORIZED


def _refuse(request_id: int, error: KayenError) -> list[Output]:
    return [Refusal(request_id, error)]


def _error_of(args: Args) -> VenueRejectionError:
    text = plain_text(" ".join(part for part in args if isinstance(part, str)))
    return VenueRejectionError(text or "no reason given")


def _unreadable(method: str, problem: str) -> str:
    return f"The exchange's answer to {method} can't be read: {problem}."
