"""One claim, one frozen letter, one letterhead: always the same bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from mailer.outbox.addressing import parcel_for
from mailer.outbox.ledger import Claim
from mailer.outbox.letterhead import Letterhead
from mailer.outbox.models import DeliveryId
from mailer.outbox.return_path import delivery_of, delivery_of_token
from mailer.rendering.letter import Letter
from mailer.rendering.places import SIGNS
from mailer.settings import ReturnPaths
from subscribers.address import EmailAddress
from subscribers.audience import Recipient
from subscribers.models import MailboxId
from subscribers.partners import Entry
from subscribers.tokens import Purpose, read_token
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from email.message import EmailMessage

    from mailer.settings import Settings
    from subscribers.tokens import TokenKeys

DATED_AT = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)

LETTER = Letter(
    subject="Einladung",
    text="\n".join(SIGNS.values()),
    html=f"<!DOCTYPE html><html lang='de'><p>{SIGNS['greeting']}</p></html>",
)

CLAIM = Claim(
    delivery_id=DeliveryId(5),
    occasion="edition/1",
    style=LetterStyle.STANDARD,
    message_id="<0123456789abcdef01234567@aschersleben.example>",
    number=1,
    recipient=Recipient(
        mailbox_id=MailboxId(17),
        address=EmailAddress.parse("rita@bücher.example"),
        name="Rita Beispiel",
        style=LetterStyle.STANDARD,
        is_partner=False,
    ),
    token_version=3,
)


def read(settings: Settings, keys: TokenKeys) -> EmailMessage:
    """Return the message as a mail program sees it."""
    parcel = parcel_for(CLAIM, LETTER, DATED_AT, Letterhead.of(settings, keys))
    assert parcel.recipient is CLAIM.recipient.address
    return message_from_bytes(bytes(parcel.content), policy=policy.default)


def plain(message: EmailMessage) -> str:
    """Return the text part."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_same_delivery_has_the_same_bytes(
    settings: Settings, keys: TokenKeys
) -> None:
    """A second copy cannot be told from the first."""
    head = Letterhead.of(settings, keys)
    first = parcel_for(CLAIM, LETTER, DATED_AT, head)
    second = parcel_for(CLAIM._replace(number=2), LETTER, DATED_AT, head)
    assert first == second


def test_the_letter_is_addressed_to_one_person(
    settings: Settings, keys: TokenKeys
) -> None:
    """Name, wire address, greeting, and the clock of the town."""
    message = read(settings, keys)
    assert message["To"] == "Rita Beispiel <rita@xn--bcher-kva.example>"
    assert message["Date"] == "Thu, 26 Nov 2026 09:30:00 +0100"
    assert message["Message-ID"] == CLAIM.message_id
    assert "Guten Tag, Rita Beispiel," in plain(message)


def test_leaving_by_mail_works_without_web_pages(
    settings: Settings, keys: TokenKeys
) -> None:
    """The token in List-Unsubscribe names this mailbox, for leaving only."""
    unsubscribe = read(settings, keys)["List-Unsubscribe"]
    token = unsubscribe.partition("abmelden%20")[2].rstrip(">")
    claims = read_token(keys, Purpose.UNSUBSCRIBE, token)
    assert (claims.mailbox_id, claims.version) == (17, 3)
    assert unsubscribe.startswith("<mailto:k_sommer@aschersleben.de?")
    assert read(settings, keys)["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize(
    ("base_url", "is_one_click"),
    [("https://mia.example", True), ("http://mia.example", False)],
)
def test_one_click_needs_https(
    settings: Settings, keys: TokenKeys, base_url: str, is_one_click: bool
) -> None:
    """RFC 8058, section 3.1: an https URI, and then the field that promises a POST."""
    message = read(replace(settings, web_base_url=base_url), keys)
    assert (message["List-Unsubscribe-Post"] is not None) is is_one_click
    assert ("https://" in message["List-Unsubscribe"]) is is_one_click
    assert f"{base_url}/einstellungen/" in plain(message)


def test_a_letter_says_what_is_entered_about_its_reader(
    settings: Settings, keys: TokenKeys
) -> None:
    """Whoever speaks for the partner, and the one address it goes to."""
    entry = Entry("Haus A", "Beratung", ("Hans Muster, Leitung", "Rita Beispiel"))
    claimed = CLAIM._replace(entries=(entry,))
    parcel = parcel_for(claimed, LETTER, DATED_AT, Letterhead.of(settings, keys))
    message = message_from_bytes(bytes(parcel.content), policy=policy.default)
    assert plain(message).splitlines()[-4:] == [
        "Einrichtung: Haus A, Beratung",
        "Ansprechperson: Hans Muster, Leitung",
        "Ansprechperson: Rita Beispiel",
        "Diese E-Mail geht an: rita@bücher.example",
    ]


def test_answers_go_where_somebody_reads_them(
    settings: Settings, keys: TokenKeys
) -> None:
    """The inbox, if one is set; otherwise the sender alone."""
    inbox = EmailAddress.parse("mia@aschersleben.example")
    assert read(settings, keys)["Reply-To"] is None
    with_inbox = read(replace(settings, inbox_address=inbox), keys)
    assert with_inbox["Reply-To"] == "mia@aschersleben.example"
    assert "mailto:mia@aschersleben.example" in with_inbox["List-Unsubscribe"]


def test_one_return_path_serves_all_letters_unless_the_server_knows_better(
    settings: Settings, keys: TokenKeys
) -> None:
    """An address with a plus that nobody delivers would lose every report."""
    parcel = parcel_for(CLAIM, LETTER, DATED_AT, Letterhead.of(settings, keys))
    assert parcel.return_path == settings.smtp.return_path


def test_a_letter_can_have_a_return_path_of_its_own(
    settings: Settings, keys: TokenKeys
) -> None:
    """Whatever comes back there is about this delivery."""
    smtp = replace(settings.smtp, return_paths=ReturnPaths.SIGNED)
    head = Letterhead.of(replace(settings, smtp=smtp), keys)
    parcel = parcel_for(CLAIM, LETTER, DATED_AT, head)
    assert delivery_of(parcel.return_path, keys.return_path_key) == CLAIM.delivery_id


def test_the_envelope_names_the_delivery(settings: Settings, keys: TokenKeys) -> None:
    """ENVID comes back in reports, even where the return path is shared."""
    parcel = parcel_for(CLAIM, LETTER, DATED_AT, Letterhead.of(settings, keys))
    token = parcel.envelope_id
    assert delivery_of_token(token, keys.return_path_key) == CLAIM.delivery_id
