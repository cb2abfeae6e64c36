"""
Plain CDR (XCDR1) as ROS 2 puts it on the wire, little and big endian, one primitive at a time.

A message is four bytes of encapsulation (0x0000 big endian, 0x0001 little endian, two option
bytes) and a body in which a primitive of n bytes is aligned to n bytes, counted from the body's
start. A string is a uint32 length with the closing NUL, then the bytes.

Laws: reading never goes past the end and never raises anything but DecodeError; arrays of bytes
and numbers are views of the message, never per-element Python.

"""

import struct
from typing import Literal, TypeAlias

from eventdepth_core.errors import DecodeError
from eventdepth_core.types import Float64
import numpy as np

ByteOrder: TypeAlias = Literal['<', '>']
ENCAPSULATION_BYTES = 4

_BYTE_ORDERS: dict[bytes, ByteOrder] = {b'\x00\x00': '>', b'\x00\x01': '<'}
_NUMBERS = {order: {code: struct.Struct(order + code) for code in 'BiIQd'} for order in ('<', '>')}


class CdrReader:
    """
    Reads the primitives of one message in order.

    `raw` is the message with its encapsulation. DecodeError for an unknown encapsulation and
    for every read past the end.

    """

    __slots__ = ('_body', '_numbers', '_offset', 'byte_order')

    def __init__(self, raw: bytes | memoryview) -> None:
        view = memoryview(raw).cast('B')
        order = _BYTE_ORDERS.get(bytes(view[:2]))
        if order is None or len(view) < ENCAPSULATION_BYTES:
            raise DecodeError(
                f'Expected a CDR encapsulation 00 00 or 00 01, got {bytes(view[:4]).hex(" ")!r}.'
            )
        self.byte_order: ByteOrder = order
        self._numbers = _NUMBERS[order]
        self._body = view[ENCAPSULATION_BYTES:]
        self._offset = 0

    def uint8(self) -> int:
        """Read a uint8 (or a bool)."""
        return int(self._number('B', 1))

    def int32(self) -> int:
        """Read an int32."""
        return int(self._number('i', 4))

    def uint32(self) -> int:
        """Read a uint32."""
        return int(self._number('I', 4))

    def uint64(self) -> int:
        """Read a uint64."""
        return int(self._number('Q', 8))

    def float64(self) -> float:
        """Read a float64."""
        return float(self._number('d', 8))

    def float64_array(self, count: int) -> Float64:
        """Read `count` float64 as an array of native byte order."""
        if count == 0:
            return np.empty(0, np.float64)
        view = self._take(8 * count, alignment=8)
        return np.frombuffer(view, np.dtype(f'{self.byte_order}f8')).astype(np.float64)

    def string(self) -> str:
        """Read a string without its closing NUL."""
        raw = bytes(self._take(self.uint32(), alignment=1))
        try:
            return raw.removesuffix(b'\x00').decode()
        except UnicodeDecodeError as error:
            raise DecodeError(f'Expected a string in UTF-8, got {raw[:32]!r}.') from error

    def octets(self) -> memoryview:
        """Read a sequence of uint8 as a view of the message."""
        return self._take(self.uint32(), alignment=1)

    def count(self, min_bytes: int) -> int:
        """Read the length of a sequence whose elements take at least `min_bytes` each."""
        count = self.uint32()
        left = len(self._body) - self._offset
        if count * min_bytes > left:
            raise DecodeError(
                f'Expected a sequence that fits into {left} bytes, got {count} elements of at '
                f'least {min_bytes} bytes.'
            )
        return count

    def _number(self, code: str, size: int) -> int | float:
        view = self._take(size, alignment=size)
        number: int | float = self._numbers[code].unpack(view)[0]
        return number

    def _take(self, size: int, *, alignment: int) -> memoryview:
        """Return the next `size` bytes from the next aligned place on."""
        start = -(-self._offset // alignment) * alignment
        if start + size > len(self._body):
            raise DecodeError(
                f'Expected {size} bytes at offset {start} of a message body, '
                f'got {max(len(self._body) - start, 0)}.'
            )
        self._offset = start + size
        return self._body[start : self._offset]


class CdrWriter:
    """Writes the primitives of one message in order; the mirror image of CdrReader."""

    __slots__ = ('_body', '_numbers', 'byte_order')

    def __init__(self, byte_order: ByteOrder = '<') -> None:
        self.byte_order: ByteOrder = byte_order
        self._numbers = _NUMBERS[byte_order]
        self._body = bytearray()

    def uint8(self, number: int) -> None:
        """Write a uint8 (or a bool)."""
        self._number('B', 1, number)

    def int32(self, number: int) -> None:
        """Write an int32."""
        self._number('i', 4, number)

    def uint32(self, number: int) -> None:
        """Write a uint32."""
        self._number('I', 4, number)

    def uint64(self, number: int) -> None:
        """Write a uint64."""
        self._number('Q', 8, number)

    def float64_array(self, numbers: Float64) -> None:
        """Write float64 values one after the other, without a length."""
        if len(numbers) > 0:
            self._align(8)
            self._body += np.ascontiguousarray(numbers, f'{self.byte_order}f8').tobytes()

    def string(self, text: str) -> None:
        """Write a string with its closing NUL."""
        raw = text.encode()
        self.uint32(len(raw) + 1)
        self._body += raw
        self._body.append(0)

    def octets(self, raw: bytes | memoryview) -> None:
        """Write a sequence of uint8: its length, then the bytes."""
        self.uint32(len(raw))
        self._body += raw

    def message(self) -> bytes:
        """Return the message: encapsulation and body."""
        order = b'\x00\x01' if self.byte_order == '<' else b'\x00\x00'
        return b''.join((order, b'\x00\x00', self._body))

    def _number(self, code: str, size: int, number: float) -> None:
        self._align(size)
        self._body += self._numbers[code].pack(number)

    def _align(self, alignment: int) -> None:
        self._body += bytes(-len(self._body) % alignment)
