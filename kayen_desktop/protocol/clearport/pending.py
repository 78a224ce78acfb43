"""The requests that wait for an answer, and which of them an answer belongs to (§1.1, §1.8)."""

from __future__ import annotations

from dataclasses import dataclass

# No document says how these are asked for, nor whether a deployment knows them (§1.4).
_QUESTIONS = frozenset({"version", "identity_address", "active_channels_count"})


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request that was sent: its number, its event, and what it was about."""

    request_id: int
    event: str
    channel_id: str = ""
    external_id: str = ""


class PendingRequests:
    """Requests by number, oldest first."""

    def __init__(self) -> None:
        self._requests: dict[int, PendingRequest] = {}
        self._forgotten: set[int] = set()
        self._answered: set[int] = set()

    def __len__(self) -> int:
        return len(self._requests)

    def add(self, request: PendingRequest) -> None:
        """Wait for the answer to the request."""
        self._requests[request.request_id] = request

    def remove(self, request: PendingRequest) -> None:
        """Wait for the request no longer: it was answered."""
        del self._requests[request.request_id]
        self._answered.add(request.request_id)

    def forget(self, request_id: int) -> None:
        """Wait for the request no longer, and know its number should an answer still come."""
        if self._requests.pop(request_id, None) is not None:
            self._forgotten.add(request_id)

    def is_forgotten(self, request_id: int | None) -> bool:
        """Return whether the number is that of a request given up on this connection."""
        return request_id in self._forgotten

    def is_answered(self, request_id: int | None) -> bool:
        """Return whether the number is that of a request answered on this connection."""
        return request_id in self._answered

    def find(self, request_id: int | None) -> PendingRequest | None:
        """Return the request of that number."""
        return None if request_id is None else self._requests.get(request_id)

    def find_answered(self, event: str, request_id: int | None) -> PendingRequest | None:
        """Return the request that a reply answers: by number, or the oldest where it has none."""
        if request_id is None:
            return next((one for one in self._requests.values() if one.event == event), None)
        request = self.find(request_id)
        return request if request is not None and request.event == event else None

    def find_closing(self, channel_id: str) -> PendingRequest | None:
        """Return the request to close the channel."""
        return next(
            (
                one
                for one in self._requests.values()
                if one.event == "close_channel" and one.channel_id.lower() == channel_id.lower()
            ),
            None,
        )

    def find_recording(self, external_id: str) -> PendingRequest | None:
        """Return the request to record the execution."""
        return next(
            (
                one
                for one in self._requests.values()
                if one.event == "record_trade" and one.external_id == external_id
            ),
            None,
        )

    def blamed(self) -> PendingRequest | None:
        """Return the request that an error without a number is taken to refuse (§1.8).

        Decision: a question comes before the requests, which go by age. A venue that does not know
        the question is likelier to refuse it, and a question wrongly thought refused costs
        nothing; of a request it would be a lie about money.
        """
        requests = self._requests.values()
        questions = (one for one in requests if one.event in _QUESTIONS)
        return next(questions, next(iter(requests), None))

    def drain(self) -> list[PendingRequest]:
        """Return all requests, oldest first, and wait for none of them any more."""
        requests = list(self._requests.values())
        self._requests.clear()
        self._forgotten.clear()
        self._answered.clear()
        return requests
