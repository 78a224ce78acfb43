"""Whether bytes read as an Ethereum transaction, by their shape alone.

The shape is enough: whoever checks a signature could only take for a transaction what has it.
Legacy transactions are one RLP list of 6 fields (unsigned) or 9 (EIP-155, or signed) whose fourth
is an address or empty; typed ones (EIP-2718) are one byte and an RLP list with an access list.
"""

from __future__ import annotations

from typing import TypeAlias

_LEGACY_FIELDS = frozenset({6, 9})
_RECIPIENT = 3
_RECIPIENT_LENGTHS = frozenset({0, 20})
_FEWEST_TYPED_FIELDS = 8  # EIP-2930, unsigned; every later type has more
_LARGEST_TYPE = 0x7F
_DEEPEST = 8

# A string of so many bytes, or a list of such.
_Shape: TypeAlias = "int | list[_Shape]"


def is_transaction(data: bytes) -> bool:
    """Return whether the bytes have the shape of a transaction, signed or not, of any type."""
    if _is_legacy(_list_of(data)):
        return True
    return len(data) > 1 and data[0] <= _LARGEST_TYPE and _is_typed(_list_of(data[1:]))


def _is_legacy(fields: list[_Shape] | None) -> bool:
    return (
        fields is not None
        and len(fields) in _LEGACY_FIELDS
        and all(isinstance(field, int) for field in fields)
        and fields[_RECIPIENT] in _RECIPIENT_LENGTHS
    )


def _is_typed(fields: list[_Shape] | None) -> bool:
    if not fields:
        return False
    if isinstance(fields[0], list):  # a transaction with its blobs beside it (EIP-4844)
        return _is_typed(fields[0])
    return len(fields) >= _FEWEST_TYPED_FIELDS and any(isinstance(each, list) for each in fields)


def _list_of(data: bytes) -> list[_Shape] | None:
    """Return the shape of the one RLP list that the bytes are; None where they are not."""
    try:
        shape, end = _read(data, 0, _DEEPEST)
    except ValueError:
        return None
    return shape if isinstance(shape, list) and end == len(data) else None


def _read(data: bytes, at: int, depth: int) -> tuple[_Shape, int]:
    """Return the shape of the item that begins there, and where it ends."""
    if at >= len(data) or depth == 0:
        raise ValueError("no item here")
    first = data[at]
    if first < 0x80:
        return 1, at + 1
    is_list = first >= 0xC0
    short = first - (0xC0 if is_list else 0x80)
    start, length = (at + 1, short) if short <= 55 else _long_length(data, at + 1, short - 55)
    end = start + length
    if end > len(data):
        raise ValueError("the item is longer than the data")
    if not is_list:
        return length, end
    items: list[_Shape] = []
    while start < end:
        item, start = _read(data[:end], start, depth - 1)
        items.append(item)
    return items, end


def _long_length(data: bytes, at: int, width: int) -> tuple[int, int]:
    """Return where the content begins and its length, which is written in ``width`` bytes."""
    start = at + width
    return start, int.from_bytes(data[at:start], "big")
