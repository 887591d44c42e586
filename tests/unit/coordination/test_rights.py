"""Who may say what: deputies, a second person, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.coordination import rights
from mailer.coordination.rights import Role
from mailer.editions.states import EditionState
from mailer.inbound.desk import Effect
from mailer.meetings.states import MeetingState
from subscribers.address import EmailAddress
from tests.drafting_by_mail import (
    DEPUTY,
    KATHRIN,
    SECOND,
    TownHall,
    a_town_hall,
    plain,
)
from tests.incoming import a_mail, opened

if TYPE_CHECKING:
    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

NAMED = f"Vertretung: Petra Krause <{DEPUTY}> bis 15. Januar"


@pytest.fixture
def hall(settings: Settings, clock: FixedClock, database: Database) -> TownHall:
    """The town hall on 23 November 2026."""
    return a_town_hall(settings, clock, database)


@pytest.fixture
def two(settings: Settings, clock: FixedClock, database: Database) -> TownHall:
    """A town hall in which two people must say yes."""
    return a_town_hall(settings, clock, database, second=True)


def role(hall: TownHall, address: str) -> Role | None:
    """Return as whom *address* may answer now."""
    with hall.database.reading() as db:
        settings, now = hall.application.settings, hall.clock.now()
        return rights.role_of(db, settings, EmailAddress.parse(address), now=now)


# Deputies


@both
def test_a_deputy_gets_the_drafts_and_answers(hall: TownHall) -> None:
    """She is told, gets what waits, and her word counts; results go to her."""
    draft = hall.draft()
    assert hall.say(NAMED, draft) == Effect.INSTRUCTED
    told, waiting, result = hall.send()
    assert [str(one["To"]) for one in (told, waiting, result)] == [
        DEPUTY,
        DEPUTY,
        KATHRIN,
    ]
    assert told["Subject"] == "Sie vertreten Kathrin Sommer"
    assert "bis zum 15. Januar 2027" in plain(told)
    assert "krause@stadt.example vertritt Sie" in plain(result)

    assert hall.say("Freigeben", waiting, sender=DEPUTY) == Effect.INSTRUCTED
    result, copy = hall.send()
    assert [str(one["To"]) for one in (result, copy)] == [DEPUTY, KATHRIN]
    assert hall.edition().state is EditionState.APPROVED
    assert str(copy["Subject"]).startswith("Kopie: Ihre Freigabe")
    assert f"Ihre Vertretung, {DEPUTY}, hat etwas veranlasst" in plain(copy)
    assert "ist freigegeben" in plain(copy)

    assert hall.say("Stand", copy) == Effect.INSTRUCTED
    (status,) = hall.send()
    assert status["To"] == KATHRIN
    assert hall.say("Stand", waiting, sender=DEPUTY) == Effect.INSTRUCTED
    (status,) = hall.send()
    assert status["To"] == DEPUTY, "who only looks has nothing to report"


def test_a_deputy_gets_the_next_drafts_too(hall: TownHall) -> None:
    """A new text of hers comes back to both."""
    draft = hall.draft()
    hall.say(NAMED, draft)
    hall.send()
    hall.say("Thema: Wir reden über Busse.", draft, sender=DEPUTY)
    sent = hall.send()
    assert {str(one["To"]) for one in sent} == {KATHRIN, DEPUTY}
    assert all(one["Subject"].startswith("Neuer Entwurf") for one in sent)


def test_a_deputy_names_no_deputy(hall: TownHall) -> None:
    """Power is not handed on."""
    draft = hall.draft()
    hall.say(NAMED, draft)
    hall.send()
    words = "Vertretung: freundin@post.example"
    assert hall.say(words, draft, sender=DEPUTY) == Effect.ASKED_BACK
    (question,) = hall.send()
    assert "Das darf nur Kathrin Sommer sagen" in plain(question)
    assert role(hall, "freundin@post.example") is None


def test_a_deputy_has_an_end(hall: TownHall) -> None:
    """After her last day she is a stranger again; the last day itself counts."""
    draft = hall.draft()
    hall.say(f"Vertretung: {DEPUTY} bis 25. November", draft)
    hall.send()
    hall.clock.moment += timedelta(days=2)
    assert role(hall, DEPUTY) is Role.DEPUTY
    hall.clock.moment += timedelta(days=1)
    assert role(hall, DEPUTY) is None
    assert hall.say("Freigeben", draft, sender=DEPUTY) == Effect.HANDED_OVER
    assert hall.edition().state is EditionState.DRAFT


def test_the_coordinator_ends_it(hall: TownHall) -> None:
    """In a word; saying it twice is no mistake, nor is a longer time."""
    draft = hall.draft()
    hall.say(NAMED, draft)
    hall.send()
    hall.say(f"Vertretung: {DEPUTY}", draft)
    assert "vertritt Sie jetzt bis auf Weiteres" in plain(hall.result())
    hall.say("Vertretung beenden", draft)
    assert "Die Vertretung ist beendet" in plain(hall.result())
    assert role(hall, DEPUTY) is None
    hall.say("Vertretung beenden", draft)
    assert "keine Vertretung" in plain(hall.result())


def test_a_deputy_who_comes_back_has_seen_the_draft(hall: TownHall) -> None:
    """Nobody gets the same draft twice."""
    draft = hall.draft()
    for words in (NAMED, "Vertretung beenden", NAMED):
        assert hall.say(words, draft) == Effect.INSTRUCTED
    sent = [str(one["Subject"]) for one in hall.send() if one["To"] == DEPUTY]
    assert sorted(sent) == [
        "Entwurf: Einladung zum 3. Dezember 2026 – bitte ansehen",
        "Sie vertreten Kathrin Sommer",
        "Sie vertreten Kathrin Sommer",
    ]


def test_a_deputy_is_not_named_without_a_seal(hall: TownHall) -> None:
    """A forged new mail cannot make one: the question goes to the coordinator."""
    assert hall.say(NAMED) == Effect.ASKED_BACK
    (question,) = hall.send()
    assert question["To"] == KATHRIN
    assert role(hall, DEPUTY) is None
    hall.say("Ja", question)
    assert role(hall, DEPUTY) is Role.DEPUTY


@pytest.mark.parametrize("sender", [DEPUTY, SECOND])
def test_another_persons_question_is_not_theirs_to_answer(
    two: TownHall, sender: str
) -> None:
    """A "Ja" counts from the mailbox that was asked."""
    draft = two.draft()
    two.say(f"Vertretung: {DEPUTY}", draft)
    two.say("fällt aus: 17. Dezember: Das Haus ist zu.")
    question = two.to(KATHRIN)[-1]
    two.say("Ja", question, sender=sender)
    assert "Rückfrage" in two.to(sender)[-1]["Subject"]
    assert two.meeting(1).state is MeetingState.PLANNED


# Two people


@both
@pytest.mark.parametrize("first", [KATHRIN, SECOND])
def test_two_people_release(two: TownHall, first: str) -> None:
    """In either order; who is first hears who is missing, who is last hears when."""
    two.draft()
    last = SECOND if first == KATHRIN else KATHRIN
    missing = "leitung@stadt.example" if first == KATHRIN else "Kathrin Sommer"
    seen = _id(two, first)
    two.say("Freigeben", sender=first, In_Reply_To=seen)
    (result,) = two.send()
    assert result["To"] == first
    assert f"erst, wenn auch {missing} freigibt" in plain(result)
    assert two.edition().state is EditionState.DRAFT

    two.say("OK", sender=first, In_Reply_To=seen)
    (result,) = two.send()
    assert "Ihre Freigabe ist schon notiert." in plain(result)

    two.say("Freigeben", sender=last, In_Reply_To=_id(two, last))
    (result,) = two.send()
    assert result["To"] == last
    assert "geht am Donnerstag, 26. November 2026" in plain(result)
    assert two.edition().state is EditionState.APPROVED


def test_a_release_counts_for_what_was_seen(two: TownHall) -> None:
    """A new text asks both again."""
    draft = two.draft()
    two.say("Freigeben", sender=SECOND, In_Reply_To=_id(two, SECOND))
    two.send()
    two.say("Thema: Wir reden über Busse.", draft)
    (draft,) = two.to(KATHRIN)
    two.say("Freigeben", draft)
    assert "wenn auch leitung@stadt.example freigibt" in plain(two.result())
    assert two.edition().state is EditionState.DRAFT


@pytest.mark.parametrize(
    "words", ["Thema: Wir reden.", "fällt aus: krank", f"Vertretung: {DEPUTY}"]
)
def test_the_second_person_only_agrees(two: TownHall, words: str) -> None:
    """Or stops; the rest is the coordinator's."""
    two.draft()
    answer = _id(two, SECOND)
    assert two.say(words, sender=SECOND, In_Reply_To=answer) == Effect.ASKED_BACK
    two.send()
    assert two.meeting().state is MeetingState.PLANNED
    assert two.edition().words == ""
    assert two.say("Stopp", sender=SECOND, In_Reply_To=answer) == Effect.INSTRUCTED
    assert two.edition().state is EditionState.WITHDRAWN


def test_the_second_person_is_no_deputy(two: TownHall) -> None:
    """Or one person would say both words."""
    draft = two.draft()
    assert two.say(f"Vertretung: {SECOND}", draft) == Effect.ASKED_BACK
    assert role(two, SECOND) is Role.SECOND


def test_status_tells_who_is_missing(two: TownHall) -> None:
    """By name."""
    draft = two.draft()
    two.say("Freigeben", draft)
    two.send()
    two.say("Status", draft)
    assert "wartet auf leitung@stadt.example." in plain(two.result())


# Nobody else


@pytest.mark.parametrize("words", ["Freigeben", "Stopp", "fällt aus: krank", "Ja"])
def test_a_forwarded_draft_gives_no_power(hall: TownHall, words: str) -> None:
    """The seal came with it; the sender is not at the desk; she sees the mail."""
    draft = hall.draft()
    effect = hall.say(words, draft, sender="kollege@stadt.example")
    assert effect == Effect.HANDED_OVER
    assert hall.edition().state is EditionState.DRAFT
    assert hall.meeting().state is MeetingState.PLANNED
    forwarded = [one for one in hall.send() if one["To"] == KATHRIN]
    assert forwarded[0]["Subject"].startswith("Weitergeleitet:")


def test_a_forged_sender_reaches_the_coordinator_as_mail(hall: TownHall) -> None:
    """Our own server says that it is not hers: nothing is done, she can see it."""
    draft = hall.draft()
    content = a_mail(
        KATHRIN,
        "fällt aus: Scherz",
        In_Reply_To=str(draft["Message-ID"]),
        Authentication_Results="mx.stadt.example; dmarc=fail",
    )
    assert hall.take(content) == Effect.HANDED_OVER
    assert hall.meeting().state is MeetingState.PLANNED


def _id(hall: TownHall, address: str) -> str:
    """Return the Message-ID of the draft that went to *address*."""
    (found,) = [one for one in hall.sent if one.recipient.text == address]
    return str(opened(bytes(found.content))["Message-ID"])
