"""What we hold of somebody, as sentences for a letter to her own mailbox.

Address and name are not among them: the letter itself goes to the one and greets with
the other, so it may stay in the ledger when both are erased.

Source: Art. 15(1) DSGVO.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer import german
from mailer.editions.service import TOPIC_NAMES
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from subscribers import consent, subscription
from subscribers.models import ConsentAct
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mailer.web.site import Site
    from subscribers.database import Db
    from subscribers.models import Mailbox, Subscription

_STATES: Final[Mapping[SubscriptionState, str]] = {
    SubscriptionState.REQUESTED: "angefragt, noch nicht bestätigt",
    SubscriptionState.ACTIVE: "angemeldet",
    SubscriptionState.PAUSED: "angemeldet, zurzeit Pause",
    SubscriptionState.LAPSED: "nicht bestätigt",
    SubscriptionState.ENDED: "abgemeldet",
}

_ACTS: Final[Mapping[ConsentAct, str]] = {
    ConsentAct.REQUESTED: "Anmeldung",
    ConsentAct.CONFIRMED: "Bestätigung",
    ConsentAct.RECORDED: "Einwilligung",
    ConsentAct.WITHDRAWN: "Abmeldung",
}

_STYLES: Final[Mapping[LetterStyle, str]] = {
    LetterStyle.STANDARD: "Standardsprache",
    LetterStyle.EASY: "Leichte Sprache",
}


def sentences(db: Db, site: Site, mailbox: Mailbox) -> tuple[str, ...]:
    """Return what is stored of the reader of *mailbox*, one thing each."""
    zone = site.settings.series[0].zone

    def day(moment: datetime) -> str:
        return german.short_day(moment.astimezone(zone))

    accepted = sa.select(sa.func.count()).where(
        Delivery.mailbox_id == mailbox.id, Delivery.state == DeliveryState.ACCEPTED
    )
    number = db.execute(accepted).scalar_one()
    return (
        f"Bei uns gespeichert seit: {day(mailbox.created_at)}",
        f"Fassung der E-Mails: {_STYLES[mailbox.style]}",
        *(_wish(row) for row in subscription.of(db, mailbox)),
        *(
            f"{_ACTS[one.act]} für {TOPIC_NAMES[one.topic]} am "
            f"{day(one.happened_at)}, Weg: {consent.GERMAN[one.channel]}"
            for one in consent.history(db, mailbox.id)
        ),
        f"E-Mails von uns an diese Adresse: {number}",
    )


def _wish(row: Subscription) -> str:
    reminder = "mit" if row.reminds else "ohne"
    named = TOPIC_NAMES[row.topic].removeprefix("die ")
    until = f" bis {german.short_day(row.resume_on)}" if row.resume_on else ""
    return f"{named}: {_STATES[row.state]}{until}, {reminder} Erinnerung"
