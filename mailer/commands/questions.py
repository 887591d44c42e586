"""The questions of ``mia init``: what to ask, what to propose, what follows from it.

The example network answers every question, so Enter is always an answer. Who names
another town gets no fact of Aschersleben by accident: the place and the time of the
meetings are asked then, and texts that speak of the town are made anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click

from mailer.commands.terminal import agrees
from mailer.german import WEEKDAYS
from mailer.settings import Security, net_parsers, parsers, time_parsers
from mailer.settings.draft import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

Answers: TypeAlias = dict[str, object]
"""Dotted key to the value that goes into the file."""

UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

MEETING: Final = "series[1]"
VENUE: Final = "venues.treffpunkt"


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        key: The setting that it fills.
        words: German, without a colon.
        parse: Refuses an impossible answer.
        from_text: Makes the TOML value of an answer.
    """

    key: str
    words: str
    parse: Callable[[object], Any]
    from_text: Callable[[str], object] = str


def _numbers(text: str) -> object:
    words = re.split(r"[,\s]+|und", text.strip())
    numbers = [word for word in words if word]
    if not all(re.fullmatch(r"-?\d+", word, re.ASCII) for word in numbers):
        return text
    return [int(word) for word in numbers]


def _number(text: str) -> object:
    return int(text) if text.isascii() and text.isdecimal() else text


def _nth(value: object) -> tuple[int, ...]:
    found = time_parsers.nth(value)
    if any(number not in {-1, 1, 2, 3, 4, 5} for number in found):
        raise parsers.Unfit("Möglich ist 1 bis 5, und -1 für den letzten.")
    return found


NETWORK: Final = (
    Question("network.name", "Kurzer Name des Netzwerks", parsers.filled),
    Question("network.full_name", "Ganzer Name", parsers.filled),
    Question("network.meaning", "Was der kurze Name bedeutet", parsers.filled),
    Question("network.town", "Stadt oder Gemeinde", parsers.filled),
    Question("network.organisation", "Wer verantwortlich ist", parsers.filled),
    Question("street", "Postanschrift: Straße und Hausnummer", parsers.filled),
    Question("place", "Postanschrift: Postleitzahl und Ort", parsers.filled),
    Question("coordinator.name", "Wer Fragen beantwortet: Name", parsers.filled),
    Question("coordinator.role", "Aufgabe oder Amt", parsers.filled),
    Question("coordinator.email", "E-Mail-Adresse", net_parsers.email),
    Question("coordinator.phone", "Telefon", parsers.phone),
    Question("holidays.state", "Bundesland, wegen der Feiertage", parsers.state),
)

MEETINGS: Final = (
    Question(f"{MEETING}.title", "Wie heißt das Treffen?", parsers.filled),
    Question(f"{MEETING}.weekday", "Wochentag", time_parsers.weekday),
    Question(
        f"{MEETING}.nth",
        "Der wievielte im Monat? 1 bis 5, -1 ist der letzte",
        _nth,
        _numbers,
    ),
    Question(f"{MEETING}.start", "Beginn", time_parsers.clock_time),
    Question(f"{MEETING}.end", "Ende", time_parsers.clock_time),
    Question(f"{VENUE}.room", "Raum", parsers.filled),
    Question(f"{VENUE}.street", "Straße und Hausnummer", parsers.filled),
    Question(f"{VENUE}.postcode", "Postleitzahl", parsers.postcode),
    Question(f"{VENUE}.city", "Ort", parsers.filled),
    Question(
        f"{VENUE}.in_sentence",
        "Der Ort mitten im Satz: „Das Treffen findet … statt“",
        parsers.filled,
    ),
)

RELAY: Final = (
    Question(
        "smtp.security", "Schutz: starttls, tls oder plain", parsers.choice(Security)
    ),
    Question("smtp.port", "Port", parsers.whole(1, 65535), _number),
    Question("smtp.user", "Name für die Anmeldung (leer: keine)", parsers.text),
)


def ask(question: Question, proposal: str) -> object:
    """Ask until the answer is possible; Enter takes the *proposal*."""

    def checked(text: str) -> object:
        value = question.from_text(text.strip())
        try:
            return _written(question, value)
        except parsers.Unfit as error:
            raise click.BadParameter(str(error)) from None

    return click.prompt(
        question.words,
        default=proposal,
        value_proc=checked,
        show_default=bool(proposal),
        err=True,
    )


def _written(question: Question, value: object) -> object:
    """Return *value* as the file should have it: "Donnerstag" for "do"."""
    parsed = question.parse(value)
    if question.parse is time_parsers.weekday:
        return WEEKDAYS[parsed]
    return value if isinstance(value, list) else plain(parsed)


def ask_network(example: Mapping[str, str]) -> Answers:
    """Ask who we are; *example* proposes the answers."""
    answers: Answers = {}
    for question in NETWORK:
        proposal = _proposal(question.key, answers, example)
        answers[question.key] = ask(question, proposal)
    return answers


def _proposal(key: str, answers: Answers, example: Mapping[str, str]) -> str:
    """Return what the example says, but nothing of it that belongs to its town."""
    name, town = answers.get("network.name"), answers.get("network.town")
    if key in {"network.full_name", "network.meaning"}:
        return example[key] if name == example["network.name"] else str(name)
    if town is None or town == example["network.town"]:
        return example[key]
    return f"Stadt {town}" if key == "network.organisation" else ""


def ask_meetings(example: Mapping[str, str], *, is_other_town: bool) -> Answers:
    """Ask when and where we meet, unless the example is right."""
    if not is_other_town:
        kept = (
            "Erster und dritter Donnerstag, 10 bis 13 Uhr, Hohe Straße 21: so lassen?"
        )
        if agrees(kept, default=True):
            return {}
    answers: Answers = {}
    for question in MEETINGS:
        is_local = question.key.startswith(VENUE)
        proposal = "" if is_local and is_other_town else example[question.key]
        answers[question.key] = ask(question, proposal)
        while _ends_too_early(answers):
            click.echo("Fehler: Das Ende muss nach dem Beginn liegen.", err=True)
            answers[question.key] = ask(question, proposal)
    return answers


def _ends_too_early(answers: Answers) -> bool:
    start, end = answers.get(f"{MEETING}.start"), answers.get(f"{MEETING}.end")
    return end is not None and time_parsers.clock_time(end) <= time_parsers.clock_time(
        start
    )


def ask_relay() -> tuple[Answers, str]:
    """Ask for the mail server; return the answers and the password, if any."""
    words = "Mailserver, der unsere Post annimmt (leer: später)"
    host = str(ask(Question("smtp.host", words, net_parsers.host), ""))
    if not host:
        return {}, ""
    answers: Answers = {"smtp.host": host}
    ports = {Security.TLS: "465", Security.STARTTLS: "587", Security.PLAIN: "25"}
    security, port, login = RELAY
    answers[security.key] = ask(security, "plain" if _is_here(host) else "starttls")
    while answers[security.key] == Security.PLAIN and not _is_here(host):
        click.echo("Fehler: „plain“ geht nur an diesen Rechner selbst.", err=True)
        answers[security.key] = ask(security, "starttls")
    answers[port.key] = ask(port, ports[Security(str(answers[security.key]))])
    if name := ask(login, ""):
        answers[login.key] = name
        password = click.prompt("Passwort (unsichtbar)", hide_input=True, err=True)
        answers["smtp.password_file"] = "smtp.password"
        return answers, str(password)
    return answers, ""


def _is_here(host: str) -> bool:
    return net_parsers.is_loopback(host)


def completed(answers: Answers, example: Mapping[str, str], today: date) -> Answers:
    """Return what goes into the file: the answers and what follows from them.

    Args:
        answers: From the questions.
        example: What the example network says, by dotted key.
        today: From here on the rule of another network makes meetings.
    """
    found = {key: value for key, value in answers.items() if "." in key}
    found["network.postal_address"] = [answers["street"], answers["place"]]
    name, town = str(answers["network.name"]), str(answers["network.town"])
    domain = str(answers["coordinator.email"]).rpartition("@")[2]
    found["network.list_id"] = f"{slug(name)}.{domain.lower()}"
    if answers["coordinator.name"] != example["coordinator.name"]:
        found["coordinator.employer_easy"] = "ist Ihre Ansprech-Person"
    if town != example["network.town"]:
        found["network.goal"] = (
            f"Alle Menschen sollen in {town} gleichberechtigt dabei sein können."
        )
    title = answers.get(f"{MEETING}.title")
    if title is not None:
        found[f"{MEETING}.key"] = slug(str(title))
        found[f"{MEETING}.first_on"] = today
        found[f"{MEETING}.added"] = []
        found[f"{MEETING}.about"] = example[f"{MEETING}.about"].replace(
            example[f"{MEETING}.title"], str(title)
        )
        found[f"{VENUE}.room_easy"] = answers[f"{VENUE}.room"]
    return found


def slug(text: str) -> str:
    """Return a short name made of small letters, digits and hyphens.

    Example:
        >>> slug("Grüne Tafel – Köthen")
        'gruene-tafel-koethen'
    """
    plain = text.lower().translate(UMLAUTS)
    return "-".join(re.findall(r"[a-z0-9]+", plain)) or "netzwerk"
