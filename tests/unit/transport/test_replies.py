"""What a reply means, and what of it reaches the database."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.rendering.parcel import Outcome, SmtpReply, Verdict
from mailer.transport.replies import (
    MAX_TEXT_CHARS,
    Meaning,
    Stage,
    meaning,
    outcome,
    reply,
    sanitised,
)

V, M = Verdict, Meaning

SETTLED = [
    # At RCPT only a no settles anything.
    (Stage.RECIPIENT, 250, None),
    (Stage.RECIPIENT, 251, None),
    (Stage.RECIPIENT, 299, None),
    (Stage.RECIPIENT, 450, V.DEFERRED),
    (Stage.RECIPIENT, 499, V.DEFERRED),
    (Stage.RECIPIENT, 550, V.REFUSED),
    (Stage.RECIPIENT, 599, V.REFUSED),
    (Stage.RECIPIENT, 552, V.DEFERRED),  # "too many recipients" of old servers
    (Stage.RECIPIENT, 503, None),
    (Stage.RECIPIENT, 354, None),
    (Stage.RECIPIENT, 999, None),
    # At DATA the content has not left, whatever comes instead of 354.
    (Stage.DATA, 354, None),
    (Stage.DATA, 250, V.DEFERRED),
    (Stage.DATA, 451, V.DEFERRED),
    (Stage.DATA, 554, V.DEFERRED),
    (Stage.DATA, 999, V.DEFERRED),
    (Stage.DATA, -1, V.DEFERRED),
    # After the content the answer counts, if it is one.
    (Stage.CONTENT, 250, V.ACCEPTED),
    (Stage.CONTENT, 251, V.ACCEPTED),
    (Stage.CONTENT, 299, V.ACCEPTED),
    (Stage.CONTENT, 421, V.DEFERRED),
    (Stage.CONTENT, 451, V.DEFERRED),
    (Stage.CONTENT, 550, V.REFUSED),
    (Stage.CONTENT, 552, V.REFUSED),
    (Stage.CONTENT, 354, V.UNKNOWN),
    (Stage.CONTENT, 220, V.UNKNOWN),  # a greeting
    (Stage.CONTENT, 221, V.UNKNOWN),  # the answer to QUIT
    (Stage.CONTENT, 199, V.UNKNOWN),
    (Stage.CONTENT, 600, V.UNKNOWN),
    (Stage.CONTENT, 999, V.UNKNOWN),
    (Stage.CONTENT, 25, V.UNKNOWN),
    (Stage.CONTENT, -1, V.UNKNOWN),
]


@pytest.mark.parametrize(("stage", "code", "expected"), SETTLED)
def test_a_code_settles_a_parcel_by_stage(
    stage: Stage, code: int, expected: Verdict | None
) -> None:
    """The same number is yes at one stage, no at another, nonsense at a third."""
    found = outcome(code, "text", stage)

    assert (None if found is None else found.verdict) == expected


@given(code=st.integers(-1000, 1000), stage=st.sampled_from(Stage))
def test_only_a_fitting_success_is_ever_acceptance(code: int, stage: Stage) -> None:
    """No number outside 2yz after the content counts as accepted, anywhere."""
    found = outcome(code, "", stage)
    accepted = found is not None and found.verdict is V.ACCEPTED

    assert not accepted or (stage is Stage.CONTENT and 200 <= code <= 299)


@given(code=st.integers(-1000, 1000), stage=st.sampled_from(Stage))
def test_doubt_needs_content(code: int, stage: Stage) -> None:
    """Before the content has left nothing is doubtful."""
    found = outcome(code, "", stage)

    assert found is None or found.verdict is not V.UNKNOWN or stage is Stage.CONTENT


def test_the_outcome_carries_the_words() -> None:
    """Code, clean text and enhanced code go on to the ledger."""
    assert outcome(550, "5.1.1 no such mailbox", Stage.RECIPIENT) == Outcome(
        V.REFUSED, SmtpReply(550, "5.1.1 no such mailbox", "5.1.1")
    )


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (250, "2.0.0 ok", "2.0.0"),
        (250, "2.1.5", "2.1.5"),
        (550, "5.7.26 unauthenticated", "5.7.26"),
        (452, "4.3.1\tfull", "4.3.1"),
        (550, "4.1.1 classes that disagree", None),
        (354, "3.0.0 there is no class 3", None),
        (550, "see 5.1.1", None),
        (550, "5.1", None),
        (550, "5.1.1.9 host", None),
        (550, "5.1234.1", None),
        (999, "5.1.1", None),
        (250, "", None),
    ],
)
def test_enhanced_codes_are_read_strictly(
    code: int, text: str, expected: str | None
) -> None:
    """Only a code at the begin whose class agrees with the reply is believed."""
    assert reply(code, text).enhanced == expected


@pytest.mark.parametrize("code", [-1, 0, 25, 99, 100, 199, 600, 999, 1000])
def test_what_is_no_code_is_stored_as_none(code: int) -> None:
    """The database holds codes that exist, or none."""
    assert reply(code, "x").code is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ok", "ok"),
        ("", ""),
        ("  much \t room  ", "much room"),
        ("two\nlines\r\n", "two lines"),
        ("gr\udcfc\udcdfe", "grüße"),  # Latin-1 as aiosmtplib hands it over
        ("grüße".encode("latin-1"), "grüße"),
        ("grüße".encode(), "grüße"),
        ("grüße", "grüße"),
        (b"o\0k", "o k"),
        ("line\u2028sep\u0085nel\x1b[31m", "line sep nel [31m"),
        ("\ud800 lone", "? lone"),
        ("right\u202eleft", "right left"),
        ("<rita@ort.example>: no", "<r…@ort.example>: no"),
        ("to:rita@ort.example, ada@ort.example", "to:r…@ort.example, a…@ort.example"),
        ("x" * 501, "x" * 499 + "…"),
        ("x" * 500, "x" * 500),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_foreign_text_becomes_one_clean_line(text: str | bytes, expected: str) -> None:
    """Each kind of dirt, one row each."""
    assert sanitised(text) == expected


@given(st.text(st.characters(exclude_categories=[])) | st.binary())
@example("a" * 70_000)
@example("@" * 70_000)
@example("a@" * 35_000)
@example(b"\xff" * 70_000)
def test_whatever_a_server_says_can_be_stored(text: str | bytes) -> None:
    """The result is short, printable UTF-8 on one line, without NUL."""
    clean = sanitised(text)

    assert len(clean) <= MAX_TEXT_CHARS
    assert all(sign.isprintable() for sign in clean)
    assert "\0" not in clean.encode().decode()
    assert sanitised(clean) == clean


@given(st.from_regex(r"[a-z]{2,12}@[a-z]{2,9}\.example", fullmatch=True), st.text())
def test_nobody_is_named_in_a_stored_reply(address: str, around: str) -> None:
    """An address that the server repeats is masked: it must not outlive erasure."""
    assert address not in sanitised(f"{around} <{address}> {around}")


def test_every_stage_knows_its_success() -> None:
    """354 goes on at DATA and nowhere else; 250 everywhere else."""
    for stage in Stage:
        assert (meaning(354, stage) is M.GO_ON) == (stage is Stage.DATA)
        assert (meaning(250, stage) is M.GO_ON) == (stage is not Stage.DATA)
