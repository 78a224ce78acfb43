"""Every message of the operator's interface, in both directions.

The list is that of venues/operator-api.md: what it has under PUB is sent by the client, what it
has under SUB by the venue; then what protocols.md §1.4 and §1.5 add. A message of the client is
compared byte for byte with our encoder's, is read back by the venue's side, and has the same
inside as the document's example. A message of the venue is read from the document's example,
leads to exactly the outputs named, is written as the practice venue writes it, and read back.
"""

from __future__ import annotations

import json
from typing import get_args

import pytest

from kayen_desktop.domain.settlement import PaymentMethod
from kayen_desktop.protocol.clearport import codec, messages
from kayen_desktop.protocol.outputs import Output, Refusal, Reply, SignInRefused

from .listed_messages import RECEIVED, Received
from .listed_requests import SENT, Sent
from .session import DOC_CHANNEL, NOW, frame_of, read_frames, signed_in

PUB = [
    "authenticate",
    "getChannelJwt",
    "openChannel",
    "recordTrade",
    "subscribeNotifications",
    "closeChannel",
    "getPositions",
    "requestSettlement",
]
SUB = [
    "version",
    "identityAddress",
    "challenge",
    "authenticated",
    "jwt",
    "openingChannel",
    "recordedTrade",
    "streamNotification",
    "settlementNotification",
    "positionNotification",
    "closeChannel",
    "positions",
    "requestedSettlement",
    "error",
]
FURTHER_PUB = ["challenge", "version", "identity_address", "active_channels_count"]
FURTHER_SUB = [
    "active_channels_count",
    "error_notification",
    "transaction_notification",
    "session_key_transaction",
]


# ---- client → venue ----------------------------------------------------------------------------


@pytest.mark.parametrize("row", SENT, ids=lambda row: row.name)
def test_what_the_client_sends_is_exact_and_read_back(row: Sent) -> None:
    assert row.sends().frames_to_send()[-1] == row.frame
    assert codec.decode_request(row.frame) == row.message
    assert codec.encode(row.message) == row.frame


@pytest.mark.parametrize("row", [each for each in SENT if each.file], ids=lambda row: row.name)
def test_the_documents_request_is_read_and_written_as_it_is(row: Sent) -> None:
    text = frame_of(row.file, codec.event_of(row.message))
    message = codec.decode_request(text)
    assert message == row.documented
    assert json.loads(codec.encode(message)) == json.loads(text)


@pytest.mark.parametrize("text", read_frames("walkthrough_requests"))
def test_the_walkthroughs_requests_are_read_and_written_as_they_are(text: str) -> None:
    message = codec.decode_request(text)
    assert not isinstance(message, messages.UnknownMessage)
    assert json.loads(codec.encode(message)) == json.loads(text)


@pytest.mark.parametrize("method", list(PaymentMethod))
@pytest.mark.parametrize("chain_id", [1, 59144, 1337])
def test_a_settlement_names_its_method_and_its_chain(method: PaymentMethod, chain_id: int) -> None:
    protocol = signed_in()
    protocol.request_settlement(DOC_CHANNEL, method, chain_id, ["PEPE/USD"])
    (text,) = protocol.frames_to_send()
    message = codec.decode_request(text)
    assert isinstance(message, messages.RequestSettlementRequest)
    assert message.data == messages.RequestSettlementRequestData(
        channel_id=DOC_CHANNEL,
        payment_method=method.value,
        chain_id=chain_id,
        markets=["PEPE/USD"],
    )


# ---- venue → client ----------------------------------------------------------------------------


def said(output: Output) -> object:
    """Return the output in a form that compares: errors are no values."""
    match output:
        case Refusal(request_id, error):
            return request_id, type(error), str(error)
        case SignInRefused(error, is_stale):
            return "sign-in", str(error), is_stale
    return output


def example(row: Received) -> str:
    return frame_of(row.file, codec.event_of(row.message))


@pytest.mark.parametrize("row", RECEIVED, ids=lambda row: row.name)
def test_the_documents_message_is_read_and_comes_to_just_this(row: Received) -> None:
    text = example(row)
    assert codec.decode(text) == row.message
    numbered = json.dumps(json.loads(text) | {"reqid": row.reqid})
    protocol = row.waits()
    protocol.frames_to_send()
    assert [said(output) for output in protocol.receive(numbered, NOW)] == row.outputs


@pytest.mark.parametrize("row", RECEIVED, ids=lambda row: row.name)
def test_what_the_venue_sends_is_written_as_documented_and_read_back(row: Received) -> None:
    written = codec.encode(row.message)
    assert json.loads(written) == json.loads(example(row))
    assert codec.decode(written) == row.message
    event = f'{{"reqid":{row.message.reqid},"event":"{codec.event_of(row.message)}"'
    assert written.startswith(event), "the order of the walkthrough's frames"


@pytest.mark.parametrize("text", read_frames("walkthrough_inbound")[1:])
def test_the_walkthroughs_messages_are_written_back_as_they_were(text: str) -> None:
    message = codec.decode(text)
    assert not isinstance(message, messages.UnknownMessage)
    assert json.loads(codec.encode(message)) == json.loads(text)


@pytest.mark.parametrize(
    "row", [each for each in RECEIVED if each.reqid == 3], ids=lambda row: row.name
)
def test_an_answer_that_nobody_asked_for_answers_nothing(row: Received) -> None:
    outputs = signed_in().receive(example(row), NOW)
    (output,) = outputs  # a fact, or a line for the log
    assert not isinstance(output, Reply | Refusal)


# ---- the list ----------------------------------------------------------------------------------


def test_every_message_of_the_documents_is_here() -> None:
    assert [row.name for row in SENT] == PUB + FURTHER_PUB
    assert [row.name for row in RECEIVED] == SUB + FURTHER_SUB


def test_every_message_that_we_can_read_is_here() -> None:
    assert {type(row.message) for row in SENT} == set(get_args(messages.Request))
    undescribed = {messages.SubscribeNotificationsReply}
    assert {type(row.message) for row in RECEIVED} == set(get_args(messages.Inbound)) - undescribed
