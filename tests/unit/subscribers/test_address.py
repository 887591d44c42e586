"""Addresses: what passes the gate is safe on the wire, the rest is explained."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from subscribers.address import MAX_ADDRESS_CHARS, EmailAddress, fingerprint, masked
from subscribers.errors import InvalidAddress

LOCALS = st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,20}", fullmatch=True)
DOMAINS = st.from_regex(r"[A-Za-z0-9äöüß-]{1,12}(\.[a-zäöü]{2,8}){1,2}", fullmatch=True)


def parsed(text: str) -> EmailAddress | InvalidAddress:
    """Return the address written as *text*, or why it is none."""
    try:
        return EmailAddress.parse(text)
    except InvalidAddress as error:
        return error


def test_an_address_has_three_forms() -> None:
    """For people, for SMTP, and for finding it again."""
    address = EmailAddress.parse(" Rita@Bücher.example ")

    assert address.text == "Rita@bücher.example"
    assert address.wire == "Rita@xn--bcher-kva.example"
    assert address.canonical == "rita@xn--bcher-kva.example"
    assert address.domain == "xn--bcher-kva.example"
    assert address.masked == "r…@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rita@Example.org", "rita@example.ORG"),
        ("rita@bücher.example", "rita@xn--bcher-kva.example"),
        ("rita@bu\u0308cher.example", "rita@bücher.example"),
        ("rita@example.org\u00a0", "\trita@example.org"),
    ],
    ids=["capitals", "punycode", "decomposed umlaut", "no-break space"],
)
def test_spellings_of_one_mailbox_are_one(one: str, other: str) -> None:
    """What reaches the same mailbox has the same key."""
    assert EmailAddress.parse(one).canonical == EmailAddress.parse(other).canonical


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "das Zeichen @ fehlt"),
        ("rita.example.org", "das Zeichen @ fehlt"),
        ("rita@exa mple.org", "Leerzeichen"),
        ("rita@x@example.org", "mehr als ein @"),
        ("@example.org", "vor dem @ fehlt der Name"),
        ("rita@", "hinter dem @ fehlt die Domain"),
        ("rita@localhost", "fehlt die Endung"),
        ("rita..r@example.org", "ein Punkt steht an falscher Stelle"),
        (".rita@example.org", "ein Punkt steht an falscher Stelle"),
        ("rita.@example.org", "ein Punkt steht an falscher Stelle"),
        ("jörg@example.org", "ohne Umlaute"),
        ("rita@example.org\r\nBcc: max@example.org", "Steuerzeichen"),
        ("rita\x00@example.org", "Steuerzeichen"),
        ("<rita@example.org>", "Zeichen, die nicht erlaubt sind"),
        ("Rita <rita@example.org>", "Leerzeichen"),
        ("rita@[127.0.0.1]", "Zeichen, die nicht erlaubt sind"),
        (f"{'r' * 65}@example.org", "mehr als 64 Zeichen"),
        ('"rita r"@example.org', "Leerzeichen"),
    ],
)
def test_a_slip_is_named(text: str, reason: str) -> None:
    """The sentence says what to look at."""
    with pytest.raises(InvalidAddress) as caught:
        EmailAddress.parse(text)

    assert reason in caught.value.sentence


def test_a_long_wrong_text_is_shown_shortened_and_in_one_line() -> None:
    """A report stays readable, and no terminal is steered by it."""
    with pytest.raises(InvalidAddress) as caught:
        EmailAddress.parse("\x1b[2J" + "x" * 500)

    assert len(caught.value.text) == 80
    assert caught.value.text.isprintable()


@given(st.one_of(st.text(), st.builds("{}@{}".format, LOCALS, DOMAINS)))
def test_the_wire_form_never_carries_a_second_meaning(text: str) -> None:
    """No CR, LF, space or angle bracket reaches SMTP, whatever was typed."""
    address = parsed(text)
    if isinstance(address, InvalidAddress):
        assert address.sentence.isprintable()
        return
    for form in (address.wire, address.canonical):
        assert form.isascii()
        assert not set('\r\n\t <>,;:\0"\\') & set(form)
        assert form.count("@") == 1
    assert len(address.wire) <= MAX_ADDRESS_CHARS
    assert "\n" not in address.text
    assert "\r" not in address.text


@given(
    st.from_regex(r"[a-zA-Z0-9]{1,40}([._+-][a-z]{1,40}){0,2}", fullmatch=True),
    st.from_regex(
        r"([a-z0-9]{1,70}(-[a-z0-9]{1,30})?\.){1,4}[a-z]{2,70}", fullmatch=True
    ),
)
@example("a", "b.de")
@example("a" * 64, "b.de")
@example("a" * 65, "b.de")
@example("a", "b" * 63 + ".de")
@example("a", "b" * 64 + ".de")
@example("a", "x." * 124 + "de")
@example("a", "x." * 125 + "de")
def test_what_looks_usual_is_what_the_library_takes(local: str, domain: str) -> None:
    """The short way leads where the long one does, or is not taken."""
    address = parsed(f"{local}@{domain}")
    try:
        valid = validate_email(
            f"{local}@{domain}",
            check_deliverability=False,
            allow_smtputf8=False,
            strict=True,
            globally_deliverable=False,
        )
    except EmailNotValidError:
        assert isinstance(address, InvalidAddress)
        return
    if isinstance(address, InvalidAddress):
        assert len(valid.normalized) > MAX_ADDRESS_CHARS
    else:
        assert (address.text, address.wire) == (valid.normalized, valid.ascii_email)


@given(st.builds("{}@{}".format, LOCALS, DOMAINS))
def test_what_was_stored_comes_back_the_same(text: str) -> None:
    """Parsing what was parsed, and restoring it, change nothing."""
    address = parsed(text)
    if isinstance(address, InvalidAddress):
        return
    assert EmailAddress.parse(address.text) == address
    assert EmailAddress.restore(address.text, address.canonical) == address


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("max@example.org", "rita@example.org"),
        ("rita\n@example.org", "rita\n@example.org"),
        ("ritä@example.org", "ritä@example.org"),
    ],
)
def test_forms_that_do_not_belong_together_are_refused(
    text: str, canonical: str
) -> None:
    """A row that somebody tampered with is no address."""
    with pytest.raises(InvalidAddress):
        EmailAddress.restore(text, canonical)


def test_a_masked_address_shows_one_letter() -> None:
    """Enough to recognise one's own, too little for anybody else."""
    assert masked("rita@example.org") == "r…@example.org"


def test_a_fingerprint_needs_the_key() -> None:
    """The same address has another print under another key."""
    one = fingerprint("rita@example.org", key=b"k" * 16)

    assert one == fingerprint("rita@example.org", key=b"k" * 16)
    assert one != fingerprint("rita@example.org", key=b"l" * 16)
    assert one != fingerprint("max@example.org", key=b"k" * 16)
    assert len(one) == 64
