from collections import deque
from contextlib import AbstractContextManager
from types import TracebackType

from jeepney import MatchRule, Message, MessageGenerator

class DBusConnection(AbstractContextManager[DBusConnection]):
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def filter(self, rule: MatchRule) -> AbstractContextManager[deque[Message]]: ...
    def recv_until_filtered(
        self, queue: deque[Message], *, timeout: float | None = None
    ) -> Message: ...
    def close(self) -> None: ...

class Proxy:
    def __init__(
        self, msggen: MessageGenerator, connection: DBusConnection, *, timeout: float | None = None
    ) -> None: ...
    # The methods of the bus that are called here; a proxy has whatever its generator has.
    def AddMatch(self, rule: MatchRule) -> tuple[object, ...]: ...  # noqa: N802 - D-Bus has named it
    def NameHasOwner(self, name: str) -> tuple[int]: ...  # noqa: N802 - D-Bus has named it

def open_dbus_connection(bus: str = "SESSION") -> DBusConnection: ...
