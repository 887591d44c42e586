"""Delivery reports of real servers' shapes: whom they mean, and what it says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.inbound.complaint import parse_complaint
from mailer.inbound.delivery_report import MAX_RECIPIENTS, parse_report
from mailer.inbound.diagnostics import Severity
from mailer.inbound.reading import Message, read
from tests.reports import BOUNCES, OUR_ID, a_report, a_text, the_report

HARD, SOFT, POLICY = Severity.HARD, Severity.SOFT, Severity.POLICY
DELAYED, NONE = Severity.DELAYED, Severity.NONE

CORPUS = [
    ("disabled-for-good", HARD, "info@handwerk.example", "5.2.1, but for ever"),
    ("disabled-for-now", SOFT, "info@handwerk.example", "5.2.1, and it says for now"),
    ("dovecot-lmtp-full", SOFT, "info@sportverein.example", "full, after the content"),
    ("dovecot-lmtp-unknown", HARD, "info@sportverein.example", "no such user"),
    ("dovecot-rejected-full", SOFT, "info@sportverein.example", "no Diagnostic-Code"),
    ("exchange-2003-no-status", HARD, "buero@schule.example", "a text and a copy"),
    ("exchange-german-full", SOFT, "buero@schule.example", "STOREDRV, quota"),
    ("exchange-german-text-only", HARD, "buero@schule.example", "only German words"),
    ("exchange-german-unknown", HARD, "buero@schule.example", "RESOLVER.ADR"),
    ("exchange-group-members", POLICY, "kollegium@schule.example", "we may not"),
    ("exim-full", SOFT, "gerda.hahn@verein.example", "5.0.0 beside 552 5.2.2"),
    ("exim-no-domain", HARD, "gerda.hahn@vereln.example", "a typo in the domain"),
    ("exim-plain-unrouteable", HARD, "gerda.hahn@verein.example", "no machine part"),
    ("exim-plain-warning", DELAYED, "gerda.hahn@verein.example", "it still tries"),
    ("exim-retry-timeout", SOFT, "gerda.hahn@verein.example", "failed, beside 451"),
    ("exim-unknown", HARD, "gerda.hahn@verein.example", "5.0.0 beside 550 5.1.1"),
    ("german-gone", HARD, "info@rathaus.example", "no code but 550"),
    ("german-unknown", HARD, "info@rathaus.example", "German words"),
    ("gmail-disabled", SOFT, "anke.simon@gmail.example", "inactive: perhaps not dead"),
    ("gmail-dmarc", POLICY, "anke.simon@gmail.example", "our DMARC"),
    ("gmail-out-of-storage", SOFT, "anke.simon@gmail.example", "out of storage"),
    ("gmail-own-german", HARD, "anke.simon@verein.example", "Gmail's own report"),
    ("gmail-rate", POLICY, "anke.simon@gmail.example", "our speed"),
    ("gmail-unknown", HARD, "anke.simon@gmail.example", "four lines of one refusal"),
    ("gmx-full", SOFT, "rita.wolf@gmx.example", "quota, no enhanced code"),
    ("gmx-own-full", SOFT, "steffi.krause@gmx.example", "GMX's own report"),
    ("gmx-own-unknown", HARD, "steffi.krause@gmx.example", "GMX's own report"),
    ("gmx-ptr", POLICY, "rita.wolf@gmx.example", "our name in the DNS"),
    ("gmx-reputation", POLICY, "rita.wolf@gmx.example", "policy restrictions"),
    ("gmx-spf", POLICY, "rita.wolf@gmx.example", "begins like an unknown mailbox"),
    ("gmx-unknown", HARD, "rita.wolf@gmx.example", "mailbox unavailable"),
    ("international-address", HARD, "jürgen@verein.example", "RFC 6533"),
    ("mailcow-greylist", SOFT, "info@sportverein.example", "451 4.7.1 is not policy"),
    ("mailcow-spam", POLICY, "info@sportverein.example", "Rspamd"),
    ("mailcow-unknown", HARD, "info@sportverein.example", "a wrapped refusal"),
    ("null-mx", HARD, "info@altverein.example", "the domain takes no mail"),
    ("office365-directory", HARD, "buero@schule.example", "5.4.1 Access denied"),
    ("office365-expired", SOFT, "buero@schule.example", "could not be reached"),
    ("office365-filter", POLICY, "buero@schule.example", "a rule of theirs"),
    ("office365-german-unknown", HARD, "buero@schule.example", "5.1.10"),
    ("outlook-blocked", POLICY, "paul.jung@outlook.example", "our network is listed"),
    ("outlook-level", POLICY, "paul.jung@outlook.example", "5.7.515"),
    ("outlook-unknown", HARD, "paul.jung@outlook.example", "5.5.0, unavailable"),
    ("postfix-delayed", DELAYED, "otto.kern@verein.example", "Action: delayed"),
    ("postfix-dns-trouble", SOFT, "maria.busch@verein.example", "not found, for now"),
    ("postfix-full", SOFT, "erna.vogt@verein.example", "5.2.2"),
    ("postfix-greylist", SOFT, "otto.kern@verein.example", "greylisting that gave up"),
    ("postfix-late-unknown", SOFT, "otto.kern@funk.example", "unknown after DATA"),
    ("postfix-no-domain", HARD, "maria.busch@gmial.example", "a typo in the domain"),
    ("postfix-relay-denied", POLICY, "otto.kern@verein.example", "our relay"),
    ("postfix-relayed", NONE, "otto.kern@verein.example", "good news"),
    ("postfix-timeout", SOFT, "otto.kern@verein.example", "their server is away"),
    ("postfix-too-large", POLICY, "otto.kern@verein.example", "5.3.4"),
    ("postfix-unknown", HARD, "kurt.lehmann@verein.example", "the plainest of all"),
    ("qmail-connection", SOFT, "info@sportverein.example", "given up after a week"),
    ("qmail-full", SOFT, "info@sportverein.example", "over quota"),
    ("qmail-remote-unknown", HARD, "info@sportverein.example", "'giving up' is noise"),
    ("qmail-unknown", HARD, "info@sportverein.example", "no mailbox by that name"),
    ("sender-refused", POLICY, "info@handwerk.example", "our address, 5.1.8"),
    ("sendmail-unknown", HARD, "hans.berg@uni.example", "DATA was only pipelined"),
    ("sendmail-warning", DELAYED, "hans.berg@uni.example", "warning only"),
    ("strato-blocklist", POLICY, "info@handwerk.example", "our server is listed"),
    ("t-online-full", SOFT, "hilde.frank@t-online.example", "Postfach voll"),
    ("t-online-own-german", HARD, "hilde.frank@t-online.example", "only German words"),
    ("t-online-problem", POLICY, "hilde.frank@t-online.example", "ask your postmaster"),
    ("t-online-reputation", POLICY, "hilde.frank@t-online.example", "our reputation"),
    ("t-online-unknown", HARD, "hilde.frank@t-online.example", "550 user unknown"),
    ("webde-own-no-domain", HARD, "steffi.krause@vereln.example", "a typo, plain text"),
    ("webde-own-policy", POLICY, "steffi.krause@verein.example", "after the content"),
    ("webde-sender-dns", POLICY, "willi.kraft@web.example", "our domain's DNS"),
    ("webde-unknown", HARD, "willi.kraft@web.example", "mailbox unavailable"),
]

WITHOUT_ID = {"exim-plain-warning"}
"""Reports that return nothing of our mail."""

NO_REPORTS = [
    ("no-report-absence", "an absence note has no return path either"),
    ("no-report-human-forwards", "a human asks what a report means"),
    ("no-report-person-writes", "a human tells of a failure"),
    ("no-report-read-receipt", "multipart/report of another kind"),
    ("arf-abuse", "a complaint"),
    ("arf-abuse-redacted", "a complaint"),
    ("arf-auth-failure", "a report about somebody else's mail"),
    ("arf-not-spam", "the opposite of a complaint"),
    ("arf-virus", "about a virus"),
    ("jmrp-abuse", "a complaint of Outlook.com"),
]


@pytest.mark.parametrize(
    ("name", "severity", "address", "reason"), CORPUS, ids=[row[0] for row in CORPUS]
)
def test_a_report_says_whom_it_means_and_what(
    name: str, severity: Severity, address: str, reason: str
) -> None:
    """One recipient, one meaning, and the invitation it is about."""
    report = parse_report(the_report(name))

    assert report is not None, reason
    (recipient,) = report.recipients
    assert (recipient.severity, recipient.address) == (severity, address), (
        reason,
        recipient,
    )
    assert report.severity is severity
    assert report.original_recipient == address
    assert recipient.why
    expected = None if name in WITHOUT_ID else OUR_ID
    assert report.original_message_id == expected


@pytest.mark.parametrize(("name", "reason"), NO_REPORTS)
def test_what_is_no_report_stays_none(name: str, reason: str) -> None:
    """A human, an absence note and a complaint are other things."""
    assert parse_report(the_report(name)) is None, reason


def test_every_mail_of_the_corpus_is_expected_to_be_something() -> None:
    """A file that no test reads would prove nothing."""
    named = {row[0] for row in CORPUS} | {name for name, _ in NO_REPORTS}
    assert named == {path.stem for path in BOUNCES.glob("*.eml")}


def test_no_mail_of_the_corpus_is_both_report_and_complaint() -> None:
    """The order of the two rules decides nothing."""
    for path in BOUNCES.glob("*.eml"):
        message = the_report(path.stem)
        both = parse_report(message) and parse_complaint(message)
        assert both is None, path.name


@pytest.mark.parametrize(
    ("text", "address", "severity", "reason"),
    [
        (
            "Unknown user: rita@town.example\n\nOriginal message follows.\n",
            "rita@town.example",
            HARD,
            "the words stand before the address",
        ),
        (
            "rita@town.example:\nuser unknown\n\negon@town.example:\nmailbox full\n",
            "rita@town.example",
            HARD,
            "each address has its own words",
        ),
        (
            "Error delivering to <rita@town.example>.\n550 5.1.1 No such user\n",
            "rita@town.example",
            HARD,
            "the address stands in a sentence",
        ),
        (
            "Your mail failed: user unknown. Ask rita@town.example or egon@a.example.",
            "",
            HARD,
            "two could be meant, so none is named",
        ),
        ("Could not be delivered: user unknown.", "", HARD, "nobody is named"),
        (
            "<rita@town.example>: mailbox full\nReceived: by x\nX: unknown user",
            "rita@town.example",
            SOFT,
            "our own header begins without a word",
        ),
        (
            "<rita@town.example>:\nit exploded\n",
            "rita@town.example",
            SOFT,
            "unknown words are a doubt",
        ),
        (
            "Die Nachricht an rita@town.example wurde erfolgreich zugestellt.",
            "rita@town.example",
            NONE,
            "good news in German",
        ),
        (
            "Ihre Nachricht an rita@town.example wurde noch nicht zugestellt.",
            "rita@town.example",
            DELAYED,
            "it still tries, in German",
        ),
    ],
)
def test_a_free_text_is_read_in_its_order(
    text: str, address: str, severity: Severity, reason: str
) -> None:
    """Whom it means is never guessed; what it means is."""
    report = parse_report(a_text(text))

    assert report is not None, reason
    first = report.recipients[0]
    assert (first.address, first.severity) == (address, severity), reason


@pytest.mark.parametrize(
    ("sender", "reason"),
    [
        ("MAILER-DAEMON@mx.example", "the usual name"),
        ("postmaster@mx.example", "the other usual name"),
        ("Mail Delivery System <x17@mx.example>", "the name beside the address"),
        ("MAILER-DAEMON <>", "DragonFly: no address at all"),
    ],
)
def test_a_server_is_known_by_what_it_calls_itself(sender: str, reason: str) -> None:
    """Free text counts from a machine only."""
    text = "<rita@town.example>:\nuser unknown\n"
    assert parse_report(a_text(text, sender=sender)) is not None, reason


def test_an_odd_sender_is_believed_if_it_is_automatic_and_the_subject_fits() -> None:
    """A hoster's report may come from any address; an absence note fits no subject."""
    text = "<rita@town.example>:\nuser unknown\n"
    sender = "Hoster <x17@hoster.example>\nAuto-Submitted: auto-replied"
    report = parse_report(a_text(text, sender=sender))
    assert report is not None
    assert report.severity is HARD
    note = a_text(text, sender=sender, subject="Bin im Urlaub")
    assert parse_report(note) is None


def test_what_a_person_writes_is_never_read_as_a_report() -> None:
    """The same words from a human are a question for the coordinator."""
    text = "<rita@town.example>:\nuser unknown\n"
    assert parse_report(a_text(text, sender="Egon <egon@town.example>")) is None


def test_the_part_for_machines_counts_only_in_a_report_or_from_a_server() -> None:
    """Whoever attaches such a part to a letter reports nothing."""
    message = the_report("no-report-human-forwards")
    assert any(part.content_type.endswith("-status") for part in message.parts)
    assert parse_report(message) is None


def test_the_gravest_recipient_speaks_for_the_report() -> None:
    """Two recipients: the dead one decides; whom we wrote to cannot be told."""
    report = parse_report(
        a_report(
            "Reporting-MTA: dns; mx.example\n\n"
            "Final-Recipient: rfc822; egon@town.example\nAction: failed\n"
            "Status: 5.2.2\n\n"
            "Final-Recipient: rfc822; rita@town.example\nAction: failed\n"
            "Status: 5.1.1\n",
            returned=f"Message-ID: {OUR_ID}\n",
        )
    )
    assert report is not None
    assert [one.severity for one in report.recipients] == [SOFT, HARD]
    assert report.severity is HARD
    assert report.original_recipient is None


def test_a_forwarding_is_told_from_the_address_we_wrote_to() -> None:
    """The last server's address failed; ours is the original."""
    report = parse_report(
        a_report(
            "Final-Recipient: rfc822; rita@new.example\n"
            "Original-Recipient: rfc822; rita@town.example\n"
            "Action: failed\nStatus: 5.1.1\n"
        )
    )
    assert report is not None
    assert report.recipients[0].address == "rita@new.example"
    assert report.original_recipient == "rita@town.example"


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("exim-unknown", "5.1.1", "the server's, not the 5.0.0 of Exim"),
        ("postfix-no-domain", "5.4.4", "the Status, if there is no other"),
        ("qmail-unknown", "5.1.1", "the words, without any Status"),
        ("gmx-own-unknown", "", "nobody wrote one"),
    ],
)
def test_the_refusing_servers_code_counts(name: str, code: str, reason: str) -> None:
    """Whether a failure is clear enough to act at once depends on it."""
    report = parse_report(the_report(name))
    assert report is not None
    assert report.recipients[0].code == code, reason


def test_a_report_of_a_million_recipients_has_an_end() -> None:
    """Ours have one."""
    group = "Final-Recipient: rfc822; {}@town.example\nAction: failed\n\n"
    report = parse_report(a_report("".join(map(group.format, range(20_000)))))
    assert report is not None
    assert len(report.recipients) == MAX_RECIPIENTS


@pytest.mark.parametrize(
    "text",
    [
        "rita@town.example " * 10_000,
        "rita@town.example\n" * 10_000,
        "-" * 100_000 + "@",
        "<" * 100_000,
        "x@" * 50_000,
        "550 " * 30_000,
        "message was delayed " * 5_000,
        ">>> DATA\n" * 20_000,
        "<<< 503 " * 20_000,
    ],
    ids=["line", "lines", "dashes", "brackets", "at", "codes", "words", "data", "503"],
)
def test_an_endless_text_is_read_in_linear_time(text: str) -> None:
    """The time limit of a test is the judge."""
    message = a_text(f"The delivery failed: user unknown\n{text}")
    assert parse_report(message) is not None


NAMES = [path.stem for path in sorted(BOUNCES.glob("*.eml"))]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_report_never_raises(data: st.DataObject) -> None:
    """Cut, doubled, overwritten: whatever comes is a report, or none."""
    content = (BOUNCES / f"{data.draw(st.sampled_from(NAMES))}.eml").read_bytes()
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 400)))
        middle = data.draw(
            st.one_of(
                st.binary(max_size=40),
                st.just(content[start:end] * 2),
                st.just(b""),
                st.just(b"\n\n"),
            )
        )
        content = content[:start] + middle + content[end:]
    message = read(content)
    if isinstance(message, Message):
        report = parse_report(message)
        parse_complaint(message)
        assert report is None or report.severity in set(Severity)
