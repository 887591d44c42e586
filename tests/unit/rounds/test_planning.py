"""The plan round: the year by itself, each person once, only what she must know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.editions.states import EditionEvent, EditionState
from mailer.meetings import planning
from mailer.outbox import composing, issuing
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.settings.model import Silence, Unanswered
from subscribers import subscription
from subscribers.models import Subscription
from subscribers.topics import LetterStyle, Topic
from tests.factories import a_partner, a_partner_contact, a_subscriber
from tests.planning import Town
from tests.servers import Script, ScriptedSmtp

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.application import Application
    from mailer.meetings.models import Meeting
    from subscribers.clock import FixedClock
    from subscribers.database import Db

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

RITA, MARCO = "rita@netz.example", "marco@netz.example"


@pytest.fixture
def town(
    application: Application, clock: FixedClock, smtp_server: ScriptedSmtp
) -> Town:
    """The example network with two residents, on 20 November 2026, nothing planned."""
    with application.database.transaction() as db:
        a_subscriber(db, RITA)
        a_subscriber(db, MARCO, style=LetterStyle.EASY)
    return Town(application, clock, smtp_server)


def invited(town: Town) -> None:
    """Let the invitation to 3 December reach everybody; nobody answers its draft."""
    town.at("2026-11-23 10:00")
    town.day("2026-11-26 10:00")
    assert town.got(RITA) == town.got(MARCO) == ["invitation"]


def editions(town: Town) -> list[tuple[str, str, EditionState]]:
    """Return kind, subject matter and state of every edition."""
    with town.application.database.reading() as db:
        rows = db.scalars(sa.select(Edition).order_by(Edition.id)).all()
        return [(row.kind.value, row.about, row.state) for row in rows]


def move(town: Town, db: Db, meeting: Meeting, on: date, start: int = 10) -> None:
    """Move a meeting by hand, now."""
    (series,) = town.application.settings.series
    proposal = replace(
        planning.as_it_is(meeting, series.zone),
        on=on,
        start=time(start),
        end=time(start + 3),
    )
    closures = town.application.closures
    now = town.clock.now()
    planning.move(db, meeting, series, closures, proposal, now=now)


def cancel(town: Town, db: Db, meeting: Meeting) -> None:
    """Take a meeting off by hand, now."""
    (series,) = town.application.settings.series
    now = town.clock.now()
    planning.cancel(db, meeting, reason="Heizung defekt", zone=series.zone, now=now)


@both
def test_the_year_runs_by_itself(town: Town) -> None:
    """Draft, invitation, reminder: each once, however often it is asked."""
    drafted = town.at("2026-11-23 10:00")
    assert editions(town) == [("invitation", "meeting/1", EditionState.DRAFT)]
    assert len(drafted.drafted) == 1
    assert not town.at("2026-11-26 09:59").issued

    assert list(town.at("2026-11-26 10:00").issued.values()) == [2]
    assert town.at("2026-11-26 10:01").issued == {}
    town.send()
    town.day("2026-12-02 10:00")
    assert town.plan().issued == {}

    assert town.got(RITA) == ["invitation", "reminder"]
    assert town.subjects(MARCO)[0].startswith("Einladung in Leichter Sprache")
    town.day("2026-12-03 10:00")
    assert [state for *_, state in editions(town)][:2] == [EditionState.CLOSED] * 2


def test_a_silent_coordinator_can_hold_everything(town: Town) -> None:
    """With "hold" a draft waits for a yes; a late yes still counts."""
    town.application.settings = replace(
        town.application.settings,
        unanswered=Unanswered(invitation=Silence.HOLD, holiday=Silence.HOLD),
    )
    town.at("2026-11-23 10:00")
    assert town.at("2026-11-26 10:00").issued == {}
    town.at("2026-11-30 10:00")
    with town.application.database.transaction() as db:
        (edition,) = db.scalars(sa.select(Edition).where(Edition.about == "meeting/1"))
        drafting.move(edition, EditionEvent.APPROVE, now=town.clock.now())

    town.day("2026-11-30 10:05")

    assert town.got(RITA) == ["invitation"]


def test_what_nobody_answered_lapses_when_the_meeting_begins(town: Town) -> None:
    """Nothing is sent after its meeting began, and no draft lies about for ever."""
    town.application.settings = replace(
        town.application.settings,
        unanswered=Unanswered(invitation=Silence.HOLD, holiday=Silence.HOLD),
    )
    town.at("2026-11-23 10:00")

    town.day("2026-12-03 10:00")

    assert ("invitation", "meeting/1", EditionState.LAPSED) in editions(town)
    assert town.got(RITA) == []


def test_a_fresh_program_sends_nothing_overdue(town: Town) -> None:
    """First run four days after the invitation was due: a person must say yes."""
    assert town.at("2026-11-30 10:00").drafted
    assert town.at("2026-11-30 14:00").issued == {}

    with town.application.database.transaction() as db:
        (edition,) = db.scalars(sa.select(Edition).where(Edition.about == "meeting/1"))
        drafting.move(edition, EditionEvent.APPROVE, now=town.clock.now())

    assert town.at("2026-11-30 14:01").issued


def test_a_yes_grows_old_while_the_program_stands_still(town: Town) -> None:
    """Approved, then three days of silence: what is overdue needs a new yes."""
    town.at("2026-11-23 10:00")
    with town.application.database.transaction() as db:
        (edition,) = db.scalars(sa.select(Edition).where(Edition.about == "meeting/1"))
        drafting.move(edition, EditionEvent.APPROVE, now=town.clock.now())

    assert town.at("2026-11-29 10:01").issued == {}

    assert editions(town)[0] == ("invitation", "meeting/1", EditionState.DRAFT)


def test_a_short_standstill_is_made_up_for(town: Town) -> None:
    """One day late is late, but of use."""
    town.at("2026-11-23 10:00")

    assert town.at("2026-11-27 10:00").issued


def test_a_reminder_that_comes_too_late_does_not_come(town: Town) -> None:
    """On the morning of the meeting nobody is reminded of yesterday's reminder."""
    invited(town)

    town.day("2026-12-03 08:00")

    assert town.got(RITA) == ["invitation"]


def test_a_draft_made_late_still_leaves_time_for_a_look(town: Town) -> None:
    """Installed on the day it is due: the coordinator has an hour before it goes."""
    assert town.at("2026-11-26 11:00").issued == {}
    assert town.at("2026-11-26 11:59").issued == {}
    assert town.at("2026-11-26 12:00").issued


@both
def test_who_wants_no_reminder_gets_none(town: Town) -> None:
    """A person's choice; the others are reminded."""
    invited(town)
    with town.application.database.transaction() as db:
        row = db.scalars(sa.select(Subscription).order_by(Subscription.id)).first()
        assert row is not None
        row.reminds = False

    town.day("2026-12-02 10:00")

    assert town.got(RITA) == ["invitation"]
    assert town.got(MARCO) == ["invitation", "reminder"]


def test_nobody_is_reminded_of_what_she_heard_the_same_day(town: Town) -> None:
    """A letter about the meeting within a day before takes the reminder's place."""
    invited(town)
    town.at("2026-12-01 15:00")
    with town.application.database.transaction() as db:
        move(town, db, town.meeting(db, "2026-12-03"), date(2026, 12, 3), start=11)
    town.day("2026-12-01 15:01")

    town.day("2026-12-02 11:00")

    assert town.got(RITA) == ["invitation", "update"]


def test_who_joins_late_gets_the_invitation_too(town: Town) -> None:
    """Entered by hand after the others were invited; nobody else gets a second one."""
    invited(town)
    with town.application.database.transaction() as db:
        a_subscriber(db, "spaet@netz.example")

    town.day("2026-11-27 10:00")
    town.day("2026-11-27 10:10")

    assert town.got("spaet@netz.example") == ["invitation"]
    assert town.got(RITA) == ["invitation"]


@both
def test_a_move_reaches_those_who_know_and_nobody_else(town: Town) -> None:
    """Rita has the invitation, Marco's waits: she is told, he is invited."""
    town.at("2026-11-23 10:00")
    town.server.script = Script(rcpt={MARCO: "451 4.7.1 later"})
    town.day("2026-11-26 10:00")
    town.server.script = Script()
    with town.application.database.transaction() as db:
        move(town, db, town.meeting(db, "2026-12-03"), date(2026, 12, 10))

    town.day("2026-11-26 12:00")
    town.day("2026-11-26 12:05")

    assert town.got(RITA) == ["invitation", "update"]
    assert town.got(MARCO) == ["invitation"]
    assert "10. Dezember" in town.subjects(MARCO)[0]
    assert town.subjects(RITA)[1] == (
        "Neuer Termin: Miteinander reden am 10. statt am 3. Dezember 2026"
    )


@both
def test_a_cancellation_reaches_all_who_would_come(town: Town) -> None:
    """Who has the invitation is told, and so is who was about to get it."""
    town.at("2026-11-23 10:00")
    town.server.script = Script(rcpt={MARCO: "451 4.7.1 later"})
    town.day("2026-11-26 10:00")
    town.server.script = Script()
    with town.application.database.transaction() as db:
        cancel(town, db, town.meeting(db, "2026-12-03"))

    town.day("2026-11-26 12:00")
    town.day("2026-12-02 10:00")

    assert town.got(RITA) == ["invitation", "cancellation"]
    assert town.got(MARCO) == ["cancellation"]
    with town.application.database.reading() as db:
        skipped = db.scalars(
            sa.select(Delivery.reason).where(Delivery.state == "skipped")
        )
        assert list(skipped) == ["Der Termin hat sich seitdem geändert."]


def test_a_second_change_supersedes_the_unsent_first(town: Town) -> None:
    """Moved, then cancelled before anybody heard of the move: one letter, the last."""
    invited(town)
    with town.application.database.transaction() as db:
        move(town, db, town.meeting(db, "2026-12-03"), date(2026, 12, 10))
    town.at("2026-11-27 10:00")
    with town.application.database.transaction() as db:
        cancel(town, db, town.meeting(db, "2026-12-03"))

    town.day("2026-11-27 10:05")

    assert town.got(RITA) == ["invitation", "cancellation"]


def test_moved_and_moved_back_is_no_news(town: Town) -> None:
    """Nobody was told of the first change, so nobody needs to hear of the second."""
    invited(town)
    with town.application.database.transaction() as db:
        meeting = town.meeting(db, "2026-12-03")
        move(town, db, meeting, date(2026, 12, 10))
        move(town, db, meeting, date(2026, 12, 3))

    town.day("2026-11-27 10:00")

    assert town.got(RITA) == ["invitation"]
    town.day("2026-12-02 10:00")
    assert town.got(RITA) == ["invitation"], "a reminder needs the present version"


@both
def test_off_and_on_again_is_told_twice(town: Town) -> None:
    """Each letter tells what its readers do not know yet."""
    invited(town)
    with town.application.database.transaction() as db:
        cancel(town, db, town.meeting(db, "2026-12-03"))
    town.day("2026-11-27 10:00")
    with town.application.database.transaction() as db:
        (series,) = town.application.settings.series
        meeting = town.meeting(db, "2026-12-03")
        planning.reinstate(db, meeting, zone=series.zone, now=town.clock.now())

    town.day("2026-11-28 10:00")
    town.day("2026-12-02 10:00")

    assert town.got(RITA) == ["invitation", "cancellation", "reinstatement", "reminder"]


def test_a_rule_day_that_is_off_before_anybody_was_told(town: Town) -> None:
    """People know the rule: the notice comes when the invitation would have come."""
    town.at("2026-11-20 10:00")
    with town.application.database.transaction() as db:
        cancel(town, db, town.meeting(db, "2026-12-03"))

    town.day("2026-11-23 10:00")
    assert town.got(RITA) == []
    town.day("2026-11-26 10:00")
    town.day("2026-11-27 10:00")

    assert town.got(RITA) == ["cancellation"]


def test_who_knows_only_the_rule_is_told_of_its_day(town: Town) -> None:
    """Moved, then called off, and nobody told: people would come by the rule."""
    town.at("2026-11-20 10:00")
    with town.application.database.transaction() as db:
        meeting = town.meeting(db, "2026-12-03")
        move(town, db, meeting, date(2026, 12, 4))
        cancel(town, db, meeting)

    town.day("2026-11-27 10:00")

    assert town.got(RITA) == ["cancellation"]
    assert town.subjects(RITA) == [
        "Absage: Miteinander reden am 3. Dezember 2026 fällt aus"
    ]


def test_the_next_meeting_is_the_next_for_its_readers(town: Town) -> None:
    """Moved behind another one, and off before anybody heard: that one is next."""
    invited(town)
    with town.application.database.transaction() as db:
        meeting = town.meeting(db, "2026-12-03")
        move(town, db, meeting, date(2026, 12, 18))
        cancel(town, db, meeting)

    town.day("2026-11-27 10:00")

    with town.application.database.reading() as db:
        newest = sa.select(FrozenLetter.text).order_by(FrozenLetter.dated_at.desc())
        text = db.scalars(newest.where(FrozenLetter.style == LetterStyle.STANDARD))
        said = text.first() or ""
    assert "am Donnerstag, 3. Dezember 2026, fällt leider aus" in said
    assert "Wann: Donnerstag, 17. Dezember 2026," in said
    assert "18. Dezember" not in said


def test_another_hour_than_the_rule_has_is_pointed_out(town: Town) -> None:
    """Whoever comes by the rule would come four hours too early."""
    town.at("2026-11-20 10:00")
    with town.application.database.transaction() as db:
        move(town, db, town.meeting(db, "2026-12-03"), date(2026, 12, 3), start=14)

    town.at("2026-11-23 14:00")
    town.day("2026-11-26 14:00")

    assert town.got(RITA) == ["invitation"]
    with town.application.database.reading() as db:
        texts = db.scalars(sa.select(FrozenLetter.text).order_by(FrozenLetter.style))
        easy, standard = texts.all()[:2]
    assert "beginnt um 14 Uhr und nicht um 10 Uhr." in standard
    assert "Bitte kommen Sie nicht um 10 Uhr." in easy


def test_who_joins_after_a_cancellation_gets_no_history(town: Town) -> None:
    """The notice went to those who would have come; a newcomer was never among them."""
    town.at("2026-11-20 10:00")
    with town.application.database.transaction() as db:
        cancel(town, db, town.meeting(db, "2026-12-03"))
    town.day("2026-11-26 10:00")
    with town.application.database.transaction() as db:
        a_subscriber(db, "spaet@netz.example")

    town.day("2026-11-27 10:00")

    assert town.got(RITA) == ["cancellation"]
    assert town.got("spaet@netz.example") == []


def test_a_holiday_has_a_notice_instead_of_an_invitation(town: Town) -> None:
    """Christi Himmelfahrt 2027: one notice, no reminder."""
    town.at("2027-04-26 10:00")
    town.day("2027-04-29 10:00")
    town.day("2027-05-05 10:00")

    assert town.got(RITA) == ["holiday"]
    assert town.subjects(RITA) == ["Kein Treffen am 6. Mai 2027 (Christi Himmelfahrt)"]


def test_a_stop_stays_a_stop(town: Town) -> None:
    """A draft that somebody called back is not drafted again."""
    town.at("2026-11-23 10:00")
    with town.application.database.transaction() as db:
        (edition,) = db.scalars(sa.select(Edition))
        issuing.withdraw(db, edition, now=town.clock.now())

    town.day("2026-11-26 10:00")

    assert editions(town) == [("invitation", "meeting/1", EditionState.WITHDRAWN)]
    assert town.got(RITA) == []


def test_a_draft_is_made_again_when_the_meeting_is_on_again(town: Town) -> None:
    """It lapsed with the meeting; her words are not lost."""
    town.at("2026-11-23 10:00")
    with town.application.database.transaction() as db:
        (edition,) = db.scalars(sa.select(Edition))
        drafting.reword(edition, words="Es gibt Kuchen.", easy_words=None)
        cancel(town, db, town.meeting(db, "2026-12-03"))
    town.at("2026-11-24 10:00")
    with town.application.database.transaction() as db:
        (series,) = town.application.settings.series
        meeting = town.meeting(db, "2026-12-03")
        planning.reinstate(db, meeting, zone=series.zone, now=town.clock.now())

    town.at("2026-11-24 11:00")

    with town.application.database.reading() as db:
        newest = drafting.all_editions(db)[0]
        assert (newest.state, newest.words) == (EditionState.DRAFT, "Es gibt Kuchen.")


def test_what_cannot_be_written_is_told_and_the_others_go_on(town: Town) -> None:
    """A place that left the settings stops one edition, not the round."""
    town.at("2026-12-07 10:00")
    with town.application.database.transaction() as db:
        town.meeting(db, "2026-12-17").venue = "weg"
        town.meeting(db, "2026-12-17").sequence = 1

    done = town.at("2026-12-10 10:00")

    assert "„weg“ steht nicht mehr in den Einstellungen" in done.problems[0]
    assert town.at("2026-12-28 10:00").drafted


def test_what_somebody_could_not_read_is_not_issued(town: Town, tmp_path: Path) -> None:
    """Own templates that name no language stop the letter, and say why."""
    town.at("2026-11-23 10:00")
    own = tmp_path / "vorlagen" / "mail" / "invitation"
    own.mkdir(parents=True)
    (own / "body.html").write_text("{# Facts #}\n<p>Kommt alle!</p>", encoding="utf-8")
    app = town.application
    app.settings = replace(app.settings, templates=tmp_path / "vorlagen")
    del app.press

    done = town.at("2026-11-26 10:00")

    assert done.issued == {}
    assert "nicht lesen könnte" in done.problems[0]
    assert editions(town)[0][2] is EditionState.DRAFT


def test_who_left_and_came_back_is_not_invited_twice(town: Town) -> None:
    """The ledger remembers: one letter per person and occasion."""
    invited(town)
    with town.application.database.transaction() as db:
        row = db.scalars(sa.select(Subscription).order_by(Subscription.id)).first()
        assert row is not None
        subscription.pause(db, row.mailbox, Topic.INVITATIONS, now=town.clock.now())
    town.at("2026-11-27 10:00")
    with town.application.database.transaction() as db:
        row = db.scalars(sa.select(Subscription).order_by(Subscription.id)).first()
        assert row is not None
        subscription.resume(db, row.mailbox, Topic.INVITATIONS, now=town.clock.now())

    town.day("2026-11-28 10:00")

    assert town.got(RITA) == ["invitation"]


def test_an_added_meeting_is_invited_to_after_a_look(town: Town) -> None:
    """Five days ahead: a draft at once, the invitation two hours later."""
    town.at("2026-12-04 09:00")
    (series,) = town.application.settings.series
    with town.application.database.transaction() as db:
        planning.add(
            db,
            series,
            town.application.closures,
            planning.usual(series, date(2026, 12, 9)),
            now=town.clock.now(),
        )

    assert town.at("2026-12-04 09:01").drafted
    assert not town.at("2026-12-04 10:59").issued
    town.day("2026-12-04 11:00")

    assert "9. Dezember" in town.subjects(RITA)[-1]


def test_an_empty_town_keeps_its_drafts(
    application: Application, clock: FixedClock, smtp_server: ScriptedSmtp
) -> None:
    """Without readers nothing is issued; the first who joins is invited."""
    town = Town(application, clock, smtp_server)
    town.at("2026-11-23 10:00")
    assert town.at("2026-11-26 10:00").issued == {}
    with application.database.transaction() as db:
        a_subscriber(db, RITA)

    town.day("2026-11-26 10:30")

    assert town.got(RITA) == ["invitation"]


def test_a_round_tells_two_drafts_apart_as_their_readers_do(town: Town) -> None:
    """The quick look at every open draft finds the very words that would be sent."""
    app = town.application
    with app.database.transaction() as db:
        partner = a_partner(db)
        a_partner_contact(db, partner, "info@haus.example")
    seen = set()
    for moment in ("2026-11-23 10:00", "2026-12-17 09:00", "2027-04-27 10:00"):
        town.at(moment)
        now = town.clock.now()
        with app.database.reading() as db:
            for edition in drafting.open_editions(db):
                whole = composing.compose(db, edition, app.press, now=now)
                quick = composing.lasting_words(db, edition, app.press, now=now)
                sent = whole.lasting or whole.letters
                for style, letter in quick.items():
                    assert (letter.subject, letter.text, letter.html) == (
                        sent[style].subject, sent[style].text, sent[style].html,
                    )  # fmt: skip
                seen.add(edition.kind)
    assert seen == {
        EditionKind.INVITATION, EditionKind.NETWORK_UPDATE, EditionKind.HOLIDAY
    }  # fmt: skip
