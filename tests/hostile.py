"""Mail that is made to hurt whoever reads it, one kind each, and what reading it costs.

    python -m tests.hostile < attack.eml

classifies one mail in a process of its own and prints what that took.
"""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha512
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Final

from mailer.inbound.classify import World, classify
from mailer.inbound.reading import MAX_BYTES
from subscribers.tokens import TokenKeys
from tests.reports import BOUNCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HEAD: Final = b"From: Egon <egon@web.example>\r\nTo: mia@town.example\r\n"

GIANT: Final = MAX_BYTES - 64 * 1024
"""Octets of what is just not too large."""

TEXTS: Final[Mapping[str, str]] = {
    "question marks": "? " * 30_000,
    "words": "abmelden " * 30_000,
    "commas": "nicht, " * 300,
    "gaps": "keine mails " * 240,
    "one word": "a" * 60_000,
    "addresses": "a@b.example " * 250,
    "dates": "3.12. " * 500,
    "at signs": "a(at)" * 600,
    "names": "Anna " * 590,
    "quotes": "> \n" * 20_000,
    "headers": "Von: x\n" * 9_000,
    "attributions": "Am x schrieb\n" * 5_000,
    "blank lines": "\n" * 8_000,
    "almost words": "abmeldem anmeldem verteilor einladumg " * 70,
    "greetings": "hallo\n" * 500,
    "closings": "mit freundlichen " * 170,
    "capitals": "Am An Der " * 290,
    "thanks": "Danke A. " * 330,
    "clauses": "und, aber, weil " * 180,
    "wishes": "Bitte keine Einladungen mehr. " * 100,
}
"""For the body and for the subject."""


def mixed(*parts: bytes) -> bytes:
    """Return a multipart of *parts*."""
    inner = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + inner


def nested(levels: int, filling: bytes = b"") -> bytes:
    """Return multiparts in multiparts, with *filling* in the innermost."""
    opening = (
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (number, number)
        for number in range(levels)
    )
    return HEAD + b"".join(opening) + b"\n" + filling


def letter(text: str) -> bytes:
    """Return a plain mail with *text* as its body."""
    head = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    return HEAD + head + text.encode()


SMALL: Final[Mapping[str, bytes]] = {
    "nested multiparts": nested(3_000),
    "nested messages": HEAD + b"Content-Type: message/rfc822\n\n" * 3_000,
    "blank lines": HEAD + b"\n" * 1_000_000,
    "addresses": b"From: " + b"a@b.example, " * 20_000 + b"\n\nx",
    "quotes": b"From: " + b'"' * 20_000 + b"\n\nx",
    "parentheses": b"To: " + b"(" * 60_000 + b"\n\nx",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nx",
    "half encoded words": b"Subject: " + b"=?utf-8?q?" * 8_000 + b"\n\nx",
    "parameters": b"Content-Type: text/plain; " + b'a="' * 20_000 + b"\n\nx",
    "one long word": b"From: " + b"a" * 60_000 + b"\n\nx",
    "at signs": b"To: " + b"a@" * 30_000 + b"\n\nx",
    "fields": b"X: y\n" * 100_000,
    "boundaries": mixed(*[b""] * 100_000),
    "comments": HEAD + b"Content-Type: text/html\n\n" + b"<!--" * 100_000,
    "blockquotes": HEAD + b"Content-Type: text/html\n\n" + b"<blockquote>" * 40_000,
    "nothing but bytes": HEAD + b"\n" + bytes(range(256)) * 4_000,
}
"""Made to cost much with few octets."""


def _many(piece: bytes, head: bytes = b"") -> bytes:
    """Return a giant mail that repeats *piece* below *head*."""
    return (HEAD + head + piece * (GIANT // len(piece)))[:GIANT]


def _typed(content_type: str, encoding: str = "8bit") -> bytes:
    """Return the rest of a head."""
    return (
        f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    ).encode()


def _deep_base64() -> bytes:
    """Return messages in messages, each encoded again, until it is large."""
    inner = HEAD + b"\r\n" + b"x" * (GIANT // 12)
    while len(inner) * 4 // 3 < GIANT - 4_096:
        inner = HEAD + _typed("message/rfc822", "base64") + b64encode(inner)
    return inner


_MULTIPART: Final = _typed('multipart/mixed; boundary="b"')
_DIGEST: Final = _typed('multipart/digest; boundary="b"')
_REPORT: Final = _typed('multipart/report; report-type=delivery-status; boundary="b"')

GIANTS: Final[Mapping[str, Callable[[], bytes]]] = {
    "one header": lambda: _many(b"x"),
    "fields": lambda: _many(b"X-Y: z\r\n"),
    "folded field": lambda: _many(b"\r\n a@b.example,", b"X-Y: z"),
    "text": lambda: _many(b"Bitte abmelden. ", b"\r\n"),
    "one line": lambda: _many(b"a", b"\r\n"),
    "line ends": lambda: _many(b"\n", b"X: y\r\n\r\n."),
    "cp1252": lambda: _many(b"\xfc\xe4 ", b"\r\n"),
    "utf-16": lambda: _many(b"a\x00", _typed("text/plain; charset=utf-16")),
    "utf-7": lambda: _many(b"+AOQ-", _typed("text/plain; charset=utf-7")),
    "html": lambda: _many(b"<p>&auml;<b>", _typed("text/html")),
    "html entities": lambda: _many(b"&#x10FFFF;", _typed("text/html")),
    "open tag": lambda: _many(b"a ", _typed("text/html") + b"<"),
    "base64": lambda: _many(b64encode(b"x" * 57) + b"\n", _typed("a/b", "base64")),
    "base64 text": lambda: _many(
        b64encode(b"ja " * 19) + b"\n", _typed("text/plain", "base64")
    ),
    "bad base64": lambda: _many(b"=?*\xff", _typed("text/plain", "base64")),
    "quoted": lambda: _many(b"=C3=A4", _typed("text/plain", "quoted-printable")),
    "soft breaks": lambda: _many(b"=\n", _typed("text/plain", "quoted-printable")),
    "uuencode": lambda: _many(b"M" + b"a" * 60 + b"\n", _typed("a/b", "x-uuencode")),
    "parts": lambda: _many(b"--b\n\nx\n", _MULTIPART),
    "empty parts": lambda: _many(b"--b\n", _MULTIPART),
    "almost parts": lambda: _many(b"--bb\n", _MULTIPART),
    "text parts": lambda: _many(
        b"--b\nContent-Type: text/plain\n\n" + b"ja " * 43_000, _MULTIPART
    ),
    "html parts": lambda: _many(
        b"--b\nContent-Type: text/html\n\n" + b"<p>ja " * 21_000, _MULTIPART
    ),
    "messages": lambda: _many(b"--b\n\nFrom: a@b.example\n\nja\n", _DIGEST),
    "status": lambda: _many(
        b"Final-Recipient: rfc822;a@b.example\nAction: failed\nStatus: 5.1.1\n\n",
        _REPORT + b"--b\nContent-Type: message/delivery-status\n\n",
    ),
    "deep multiparts": lambda: nested(19, b"x" * (GIANT - 4_096)),
    "deep messages": lambda: (
        HEAD + b"Content-Type: message/rfc822\n\n" * 19 + b"x" * (GIANT - 4_096)
    ),
    "deep base64": _deep_base64,
    "json": lambda: _many(b'{"Message":', b"\r\n"),
    "zeros": lambda: _many(b"\x00", b"\r\n"),
}
"""Just not too large, each made to become much more in memory."""


def damaged() -> Iterator[tuple[str, bytes]]:
    """Yield each report of the corpus, damaged in places that its name decides."""
    for path in sorted(BOUNCES.glob("*.eml")):
        content = bytearray(path.read_bytes())
        for number, chance in enumerate(sha512(path.name.encode()).digest()[:24]):
            at = chance * len(content) // 256
            match number % 3:
                case 0:
                    content[at : at + 1] = bytes([chance])
                case 1:
                    del content[at : at + chance]
                case _:
                    content[at:at] = content[at : at + chance] * 3
        yield path.name, bytes(content)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one mail cost a process that did nothing else.

    Attributes:
        kind: What it was taken for.
        peak: Octets of memory at most, the whole process with its program.
        seconds: Of processor time, for this mail alone.
    """

    kind: str
    peak: int
    seconds: float


def cost_of(content: bytes) -> Cost:
    """Return what *content* costs in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-m", __name__],
        input=content,
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    return Cost(**json.loads(told.stdout))


def _main() -> None:
    """Classify the mail on standard input and print what it cost."""
    world = World(frozenset(), "town.example", TokenKeys.derive(bytes(32)))
    classify(letter("Abmelden"), world)  # reads the tables, as the first mail does
    content = sys.stdin.buffer.read()
    begun = process_time()
    found = classify(content, world)
    seconds = process_time() - begun
    told = {"kind": found.kind, "peak": _peak(), "seconds": seconds}
    sys.stdout.write(json.dumps(told))


def _peak() -> int:
    """Return how many octets of memory this program had at most.

    ``ru_maxrss`` would count those of the process that started it, too.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    _main()
