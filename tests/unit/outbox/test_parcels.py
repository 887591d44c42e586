"""From the claim to the parcel: spliced or not, signed or not."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.errors import MessageUnsafe
from mailer.outbox.ledger import Claim
from mailer.outbox.letterhead import Letterhead
from mailer.outbox.models import DeliveryId, FrozenLetter
from mailer.outbox.parcels import ParcelMaker
from mailer.rendering.dkim import SigningKey
from mailer.rendering.parcel import Content
from mailer.settings import ReturnPaths
from subscribers.address import EmailAddress
from subscribers.audience import Recipient
from subscribers.models import MailboxId
from subscribers.partners import Entry
from subscribers.tokens import TokenKeys
from subscribers.topics import LetterStyle, Topic
from tests.conftest import PRESENT, SECRET
from tests.letters import MEANS, open_invitation, settings_for
from tests.outgoing import drain, issued
from tests.servers import ScriptedSmtp
from tests.update_letters import open_update
from tests.wire import relay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailer.application import Application
    from mailer.rendering.parcel import Parcel
    from subscribers.database import Database

INVITATION: Final = "edition/1"
UPDATE: Final = "edition/2"

BASES: Final = (
    "https://mia.example",
    "https://netzwerk-miteinander.aschersleben.example/mia",
    "http://localhost:8025",
    "https://a.example/" + "sehr-lang/" * 12,
)
"""Public pages; with the longer ones a link breaks in its token."""

ODD: Final = st.sampled_from(
    [".", "..", "From ", "=", "=?utf-8?q?x?=", "ä", "ß", "ŁŠ", "Ж", "שלום", "العربية",
     "😀", "🏳️‍🌈", "\u202e", "\u200b", "\u00ad", "\u00a0", "\n", "\r\nBcc: x@y.example",
     "\t", " ", "\0", "\x7f", "\u2028", "\ud800", "\udfff", "\uf8e1", "\U000f0000",
     "<b>", "&", "'", '"', "\\", "E-Mail", "3. Dezember 2026", "10 Uhr", "–",
     "x" * 90, "ü" * 40, "#&greeting#", "Guten Tag"]
)  # fmt: skip
"""What breaks names: line starts, escapes, other directions, invisible characters."""

NAMES: Final = st.one_of(
    st.none(),
    st.sampled_from(["Rita Beispiel", "Jörg Schäfer-Süß", "O’Neill", "Änne Groß"]),
    st.lists(st.one_of(ODD, st.text(max_size=12)), max_size=6).map("".join),
    st.text(max_size=400),
)

ADDRESSES: Final = st.sampled_from(
    ["rita@ort.example", "r.i+t_a'x@bücher.example", f"{'a' * 64}@{'b' * 60}.example"]
).map(EmailAddress.parse)

ENTRIES: Final = st.builds(
    Entry, NAMES.map(str), st.text(max_size=20), st.tuples(NAMES.map(str))
)

CLAIMS: Final = st.builds(
    Claim,
    delivery_id=st.integers(0, 2**32 - 1).map(DeliveryId),
    occasion=st.just(INVITATION),
    style=st.sampled_from(LetterStyle),
    message_id=st.one_of(
        st.binary(min_size=12, max_size=12).map(lambda s: f"<{s.hex()}@mia.example>"),
        st.sampled_from(["<a.b@mia.example>", "<x@y>\r\nX: y", "", "<ä@mia.example>"]),
    ),
    number=st.integers(1, 9),
    recipient=st.builds(
        Recipient,
        mailbox_id=st.integers(0, 2**32 - 1).map(MailboxId),
        address=ADDRESSES,
        name=NAMES,
        style=st.just(LetterStyle.STANDARD),
        is_partner=st.booleans(),
    ),
    token_version=st.integers(0, 2**16 - 1),
    topic=st.sampled_from([None, *Topic]),
)

CLAIM: Final = Claim(
    delivery_id=DeliveryId(5),
    occasion=INVITATION,
    style=LetterStyle.STANDARD,
    message_id="<0123456789abcdef01234567@mia.example>",
    number=1,
    recipient=Recipient(
        mailbox_id=MailboxId(17),
        address=EmailAddress.parse("rita@ort.example"),
        name="Rita Beispiel",
        style=LetterStyle.STANDARD,
        is_partner=False,
    ),
    token_version=3,
)

UPDATES: Final = st.builds(
    Claim._replace,
    CLAIMS,
    occasion=st.just(UPDATE),
    topic=st.just(Topic.NETWORK_UPDATES),
    entries=st.lists(ENTRIES, max_size=2).map(tuple),
)
"""Deliveries of the letter that says what is entered about its reader."""


def fingerprint(text: bytes) -> bytes:
    """Return what depends on every octet of *text*."""
    return hashlib.sha256(text).digest() * 8


KEYS: Final = (
    SigningKey("a.example", "mia2026", "rsa-sha256", fingerprint),
    SigningKey("a.example", "mia2026-ed25519", "ed25519-sha256", fingerprint),
)
"""Their signatures show whether the same is signed."""


@st.composite
def letterheads(draw: st.DrawFn) -> Letterhead:
    """Return a letterhead: with or without pages, inbox, return paths and keys."""
    known = settings_for(draw(st.sampled_from(sorted(MEANS))))
    paths = draw(st.sampled_from(ReturnPaths))
    return Letterhead.of(
        replace(
            known,
            web_base_url=draw(st.sampled_from(["", *BASES])),
            smtp=replace(known.smtp, return_paths=paths),
        ),
        TokenKeys.derive(SECRET),
        draw(st.sampled_from([(), KEYS[:1], KEYS])),
    )


@pytest.fixture
def frozen(database: Database) -> Database:
    """A ledger with an invitation and a network update, as issued in every style."""
    with database.transaction() as db:
        for style in LetterStyle:
            letters = {
                INVITATION: open_invitation("both", style),
                UPDATE: open_update("full", style),
            }
            for occasion, letter in letters.items():
                db.add(
                    FrozenLetter(
                        occasion=occasion,
                        style=style,
                        subject=letter.subject,
                        text=letter.text,
                        html=letter.html,
                        calendar=letter.calendar,
                        method=letter.method,
                        dated_at=PRESENT,
                    )
                )
    return database


def parcels(
    database: Database, head: Letterhead, claims: Sequence[Claim]
) -> list[Parcel | None]:
    """Return the parcel of each claim; None where there is none."""

    async def story() -> list[Parcel | None]:
        maker = ParcelMaker(database, head)
        found: list[Parcel | None] = []
        for claimed in claims:
            try:
                found.append(await maker.parcel(claimed))
            except MessageUnsafe:
                found.append(None)
        return found

    return asyncio.run(story())


def made(
    database: Database, head: Letterhead, claims: Sequence[Claim], *, splices: bool
) -> list[Parcel | None]:
    """Return the parcels, each with its content in one piece."""
    head = replace(head, splices=splices)
    return [
        one and one._replace(content=Content.whole(bytes(one.content)))
        for one in parcels(database, head, claims)
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(letterheads(), st.lists(st.one_of(CLAIMS, UPDATES), min_size=1, max_size=40))
def test_both_ways_make_the_same_parcels(
    frozen: Database, head: Letterhead, claims: list[Claim]
) -> None:
    """For every reader: bytes, return path and name; one that is refused is alone."""
    whole = made(frozen, head, claims, splices=False)
    assert made(frozen, head, claims, splices=True) == whole
    # Whoever is the first, and a second copy of each.
    again = [*reversed(claims), *claims]
    assert made(frozen, head, again, splices=True) == [*reversed(whole), *whole]


def test_all_readers_share_the_pieces_of_a_letter(
    frozen: Database, keys: TokenKeys
) -> None:
    """The very same objects, so that whoever looks at them need not look again."""
    head = Letterhead.of(settings_for("both"), keys)
    claims = [CLAIM._replace(delivery_id=DeliveryId(number)) for number in range(4)]
    first, *others = (one.content for one in parcels(frozen, head, claims) if one)
    assert first == Content.whole(bytes(first))  # built, to see whether it can be cut
    assert len(others) == 3
    assert len({id(one.shared) for one in others}) == 1
    assert len(others[0].shared) > 10


def test_splicing_can_be_switched_off(frozen: Database, keys: TokenKeys) -> None:
    """``[letters] splice = false``, to find out where a fault comes from."""
    head = Letterhead.of(replace(settings_for("both"), splice=False), keys)
    for one in parcels(frozen, head, [CLAIM, CLAIM]):
        assert one is not None
        assert one.content == Content.whole(bytes(one.content))


def test_what_leaves_is_signed(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the keys of the letterhead, each letter for itself."""
    key = SigningKey("netz.example", "mia2026", "rsa-sha256", lambda _: b"sealed")
    monkeypatch.setitem(vars(application), "signing_keys", (key,))
    issued(application, people=3)

    with ScriptedSmtp() as server:
        drain(application, relay(server))

    digests = [re.findall(rb" bh=(.*);", one.content) for one in server.accepted]
    assert len({digest for (digest,) in digests}) == 3
    assert all(b"b=c2VhbGVk\r\n" in one.content for one in server.accepted)


def test_a_letterhead_signs_nothing_by_itself(application: Application) -> None:
    """Off by default: the town's relay does it."""
    assert Letterhead.of(application.settings, application.keys).signing_keys == ()
