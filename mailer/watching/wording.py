"""Alarms as letters: what happened, since when, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer.rendering import environment as jinja
from mailer.rendering.inlining import polish_html
from mailer.rendering.letter import Letter
from mailer.rendering.polish import polish_text
from mailer.watching.kinds import KINDS
from mailer.watching.observing import moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment

    from mailer.settings.model import Settings
    from mailer.watching.figures import Figures
    from mailer.watching.models import Alarm
    from mailer.watching.summary import Summary


WAITING: Final = {
    "drafts": ("Entwurf ist noch offen", "Entwürfe sind noch offen"),
    "mails": ("Mail ist noch nicht erledigt", "Mails sind noch nicht erledigt"),
    "contributions": (
        "Meldung für die Netzwerk-Info wartet auf Ihr Wort",
        "Meldungen für die Netzwerk-Info warten auf Ihr Wort",
    ),
    "held": ("Brief ist angehalten", "Briefe sind angehalten"),
    "in_doubt": (
        "Brief ist vielleicht nicht angekommen",
        "Briefe sind vielleicht nicht angekommen",
    ),
}
"""What waits, one and many, by its name in ``Figures``."""


@dataclass(frozen=True, slots=True)
class Told:
    """One alarm as people read it.

    Attributes:
        title: "Der Mailserver nimmt nichts an".
        since, until: "25. November 2026, 10:15 Uhr"; no end: empty.
    """

    title: str
    sentence: str
    since: str
    until: str
    advice: str
    tells_end: bool


def alarm_letter(
    environment: Environment, settings: Settings, folder: str, alarms: Sequence[Alarm]
) -> Letter:
    """Return the letter in *folder* about *alarms*.

    Args:
        folder: "alarm" if they have begun, "all_clear" if they have ended.
    """
    told = [_told(one, settings) for one in alarms]
    known = {
        "alarms": told,
        "first": told[0],
        "more": len(told) - 1,
        "network": settings.network.name,
        "tells_end": any(one.tells_end for one in told),
    }
    return render(environment, folder, known)


def summary_letter(
    environment: Environment, settings: Settings, told: Summary
) -> Letter:
    """Return the letter about a week."""
    known = {
        "network": settings.network.name,
        "week": told.week.german,
        "lines": lines(told.figures),
        "waiting": waiting(told.figures),
        "coming": told.coming,
        "troubles": told.troubles,
    }
    return render(environment, "summary", known)


def lines(week: Figures) -> list[str]:
    """Return what a week was like, one number a line, "Gesendet: 12 Briefe"."""
    return [
        f"Gesendet: {_many(week.sent, 'Brief', 'Briefe')}",
        f"Nicht zugestellt: {_many(week.not_delivered, 'Brief', 'Briefe')}",
        f"Angemeldet: {_many(week.joined, 'Person', 'Personen')}",
        f"Abgemeldet: {_many(week.left, 'Person', 'Personen')}",
        f"Einladungen bekommen jetzt: {_many(week.readers, 'Person', 'Personen')}",
    ]


def waiting(week: Figures) -> list[str]:
    """Return what waits for the coordinator; empty if nothing does."""
    found = [
        _many(number, *WAITING[name])
        for name in WAITING
        if (number := getattr(week, name))
    ]
    return [f"{one}." for one in found]


def _many(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def render(
    environment: Environment, folder: str, known: Mapping[str, object]
) -> Letter:
    """Return the letter in *folder*, which has one style and no personal places.

    Raises:
        TemplateBroken: A template is missing, misspelt or asks for too much.
    """
    head = jinja.render(environment, f"mail/{folder}/subject.txt", dict(known))
    subject = " ".join(head.split())
    known = {**known, "subject": subject, "easy": False}
    text = jinja.render(environment, f"mail/{folder}/body.txt", known)
    html = jinja.render(environment, f"mail/{folder}/body.html", known)
    return Letter(subject=subject, text=polish_text(text), html=polish_html(html))


def _told(alarm: Alarm, settings: Settings) -> Told:
    row = KINDS[alarm.kind]
    return Told(
        title=row.german,
        sentence=alarm.sentence,
        since=moment(alarm.since_at, settings),
        until=moment(alarm.ended_at, settings) if alarm.ended_at else "",
        advice=row.advice_for(
            alarm.subject, answers_work=settings.inbox_address is not None
        ),
        tells_end=row.tells_end,
    )
