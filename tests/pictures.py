"""Pictures and documents for tests: the smallest there are, with and without faults."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 2, height: int = 2, *, notes: bytes = b"") -> bytes:
    """Return a grey picture; *notes* is written into it for nobody to see."""
    rows = b"".join(b"\0" + bytes(width) for _ in range(height))
    chunks = [
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        *([_chunk(b"tEXt", notes)] if notes else []),
        _chunk(b"IDAT", zlib.compress(rows)),
        _chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def jpeg(*, orientation: int = 1, notes: bytes = b"", width: int = 8) -> bytes:
    """Return what has all segments of a photograph, with where it was taken."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    place = struct.pack("<HHII", 0x8825, 4, 1, 99)
    tiff = b"II*\0" + struct.pack("<IH", 8, 2) + place + entry + bytes(4) + notes
    frame = struct.pack(">BHHB", 8, 8, width, 1) + b"\x01\x11\x00"
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            _segment(0xE1, b"Exif\0\0" + tiff),
            _segment(0xFE, b"Kamera von Rita"),
            _segment(0xDB, bytes(65)),
            _segment(0xC0, frame),
            _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            b"\x12\xff\x00\x34\xff\xd0\x56",
            b"\xff\xd9",
        )
    )


def pdf(extra: bytes = b"", *, packed: bytes = b"") -> bytes:
    """Return a document; *packed* lies in it as a compressed object."""
    inner = zlib.compress(packed)
    stream = (
        b"2 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length "
        + str(len(inner)).encode()
        + b" >>\nstream\n"
        + inner
        + b"\nendstream\nendobj\n"
    )
    return b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + (
        (stream if packed else b"") + extra + b"\ntrailer << /Root 1 0 R >>\n%%EOF\n"
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    checked = name + data
    return (
        struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))
    )


def _segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data
