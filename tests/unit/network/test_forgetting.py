"""What is forgotten of contributions, and what stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.inbound.hearing import heard_since
from mailer.inbound.kinds import Kind
from mailer.inbound.models import Incoming
from mailer.network import contributing
from mailer.network.contributing import Offered
from mailer.network.files import Checked
from mailer.network.forgetting import forget
from mailer.network.kinds import ContributionKind
from subscribers import privacy
from tests.factories import BY_HAND, a_partner, a_partner_contact

if TYPE_CHECKING:
    from mailer.network.models import Contribution
    from subscribers.database import Db
    from subscribers.models import PartnerContact

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=31)


def enter(db: Db, speaks: PartnerContact, text: str) -> Contribution:
    """Return a contribution with a file."""
    offered = Offered(
        ContributionKind.NEWS,
        text,
        title="Titel",
        partner_id=speaks.partner_id,
        mailbox_id=speaks.mailbox_id,
        message_id="<1@haus.example>",
        files=[Checked("a.pdf", "application/pdf", b"%PDF")],
    )
    row = contributing.enter(db, offered, date(2026, 10, 1), now=NOW)
    assert row is not None
    return row


@both
def test_unwanted_words_go_after_a_month(db: Db) -> None:
    """Till then she can change her mind; what waits or is taken stays."""
    speaks = a_partner_contact(db)
    declined, taken, waits = (enter(db, speaks, text) for text in ("a", "b", "c"))
    contributing.decline(declined, now=NOW)
    contributing.accept(taken, now=NOW)

    assert forget(db, now=NOW + timedelta(days=29)) == 0
    assert forget(db, now=LATER) == 1
    assert forget(db, now=LATER) == 0
    assert (declined.title, declined.text, declined.files) == ("", "", [])
    assert [(row.text, len(row.files)) for row in (taken, waits)] == [
        ("b", 1),
        ("c", 1),
    ]


@both
def test_who_is_erased_sent_nothing(db: Db) -> None:
    """The organisation's word stays; what was declined goes at once."""
    speaks = a_partner_contact(db)
    taken, declined = enter(db, speaks, "a"), enter(db, speaks, "b")
    contributing.accept(taken, now=NOW)
    contributing.decline(declined, now=NOW)
    privacy.erase(db, speaks.mailbox, BY_HAND, now=NOW)

    assert forget(db, now=NOW) == 2
    assert (taken.mailbox_id, taken.message_id, taken.text) == (None, None, "a")
    assert taken.partner_id == speaks.partner_id
    assert (declined.mailbox_id, declined.text) == (None, "")


@both
def test_who_was_heard_of(db: Db) -> None:
    """A person's mail or a contribution counts; an absence note does not."""
    names = ("Schreibt", "Trägt bei", "Ist abwesend", "Schweigt", "Schrieb früher")
    partners = [a_partner(db, name) for name in names]
    speaking = [a_partner_contact(db, one) for one in partners]
    for number, kind, when in (
        (0, Kind.HUMAN, NOW),
        (2, Kind.AUTO, NOW),
        (4, Kind.COMMAND, NOW - timedelta(days=90)),
    ):
        db.add(
            Incoming(
                digest=str(number), source="stdin", received_at=when, octets=1,
                kind=kind, rule="r", mailbox_id=speaking[number].mailbox_id,
            )
        )  # fmt: skip
    enter(db, speaking[1], "a")
    db.flush()
    found = heard_since(db, NOW - timedelta(days=30))
    assert found == {partners[0].id, partners[1].id}
