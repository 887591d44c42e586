"""Leaving: one page, one question; or one click in the mail program.

The link in a letter shows a button. Mail programs post to the same address without
showing anything (RFC 8058): they get no question, no cookie and no redirect, and the
answer is given once the end is written. Whoever has pressed the button on the page may
take it back for half an hour, as long as she keeps that page.

Source: RFC 8058, sections 3.1 and 3.2; Art. 7(3) DSGVO.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.editions.service import service_facts
from mailer.web import holders, undoing
from mailer.web.clerk import EVIDENCE, GETTING
from mailer.web.pages import render
from mailer.web.telling import tell
from mailer.web.visit import Route
from subscribers import confirmation, subscription
from subscribers.consent import Proof
from subscribers.models import ConsentChannel
from subscribers.tokens import Purpose, make_token
from subscribers.topics import Topic

if TYPE_CHECKING:
    from starlette.responses import Response

    from mailer.web.site import Site
    from mailer.web.visit import Visit
    from subscribers.database import Db
    from subscribers.models import Mailbox

PATH: Final = "/abmelden/{token}"

UNDO: Final = "zurueck"
"""The field with which the result page takes back what was done."""


def show(site: Site, visit: Visit) -> Response:
    """Ask whether she wants to leave; whatever is known of her is not shown."""
    if not holders.is_ours(site, visit, Purpose.UNSUBSCRIBE):
        return broken(site)
    with site.database.reading() as db:
        mailbox = holders.find(db, site, visit, Purpose.UNSUBSCRIBE)
        address = holders.masked(mailbox) if mailbox is not None else ""
    return _question(site, visit.path, address)


def ask(site: Site, mailbox: Mailbox) -> Response:
    """Ask the same of somebody who holds another link of *mailbox*."""
    token = make_token(
        site.desk.keys, Purpose.UNSUBSCRIBE, mailbox.id, mailbox.token_version
    )
    return _question(site, PATH.format(token=token), holders.masked(mailbox))


def _question(site: Site, action: str, address: str) -> Response:
    return render(
        site,
        "leave",
        "Von den E-Mails abmelden",
        other=f"{action}#leichte-sprache",
        action=action,
        address=address,
    )


def act(site: Site, visit: Visit) -> Response:
    """End everything, once; from a mail program or from the page.

    A link of ours is answered in the same way whether its mailbox is still there, has
    left before or was erased.
    """
    if not holders.is_ours(site, visit, Purpose.UNSUBSCRIBE):
        return broken(site)
    if visit.typed(UNDO):
        return _undo(site, visit)
    ticket = ""
    with site.database.transaction("leave") as db:
        mailbox = holders.find(db, site, visit, Purpose.UNSUBSCRIBE)
        if mailbox is not None:
            ticket = _leave(db, site, mailbox)
    site.ring()
    return render(site, "left", "Sie sind abgemeldet", action=visit.path, ticket=ticket)


def broken(site: Site) -> Response:
    """Say that a link is not whole, and how to get another one."""
    return render(site, "broken_link", "Dieser Link ist nicht vollständig", status=404)


def _leave(db: Db, site: Site, mailbox: Mailbox) -> str:
    """End what is open; return the ticket that takes it back, empty if nothing was."""
    now = site.now
    rows = [row for row in subscription.of(db, mailbox) if row.state in GETTING]
    reminds = all(row.reminds for row in rows)
    getting = [row.topic for row in rows]
    proof = Proof(ConsentChannel.WEB, happened_at=now, evidence=EVIDENCE)
    ended = subscription.end_open(db, mailbox, tuple(Topic), proof, now=now)
    confirmation.forget(db, mailbox, now=now)
    if not ended:
        return ""
    facts = service_facts(site.settings, ended=getting)
    tell(db, site, mailbox, "goodbye", facts=facts)
    known = undoing.Left(mailbox.id, mailbox.token_version, tuple(getting), reminds)
    return undoing.ticket(site.desk.keys.form_key, known, now) if getting else ""


def _undo(site: Site, visit: Visit) -> Response:
    left = undoing.read(site.desk.keys.form_key, visit.typed(UNDO), site.now)
    with site.database.transaction("undo") as db:
        mailbox = holders.find(db, site, visit, Purpose.UNSUBSCRIBE)
        if left is None or mailbox is None or mailbox.id != left.mailbox_id:
            return render(site, "undo_too_late", "Das geht jetzt nicht mehr")
        undoing.undo(db, mailbox, left, site.now)
        tell(db, site, mailbox, "already")
    site.ring()
    return render(site, "undone", "Sie sind wieder angemeldet")


ROUTES: Final = (Route(PATH, show, act, is_open=True),)
