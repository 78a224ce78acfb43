"""Tokens: the vectors of protocols.md §1.3, and everything that is not quite a token."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from kayen_desktop.protocol.jwt import MAX_TOKEN, Token, parse_token, recover_signer

# The first example may import a library, and the machine may be busy.
IN_ANY_TIME = settings(deadline=None)
FRAMES = Path(__file__).parents[2] / "frames" / "clearport"
NODE = "0xDA3E211137bfF58bAE3278b6f5724241b625EF89"
VECTOR_ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
VECTOR_HEADER = '{"alg":"ES256K-R","typ":"JWT"}'
VECTOR_CLAIMS = f'{{"operator_address":"{VECTOR_ADDRESS}","exp":1719083402}}'
VECTOR_SIGNATURE = (
    "iQgJj3XOhMguPr88zALiZgGOT93OPTRs__ngNSh6WeItfScSHrb6eMKZNJy2ERp2rbC9JRoE_5na21rpnD0ZAAA"
)


def encode_part(content: str | bytes) -> str:
    raw = content.encode() if isinstance(content, str) else content
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token_of(claims: str, header: str = VECTOR_HEADER, signature: str = VECTOR_SIGNATURE) -> Token:
    return parse_token(f"{encode_part(header)}.{encode_part(claims)}.{signature}")


def frame_token(file: str, event: str, name: str) -> str:
    for line in (FRAMES / file).read_text().splitlines():
        frame = json.loads(line)
        if frame["event"] == event:
            return str(frame["data"][name])
    raise AssertionError(event)


def test_the_vector_of_the_documents_recovers_to_its_key() -> None:
    token = token_of(VECTOR_CLAIMS)
    assert Account.from_key(b"\x01" * 32).address == VECTOR_ADDRESS
    assert recover_signer(token) == VECTOR_ADDRESS
    assert token.operator_address == VECTOR_ADDRESS
    assert token.expires_at == datetime.fromtimestamp(1719083402, UTC)


def test_the_vector_is_signed_over_the_digest_that_the_documents_print() -> None:
    signed, _, _ = token_of(VECTOR_CLAIMS).text.rpartition(".")
    assert hashlib.sha256(signed.encode()).hexdigest() == (
        "87b87fe29d38e12b019cea0142b26fd83faafea2d590022662e8b3b99702148f"
    )


def test_the_walkthroughs_session_token_is_read_and_recovered() -> None:
    token = parse_token(frame_token("walkthrough_inbound.jsonl", "authenticate", "jwt_token"))
    assert token.algorithm == "ES256K-R"
    assert token.operator_address == "0x44AFc24403cA6e6bdEFD69a11E7C140cc206A49C"
    assert token.expires_at == datetime(2024, 6, 22, 19, 10, 2, tzinfo=UTC)
    assert token.channel_id is None
    assert recover_signer(token) == NODE


def test_the_walkthroughs_channel_token_is_read_and_recovered() -> None:
    token = parse_token(frame_token("walkthrough_inbound.jsonl", "channel_jwt", "jwt"))
    assert token.channel_id == "0xef6570a709f664572673eaeb2d8a1ac2a70c867626c18f30d4b406acc8d00746"
    assert token.address == NODE
    assert token.expires_at == datetime(2024, 6, 22, 13, 12, 49, tzinfo=UTC)
    assert recover_signer(token) == NODE


def test_a_plain_es256_token_is_opaque() -> None:
    token = parse_token(frame_token("operator_api_inbound.jsonl", "channel_jwt", "jwt"))
    assert token.algorithm == "ES256"
    assert (token.expires_at, token.channel_id, token.operator_address) == (None, None, None)
    assert recover_signer(token) is None


def test_another_text_signed_gives_another_signer() -> None:
    assert recover_signer(token_of('{"exp":1}')) not in (None, VECTOR_ADDRESS)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "AAAA",
        "é",
        "!" * 87,
        encode_part(b"\x00" * 65),
        encode_part(b"\xff" * 64 + b"\x00"),
        encode_part(b"\x01" * 64 + b"\x1b"),
        encode_part(b"\x01" * 64 + b"\x02"),
        encode_part(b"\x01" * 66),
    ],
)
def test_a_signature_that_is_none_has_no_signer(signature: str) -> None:
    assert recover_signer(token_of(VECTOR_CLAIMS, signature=signature)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "é.é.é",
        "\ud800.\ud800.\ud800",
        "e30.W10.x",
        "x" * (MAX_TOKEN + 1),
        f"{encode_part('[' * 100_000)}.e30.x",
        f"{encode_part(b'{' + bytes([255]))}.{encode_part(b'{' + bytes([34, 255, 34]))}.x",
    ],
)
def test_what_is_no_token_is_opaque(text: str) -> None:
    assert parse_token(text) == Token(text)


def test_deeply_nested_claims_are_opaque() -> None:
    nested = '{"exp":' + "[" * 5000 + "}"
    assert len(encode_part(nested)) < MAX_TOKEN
    assert token_of(nested).expires_at is None


@pytest.mark.parametrize(
    ("exp", "expected"),
    [
        ("1719083402.9", datetime.fromtimestamp(1719083402, UTC)),
        ('"1719083402"', datetime.fromtimestamp(1719083402, UTC)),
        ("1.719083402e9", datetime.fromtimestamp(1719083402, UTC)),
        ("-1", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
        ("-99999999999999", None),
        ("99999999999999", None),
        ("1" * 200, None),
        ("1e30", None),
        ("1e999999999", None),
        ("true", None),
        ("null", None),
        ('"soon"', None),
        ('"NaN"', None),
        ("[1]", None),
    ],
)
def test_expiry_is_read_exactly_or_not_at_all(exp: str, expected: datetime | None) -> None:
    assert token_of(f'{{"exp":{exp}}}').expires_at == expected


@pytest.mark.parametrize("value", ["5", "null", '""', '"a\\u202eb"', f'"{"x" * 129}"', "{}"])
def test_a_claim_that_is_not_short_plain_text_is_none(value: str) -> None:
    assert token_of(f'{{"channel_id":{value}}}').channel_id is None


def test_validity_ends_at_the_second_of_expiry() -> None:
    end = datetime.fromtimestamp(1719083402, UTC)
    token = token_of(VECTOR_CLAIMS)
    assert token.is_valid_at(end - timedelta(microseconds=1))
    assert not token.is_valid_at(end)
    assert not Token("opaque").is_valid_at(end)


def test_a_token_does_not_show_its_text() -> None:
    token = token_of(VECTOR_CLAIMS)
    assert VECTOR_SIGNATURE not in repr(token)
    assert token.text.split(".")[0] not in repr(token)


@IN_ANY_TIME
@given(st.text())
def test_any_text_is_a_token(text: str) -> None:
    token = parse_token(text)
    assert token.text == text
    assert recover_signer(token) is None


@IN_ANY_TIME
@given(st.binary(max_size=200), st.binary(max_size=80))
def test_any_claims_and_any_signature_are_survived(claims: bytes, signature: bytes) -> None:
    token = parse_token(
        f"{encode_part(VECTOR_HEADER)}.{encode_part(claims)}.{encode_part(signature)}"
    )
    signer = recover_signer(token)
    assert signer is None or len(signer) == 42
