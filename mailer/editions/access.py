"""What a letter may say about access to a place: one fixed sentence per known fact.

Nobody claims "barrierefrei" as a whole. A fact somebody has checked gets its
sentence, in both styles; what nobody knows is never claimed, the coordinator's
telephone is offered instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mailer import german
from mailer.settings.model import VenueAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.settings.model import VenueFacts


class Wording(NamedTuple):
    """How one fact is said.

    Attributes:
        standard: One sentence or two for each known answer; an answer without a
            sentence is not mentioned.
        easy: The same in Leichte Sprache, one sentence a line.
        open: What the telephone can tell, as the end of "ob …".
    """

    standard: Mapping[VenueAnswer, str]
    easy: Mapping[VenueAnswer, str]
    open: str


_YES, _NO, _ASK = VenueAnswer.YES, VenueAnswer.NO, VenueAnswer.ON_REQUEST

WORDINGS: Final[Mapping[str, Wording]] = {
    "step_free": Wording(
        {
            _YES: "Der Raum ist stufenlos erreichbar.",
            _NO: "Zum Raum führen Stufen. Bitte rufen Sie uns vorher an.",
            _ASK: "Ein stufenloser Zugang ist auf Anfrage möglich.",
        },
        {
            _YES: "Der Weg in den Raum hat keine Stufen.",
            _NO: "Der Weg in den Raum hat Stufen.\nBitte rufen Sie uns vorher an.",
            _ASK: "Brauchen Sie einen Weg ohne Stufen?\n"
            "Dann rufen Sie uns bitte vorher an.",
        },
        "der Raum stufenlos erreichbar ist",
    ),
    "lift": Wording(
        {
            _YES: "Es gibt einen Aufzug.",
            _NO: "Es gibt keinen Aufzug.",
            _ASK: "Den Aufzug können Sie auf Anfrage benutzen.",
        },
        {
            _YES: "Es gibt einen Aufzug.",
            _NO: "Es gibt keinen Aufzug.",
            _ASK: "Brauchen Sie einen Aufzug?\nDann rufen Sie uns bitte vorher an.",
        },
        "es einen Aufzug gibt",
    ),
    "toilet": Wording(
        {
            _YES: "Es gibt eine barrierefreie Toilette.",
            _NO: "Es gibt im Haus keine barrierefreie Toilette.",
            _ASK: "Eine barrierefreie Toilette können Sie auf Anfrage benutzen.",
        },
        {
            _YES: "Es gibt eine Toilette für Menschen im Roll-Stuhl.",
            _NO: "Es gibt keine Toilette für Menschen im Roll-Stuhl.",
            _ASK: "Brauchen Sie eine Toilette für Menschen im Roll-Stuhl?\n"
            "Dann rufen Sie uns bitte vorher an.",
        },
        "es eine barrierefreie Toilette gibt",
    ),
    "hearing_loop": Wording(
        {
            _YES: "Im Raum gibt es eine induktive Höranlage. "
            "Bitte stellen Sie Ihr Hörgerät auf „T“.",
            _NO: "Es gibt keine Höranlage.",
            _ASK: "Eine Höranlage bauen wir auf Anfrage auf.",
        },
        {
            _YES: "Es gibt eine Hör-Anlage.\nStellen Sie Ihr Hör-Gerät auf T.",
            _NO: "Es gibt keine Hör-Anlage.",
            _ASK: "Brauchen Sie eine Hör-Anlage?\nDann rufen Sie uns bitte vorher an.",
        },
        "es eine Höranlage gibt",
    ),
    "sign_language": Wording(
        {
            _YES: "Das Treffen wird in Deutsche Gebärdensprache gedolmetscht.",
            _NO: "Wenn Sie Dolmetschen brauchen, sagen Sie uns bitte früh Bescheid.",
            _ASK: "Dolmetschen in Deutsche Gebärdensprache ist auf Anfrage möglich.",
        },
        {
            _YES: "Jemand übersetzt das Treffen in Gebärden-Sprache.",
            _NO: "Brauchen Sie Gebärden-Sprache?\nDann sagen Sie uns das bitte früh.",
            _ASK: "Brauchen Sie Gebärden-Sprache?\nDann sagen Sie uns das bitte früh.",
        },
        "das Treffen gedolmetscht wird",
    ),
    "assistance": Wording(
        {
            _YES: "Begleitpersonen und Assistenzhunde sind willkommen.",
            _ASK: "Bitte rufen Sie uns an, wenn Sie eine Begleitperson oder einen "
            "Assistenzhund mitbringen.",
        },
        {
            _YES: "Sie können eine Begleit-Person mitbringen.\n"
            "Sie können auch einen Assistenz-Hund mitbringen.",
            _ASK: "Kommt eine Begleit-Person mit?\n"
            "Oder kommt ein Assistenz-Hund mit?\n"
            "Dann rufen Sie uns bitte vorher an.",
        },
        "Begleitpersonen und Assistenzhunde willkommen sind",
    ),
    "parking": Wording(
        {
            _YES: "Es gibt einen Parkplatz für Menschen mit Behinderung.",
            _NO: "Es gibt keinen Parkplatz für Menschen mit Behinderung.",
            _ASK: "Einen Parkplatz für Menschen mit Behinderung halten wir auf "
            "Anfrage frei.",
        },
        {
            _YES: "Es gibt einen Park-Platz für Menschen mit Behinderung.",
            _NO: "Es gibt keinen Park-Platz für Menschen mit Behinderung.",
            _ASK: "Brauchen Sie einen Park-Platz?\nDann rufen Sie uns bitte vorher an.",
        },
        "es einen Parkplatz für Menschen mit Behinderung gibt",
    ),
}
"""One row per field of ``VenueFacts``, in the order of a way into a room."""


def sentences(facts: VenueFacts, phone: str) -> tuple[str, ...]:
    """Return what is known about a place, in standard German.

    Args:
        facts: What is known.
        phone: The coordinator's telephone, for what is not known.

    Returns:
        One entry per fact, then one for all that is unknown. Nothing known makes
        an empty tuple: the letter asks what people need instead.
    """
    answers = _answers(facts)
    said = [WORDINGS[name].standard.get(answer) for name, answer in answers.items()]
    known = [sentence for sentence in said if sentence]
    if not known:
        return ()
    unknown = [
        f"ob {WORDINGS[name].open}"
        for name, answer in answers.items()
        if answer is VenueAnswer.UNKNOWN
    ]
    if unknown:
        asked = german.and_list(unknown)
        known.append(f"O{asked[1:]}, sagen wir Ihnen gern am Telefon: {phone}.")
    if facts.checked_on is not None:
        known.append(f"Wir haben das am {german.short_day(facts.checked_on)} geprüft.")
    return tuple(known)


def easy_sentences(facts: VenueFacts) -> tuple[str, ...]:
    """Return what is known about a place, in Leichte Sprache.

    Returns:
        One entry per known fact, its sentences on lines of their own; the letter
        goes on with the telephone. Empty if nothing is known.
    """
    said = [WORDINGS[name].easy.get(answer) for name, answer in _answers(facts).items()]
    return tuple(sentence for sentence in said if sentence)


def _answers(facts: VenueFacts) -> dict[str, VenueAnswer]:
    return {name: getattr(facts, name) for name in WORDINGS}
