"""The logic of an account's details: who holds it, its life, disputes, money and settlements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kayen_desktop.app.changes import Topic
from kayen_desktop.app.clearing_house import AddressChange
from kayen_desktop.app.session import Session
from kayen_desktop.app.state import AppState
from kayen_desktop.domain.channels import Broker, Channel, is_disputed
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.lifecycle import ChannelStep
from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.formatting import format_exact, format_time, short_address
from kayen_desktop.ui.notices import (
    Notice,
    channel_explanation,
    channel_state_text,
    channel_title,
    failure_notice,
)
from kayen_desktop.ui.notices.account import NO_ACCOUNT, TRUST_OUTDATED
from kayen_desktop.ui.notices.settling import settlement_text
from kayen_desktop.venues.venue import Capability

from .account_cards import AlarmCard, HouseCard, alarm_card, broker_facts, house_card
from .account_life import DisputeCard, dispute_card, life_steps
from .facts import Fact, Tone, account_quote
from .settlement_steps import run_facts, run_steps
from .steps import Step

TOPICS = frozenset(
    {
        Topic.CHANNEL,
        Topic.POSITION,
        Topic.SETTLEMENT,
        Topic.CLEARING_HOUSE,
        Topic.ALARM,
        Topic.MARKETS,
    }
)
DOING = "trusting the new address"
# Newest first; more of them would bury the rest of the dialog.
SETTLEMENTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """One settlement: a line for the list, and what is shown once it is unfolded."""

    settlement_id: str
    when: str
    text: str
    facts: tuple[Fact, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class AccountScreen:
    """All that the dialog shows at one moment."""

    title: str
    headline: str
    explanation: str
    alarm: AlarmCard | None
    is_trusting: bool
    money: tuple[Fact, ...]
    broker: tuple[Fact, ...]
    house: HouseCard
    dispute: DisputeCard | None
    life: tuple[Step, ...]
    settlements: tuple[SettlementLine, ...]
    notice: Notice | None
    can_record: bool
    can_settle: bool
    can_close: bool
    can_leave: bool


class AccountView(Protocol):
    """What the presenter needs of the dialog."""

    def show_screen(self, screen: AccountScreen) -> None:
        """Draw the dialog as it should look now."""


class AccountPresenter:
    """Reads all of it from the state; the one thing it does is to trust a changed address."""

    def __init__(
        self, session: Session, bridge: AsyncBridge, view: AccountView, channel_id: str
    ) -> None:
        """``channel_id`` may name no account: then the clearing house is shown alone."""
        self._session = session
        self._bridge = bridge
        self._view: AccountView | None = view
        self._channel_id = channel_id
        self._armed: AddressChange | None = None
        self._is_trusting = False
        self._notice: Notice | None = None

    # What the trader does

    def trust(self) -> None:
        """Take the changed address for right: with the passphrase, or by pressing twice."""
        changes = self._session.clearing_house.changes
        if not changes or self._is_trusting:
            return
        change = changes[0]
        self._notice = None
        if not self._session.clearing_house.asks_first and self._armed != change:
            self._armed = change
        else:
            self._armed = None
            self._is_trusting = True
            self._bridge.run(self._trust(change), self._on_error)
        self.refresh()

    def stop(self) -> None:
        """Draw nothing any more."""
        self._view = None

    # What happens

    def refresh(self) -> None:
        """Read the state anew and draw."""
        if self._view is not None:
            self._view.show_screen(self._screen())

    async def _trust(self, change: AddressChange) -> None:
        is_trusted = await self._session.clearing_house.trust(change)
        self._is_trusting = False
        self._notice = None if is_trusted else TRUST_OUTDATED
        self.refresh()

    def _on_error(self, error: KayenError) -> None:
        self._is_trusting = False
        self._notice = failure_notice(error, DOING)
        self.refresh()

    # What is shown

    def _screen(self) -> AccountScreen:
        session, state = self._session, self._session.state
        now, quote = session.now(), account_quote(state)
        channel = state.channels.get(self._channel_id)
        steps: Sequence[ChannelStep] = tuple(state.channel_steps.get(self._channel_id, ()))
        changes = session.clearing_house.changes
        headline, explanation = _words(channel)
        is_stopped = bool(state.alarm)
        return AccountScreen(
            title="Clearing house" if channel is None else channel_title(channel),
            headline=headline,
            explanation="" if is_stopped else explanation,
            alarm=alarm_card(
                state.alarm,
                session.clearing_house,
                is_armed=self._armed is not None and self._armed in changes[:1],
            ),
            is_trusting=self._is_trusting,
            money=() if channel is None else money_facts(channel, quote),
            broker=()
            if channel is None
            else broker_facts(channel, session.clearing_house, self._shipped(channel), quote, now),
            house=house_card(state.clearing_house, session.clearing_house, now),
            dispute=None if channel is None else dispute_card(channel, steps, now, quote),
            life=() if channel is None else life_steps(channel, steps, now),
            settlements=self._settlements(quote),
            notice=self._notice,
            can_record=channel is not None and channel.is_usable and not is_stopped,
            can_settle=channel is not None and self._can_settle(channel) and not is_stopped,
            can_close=channel is not None and _can_be_closed(channel) and not is_stopped,
            can_leave=not self._is_trusting,
        )

    def _shipped(self, channel: Channel) -> Broker | None:
        broker = channel.broker
        if broker is None:
            return None
        return next((each for each in self._session.venue.brokers if each.is_same_as(broker)), None)

    def _can_settle(self, channel: Channel) -> bool:
        return (
            Capability.SETTLEMENT in self._session.venue.capabilities
            and channel.is_usable
            and bool(self._session.state.open_positions_of(channel.channel_id))
        )

    def _settlements(self, quote: str) -> tuple[SettlementLine, ...]:
        now = self._session.now()
        runs = self._session.state.settlements_of(self._channel_id)[-SETTLEMENTS_SHOWN:]
        return tuple(
            SettlementLine(
                run.settlement_id,
                format_time(run.requested_at, now),
                settlement_text(run),
                run_facts(run, quote, now),
                run_steps(run, now),
            )
            for run in reversed(runs)
        )


def account_to_show(state: AppState) -> str:
    """Return the account that a notice about accounts means: the one in use, else the newest."""
    if state.channel is not None:
        return state.channel.channel_id
    return next(reversed(state.channels), "")


def money_facts(channel: Channel, quote: str) -> tuple[Fact, ...]:
    """Return an account's identifier and who has how much of the two deposits."""
    facts = [
        Fact("Account (channel)", short_address(channel.channel_id), copy_text=channel.channel_id)
    ]
    labels = (
        ("You deposited", channel.margin_deposit, Tone.PLAIN),
        ("Your balance", channel.own_balance, Tone.STRONG),
        ("The broker's balance", channel.broker_balance, Tone.PLAIN),
    )
    for label, value, tone in labels:
        facts.append(Fact(label, format_exact(value, quote), tone))
    return tuple(facts)


def _can_be_closed(channel: Channel) -> bool:
    """Return whether closing can be asked for, or followed where it is under way."""
    is_before_the_chain = is_disputed(channel.state, channel.clearing_state)
    return not (channel.is_closed or channel.is_opening or is_before_the_chain)


def _words(channel: Channel | None) -> tuple[str, str]:
    if channel is None:
        return NO_ACCOUNT
    return channel_state_text(channel), channel_explanation(channel)
