"""What the venue says in words, and what it wants of the wallet: shown in full, never obeyed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kayen_desktop.domain.events import (
    Severity,
    Trouble,
    VenueNotified,
    WalletAsked,
    WalletRequest,
)
from kayen_desktop.protocol.clearport.messages import TransactionNotificationData
from kayen_desktop.protocol.clearport.parsing import MAX_IDENTIFIER, MAX_WORD
from kayen_desktop.protocol.clearport.wallet import parse_transaction

from .session import CHANNEL, NOW, frame, signed_in, tell

HASH = "0x" + "ab" * 32
# The transfer(address,uint256) of an ERC-20 token: a name of four bytes and two words.
TRANSFER = "0xa9059cbb" + "00" * 64
BIDI = "pay\u202e\n\x00me"
HOSTILE = [
    10**400,
    -(10**30),
    "9" * 1_000_000,
    "0x" + "f" * 1_000_000,
    "0x" + "f" * 999_999,
    "x" * 1_000_000,
    BIDI * 1000,
    "eyJhbGciOiJ.eyJleHAiOjF9.c2ln",
    {"a": {"b": [1, {"c": None}]}},
    [[[[]]]],
    True,
    1.5,
    "1e400",
]
# Two numbers of the chain's largest size with their units.
LONGEST = 200


def notice(data: object) -> VenueNotified:
    (output,) = tell("error_notification", data)
    assert isinstance(output, VenueNotified)
    return output


def asked(event: str, data: object) -> dict[str, str]:
    """Return what is shown of a request to the wallet; nothing is ever sent in answer to one."""
    protocol = signed_in()
    (output,) = protocol.receive(frame(event, data, 2), NOW)
    assert isinstance(output, WalletAsked)
    assert protocol.frames_to_send() == []
    return dict(output.details)


# ---- trouble in words --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            {"err": "funding failed", "channel_id": CHANNEL, "metadata": "x"},
            VenueNotified(Severity.WARNING, "funding failed", CHANNEL),
        ),
        ({"msg": "m", "channel_id": 5}, VenueNotified(Severity.WARNING, "m")),
        (None, VenueNotified(Severity.WARNING, "no reason given")),
        ([1], VenueNotified(Severity.WARNING, "no reason given")),
        ("words", VenueNotified(Severity.WARNING, "words")),
        (
            "Liquidation margin reached",
            VenueNotified(
                Severity.CRITICAL, "Liquidation margin reached", trouble=Trouble.LIQUIDATION
            ),
        ),
        (
            {
                "error": "transaction reverted",
                "metadata": {
                    "channel_id": CHANNEL,
                    "transactionHash": HASH,
                    "state": "funding",
                    "event": "Deposited",
                },
                "action": "channel_opening",
                "channel_state": "opening",
            },
            VenueNotified(
                Severity.WARNING,
                "transaction reverted",
                CHANNEL,
                transaction_hash=HASH,
                state="funding",
            ),
        ),
        (
            {"action": "challenge_started", "channel_state": "challenging", "metadata": {}},
            VenueNotified(Severity.WARNING, "challenge_started", state="challenging"),
        ),
        (
            {"metadata": {"event": "Liquidated"}, "action": "channel_closed"},
            VenueNotified(Severity.CRITICAL, "Liquidated", trouble=Trouble.LIQUIDATION),
        ),
    ],
)
def test_trouble_is_told_in_the_venues_words(data: object, expected: VenueNotified) -> None:
    assert tell("error_notification", data) == [expected]


@pytest.mark.parametrize("text", ["LIQUIDATION MARGIN REACHED", "position was liquidated"])
def test_a_liquidation_is_known_by_its_word_in_any_case(text: str) -> None:
    told = notice({"message": text})
    assert (told.severity, told.trouble) == (Severity.CRITICAL, Trouble.LIQUIDATION)


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:30])
@pytest.mark.parametrize("field", ["channel_id", "transactionHash", "state", "event"])
def test_what_trouble_is_about_is_plain_and_short_whatever_it_holds(
    field: str, value: object
) -> None:
    told = notice({"metadata": {field: value}, "message": "m"})
    for text, limit in (
        (told.channel_id, MAX_IDENTIFIER),
        (told.transaction_hash, MAX_IDENTIFIER),
        (told.state, MAX_WORD),
    ):
        assert len(text) <= limit
        assert text.isprintable()
        assert "eyJ" not in text


# ---- an on-chain transaction -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1000000000000000000", "1000000000000000000 wei (1 ether)"),
        ("0xde0b6b3a7640000", "1000000000000000000 wei (1 ether)"),
        (1, "1 wei (0.000000000000000001 ether)"),
        ("0", "0 wei (0 ether)"),
        ("0x0", "0 wei (0 ether)"),
        (1500000000000000001, "1500000000000000001 wei (1.500000000000000001 ether)"),
        ("1.5", "1.5"),
        (-1, "-1"),
        ("0x", "0x"),
        (2**256, "(not text)"),
        (str(2**256), str(2**256)),
        (True, "(not text)"),
        ({"hex": "0x1"}, "(not text)"),
    ],
)
def test_a_transactions_value_is_shown_in_wei_and_exactly_in_ether(
    value: object, shown: str
) -> None:
    assert asked("transaction_notification", {"value": value}) == {"value": shown}


@given(st.integers(0, 2**256 - 1))
def test_ether_is_exact_for_every_number_of_the_chain(wei: int) -> None:
    data = TransactionNotificationData(value=hex(wei))
    ((_, text),) = parse_transaction(data).details
    in_wei, _, in_ether = text.removesuffix(" ether)").partition(" wei (")
    assert int(in_wei) == wei
    assert Decimal(in_ether) * 10**18 == wei
    assert len(text) <= LONGEST


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (TRANSFER, "68 bytes: 0xa9059cbb…"),
        ("0xA9059CBB", "4 bytes: 0xA9059CBB"),
        ("0x01", "1 byte: 0x01"),
        ("0x", "0 bytes"),
        ("0xabc", "0xabc"),
        ("qQWcuw==", "qQWcuw=="),
        ("0x" + "ab" * 500_000, "500000 bytes: 0xabababab…"),
        ([1, 2], "(not text)"),
    ],
)
def test_a_transactions_data_is_shown_as_its_size_and_first_bytes(data: object, shown: str) -> None:
    assert asked("transaction_notification", {"data": data}) == {"data": shown}


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        ("transaction_notification", WalletRequest.TRANSACTION),
        ("session_key_transaction", WalletRequest.SESSION_KEY),
    ],
)
@pytest.mark.parametrize("data", [None, {}, [1], "send it", {"value": "", "nonce": None}])
def test_a_request_to_the_wallet_that_says_nothing_is_still_told(
    event: str, request_: WalletRequest, data: object
) -> None:
    assert tell(event, data) == [WalletAsked(request_)]


# ---- a smart account's operation ---------------------------------------------------------------


@pytest.mark.parametrize("operation", [None, 5, "0x", []])
def test_a_session_key_without_an_operation_shows_the_rest(operation: object) -> None:
    data = {"incomplete_user_op": operation, "digest_hash": HASH, "permissions": []}
    shown = asked("session_key_transaction", data)
    assert shown == {"digest_hash": HASH, "permissions": "0"}


@pytest.mark.parametrize(("permissions", "shown"), [([{}, {}], "2"), ({"a": 1}, "(not text)")])
def test_permissions_are_counted(permissions: object, shown: str) -> None:
    assert asked("session_key_transaction", {"permissions": permissions}) == {"permissions": shown}


# ---- hostile values ----------------------------------------------------------------------------


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:30])
@pytest.mark.parametrize(
    ("event", "field"),
    [
        ("transaction_notification", "to"),
        ("transaction_notification", "value"),
        ("transaction_notification", "gas_limit"),
        ("transaction_notification", "data"),
        ("session_key_transaction", "enable_sig_offset"),
        ("session_key_transaction", "digest_hash"),
        ("session_key_transaction", "permissions"),
        ("incomplete_user_op", "sender"),
        ("incomplete_user_op", "nonce"),
        ("incomplete_user_op", "initCode"),
        ("incomplete_user_op", "callData"),
    ],
)
def test_hostile_values_are_shown_plain_and_short(event: str, field: str, value: object) -> None:
    data: dict[str, object] = {field: value}
    if event == "incomplete_user_op":
        event, data = "session_key_transaction", {"incomplete_user_op": data}
    ((name, text),) = asked(event, data).items()
    assert name == field
    assert 0 < len(text) <= LONGEST
    assert text.isprintable()
    assert "eyJ" not in text


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["to", "value", "gas_limit", "data", "incomplete_user_op", "digest_hash"]),
        st.none()
        | st.integers()
        | st.text()
        | st.lists(st.integers())
        | st.binary().map(bytes.hex),
    )
)
def test_any_request_to_the_wallet_is_told_once_and_shown_plainly(data: dict[str, object]) -> None:
    for event in ("transaction_notification", "session_key_transaction"):
        for text in asked(event, data).values():
            assert 0 < len(text) <= LONGEST
            assert text.isprintable()
