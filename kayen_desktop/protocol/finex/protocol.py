"""The exchange as a trader's client speaks to it: requests out, facts and answers in, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import astuple

from kayen_desktop.domain.candles import Period
from kayen_desktop.domain.errors import (
    KayenError,
    LocalProtocolError,
    RemoteProtocolError,
    VenueRejectionError,
)
from kayen_desktop.domain.orders import Order, OrderRequest, OrderState
from kayen_desktop.protocol.outputs import (
    Dropped,
    Output,
    Ready,
    Refusal,
    SignInRefused,
    plain_text,
)

from .answers import AnswerReader, ReadAnswer
from .books import BookFeeds
from .codec import decode
from .events import EventReader
from .messages import Args, Dialect, Method, PrivateEvent, Request, Response, Scope
from .parsing import build_order
from .session import Pending, Session, is_unauthorized
from .subscriptions import Subscriptions
from .symbols import MarketTable

AUTHENTICATED = "authenticated"
_PRIVATE_TOPICS = ("balances", "order", "trade")
_TICKERS = "tickers"
_FEW = 20
# They come every few seconds whatever the market does.
_REGULAR = frozenset({"sys", _TICKERS})


class FinexProtocol:
    """Speaks Finex (protocols.md §2) over whatever carries its frames.

    Call ``connect`` when a connection stands, hand every frame to ``receive``, send what
    ``frames_to_send`` returns after each call, and call ``connection_lost`` when it is gone.
    Every request method returns the id under which its ``Reply`` or ``Refusal`` will come.
    """

    def __init__(self, *, dialect: Dialect = Dialect.KAYEN) -> None:
        self._dialect = dialect
        self._markets = MarketTable()
        self._session = Session()
        self._books = BookFeeds()
        self._events = EventReader(self._markets, dialect)
        self._answers = AnswerReader(self._events)
        self._subscriptions = Subscriptions(self._session)
        self._is_ready_told = False
        self._version = ""

    def __repr__(self) -> str:
        return (
            f"FinexProtocol(dialect={self._dialect.value}, connected={self._session.is_connected}, "
            f"signed_in={self.is_signed_in}, pending={self._session.pending_count})"
        )

    @property
    def is_signed_in(self) -> bool:
        """True while requests that need a sign-in may be made."""
        return self._session.is_signed_in

    @property
    def finex_version(self) -> str:
        """The version the exchange says it is, plain and capped; "" until it says so."""
        return self._version

    def market_name(self, symbol: str) -> str:
        """Return the name of the market that a symbol spells; an unlisted one in capitals."""
        return self._markets.name(symbol)

    # --- the connection -------------------------------------------------------------------------

    def connect(self) -> None:
        """Begin a connection: nobody signed in, nothing subscribed, ids rising from the last.

        Raises:
            LocalProtocolError: the last connection was not reported lost.
        """
        self._session.connect()
        self._is_ready_told = False

    def connection_lost(self) -> list[Output]:
        """End the connection and return how every request under way and every book ends."""
        outputs = self._session.lose()
        for scope in Scope:
            self._subscriptions.forget_asked(scope)
        return [*outputs, *self._events.give_up(), *self._books.reset()]

    def frames_to_send(self) -> list[str]:
        """Return the frames to send, in order, each once."""
        return self._session.take_frames()

    def receive(self, frame: str | bytes, now: datetime) -> list[Output]:
        """Return what a frame comes to; ``now`` is when it came. Never raises, whatever it holds.

        Frames before ``connect`` and after ``connection_lost`` are dropped.
        """
        if not self._session.is_connected:
            return [Dropped("a frame came outside a connection")]
        try:
            message = decode(frame)
        except RemoteProtocolError as error:
            return [Dropped(str(error))]
        if isinstance(message, Response):
            outputs = self._session.answer(message)
        elif isinstance(message, Request):
            return [Dropped("the exchange sent a request, which a client does not answer")]
        else:
            is_private = isinstance(message, PrivateEvent)
            outputs = self._on_event(message.name, message.args, now, is_private=is_private)
        self._ask_for_lost()
        return outputs if len(outputs) <= _FEW else _briefly(outputs)

    # --- signing in -----------------------------------------------------------------------------

    def authenticate(self, token: str) -> int:
        """Sign in with a channel token; it ends in ``Ready``, ``SignInRefused`` or ``Refusal``.

        Raises:
            LocalProtocolError: not connected, or no token.
        """
        if not token:
            raise LocalProtocolError("There is no token to sign in with.")
        request_id = self._session.send(
            [token], Pending(Method.AUTH, self._on_authenticated, self._on_sign_in_failed)
        )
        self._is_ready_told = False
        if not self.is_signed_in:
            self._subscriptions.forget_asked(Scope.PRIVATE)
        return request_id

    # --- orders ---------------------------------------------------------------------------------

    def place(self, request: OrderRequest) -> int:
        """Place an order; the ``Reply`` carries its uuid.

        Raises:
            LocalProtocolError: not signed in, market not listed, or a number missing.
        """
        symbol = self._symbol(request.market)
        args = _elements(request, symbol)
        return self._ask(Method.CREATE_ORDER, args, self._answers.order_uuid(symbol))

    def place_many(self, requests: Sequence[OrderRequest]) -> int:
        """Place several orders; the ``Reply`` carries a uuid for each, None where it failed.

        Raises:
            LocalProtocolError: as ``place``, or there is none.
        """
        symbols = [self._symbol(request.market) for request in requests]
        args = [_elements(*pair) for pair in zip(requests, symbols, strict=True)]
        return self._ask(Method.CREATE_BULK, _some(args), self._answers.order_uuids(symbols))

    def cancel(self, orders: Sequence[Order]) -> int:
        """Cancel orders; the ``Reply`` carries None and each order's own end comes as an event.

        Raises:
            LocalProtocolError: not signed in, no order, or one of a market nobody knows.
        """
        pairs = [
            [
                self._markets.symbol_of_order(order.venue_order_id) or self._symbol(order.market),
                order.venue_order_id,
            ]
            for order in orders
        ]
        return self._ask(Method.CANCEL_ORDER, _some(pairs), self._answers.nothing)

    def cancel_all(self) -> int:
        """Cancel every order of the account; the ``Reply`` carries None.

        Raises:
            LocalProtocolError: not signed in.
        """
        return self._ask(Method.CANCEL_ALL, [], self._answers.nothing)

    def request_orders(
        self, states: Sequence[OrderState] = (), market: str = "", page: int = 0, limit: int = 0
    ) -> int:
        """List orders, all without arguments; the ``Reply`` carries them, after their events.

        Pages count from 1. Where an order in the list can't be read there is a ``Refusal``
        instead: what the list lacks must not be taken for absent.

        Raises:
            LocalProtocolError: not signed in, or the market is not listed.
        """
        symbol = self._symbol(market) if market else ""
        words = [state.value for state in states]
        wanted = words if len(words) > 1 else "".join(words)
        args = [symbol, page, limit, wanted]
        return self._ask(Method.LIST_ORDERS, args, self._answers.orders)

    def request_orders_by_ids(self, order_ids: Sequence[str]) -> int:
        """List these orders; the ``Reply`` carries those that exist, as ``request_orders``.

        Raises:
            LocalProtocolError: not signed in, or no id.
        """
        return self._ask(Method.LIST_ORDERS_BY_UUIDS, _some(list(order_ids)), self._answers.orders)

    def request_order_trades(self, order_id: str) -> int:
        """List the fills of an order; the ``Reply`` carries them, after their events.

        Raises:
            LocalProtocolError: not signed in.
        """
        read = self._answers.fills(self._markets.symbol_of_order(order_id) or "")
        return self._ask(Method.LIST_ORDER_TRADES, [order_id], read)

    def request_channel_trades(self, page: int, limit: int) -> int:
        """List the account's fills; the ``Reply`` carries them, fee unknown, and no event does.

        Raises:
            LocalProtocolError: not signed in.
        """
        return self._ask(Method.LIST_CHANNEL_TRADES, [page, limit], self._answers.channel_fills)

    # --- the market -----------------------------------------------------------------------------

    def request_klines(self, market: str, period: Period, from_: datetime, to: datetime) -> int:
        """Ask for candles of a span; they come as an event before a ``Reply`` of None.

        Raises:
            LocalProtocolError: not connected, market not listed, or the span has no zone or length.
        """
        if from_.tzinfo is None or to.tzinfo is None or from_ >= to:
            raise LocalProtocolError("A span of candles needs two zoned times, the later one last.")
        span = [int(from_.timestamp()), int(to.timestamp())]
        args = [period.minutes, self._symbol(market), *span]
        return self._session.ask(Method.KLINES, args, self._answers.candles(market, period))

    def request_markets(self) -> int:
        """Ask for the list of markets; it comes as an event before a ``Reply`` of None.

        Raises:
            LocalProtocolError: not connected.
        """
        return self._session.ask(Method.GET_MARKETS, [], self._answers.markets)

    def ping(self) -> int:
        """Ask whether anybody is there; the ``Reply`` carries None.

        Raises:
            LocalProtocolError: not connected.
        """
        return self._session.ask(Method.PING, [], self._answers.nothing)

    # --- subscriptions --------------------------------------------------------------------------

    def watch_market(self, name: str) -> None:
        """Follow a market's trades and book, now and after every reconnect.

        Raises:
            LocalProtocolError: the market is not listed.
        """
        symbol = self._symbol(name)
        self._books.watch(symbol, name)
        self._subscriptions.watch(Scope.PUBLIC, _market_topics(symbol))

    def unwatch_market(self, name: str) -> None:
        """Stop following a market; its book is not told any more and must not be shown.

        Raises:
            LocalProtocolError: the market is not listed.
        """
        symbol = self._symbol(name)
        self._books.unwatch(symbol)
        self._subscriptions.unwatch(Scope.PUBLIC, _market_topics(symbol))

    def resync_book(self, name: str) -> list[Output]:
        """Give a live book up and ask for a new one, where the caller sees that it can't be right.

        Raises:
            LocalProtocolError: the market is not listed.
        """
        outputs = self._books.lose(self._symbol(name))
        self._ask_for_lost()
        return outputs

    def watch_candles(self, name: str, period: Period) -> None:
        """Follow a market's candles of a period, now and after every reconnect.

        Raises:
            LocalProtocolError: the market is not listed.
        """
        self._subscriptions.watch(Scope.PUBLIC, [_candle_topic(self._symbol(name), period)])

    def unwatch_candles(self, name: str, period: Period) -> None:
        """Stop following a market's candles of a period.

        Raises:
            LocalProtocolError: the market is not listed.
        """
        self._subscriptions.unwatch(Scope.PUBLIC, [_candle_topic(self._symbol(name), period)])

    def watch_tickers(self) -> None:
        """Follow the tickers of all markets, now and after every reconnect."""
        self._subscriptions.watch(Scope.PUBLIC, [_TICKERS])

    def watch_account(self) -> None:
        """Follow our balances, orders and fills, as soon as signed in and after every reconnect."""
        self._subscriptions.watch(Scope.PRIVATE, _PRIVATE_TOPICS)

    def resubscribe(self) -> None:
        """Ask for all that is watched and not asked for yet on this connection."""
        for scope in Scope:
            self._subscriptions.ask_due(scope)

    # --- inside ---------------------------------------------------------------------------------

    def _ask(self, method: str, args: Args, read: ReadAnswer) -> int:
        if not self.is_signed_in:
            raise LocalProtocolError(f"Nobody is signed in to the exchange: {method}.")
        return self._session.ask(method, args, read)

    def _symbol(self, name: str) -> str:
        symbol = self._markets.symbol(name)
        if symbol is None:
            raise LocalProtocolError(f"The exchange does not list {plain_text(name, 40)}.")
        return symbol

    def _on_event(self, name: str, args: Args, now: datetime, *, is_private: bool) -> list[Output]:
        if name == "obi":
            return self._books.update(args, now)
        if name == "obs":
            return self._books.replace(args, now)
        if name in _REGULAR:
            self._books.look(now)
        if name == "sys":
            return self._on_sys(args, is_private=is_private)
        if name == "config":
            return self._on_config(args)
        return self._events.read(name, args, is_private=is_private)

    def _on_sys(self, args: Args, *, is_private: bool) -> list[Output]:
        word = args[0] if args else None
        if isinstance(word, dict) and "hb" in word:
            return []  # the link stamps every frame as hearing by itself
        if is_private and word == AUTHENTICATED:
            return self._sign_in()
        return self._events.once("a sys event that is neither a heartbeat nor a sign-in")

    def _on_config(self, args: Args) -> list[Output]:
        for part in args:
            version = part.get("finex_version") if isinstance(part, dict) else None
            if isinstance(version, str):
                self._version = plain_text(version)
        return []

    def _on_authenticated(self, _request_id: int, args: Args) -> list[Output]:
        if args[:1] != [AUTHENTICATED]:
            error = RemoteProtocolError(
                "The exchange answered the sign-in with neither yes nor no."
            )
            return [SignInRefused(error)]
        return self._sign_in()

    def _on_sign_in_failed(self, request_id: int, error: KayenError) -> list[Output]:
        if isinstance(error, VenueRejectionError):
            return [SignInRefused(error, is_token_stale=is_unauthorized(error))]
        return [Refusal(request_id, error)]

    def _sign_in(self) -> list[Output]:
        """Tell once per sign-in that it stands: older deployments tell it by an event (§2.2)."""
        self._session.is_signed_in = True
        if self._is_ready_told:
            return []
        self._is_ready_told = True
        self._subscriptions.ask_due(Scope.PRIVATE)
        return [Ready()]

    def _ask_for_lost(self) -> None:
        """Ask again for books that were lost, and for orders that fills wait for."""
        for symbol in self._books.take_lost():
            self._subscriptions.ask_again(Scope.PUBLIC, _book_topic(symbol))
        for uuid in self._events.take_unknown_orders():
            self._look_up_order(uuid)

    def _look_up_order(self, uuid: str) -> None:
        def accept(_request_id: int, args: Args) -> list[Output]:
            return [*self._answers.orders(args).facts, *self._events.give_up([uuid])]

        def fail(_request_id: int, _error: KayenError) -> list[Output]:
            return self._events.give_up([uuid])

        self._session.send([uuid], Pending(Method.LIST_ORDERS_BY_UUIDS, accept, fail))


def _briefly(outputs: list[Output]) -> list[Output]:
    """Return the outputs with few words on what was dropped: a frame must not flood the log."""
    told: list[Output] = []
    dropped = 0
    for output in outputs:
        if isinstance(output, Dropped):
            dropped += 1
            if dropped > _FEW:
                continue
        told.append(output)
    if dropped > _FEW:
        told.append(Dropped(f"and {dropped - _FEW} more parts of the frame"))
    return told


def _elements(request: OrderRequest, symbol: str) -> Args:
    return list(astuple(build_order(request, symbol)))


def _some(args: Args) -> Args:
    if not args:
        raise LocalProtocolError("There is nothing to ask the exchange for.")
    return args


def _market_topics(symbol: str) -> list[str]:
    return [f"{symbol}.trades", _book_topic(symbol)]


def _book_topic(symbol: str) -> str:
    return f"{symbol}.ob-inc"


def _candle_topic(symbol: str, period: Period) -> str:
    return f"{symbol}.kline-{period.value}"
