"""A settlement: on disk before the wire, asked for once, followed by nothing but what is true."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

import pytest

from kayen_desktop.app.gate import Act, Gate
from kayen_desktop.app.settlement import Settlements
from kayen_desktop.app.settlement_runs import MOST_MARKETS, MOST_STEPS
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.channels import Channel, ChannelState, ClearingState
from kayen_desktop.domain.errors import (
    JournalError,
    LockedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    Problem,
    ProblemKind,
    TicketError,
    TransportError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import (
    ChannelUpdated,
    Event,
    FillReceived,
    LinkChanged,
    LinkState,
    PositionsListed,
    PositionUpdated,
    SecurityAlarmRaised,
    SettlementUpdated,
)
from kayen_desktop.domain.fills import Fill
from kayen_desktop.domain.intents import (
    CloseChannelRequest,
    IntentOutcome,
    IntentRequest,
    RecordTradeRequest,
)
from kayen_desktop.domain.margin import Zone
from kayen_desktop.domain.orders import Side
from kayen_desktop.domain.positions import Position, PositionStatus
from kayen_desktop.domain.settlement import (
    PaymentMethod,
    Settlement,
    SettlementRun,
    SettlementState,
    SettlementStep,
)
from tests.unit.domain.samples import (
    CHANNEL,
    NOW,
    PEPE,
    later,
    make_channel,
    make_fill,
    make_position,
)

from .conftest import Desk, open_journal, quiet
from .fake_venue import CLEARING, FakeVenue
from .gates import Guard

BTC = "BTC/USD"
S = SettlementState
ESCROW = PaymentMethod.ESCROW
LOCKED = PositionStatus.IN_SETTLEMENT
UNCONFIRMED = IntentOutcome.UNCONFIRMED
CONFIRMED = IntentOutcome.CONFIRMED


@dataclass
class House:
    """Settlements on a desk, told of everything as the session would tell them."""

    desk: Desk
    gate: Gate = field(default_factory=Gate)
    unrecorded: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        desk = self.desk
        self.settlements = Settlements(
            desk.venue,
            desk.state,
            desk.ledger,
            desk.journal,
            desk.tell,
            desk.clock,
            self.gate,
            has_unrecorded=self.unrecorded.__contains__,
            announcement_s=0,
        )

    def hear(self, *told: Event) -> None:
        for event in told:
            self.desk.tell(event)
            match event:
                case SettlementUpdated(settlement):
                    self.settlements.on_settlement(settlement)
                case ChannelUpdated(channel):
                    self.settlements.on_channel(self.desk.state.channels[channel.channel_id])
                case PositionUpdated(position):
                    self.settlements.on_position(position)
                case PositionsListed(channel_id):
                    self.settlements.on_positions(channel_id)

    def word(self, *states: SettlementState, markets: tuple[str, ...] = ()) -> None:
        for state in states:
            self.hear(SettlementUpdated(Settlement(CHANNEL, state, markets)))

    async def ask(self, *markets: str) -> str:
        return await self.settlements.request(CHANNEL, markets or (PEPE,), ESCROW)

    async def lose(self, *markets: str) -> None:
        """Ask, and get no answer."""
        self.desk.venue.replies["request_settlement"].append(OutcomeUnknownError("Silence."))
        with pytest.raises(OutcomeUnknownError):
            await self.ask(*markets)

    def sign_in(self) -> None:
        """Lose the connection and come back; nothing is announced yet."""
        self.desk.clock.pass_by(1)
        self.hear(LinkChanged(CLEARING, LinkState.CONNECTING))
        self.hear(LinkChanged(CLEARING, LinkState.SIGNING_IN))
        self.desk.clock.pass_by(1)
        self.hear(LinkChanged(CLEARING, LinkState.READY))

    @property
    def runs(self) -> list[SettlementRun]:
        return list(self.desk.state.settlements.values())

    def states(self, run: int = -1) -> list[SettlementState]:
        return [step.state for step in self.runs[run].steps]

    def on_disk(self) -> list[SettlementRun]:
        with closing(open_journal(self.desk.path)) as journal:
            return journal.settlements()


def position(
    market: str = PEPE, pnl: str = "0.1", status: PositionStatus = PositionStatus.OPEN
) -> Position:
    value = str(Decimal(1) + Decimal(pnl))
    return make_position(
        f"p-{market}", market=market, pnl=pnl, cost="1", market_value=value, status=status
    )


@pytest.fixture
def house(desk: Desk) -> House:
    """Return a house whose account holds two markets and 1 of deposit."""
    desk.open_account()
    house = House(desk)
    house.hear(FillReceived(make_fill("9")), FillReceived(make_fill("10")))
    house.hear(PositionUpdated(position()), PositionUpdated(position(BTC, "-0.3")))
    return house


def kinds(problems: tuple[Problem, ...]) -> list[ProblemKind]:
    return [problem.kind for problem in problems]


async def lose_other(house: House, request: IntentRequest) -> None:
    async def send() -> str:
        raise OutcomeUnknownError("No answer has come.")

    with pytest.raises(OutcomeUnknownError):
        await house.desk.ledger.submit(request, send)


# What can be asked for


@pytest.mark.parametrize(
    ("chain_id", "methods"),
    [
        (1337, (ESCROW, PaymentMethod.MOCK)),
        (11155111, (ESCROW, PaymentMethod.MOCK)),
        (1, (ESCROW,)),
        (59144, (ESCROW,)),
    ],
)
def test_money_is_pretended_only_where_none_is_real(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    chain_id: int,
    methods: tuple[PaymentMethod, ...],
) -> None:
    monkeypatch.setattr(type(house.desk.venue), "chain_id", chain_id)
    assert house.settlements.chain_id == chain_id
    assert house.settlements.methods == methods


def test_a_working_account_can_settle(house: House) -> None:
    assert house.settlements.problems() == ()
    assert not house.settlements.asks_first


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (SecurityAlarmRaised("Odd."), ProblemKind.TRADING_STOPPED),
        (LinkChanged(CLEARING, LinkState.RETRYING), ProblemKind.NOT_CONNECTED),
        (ChannelUpdated(make_channel(state=ChannelState.CLOSED)), ProblemKind.NO_CHANNEL),
        (ChannelUpdated(make_channel(state=ChannelState.CHALLENGING)), ProblemKind.NO_CHANNEL),
        (
            ChannelUpdated(make_channel(state=ChannelState.SETTLING, clearing_state=None)),
            ProblemKind.SETTLEMENT_UNDER_WAY,
        ),
        (
            ChannelUpdated(make_channel(clearing_state=ClearingState.ACTIVE_SETTLEMENT)),
            ProblemKind.SETTLEMENT_UNDER_WAY,
        ),
        (PositionUpdated(position(BTC, status=LOCKED)), ProblemKind.SETTLEMENT_UNDER_WAY),
        (SettlementUpdated(Settlement(CHANNEL, S.PROPOSED)), ProblemKind.SETTLEMENT_UNDER_WAY),
        (PositionUpdated(position(BTC, "-0.95")), ProblemKind.NOT_GREEN),
    ],
)
async def test_what_stands_against_it_is_named_and_nothing_is_sent(
    house: House, told: Event, kind: ProblemKind
) -> None:
    house.hear(told)
    assert kinds(house.settlements.problems()) == [kind]
    with pytest.raises(TicketError) as refused:
        await house.ask()
    assert refused.value.problems[0].kind is kind
    assert house.desk.venue.asked("request_settlement") == []
    assert house.runs == [run for run in house.runs if run.method is None]


def test_a_locked_application_settles_nothing(desk: Desk) -> None:
    desk.open_account()
    guard = Guard()
    house = House(desk, guard.gate)
    guard.lock.lock()
    assert kinds(house.settlements.problems()) == [ProblemKind.LOCKED]


async def test_trades_that_are_not_booked_stand_against_it(house: House) -> None:
    house.unrecorded.add("0xother")
    assert house.settlements.problems() == ()
    house.unrecorded.add(CHANNEL)
    assert kinds(house.settlements.problems()) == [ProblemKind.UNRECORDED_TRADES]
    house.unrecorded.clear()
    await lose_other(house, RecordTradeRequest("0xother", make_fill("e1")))
    assert house.settlements.problems() == ()
    await lose_other(house, RecordTradeRequest(CHANNEL, make_fill("e2")))
    assert kinds(house.settlements.problems()) == [ProblemKind.UNRECORDED_TRADES]


async def test_an_account_that_is_asked_to_close_settles_nothing(house: House) -> None:
    await lose_other(house, CloseChannelRequest(CHANNEL))
    assert kinds(house.settlements.problems()) == [ProblemKind.ALREADY_SENDING]


def test_the_margin_after_is_that_of_what_stays(house: House) -> None:
    check = house.settlements.check([PEPE])
    assert check.problems == ()
    assert [each.market for each in check.positions] == [PEPE]
    assert check.before is not None
    assert check.after is not None
    assert (check.before.equity, check.after.equity) == (Decimal("0.8"), Decimal("0.7"))
    assert check.before.zone is check.after.zone is Zone.GREEN


def test_each_position_is_a_choice_with_its_own_margin_after(house: House) -> None:
    house.hear(PositionUpdated(position(PEPE, "0.2")), PositionUpdated(position(BTC, "-0.85")))
    first, second = house.settlements.choices()
    assert (first.position.market, second.position.market) == (PEPE, BTC)
    assert first.problems == (Problem(ProblemKind.WOULD_LEAVE_GREEN, "orange", PEPE),)
    assert second.problems == ()
    assert second.after is not None
    assert second.after.equity == Decimal("1.2")


def test_without_an_account_there_is_nothing_to_choose(desk: Desk) -> None:
    house = House(desk)
    assert house.settlements.choices() == ()
    check = house.settlements.check([PEPE])
    assert kinds(check.problems) == [ProblemKind.NOT_CONNECTED, ProblemKind.NOTHING_SELECTED]
    assert (check.before, check.after) == (None, None)


@pytest.mark.parametrize("markets", [(), ("ETH/USD",)])
async def test_nothing_chosen_is_refused(house: House, markets: tuple[str, ...]) -> None:
    assert kinds(house.settlements.check(markets).problems) == [ProblemKind.NOTHING_SELECTED]
    with pytest.raises(TicketError):
        await house.settlements.request(CHANNEL, markets, ESCROW)


def test_where_the_balance_is_not_told_the_broker_is_left_to_judge(desk: Desk) -> None:
    desk.tell(LinkChanged(CLEARING, LinkState.READY))
    desk.tell(ChannelUpdated(make_channel(deposit=None, balance=None)))
    house = House(desk)
    house.hear(PositionUpdated(position(pnl="-0.9")))
    check = house.settlements.check([PEPE])
    assert (check.problems, check.after) == ((), None)
    desk.tell(ChannelUpdated(make_channel(deposit=None, balance="1", turn_num=2)))
    check = house.settlements.check([PEPE])
    assert check.problems == ()
    assert check.after is not None
    assert check.after.zone is None


# Asking


async def test_intent_and_settlement_are_on_disk_before_the_frame_is_on_the_wire(
    house: House,
) -> None:
    seen: list[tuple[list[str], list[SettlementRun]]] = []
    house.desk.venue.on_request = lambda name: seen.append(
        ([intent.intent_id for intent in house.desk.on_disk()], house.on_disk())
    )
    settlement_id = await house.ask()
    [(intents, [run])] = seen
    assert intents == [settlement_id] == [run.settlement_id]
    assert run == replace(house.runs[0], steps=())
    assert (run.channel_id, run.markets, run.method, run.chain_id) == (
        CHANNEL,
        (PEPE,),
        ESCROW,
        1337,
    )
    assert (run.requested_at, run.last_fill_id) == (NOW, "10")
    [held] = run.positions
    assert (held.market, held.amount, held.pnl) == (PEPE, Decimal(100), Decimal("0.1"))
    assert house.desk.venue.asked("request_settlement") == [(CHANNEL, "escrow", "1337", PEPE)]
    assert house.desk.outcomes() == {settlement_id: CONFIRMED}
    assert house.states() == []


async def test_only_what_is_still_held_is_asked_for(house: House) -> None:
    await house.ask(PEPE, "ETH/USD", BTC)
    assert house.desk.venue.asked("request_settlement") == [(CHANNEL, "escrow", "1337", PEPE, BTC)]


async def test_another_account_than_the_one_in_use_is_refused(house: House) -> None:
    with pytest.raises(TicketError, match="no_channel"):
        await house.settlements.request("0xother", [PEPE], ESCROW)
    assert house.runs == []


async def test_a_second_settlement_waits_for_the_first(house: House) -> None:
    answer = asyncio.get_running_loop().create_future()
    house.desk.venue.replies["request_settlement"].append(answer)
    first = asyncio.create_task(house.ask())
    await quiet()
    with pytest.raises(TicketError, match="settlement_under_way"):
        await house.ask(BTC)
    answer.set_result(None)
    await first
    with pytest.raises(TicketError, match="settlement_under_way"):
        await house.ask(BTC)
    house.word(S.REJECTED)
    await house.ask(BTC)
    assert len(house.runs) == 2


async def test_the_passphrase_is_asked_first_and_the_margin_looked_at_again(desk: Desk) -> None:
    desk.open_account()
    guard = Guard()
    house = House(desk, guard.gate)
    house.hear(PositionUpdated(position()))
    assert house.settlements.asks_first
    guard.asker.before_answer = lambda: house.hear(PositionUpdated(position(pnl="-0.9")))
    with pytest.raises(TicketError, match="not_green"):
        await house.ask()
    guard.asker.before_answer = lambda: None
    house.hear(PositionUpdated(position()))
    await house.ask()
    assert guard.asker.asked == [Act.SETTLE, Act.SETTLE]
    guard.asker.types = None
    house.word(S.REJECTED)
    with pytest.raises(NotAuthorizedError):
        await house.ask()
    guard.lock.lock()
    with pytest.raises(LockedError):
        await house.ask()
    assert len(desk.venue.asked("request_settlement")) == 1


async def test_a_permit_is_used_up_instead(desk: Desk) -> None:
    desk.open_account()
    guard = Guard()
    house = House(desk, guard.gate)
    house.hear(PositionUpdated(position()))
    permit = await guard.gate.permit(Act.GO_HOME)
    await house.settlements.request(CHANNEL, [PEPE], ESCROW, permit)
    assert guard.asker.asked == [Act.GO_HOME]
    house.word(S.REJECTED)
    with pytest.raises(NotAuthorizedError):
        await house.settlements.request(CHANNEL, [PEPE], ESCROW, permit)
    assert len(desk.venue.asked("request_settlement")) == 1


async def test_a_no_of_the_venue_ends_it(house: House) -> None:
    house.desk.venue.replies["request_settlement"].append(VenueRejectionError("margin is orange"))
    with pytest.raises(VenueRejectionError):
        await house.ask()
    [step] = house.runs[0].steps
    assert step == SettlementStep(S.REJECTED, NOW, "margin is orange")
    assert list(house.desk.outcomes().values()) == [IntentOutcome.REJECTED]
    assert house.on_disk() == house.runs


async def test_a_no_that_was_told_before_is_no_second_step(house: House) -> None:
    house.desk.venue.on_request = lambda name: house.word(S.PROPOSED, S.REJECTED)
    house.desk.venue.replies["request_settlement"].append(VenueRejectionError("margin is orange"))
    with pytest.raises(VenueRejectionError):
        await house.ask()
    assert house.states() == [S.PROPOSED, S.REJECTED]


async def test_what_could_not_be_sent_is_over(house: House) -> None:
    house.desk.venue.replies["request_settlement"].append(TransportError("The link is away."))
    with pytest.raises(TransportError):
        await house.ask()
    assert list(house.desk.outcomes().values()) == [IntentOutcome.NOT_SENT]
    assert [(step.state, step.is_inferred) for step in house.runs[0].steps] == [(S.FAILED, True)]
    assert house.settlements.problems() == ()


async def test_silence_is_not_confirmed_yet_and_nothing_else_can_be_asked_for(
    house: House,
) -> None:
    await house.lose()
    assert list(house.desk.outcomes().values()) == [UNCONFIRMED]
    assert house.states() == []
    assert kinds(house.settlements.problems()) == [ProblemKind.SETTLEMENT_UNDER_WAY]


async def test_a_word_on_the_way_is_as_good_as_the_answer(house: House) -> None:
    house.desk.venue.on_request = lambda name: house.word(S.PROPOSED)
    house.desk.venue.replies["request_settlement"].append(OutcomeUnknownError("Silence."))
    settlement_id = await house.ask()
    assert house.desk.outcomes() == {settlement_id: CONFIRMED}
    assert house.states() == [S.PROPOSED]


async def test_a_word_after_the_silence_confirms_it(house: House) -> None:
    await house.lose()
    house.word(S.PROPOSED)
    assert list(house.desk.outcomes().values()) == [CONFIRMED]


async def test_what_can_not_be_written_down_is_not_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kayen_desktop.journal.store.BUSY_S", 0)
    desk.open_account()
    with closing(open_journal(desk.path)) as journal, closing(sqlite3.connect(desk.path)) as other:
        house = House(replace(desk, journal=journal, told=[]))
        house.hear(PositionUpdated(position()))
        tell = house.desk.tell

        def lock(event: Event) -> None:
            tell(event)
            if not other.in_transaction:
                other.execute("BEGIN IMMEDIATE")  # after the intent, before the settlement

        monkeypatch.setattr(house.desk.ledger, "_tell", lock)
        with pytest.raises(JournalError):
            await house.ask()
    assert desk.venue.asked("request_settlement") == []
    assert list(house.desk.outcomes().values()) == [IntentOutcome.NOT_SENT]
    assert house.runs == []


async def test_more_settlements_than_can_be_stop_trading_and_are_not_sent(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kayen_desktop.app.state.MOST_POSITIONS", 0)
    with pytest.raises(TicketError, match="trading_stopped"):
        await house.ask()
    assert house.desk.state.alarm
    assert list(house.desk.outcomes().values()) == [IntentOutcome.NOT_SENT]
    assert house.desk.venue.asked("request_settlement") == []


# The venue's words


async def test_every_state_is_a_step_and_kept(house: House) -> None:
    await house.ask()
    for seconds, state in enumerate(SettlementState):
        if state not in (S.FAILED, S.REJECTED, S.OTHER):
            house.desk.clock.now = later(seconds)
            house.word(state)
    run = house.runs[0]
    assert [step.state for step in run.steps] == [
        S.PROPOSED,
        S.ACCEPTED,
        S.INITIATED,
        S.PREPARED,
        S.EXECUTED,
        S.COMPLETED,
        S.WITHDRAWN,
    ]
    assert [step.at for step in run.steps] == [later(seconds) for seconds in range(7)]
    assert house.on_disk() == [run]
    assert run.is_over
    assert house.settlements.problems() == ()


async def test_a_repeated_state_is_no_step(house: House) -> None:
    await house.ask()
    house.word(S.PROPOSED, S.PROPOSED, S.ACCEPTED, S.ACCEPTED, S.EXECUTED)
    house.word(S.COMPLETED, S.COMPLETED, S.EXECUTED, S.WITHDRAWN, S.WITHDRAWN, S.COMPLETED)
    assert house.states() == [S.PROPOSED, S.ACCEPTED, S.EXECUTED, S.COMPLETED, S.WITHDRAWN]
    assert len(house.runs) == 1


async def test_a_state_that_goes_back_is_logged_kept_and_survived(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.ask()
    house.word(S.PREPARED, S.ACCEPTED)
    assert "from prepared back to accepted" in caplog.text
    house.word(S.COMPLETED, S.FAILED)
    assert "from completed back to failed" in caplog.text
    assert house.states() == [S.PREPARED, S.ACCEPTED, S.COMPLETED, S.FAILED]
    assert len(house.runs) == 1


async def test_a_word_that_we_do_not_know_keeps_its_text(house: House) -> None:
    await house.ask()
    for text in ("paused", "paused", "resumed"):
        house.hear(SettlementUpdated(Settlement(CHANNEL, S.OTHER, (), text)))
    assert [step.state_text for step in house.runs[0].steps] == ["paused", "resumed"]


async def test_a_venue_that_goes_back_and_forth_ends_all_the_same(house: House) -> None:
    await house.ask()
    for _ in range(MOST_STEPS):
        house.word(S.ACCEPTED, S.INITIATED)
    assert len(house.runs[0].steps) == MOST_STEPS
    for _ in range(MOST_STEPS):
        house.word(S.COMPLETED, S.FAILED)
    assert house.states()[-1] is S.COMPLETED
    assert len(house.runs[0].steps) == MOST_STEPS + 1


async def test_a_payout_belongs_to_what_was_completed(house: House) -> None:
    await house.ask()
    house.word(S.EXECUTED, S.COMPLETED)
    await house.lose(BTC)
    house.word(S.WITHDRAWN, S.PROPOSED)
    assert house.states(0) == [S.EXECUTED, S.COMPLETED, S.WITHDRAWN]
    assert house.states(1) == [S.PROPOSED]
    house.word(S.EXECUTED, S.WITHDRAWN)
    assert house.states(1) == [S.PROPOSED, S.EXECUTED, S.WITHDRAWN]


async def test_a_payout_word_does_not_confirm_the_next_request(house: House) -> None:
    await house.ask()
    house.word(S.COMPLETED)
    await house.lose(BTC)
    house.word(S.WITHDRAWN)
    assert list(house.desk.outcomes().values()) == [CONFIRMED, UNCONFIRMED]


def test_a_settlement_asked_for_elsewhere_is_followed_too(house: House) -> None:
    house.hear(PositionUpdated(position(status=LOCKED)))
    house.word(S.PROPOSED)
    [run] = house.runs
    assert (run.method, run.chain_id, run.markets, run.last_fill_id) == (None, None, (PEPE,), "10")
    house.hear(PositionUpdated(position(BTC, "0.2", LOCKED)))
    house.word(S.ACCEPTED, S.COMPLETED)
    [run] = house.runs
    assert run.markets == (PEPE, BTC)
    assert run.result == Decimal("0.3")
    assert house.on_disk() == [run]


def test_a_word_names_the_markets_where_no_position_is_locked_yet(house: House) -> None:
    house.word(S.PROPOSED, markets=(BTC, "ETH/USD"))
    [run] = house.runs
    assert run.markets == (BTC, "ETH/USD")
    assert [each.market for each in run.positions] == [BTC]


async def test_one_that_begins_elsewhere_after_ours_is_another(house: House) -> None:
    await house.ask()
    house.word(S.COMPLETED, S.PROPOSED, S.REJECTED)
    assert [run.method for run in house.runs] == [ESCROW, None]
    assert house.states() == [S.PROPOSED, S.REJECTED]
    house.hear(PositionUpdated(position(BTC, status=LOCKED)))
    house.word(S.REJECTED)  # said twice, and not of what is locked now
    assert len(house.runs) == 2
    house.word(S.ACCEPTED)  # the first word of another was missed
    assert len(house.runs) == 3


def test_lists_without_end_make_no_settlement_without_end(house: House) -> None:
    house.word(S.PROPOSED, markets=tuple(f"M{number % 150}/USD" for number in range(300)))
    assert len(set(house.runs[0].markets)) == len(house.runs[0].markets) == MOST_MARKETS
    house.hear(PositionUpdated(position(status=LOCKED)))
    assert len(house.runs[0].markets) == MOST_MARKETS


def test_words_about_strangers_are_nothing(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.hear(SettlementUpdated(Settlement("0xother", S.PROPOSED)))
    assert house.runs == []
    assert "unknown account" in caplog.text


# What positions stand at


async def test_the_last_value_before_the_payment_is_what_was_paid(house: House) -> None:
    await house.ask()
    house.hear(PositionUpdated(position(pnl="0.5")))  # open still: it is another's to value
    house.hear(PositionUpdated(position(pnl="0.2", status=LOCKED)))
    house.hear(PositionUpdated(position(BTC, "9", LOCKED)))  # not asked for
    house.word(S.PREPARED)
    house.hear(PositionsListed(CHANNEL, (position(pnl="0.25", status=LOCKED),)))
    assert house.runs[0].result == Decimal("0.25")
    # A house may tell the end of a position with its value, or with nothing left of it.
    house.hear(PositionUpdated(position(pnl="0.26", status=PositionStatus.SETTLED)))
    gone = replace(position(pnl="0", status=PositionStatus.SETTLED), amount=Decimal(0))
    house.hear(PositionUpdated(gone))
    house.word(S.EXECUTED)
    house.hear(PositionUpdated(position(pnl="0.7", status=LOCKED)))
    house.word(S.COMPLETED)
    assert house.runs[0].result == Decimal("0.26")
    assert house.runs[0].markets == (PEPE,)
    assert house.on_disk() == house.runs


async def test_positions_without_a_settlement_are_nobodys(house: House) -> None:
    house.hear(PositionUpdated(position(status=LOCKED)))
    assert house.runs == []
    house.hear(PositionUpdated(position()))
    await house.ask()
    house.word(S.FAILED)
    house.hear(PositionUpdated(position(pnl="5", status=PositionStatus.SETTLED)))
    assert house.runs[0].result == Decimal("0.1")


async def test_values_are_written_down_once_a_second_and_at_the_end(house: House) -> None:
    await house.ask()
    house.word(S.ACCEPTED)
    house.hear(PositionUpdated(position(pnl="0.2", status=LOCKED)))
    house.hear(PositionUpdated(position(pnl="0.2", status=LOCKED)))
    assert (house.runs[0].result, house.on_disk()[0].result) == (Decimal("0.2"), Decimal("0.1"))
    house.desk.clock.pass_by(1)
    house.hear(PositionUpdated(position(pnl="0.3", status=LOCKED)))
    assert house.on_disk()[0].result == Decimal("0.3")
    house.hear(PositionUpdated(position(pnl="0.4", status=PositionStatus.SETTLED)))
    assert house.on_disk()[0].result == Decimal("0.4")


# The account


async def test_an_account_that_settles_has_taken_the_request_in(house: House) -> None:
    await house.lose()
    house.hear(ChannelUpdated(make_channel(turn_num=2)))
    assert list(house.desk.outcomes().values()) == [UNCONFIRMED]
    settling = make_channel(clearing_state=ClearingState.ACTIVE_SETTLEMENT, turn_num=3)
    house.hear(ChannelUpdated(settling))
    assert list(house.desk.outcomes().values()) == [CONFIRMED]
    assert house.states() == []


@pytest.mark.parametrize(
    ("told", "end"),
    [([S.PROPOSED], S.FAILED), ([S.PREPARED, S.EXECUTED], S.COMPLETED), ([], S.FAILED)],
)
async def test_an_account_that_is_over_ends_its_settlement(
    house: House, told: list[SettlementState], end: SettlementState
) -> None:
    await house.lose()
    house.word(*told)
    house.hear(ChannelUpdated(make_channel(state=ChannelState.CLOSED, turn_num=2)))
    assert house.states() == [*told, end]
    assert house.runs[0].steps[-1].is_inferred
    assert list(house.desk.outcomes().values()) == [CONFIRMED]
    house.hear(ChannelUpdated(make_channel(state=ChannelState.CLOSED, turn_num=3)))
    assert house.states() == [*told, end]


# After a time without a connection

OPEN = make_channel(turn_num=5)
SETTLING = make_channel(clearing_state=ClearingState.ACTIVE_SETTLEMENT, turn_num=5)
AFTER = make_channel(clearing_state=ClearingState.PROCESSING_POST_SETTLEMENT_MARGIN, turn_num=5)
DISPUTED = make_channel(state=ChannelState.CHALLENGING, clearing_state=None, turn_num=5)
CLOSED = make_channel(state=ChannelState.CLOSED, turn_num=5)


@pytest.mark.parametrize(
    ("told", "channel", "listed", "end", "outcome"),
    [
        # Never arrived, or as if it never had: everything is as it was.
        ([], OPEN, [position()], S.FAILED, IntentOutcome.NOT_RECEIVED),
        ([S.PROPOSED], OPEN, [position()], S.FAILED, CONFIRMED),
        # Under way.
        ([], SETTLING, [position(status=LOCKED)], None, CONFIRMED),
        ([], OPEN, [position(status=LOCKED)], None, CONFIRMED),
        ([S.PREPARED], AFTER, [], None, CONFIRMED),
        # Done: nothing of it is held any more.
        ([], OPEN, [], S.COMPLETED, CONFIRMED),
        ([S.PREPARED], OPEN, [position(BTC)], S.COMPLETED, CONFIRMED),
        # The payments were made; what is held now was bought since.
        ([S.EXECUTED], OPEN, [position()], S.COMPLETED, CONFIRMED),
        # The account says nothing yet.
        ([], DISPUTED, [position()], None, UNCONFIRMED),
        # The account is over.
        ([], CLOSED, [], S.FAILED, CONFIRMED),
        ([S.EXECUTED], None, [], S.COMPLETED, CONFIRMED),
        ([S.PROPOSED], None, [], S.FAILED, CONFIRMED),
    ],
)
async def test_what_was_missed_is_found_out_by_what_is_there(
    house: House,
    told: list[SettlementState],
    channel: Channel | None,
    listed: list[Position],
    end: SettlementState | None,
    outcome: IntentOutcome,
) -> None:
    await house.lose()
    house.word(*told)
    house.sign_in()
    if channel is not None:
        house.hear(ChannelUpdated(channel))
    house.desk.venue.on_request = lambda name: house.hear(PositionsListed(CHANNEL, tuple(listed)))
    await house.settlements.on_signed_in()
    assert house.states() == told + ([] if end is None else [end])
    if end is not None:
        assert house.runs[0].steps[-1].is_inferred
        assert house.on_disk() == house.runs
    assert list(house.desk.outcomes().values()) == [outcome]
    assert len(house.desk.venue.asked("request_settlement")) == 1


@pytest.mark.parametrize(
    ("fills", "listed", "end", "outcome"),
    [
        # Closed by an order while the clearing house was away: nobody settled it.
        ([make_fill("11", Side.SELL)], [], S.FAILED, IntentOutcome.NOT_RECEIVED),
        ([make_fill("11", Side.SELL, "40")], ["60"], S.FAILED, IntentOutcome.NOT_RECEIVED),
        # Settled, and bought anew since.
        ([make_fill("11", amount="7")], ["7"], S.COMPLETED, CONFIRMED),
        ([make_fill("11"), make_fill("12", Side.SELL)], [], S.COMPLETED, CONFIRMED),
        # Somebody else's trades, too: what is held of the market is taken for what was.
        ([], ["55"], S.FAILED, IntentOutcome.NOT_RECEIVED),
        # Older ones, told late, and other markets' have no part in it.
        ([make_fill("8", Side.SELL)], [], S.COMPLETED, CONFIRMED),
        ([make_fill("11", Side.SELL, market=BTC)], ["100"], S.FAILED, IntentOutcome.NOT_RECEIVED),
    ],
)
async def test_fills_since_then_are_reckoned_in(
    house: House,
    fills: list[Fill],
    listed: list[str],
    end: SettlementState,
    outcome: IntentOutcome,
) -> None:
    await house.lose()
    house.sign_in()
    house.hear(ChannelUpdated(OPEN), *(FillReceived(fill) for fill in fills))
    held = tuple(replace(position(), amount=Decimal(amount)) for amount in listed)
    house.desk.venue.on_request = lambda name: house.hear(PositionsListed(CHANNEL, held))
    await house.settlements.on_signed_in()
    assert house.states() == [end]
    assert list(house.desk.outcomes().values()) == [outcome]


async def test_where_no_fill_was_known_the_time_tells(desk: Desk) -> None:
    desk.open_account()
    house = House(desk)
    house.hear(PositionUpdated(position()))
    await house.lose()
    house.sign_in()
    house.hear(ChannelUpdated(OPEN))
    house.hear(FillReceived(make_fill("1", Side.BUY, executed_at=later(-5))))
    house.hear(FillReceived(make_fill("2", Side.SELL, executed_at=later(0.5))))
    house.desk.venue.on_request = lambda name: house.hear(PositionsListed(CHANNEL, ()))
    await house.settlements.on_signed_in()
    assert house.states() == [S.FAILED]


async def test_one_from_elsewhere_with_unknown_markets_is_not_taken_for_paid(
    house: House,
) -> None:
    house.word(S.ACCEPTED)
    house.sign_in()
    house.hear(ChannelUpdated(OPEN))
    house.desk.venue.on_request = lambda name: house.hear(PositionsListed(CHANNEL, ()))
    await house.settlements.on_signed_in()
    assert house.states() == [S.ACCEPTED, S.FAILED]


async def test_without_doubts_nobody_is_asked(house: House) -> None:
    await house.ask()
    house.word(S.REJECTED)
    house.sign_in()
    await house.settlements.on_signed_in()
    assert house.desk.venue.asked("list_positions") == []


async def test_what_is_asked_for_on_this_connection_is_not_in_doubt(house: House) -> None:
    house.sign_in()
    house.hear(ChannelUpdated(OPEN))
    house.desk.venue.replies["request_settlement"].append(
        asyncio.get_running_loop().create_future()
    )
    asking = asyncio.create_task(house.ask())
    await quiet()
    await house.settlements.on_signed_in()
    assert house.states() == []
    asking.cancel()


async def test_what_is_asked_for_while_looking_is_left_alone(house: House) -> None:
    await house.lose()
    house.sign_in()
    house.hear(ChannelUpdated(OPEN))
    answer = asyncio.get_running_loop().create_future()
    house.desk.venue.replies["list_positions"].append(answer)
    looking = asyncio.create_task(house.settlements.on_signed_in())
    await quiet()
    house.word(S.REJECTED)
    await house.ask(BTC)
    answer.set_result(None)
    await looking
    assert (house.states(0), house.states(1)) == ([S.REJECTED], [])


async def test_a_newer_sign_in_looks_in_place_of_the_older(house: House) -> None:
    await house.lose()
    house.sign_in()
    house.hear(ChannelUpdated(OPEN))
    answer = asyncio.get_running_loop().create_future()
    house.desk.venue.replies["list_positions"].append(answer)
    older = asyncio.create_task(house.settlements.on_signed_in())
    await quiet()
    house.sign_in()
    house.hear(ChannelUpdated(SETTLING))
    await house.settlements.on_signed_in()
    house.hear(ChannelUpdated(OPEN))
    answer.set_result(None)
    await older
    assert house.states() == []


async def test_a_connection_lost_meanwhile_decides_nothing(house: House) -> None:
    await house.lose()
    house.sign_in()
    looking = asyncio.create_task(house.settlements.on_signed_in())
    await asyncio.sleep(0)
    house.hear(LinkChanged(CLEARING, LinkState.RETRYING))
    await looking
    assert (house.states(), list(house.desk.outcomes().values())) == ([], [UNCONFIRMED])


async def test_a_house_that_lists_nothing_decides_nothing(house: House) -> None:
    await house.lose()
    house.sign_in()
    house.hear(ChannelUpdated(OPEN))
    house.desk.venue.replies["list_positions"].append(TransportError("Away again."))
    await house.settlements.on_signed_in()
    assert (house.states(), list(house.desk.outcomes().values())) == ([], [UNCONFIRMED])


# A new start


@pytest.fixture
def after_kill(desk: Desk, house: House) -> House:
    """Return a house whose process finds what another one, killed since, has left on disk."""
    fresh = Desk(desk.path, desk.clock, desk.venue, desk.journal, type(desk.state)())
    fresh.open_account()
    return House(fresh)


async def test_a_new_start_shows_what_was_under_way(house: House, after_kill: House) -> None:
    await house.ask()
    house.word(S.PROPOSED, S.ACCEPTED)
    after_kill.settlements.load()
    assert after_kill.runs == house.runs
    after_kill.word(S.INITIATED)
    assert after_kill.states() == [S.PROPOSED, S.ACCEPTED, S.INITIATED]
    assert kinds(after_kill.settlements.problems()) == [ProblemKind.SETTLEMENT_UNDER_WAY]


async def test_an_unanswered_request_is_found_out_after_a_new_start(
    house: House, after_kill: House
) -> None:
    await house.lose()
    after_kill.desk.ledger.load()
    after_kill.settlements.load()
    after_kill.sign_in()
    after_kill.hear(ChannelUpdated(OPEN), PositionUpdated(position()))
    await after_kill.settlements.on_signed_in()
    assert after_kill.states() == [S.FAILED]
    assert list(after_kill.desk.outcomes().values()) == [IntentOutcome.NOT_RECEIVED]
    assert after_kill.desk.on_disk() == []
    assert after_kill.on_disk() == after_kill.runs


async def test_a_kill_between_the_two_writes_loses_nothing(house: House, after_kill: House) -> None:
    await house.lose()
    with closing(sqlite3.connect(house.desk.path)) as database, database:
        database.execute("DELETE FROM settlements")
    after_kill.desk.ledger.load()
    after_kill.settlements.load()
    [run] = after_kill.runs
    assert (run.settlement_id, run.markets, run.method) == ("i1", (PEPE,), ESCROW)
    assert after_kill.on_disk() == [run]
    after_kill.hear(PositionUpdated(position(pnl="0.2", status=LOCKED)))
    assert after_kill.runs[0].result == Decimal("0.2")


def test_settlements_come_back_oldest_first(house: House, after_kill: House) -> None:
    house.word(S.REJECTED, S.PROPOSED, S.REJECTED, S.PROPOSED)
    after_kill.settlements.load()
    assert after_kill.runs == house.runs
    assert len(after_kill.runs) == 3


def test_the_newest_fill_is_told_by_time_and_then_by_number(desk: Desk) -> None:
    desk.open_account()
    house = House(desk)
    moments: list[tuple[str, datetime]] = [("7", later(5)), ("100", NOW), ("99", later(5))]
    for fill_id, at in moments:
        house.hear(FillReceived(make_fill(fill_id, executed_at=at)))
    house.word(S.PROPOSED)
    assert house.runs[0].last_fill_id == "99"


async def test_settlements_of_elsewhere_without_end_push_out_none_of_ours(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kayen_desktop.app.settlement_runs.MOST_ELSEWHERE", 3)
    settlement_id = await house.ask()
    house.word(S.PROPOSED, S.EXECUTED, S.COMPLETED)
    for _ in range(10):
        house.word(S.PROPOSED, S.REJECTED)
    kept = house.desk.journal.settlements()
    assert [run.settlement_id for run in kept] == [run.settlement_id for run in house.runs]
    assert (len(kept), kept[0].settlement_id) == (4, settlement_id)
    second = await house.ask()  # ours go on all the same
    house.word(S.PROPOSED)
    assert house.runs[-1].settlement_id == second
    assert house.states() == [S.PROPOSED]


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        ((S.PROPOSED, S.COMPLETED), IntentOutcome.CONFIRMED),
        ((S.PROPOSED, S.FAILED), IntentOutcome.CONFIRMED),
        ((), IntentOutcome.NOT_RECEIVED),
    ],
)
async def test_killed_after_the_end_and_before_the_answer_nothing_stays_in_doubt(
    house: House, end: tuple[SettlementState, ...], outcome: IntentOutcome
) -> None:
    # The doubt would keep the account from settling and from closing for ever: no later word
    # and no later look is about a settlement that is over.
    answer = asyncio.get_running_loop().create_future()
    house.desk.venue.replies["request_settlement"].append(answer)
    task = asyncio.create_task(house.ask())
    await quiet()
    house.word(*end)
    task.cancel()
    await quiet()
    if not end:  # read so after a silence, and killed between the two writes
        run = house.runs[0].stepped(SettlementStep(S.FAILED, NOW, is_inferred=True))
        house.desk.journal.keep_settlement(run)
    with closing(open_journal(house.desk.path)) as journal:
        later_desk = Desk(house.desk.path, house.desk.clock, FakeVenue(), journal, AppState())
        later_house = House(later_desk)
        later_desk.ledger.load()
        later_house.settlements.load()
        assert list(later_desk.outcomes().values()) == [outcome]
        assert journal.unconfirmed_intents() == []
