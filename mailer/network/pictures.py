"""Pure: pictures without what their makers did not mean to send.

A telephone writes into each photograph where it was taken, and behind the end of a
picture any file can hide. So only what is needed to see it is copied: from the first
byte to the end mark, without notes. The way it was held stays.

Source: ISO/IEC 10918-1, annex B (JPEG); Exif 2.32, section 4.5; PNG (Third Edition),
sections 5 and 11.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

MAX_PIXELS: Final = 60_000_000
"""More than any telephone takes; a few bytes can claim to be far more."""

JPEG: Final = b"\xff\xd8\xff"
PNG: Final = b"\x89PNG\r\n\x1a\n"

_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a frame header (SOF): they tell height and width."""

_NEEDED: Final = frozenset({0xE0, 0xE2, 0xEE})
"""Application segments that colours depend on: JFIF, ICC profile, Adobe."""

_APPLICATIONS: Final = frozenset(range(0xE0, 0xF0))
_EXIF, _COMMENT, _SCAN, _END = 0xE1, 0xFE, 0xDA, 0xD9
_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = 1

_SEEN: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT"}
    | {b"sRGB", b"bKGD", b"pHYs"}
)
"""Chunks that one sees; all others are notes, or make it move."""


class Broken(ValueError):
    """It is no whole picture, or far too large a one."""


def clean_jpeg(content: bytes) -> bytes:
    """Return a JPEG without notes, cut off at its end.

    Raises:
        Broken: It has no end, or a wrong length in it.
    """
    kept = [content[:2]]
    at = 2
    while True:
        marker, at = _marker(content, at)
        if marker == _END:
            kept.append(b"\xff\xd9")
            return b"".join(kept)
        (length,) = _unpacked(">H", content, at)
        segment = content[at : at + length]
        if len(segment) < length or length < 2:  # noqa: PLR2004 - it counts itself
            raise Broken
        at += length
        kept += _kept(marker, segment)
        if marker == _SCAN:
            end = _scan_end(content, at)
            kept.append(content[at:end])
            at = end


def clean_png(content: bytes) -> bytes:
    """Return a PNG without notes, cut off at its end.

    Raises:
        Broken: A chunk is damaged, or it has no end.
    """
    kept = [PNG]
    at = len(PNG)
    while True:
        (length,) = _unpacked(">I", content, at)
        name = content[at + 4 : at + 8]
        whole = content[at : at + 12 + length]
        checked = whole[4 : 8 + length]
        if whole[8 + length :] != struct.pack(">I", zlib.crc32(checked)):
            raise Broken
        if name == b"IHDR":
            _refuse_huge(*_unpacked(">II", whole, 8))
        if name in _SEEN:
            kept.append(whole)
        if name == b"IEND":
            return b"".join(kept)
        at += len(whole)


def _marker(content: bytes, at: int) -> tuple[int, int]:
    """Return the marker at *at*, and where it ends; fill bytes may stand before it."""
    if content[at : at + 1] != b"\xff":
        raise Broken
    while content[at : at + 1] == b"\xff":
        at += 1
    if at >= len(content):
        raise Broken
    return content[at], at + 1


def _kept(marker: int, segment: bytes) -> list[bytes]:
    """Return what is copied of one segment."""
    if marker in _SIZES:
        _, height, width = _unpacked(">BHH", segment, 2)
        _refuse_huge(width, height)
    if marker == _EXIF:
        turned = _orientation(segment[2:])
        return [] if turned == _UPRIGHT else [_turned(turned)]
    is_note = marker == _COMMENT or (marker in _APPLICATIONS and marker not in _NEEDED)
    return [] if is_note else [bytes((0xFF, marker)) + segment]


def _scan_end(content: bytes, at: int) -> int:
    """Return where the compressed pixels end that begin at *at*."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise Broken
        following = content[at + 1]
        if following and not 0xD0 <= following <= 0xD7:  # noqa: PLR2004 - restarts
            return at
        at += 2


def _orientation(exif: bytes) -> int:
    """Return how a picture was held, 1 to 8; 1 if nobody can tell."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return _UPRIGHT
    try:
        (start,) = _unpacked(f"{order}I", tiff, 4)
        (count,) = _unpacked(f"{order}H", tiff, start)
        for number in range(count):
            place = start + 2 + 12 * number
            tag, _, _, value = _unpacked(f"{order}HHIH", tiff, place)
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else _UPRIGHT  # noqa: PLR2004 - Exif
    except Broken:
        pass
    return _UPRIGHT


def _turned(orientation: int) -> bytes:
    """Return an Exif segment that says nothing but how the picture was held."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    tiff = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _refuse_huge(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Broken


def _unpacked(form: str, content: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, content, at)
    except struct.error:
        raise Broken from None
