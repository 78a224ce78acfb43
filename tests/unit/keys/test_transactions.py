"""Bytes are taken for a transaction by their shape: whole, of the right number of fields."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayen_desktop.keys.transactions import is_transaction
from kayen_desktop.late_imports import import_late

from .test_payloads import TO, TRANSACTIONS

rlp = import_late("rlp")


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_a_whole_transaction_is_one_and_a_part_is_none(name: str) -> None:
    data = TRANSACTIONS[name]
    assert is_transaction(data)
    assert not is_transaction(data[:-1])
    assert not is_transaction(data[1:])
    assert not is_transaction(data + b"\x00")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x02",
        b"\xc0",
        b"\x02\xc0",
        b"\xf8",
        b"\xf9\x01",
        b"\xff" + b"\xff" * 8,
        b"\xbf" + b"\xff" * 8,
        b"\xc1" * 100,
        bytes(range(0xDC, 0xC0, -1)),
        rlp.encode([1, 2, 3]),
        rlp.encode([1, 10**9, 21000, TO[1:], 10**18, b""]),
        rlp.encode([1, 10**9, 21000, TO, 10**18, []]),
        rlp.encode([1, 10**9, 21000, TO, 10**18, b"", 1]),
        b"\x02" + rlp.encode([1, 1, 1, 1, TO, 1, b"", 1]),
        b"\x02" + rlp.encode([1, 1, 1, []]),
        b"\x80" + rlp.encode([1, 1, 1, 10**9, 21000, TO, 1, b"", []]),
    ],
    ids=bytes.hex,
)
def test_what_has_another_shape_is_none(data: bytes) -> None:
    assert not is_transaction(data)


shapes = st.recursive(st.binary(max_size=70), lambda each: st.lists(each, max_size=12))


@given(shapes)
def test_what_it_reads_is_what_the_reference_wrote(shape: bytes | list[Any]) -> None:
    data = rlp.encode(shape)
    is_legacy = (
        isinstance(shape, list)
        and len(shape) in (6, 9)
        and all(isinstance(each, bytes) for each in shape)
        and len(shape[3]) in (0, 20)
    )
    if data[0] >= 0xC0:
        assert is_transaction(data) is is_legacy


@given(st.binary(max_size=200))
def test_no_bytes_upset_it(data: bytes) -> None:
    assert is_transaction(data) in (True, False)
