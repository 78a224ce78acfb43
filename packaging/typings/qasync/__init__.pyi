from asyncio import BaseEventLoop
from types import TracebackType

from PySide6.QtWidgets import QApplication

class QEventLoop(BaseEventLoop):
    def __init__(self, app: QApplication) -> None: ...
    def __enter__(self) -> QEventLoop: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
