"""Confirming: the link in the confirm mail shows a button, and the button says yes.

Programs open every link of a mail before its reader does. So looking changes nothing,
and the question is answered by a person who presses something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.editions.service import service_facts
from mailer.inbound.answers import WELCOMES
from mailer.web import holders
from mailer.web.clerk import EVIDENCE
from mailer.web.pages import render
from mailer.web.telling import tell, upcoming
from mailer.web.visit import Route
from subscribers import confirmation
from subscribers.consent import Proof
from subscribers.errors import Suppressed
from subscribers.models import ConfirmPurpose, ConsentChannel, Mailbox
from subscribers.topics import Topic

if TYPE_CHECKING:
    from starlette.responses import Response

    from mailer.web.site import Site
    from mailer.web.visit import Visit
    from subscribers.database import Db

PATH: Final = "/bestaetigen/{token}"

GONE: Final = 410
"""The link held once and does not any more (RFC 9110, section 15.5.11)."""


def show(site: Site, visit: Visit) -> Response:
    """Ask once more, with a button; or say that it is done, or too late."""
    with site.database.reading() as db:
        asked = confirmation.find(db, visit.params["token"], now=site.now)
        if asked is None:
            return _settled(db, site, visit)
        mailbox = db.get_one(Mailbox, asked.mailbox_id)
        joins = asked.purpose is ConfirmPurpose.SUBSCRIBE
        title = "Anmeldung bestätigen" if joins else "Neue E-Mail-Adresse bestätigen"
        return render(
            site,
            "confirm",
            title,
            other=f"{visit.path}#leichte-sprache",
            action=visit.path,
            joins=joins,
            is_delegate=asked.topic is Topic.NETWORK_UPDATES,
            address=holders.masked(mailbox),
        )


def act(site: Site, visit: Visit) -> Response:
    """Take the yes; a second one finds that it is done."""
    now = site.now
    with site.database.transaction("confirm") as db:
        asked = confirmation.find(db, visit.params["token"], now=now)
        if asked is None:
            return _settled(db, site, visit)
        proof = Proof(ConsentChannel.WEB, happened_at=now, evidence=EVIDENCE)
        try:
            mailbox = confirmation.confirm(db, asked, proof, now=now)
        except Suppressed:
            return _gone(site)
        joins = asked.purpose is ConfirmPurpose.SUBSCRIBE
        is_delegate = asked.topic is Topic.NETWORK_UPDATES
        folder = WELCOMES[asked.topic] if joins else "address_changed"
        tell(db, site, mailbox, folder)
        facts = service_facts(site.settings, upcoming=upcoming(db, site))
    site.ring()
    title = (
        "Ihre Anmeldung ist bestätigt"
        if joins
        else "Ihre neue E-Mail-Adresse ist bestätigt"
    )
    return render(
        site,
        "confirmed",
        title,
        joins=joins,
        is_delegate=is_delegate,
        when=facts.when,
        venue=facts.venue,
    )


def _settled(db: Db, site: Site, visit: Visit) -> Response:
    """Say what became of a question that is not open any more."""
    if confirmation.was_answered(db, visit.params["token"]):
        return render(site, "done_before", "Das ist schon bestätigt")
    return _gone(site)


def _gone(site: Site) -> Response:
    days = site.settings.policy.confirm_within.days
    return render(
        site, "too_late", "Dieser Link gilt nicht mehr", status=GONE, days=days
    )


ROUTES: Final = (Route(PATH, show, act),)
