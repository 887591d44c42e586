"""What is different for each reader of a letter."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from mailer.rendering.places import has_private_sign
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from subscribers.address import EmailAddress


class Personal(NamedTuple):
    """What is personal in the message of a list's letter, before it is written.

    Attributes:
        to, to_name: Who gets it; None for somebody without a name.
        message_id: "<…@…>"; the boundaries follow from it.
        unsubscribe_token, preferences_token: As ``make_token`` makes them; empty for
            one that the message does not say.
        greeting, reason, entry: As in ``Person``.
    """

    to: EmailAddress
    to_name: str | None
    message_id: str
    unsubscribe_token: str
    preferences_token: str
    greeting: str
    reason: str
    entry: str


@dataclass(frozen=True, slots=True)
class Person:
    """The words that fill the personal places of a letter.

    Attributes:
        greeting: "Guten Tag, Vorname Nachname,".
        unsubscribe_url: Page that ends the subscription; empty without public pages.
        unsubscribe_token: What an unsubscribe mail carries in its subject.
        preferences_url: Page with the person's settings; empty without public pages.
        reason: Why this person gets the letter, one sentence a line.
        confirm_token: What a confirm mail asks to be sent back; empty elsewhere.
        entry: What is entered about a reader of the network update, one line each.
    """

    greeting: str
    unsubscribe_url: str
    unsubscribe_token: str
    preferences_url: str
    reason: str
    confirm_token: str = ""
    entry: str = ""


def greeting(name: str | None, style: LetterStyle) -> str:
    """Return how a letter begins.

    Nobody's title or sex is guessed from a name. A name with invisible characters
    is left out: a friendly letter is better than none.

    Example:
        >>> greeting("Rita Beispiel", LetterStyle.EASY)
        'Guten Tag, Rita Beispiel!'
    """
    end = "!" if style is LetterStyle.EASY else ","
    known = " ".join((name or "").split())
    if not known or not _is_visible(known):
        return f"Guten Tag{end}"
    return f"Guten Tag, {known}{end}"


def reason(
    network: str,
    style: LetterStyle,
    *,
    is_partner: bool,
    topic: Topic = Topic.INVITATIONS,
) -> str:
    """Return why somebody gets a letter, one sentence a line in Leichte Sprache.

    Args:
        network: Its short name, "MIA".
        style: How the letter is worded.
        is_partner: The reader is named by an organisation of the network.
        topic: What else somebody subscribed to.
    """
    wished = _WISHED[topic]
    match style, is_partner:
        case LetterStyle.EASY, True:
            return (
                f"Ihre Einrichtung arbeitet im Netzwerk {network} mit.\n"
                "Sie sind dort die Ansprech-Person.\n"
                "Deshalb bekommen Sie diese E-Mail.\n"
                "Die Abmeldung gilt nur für Ihre E-Mail-Adresse."
            )
        case LetterStyle.EASY, False:
            return (
                f"Sie haben sich für {wished} angemeldet.\n"
                "Deshalb bekommen Sie diese E-Mail."
            )
        case _, True:
            return (
                "Sie bekommen diese E-Mail, weil Ihre Einrichtung im Netzwerk "
                f"{network} mitarbeitet und Sie als Ansprechperson benannt sind. "
                "Eine Abmeldung gilt nur für diese Adresse."
            )
        case _:
            return (
                f"Sie bekommen diese E-Mail, weil Sie sich für {wished} des "
                f"Netzwerks {network} angemeldet haben."
            )


_WISHED: Final = {
    Topic.INVITATIONS: "die Einladungen",
    Topic.NETWORK_UPDATES: "die Netzwerk-Info",
}


def any_reason(network: str, style: LetterStyle, topic: Topic) -> str:
    """Return why a letter went out, for a copy that is nobody's own."""
    wished = _WISHED[topic]
    if style is LetterStyle.EASY:
        return (
            "Diese E-Mail haben alle bekommen:\n"
            f"Sie haben sich für {wished} angemeldet."
        )
    return (
        f"Diese E-Mail haben alle bekommen, die {wished} des Netzwerks {network} "
        "bekommen möchten."
    )


ANY_ENTRY: Final = (
    "Hier steht in jedem Brief, welche Einrichtung und welche Ansprechpersonen zu "
    "diesem Postfach eingetragen sind."
)
"""Stands where a reader's entry would, in a letter that is nobody's own."""


def unsubscribe_url(base_url: str, token: str) -> str:
    """Return the page that ends a subscription; empty without public pages."""
    return f"{base_url.rstrip('/')}/abmelden/{token}" if base_url else ""


def preferences_url(base_url: str, token: str) -> str:
    """Return the page with a person's settings; empty without public pages."""
    return f"{base_url.rstrip('/')}/einstellungen/{token}" if base_url else ""


def _is_visible(text: str) -> bool:
    # Most names are printable through and through, which is said faster.
    return text.isprintable() or not (
        has_private_sign(text)
        or any(unicodedata.category(sign) in ("Cc", "Cf", "Cs") for sign in text)
    )
