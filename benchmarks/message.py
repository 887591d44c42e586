"""How long a message takes to build, beside Python's ``email`` with the same content.

Both write the same letter in the same run, taking turns, so a busy machine slows
down both. Nothing is asserted; the ratio is printed. So is whether the subject and
the unsubscribe URI survive, because speed that breaks them is worth nothing.
"""

from __future__ import annotations

import email
import email.policy
import sys
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from mailer.rendering.letter import Letter
from mailer.rendering.message import MessageHead, build, mailto, unsubscribe_mailto
from subscribers.address import EmailAddress

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 9
MESSAGES: Final = 40
"""Built in each round by each builder; the median round counts."""

PARAGRAPH: Final = (
    "Wir laden Sie herzlich zum nächsten Treffen unseres Netzwerks ein: für alle "
    "Bürgerinnen und Bürger, mit und ohne Behinderung. Der Raum ist ohne Stufen "
    "erreichbar. Eine Anmeldung ist nicht nötig; bringen Sie gern Freunde mit."
)
CALENDAR: Final = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\n"
    + "X-FILLING:Miteinander reden – Konferenzraum\r\n" * 18
    + "END:VCALENDAR\r\n"
).encode()
LETTER: Final = Letter(
    subject="Einladung: „Miteinander reden“ am Donnerstag, 3. Dezember 2026, 10 Uhr – "
    "für alle Bürgerinnen und Bürger",
    text="\n\n".join([PARAGRAPH] * 10) + "\n",
    html="<!DOCTYPE html>\n<html lang='de'><body>\n"
    + f'<p style="margin:0 0 16px;color:#1a1a1a">{PARAGRAPH}</p>\n' * 30
    + "</body></html>\n",
    calendar=CALENDAR,
    method="PUBLISH",
)
SENDER: Final = EmailAddress.parse("mia@aschersleben.example")
RITA: Final = EmailAddress.parse("rita@post.example")
ONE_CLICK: Final = "https://mia.aschersleben.example/abmelden/" + "Ab3_-" * 8
DATE: Final = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


def ours(number: int) -> bytes:
    """Return message *number* as our builder makes it."""
    message_id = f"<{number:032x}@aschersleben.example>"
    return build(
        LETTER,
        MessageHead(
            sender_name="Kathrin Sommer",
            sender=SENDER,
            to_name="Jürgen Müller-Lüdenscheidt",
            to=RITA,
            date=DATE,
            message_id=message_id,
            boundary_seed=message_id,
            list_id="mia.aschersleben.example",
            list_name="MIA – Einladungen",
            unsubscribe_mailto=unsubscribe_mailto(SENDER, "Ab3_-" * 6),
            one_click_url=ONE_CLICK,
            help_mailto=mailto(SENDER, "Hilfe"),
        ),
    )


def standard(number: int) -> bytes:
    """Return message *number* as Python's ``email`` makes it."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["Date"] = DATE
    message["From"] = f"Kathrin Sommer <{SENDER.wire}>"
    message["To"] = f"Jürgen Müller-Lüdenscheidt <{RITA.wire}>"
    message["Subject"] = LETTER.subject
    message["Message-ID"] = f"<{number:032x}@aschersleben.example>"
    message["List-Id"] = "MIA – Einladungen <mia.aschersleben.example>"
    message["List-Help"] = f"<{mailto(SENDER, 'Hilfe')}>"
    leave = unsubscribe_mailto(SENDER, "Ab3_-" * 6)
    message["List-Unsubscribe"] = f"<{leave}>, <{ONE_CLICK}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(LETTER.text)
    message.add_alternative(LETTER.html, subtype="html")
    calendar = CALENDAR.decode()
    message.add_alternative(calendar, subtype="calendar", params={"method": "PUBLISH"})
    message.add_attachment(CALENDAR, "application", "ics", filename="termin.ics")
    return message.as_bytes()


def faultless(content: bytes) -> bool:
    """Return whether subject and one-click URI arrive as they were given."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    raw = content.replace(b"\r\n ", b" ")
    return message["Subject"] == LETTER.subject and f"<{ONE_CLICK}>".encode() in raw


def microseconds(builder: Callable[[int], bytes]) -> float:
    """Return how long one message takes, in microseconds of this thread's work."""
    begin = time.thread_time()
    for number in range(MESSAGES):
        builder(number)
    return (time.thread_time() - begin) / MESSAGES * 1e6


def main() -> None:
    """Print one line per builder, and the ratio."""
    builders = {"ours": ours, "email": standard}
    for builder in builders.values():
        builder(0)  # fills the caches
    rounds = [{n: microseconds(b) for n, b in builders.items()} for _ in range(ROUNDS)]
    taken = {name: median(r[name] for r in rounds) for name in builders}
    for name, builder in builders.items():
        content = builder(0)
        verdict = "faultless" if faultless(content) else "broken subject or URI"
        print(f"{name:6} {taken[name]:7.0f} us  {len(content):6} bytes  {verdict}")
    print(f"ours is {taken['email'] / taken['ours']:.1f} x as fast")


if __name__ == "__main__":
    main()
