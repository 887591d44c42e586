"""Diagnostics: dead, full, or about us; and never dead by a guess."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.inbound.diagnostics import (
    MAX_LOOK_CHARS,
    Severity,
    by_code,
    diagnose,
    find_row,
    normalised,
    table,
)

HARD, SOFT, POLICY = Severity.HARD, Severity.SOFT, Severity.POLICY

ROWS = tomllib.loads(
    resources.files("mailer.inbound")
    .joinpath("diagnostics.toml")
    .read_text(encoding="utf-8")
)["row"]


@pytest.mark.parametrize(
    ("words", "status", "severity", "reason"),
    [
        ("552 5.2.2 Postfach voll", "5.0.0", SOFT, "Exim: the words beat its Status"),
        ("550 user unknown", "5.7.1", HARD, "the words beat a Status for security"),
        ("554 5.7.1 Spam message rejected", "5.1.1", POLICY, "words beat a hard one"),
        ("550 User_Unknown", "", HARD, "punctuation is no difference"),
        ("550-5.1.1 no such\n550 5.1.1 user", "", HARD, "a phrase over two lines"),
        ("550 Empfänger unbekannt", "", HARD, "German with an umlaut"),
        ("550 Empfaenger unbekannt", "", HARD, "German without"),
        ("550 Postfach nicht vorhanden", "", HARD, "GMX, T-Online"),
        ("450 4.1.1 User unknown", "4.1.1", SOFT, "later is not never"),
        ("450 user unknown", "5.1.1", SOFT, "the reply beats the Status"),
        (
            "450 4.1.1 User unknown in virtual alias table",
            "4.1.1",
            HARD,
            "our own relay knows its table, even if it says 450",
        ),
        ("550 mailbox unavailable", "", HARD, "GMX: that is all it says"),
        ("450 mailbox unavailable", "", SOFT, "RFC 5321, section 4.2.3: busy"),
        (
            "550-mailbox unavailable 550 Reject due to SPF policy",
            "",
            POLICY,
            "GMX begins its own refusals with the same words",
        ),
        (
            "550 mailbox unavailable; invalid DNS MX or A/AAAA resource record",
            "",
            POLICY,
            "the same for our domain",
        ),
        ("550 5.2.1 mailbox temporarily disabled", "", SOFT, "not for good"),
        ("550 5.2.1 account is disabled", "", SOFT, "perhaps not for good"),
        ("550 mailbox permanently disabled", "", HARD, "for good"),
        ("550 this account has been deleted", "", HARD, "for good"),
        ("host not found, try again", "4.4.3", SOFT, "DNS trouble"),
        ("Host or domain name not found", "5.4.4", HARD, "no such domain"),
        ("552 5.3.4 message too large", "", POLICY, "our mail"),
        ("552 5.2.2 mailbox full", "", SOFT, "the same number, the mailbox"),
        ("554 5.7.1 Relay access denied", "", POLICY, "our server"),
        ("550 Sender address rejected: unknown user", "", POLICY, "our address"),
        ("550 5.1.8 Domain of sender address does not exist", "", POLICY, "ours"),
        ("421 too many connections", "", POLICY, "our speed"),
        ("554 blocked using bl.example", "", POLICY, "our address on a list"),
        ("550 5.4.1 Recipient address rejected: Access denied", "", HARD, "Microsoft"),
        ("554 5.7.1 Recipient address rejected: Access denied", "", HARD, "Postfix"),
        ("554 5.7.1 Client host rejected: Access denied", "", POLICY, "about us"),
        ("554 5.7.1 Sender address rejected: Access denied", "", POLICY, "about us"),
        ("451 4.7.1 Greylisted", "4.7.1", SOFT, "gave up too early"),
        ("", "5.1.1", HARD, "a code alone, and a clear one"),
        ("", "5.1.2", HARD, "no such domain"),
        ("", "5.1.3", HARD, "no address at all"),
        ("", "5.1.6", HARD, "moved"),
        ("", "5.1.10", HARD, "null MX"),
        ("", "4.1.1", SOFT, "later is not never"),
        ("", "5.1.0", SOFT, "something about the address: a doubt"),
        ("", "5.1.7", POLICY, "our address"),
        ("", "5.1.8", POLICY, "our domain"),
        ("", "5.2.1", SOFT, "disabled"),
        ("", "5.2.2", SOFT, "full"),
        ("", "5.2.3", POLICY, "our mail is too long"),
        ("", "5.3.4", POLICY, "our mail is too big"),
        ("", "5.4.4", SOFT, "no route: a doubt"),
        ("", "5.5.0", POLICY, "protocol"),
        ("", "5.6.0", POLICY, "content"),
        ("", "5.7.1", POLICY, "security"),
        ("", "5.0.0", SOFT, "nothing known: a doubt"),
        ("", "", SOFT, "nothing known at all"),
        ("550 fjord", "", SOFT, "words that nobody knows"),
        ("", "5.1.1.1", SOFT, "no code but an address of a machine"),
        ("said: 5.1.1", "", HARD, "a code in the words without a reply"),
        ("connected to 5.1.1.25", "", SOFT, "no code but an address of a machine"),
        ("550 <user.unknown@town.example> no", "", SOFT, "an address is no reason"),
        ("550 host does not accept mail from you", "", POLICY, "from us, that is"),
        ("556 domain does not accept mail", "", HARD, "from anybody: RFC 7504"),
        ("554 the connection has been closed", "", SOFT, "not the mailbox"),
        ("550 your message has been deleted", "", SOFT, "not the mailbox"),
        ("554 delivery is no longer retried", "", SOFT, "not the address"),
        ("550 for a reason that is not known", "", SOFT, "not the user"),
        (
            "Domino ディレクトリには見つかりません",
            "5.0.0",
            HARD,
            "not found, in Japanese",
        ),
        ("メールボックスの容量を超過しました", "5.0.0", SOFT, "full, in Japanese"),
        ("DNS type 'mx' lookup: code NXDOMAIN", "4.0.0", SOFT, "it says: for now"),
        (
            "550 Please check if address is correct",
            "",
            HARD,
            "a hint to a typing error",
        ),
        ("554 no valid recipients", "", SOFT, "says nothing of the reason"),
        ("550 recipient domain over its limit", "", SOFT, "no unknown domain"),
        ("550 unknown sender domain", "", POLICY, "ours"),
    ],
)
def test_a_refusal_means_what_its_words_say(
    words: str, status: str, severity: Severity, reason: str
) -> None:
    """The words decide before the numbers, and a doubt is never hard."""
    found = diagnose(words, status)
    assert found.severity is severity, (reason, found)
    assert found.why


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["why"][:40])
def test_every_phrase_of_the_table_can_decide(row: dict[str, object]) -> None:
    """No phrase stands below one that always comes first with another meaning."""
    phrases, status = row["phrases"], row.get("status", "")
    assert isinstance(phrases, list)
    for phrase in phrases:
        words = phrase.replace("…", "fjord").replace("*", "")
        found = find_row(words, str(status))
        assert found is not None, phrase
        assert found.severity == row["severity"], (phrase, found.why)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["why"][:40])
def test_every_phrase_is_written_as_it_is_compared(row: dict[str, object]) -> None:
    """A capital letter or an umlaut in the table would never match anything."""
    phrases = row["phrases"]
    assert isinstance(phrases, list)
    assert len(phrases) == len(set(phrases))
    for phrase in phrases:
        bare = phrase.replace(" …", "").replace("*", "")
        assert f" {bare} " == normalised(bare), phrase


def test_what_is_for_good_stands_below_what_protects() -> None:
    """Only rows that are marked, and those for ever closed, may stand above."""
    order = [row.severity for row in table().rows if not row.is_sure and not row.status]
    last_protecting = max(at for at, one in enumerate(order) if one is POLICY)
    first_hard = order.index(HARD)
    assert last_protecting < first_hard


def test_a_phrase_spans_at_most_half_a_sentence() -> None:
    """Words far apart have nothing to do with each other."""
    assert diagnose(f"account {'fjord ' * 6}closed").severity is HARD
    assert diagnose(f"account {'fjord ' * 7}closed").severity is SOFT


def test_codes_of_which_only_the_subject_is_known_can_be_left_out() -> None:
    """5.2.9 says something about the mailbox, but not what."""
    assert by_code("", "5.2.9", only_exact=True) is None
    assert by_code("", "5.2.9") is not None


@given(st.text(max_size=3000), st.text(max_size=40))
def test_foreign_words_never_raise_and_never_kill_by_themselves(
    words: str, status: str
) -> None:
    """Rubbish has a meaning too: a doubt."""
    assert diagnose(words, status).severity in set(Severity)


@pytest.mark.parametrize(
    "words",
    [
        "user " * 100_000,
        "a" * 1_000_000,
        "@" * 1_000_000,
        "a@" * 500_000,
        "5.1" * 300_000,
        "sender domain " * 50_000,
        "\u0000\ufeffü" * 100_000,
    ],
    ids=["words", "one word", "at", "addresses", "codes", "half phrases", "signs"],
)
def test_an_endless_diagnostic_costs_no_more_than_a_long_one(words: str) -> None:
    """Only the first part is looked at; the time limit of a test is the judge."""
    assert diagnose(words, words) == diagnose(
        words[:MAX_LOOK_CHARS], words[:MAX_LOOK_CHARS]
    )
