"""What a seed decides: the venue's habits, the faults, and how the run ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from kayen_desktop.app.way_home import Way
from kayen_desktop.practice.scenario import Fault, parse_fault
from kayen_desktop.practice.settings import PracticeSettings

# Three books instead of fifteen: a run starts in a tenth of a second.
WALLET = Decimal(1000)
MARKETS = frozenset({"pepeusd", "btcusd", "ethusd"})
# By chance, for as long as the run lasts. What a TCP stream can't do to frames, a venue's own
# gateways can: lose, double and reorder what they push.
FAULTS = (
    "finex:in:create_order:drop",
    "finex:in:create_order:close",
    "finex:in:create_order:reject=market is halted",
    "finex:in:create_order:partial=0.3",
    "finex:in:create_order:delay=0.05",
    "finex:in:cancel_order:drop",
    "finex:in:cancel_order:close",
    "finex:in:list_orders:close",
    "finex:in:list_channel_trades:expire",
    "finex:out:create_order:drop",
    "finex:out:create_order:close",
    "finex:out:create_order:duplicate",
    "finex:out:create_order:delay=0.1",
    "finex:out:auth:drop",
    "finex:out:auth:close",
    "finex:out:tr:drop",
    "finex:out:tr:duplicate",
    "finex:out:tr:reorder",
    "finex:out:on:drop",
    "finex:out:on:reorder",
    "finex:out:ou:duplicate",
    "finex:out:oc:drop",
    "finex:out:bu:drop",
    "finex:out:obi:gap",
    "finex:out:obi:duplicate",
    "finex:out:obi:reorder",
    "finex:out:obi:close",
    "finex:out:list_orders:close",
    "finex:out:list_orders:delay=0.05",
    "finex:out:list_order_trades:close",
)
CLEARING_FAULTS = (
    "clearport:in:positions:close",
    "clearport:in:channel_jwt:drop",
    "clearport:in:channel_jwt:expire",
    "clearport:in:authenticate:close",
    "clearport:out:channel_jwt:close",
    "clearport:out:position_notification:drop",
    "clearport:out:position_notification:duplicate",
    "clearport:out:position_notification:reorder",
    "clearport:out:stream_notification:duplicate",
    "clearport:out:positions:drop",
    "clearport:in:request_settlement:drop",
    "clearport:in:request_settlement:close",
    "clearport:in:request_settlement:reject_settlement",
    "clearport:in:request_settlement:fail_settlement",
    "clearport:in:request_settlement:silent_settlement=0.2",
    "clearport:out:request_settlement:drop",
    "clearport:out:request_settlement:close",
    "clearport:out:settlement_notification:drop",
    "clearport:out:settlement_notification:duplicate",
    "clearport:out:settlement_notification:reorder",
    "clearport:out:settlement_notification:close",
    "clearport:in:close_channel:reject=not now",
    "clearport:in:close_channel:close",
    "clearport:out:close_channel:drop",
)


@dataclass(frozen=True)
class Plan:
    """One run, decided by its seed alone; ``way_home`` is None where the account stays open."""

    seed: int
    settings: PracticeSettings
    faults: tuple[Fault, ...]
    has_clearing_faults: bool
    way_home: Way | None


def plan_of(seed: int) -> Plan:
    """Return the run of a seed."""
    chance = Random(f"{seed}/plan")
    records_trades = chance.random() < 0.7
    # A report lost on its way is never made again, by decision; so no such loss in these runs.
    has_clearing_faults = records_trades
    pool = FAULTS + (CLEARING_FAULTS if has_clearing_faults else ())
    specs = chance.sample(pool, chance.randint(3, 9))
    faults = tuple(
        replace_chance(parse_fault(spec), chance.choice((0.05, 0.15, 0.4))) for spec in specs
    )
    base = PracticeSettings()
    settings = replace(
        base,
        seed=seed + 1,
        events_per_second=chance.choice((0, 40, 150)),
        state_delay_s=chance.choice((0, 0, 0.02)),
        markets=tuple(each for each in base.markets if each.symbol in MARKETS),
        records_trades=records_trades,
        clearport_dialect=chance.choice(("v1", "v2")),
        wallet_balance=WALLET,
    )
    return Plan(seed, settings, faults, has_clearing_faults, chance.choice((*Way, None)))


def replace_chance(fault: Fault, chance: float) -> Fault:
    """Return the fault acting for ever, with this probability each time."""
    return Fault(
        link=fault.link,
        direction=fault.direction,
        name=fault.name,
        action=fault.action,
        count=0,
        chance=chance,
        seconds=fault.seconds,
        text=fault.text,
        fraction=fault.fraction,
    )
