"""Where a margin account stands, by both of the words the venue has for it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kayen_desktop.domain.channels import (
    Broker,
    Channel,
    ChannelAction,
    ChannelState,
    ClearingState,
    DepositPackage,
    MarginLimit,
)

from .samples import BROKER, CHANNEL, make_channel

OPENING, USABLE, CLOSING, CLOSED = "opening", "usable", "closing", "closed"


@pytest.mark.parametrize(
    ("state", "clearing_state", "stage"),
    [
        (ChannelState.OPENING, None, OPENING),
        (ChannelState.OPEN, ClearingState.INSTANTIATING, OPENING),
        (ChannelState.OPEN, ClearingState.ACCEPTED, OPENING),
        (ChannelState.OPEN, ClearingState.INITIATOR_FUNDED, OPENING),
        (ChannelState.OPEN, ClearingState.FUNDED, USABLE),
        (ChannelState.OPEN, ClearingState.OPERATIONAL, USABLE),
        (ChannelState.OPEN, ClearingState.ACTIVE_SETTLEMENT, USABLE),
        (ChannelState.OPEN, None, USABLE),
        (ChannelState.OPEN, ClearingState.FINALIZING, CLOSING),
        (ChannelState.OPEN, ClearingState.CONCLUDING, CLOSING),
        (ChannelState.CHALLENGING, ClearingState.WITHDRAWING, CLOSING),
        (ChannelState.CLOSING, None, CLOSING),
        (ChannelState.OPEN, ClearingState.FINALIZED, CLOSED),
        (ChannelState.CLOSED, ClearingState.OPERATIONAL, CLOSED),
        (ChannelState.OPENING, ClearingState.FAILED, CLOSED),
        (ChannelState.CHALLENGING, ClearingState.CHALLENGING, ""),
        (ChannelState.OPEN, ClearingState.CHALLENGE_REGISTERED, ""),
        (ChannelState.OPEN, ClearingState.PRE_OP_CHALLENGING, ""),
        (ChannelState.SETTLING, None, ""),
        (ChannelState.OTHER, ClearingState.OTHER, ""),
    ],
)
def test_an_account_is_in_at_most_one_stage(
    state: ChannelState, clearing_state: ClearingState | None, stage: str
) -> None:
    channel = Channel(CHANNEL, state, clearing_state)
    flags = {
        OPENING: channel.is_opening,
        USABLE: channel.is_usable,
        CLOSING: channel.is_closing,
        CLOSED: channel.is_closed,
    }
    assert [name for name, flag in flags.items() if flag] == ([stage] if stage else [])


@pytest.mark.parametrize(
    ("state", "clearing_state", "is_settling"),
    [
        (ChannelState.OPEN, ClearingState.ACTIVE_SETTLEMENT, True),
        (ChannelState.OPEN, ClearingState.PROCESSING_POST_SETTLEMENT_MARGIN, True),
        (ChannelState.SETTLING, None, True),
        (ChannelState.OPEN, ClearingState.OPERATIONAL, False),
        (ChannelState.OPEN, None, False),
    ],
)
def test_an_account_tells_that_it_settles(
    state: ChannelState, clearing_state: ClearingState | None, is_settling: bool
) -> None:
    assert Channel(CHANNEL, state, clearing_state).is_settling is is_settling


def test_failing_is_a_way_of_being_over() -> None:
    assert Channel(CHANNEL, ChannelState.OPENING, ClearingState.FAILED).is_failed
    assert not make_channel().is_failed


def test_each_side_sees_its_own_balance() -> None:
    channel = make_channel(balance="0.99349")
    assert channel.own_balance == Decimal("0.99349")
    assert channel.broker_balance == Decimal("1.00651")
    other = replace(channel, is_initiator=False)
    assert other.own_balance == Decimal("1.00651")
    assert other.broker_balance == Decimal("0.99349")


@pytest.mark.parametrize(
    ("held", "told", "supersedes"),
    [(1, 2, True), (2, 2, True), (3, 2, False), (None, 2, True), (3, None, True)],
)
def test_turns_never_go_back(held: int | None, told: int | None, supersedes: bool) -> None:
    word = make_channel(turn_num=told)
    assert word.supersedes(make_channel(turn_num=held)) is supersedes


def test_what_a_word_leaves_out_is_kept_from_the_one_before() -> None:
    held = make_channel(turn_num=4, balance="0.9")
    word = Channel(CHANNEL, ChannelState.CLOSING, ClearingState.FINALIZING)
    assert word.completed_by(held) == replace(
        held, state=ChannelState.CLOSING, clearing_state=ClearingState.FINALIZING
    )


def test_what_a_word_does_say_replaces_the_one_before() -> None:
    other = Broker("0x01", "Other")
    word = make_channel(turn_num=5, balance="0", deposit="0", broker=other)
    assert word.completed_by(make_channel(turn_num=4)) == word


def test_what_was_of_one_moment_is_not_carried_over() -> None:
    held = replace(
        make_channel(), action=ChannelAction.MARGIN_UPDATED, margin_limit=MarginLimit.SOFT
    )
    word = Channel(CHANNEL, ChannelState.OPEN).completed_by(held)
    assert (word.clearing_state, word.action, word.margin_limit) == (None, None, None)
    assert word.own_balance == held.own_balance
    warned = replace(word, margin_limit=MarginLimit.HARD)
    assert warned.completed_by(held).margin_limit is MarginLimit.HARD


def test_brokers_are_known_by_address_without_case() -> None:
    assert BROKER.is_same_as(Broker(BROKER.address.upper(), "BlockSafeguard"))
    assert not BROKER.is_same_as(Broker("0x01", BROKER.name))


@pytest.mark.parametrize(
    ("deposit", "takes"), [("0.99", False), ("1", True), ("30", True), ("30.01", False)]
)
def test_a_package_includes_its_bounds(deposit: str, takes: bool) -> None:
    assert BROKER.takes(Decimal(deposit)) is takes


def test_a_broker_takes_what_any_package_takes() -> None:
    packages = (
        DepositPackage("small", Decimal(1), Decimal(2)),
        DepositPackage("large", Decimal(5), Decimal(6)),
    )
    broker = Broker("0x01", "Two", packages=packages)
    assert [broker.takes(Decimal(each)) for each in (1, 3, 6)] == [True, False, True]
    assert Broker("0x01", "Unknown").takes(Decimal(1000))
