"""RFC 8058 from the mail to the row: what a mail program sends, and what it changes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from mailer.editions.kinds import KINDS
from mailer.outbox.addressing import parcel_for
from mailer.outbox.ledger import Claim
from mailer.outbox.letterhead import QUESTION, Letterhead, Occurrence
from mailer.outbox.models import DeliveryId, FrozenLetter
from mailer.outbox.origins import LetterOrigin
from mailer.rendering import dkim, typesetting
from mailer.rendering.environment import open_environment
from subscribers import failpoints, privacy
from subscribers.address import EmailAddress
from subscribers.audience import Recipient
from subscribers.consent import Proof
from subscribers.models import ConsentAct, ConsentChannel, ConsentRecord, Mailbox
from subscribers.topics import LetterStyle
from tests.crowds import CROWD, request, rows, statuses
from tests.factories import a_subscriber
from tests.letters import INBOX
from tests.service_letters import FOLDERS, some_service_facts
from tests.web_server import BASE_URL, serving
from tests.year_letters import FIRST, kind_of, year_facts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from mailer.application import Application
    from subscribers.clock import FixedClock
    from subscribers.database import Database
    from tests.web_server import Visitor

BODY = "List-Unsubscribe=One-Click"

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def visitor(application: Application) -> Iterator[Visitor]:
    """The mail program, or its provider's server."""
    with serving(application) as visitor:
        yield visitor


def claim(application: Application, style: LetterStyle) -> Claim:
    """Return a delivery to the only person there is, adding her if she is not there."""
    with application.database.transaction() as db:
        known = db.scalar(sa.select(Mailbox))
        mailbox = known or a_subscriber(db, "rita@post.example").mailbox
        reader = Recipient(
            mailbox_id=mailbox.id,
            address=EmailAddress.parse("rita@post.example"),
            name="Rita Beispiel",
            style=style,
            is_partner=False,
        )
        return Claim(
            delivery_id=DeliveryId(5),
            occasion="edition/1",
            style=style,
            message_id="<0123456789abcdef01234567@aschersleben.example>",
            number=1,
            recipient=reader,
            token_version=mailbox.token_version,
        )


def arrived(
    application: Application, name: str, style: LetterStyle = LetterStyle.STANDARD
) -> EmailMessage:
    """Return one letter of the year, or one service letter, as it arrives."""
    settings = replace(application.settings, web_base_url=BASE_URL, inbox_address=INBOX)
    is_service = name in FOLDERS
    facts = some_service_facts(name, style, "both") if is_service else year_facts(name)
    folder = name if is_service else KINDS[kind_of(name)].folder
    written = typesetting.render(open_environment(None), facts, style, folder)
    origin = LetterOrigin.GENERATED if is_service else LetterOrigin.EDITION
    asks = name in ("confirmation", "new_address")
    occasion = f"{QUESTION}1" if asks else "edition/1"
    parcel = parcel_for(
        claim(application, style)._replace(occasion=occasion),
        written,
        application.clock.now(),
        Letterhead.of(settings, application.keys),
        Occurrence(origin),
    )
    return message_from_bytes(bytes(parcel.content), policy=policy.default)


def one_click(application: Application) -> str:
    """Return the path that a mail program posts to."""
    found = re.findall(
        "<(https:[^>]*)>", arrived(application, "reminder")["List-Unsubscribe"]
    )
    return str(urlsplit(found[0]).path)


def state(database: Database) -> str:
    """Return the state of the only subscription."""
    with database.reading() as db:
        return str(db.execute(sa.text("SELECT state FROM subscription")).scalar_one())


def ends(database: Database) -> int:
    """Return how many ends are on record."""
    with database.reading() as db:
        counted = sa.select(sa.func.count()).where(
            ConsentRecord.act == ConsentAct.WITHDRAWN
        )
        return db.execute(counted).scalar_one()


@pytest.mark.parametrize("name", [*FIRST, "invitation-moved"])
def test_every_mailing_offers_one_click(application: Application, name: str) -> None:
    """Section 3.1 and 4: one https URI, opaque and no address; and the other field."""
    message = arrived(application, name)
    (field,) = message.get_all("List-Unsubscribe", [])
    uris = re.findall("<([^>]*)>", field)
    assert [uri for uri in uris if uri.startswith("http")] == [
        uri for uri in uris if uri.startswith("https://")
    ]
    (uri,) = [uri for uri in uris if uri.startswith("https://")]
    assert re.fullmatch(re.escape(BASE_URL) + "/abmelden/[a-z2-7]{36}", uri)
    assert message.get_all("List-Unsubscribe-Post") == [BODY]


def test_signatures_of_ours_cover_both_fields() -> None:
    """Section 4: DKIM has to sign them."""
    signed = {name.lower() for name in (*dkim.OVERSIGNED, *dkim.SIGNED)}
    assert {"list-unsubscribe", "list-unsubscribe-post"} <= signed


MULTIPART = (
    '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    "One-Click\r\n--x--\r\n"
)


@both
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (BODY, "application/x-www-form-urlencoded"),
        (MULTIPART, "multipart/form-data; boundary=x"),
        ("", ""),
    ],
)
def test_a_post_ends_it_and_nothing_else_is_needed(
    application: Application, visitor: Visitor, body: str, kind: str
) -> None:
    """Section 3.2: no cookie, no origin of ours, no redirect; done when answered."""
    path = one_click(application)
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    if kind:
        headers["Content-Type"] = kind
    answer = visitor.ask("POST", path, body.encode(), headers)
    assert state(application.database) == "ended"
    assert answer.status == 200
    assert not {"location", "set-cookie"} & answer.headers.keys()
    assert ends(application.database) == 1


def test_looking_changes_nothing_and_shows_a_button(
    application: Application, visitor: Visitor
) -> None:
    """Section 4: GET and HEAD are what scanners do."""
    path = one_click(application)
    before = rows(application.database)
    assert "<button" in visitor.get(path).text
    assert visitor.ask("HEAD", path).status == 200
    assert visitor.ask("PUT", path, b"x").status == 405
    assert visitor.ask("DELETE", path).status == 405
    assert rows(application.database) == before


def test_twice_is_once_and_years_later_is_not_too_late(
    application: Application, visitor: Visitor, clock: FixedClock
) -> None:
    """The second answer is like the first; only one letter says goodbye."""
    path = one_click(application)
    clock.moment += timedelta(days=5 * 365)
    answers = [visitor.ask("POST", path, BODY.encode()) for _ in range(3)]
    assert [one.status for one in answers] == [200, 200, 200]
    assert ends(application.database) == 1
    with application.database.reading() as db:
        assert db.scalars(sa.select(FrozenLetter.subject)).all() == [
            "Sie sind abgemeldet"
        ]


def test_an_erased_address_is_answered_like_any(
    application: Application, visitor: Visitor, clock: FixedClock
) -> None:
    """2xx, and not a word on whether there was anybody."""
    path = one_click(application)
    proof = Proof(ConsentChannel.OPERATOR, clock.now(), "Wunsch am Telefon")
    with application.database.transaction() as db:
        privacy.erase(db, db.scalars(sa.select(Mailbox)).one(), proof, now=clock.now())
    before = rows(application.database)
    answer = visitor.ask("POST", path, BODY.encode())
    assert answer.status == 200
    assert "post.example" not in answer.text + visitor.get(path).text
    assert rows(application.database) == before


def test_a_forged_link_is_no_link(application: Application, visitor: Visitor) -> None:
    """Section 6: whoever changes one sign has nothing."""
    path = one_click(application)
    before = rows(application.database)
    for place in (-1, -20, -36):
        other = "b" if path[place] == "a" else "a"
        signs = list(path)
        signs[place] = other
        assert visitor.ask("POST", "".join(signs), BODY.encode()).status == 404
    assert rows(application.database) == before


@pytest.mark.parametrize("place", ["leave.before:eio", "leave.before:enospc"])
def test_no_promise_before_it_is_written(
    application: Application, visitor: Visitor, place: str
) -> None:
    """If the commit fails, the answer is 503 and the provider tries again."""
    path = one_click(application)
    failpoint = failpoints.parse(place)
    assert failpoint is not None
    with failpoints.armed(failpoint):
        answer = visitor.ask("POST", path, BODY.encode())
    assert answer.status == 503
    assert "03473 958-111" in answer.text
    assert state(application.database) == "active"
    assert visitor.ask("POST", path, BODY.encode()).status == 200
    assert state(application.database) == "ended"


@both
def test_a_crowd_of_posts_is_one_end(
    application: Application, visitor: Visitor
) -> None:
    """Providers try again and again, and at once: all are answered, one counts."""
    path = one_click(application)
    number = 100 * CROWD
    found = statuses(visitor.port, [request("POST", path, BODY)] * number)
    assert found == [200] * number
    assert ends(application.database) == 1


def urls_in(message: EmailMessage) -> set[str]:
    """Return every address of ours in a mail: in its field, its text, its HTML."""
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    texts = [str(message["List-Unsubscribe"] or ""), *map(str, parts)]
    return {url for text in texts for url in re.findall(r"https://[^\s<>\"]+", text)}


def test_scanners_open_every_link_of_every_mail(
    application: Application, visitor: Visitor
) -> None:
    """Every address in every letter leads to a page, and opening it changes no row."""
    found = set()
    for name in (*FIRST, "invitation-moved", *FOLDERS):
        for style in LetterStyle:
            found |= urls_in(arrived(application, name, style))
    ours = {urlsplit(url).path or "/" for url in found if url.startswith(BASE_URL)}
    assert {path.split("/")[1] for path in ours} >= {
        "abmelden",
        "einstellungen",
        "bestaetigen",
        "impressum",
    }
    before = rows(application.database)
    for path in sorted(ours):
        expected = {410} if path.startswith("/bestaetigen/") else {200}
        for method in ("GET", "HEAD"):
            answer = visitor.ask(method, path)
            assert answer.status in expected, path
    assert rows(application.database) == before
