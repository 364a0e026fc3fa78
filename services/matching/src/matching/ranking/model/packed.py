"""Numbers as few bytes: a set as the differences of its sorted numbers, bits as they are; both deflated."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import Final

_WIDE: Final = b"\1"
"""Makes the length odd, which that of numbers of 16 bits never is."""


def pack(numbers: Iterable[int]) -> bytes:
    """Return a set of numbers from 0 on as bytes; 10,000 versions of profiles take some kilobytes."""
    packed, before = bytearray(), 0
    for number in sorted(set(numbers)):
        step, before = number - before, number
        while step > 0x7F:  # noqa: PLR2004 - seven bits in a byte
            packed.append(step & 0x7F | 0x80)
            step >>= 7
        packed.append(step)
    return zlib.compress(bytes(packed), level=9)


def unpack(packed: bytes) -> list[int]:
    """Return the numbers, the lowest first."""
    numbers, number, step, shift = list[int](), 0, 0, 0
    for byte in zlib.decompress(packed):
        step |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a number
            number += step
            numbers.append(number)
            step = shift = 0
    return numbers


def pack_bits(rules: Iterable[int]) -> bytes:
    """Return numbers of 32 bits as bytes, in their order."""
    values = list(rules)
    return zlib.compress(_WIDE + struct.pack(f"<{len(values)}I", *values), level=9)


def unpack_bits(packed: bytes) -> list[int]:
    """Return the numbers in their order; those that were stored before have 16 bits."""
    data = zlib.decompress(packed)
    if len(data) % 2:
        return list(struct.unpack(f"<{len(data) // 4}I", data[len(_WIDE) :]))
    return list(struct.unpack(f"<{len(data) // 2}H", data))
