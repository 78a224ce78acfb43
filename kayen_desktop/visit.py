"""One stay at a venue: journal, signer, session, and the window that shows it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from kayen_desktop.app.gate import Gate
from kayen_desktop.app.session import Session, utc_now
from kayen_desktop.app.signing import ExplainedSigner
from kayen_desktop.domain.margin import MarginRules
from kayen_desktop.domain.signatures import SignatureMeaning
from kayen_desktop.journal.store import Journal
from kayen_desktop.keys.signer import LocalSigner
from kayen_desktop.ui.views.main_window import MainWindow
from kayen_desktop.venues.kayen import KayenVenue
from kayen_desktop.venues.registry import Network

log = logging.getLogger(__name__)


class Visit:
    """A session at a venue from its opening to its end; the next venue is another visit."""

    def __init__(
        self, window: MainWindow, gate: Gate, on_crash: Callable[[BaseException], None]
    ) -> None:
        self._window = window
        self._gate = gate
        self._on_crash = on_crash
        self._stack = AsyncExitStack()
        self.session: Session | None = None

    async def open(
        self,
        network: Network,
        folder: Path,
        key: LocalSigner,
        key_name: str,
        consent: Callable[[SignatureMeaning], Awaitable[None]] | None,
        margin_rules: MarginRules,
    ) -> None:
        """Sign in at the network as the key's address; ``folder`` is the venue's own.

        Raises:
            JournalError: the journal can't be opened; nothing is connected.
        """
        async with AsyncExitStack() as stack:
            journal = Journal(folder / "journal.sqlite3", network.name, key.address)
            stack.callback(journal.close)
            signer = ExplainedSigner(key, journal, utc_now, consent=consent)
            venue = KayenVenue(network, signer, utc_now)
            session = Session(
                venue, journal, self._on_crash, gate=self._gate, margin_rules=margin_rules
            )
            signer.tell_to(session.on_event)
            stack.push_async_callback(session.stop)
            session.start()
            self._window.attach(session, key_name)
            stack.callback(self._window.detach)
            self._stack = stack.pop_all()
        self.session = session

    async def close(self) -> None:
        """Let the window forget the session, close the links politely, close the journal."""
        self.session = None
        await self._stack.aclose()
