"""Signing in, answers and their requests, and the life of a connection (§2.2-2.4)."""

from __future__ import annotations

import pytest

from kayen_desktop.domain.candles import Period
from kayen_desktop.domain.errors import (
    LocalProtocolError,
    OutcomeUnknownError,
    RemoteProtocolError,
    VenueRejectionError,
)
from kayen_desktop.domain.events import Severity, VenueNotified
from kayen_desktop.protocol.finex import FinexProtocol
from kayen_desktop.protocol.outputs import Dropped, Ready, Refusal, Reply, SignInRefused

from .conversation import BUY, NOW, UUID, connected, reasons, signed_in, tell


def test_nothing_is_heard_or_said_outside_a_connection() -> None:
    protocol = FinexProtocol()
    assert reasons(tell(protocol, [3, "sys", []])) == ["a frame came outside a connection"]
    for ask in (protocol.ping, protocol.request_markets, lambda: protocol.authenticate("t")):
        with pytest.raises(LocalProtocolError, match="not connected"):
            ask()
    protocol.connect()
    with pytest.raises(LocalProtocolError, match="connected already"):
        protocol.connect()


def test_a_token_is_needed_to_sign_in() -> None:
    with pytest.raises(LocalProtocolError, match="no token"):
        connected().authenticate("")


@pytest.mark.parametrize("name", ["auth", "authenticate"])
def test_sign_in_under_either_name(name: str) -> None:
    protocol = connected()
    request_id = protocol.authenticate("token")
    assert tell(protocol, [2, request_id, name, ["authenticated"]]) == [Ready()]
    assert protocol.is_signed_in


def test_ready_is_told_once_when_an_event_tells_it_first() -> None:
    protocol = connected()
    request_id = protocol.authenticate("token")
    assert tell(protocol, [4, "sys", ["authenticated", "uid"]]) == [Ready()]
    assert tell(protocol, [2, request_id, "auth", ["authenticated"]]) == []


def test_a_renewed_sign_in_is_told_again_and_keeps_its_subscriptions() -> None:
    protocol = signed_in()
    protocol.watch_account()
    protocol.frames_to_send()
    request_id = protocol.authenticate("newer")
    assert tell(protocol, [2, request_id, "auth", ["authenticated"]]) == [Ready()]
    assert len(protocol.frames_to_send()) == 1


@pytest.mark.parametrize(("text", "is_stale"), [("Unauthorized", True), ("try later", False)])
def test_a_refused_sign_in(text: str, is_stale: bool) -> None:
    protocol = connected()
    request_id = protocol.authenticate("token")
    (output,) = tell(protocol, [2, request_id, "error", [text]])
    assert isinstance(output, SignInRefused)
    assert isinstance(output.error, VenueRejectionError)
    assert output.is_token_stale is is_stale
    assert not protocol.is_signed_in


@pytest.mark.parametrize("args", [[], ["maybe"], [None]])
def test_a_sign_in_answered_with_something_else(args: list[object]) -> None:
    protocol = connected()
    request_id = protocol.authenticate("token")
    (output,) = tell(protocol, [2, request_id, "auth", args])
    assert isinstance(output, SignInRefused)
    assert isinstance(output.error, RemoteProtocolError)
    assert not output.is_token_stale


def test_the_token_is_never_shown() -> None:
    protocol = connected()
    protocol.authenticate("very-secret")
    assert repr(protocol) == (
        "FinexProtocol(dialect=kayen, connected=True, signed_in=False, pending=1)"
    )


def test_orders_wait_for_the_sign_in() -> None:
    with pytest.raises(LocalProtocolError, match="Nobody is signed in"):
        connected().place(BUY)


def test_a_refused_order_carries_the_venues_words() -> None:
    protocol = signed_in()
    request_id = protocol.place(BUY)
    (output,) = tell(protocol, [2, str(request_id), "error", ["not enough\n", 7, "funds"]])
    assert isinstance(output, Refusal)
    assert output.request_id == request_id
    assert isinstance(output.error, VenueRejectionError)
    assert output.error.reason == "not enough funds"


def test_an_error_without_words() -> None:
    protocol = signed_in()
    (output,) = tell(protocol, [2, protocol.place(BUY), "error", []])
    assert isinstance(output, Refusal)
    assert "no reason given" in str(output.error)


@pytest.mark.parametrize(
    ("name", "args", "problem"),
    [
        ("create_order", [], "an id is not a short text"),
        ("create_order", ["error"], "an order has no uuid"),
        ("create_order", [7], "an id is not a short text"),
        ("list_orders", [], "it names list_orders"),
    ],
)
def test_an_answer_that_cannot_be_read_leaves_the_outcome_open(
    name: str, args: list[object], problem: str
) -> None:
    protocol = signed_in()
    (output,) = tell(protocol, [2, protocol.place(BUY), name, args])
    assert isinstance(output, Refusal)
    assert isinstance(output.error, OutcomeUnknownError)
    assert str(output.error) == f"The exchange's answer to create_order can't be read: {problem}."


def test_an_auth_answered_under_another_name_is_an_unknown_outcome() -> None:
    protocol = connected()
    (output,) = tell(protocol, [2, protocol.authenticate("token"), "pong", []])
    assert isinstance(output, Refusal)
    assert isinstance(output.error, OutcomeUnknownError)


def test_a_second_answer_is_dropped() -> None:
    protocol = signed_in()
    request_id = protocol.place(BUY)
    answer = [2, request_id, "create_order", [UUID]]
    assert tell(protocol, answer) == [Reply(request_id, UUID)]
    again = Dropped(f"another answer to request {request_id}, which has its answer")
    assert tell(protocol, answer) == [again]
    assert tell(protocol, [2, request_id, "error", ["late"]]) == [again]


def test_answers_to_nothing() -> None:
    protocol = signed_in()
    stray = Dropped("an answer to a request that was never made")
    assert tell(protocol, [2, 99, "pong", []]) == [stray]
    assert tell(protocol, [2, 0, "error", ["odd"]]) == [
        stray,
        VenueNotified(Severity.WARNING, "odd"),
    ]
    assert protocol.is_signed_in
    _, notice, refused = tell(protocol, [2, 99, "error", ["unauthorized"]])
    assert notice == VenueNotified(Severity.WARNING, "unauthorized")
    assert isinstance(refused, SignInRefused)
    assert refused.is_token_stale
    assert not protocol.is_signed_in


def test_a_lost_connection_ends_every_request_and_ids_go_on_rising() -> None:
    protocol = signed_in()
    order_id, ping_id = protocol.place(BUY), protocol.ping()
    auth_id = protocol.authenticate("token")
    outputs = protocol.connection_lost()
    assert [output.request_id for output in outputs if isinstance(output, Refusal)] == [
        order_id,
        ping_id,
        auth_id,
    ]
    assert all(
        isinstance(output.error, OutcomeUnknownError)
        for output in outputs
        if isinstance(output, Refusal)
    )
    assert protocol.frames_to_send() == []
    assert not protocol.is_signed_in
    protocol.connect()
    assert tell(protocol, [2, order_id, "create_order", [UUID]]) == [
        Dropped(f"another answer to request {order_id}, which has its answer")
    ]
    assert protocol.ping() == auth_id + 1


class TestSubscriptions:
    ALL = (
        '["public",["pepeusd.trades","pepeusd.ob-inc","btcusd.kline-1h","tickers"]]',
        '["private",["balances","order","trade"]]',
    )

    def watch_all(self, protocol: FinexProtocol) -> None:
        protocol.watch_market("PEPE/USD")
        protocol.watch_candles("BTC/USD", Period.H1)
        protocol.watch_tickers()
        protocol.watch_account()

    def test_each_is_asked_for_once_and_private_ones_after_the_sign_in(self) -> None:
        protocol = connected()
        for _ in range(2):
            self.watch_all(protocol)
        assert protocol.frames_to_send() == [
            '[1,1,"subscribe",["public",["pepeusd.trades","pepeusd.ob-inc"]]]',
            '[1,2,"subscribe",["public",["btcusd.kline-1h"]]]',
            '[1,3,"subscribe",["public",["tickers"]]]',
        ]
        protocol.authenticate("token")
        protocol.frames_to_send()
        tell(protocol, [2, 4, "auth", ["authenticated"]])
        assert protocol.frames_to_send() == [f'[1,5,"subscribe",{self.ALL[1]}]']

    def test_they_are_remembered_across_connections(self) -> None:
        protocol = signed_in()
        self.watch_all(protocol)
        protocol.connection_lost()
        protocol.watch_market("PEPE/USD")
        protocol.unwatch_market("BTC/USD")
        protocol.resubscribe()
        assert protocol.frames_to_send() == []
        protocol.connect()
        protocol.resubscribe()
        assert protocol.frames_to_send() == [f'[1,6,"subscribe",{self.ALL[0]}]']
        protocol.authenticate("token")
        tell(protocol, [2, 7, "auth", ["authenticated"]])
        protocol.resubscribe()
        assert protocol.frames_to_send()[1:] == [f'[1,8,"subscribe",{self.ALL[1]}]']

    def test_private_ones_are_asked_for_again_after_the_sign_in_was_lost(self) -> None:
        protocol = signed_in()
        protocol.watch_account()
        tell(protocol, [2, protocol.ping(), "error", ["unauthorized"]])
        protocol.authenticate("newer")
        protocol.frames_to_send()
        tell(protocol, [2, 4, "auth", ["authenticated"]])
        assert protocol.frames_to_send() == [f'[1,5,"subscribe",{self.ALL[1]}]']

    @pytest.mark.parametrize("name", ["subscribe", "subscribed"])
    @pytest.mark.parametrize("args", [["public", ["tickers", "x"]], ["public"], [], ["public", 7]])
    def test_answers_under_either_name(self, name: str, args: list[object]) -> None:
        protocol = connected()
        protocol.watch_tickers()
        assert tell(protocol, [2, 1, name, args]) == []

    def test_what_is_not_confirmed_is_logged(self) -> None:
        protocol = connected()
        protocol.watch_market("PEPE/USD")
        assert tell(protocol, [2, 1, "subscribe", ["public", ["pepeusd.trades"]]]) == [
            Dropped("topics asked for and not confirmed: pepeusd.ob-inc")
        ]

    def test_a_refusal_is_told_and_asked_again_at_the_next_chance(self) -> None:
        protocol = connected()
        protocol.watch_tickers()
        protocol.frames_to_send()
        assert tell(protocol, [2, 1, "error", ["Unexpected scope"]]) == [
            VenueNotified(Severity.WARNING, "Unexpected scope")
        ]
        protocol.resubscribe()
        assert protocol.frames_to_send() == ['[1,2,"subscribe",["public",["tickers"]]]']

    def test_an_answer_that_is_lost_is_for_the_log_only(self) -> None:
        protocol = connected()
        protocol.watch_tickers()
        assert protocol.connection_lost() == [
            Dropped("The connection was lost before the exchange answered subscribe.")
        ]

    @pytest.mark.parametrize("name", ["unsubscribe", "unsubscribed"])
    def test_unwatching(self, name: str) -> None:
        protocol = connected()
        protocol.watch_candles("PEPE/USD", Period.M15)
        protocol.frames_to_send()
        protocol.unwatch_candles("PEPE/USD", Period.M15)
        assert protocol.frames_to_send() == ['[1,2,"unsubscribe",["public",["pepeusd.kline-15m"]]]']
        assert tell(protocol, [2, 2, name, ["public", []]]) == []

    def test_a_refused_unsubscription_is_told(self) -> None:
        protocol = connected()
        protocol.watch_market("PEPE/USD")
        protocol.unwatch_market("PEPE/USD")
        assert tell(protocol, [2, 2, "error", ["no"]], NOW) == [
            VenueNotified(Severity.WARNING, "no")
        ]

    def test_an_unlisted_market_cannot_be_watched(self) -> None:
        with pytest.raises(LocalProtocolError, match="does not list DOGE/USD"):
            connected().watch_market("DOGE/USD")
