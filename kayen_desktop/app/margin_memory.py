"""The margin account of the moment, put together once for all who ask for it."""

from __future__ import annotations

from collections.abc import Iterable

from kayen_desktop.domain.channels import Channel
from kayen_desktop.domain.margin import (
    Holding,
    MarginAccount,
    MarginBalance,
    MarginFigures,
    MarginRules,
    account_of,
    measure,
)
from kayen_desktop.domain.positions import Position


class MarginMemory:
    """Keeps the account and its figures until it is told that something moved.

    Decision: gauge, ticket, alerts and dialogs ask at every screen frame. With 500 positions an
    account costs milliseconds, and a frame has 16; so it is put together once a frame, and a
    position's holding once for each word of the venue on it.
    """

    def __init__(self) -> None:
        self._known: tuple[MarginAccount, MarginFigures] | None = None
        self._holdings: dict[str, tuple[Position, Holding]] = {}

    def forget(self) -> None:
        """Put the account together anew when it is asked for next."""
        self._known = None

    def account(
        self,
        channel: Channel | None,
        positions: Iterable[Position],
        margin: MarginBalance | None,
        rules: MarginRules,
    ) -> tuple[MarginAccount, MarginFigures] | None:
        """Return the account and its figures; None until its balance is known."""
        if self._known is None and channel is not None:
            known = self._holdings
            self._holdings = {}
            account = account_of(
                channel, positions, margin, lambda position: self._holding(position, known)
            )
            if account is not None:
                self._known = (account, measure(account, rules))
        return self._known

    def _holding(self, position: Position, known: dict[str, tuple[Position, Holding]]) -> Holding:
        """Return the position's holding, of old where this very word on it was taken in before."""
        kept = known.get(position.position_id)
        if kept is None or kept[0] is not position:
            kept = (position, Holding.of(position))
        self._holdings[position.position_id] = kept
        return kept[1]
