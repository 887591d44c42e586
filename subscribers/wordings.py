"""What people agree to, word for word, with a version.

A text that changes gets a new version; what somebody saw is stored with her
consent, so older versions need not stay here. Version 2 came with the reminder,
which belongs to the invitations and can be turned off by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class WordingName(StrEnum):
    """Which text: where and about what somebody is asked."""

    INVITATIONS_WEB = "EW-1"
    """On a form: the web page, or the same words on paper."""
    INVITATIONS_MAIL = "EW-2"
    """In the confirm mail."""
    INVITATIONS_MAIL_EASY = "EW-2-LS"
    """In the confirm mail, in Leichte Sprache: one sentence a line."""
    INVITATIONS_PHONE = "EW-3"
    """Read out on the phone."""
    NETWORK_UPDATES = "EW-4"
    """For the contacts of a partner."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words somebody saw or heard.

    Attributes:
        version: Name and version: "EW-2/2".
        text: The words.
    """

    version: str
    text: str


@dataclass(frozen=True, slots=True)
class WordingNames:
    """The names that fill the gaps of a text.

    Attributes:
        network: "MIA – Miteinander Inklusion Aschersleben".
        organisation: Who is responsible: "Stadt Aschersleben".
        meetings: Title of the meetings: "Miteinander reden".
        phone: "03473 958-111".
        partner: The organisation a contact speaks for; empty elsewhere.
    """

    network: str
    organisation: str
    meetings: str
    phone: str
    partner: str = ""


ON_THE_EVIDENCE: Final = Wording(version="evidence", text="")
"""The words stand on the evidence itself: on the list that was signed."""

# "Verantwortlich ist: …" instead of a sentence with an article: the name may be
# "Stadt …", "Landkreis …" or "Amt …".
_CURRENT: Final[Mapping[WordingName, tuple[int, str]]] = {
    WordingName.INVITATIONS_WEB: (
        2,
        """
        Ja, ich möchte Einladungen zu den Treffen „{meetings}“, eine Erinnerung vor dem
        Treffen und Hinweise auf Terminänderungen per E-Mail bekommen. Ich bin damit
        einverstanden, dass dafür die Angaben aus diesem Formular gespeichert und
        verwendet werden. Verantwortlich ist: {organisation}. Die Erinnerung kann ich
        einzeln abbestellen, zum Beispiel mit einer Antwort „keine Erinnerung“. Meine
        Einwilligung ist freiwillig. Ich kann sie jederzeit ohne Angabe von Gründen
        widerrufen, zum Beispiel mit dem Abmelde-Link in jeder E-Mail, mit einer
        Antwort „Abmelden“ oder am Telefon unter {phone}.
        """,
    ),
    WordingName.INVITATIONS_MAIL: (
        2,
        """
        Mit der Bestätigung willigen Sie ein, dass Ihre E-Mail-Adresse gespeichert und
        verwendet wird, um Ihnen Einladungen zu den Treffen „{meetings}“, eine
        Erinnerung vor dem Treffen und Hinweise auf Terminänderungen zu schicken.
        Verantwortlich ist: {organisation}. Die Erinnerung können Sie einzeln
        abbestellen, zum Beispiel mit einer Antwort „keine Erinnerung“. Die
        Einwilligung ist freiwillig. Sie können sie jederzeit ohne Angabe von Gründen
        widerrufen, zum Beispiel mit einer Antwort „Abmelden“.
        """,
    ),
    WordingName.INVITATIONS_MAIL_EASY: (
        2,
        """
        Wir sind: {organisation}.
        Wir speichern Ihre E-Mail-Adresse.
        Wir schicken Ihnen Einladungen zu den Treffen.
        Die Treffen heißen: {meetings}.
        Sie bekommen auch eine Erinnerung.
        Und wir schreiben Ihnen bei einer Änderung.

        Die Erinnerung können Sie einzeln abmelden.
        Sie können sich jederzeit abmelden.
        """,
    ),
    WordingName.INVITATIONS_PHONE: (
        2,
        """
        Sie möchten unsere Einladungen zu den Treffen „{meetings}“ per E-Mail bekommen,
        dazu eine Erinnerung vor dem Treffen und Hinweise auf Terminänderungen. Dafür
        speichern wir Ihre E-Mail-Adresse. Verantwortlich ist: {organisation}. Die
        Erinnerung können Sie einzeln abbestellen. Sie können sich jederzeit wieder
        abmelden, auch am Telefon unter {phone}. Ist das in Ordnung für Sie?
        """,
    ),
    WordingName.NETWORK_UPDATES: (
        2,
        """
        Ja, ich möchte als Ansprechperson von {partner} viermal im Jahr die
        Netzwerk-Info und die Einladungen von {network} an die angegebene E-Mail-Adresse
        bekommen, mit einer Erinnerung vor dem Treffen und Hinweisen auf
        Terminänderungen. Verantwortlich ist: {organisation}. Die Erinnerung kann ich
        einzeln abbestellen. Ich kann das jederzeit widerrufen, zum Beispiel am Telefon
        unter {phone}.
        """,
    ),
}
"""Version and text of each; line breaks are only those of this file, except in
Leichte Sprache."""

_BY_LINES: Final = frozenset({WordingName.INVITATIONS_MAIL_EASY})


def wording(name: WordingName, names: WordingNames) -> Wording:
    """Return the current text called *name*, its gaps filled with *names*."""
    version, text = _CURRENT[name]
    lines = text.strip().splitlines() if name in _BY_LINES else [text]
    return Wording(
        version=f"{name}/{version}",
        text="\n".join(" ".join(line.split()) for line in lines).format(
            network=names.network,
            organisation=names.organisation,
            meetings=names.meetings,
            phone=names.phone,
            partner=names.partner,
        ),
    )
