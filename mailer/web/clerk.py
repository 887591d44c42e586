"""The clerk: sees to what visitors wished for, after they have had their answer.

Each wish is one transaction: its effect, the letters that follow, and the end of the
wish itself. Several clerks share one PostgreSQL: each takes what nobody else has.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions.service import service_facts
from mailer.inbound import asking, joining
from mailer.logs import LogEvent, log, log_mishap
from mailer.web import counting
from mailer.web.models import Wish, WishId, WishKind
from mailer.web.telling import tell
from subscribers import mailboxes, subscription
from subscribers.address import EmailAddress
from subscribers.consent import Proof
from subscribers.errors import StoreBusy, StoreUnavailable
from subscribers.models import ConsentChannel, Mailbox
from subscribers.states import SubscriptionState
from subscribers.topics import Topic
from subscribers.wordings import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from mailer.web.site import Site
    from subscribers.database import Db

MAX_TRIES: Final = 5
"""A wish that fails so often is a fault of ours; it stays for a day to be looked at."""

KEPT: Final = timedelta(days=1)
"""How long a wish may lie: an address must not stay where nobody looks."""

GETTING: Final = frozenset({SubscriptionState.ACTIVE, SubscriptionState.PAUSED})

EVIDENCE: Final = "Internetseite, Formular"
"""What shows an act on a page: our own word, with the time and the wording."""


def settle(site: Site) -> int:
    """See to every wish there is; return how many had an effect.

    Raises:
        StoreBusy, StoreUnavailable: The database cannot be used; nothing is lost.
    """
    done, failed = 0, set[WishId]()
    while True:
        with site.database.transaction("settle") as db:
            wish = db.scalar(_next(failed))
            if wish is None:
                break
            wish_id = wish.id
            try:
                with db.begin_nested():
                    _BY_KIND[wish.kind](db, site, wish)
                    db.delete(wish)
                done += 1
            except (StoreBusy, StoreUnavailable):
                raise
            except Exception as error:  # noqa: BLE001 - one wish must not block others
                failed.add(wish_id)
                wish.tries += 1
                log_mishap(LogEvent.WISH_FAILED, error, wish=wish_id, tries=wish.tries)
    if done:
        log(LogEvent.WISHES_SETTLED, wishes=done)
    return done


def sweep(db: Db, *, now: datetime) -> None:
    """Drop what lies too long, and what was counted in spans that are over."""
    counting.forget(db, now=now)
    old = db.execute(
        sa.delete(Wish).where(Wish.made_at <= now - KEPT).returning(Wish.id)
    ).all()
    if old:
        log(LogEvent.WISHES_DROPPED, level=logging.WARNING, wishes=len(old))


def _next(failed: set[WishId]) -> sa.Select[Wish]:
    return (
        sa.select(Wish)
        .where(Wish.tries < MAX_TRIES, Wish.id.not_in(failed))
        .order_by(Wish.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def proof_of(wish: Wish) -> Proof:
    """Return how a wish is shown."""
    return Proof(
        channel=ConsentChannel.WEB,
        happened_at=wish.made_at,
        evidence=EVIDENCE,
        wording=Wording(wish.wording_version, wish.wording),
    )


def _join(db: Db, site: Site, wish: Wish) -> None:
    """Ask whoever wants to join; tell her who is with us already."""
    address = EmailAddress.parse(wish.address)
    desk, now = site.desk, site.now
    if address.canonical in desk.own_addresses:
        return
    known = mailboxes.find(db, address)
    if known is not None:
        row = subscription.find(db, known, Topic.INVITATIONS)
        if row is not None and row.state in GETTING:
            tell(db, site, known, "already")
            return
        if asking.is_asked(db, known, now):
            return
    kept = db.begin_nested()
    key = desk.keys.fingerprint_key
    mailbox = mailboxes.get_or_add(db, address, key=key, now=now)
    mailbox.style = wish.style
    asked = asking.ask_to_join(db, desk, mailbox, proof_of(wish), now=now)
    if asked is not None:
        asked.name = wish.name
        kept.commit()
    else:  # whom we may not ask, we do not know afterwards either
        kept.rollback()


def _send_link(db: Db, site: Site, wish: Wish) -> None:
    """Send her own link to somebody who is with us; a stranger gets nothing."""
    mailbox = mailboxes.find(db, EmailAddress.parse(wish.address))
    if mailbox is not None and _is_with_us(db, mailbox):
        tell(db, site, mailbox, "link")


def _move(db: Db, site: Site, wish: Wish) -> None:
    """Ask the new address, and tell the old one; until the new one answers, it stays.

    Where a partner is written to, several people may read; there a person decides, and
    the letter says who.
    """
    former = db.get(Mailbox, wish.mailbox_id) if wish.mailbox_id else None
    target = EmailAddress.parse(wish.address)
    desk, now = site.desk, site.now
    if former is None or former.canonical is None or not _is_with_us(db, former):
        return
    if target.canonical in desk.own_addresses | {former.canonical}:
        return
    if joining.speaks_for_a_partner(db, former):
        tell(db, site, former, "help")
        return
    kept = db.begin_nested()
    key = desk.keys.fingerprint_key
    new = mailboxes.get_or_add(db, target, key=key, now=now)
    if not _is_with_us(db, new):
        new.style = former.style
    asked = None if asking.is_asked(db, new, now) else _ask(db, site, former, new)
    if asked is None:
        kept.rollback()
        return
    kept.commit()


def _ask(db: Db, site: Site, former: Mailbox, new: Mailbox) -> object | None:
    asked = asking.ask_to_move(db, site.desk, former, new, now=site.now)
    if asked is not None:
        facts = service_facts(site.settings, asked=asking.told(site.desk, asked))
        tell(db, site, former, "address_requested", facts=facts)
    return asked


def _is_with_us(db: Db, mailbox: Mailbox) -> bool:
    return any(row.state in GETTING for row in subscription.of(db, mailbox))


_BY_KIND: Final[Mapping[WishKind, Callable[[Db, Site, Wish], None]]] = {
    WishKind.JOIN: _join,
    WishKind.LINK: _send_link,
    WishKind.MOVE: _move,
}
