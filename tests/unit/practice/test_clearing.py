"""The clearing house: deposits, phases, margin and settlement, all money accounted for."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

import pytest

from kayen_desktop.domain.orders import Side
from kayen_desktop.practice.channels import (
    NEXT_PHASES,
    ChannelNotice,
    ClearingNotice,
    ClientFill,
    ErrorNotice,
    MarginChannel,
    Phase,
    PositionNotice,
    TradeNotice,
)
from kayen_desktop.practice.clearing import ClearingHouse
from kayen_desktop.practice.refusals import RefusalError
from kayen_desktop.practice.settings import PracticeSettings

OWNER = "0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C"
KAYEN = "0x269F993271D845efBc7298d9EbC2be557Cc5284e"
HARBOUR = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
OPENING = (Phase.ACCEPTED, Phase.INITIATOR_FUNDED, Phase.FUNDED, Phase.OPERATIONAL)


@dataclass
class Office:
    """A clearing house with an open channel and everything it said."""

    house: ClearingHouse = field(default_factory=lambda: ClearingHouse(PracticeSettings()))
    said: list[ClearingNotice] = field(default_factory=list)
    ids: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.house.listen(self.said.append)
        self.channel = self.open(Decimal(1))
        self.said.clear()

    def open(self, deposit: Decimal) -> MarginChannel:
        channel = self.house.open_channel(OWNER, KAYEN.lower(), "BlockSafeguard", deposit)
        self.house.begin(channel)
        for phase in OPENING:
            self.house.advance(channel, phase)
        return channel

    def fill(
        self, side: Side, amount: str, price: str, fee: str = "0", mark: str = ""
    ) -> ClientFill:
        fill = ClientFill(
            str(next(self.ids)),
            self.channel.channel_id,
            "PEPE/USD",
            side,
            Decimal(amount),
            Decimal(price),
            Decimal(fee),
            1,
        )
        self.house.record(fill, Decimal(mark or price), is_asked=False)
        return fill


@pytest.fixture
def office() -> Office:
    return Office()


def test_opening_takes_the_deposit_when_funded_and_counts_turns() -> None:
    house = ClearingHouse(PracticeSettings())
    seen: list[tuple[str, str, int, str]] = []

    def note(notice: ClearingNotice) -> None:
        channel = notice.channel
        seen.append(
            (
                channel.phase.value,
                channel.action,
                channel.turn_num,
                str(house.wallet_balance(OWNER)),
            )
        )

    house.listen(note)
    channel = house.open_channel(OWNER, KAYEN, "", Decimal(2))
    house.begin(channel)
    for phase in OPENING:
        house.advance(channel, phase)
    assert seen == [
        ("instantiating", "channel_opening", 0, "1000"),
        ("accepted", "channel_opening", 0, "1000"),
        ("initiator_funded", "channel_opening", 0, "998"),
        ("funded", "channel_opening", 1, "998"),
        ("operational", "channel_opened", 1, "998"),
    ]
    assert channel.peer_name == "Kayen"


@pytest.mark.parametrize(
    ("peer", "deposit", "reason"),
    [
        ("0x0", "5", "unknown peer"),
        (KAYEN, "0", "margin deposit must be greater than zero"),
        (KAYEN, "-1", "margin deposit must be greater than zero"),
        (KAYEN, "0.5", "margin deposit is outside the broker's packages: 1 to 30"),
        (KAYEN, "30.000001", "margin deposit is outside the broker's packages: 1 to 30"),
        (KAYEN, "1.0000001", "margin deposit precision is 6"),
        (
            HARBOUR,
            "1000.1",
            "margin deposit is outside the broker's packages: 1 to 100, 100 to 1000",
        ),
    ],
)
def test_a_deposit_that_no_package_takes_is_refused(peer: str, deposit: str, reason: str) -> None:
    house = ClearingHouse(PracticeSettings())
    with pytest.raises(RefusalError) as refusal:
        house.open_channel(OWNER, peer, "", Decimal(deposit))
    assert str(refusal.value) == reason


def test_a_wallet_pays_no_more_than_it_has_and_no_broker_twice(office: Office) -> None:
    with pytest.raises(RefusalError, match="already open"):
        office.house.open_channel(OWNER, KAYEN, "", Decimal(1))
    with pytest.raises(RefusalError, match="not enough funds in the wallet"):
        office.house.open_channel(OWNER, HARBOUR, "", Decimal(1000))


def test_a_phase_out_of_order_is_our_own_bug(office: Office) -> None:
    with pytest.raises(ValueError, match="operational to concluding"):
        office.house.advance(office.channel, Phase.CONCLUDING)


def test_a_failed_channel_costs_nothing() -> None:
    house = ClearingHouse(PracticeSettings())
    said: list[ClearingNotice] = []
    house.listen(said.append)
    channel = house.open_channel(OWNER, KAYEN, "", Decimal(1))
    house.advance(channel, Phase.ACCEPTED)
    house.fail(channel, "no")
    assert house.wallet_balance(OWNER) == 1000
    assert [type(notice) for notice in said] == [ChannelNotice, ChannelNotice, ErrorNotice]
    assert house.channels_of(OWNER) == ()


def test_the_walkthroughs_trade_ends_with_its_balances(office: Office) -> None:
    office.fill(Side.BUY, "108506.94444444", "0.00001152", mark="0.00001149")
    office.fill(Side.SELL, "108506.94444444", "0.00001146")
    channel = office.channel
    assert channel.initiator_balance == Decimal("0.99349")
    assert channel.responder_balance == Decimal("1.00651")
    office.house.check_can_close(channel)
    turns = []
    for phase in (Phase.FINALIZING, Phase.CONCLUDING, Phase.FINALIZED):
        office.house.advance(channel, phase)
        turns.append(channel.turn_num)
    assert turns == sorted(set(turns))
    assert office.house.wallet_balance(OWNER) == Decimal("999.99349")


def test_a_fill_tells_record_position_and_margin_in_that_order(office: Office) -> None:
    office.fill(Side.BUY, "100000", "0.00001", fee="0.002")
    assert [type(notice) for notice in office.said] == [TradeNotice, PositionNotice, ChannelNotice]
    assert office.channel.action == "margin_updated"
    assert office.channel.turn_num == 2
    assert office.channel.initiator_balance == Decimal("0.998")
    assert office.channel.responder_balance == Decimal("1.002")


def test_a_trade_is_recorded_once_per_external_id(office: Office) -> None:
    fill = office.fill(Side.BUY, "100000", "0.00001", fee="0.002")
    office.said.clear()
    office.house.record(fill, Decimal(1), is_asked=True)
    assert office.said == []
    assert office.channel.positions["PEPE/USD"].amount == 100_000


def test_the_balance_is_deposit_plus_realised_minus_fees(office: Office) -> None:
    fees = Decimal(0)
    realised = Decimal(0)
    for side, amount, price in (
        (Side.BUY, "1234.5678", "0.0001"),
        (Side.BUY, "3210.1", "0.00011"),
        (Side.SELL, "1000.3", "0.000123"),
        (Side.SELL, "9000", "0.000119"),
        (Side.BUY, "5555.6322", "0.0001171"),
    ):
        before = office.channel.initiator_balance
        office.fill(side, amount, price, fee="0.000321")
        fees += Decimal("0.000321")
        realised += office.channel.initiator_balance - before + Decimal("0.000321")
    assert office.channel.positions == {}
    assert office.channel.initiator_balance == 1 + realised - fees
    assert office.channel.initiator_balance + office.channel.responder_balance == 2


def test_no_loss_or_gain_goes_beyond_what_a_side_has(office: Office) -> None:
    office.fill(Side.BUY, "100", "0.1")
    office.fill(Side.SELL, "100", "0.05", fee="0.01")
    assert office.channel.initiator_balance == 0
    assert office.channel.responder_balance == 2


def test_a_mark_is_told_once_and_only_to_holders(office: Office) -> None:
    office.fill(Side.BUY, "100000", "0.00001")
    office.said.clear()
    office.house.set_mark("PEPE/USD", Decimal("0.00002"))
    office.house.set_mark("PEPE/USD", Decimal("0.00002"))
    office.house.set_mark("BTC/USD", Decimal(1))
    [notice] = office.said
    assert isinstance(notice, PositionNotice)
    assert notice.position.pnl == 1


def test_a_channel_with_positions_or_unrecorded_trades_stays_open(office: Office) -> None:
    office.fill(Side.BUY, "100000", "0.00001")
    with pytest.raises(RefusalError, match="channel has open positions"):
        office.house.check_can_close(office.channel)
    office.fill(Side.SELL, "100000", "0.00001")
    fill = ClientFill(
        "9", office.channel.channel_id, "PEPE/USD", Side.BUY, Decimal(1), Decimal(1), Decimal(0), 1
    )
    office.house.expect(fill)
    with pytest.raises(RefusalError, match="not recorded"):
        office.house.check_can_close(office.channel)


def test_every_phase_has_its_successors() -> None:
    assert set(NEXT_PHASES) == set(Phase)
    assert set().union(*NEXT_PHASES.values()) == set(Phase) - {Phase.DEFAULT}


def test_another_wallets_channel_is_not_found(office: Office) -> None:
    with pytest.raises(RefusalError, match="channel not found"):
        office.house.own_channel(office.channel.channel_id, KAYEN)
