"""The mail catcher of the demonstration: a real server, a public certificate."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest
from cryptography import x509

from mailer.demo import catcher as catching
from mailer.demo.catcher import CA_FILE, HOST, Caught, MailCatcher
from mailer.errors import CertificateRefused
from mailer.rendering.parcel import Verdict
from mailer.transport.smtp import SmtpTransport
from tests.wire import CONTENT, parcel, relay, sent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.settings import Smtp

HELLO: Final = "EHLO test.example\r\n"
ENVELOPE: Final = "MAIL FROM:<a@ort.example>\r\nRCPT TO:<b@ort.example>\r\n"


@pytest.fixture
def caught() -> list[Caught]:
    """What the catcher has kept."""
    return []


@pytest.fixture
def catcher(caught: list[Caught]) -> Iterator[MailCatcher]:
    """A catcher that keeps in memory."""
    with MailCatcher(caught.append) as catcher:
        yield catcher


def settings_for(catcher: MailCatcher) -> Smtp:
    """Return what the demonstration writes into its settings."""
    return replace(relay(catcher.port, user=""), host=HOST, ca_file=CA_FILE)


class Talk:
    """A client that says exactly what a test wants."""

    def __init__(self, catcher: MailCatcher) -> None:
        self.socket = socket.create_connection(("127.0.0.1", catcher.port), timeout=10)
        self.greeting = self.hear()

    def hear(self) -> list[str]:
        """Return one reply, its lines without CRLF."""
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            line = b""
            while not line.endswith(b"\r\n"):
                octet = self.socket.recv(1)
                if not octet:
                    return lines
                line += octet
            lines.append(line[:-2].decode())
        return lines

    def say(self, words: str | bytes, replies: int = 1) -> list[str]:
        """Send *words* and return the last line of each of so many replies."""
        self.socket.sendall(words if isinstance(words, bytes) else words.encode())
        return [(self.hear() or ["closed"])[-1] for _ in range(replies)]

    def protect(self) -> None:
        """Switch to verified TLS."""
        context = ssl.create_default_context(cafile=str(CA_FILE))
        self.socket = context.wrap_socket(self.socket, server_hostname=HOST)


@pytest.fixture
def talk(catcher: MailCatcher) -> Iterator[Talk]:
    """A connection in clear, greeted."""
    talk = Talk(catcher)
    yield talk
    talk.socket.close()


@pytest.fixture
def protected(talk: Talk) -> Talk:
    """A connection inside TLS, after EHLO."""
    talk.say(HELLO)
    talk.say("STARTTLS\r\n")
    talk.protect()
    talk.say(HELLO)
    return talk


def test_letters_come_in_over_verified_tls(
    catcher: MailCatcher, caught: list[Caught]
) -> None:
    """Our own transport, with nothing switched off, is satisfied."""
    outcomes = sent(settings_for(catcher), [parcel(), parcel("ada@ort.example")])

    assert [outcome.verdict for outcome in outcomes] == [Verdict.ACCEPTED] * 2
    assert caught[0] == Caught(
        "mia@stadt.example", ("rita@ort.example",), CONTENT, is_protected=True
    )
    assert caught[1].recipients == ("ada@ort.example",)


def test_the_check_before_a_run_passes(catcher: MailCatcher) -> None:
    """The catcher names its size, its extensions and a modern TLS."""
    facts = asyncio.run(SmtpTransport(settings_for(catcher)).check())

    assert facts.size_limit == catching.MAX_MESSAGE_OCTETS
    assert facts.tls_version == "TLSv1.3"
    assert "STARTTLS" not in facts.extensions


def test_only_who_trusts_the_demo_authority_is_satisfied(catcher: MailCatcher) -> None:
    """No system trusts this certificate: it takes the explicit ca_file."""
    smtp = replace(settings_for(catcher), ca_file=None)

    with pytest.raises(CertificateRefused):
        sent(smtp, [parcel()])


def test_a_letter_that_cannot_be_kept_is_not_taken(caught: list[Caught]) -> None:
    """The catcher says 250 only for what it holds; a full disk means "later"."""

    def full(_caught: Caught) -> None:
        raise OSError

    with MailCatcher(full) as catcher:
        [outcome] = sent(settings_for(catcher), [parcel()])

    assert outcome.verdict is Verdict.DEFERRED
    assert caught == []


def test_many_clients_are_served_at_once(
    catcher: MailCatcher, caught: list[Caught]
) -> None:
    """Eight connections send side by side."""

    async def one(number: int) -> Verdict:
        transport = SmtpTransport(settings_for(catcher))
        outcome = await transport.send(parcel(f"p{number}@ort.example"), _yes)
        await transport.close()
        return outcome.verdict

    async def all_of_them() -> list[Verdict]:
        return await asyncio.gather(*(one(number) for number in range(8)))

    assert asyncio.run(all_of_them()) == [Verdict.ACCEPTED] * 8
    assert len({each.recipients for each in caught}) == 8


async def _yes() -> bool:
    return True


def test_the_end_of_the_block_ends_open_connections() -> None:
    """A client that never says QUIT does not keep the demonstration alive."""
    with MailCatcher(lambda _caught: None) as catcher:
        talk = Talk(catcher)

    assert talk.socket.recv(1) == b""
    talk.socket.close()


def test_without_tls_there_is_no_mail(talk: Talk) -> None:
    """STARTTLS is offered and required."""
    assert talk.greeting == ["220 localhost ESMTP mail catcher"]
    assert talk.say(HELLO) == ["250 PIPELINING"]
    assert talk.say("MAIL FROM:<a@ort.example>\r\n") == ["530 5.7.0 STARTTLS first"]


def test_commands_may_come_in_one_packet(protected: Talk, caught: list[Caught]) -> None:
    """Pipelining: each command has its reply, in order (RFC 2920)."""
    replies = protected.say(ENVELOPE + "DATA\r\n", 3)
    [taken] = protected.say("Subject: x\r\n\r\n..\r\n...\r\n.\r\n")

    assert [reply[:3] for reply in [*replies, taken]] == ["250", "250", "354", "250"]
    assert caught[0].content == b"Subject: x\r\n\r\n.\r\n..\r\n"


def test_only_crlf_dot_crlf_ends_the_content(
    protected: Talk, caught: list[Caught]
) -> None:
    """A dot between bare line feeds smuggles nothing (RFC 5321, section 2.3.8)."""
    protected.say(ENVELOPE + "DATA\r\n", 3)
    protected.say("a\n.\nMAIL FROM:<evil@ort.example>\r\n.\r\n")

    assert len(caught) == 1
    assert b"evil" in caught[0].content


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("NOOP\r\n", "250"),
        ("noop\r\n", "250"),
        ("RSET\r\n", "250"),
        ("HELO test.example\r\n", "250"),
        ("VRFY rita\r\n", "500"),
        ("\r\n", "500"),
        ("RCPT TO:<b@ort.example>\r\n", "503"),
        ("DATA\r\n", "503"),
        ("STARTTLS\r\n", "503"),
        ("MAIL FROM:a@ort.example\r\n", "501"),
        ("MAIL FROM:<>\r\n", "250"),
        ("MAIL FROM:<a@ort.example> SIZE=1000\r\n", "250"),
        ("MAIL FROM:<a@ort.example> SIZE=99999999999\r\n", "552"),
        ("MAIL FROM:<a@ort.example> BODY=8BITMIME\r\n", "250"),
        ("QUIT\r\n", "221"),
    ],
)
def test_each_command_has_its_reply(protected: Talk, words: str, code: str) -> None:
    """One row per command and per way to say it wrong."""
    assert protected.say(words)[0][:3] == code


def test_the_order_of_commands_is_kept(protected: Talk) -> None:
    """MAIL twice, RCPT without an address, more recipients than promised."""
    many = "RCPT TO:<b@ort.example>\r\n" * 101
    assert protected.say("MAIL FROM:<a@ort.example>\r\n" * 2, 2)[1][:3] == "503"
    assert protected.say("RCPT TO:<nobody>\r\n")[0][:3] == "501"
    replies = protected.say(many, 101)
    assert [reply[:3] for reply in replies] == ["250"] * 100 + ["452"]


def test_starttls_takes_no_parameters(talk: Talk) -> None:
    """RFC 3207, section 4: 501 to a STARTTLS with words behind it."""
    talk.say(HELLO)
    assert talk.say("STARTTLS now\r\n")[0][:3] == "501"


def test_commands_before_tls_do_not_count_inside(
    talk: Talk, caught: list[Caught]
) -> None:
    """What came in clear behind STARTTLS is thrown away, and so is the EHLO."""
    talk.say(HELLO)
    talk.say("STARTTLS\r\n" + HELLO + ENVELOPE)
    talk.protect()

    assert talk.say("MAIL FROM:<a@ort.example>\r\n")[0][:3] == "503"
    assert caught == []


def test_what_is_too_large_is_not_kept(
    protected: Talk, caught: list[Caught], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size said in EHLO holds for clients that do not listen, too."""
    monkeypatch.setattr(catching, "MAX_MESSAGE_OCTETS", 100)
    protected.say(ENVELOPE + "DATA\r\n", 3)
    assert protected.say(b"x" * 70 + b"\r\n" + b"x" * 70 + b"\r\n.\r\n")[0][:3] == "552"
    protected.say(ENVELOPE + "DATA\r\n", 3)
    assert protected.say("short\r\n.\r\n")[0][:3] == "250"

    assert [each.content for each in caught] == [b"short\r\n"]


def test_an_endless_line_ends_the_conversation(talk: Talk) -> None:
    """Memory is bounded: 64 KiB without a line end, and the catcher hangs up."""
    with pytest.raises(ConnectionError):
        talk.socket.sendall(b"x" * 64_000_000)


def test_the_demo_certificate_is_good_for_nothing_else() -> None:
    """It names this machine only, lasts, and its authority can sign nothing else."""
    folder = CA_FILE.parent
    authority = x509.load_pem_x509_certificate(CA_FILE.read_bytes())
    shown = x509.load_pem_x509_certificate(
        (folder / "public-demo-certificate.pem").read_bytes()
    )
    names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints)

    shown.verify_directly_issued_by(authority)
    assert names.get_values_for_type(x509.DNSName) == [HOST]
    assert all(ip.is_loopback for ip in names.get_values_for_type(x509.IPAddress))
    assert limits.critical
    assert min(shown.not_valid_after_utc, authority.not_valid_after_utc) > datetime(
        2090, 1, 1, tzinfo=UTC
    )


def test_the_key_of_the_authority_does_not_exist() -> None:
    """One private key is shipped: the server's. Nobody can sign with the authority."""
    files = {path.name for path in CA_FILE.parent.iterdir()}
    assert files == {
        "public-demo-authority.pem",
        "public-demo-certificate.pem",
        "public-demo-key.pem",
    }
    assert b"PRIVATE" not in CA_FILE.read_bytes()
