"""What the catcher caught, as files that anybody can open in a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage
    from pathlib import Path

    from mailer.demo.catcher import Caught

EASY_SUBJECT: Final = "in Leichter Sprache"
"""What tells the styles apart for somebody who only has the mails."""

_UNSAFE: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Shown:
    """One caught letter, as the list shows it.

    Attributes:
        stem: Of its files in ``mails/``: stem.eml, stem.html, stem.txt, stem.ics.
        to: Name and address as the mail program shows them.
    """

    stem: str
    to: str
    subject: str
    is_easy: bool


@dataclass(slots=True)
class MailFolder:
    """The folder ``mails/``: one .eml file per letter, written before the 250."""

    path: Path
    number: int = 0

    def keep(self, caught: Caught) -> None:
        """Write one message as it came."""
        self.number += 1
        name = _UNSAFE.sub("-", caught.recipients[0].lower()).strip("-")
        file = self.path / f"{self.number:03}-{name}.eml"
        file.write_bytes(caught.content)

    def unfold(self) -> list[Shown]:
        """Write the parts of every letter beside it and return what is there."""
        return [self._unfolded(file) for file in sorted(self.path.glob("*.eml"))]

    def _unfolded(self, file: Path) -> Shown:
        letter: EmailMessage = message_from_bytes(
            file.read_bytes(), policy=policy.default
        )
        for part in letter.walk():
            suffix = SUFFIXES.get(part.get_content_type())
            if suffix and not part.is_multipart():
                content = part.get_content()
                text = content if isinstance(content, str) else content.decode()
                file.with_suffix(suffix).write_text(text, encoding="utf-8")
        subject = str(letter["Subject"])
        return Shown(file.stem, str(letter["To"]), subject, EASY_SUBJECT in subject)


SUFFIXES: Final = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
}
"""Which part of a message goes into which file."""


def write_index(folder: Path, shown: Sequence[Shown], *, title: str) -> Path:
    """Write ``index.html``, the list of who got what, and return its path."""
    environment = Environment(
        loader=PackageLoader("mailer.demo", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("index.html").render(letters=shown, title=title)
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path
