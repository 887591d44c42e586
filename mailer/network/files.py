"""Pure: which files may come with a contribution, and how they are kept.

What a file is, its bytes say; what the mail calls it is only a name for people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from mailer.network import documents, pictures
from mailer.network.offers import cleaned, shortened

if TYPE_CHECKING:
    from collections.abc import Collection

MEGABYTE: Final = 1024 * 1024

MAX_NAME: Final = 80
"""Characters of a name that people read."""

MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
}
"""What can be allowed, by the word of the settings."""

_BEGINNINGS: Final = {
    documents.PDF: "pdf",
    pictures.JPEG: "jpeg",
    pictures.PNG: "png",
}
_ENDINGS: Final = {"pdf": ".pdf", "jpeg": ".jpg", "png": ".png"}
_CALLED: Final = {"pdf": "PDF", "jpeg": "JPEG", "png": "PNG"}


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file as it came.

    Attributes:
        name: As the sender called it; may be empty.
    """

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept.

    Attributes:
        name: For people, with the ending that fits.
        content: Without what its maker did not mean to send.
    """

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Unfit:
    """A file that is not kept.

    Attributes:
        why: A German sentence for who sent it.
    """

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What may come.

    Attributes:
        most: Octets of one file.
        allowed: Words of ``MEDIA_TYPES``.
    """

    most: int
    allowed: Collection[str]


USUAL: Final = Limits(10 * MEGABYTE, frozenset(MEDIA_TYPES))

MAX_ATTACHED: Final = 2 * MEGABYTE
"""Of a file that goes with the letter: many mailboxes of offices take ten in all."""


def check(enclosed: Enclosed, limits: Limits) -> Checked | Unfit:
    """Return *enclosed* as it may be kept, or why not."""
    name = called(enclosed.name)
    if len(enclosed.content) > limits.most:
        return Unfit(
            name,
            f"Die Datei „{name}“ ist zu groß: {size(len(enclosed.content))}. Möglich "
            f"sind höchstens {size(limits.most)}.",
        )
    kind = next(
        (one for mark, one in _BEGINNINGS.items() if enclosed.content.startswith(mark)),
        "",
    )
    if kind not in limits.allowed:
        return Unfit(
            name,
            f"Die Datei „{name}“ ist von einer Art, die wir nicht annehmen. Möglich "
            f"sind: {', '.join(_CALLED[one] for one in sorted(limits.allowed))}.",
        )
    try:
        content = _harmless(kind, enclosed.content)
    except (documents.Locked, pictures.Broken):
        return Unfit(
            name,
            f"Die Datei „{name}“ lässt sich nicht prüfen: Sie ist beschädigt, "
            "verschlüsselt oder viel zu groß.",
        )
    if content is None:
        return Unfit(
            name,
            f"Die Datei „{name}“ enthält ein Programm, ein Formular oder eine andere "
            "Datei. Bitte speichern Sie sie ohne das.",
        )
    stem = PurePosixPath(name).stem
    return Checked(f"{stem}{_ENDINGS[kind]}", MEDIA_TYPES[kind], content)


def called(name: str) -> str:
    """Return a file's *name* for people: one line, no folder, nothing hidden."""
    last = re.split(r"[/\\]", cleaned(name))[-1].strip(" .")
    plain = re.sub(r"[^\w .()&+,-]", "_", last)
    ending = PurePosixPath(plain).suffix[:6]
    stem = shortened(PurePosixPath(plain).stem, MAX_NAME)
    return f"{stem}{ending}" if stem else "Datei"


def size(octets: int) -> str:
    """Return a size for people, "1,4 MB" or "30 KB"."""
    if octets < MEGABYTE:
        return f"{max(1, round(octets / 1024))} KB"
    number = f"{octets / MEGABYTE:.1f}".removesuffix(".0")
    return f"{number.replace('.', ',')} MB"


def _harmless(kind: str, content: bytes) -> bytes | None:
    """Return what may be kept of *content*; None if it does something.

    Raises:
        Broken, Locked: Nobody can tell.
    """
    match kind:
        case "jpeg":
            return pictures.clean_jpeg(content)
        case "png":
            return pictures.clean_png(content)
        case _:
            return None if documents.is_active(content) else content
