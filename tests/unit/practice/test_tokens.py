"""Tokens and signatures, on the vectors of protocols.md §1.2 and §1.3 and the walkthrough's."""

from __future__ import annotations

import base64
import json

import pytest

from kayen_desktop.practice.refusals import RefusalError
from kayen_desktop.practice.tokens import TokenIssuer, challenge_signer, token_signer

KEY = b"\x01" * 32
ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
CHALLENGE = "4ffc0b7f-c93c-4b99-bfa7-7c9886c7fdd2"
SIGNATURE = (
    "0xb7584cde01ea4f1d0cb99a0525ac1e23158b97a7a8cf1185e4166473306d0c7e"
    "7a79f70da059a85a959b971b31cf4d2d0cd6476818afaa5f40d38bb621f6247f1c"
)
SIGNATURE_PART = (
    "iQgJj3XOhMguPr88zALiZgGOT93OPTRs__ngNSh6WeItfScSHrb6eMKZNJy2ERp2rbC9JRoE_5na21rpnD0ZAAA"
)
WALKTHROUGH_NODE = "0xDA3E211137bfF58bAE3278b6f5724241b625EF89"
WALKTHROUGH_SESSION = (
    "eyJhbGciOiJFUzI1NkstUiIsInR5cCI6IkpXVCJ9."
    "eyJvcGVyYXRvcl9hZGRyZXNzIjoiMHg0NEFGYzI0NDAzY0E2ZTZiZEVGRDY5YTExRTdDMTQwY2MyMDZBNDlDIiwi"
    "ZXhwIjoxNzE5MDgzNDAyfQ."
    "ss4da0UFrWN3XUofLhw8bdXgWfu_jFQw1ZWvE_gKvzoi2565u09f15AyKS-o--DXeOOoXLff3DymnqWMMdL29gE"
)
WALKTHROUGH_CHANNEL = (
    "eyJhbGciOiJFUzI1NkstUiIsInR5cCI6IkpXVCJ9."
    "eyJjaGFubmVsX2lkIjoiMHhlZjY1NzBhNzA5ZjY2NDU3MjY3M2VhZWIyZDhhMWFjMmE3MGM4Njc2MjZjMThmMzBk"
    "NGI0MDZhY2M4ZDAwNzQ2IiwiYWRkcmVzcyI6IjB4REEzRTIxMTEzN2JmRjU4YkFFMzI3OGI2ZjU3MjQyNDFiNjI1"
    "RUY4OSIsImV4cCI6MTcxOTA2MTk2OX0."
    "0I0yoROqMqpqGehZtrjvAqMZAtVFdBvnUEuBUBQA5ANAIihoNbs2LnOJnO0lVLAUyZHoJnZ6nWabO2borl06nAE"
)


def test_the_challenge_vector() -> None:
    assert challenge_signer(CHALLENGE, SIGNATURE) == ADDRESS


def test_a_signature_with_a_raw_v_is_taken_too() -> None:
    assert challenge_signer(CHALLENGE, SIGNATURE[:-2] + "01") == ADDRESS


@pytest.mark.parametrize(
    "signature",
    ["", "0x", "0x12", "no hex", SIGNATURE + "00", SIGNATURE[:-2] + "22", "0x" + "00" * 65],
)
def test_what_is_no_signature_is_refused(signature: str) -> None:
    with pytest.raises(RefusalError, match="Invalid signature"):
        challenge_signer(CHALLENGE, signature)


def test_the_token_vector() -> None:
    token = TokenIssuer(KEY).issue_session(ADDRESS, 1719083402)
    assert token.rpartition(".")[2] == SIGNATURE_PART
    assert token_signer(token) == ADDRESS


def test_both_tokens_of_the_walkthrough_come_from_one_node() -> None:
    assert token_signer(WALKTHROUGH_SESSION) == WALKTHROUGH_NODE
    assert token_signer(WALKTHROUGH_CHANNEL) == WALKTHROUGH_NODE


def test_a_token_reads_back_until_it_expires() -> None:
    issuer = TokenIssuer.of_seed(1)
    token = issuer.issue_channel("0xabc", 100)
    claims = issuer.read_channel(token, 99)
    assert (claims.channel_id, claims.address, claims.exp) == ("0xabc", issuer.address, 100)
    with pytest.raises(RefusalError, match="unauthorized"):
        issuer.read_channel(token, 100)


def test_one_kind_of_token_is_not_the_other() -> None:
    issuer = TokenIssuer.of_seed(1)
    with pytest.raises(RefusalError):
        issuer.read_session(issuer.issue_channel("0xabc", 100), 1)
    with pytest.raises(RefusalError):
        issuer.read_channel(issuer.issue_session(ADDRESS, 100), 1)


def test_another_nodes_token_is_refused() -> None:
    token = TokenIssuer.of_seed(2).issue_session(ADDRESS, 100)
    with pytest.raises(RefusalError, match="invalid JWT token"):
        TokenIssuer.of_seed(1).read_session(token, 1)


def _unsigned(header: dict[str, str]) -> str:
    part = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{part}.{part}.AAAA"


@pytest.mark.parametrize(
    "token",
    ["", "a.b", "a.b.c.d", "é.b.c", "!!.??.==", _unsigned({"alg": "none"}), "x" * 5000],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(RefusalError, match="invalid JWT token"):
        token_signer(token)


def test_an_issuer_shows_its_address_and_never_its_key() -> None:
    assert repr(TokenIssuer(KEY)) == f"TokenIssuer({ADDRESS})"
