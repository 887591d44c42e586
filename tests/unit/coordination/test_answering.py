"""The coordinator answers a draft: what is done, what is asked, what she is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.application import Application
from mailer.coordination import drafts
from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.editions.states import EditionEvent, EditionState
from mailer.inbound.desk import Effect
from mailer.meetings import planning
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.outbox import issuing
from mailer.rounds.planning import plan_round
from mailer.settings.model import ReturnPaths
from subscribers.address import EmailAddress
from tests.drafting_by_mail import KATHRIN, TownHall, a_town_hall, plain
from tests.factories import a_subscriber
from tests.incoming import a_mail

if TYPE_CHECKING:
    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def hall(settings: Settings, clock: FixedClock, database: Database) -> TownHall:
    """The town hall on 23 November 2026."""
    return a_town_hall(settings, clock, database)


def issue(hall: TownHall, number: int = 1) -> None:
    """Do what the plan round does when an edition is due."""
    with hall.database.transaction() as db:
        edition = drafting.get(db, number)
        if edition.state is EditionState.DRAFT:
            drafting.move(edition, EditionEvent.APPROVE, now=hall.clock.now())
        issuing.issue(db, edition, hall.application.press, now=hall.clock.now())


# The draft


@both
def test_the_draft_shows_everything(hall: TownHall) -> None:
    """Both styles, how many get it, the checks, what silence means, every word."""
    draft = hall.draft()
    text = plain(draft)

    subject = "Entwurf: Einladung zum 3. Dezember 2026 – bitte ansehen"
    assert draft["Subject"] == subject
    assert draft["Auto-Submitted"] == "auto-generated"
    assert "3 Personen: 2 in Standardsprache und 1 in Leichter Sprache" in text
    assert "Die Einladung geht am Donnerstag, 26. November 2026, um 10 Uhr" in text
    assert "das Netzwerk „MIA" in text
    assert "Wir laden Sie zu einem Treffen ein." in text
    for words in ("Freigeben", "Stopp", "Thema:", "Leichte Sprache:", "fällt aus:"):
        assert f"\n{words}" in text


def test_a_draft_is_sent_once_for_what_it_says(hall: TownHall) -> None:
    """The plan round may ask as often as it likes; a change makes a new version."""
    hall.draft()
    with hall.database.transaction() as db:
        edition = drafting.get(db, 1)
        assert not drafts.send_draft(db, hall.office, edition, now=hall.clock.now())
        drafting.reword(edition, words="Wir reden über Busse.", easy_words=None)
        assert drafts.send_draft(db, hall.office, edition, now=hall.clock.now())
    (draft,) = hall.to(KATHRIN)
    assert draft["Subject"].startswith("Neuer Entwurf:")
    assert "Wir reden über Busse." in plain(draft)
    assert "seit dem letzten Entwurf hat sich etwas geändert." in plain(draft)
    assert "„Leichte Sprache:“ und den Text antworten" in plain(draft)


# Releasing


@both
def test_one_word_releases(hall: TownHall) -> None:
    """One result mail, in a sentence: when, to how many."""
    draft = hall.draft()
    assert hall.say("Freigeben", draft) == Effect.INSTRUCTED
    result = hall.result()
    assert hall.edition().state is EditionState.APPROVED
    assert result["Subject"] == "Ihre Freigabe: Einladung zum 3. Dezember 2026"
    assert result["Auto-Submitted"] == "auto-replied"
    sentence = (
        "Die Einladung geht am Donnerstag, 26. November 2026, um 10 Uhr an 3 Personen."
    )
    assert sentence in plain(result)
    assert hall.send() == []


def test_what_is_due_goes_out_at_once(hall: TownHall) -> None:
    """After the day of the invitation the result says so."""
    draft = hall.draft()
    hall.clock.moment += timedelta(days=5)
    hall.say("OK", draft)
    text = plain(hall.result())
    assert "Die Einladung geht in den nächsten Minuten an 3 Personen." in text


def test_the_same_answer_twice_changes_nothing(hall: TownHall) -> None:
    """And it is said kindly."""
    draft = hall.draft()
    hall.say("Freigeben", draft)
    hall.result()
    approved_at = hall.edition().approved_at
    hall.clock.moment += timedelta(hours=1)
    assert hall.say("Freigeben", draft) == Effect.INSTRUCTED
    assert "ist schon freigegeben" in plain(hall.result())
    assert hall.edition().approved_at == approved_at


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "stand kein eigener Text"),
        ("Das sehe ich mir morgen an.", "habe ich nicht verstanden"),
        ("Freigebn", "Meinten Sie „Freigeben“?"),
        ("OK?", "habe ich nicht verstanden"),
        ("Noch nicht freigeben", "habe ich nicht verstanden"),
        ("Freigeben\n\nStopp", "passen nicht zusammen"),
        ("Ja, aber der Raum ist falsch", "habe ich nicht verstanden"),
        ("Nein", "antworten Sie „Stopp“"),
        ("Thema:", "fehlt der Text"),
        ("Thema: a\n\nThema: b", "steht zweimal"),
    ],
)
def test_what_is_not_certain_is_asked_back(
    hall: TownHall, words: str, sentence: str
) -> None:
    """Nothing is done, and she is told what to write instead."""
    draft = hall.draft()
    assert hall.say(words, draft) == Effect.ASKED_BACK
    question = hall.result()
    assert question["Subject"].startswith("Rückfrage:")
    assert sentence in plain(question)
    assert "Es wurde nichts geändert." in plain(question)
    assert hall.edition().state is EditionState.DRAFT
    assert hall.say("Freigeben", question) == Effect.INSTRUCTED, (
        "the question has a seal"
    )


def test_a_machine_that_answers_questions_is_left_alone(hall: TownHall) -> None:
    """After ten questions in a day there are no more; the eleventh mail is kept."""
    draft = hall.draft()
    for _ in range(12):
        hall.say(
            "Vielen Dank, ich melde mich so bald wie möglich bei Ihnen zurück", draft
        )
    assert len(hall.to(KATHRIN)) == 10
    assert hall.say("Hä?", draft) == Effect.NOTED


def test_a_letter_that_somebody_cannot_read_is_not_released(hall: TownHall) -> None:
    """The checks' errors stand in the question."""
    draft = hall.draft()
    hall.say("Thema: [hier](https://bus.example)", draft)
    (draft,) = hall.to(KATHRIN)
    assert "Fehler: Der Linktext „hier“ sagt nicht, wohin er führt." in plain(draft)
    assert hall.say("Freigeben", draft) == Effect.ASKED_BACK
    assert "nicht lesen könnte" in plain(hall.result())
    assert hall.edition().state is EditionState.DRAFT


# Stopping


@both
def test_stop_keeps_it_here(hall: TownHall) -> None:
    """And "Freigeben" after it brings a new draft with the old words."""
    draft = hall.draft()
    hall.say("Thema: Wir reden über Busse.", draft)
    (draft,) = hall.to(KATHRIN)
    hall.say("Stopp", draft)
    stopped = hall.result()
    assert "ist gestoppt und geht nicht hinaus" in plain(stopped)
    assert hall.edition().state is EditionState.WITHDRAWN

    assert hall.say("Stopp", draft) == Effect.INSTRUCTED
    assert "ist schon gestoppt" in plain(hall.result())

    hall.say("Freigeben", stopped)
    again = hall.result()
    assert again["Subject"].endswith("bitte ansehen")
    assert "Wir reden über Busse." in plain(again)
    assert hall.edition(2).state is EditionState.DRAFT
    hall.say("Freigeben", again)
    assert hall.edition(2).state is EditionState.APPROVED


def test_stop_on_the_way_tells_both_numbers(hall: TownHall) -> None:
    """What has left has left; the rest stays here."""
    draft = hall.draft()
    hall.say("Freigeben", draft)
    hall.send()
    issue(hall)
    hall.say("Stopp", draft)
    text = plain(hall.to(KATHRIN)[0])
    assert "Nicht gesendet wird sie an 3 Personen" in text
    assert "hinausgegangen war sie schon an 0 Personen" in text


# Words


@both
def test_her_text_makes_a_new_draft(hall: TownHall) -> None:
    """Markdown over several lines, up to her closing; the result is the draft."""
    draft = hall.draft()
    words = (
        "Guten Morgen,\n\nThema: Wir sprechen über *Busse*:\n\n- die Linie 1\n"
        "- die Linie 2\n\nBitte bringen Sie Fragen mit.\n\nViele Grüße\n"
        "Kathrin Sommer\nStadt Aschersleben"
    )
    assert hall.say(words, draft) == Effect.INSTRUCTED
    (result,) = hall.to(KATHRIN)
    assert result["Subject"].startswith("Neuer Entwurf:")
    assert "Ihr Text ist in die Einladung aufgenommen." in plain(result)
    assert "- die Linie 1\n- die Linie 2" in plain(result)
    stored = hall.edition().words
    assert stored.startswith("Wir sprechen über *Busse*:")
    assert stored.endswith("Bitte bringen Sie Fragen mit.")


def test_easy_words_keep_their_lines(hall: TownHall) -> None:
    """One sentence a line, only in the easy style."""
    draft = hall.draft()
    hall.say("Leichte Sprache: Wir reden über den Bus.\nDer Bus ist neu.", draft)
    (result,) = hall.to(KATHRIN)
    assert "Wir reden über den Bus.\nDer Bus ist neu.\n" in plain(result)
    assert hall.edition().words == ""


def test_several_words_in_one_mail(hall: TownHall) -> None:
    """Texts first, then the release of what came out of them."""
    draft = hall.draft()
    both_texts = "Thema: Wir reden über Busse.\n\nLeichte Sprache: Es geht um Busse."
    hall.say(f"Freigeben\n\n{both_texts}", draft)
    (result,) = hall.to(KATHRIN)
    assert result["Subject"].endswith("– freigegeben")
    edition = hall.edition()
    assert (edition.words, edition.easy_words) == (
        "Wir reden über Busse.",
        "Es geht um Busse.",
    )
    assert edition.state is EditionState.APPROVED


def test_all_or_nothing(hall: TownHall) -> None:
    """A place that nobody knows keeps the text out too."""
    draft = hall.draft()
    words = "Thema: Wir reden über Busse.\n\nOrt: Rathauskeller"
    assert hall.say(words, draft) == Effect.ASKED_BACK
    text = plain(hall.result())
    assert "Den Ort „Rathauskeller“ kenne ich nicht." in text
    assert "„Ort: Konferenzraum, Hohe Straße 21“" in text
    assert hall.edition().words == ""


def test_hard_sentences_are_hinted_at(hall: TownHall) -> None:
    """In the new draft; she decides."""
    draft = hall.draft()
    hall.say("Leichte Sprache: Wir reden über Busse. Und z. B. über Bahnen.", draft)
    text = plain(hall.to(KATHRIN)[0])
    assert "Hinweis: Leichte Sprache: In dieser Zeile stehen mehrere Sätze" in text
    assert "Hinweis: Leichte Sprache: In dieser Zeile steht eine Abkürzung" in text


def test_no_text_of_mine(hall: TownHall) -> None:
    """It can be taken out again."""
    draft = hall.draft()
    hall.say("Thema: Wir reden über Busse.", draft)
    (draft,) = hall.to(KATHRIN)
    hall.say("Thema: keins", draft)
    (result,) = hall.to(KATHRIN)
    assert "Ihr eigener Text ist herausgenommen." in plain(result)
    assert hall.edition().words == ""


def test_a_change_after_the_release_asks_for_it_again(hall: TownHall) -> None:
    """What is released is what she has seen."""
    draft = hall.draft()
    hall.say("Freigeben", draft)
    released = hall.result()
    hall.say("Thema: Wir reden über Busse.", released)
    (again,) = hall.to(KATHRIN)
    assert hall.edition().state is EditionState.DRAFT
    assert "bitte ansehen" in again["Subject"]


def test_after_issuing_the_text_is_fixed(hall: TownHall) -> None:
    """It is said, with what still can be done; the meeting can still change."""
    draft = hall.draft()
    hall.say("Freigeben", draft)
    hall.send()
    issue(hall)
    assert hall.say("Thema: Wir reden über Busse.", draft) == Effect.ASKED_BACK
    text = plain(hall.to(KATHRIN)[0])
    assert "ihr Text steht fest" in text
    assert "„Stopp“ hält auf, was noch nicht gesendet ist" in text
    assert hall.say("Freigeben", draft) == Effect.INSTRUCTED
    assert "ist schon auf dem Weg" in plain(hall.result())
    assert hall.say("fällt aus: Der Raum ist nicht geheizt.", draft) == (
        Effect.INSTRUCTED
    )
    text = plain(hall.result())
    assert "Alle, die schon eingeladen sind, bekommen" in text


# Old drafts


def test_an_answer_to_an_old_draft_changes_nothing(hall: TownHall) -> None:
    """She gets the present one, and is told why."""
    old = hall.draft()
    hall.say("Thema: Wir reden über Busse.", old)
    (present,) = hall.to(KATHRIN)
    assert hall.say("Freigeben", old) == Effect.ASKED_BACK
    shown = hall.result()
    assert "gehört zu einem früheren Entwurf" in plain(shown)
    assert "Wir reden über Busse." in plain(shown)
    assert hall.edition().state is EditionState.DRAFT
    assert hall.say("Freigeben", present) == Effect.INSTRUCTED
    assert hall.edition().state is EditionState.APPROVED


def test_a_change_from_elsewhere_makes_her_draft_old(hall: TownHall) -> None:
    """Jan moved the meeting; she does not release what she has not seen."""
    draft = hall.draft()
    with hall.database.transaction() as db:
        series = hall.application.settings.series[0]
        meeting = db.get_one(Meeting, 1)
        wanted = replace(
            planning.as_it_is(meeting, series.zone),
            on=datetime(2026, 12, 10, tzinfo=UTC).date(),
        )
        closures = hall.application.closures
        planning.move(db, meeting, series, closures, wanted, now=hall.clock.now())
    assert hall.say("Freigeben", draft) == Effect.ASKED_BACK
    shown = hall.result()
    assert "10. Dezember 2026" in shown["Subject"]
    assert hall.edition().state is EditionState.DRAFT
    assert hall.say("Freigeben", shown) == Effect.INSTRUCTED


def test_looking_needs_no_present_draft(hall: TownHall) -> None:
    """An old draft is good enough to ask for the state of affairs."""
    old = hall.draft()
    hall.say("Thema: Wir reden über Busse.", old)
    hall.send()
    assert hall.say("Status", old) == Effect.INSTRUCTED
    assert hall.result()["Subject"] == "Stand der Dinge"


def test_stop_reaches_the_draft_that_would_go_out(hall: TownHall) -> None:
    """In answer to one that was stopped before: the new one is meant."""
    first = hall.draft()
    hall.say("Stopp", first)
    hall.say("Freigeben", first)
    hall.send()
    assert hall.edition(2).state is EditionState.DRAFT
    hall.say("Stopp", first)
    assert "ist gestoppt und geht nicht hinaus" in plain(hall.result())
    assert hall.edition(2).state is EditionState.WITHDRAWN


def test_a_place_that_is_gone_does_not_keep_a_meeting_on(hall: TownHall) -> None:
    """What cannot be written any more can still be cancelled."""
    draft = hall.draft()
    known = hall.application.settings
    (venue,) = known.venues.values()
    elsewhere = replace(known, venues={"anderswo": replace(venue, key="anderswo")})
    application = Application(elsewhere, hall.clock)
    application.unchecked_database = hall.database
    there = TownHall(application, hall.clock, [])
    assert there.say("fällt aus: Das Haus ist zu.", draft) == Effect.INSTRUCTED
    assert there.meeting().state is MeetingState.CANCELLED


def test_an_old_draft_still_cancels(hall: TownHall) -> None:
    """At eight in the morning nobody looks for the newest mail."""
    old = hall.draft()
    hall.say("Thema: Wir reden über Busse.", old)
    hall.send()
    assert hall.say("fällt aus: Ich bin krank.", old) == Effect.INSTRUCTED
    assert hall.meeting().state is MeetingState.CANCELLED


# Meetings


@both
def test_a_meeting_moves(hall: TownHall) -> None:
    """Its invitation follows, in a new draft."""
    draft = hall.draft()
    words = "neuer Termin: Donnerstag, 10. Dezember 14 bis 16 Uhr, der Raum ist belegt"
    assert hall.say(words, draft) == Effect.INSTRUCTED
    (result,) = hall.to(KATHRIN)
    text = plain(result)
    assert "vom 3. Dezember 2026 ist jetzt am Donnerstag, 10. Dezember 2026" in text
    assert "14:00 bis 16:00 Uhr" in text
    assert "Eingeladen ist noch niemand" in text
    meeting = hall.meeting()
    assert meeting.starts_at == datetime(2026, 12, 10, 13, tzinfo=UTC)
    assert (meeting.reason, meeting.sequence) == ("Der Raum ist belegt", 1)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("neuer Termin: Freitag, 10. Dezember", "ist ein Donnerstag"),
        ("neuer Termin: 25. Dezember 2026", "ist ein Feiertag (Erster Weihnachtstag)"),
        ("neuer Termin: 31. November", "gibt es nicht"),
        ("neuer Termin: 3. November", "ist schon vorbei"),
        ("neuer Termin: 3. November 2026", "ist schon vorbei"),
        ("neuer Termin: 17. Dezember", "schon ein Treffen"),
        ("neuer Termin: 10. Dezember 13 bis 10 Uhr", "muss nach dem Anfang"),
        ("neuer Termin: übermorgen", "Bitte nennen Sie nur den neuen Tag"),
        ("neuer Termin:", "Bitte nennen Sie nur den neuen Tag"),
        ("fällt aus:", "Bitte nennen Sie einen Grund"),
        ("fällt aus", "Bitte nennen Sie einen Grund"),
        ("Ort: Mond", "Den Ort „Mond“ kenne ich nicht"),
        ("fällt aus: 4. Dezember: krank", "Am Freitag, 4. Dezember 2026, ist kein"),
        ("zusätzlicher Termin: 17. Dezember", "schon ein Treffen"),
        ("zusätzlicher Termin: bald", "genau einen Tag"),
        ("Vertretung: Petra Krause", "genau eine E-Mail-Adresse"),
        ("Vertretung: sommer@stadt.example", "kann Sie nicht vertreten"),
    ],
)
def test_what_cannot_be_is_asked_back(
    hall: TownHall, words: str, sentence: str
) -> None:
    """In words for people: no option of a command, no name of a program."""
    draft = hall.draft()
    assert hall.say(words, draft) == Effect.ASKED_BACK
    text = plain(hall.result())
    assert sentence in text
    assert "--" not in text.replace("\n-- \n", "")
    assert "mia " not in text
    assert hall.meeting().sequence == 0


def test_a_holiday_can_be_meant(hall: TownHall) -> None:
    """The question says how, and saying so does it."""
    draft = hall.draft()
    hall.say("neuer Termin: 6. Januar 2027", draft)
    text = plain(hall.result())
    offered = "neuer Termin: 6. Januar 2027, 10:00 bis 13:00 Uhr, trotzdem"
    assert f"„{offered}“" in text
    assert hall.say(offered, draft) == Effect.INSTRUCTED
    assert hall.meeting().starts_at == datetime(2027, 1, 6, 9, tzinfo=UTC)


def test_off_and_on_again(hall: TownHall) -> None:
    """Twice off is said kindly; the draft waits for her after all."""
    draft = hall.draft()
    assert hall.say("fällt aus: Der Raum ist nicht geheizt.", draft) == (
        Effect.INSTRUCTED
    )
    off = hall.result()
    assert off["Subject"] == "Abgesagt: Treffen am 3. Dezember 2026"
    assert "Der Grund: Der Raum ist nicht geheizt." in plain(off)
    assert hall.say("fällt aus: Der Raum ist nicht geheizt.", draft) == (
        Effect.INSTRUCTED
    )
    assert "fällt schon aus" in plain(hall.result())
    assert hall.say("Freigeben", draft) == Effect.ASKED_BACK
    assert "antworten Sie „findet doch statt“" in plain(hall.result())

    assert hall.say("findet doch statt", off) == Effect.INSTRUCTED
    assert "findet nun doch statt" in plain(hall.result())
    assert hall.meeting().state is MeetingState.PLANNED
    assert hall.say("Freigeben", draft) == Effect.INSTRUCTED


def test_another_meeting_can_be_named(hall: TownHall) -> None:
    """In the answer to a draft, by its day; a rule day gets its row."""
    draft = hall.draft()
    assert hall.say("fällt aus: 17. Dezember: Das Haus ist zu.", draft) == (
        Effect.INSTRUCTED
    )
    assert hall.meeting(1).state is MeetingState.PLANNED
    assert hall.meeting(2).state is MeetingState.CANCELLED
    assert "Donnerstag, 17. Dezember 2026, fällt aus" in plain(hall.result())


def test_one_meeting_more(hall: TownHall) -> None:
    """With the hours she names."""
    draft = hall.draft()
    hall.say("zusätzlicher Termin: 10. Dezember 14 bis 16 Uhr", draft)
    text = plain(hall.result())
    assert "Am Donnerstag, 10. Dezember 2026, 14:00 bis 16:00 Uhr" in text
    assert hall.meeting(2).starts_at == datetime(2026, 12, 10, 13, tzinfo=UTC)


# A day without a meeting


def test_a_holiday_notice_is_a_draft_too(hall: TownHall) -> None:
    """6 May 2027: she releases it, words it or stops it; there is nothing to move."""
    hall.clock.moment = datetime(2027, 4, 26, 11, tzinfo=UTC)
    plan_round(hall.database, hall.application.press, hall.clock)
    (draft,) = hall.to(KATHRIN)
    assert draft["Subject"] == (
        "Entwurf: Nachricht zum Terminausfall am 6. Mai 2027 – bitte ansehen"
    )
    assert "neuer Termin" not in plain(draft).partition("So sieht sie")[0]
    assert hall.say("neuer Termin: 7. Mai 2027", draft) == Effect.ASKED_BACK
    assert "spricht von einem Tag ohne Treffen" in plain(hall.result())
    assert hall.say("Thema: Wir sehen uns am 20. Mai.", draft) == Effect.INSTRUCTED
    (draft,) = hall.to(KATHRIN)
    assert "Wir sehen uns am 20. Mai." in plain(draft)
    hall.say("Freigeben", draft)
    assert "am Donnerstag, 29. April 2027, um 10 Uhr" in plain(hall.result())
    hall.say("Stopp", draft)
    assert hall.edition().state is EditionState.WITHDRAWN
    hall.result()
    assert hall.say("Freigeben", draft) == Effect.INSTRUCTED
    again = hall.result()
    assert "Hier ist ein neuer Entwurf" in plain(again)
    assert "Wir sehen uns am 20. Mai." in plain(again)
    hall.say("Freigeben", again)
    assert hall.edition(2).state is EditionState.APPROVED


# Without a seal


def test_a_new_mail_is_asked_about(hall: TownHall) -> None:
    """What would happen is said; "Ja" does it, once."""
    assert hall.say("fällt aus: 3. Dezember: Der Raum ist belegt.") == (
        Effect.ASKED_BACK
    )
    question = hall.result()
    assert "Antworten Sie „Ja“, dann gilt:" in plain(question)
    assert "Donnerstag, 3. Dezember 2026, fällt aus" in plain(question)
    with hall.database.reading() as db:
        assert db.query(Meeting).count() == 0

    assert hall.say("Ja", question) == Effect.INSTRUCTED
    assert hall.meeting().state is MeetingState.CANCELLED
    done = hall.result()
    assert hall.say("Ja", question) == Effect.ASKED_BACK
    assert "Das ist schon erledigt." in plain(hall.result())
    assert hall.say("doch wieder", done) == Effect.INSTRUCTED
    assert hall.meeting().state is MeetingState.PLANNED


def test_no_to_the_question_drops_it(hall: TownHall) -> None:
    """And a "Ja" after that does nothing any more."""
    hall.say("fällt aus: 3. Dezember: Der Raum ist belegt.")
    question = hall.result()
    hall.say("Nein", question)
    assert "bleibt alles, wie es ist" in plain(hall.result())
    assert hall.say("Ja", question) == Effect.ASKED_BACK
    hall.result()
    with hall.database.reading() as db:
        assert db.query(Meeting).count() == 0


def test_a_late_yes_is_asked_again(hall: TownHall) -> None:
    """After two weeks nobody remembers what was asked."""
    hall.say("fällt aus: 17. Dezember: Der Raum ist belegt.")
    question = hall.result()
    hall.clock.moment += timedelta(days=15)
    assert hall.say("Ja", question) == Effect.ASKED_BACK
    assert "schon älter" in plain(hall.result())


def test_the_subject_of_a_new_mail_counts(hall: TownHall) -> None:
    """With an empty body, as people write from a telephone."""
    subject = "fällt aus: 3. Dezember: Ich bin krank."
    assert hall.say("", subject=subject) == Effect.ASKED_BACK
    assert "Ich bin krank." in plain(hall.result())


def test_a_release_without_a_seal_means_the_one_draft(hall: TownHall) -> None:
    """It is asked; with two drafts she is sent back to them."""
    hall.draft()
    hall.say("Freigeben")
    question = hall.result()
    assert "Die Einladung zum 3. Dezember 2026 ist freigegeben." in plain(question)
    assert hall.edition().state is EditionState.DRAFT
    hall.draft(starts_at=datetime(2026, 12, 17, 9, tzinfo=UTC))
    hall.say("Freigeben")
    assert "mehrere Entwürfe" in plain(hall.result())
    assert hall.say("Ja", question) == Effect.ASKED_BACK


def test_nothing_to_release(hall: TownHall) -> None:
    """Said without a draft, it is answered."""
    assert hall.say("Freigeben") == Effect.ASKED_BACK
    assert "Zurzeit gibt es keinen Entwurf" in plain(hall.result())


# Looking


def test_status_and_help_need_no_seal(hall: TownHall) -> None:
    """They change nothing."""
    hall.draft()
    assert hall.say("Status") == Effect.INSTRUCTED
    text = plain(hall.result())
    assert "- Donnerstag, 3. Dezember 2026, 10:00 bis 13:00 Uhr" in text
    assert "- Die Einladung zum 3. Dezember 2026 wartet auf Kathrin Sommer." in text
    assert hall.say("Hilfe") == Effect.INSTRUCTED
    text = plain(hall.result())
    for word in ("Freigeben", "findet doch statt", "Vertretung beenden", "Ja"):
        assert f"\n{word}\n" in text


def test_status_tells_what_is_released_off_and_in_whose_hands(hall: TownHall) -> None:
    """In one list, with the reason of what is off."""
    draft = hall.draft()
    hall.say("Freigeben", draft)
    hall.say("fällt aus: 17. Dezember: Das Haus ist zu.", draft)
    hall.say("Vertretung: krause@stadt.example bis 15. Januar", draft)
    hall.send()
    hall.say("Status", draft)
    text = plain(hall.result())
    assert "ist freigegeben. Die Einladung geht am Donnerstag, 26. November" in text
    assert "- Donnerstag, 17. Dezember 2026: abgesagt (Das Haus ist zu.)." in text
    assert "- Vertretung: krause@stadt.example bis zum 15. Januar 2027." in text


# The draft and the rest of the house


def test_a_reader_is_not_the_coordinator(hall: TownHall) -> None:
    """Her words from another address do nothing, whatever they carry."""
    draft = hall.draft()
    with hall.database.transaction() as db:
        a_subscriber(db, "rita@post.example")
    effect = hall.say("Freigeben", draft, sender="rita@post.example")
    assert effect == Effect.HANDED_OVER
    assert hall.edition().state is EditionState.DRAFT


def test_the_coordinator_is_a_reader_too(hall: TownHall) -> None:
    """Her "Abmelden" without a seal is a reader's wish."""
    hall.draft()
    with hall.database.transaction() as db:
        a_subscriber(db, KATHRIN)
    assert hall.take(a_mail(KATHRIN, "Abmelden")) == Effect.LEFT_LIST
    assert hall.take(a_mail(KATHRIN, "Leichte Sprache")) != Effect.INSTRUCTED
    assert hall.edition().state is EditionState.DRAFT


def test_find_keeps_the_kind(hall: TownHall) -> None:
    """The draft she answers is the invitation's."""
    hall.draft()
    with hall.database.reading() as db:
        found = drafting.find(db, EditionKind.INVITATION, db.get_one(Meeting, 1))
        assert found is not None
        assert found.draft_version == 1


def test_answers_come_to_the_mailbox_that_is_read(hall: TownHall) -> None:
    """Even if the readers' answers go to her; where it works, with the seal in it."""
    known = hall.application.settings
    smtp = replace(
        known.smtp,
        return_paths=ReturnPaths.SIGNED,
        return_path=EmailAddress.parse("rueck@stadt.example"),
    )
    sender = replace(known.sender, reply_to=EmailAddress.parse(KATHRIN))
    application = Application(replace(known, smtp=smtp, sender=sender), hall.clock)
    application.unchecked_database = hall.database
    draft = TownHall(application, hall.clock, []).draft()
    local, _, domain = str(draft["Reply-To"]).partition("@")
    assert (local[:4], domain) == ("mia+", "stadt.example")
    answer = a_mail(KATHRIN, "Freigeben", Delivered_To=str(draft["Reply-To"]))
    assert hall.take(answer) == Effect.INSTRUCTED
    assert hall.edition().state is EditionState.APPROVED
