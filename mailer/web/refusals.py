"""What is not answered as asked: the pages that say so, with a telephone number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import PlainTextResponse

from mailer.errors import MailerError
from mailer.web.pages import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from mailer.web.site import Site


class Refused(Exception):
    """A visit that gets no page of its own.

    Attributes:
        status: Of the answer, 400 to 599.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


NOT_FOUND: Final = 404

TOO_MANY: Final = 429

FAILED: Final = 500

_WORDS: Final[Mapping[int, tuple[str, str]]] = {
    400: (
        "Das haben wir nicht verstanden",
        (
            "Ihre Eingabe ist nicht vollständig bei uns angekommen. "
            "Bitte versuchen Sie es noch einmal."
        ),
    ),
    403: (
        "Das Formular kommt nicht von unserer Seite",
        "Bitte öffnen Sie unsere Seite und senden Sie das Formular von dort ab.",
    ),
    404: (
        "Diese Seite gibt es nicht",
        (
            "Vielleicht gibt es sie nicht mehr, oder die Adresse ist nicht "
            "vollständig. Bitte kopieren Sie einen Link ganz aus der E-Mail."
        ),
    ),
    405: (
        "So geht es hier nicht",
        "Auf dieser Seite kann man nichts absenden.",
    ),
    408: (
        "Das hat zu lange gedauert",
        "Die Verbindung war zu langsam. Bitte versuchen Sie es noch einmal.",
    ),
    413: (
        "Das ist zu viel Text",
        "So lange Eingaben können wir nicht annehmen. Bitte kürzen Sie den Text.",
    ),
    415: (
        "Das haben wir nicht verstanden",
        "Bitte benutzen Sie das Formular auf unserer Seite.",
    ),
    421: (
        "Diese Seite gibt es hier nicht",
        "Unter diesem Namen sind unsere Seiten nicht zu erreichen.",
    ),
    429: (
        "Bitte warten Sie einen Moment",
        (
            "Von hier kamen gerade sehr viele Anfragen. Bitte versuchen Sie es in 10 "
            "Minuten noch einmal."
        ),
    ),
    500: (
        "Das hat leider nicht funktioniert",
        "Es liegt nicht an Ihnen. Bitte versuchen Sie es später noch einmal.",
    ),
    503: (
        "Das geht gerade nicht",
        (
            "Es liegt nicht an Ihnen. Bitte versuchen Sie es in ein paar Minuten noch "
            "einmal."
        ),
    ),
}
"""Title and first sentence by status; another status speaks like 400 or 500."""


def words_for(status: int) -> tuple[str, str]:
    """Return the title and the sentence that go with *status*."""
    return _WORDS.get(status) or _WORDS[FAILED if status >= FAILED else 400]


def page_for(site: Site, status: int) -> Response:
    """Return the page that goes with *status*; never raises."""
    title, sentence = words_for(status)
    try:
        return render(site, "refusal", title, status=status, sentence=sentence)
    except MailerError:
        phone = site.settings.coordinator.phone
        text = f"{title}\n\n{sentence}\nOder rufen Sie uns an: {phone}\n"
        return PlainTextResponse(text, status)
