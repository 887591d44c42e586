"""Reporting a barrier: what somebody writes goes to the coordinator as a mail.

An address to write to is not enough: who meets a barrier may have no mail program at
hand, so there is a form. It asks for nothing but the message. What was written is
owed through the ledger like every mail for a person, and forgotten once she has it.

Source: BITV 2.0, § 7 (2); § 16b BGG LSA (an answer within a month).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from mailer import german
from mailer.inbound.forgetting import REPORTED
from mailer.network.offers import cleaned
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.posting import Posting, post
from mailer.rendering import environment as jinja
from mailer.rendering.letter import Letter
from mailer.rendering.polish import polish_text
from mailer.web import counting, gate, limits, refusals
from mailer.web.entries import Problem
from mailer.web.joining import UNFIT
from mailer.web.limits import Reached
from mailer.web.pages import render
from mailer.web.visit import Route
from subscribers import mailboxes
from subscribers.address import EmailAddress
from subscribers.errors import InvalidAddress
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from mailer.web.site import Site
    from mailer.web.visit import Visit
    from subscribers.database import Db
    from subscribers.models import MailboxId

PATH: Final = "/barrierefreiheit/melden"

FORM: Final = "report"

MESSAGE: Final = "nachricht"
PLACE: Final = "seite"
ANSWER: Final = "antwort"

MOST: Final = {MESSAGE: 4000, PLACE: 300, ANSWER: 200}
"""Characters of each field: two pages, a long address, an address with a remark."""

ANSWERED_WITHIN: Final = timedelta(days=30)
"""What the statement on accessibility promises."""


def show(site: Site, visit: Visit) -> Response:
    """Show the form."""
    return _form(site, visit)


def act(site: Site, visit: Visit) -> Response:
    """Owe the coordinator what was written."""
    found = [gate.problem(site, visit, FORM), *_slips(visit)]
    problems = [one for one in found if one is not None]
    if gate.is_trapped(visit):
        return _told(site)
    if problems:
        return _form(site, visit, problems)
    with site.database.transaction("report") as db:
        reached = counting.admit(
            db,
            limits.REPORTS,
            key=site.desk.keys.tally_key,
            network=visit.network,
            now=site.now,
        )
        if reached is None:
            _owe(db, site, visit)
    if reached is Reached.WAIT:
        return refusals.page_for(site, refusals.TOO_MANY)
    if reached is Reached.ATTACK:
        return render(site, "by_mail", "Bitte schreiben Sie uns eine E-Mail")
    return _told(site)


def _slips(visit: Visit) -> list[Problem | None]:
    if not visit.typed(MESSAGE):
        return [Problem(MESSAGE, "Bitte schreiben Sie, was Ihnen aufgefallen ist.")]
    return [
        Problem(name, f"Bitte kürzen Sie diesen Text auf {most} Zeichen.")
        for name, most in MOST.items()
        if len(visit.typed(name)) > most
    ]


def _owe(db: Db, site: Site, visit: Visit) -> None:
    desk, now = site.desk, site.now
    key = desk.keys.fingerprint_key
    target = mailboxes.get_or_add(db, site.settings.coordinator.email, key=key, now=now)
    address = _address(visit.typed(ANSWER))
    answered: MailboxId | None = None
    if address is not None and address.canonical not in desk.own_addresses:
        answered = mailboxes.get_or_add(db, address, key=key, now=now).id
    posting = Posting(
        occasion=f"{REPORTED}{uuid4().hex}",
        origin=LetterOrigin.FORWARDED,
        message_id=desk.press.new_message_id(),
        style=LetterStyle.STANDARD,
        reply_to_id=answered,
    )
    letter = _letter(site, visit, is_address=answered is not None)
    post(db, target, letter, posting, now=now)


def _letter(site: Site, visit: Visit, *, is_address: bool) -> Letter:
    zone = site.settings.series[0].zone
    known = {
        "written": cleaned(visit.typed(MESSAGE)),
        "page": " ".join(cleaned(visit.typed(PLACE)).split()),
        "answer": " ".join(cleaned(visit.typed(ANSWER)).split()),
        "is_address": is_address,
        "until": german.short_day((site.now + ANSWERED_WITHIN).astimezone(zone)),
    }
    environment = site.desk.press.environment
    head = jinja.render(environment, "mail/report/subject.txt", known)
    text = jinja.render(environment, "mail/report/body.txt", known)
    return Letter(subject=" ".join(head.split()), text=polish_text(text), html="")


def _address(typed: str) -> EmailAddress | None:
    """Return an address if that is all that was typed; it may be a telephone number."""
    try:
        return EmailAddress.parse(typed)
    except InvalidAddress:
        return None


def _form(site: Site, visit: Visit, problems: Sequence[Problem] = ()) -> Response:
    told: dict[str, Any] = {
        "other": f"{PATH}#leichte-sprache",
        "problems": problems,
        "typed": {name: visit.typed(name) for name in MOST},
        "most": MOST,
        "stamp": gate.stamp(site, FORM),
    }
    status = UNFIT if problems else 200
    return render(site, "report", "Eine Barriere melden", status=status, **told)


def _told(site: Site) -> Response:
    return render(site, "reported", "Vielen Dank für Ihre Nachricht")


ROUTES: Final = (Route(PATH, show, act),)
