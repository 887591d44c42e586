"""Asking somebody to confirm, on behalf of a call or a list on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailer.errors import PlanRefused, SettingsInvalid
from mailer.inbound import asking
from subscribers import mailboxes, subscription
from subscribers.states import SubscriptionState
from subscribers.topics import Topic

if TYPE_CHECKING:
    from mailer.application import Application
    from subscribers.address import EmailAddress
    from subscribers.consent import Proof
    from subscribers.models import MailboxId


def require_inbox(app: Application) -> None:
    """Refuse to ask where nobody could answer.

    Raises:
        SettingsInvalid: No mailbox is set that reads the answer.
    """
    if app.settings.inbox_address is None:
        advice = (
            "Ohne Postfach kann niemand mit „Ja“ antworten. Bitte tragen Sie in "
            f"{app.settings.path} unter [inbox] „address“ ein, oder halten Sie die "
            "Einwilligung mit „mia subscribers add“ und einem Nachweis fest."
        )
        raise SettingsInvalid([advice])


def ask(app: Application, address: EmailAddress, proof: Proof) -> MailboxId:
    """Owe the question to *address*; return whose mailbox it is.

    Raises:
        PlanRefused: She gets our letters already, was asked today, or must not be
            asked.
    """
    now = app.clock.now()
    key = app.keys.fingerprint_key
    with app.database.transaction() as db:
        mailboxes.require_keys(db, key=key)
        mailbox = mailboxes.get_or_add(db, address, key=key, now=now)
        row = subscription.find(db, mailbox, Topic.INVITATIONS)
        if row is not None and row.state in _GETTING:
            raise PlanRefused(f"{address.text} bekommt die Einladungen schon.")
        if asking.is_asked(db, mailbox, now):
            raise PlanRefused(
                f"{address.text} wurde heute schon gefragt; einmal am Tag genügt."
            )
        if not asking.ask_to_join(db, app.desk, mailbox, proof, now=now):
            raise PlanRefused(
                f"{address.text} darf nicht gefragt werden: Die Adresse ist gesperrt, "
                "oder für heute sind genug Fragen unterwegs."
            )
        return mailbox.id


_GETTING = (SubscriptionState.ACTIVE, SubscriptionState.PAUSED)
