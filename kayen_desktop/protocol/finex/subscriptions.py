"""Which topics are wanted, which this connection has been asked for, and the frames between.

Decision: a subscription is an intent that outlives its connection. Its frames are this module's
own business and end in no ``Reply``; a refusal is a warning to the trader, and the topic is asked
for again at the next chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kayen_desktop.domain.errors import KayenError, VenueRejectionError
from kayen_desktop.domain.events import Severity, VenueNotified
from kayen_desktop.protocol.outputs import Dropped, Output

from .messages import Args, Method, Scope
from .session import Pending, Session


class Subscriptions:
    """Asks for what is wanted as soon as connection and, for private topics, sign-in allow it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._wanted: dict[Scope, dict[str, None]] = {scope: {} for scope in Scope}
        self._asked: dict[Scope, set[str]] = {scope: set() for scope in Scope}

    def watch(self, scope: Scope, topics: Iterable[str]) -> None:
        """Want these topics from now on."""
        self._wanted[scope].update(dict.fromkeys(topics))
        self.ask_due(scope)

    def unwatch(self, scope: Scope, topics: Sequence[str]) -> None:
        """Want these topics no longer."""
        for topic in topics:
            self._wanted[scope].pop(topic, None)
        asked = [topic for topic in topics if topic in self._asked[scope]]
        self._asked[scope].difference_update(asked)
        if asked:
            self._unsubscribe(scope, asked)

    def ask_due(self, scope: Scope) -> None:
        """Ask for what is wanted and has not been asked for, where that is possible now."""
        is_private = scope is Scope.PRIVATE
        if not self._session.is_connected or (is_private and not self._session.is_signed_in):
            return
        due = [topic for topic in self._wanted[scope] if topic not in self._asked[scope]]
        if due:
            self._asked[scope].update(due)
            self._subscribe(scope, due)

    def ask_again(self, scope: Scope, topic: str) -> None:
        """Leave a topic and come back, so that its snapshot is sent anew."""
        self._unsubscribe(scope, [topic])
        self._subscribe(scope, [topic])

    def forget_asked(self, scope: Scope) -> None:
        """Count every topic of the scope as not asked for."""
        self._asked[scope].clear()

    def _subscribe(self, scope: Scope, topics: list[str]) -> None:
        def accept(_request_id: int, args: Args) -> list[Output]:
            confirmed = args[1] if len(args) > 1 and isinstance(args[1], list) else topics
            missing = ", ".join(topic for topic in topics if topic not in confirmed)
            return [Dropped(f"topics asked for and not confirmed: {missing}")] if missing else []

        def fail(_request_id: int, error: KayenError) -> list[Output]:
            self._asked[scope].difference_update(topics)
            return _notice(error)

        self._session.send([scope.value, topics], Pending(Method.SUBSCRIBE, accept, fail))

    def _unsubscribe(self, scope: Scope, topics: list[str]) -> None:
        def accept(_request_id: int, _args: Args) -> list[Output]:
            return []

        def fail(_request_id: int, error: KayenError) -> list[Output]:
            return _notice(error)

        self._session.send([scope.value, topics], Pending(Method.UNSUBSCRIBE, accept, fail))


def _notice(error: KayenError) -> list[Output]:
    """Warn of a refusal; an answer that is lost or can't be read is for the log only."""
    if isinstance(error, VenueRejectionError):
        return [VenueNotified(Severity.WARNING, error.reason)]
    return [Dropped(str(error))]
