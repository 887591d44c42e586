"""Who holds a link: from the token in an address to a mailbox, and nothing more.

A token names one mailbox for one purpose, as long as its version is that of the row.
Whose it is a page says only as "m…@example.org": a forwarded mail opens nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from subscribers import address
from subscribers.errors import InvalidToken, WrongPurpose
from subscribers.models import Mailbox
from subscribers.tokens import read_token

if TYPE_CHECKING:
    from mailer.web.site import Site
    from mailer.web.visit import Visit
    from subscribers.database import Db
    from subscribers.tokens import Purpose


def is_ours(site: Site, visit: Visit, purpose: Purpose) -> bool:
    """Tell whether the link was made by us for *purpose*, whoever holds it now."""
    try:
        read_token(site.desk.keys, purpose, visit.params["token"])
    except (InvalidToken, WrongPurpose):
        return False
    return True


def find(db: Db, site: Site, visit: Visit, purpose: Purpose) -> Mailbox | None:
    """Return the mailbox whose link this is; None if it is none, or holds no more.

    In a writing transaction it is locked where rows can be: what is done with one link
    at once is done one after the other.
    """
    try:
        claim = read_token(site.desk.keys, purpose, visit.params["token"])
    except (InvalidToken, WrongPurpose):
        return None
    mailbox = db.get(Mailbox, claim.mailbox_id, with_for_update=visit.acts)
    if mailbox is None or mailbox.token_version != claim.version:
        return None
    return mailbox if mailbox.address is not None else None


def masked(mailbox: Mailbox) -> str:
    """Return whose link it is, as far as a page may say: "m…@example.org".

    Her own mail says the rest; a stranger who was sent it learns nothing new.
    """
    return address.masked(mailbox.canonical or "")
