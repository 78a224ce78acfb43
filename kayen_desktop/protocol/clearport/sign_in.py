"""Signing in to Clearport: challenge, signature or earlier token, then the subscription (§1.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import TypeAlias

from kayen_desktop.domain.errors import KayenError, LocalProtocolError
from kayen_desktop.domain.events import SecurityAlarmRaised
from kayen_desktop.domain.signatures import SigningPurpose
from kayen_desktop.protocol.jwt import Token, parse_token
from kayen_desktop.protocol.outputs import Dropped, Output, Ready, SignatureNeeded, SignInRefused

from . import building, parsing
from .codec import event_of
from .messages import (
    AuthenticateReply,
    AuthenticateReplyData,
    ChallengeReply,
    Message,
    Request,
    SubscribeNotificationsRequest,
)
from .trust import doubt_session

# Numbers a request, queues it, and returns the number.
Post: TypeAlias = Callable[[Callable[[int], Request]], int]

_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")


class SignInState(Enum):
    """Where the sign-in stands; each step waits for exactly one thing."""

    DISCONNECTED = "disconnected"
    AWAITING_CHALLENGE = "awaiting_challenge"
    AWAITING_SIGNATURE = "awaiting_signature"
    AWAITING_AUTHENTICATION = "awaiting_authentication"
    SIGNED_IN = "signed_in"
    REFUSED = "refused"


_STARTS = frozenset({SignInState.DISCONNECTED, SignInState.REFUSED})
_AWAITED_EVENT = {
    SignInState.AWAITING_CHALLENGE: "challenge",
    SignInState.AWAITING_AUTHENTICATION: "authenticate",
}


class SignIn:
    """The sign-in of one address, again on each connection.

    An earlier session's token is tried first where it is still valid; a venue that refuses it is
    asked for a new challenge, and that one is signed.
    """

    def __init__(self, address: str, user_name: str, session_token: str | None, post: Post) -> None:
        if not parsing.ADDRESS.fullmatch(address):
            raise LocalProtocolError("The address is not 0x and 40 hexadecimal digits.")
        self.address = address
        self.state = SignInState.DISCONNECTED
        self.token = None if session_token is None else parse_token(session_token)
        self.subscription_id: int | None = None
        self._user_name = user_name
        self._post = post
        self._request_id = -1
        self._challenge = ""
        self._is_resuming = False

    @property
    def is_under_way(self) -> bool:
        """True from the first request until the venue's yes or no."""
        return self.state not in _STARTS and self.state is not SignInState.SIGNED_IN

    def awaits(self, message: Message) -> bool:
        """Return whether the sign-in waits for this message, by its event and its number."""
        request_id = parsing.parse_request_id(message.reqid)
        is_ours = request_id is None or request_id == self._request_id
        return is_ours and _AWAITED_EVENT.get(self.state) == event_of(message)

    def begin(self) -> None:
        """Ask for a challenge.

        Raises:
            LocalProtocolError: a sign-in is under way or done.
        """
        if self.state not in _STARTS:
            raise LocalProtocolError("The sign-in has begun already.")
        self._ask_challenge()

    def provide_signature(self, signature: str) -> None:
        """Send the signature of the challenge.

        Raises:
            LocalProtocolError: no signature was asked for, or this is none.
        """
        if self.state is not SignInState.AWAITING_SIGNATURE:
            raise LocalProtocolError("No signature is wanted now.")
        if not _SIGNATURE.fullmatch(signature):
            raise LocalProtocolError("The signature is not 0x and 130 hexadecimal digits.")
        challenge, self._challenge = self._challenge, ""
        self._request_id = self._post(
            lambda reqid: building.build_authenticate(reqid, self.address, challenge, signature)
        )
        self.state = SignInState.AWAITING_AUTHENTICATION

    def receive_challenge(self, message: ChallengeReply, now: datetime) -> list[Output]:
        """Resume the earlier session where it may still hold, else ask for a signature.

        Raises:
            RemoteProtocolError: the reply holds nothing to sign (§1.6 row 2).
        """
        if not self.awaits(message):
            return [Dropped("A challenge that was not asked for.")]
        challenge = parsing.parse_challenge(message.data)
        token = self.token
        if token is not None and token.is_valid_at(now) and self._is_ours(token):
            text = token.text
            self._is_resuming = True
            self._request_id = self._post(
                lambda reqid: building.build_resume(reqid, self.address, text)
            )
            self.state = SignInState.AWAITING_AUTHENTICATION
            return []
        self._is_resuming = False
        self._challenge = challenge
        self.state = SignInState.AWAITING_SIGNATURE
        return [SignatureNeeded(SigningPurpose.CLEARPORT_CHALLENGE, challenge)]

    def receive_authentication(self, message: AuthenticateReply) -> list[Output]:
        """Keep the session's token and subscribe; the venue answers a subscription by pushes."""
        if not self.awaits(message):
            return [Dropped("A sign-in that was not asked for.")]
        outputs: list[Output] = []
        data = message.data or AuthenticateReplyData()
        text = parsing.parse_token_text(data.jwt_token, data.jwt)
        if text is not None:
            self.token = parse_token(text)
            doubt = doubt_session(self.token, self.address)
            if doubt is not None:
                outputs.append(SecurityAlarmRaised(doubt))
        elif not self._is_resuming:
            self.token = None
        self.subscription_id = self._post(lambda reqid: SubscribeNotificationsRequest(reqid=reqid))
        self.state = SignInState.SIGNED_IN
        return [*outputs, Ready()]

    def receive_error(self, error: KayenError, *, is_stale: bool) -> list[Output]:
        """Take the venue's no to a step of the sign-in."""
        if self._is_resuming and self.state is SignInState.AWAITING_AUTHENTICATION:
            self.token = None
            self._ask_challenge()
            return [Dropped("The earlier session was refused: signing in afresh.")]
        return [self.refuse(error, is_stale=is_stale)]

    def refuse(self, error: KayenError, *, is_stale: bool = False) -> SignInRefused:
        """End the sign-in, or the session where the venue no longer knows it."""
        if is_stale:
            self.token = None
        self._challenge = ""
        self.state = SignInState.REFUSED
        return SignInRefused(error, is_token_stale=is_stale)

    def disconnect(self) -> None:
        """Forget the connection, and keep the token for the next one."""
        self.state = SignInState.DISCONNECTED
        self.subscription_id = None
        self._challenge = ""

    def _ask_challenge(self) -> None:
        self._is_resuming = False
        self._request_id = self._post(
            lambda reqid: building.build_challenge(reqid, self.address, self._user_name)
        )
        self.state = SignInState.AWAITING_CHALLENGE

    def _is_ours(self, token: Token) -> bool:
        return doubt_session(token, self.address) is None
