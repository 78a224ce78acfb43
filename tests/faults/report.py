"""What the campaigns count; one object adds up to one build/faults.json."""

from __future__ import annotations

from dataclasses import dataclass, field, fields


@dataclass
class Report:
    """Counts over all runs; ``failures`` says of each run that did not survive why."""

    runs: int = 0
    survived: int = 0
    orders_sent: int = 0
    orders_duplicated: int = 0
    orders_lost: int = 0
    fills_counted: int = 0
    fills_missed: int = 0
    fills_doubled: int = 0
    books_compared: int = 0
    books_different: int = 0
    positions_different: int = 0
    settlements_sent: int = 0
    settlements_doubled: int = 0
    settlements_lost: int = 0
    settlements_paid: int = 0
    journeys_home: int = 0
    money_different: int = 0
    kills: int = 0
    recovered: int = 0
    hostile_frames: int = 0
    foreign_exceptions: int = 0
    leaks: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Count another report's counts as well."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def is_clean(self) -> bool:
        """True where nothing was lost, doubled, missed or leaked, and everything survived."""
        bad = (
            self.orders_duplicated,
            self.orders_lost,
            self.fills_missed,
            self.fills_doubled,
            self.books_different,
            self.positions_different,
            self.settlements_doubled,
            self.settlements_lost,
            self.money_different,
            self.foreign_exceptions,
            self.leaks,
        )
        return (
            not any(bad)
            and not self.failures
            and self.survived == self.runs
            and self.recovered == self.kills
        )
