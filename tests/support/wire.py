# SPDX-License-Identifier: Apache-2.0
"""Protobuf's wire format by hand, for messages that no library would make.

    request(b"...", b"...")            # an IntakeRequest with these bytes as its records
    field(1, b"key") + varint_field(3, -1)
"""


def varint(value):
    """Negative numbers as protobuf writes them: ten bytes."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def tag(number, wire_type):
    return varint(number << 3 | wire_type)


def field(number, data, length=None):
    """Length-prefixed; length: another one than that of data."""
    data = data.encode() if isinstance(data, str) else data
    return tag(number, 2) + varint(len(data) if length is None else length) + data


def varint_field(number, value):
    return tag(number, 0) + varint(value)


def request(*records):
    return field(1, b"".join(field(1, one) for one in records))
