"""A mailbox on a server: what is touched, what never is, and what may go wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.errors import (
    InboxBusy,
    InboxCertificateRefused,
    InboxError,
    InboxFolderMissing,
    InboxLoginRefused,
    InboxUnreachable,
)
from mailer.inbound.drain import drain
from mailer.inbound.kinds import Kind
from mailer.inbound.sources import imap
from mailer.inbound.sources.imap import ImapSource
from mailer.settings import InboxMode, Security
from tests.certificates import Certificate, ca_file
from tests.receiving import a_mail, a_taker, an_inbox, arrivals, effects, unfiled
from tests.servers_imap import Act, Fault, Folder, ScriptedImap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mailer.inbound.drain import Drained
    from mailer.settings import Inbox, Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database


@pytest.fixture
def server() -> Iterator[ScriptedImap]:
    """A server that does everything right until a test says otherwise."""
    with ScriptedImap() as server:
        yield server


class Reader:
    """A mailbox of the tests, read as often as a test wants."""

    def __init__(
        self, inbox: Inbox, database: Database, clock: FixedClock, home: Path
    ) -> None:
        self.inbox = inbox
        self.database = database
        self.clock = clock
        self.home = home

    def read(self) -> Drained:
        """Read once, over a connection of its own, as a run of the program does."""
        source = ImapSource(self.inbox, self.home)
        is_shared = self.inbox.mode is InboxMode.SHARED
        taker = a_taker(
            self.database,
            self.clock,
            is_shared=is_shared,
            has_folder=bool(self.inbox.processed_folder),
        )
        try:
            return drain(source, taker)
        finally:
            source.close()


@pytest.fixture
def reader(
    server: ScriptedImap,
    settings: Settings,
    database: Database,
    clock: FixedClock,
    tmp_path: Path,
) -> Reader:
    """A dedicated mailbox on *server*, in clear text."""
    inbox = an_inbox(
        settings, server.port, InboxMode.DEDICATED, security=Security.PLAIN
    )
    return Reader(
        replace(inbox, timeout=timedelta(seconds=5)), database, clock, tmp_path
    )


def test_what_is_settled_is_moved_and_done_once(
    server: ScriptedImap, reader: Reader
) -> None:
    """Commands to one folder, mail for people to another, and nothing twice."""
    server.add(a_mail(1))
    server.add(a_mail(2, "human"))
    server.add(a_mail(3, "auto"))
    drained = reader.read()
    assert drained.taken == {Kind.COMMAND: 1, Kind.HUMAN: 1, Kind.AUTO: 1}
    assert server.contents() == []
    assert server.contents("mia-erledigt") == [a_mail(1), a_mail(3, "auto")]
    assert server.contents("mia-weitergeleitet") == [a_mail(2, "human")]
    assert reader.read().taken == {}
    assert effects(reader.database) == [1, 1, 1]
    assert unfiled(reader.database) == 0


def test_a_shared_mailbox_stays_as_it_is(server: ScriptedImap, reader: Reader) -> None:
    """No mark, no move, no delete; the human's mail is not even kept."""
    reader.inbox = replace(reader.inbox, mode=InboxMode.SHARED, processed_folder="")
    mails = [a_mail(1), a_mail(2, "human"), a_mail(3, "report")]
    for content in mails:
        server.add(content)
    reader.read()
    assert server.contents() == mails
    assert [one.flags for one in server.inbox.messages] == [set(), set(), set()]
    verbs = {" ".join(line.split()[:2]).upper() for line in server.commands}
    assert not any("STORE" in verb or "SELECT" in verb for verb in verbs)
    assert 'EXAMINE "INBOX"' in verbs
    left = arrivals(reader.database)[1]
    assert (left.kind, left.raw) == ("human", None)
    assert reader.read().taken == {}
    assert effects(reader.database) == [1, 1, 1]


def test_a_shared_mailbox_with_a_folder_loses_only_what_is_ours(
    server: ScriptedImap, reader: Reader
) -> None:
    """What the coordinator shall see stays, whatever was done with it."""
    reader.inbox = replace(reader.inbox, mode=InboxMode.SHARED)
    for number, kind in enumerate(["command", "human", "shown"]):
        server.add(a_mail(number, kind))
    reader.read()
    assert server.contents("mia-erledigt") == [a_mail(0)]
    assert server.contents() == [a_mail(1, "human"), a_mail(2, "shown")]


def test_years_of_a_persons_mail_are_none_of_our_business(
    server: ScriptedImap, reader: Reader
) -> None:
    """In a shared mailbox only the last days count, also after a new numbering."""
    reader.inbox = replace(reader.inbox, mode=InboxMode.SHARED, processed_folder="")
    server.inbox.add(a_mail(1), datetime(2024, 1, 29, tzinfo=UTC))
    server.inbox.add(a_mail(2), reader.clock.now() - timedelta(days=7, hours=2))
    server.add(a_mail(3))
    assert reader.read().taken == {Kind.COMMAND: 1}
    server.inbox.renumber()
    reader.clock.moment += timedelta(days=30)
    assert reader.read().known == 1
    assert effects(reader.database) == [1]


def test_new_numbers_do_nothing_twice(server: ScriptedImap, reader: Reader) -> None:
    """A new UIDVALIDITY: all is read again, the digests tell what is known."""
    reader.inbox = replace(reader.inbox, processed_folder="")
    server.add(a_mail(1))
    server.add(a_mail(2))
    reader.read()
    server.inbox.renumber()
    server.add(a_mail(3))
    drained = reader.read()
    assert (drained.known, drained.taken) == (2, {Kind.COMMAND: 1})
    assert effects(reader.database) == [1, 1, 1]


def test_the_same_bytes_twice_are_one_message(
    server: ScriptedImap, reader: Reader
) -> None:
    """Both copies are filed, one effect is had."""
    server.add(a_mail(1))
    server.add(a_mail(1))
    drained = reader.read()
    assert (drained.taken.total(), drained.known, drained.filed) == (1, 1, 2)
    assert effects(reader.database) == [1]
    assert len(server.contents("mia-erledigt")) == 2


def test_seen_means_nothing(server: ScriptedImap, reader: Reader) -> None:
    """Another program, or a person, may have looked at it before us."""
    server.add(a_mail(1)).flags.add(r"\Seen")
    assert reader.read().taken == {Kind.COMMAND: 1}


def test_what_is_gone_between_search_and_fetch_is_no_error(
    server: ScriptedImap, reader: Reader
) -> None:
    """Another program expunged it; the rest is read."""
    server.add(a_mail(1))
    server.add(a_mail(2))
    server.faults = [
        Fault(r"UID FETCH 1 \(UID BODY", Act.FIRST, call=server.inbox.lose_first)
    ]
    assert reader.read().taken == {Kind.COMMAND: 1}
    assert server.contents("mia-erledigt") == [a_mail(2)]


@pytest.mark.parametrize("act", [Act.CUT, Act.DROP])
def test_a_line_that_breaks_in_a_message_is_taken_up_again(
    server: ScriptedImap, reader: Reader, act: Act
) -> None:
    """Half a message is none; it is fetched anew over a new connection."""
    server.add(a_mail(1))
    server.faults = [Fault(r"UID FETCH 1 \(UID BODY", act)]
    assert reader.read().taken == {Kind.COMMAND: 1}
    (arrived,) = arrivals(reader.database)
    assert arrived.octets == len(a_mail(1))


def test_a_message_that_always_breaks_the_line_stops_nobody(
    server: ScriptedImap, reader: Reader
) -> None:
    """All others are read; this one is told of and waits for the next run."""
    server.add(a_mail(1))
    server.add(a_mail(2))
    server.faults = [Fault(r"UID FETCH 1 \(UID BODY", Act.CUT, times=2)]
    drained = reader.read()
    assert drained.taken == {Kind.COMMAND: 1}
    assert drained.refusals == ["die Verbindung ist abgebrochen"]
    assert reader.read().taken == {Kind.COMMAND: 1}
    assert effects(reader.database) == [1, 1]


@pytest.mark.parametrize(
    "size",
    [lambda octets: octets - 30, lambda octets: octets + 30, lambda _: 10**10],
    ids=["too small", "too large", "absurd"],
)
def test_a_server_that_lies_about_a_size_is_not_believed(
    server: ScriptedImap, reader: Reader, size: object
) -> None:
    """A literal with a wrong end is no message, and takes no memory."""
    reader.inbox = replace(reader.inbox, timeout=timedelta(seconds=1))
    server.add(a_mail(1))
    server.add(a_mail(2))
    lie = Fault(r"UID FETCH 1 \(UID BODY", Act.LIE, times=2, size=size)  # type: ignore[arg-type]
    server.faults = [lie]
    drained = reader.read()
    assert drained.taken == {Kind.COMMAND: 1}
    assert len(drained.refusals) == 1
    assert [one.octets for one in arrivals(reader.database)] == [len(a_mail(2))]


def test_a_mail_of_100_megabytes_is_not_fetched(
    server: ScriptedImap, reader: Reader
) -> None:
    """It stays where it is and is told of once, whatever its number is then."""
    server.add(a_mail(1)).stated_octets = 100 * 1024 * 1024
    assert reader.read().taken == {Kind.UNREADABLE: 1}
    bodies = {one for one in server.commands if "BODY" in one}
    assert bodies == {"UID FETCH 1 (UID BODY.PEEK[]<0.65536>)"}
    assert server.contents() == [a_mail(1)]
    server.inbox.renumber()
    drained = reader.read()
    assert (drained.taken, drained.known) == ({}, 1)
    (arrived,) = arrivals(reader.database)
    assert (arrived.rule, arrived.raw) == ("too_large", None)
    assert server.contents() == [a_mail(1)]


@pytest.mark.parametrize("words", ["NO [SERVERBUG] no", "NO cannot", "BAD what"])
def test_one_message_refused_by_the_server_stops_nobody(
    server: ScriptedImap, reader: Reader, words: str
) -> None:
    """Exchange does so with broken mail; the next run asks again."""
    server.add(a_mail(1))
    server.add(a_mail(2))
    server.faults = [Fault(r"UID FETCH 1 \(UID BODY", Act.REPLY, words)]
    drained = reader.read()
    assert drained.taken == {Kind.COMMAND: 1}
    assert len(drained.refusals) == 1
    assert reader.read().taken == {Kind.COMMAND: 1}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("GREETING", Act.RAW, "* BYE too busy"), InboxBusy),
        (Fault("LOGIN", Act.REPLY, "NO [AUTHENTICATIONFAILED] no"), InboxLoginRefused),
        (Fault("LOGIN", Act.REPLY, "NO [UNAVAILABLE] later"), InboxBusy),
        (Fault("LOGIN", Act.RAW, "* BYE too many tries"), InboxUnreachable),
        (Fault("LOGIN", Act.DROP), InboxUnreachable),
        (Fault("EXAMINE", Act.REPLY, "NO [NONEXISTENT] none"), InboxFolderMissing),
        (Fault("UID SEARCH", Act.REPLY, "NO cannot search"), InboxError),
        (Fault("UID SEARCH", Act.REPLY, "BAD syntax"), InboxError),
        (Fault("UID SEARCH", Act.RAW, "* BYE going down"), InboxUnreachable),
        (Fault("UID SEARCH", Act.RAW, "garbage"), InboxUnreachable),
        (Fault(r"UID FETCH 1,2,3,4 \(UID", Act.CUT), InboxUnreachable),
        (Fault(r"UID FETCH \d \(UID BODY", Act.DROP, times=99), InboxUnreachable),
    ],
    ids=lambda value: (
        f"{value.on} {value.act} {value.words}" if isinstance(value, Fault) else ""
    ),
)
def test_every_trouble_has_its_kind(
    server: ScriptedImap, reader: Reader, fault: Fault, kind: type[InboxError]
) -> None:
    """One German sentence each; afterwards the next run does all that was left."""
    for number in range(1, 5):
        server.add(a_mail(number))
    server.faults = [replace(fault)]
    with pytest.raises(kind) as caught:
        reader.read()
    assert type(caught.value) is kind
    assert f"127.0.0.1:{server.port}" in caught.value.sentence
    server.faults = []
    assert reader.read().taken == {Kind.COMMAND: 4}
    assert effects(reader.database) == [1, 1, 1, 1]


def test_a_folder_that_does_not_exist_is_said(reader: Reader) -> None:
    """A slip in the settings, before anything is read."""
    reader.inbox = replace(reader.inbox, folder="Eingang")
    with pytest.raises(InboxFolderMissing) as caught:
        reader.read()
    assert "[inbox] folder" in caught.value.sentence


def test_a_server_that_falls_silent_ends_the_run(
    server: ScriptedImap, reader: Reader
) -> None:
    """Nobody waits for ever."""
    reader.inbox = replace(reader.inbox, timeout=timedelta(seconds=0.2))
    server.faults = [Fault("UID SEARCH", Act.STALL)]
    with pytest.raises(InboxUnreachable) as caught:
        reader.read()
    assert "Wartezeit" in caught.value.sentence


@pytest.mark.parametrize("step", ["CAPABILITY", "EXAMINE", "UID SEARCH", "UID FETCH"])
@pytest.mark.parametrize("security", [Security.PLAIN, Security.STARTTLS])
def test_a_server_that_drips_ends_the_run(
    server: ScriptedImap, reader: Reader, step: str, security: Security
) -> None:
    """No single wait is too long, and yet the run has an end; the next one goes on."""
    for number in range(60):
        server.add(a_mail(number))
    reader.inbox = replace(
        reader.inbox,
        security=security,
        ca_file=ca_file(),
        longest_run=timedelta(seconds=0.3),
    )
    # Sixty octets a second at most: a megabyte would take hours.
    server.add(b"X-Filling: " + b"x" * 1_000_000 + b"\r\n" + a_mail(60))
    server.faults = [Fault(step, Act.DRIP, times=1_000)]
    with pytest.raises(InboxUnreachable) as caught:
        reader.read()
    assert "longest_run" in caught.value.sentence
    server.faults = []
    reader.inbox = replace(reader.inbox, longest_run=timedelta(minutes=1))
    assert reader.read().taken.total() == 61


def test_trouble_while_filing_does_nothing_twice(
    server: ScriptedImap, reader: Reader
) -> None:
    """The effect is committed; the next run only files."""
    server.add(a_mail(1))
    server.faults = [Fault("UID MOVE", Act.DROP)]
    with pytest.raises(InboxUnreachable):
        reader.read()
    assert unfiled(reader.database) == 1
    drained = reader.read()
    assert (drained.taken, drained.filed) == ({}, 1)
    assert effects(reader.database) == [1]
    assert server.contents("mia-erledigt") == [a_mail(1)]


def test_new_numbers_while_filing_move_nothing_wrong(
    server: ScriptedImap, reader: Reader
) -> None:
    """A UID of yesterday may be another mail today."""
    server.add(a_mail(1))
    server.faults = [Fault("SELECT", Act.FIRST, call=server.inbox.renumber)]
    with pytest.raises(InboxError, match="neu nummeriert"):
        reader.read()
    assert server.contents() == [a_mail(1)]
    assert reader.read().filed == 1
    assert effects(reader.database) == [1]


def test_without_move_exactly_ours_is_taken_away(reader: Reader) -> None:
    """COPY and UID EXPUNGE; what a person marked for deletion is hers to delete."""
    with ScriptedImap(capabilities="IMAP4rev1 UIDPLUS") as server:
        reader.inbox = replace(reader.inbox, port=server.port)
        server.add(a_mail(1))
        server.add(a_mail(2, "human"))
        reader.read()
        marked = server.add(b"Subject: human\r\n\r\nmarked 9")
        marked.flags.add(r"\Deleted")
        server.add(a_mail(3))
        reader.inbox = replace(reader.inbox, mode=InboxMode.SHARED)
        reader.read()
        assert server.contents() == [marked.content]
        assert server.contents("mia-erledigt") == [a_mail(1), a_mail(3)]


def test_without_uidplus_nothing_is_moved(reader: Reader) -> None:
    """A plain EXPUNGE would take more than ours."""
    with ScriptedImap(capabilities="IMAP4rev1") as server:
        reader.inbox = replace(reader.inbox, port=server.port)
        server.add(a_mail(1))
        with pytest.raises(InboxError, match="nicht verschieben"):
            reader.read()
        assert server.contents() == [a_mail(1)]
        assert effects(reader.database) == [1]


def test_folders_below_the_inbox_are_found(
    server: ScriptedImap, reader: Reader
) -> None:
    """Some servers keep all folders there."""
    server.folders["INBOX/mia-erledigt"] = Folder(uidvalidity=3)
    server.add(a_mail(1))
    reader.read()
    assert server.contents("INBOX/mia-erledigt") == [a_mail(1)]


def test_folders_are_made_below_the_inbox_where_they_must_be(
    server: ScriptedImap, reader: Reader
) -> None:
    """The server refuses the plain name."""
    server.faults = [Fault("CREATE", Act.REPLY, "NO not here")]
    server.add(a_mail(1))
    reader.read()
    assert server.contents("INBOX/mia-erledigt") == [a_mail(1)]


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_tls_is_checked(reader: Reader, security: Security) -> None:
    """A good certificate is taken, another one is not; the password is not said."""
    is_tls = security is Security.TLS
    with ScriptedImap(implicit_tls=is_tls) as server:
        server.add(a_mail(1))
        reader.inbox = replace(
            reader.inbox, security=security, port=server.port, ca_file=ca_file()
        )
        assert reader.read().taken == {Kind.COMMAND: 1}
        assert server.logins == [("mia@netz.example", "geheim")] * len(server.logins)
    with ScriptedImap(
        implicit_tls=is_tls, certificate=Certificate.WRONG_HOST
    ) as server:
        reader.inbox = replace(reader.inbox, port=server.port)
        with pytest.raises(InboxCertificateRefused) as caught:
            reader.read()
        assert "ausgestellt" in caught.value.sentence
        assert server.logins == []


def test_a_missing_certificate_file_is_said(reader: Reader) -> None:
    """Before anything is sent."""
    reader.inbox = replace(
        reader.inbox, security=Security.TLS, ca_file=reader.home / "nichts.pem"
    )
    with pytest.raises(InboxCertificateRefused):
        reader.read()


def test_starttls_that_is_not_offered_is_no_reason_for_clear_text(
    reader: Reader,
) -> None:
    """Somebody in between may have taken it away."""
    with ScriptedImap(capabilities="IMAP4rev1") as server:
        reader.inbox = replace(
            reader.inbox, port=server.port, security=Security.STARTTLS
        )
        with pytest.raises(InboxError):
            reader.read()
        assert server.logins == []


def test_clear_text_goes_nowhere_but_here(reader: Reader) -> None:
    """Also when the settings were not asked."""
    reader.inbox = replace(reader.inbox, host="imap.example.org")
    with pytest.raises(InboxError, match="ohne Verschlüsselung"):
        reader.read()


def test_a_password_may_have_an_umlaut(server: ScriptedImap, reader: Reader) -> None:
    """LOGIN could not carry it, PLAIN can."""
    reader.inbox = replace(reader.inbox, password='Grüße "1"')
    reader.read()
    assert server.logins == [("mia@netz.example", 'Grüße "1"')]


def test_an_access_token_is_asked_for_anew(
    server: ScriptedImap, reader: Reader
) -> None:
    """XOAUTH2, with what the command prints."""
    reader.inbox = replace(reader.inbox, token_command="echo ya29.abc")
    reader.read()
    assert server.logins == [("mia@netz.example", "ya29.abc")]
    reader.inbox = replace(reader.inbox, token_command="false")
    with pytest.raises(InboxLoginRefused) as caught:
        reader.read()
    assert "endet mit dem Fehler 1" in caught.value.sentence


def test_nobody_listening_is_said(reader: Reader) -> None:
    """The sentence says that nothing is lost."""
    reader.inbox = replace(reader.inbox, port=9)
    with pytest.raises(InboxUnreachable) as caught:
        reader.read()
    assert "nichts verloren" in caught.value.sentence


@pytest.mark.parametrize(
    ("answer", "content"),
    [
        ([(b"1 (UID 7 BODY[] {3}", b"abc"), b")"], b"abc"),
        ([(b"1 (BODY[] {3}", b"abc"), b" UID 7)"], b"abc"),
        ([(b"1 (BODY[] {3}", b"abc"), b")"], b"abc"),
        ([rb'1 (UID 7 BODY[] "a\"c")'], b'a"c'),
        ([b"2 (FLAGS (\\Seen))", (b"1 (UID 7 BODY[] {1}", b"x"), b")"], b"x"),
        ([(b"1 (UID 8 BODY[] {3}", b"abc"), b")"], None),
        ([b"1 (UID 7 BODY[] NIL)"], None),
        ([b"1 (UID 7 FLAGS (\\Seen))"], None),
        ([None], None),
    ],
)
def test_answers_to_a_fetch_have_many_forms(
    answer: list[bytes | tuple[bytes, bytes] | None], content: bytes | None
) -> None:
    """Only the message that was asked for counts."""
    assert imap._content(answer, 7) == content


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            b'INTERNALDATE " 3-Dec-2026 10:00:00 +0100"',
            datetime(2026, 12, 3, 9, 0, tzinfo=UTC),
        ),
        (
            b'INTERNALDATE "03-Dec-2026 10:00:00 -0000"',
            datetime(2026, 12, 3, 10, 0, tzinfo=UTC),
        ),
        (
            b'INTERNALDATE "31-Dec-2016 23:59:60 +0000"',
            datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),
        ),
        (b'INTERNALDATE "99-Foo-2026 99:00:00 +0100"', None),
        (b"UID 7", None),
    ],
)
def test_arrivals_are_read_as_servers_write_them(
    row: bytes, expected: datetime | None
) -> None:
    """A date that nobody can read does not make a mail old."""
    assert imap._arrived(row) == expected


def test_a_server_that_does_not_number_is_refused(
    server: ScriptedImap, reader: Reader
) -> None:
    """Without UIDVALIDITY no name would hold."""
    server.faults = [Fault("EXAMINE", Act.REPLY, "OK [READ-ONLY] open")]
    with pytest.raises(InboxError, match="nummeriert"):
        reader.read()
