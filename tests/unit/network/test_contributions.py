"""Contributions: offered once, decided by the coordinator, closed with a quarter."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from mailer.network import contributing, gathered, quarters
from mailer.network.contributing import Offered
from mailer.network.files import Checked
from mailer.network.kinds import ContributionKind
from mailer.network.states import ContributionState
from subscribers.errors import ForbiddenTransition
from tests.factories import a_meeting, a_partner

if TYPE_CHECKING:
    from mailer.network.models import Contribution
    from subscribers.database import Db
    from subscribers.models import Partner

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
AUTUMN, WINTER, SPRING = date(2026, 10, 1), date(2027, 1, 1), date(2027, 4, 1)
BERLIN = ZoneInfo("Europe/Berlin")


def offer(
    text: str,
    partner: Partner | None = None,
    kind: ContributionKind = ContributionKind.NEWS,
) -> Offered:
    """Return what a partner, or the coordinator, has to tell."""
    return Offered(kind, text, partner_id=partner.id if partner else None)


def enter(db: Db, offered: Offered) -> Contribution:
    """Return a contribution that is new in autumn."""
    row = contributing.enter(db, offered, AUTUMN, now=NOW)
    assert row is not None
    return row


@both
def test_news_stand_by_field_of_work_in_the_order_of_the_settings(db: Db) -> None:
    """The coordinator's own come first; what waits or is declined is left out."""
    sport = a_partner(db, "TSV Beispiel", field_of_work="Sportvereine/Reha-Sport")
    advice = a_partner(db, "Beratung", field_of_work="Beratungsstellen")
    former = a_partner(db, "Kunsthaus", field_of_work="Kultur")
    texts = {"Turnen.": sport, "Kunst.": former, "Rat.": advice, "Gruß.": None}
    for text, partner in texts.items():
        contributing.accept(enter(db, offer(text, partner)), now=NOW)
    enter(db, offer("Wartet.", advice))
    contributing.decline(enter(db, offer("Werbung.", advice)), now=NOW)

    found = gathered.news(db, AUTUMN, ["Beratungsstellen", "Sportvereine/Reha-Sport"])

    assert {field: [one.text for one in rows] for field, rows in found.items()} == {
        "": ["Gruß."],
        "Beratungsstellen": ["Rat."],
        "Sportvereine/Reha-Sport": ["Turnen."],
        "Kultur": ["Kunst."],
    }
    assert next(iter(found)) == ""
    assert list(found)[-1] == "Kultur"
    assert [one.text for one in gathered.waiting(db)] == ["Wartet."]


@both
def test_results_stand_by_meeting_with_the_latest_count(db: Db) -> None:
    """Two counts of one meeting: the later one holds."""
    meeting = a_meeting(db)
    for text, count in (("Rampe.", 14), ("Bus.", None), ("Nachtrag.", 15)):
        offered = Offered(
            ContributionKind.RESULT, text, meeting_id=meeting.id, participants=count
        )
        contributing.accept(enter(db, offered), now=NOW)
    question = offer("Wer hat einen Raum?", kind=ContributionKind.QUESTION)
    contributing.accept(enter(db, question), now=NOW)

    found = gathered.results(db, AUTUMN)

    assert [one.text for one in found[meeting.id]] == ["Rampe.", "Bus.", "Nachtrag."]
    assert gathered.participants(found[meeting.id]) == 15
    assert gathered.participants([]) is None
    assert [one.text for one in gathered.questions(db, AUTUMN)] == [
        "Wer hat einen Raum?"
    ]


@both
def test_the_same_text_is_one_contribution(db: Db) -> None:
    """Spaces and capitals make no difference; what was declined may come again."""
    first = enter(db, offer("Tag der offenen Tür", a_partner(db)))
    again = offer("  tag der\noffenen  Tür ", a_partner(db, "Zweites Haus"))

    assert contributing.enter(db, again, AUTUMN, now=NOW) is None
    assert contributing.enter(db, again, WINTER, now=NOW) is None

    contributing.decline(first, now=NOW)
    assert contributing.enter(db, again, AUTUMN, now=NOW) is not None


@both
def test_a_quarter_that_is_told_is_closed(db: Db) -> None:
    """What waited comes into the next update, and lapses if nobody decides there."""
    told, late = enter(db, offer("Gesagt.")), enter(db, offer("Wartet."))
    contributing.accept(told, now=NOW)

    gathered.settle(db, AUTUMN, zone=BERLIN, now=NOW)
    assert (told.state, told.quarter) == (ContributionState.TOLD, AUTUMN)
    assert (late.state, late.quarter) == (ContributionState.WAITING, WINTER)
    assert [one.text for one in gathered.everything(db, quarter=AUTUMN)] == ["Gesagt."]
    with pytest.raises(ForbiddenTransition):
        contributing.decline(told, now=NOW)

    gathered.settle(db, WINTER, zone=BERLIN, now=NOW)
    assert (late.state, late.decided_at) == (ContributionState.LAPSED, NOW)


@both
def test_a_shortened_text_is_hers(db: Db) -> None:
    """She may shorten what she has accepted, and take what she had declined."""
    row = enter(db, offer("Sehr lang.", a_partner(db)))
    contributing.decline(row, now=NOW)
    contributing.shorten(row, "Kurz.", now=NOW)
    contributing.shorten(row, "Kürzer.", now=NOW)
    assert (row.state, row.text) == (ContributionState.ACCEPTED, "Kürzer.")


@both
def test_files_stay_with_their_contribution(db: Db) -> None:
    """A picture is shown only with its description; a document needs none."""
    files = [
        Checked("fest.jpg", "image/jpeg", b"\xff\xd8"),
        Checked("a.pdf", "application/pdf", b"%PDF"),
    ]
    row = enter(db, Offered(ContributionKind.NEWS, "Fest.", files=files))
    db.expire_all()

    found = gathered.waiting(db)[0].files
    assert [one.is_shown for one in found] == [False, True]
    assert contributing.describe(row, "Menschen tanzen im Hof.")
    assert [one.is_shown for one in row.files] == [True, True]


@pytest.mark.parametrize(
    ("day", "first", "last", "name"),
    [
        ("2026-12-31", "2026-10-01", "2026-12-31", "Oktober bis Dezember 2026"),
        ("2027-01-01", "2027-01-01", "2027-03-31", "Januar bis März 2027"),
        ("2028-02-29", "2028-01-01", "2028-03-31", "Januar bis März 2028"),
        ("2027-06-30", "2027-04-01", "2027-06-30", "April bis Juni 2027"),
        ("2027-08-15", "2027-07-01", "2027-09-30", "Juli bis September 2027"),
    ],
)
def test_quarters(day: str, first: str, last: str, name: str) -> None:
    """A quarter has a first day, a last day and a name."""
    quarter = quarters.quarter_of(date.fromisoformat(day))
    assert quarter.isoformat() == first
    assert quarters.last_day(quarter).isoformat() == last
    assert quarters.named(quarter) == name
