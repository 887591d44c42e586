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
from mailer.settings.model import FileType

if TYPE_CHECKING:
    from collections.abc import Collection

    from mailer.settings.model import Settings

MEGABYTE: Final = 1024 * 1024

MAX_NAME: Final = 80
"""Characters of a name that people read."""

MEDIA_TYPES: Final = {
    FileType.PDF: "application/pdf",
    FileType.JPEG: "image/jpeg",
    FileType.PNG: "image/png",
}

_BEGINNINGS: Final = {
    documents.PDF: FileType.PDF,
    pictures.JPEG: FileType.JPEG,
    pictures.PNG: FileType.PNG,
}
_ENDINGS: Final = {FileType.PDF: ".pdf", FileType.JPEG: ".jpg", FileType.PNG: ".png"}


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
        most_attached: Octets of one that goes with the letter.
    """

    most: int
    most_attached: int
    allowed: Collection[FileType]

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return what *settings* allow."""
        known = settings.network_update
        return cls(
            known.max_file_mb * MEGABYTE,
            known.max_attached_mb * MEGABYTE,
            known.file_types,
        )


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
        None,
    )
    if kind is None or kind not in limits.allowed:
        known = ", ".join(one.upper() for one in sorted(limits.allowed)) or "keine"
        return Unfit(
            name,
            f"Die Datei „{name}“ ist von einer Art, die wir nicht annehmen. Möglich "
            f"sind: {known}.",
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


def _harmless(kind: FileType, content: bytes) -> bytes | None:
    """Return what may be kept of *content*; None if it does something.

    Raises:
        Broken, Locked: Nobody can tell.
    """
    match kind:
        case FileType.JPEG:
            return pictures.clean_jpeg(content)
        case FileType.PNG:
            return pictures.clean_png(content)
        case FileType.PDF:
            return None if documents.is_active(content) else content
