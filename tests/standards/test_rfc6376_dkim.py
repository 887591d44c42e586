"""DKIM signatures of our own, judged by dkimpy: RFC 6376, 8301, 8463 and 8058."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from dkim.canonicalization import Relaxed  # type: ignore[import-untyped]  # no types
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.rendering import signing_keys
from mailer.rendering.dkim import OVERSIGNED, relaxed_body, relaxed_field, sign
from mailer.rendering.signing_keys import Kind, load, make, records
from mailer.transport.wire import check_content
from tests.messages import a_message
from tests.verifying import verdicts

if TYPE_CHECKING:
    from mailer.rendering.dkim import SigningKey

DOMAIN: Final = "aschersleben.example"
PAIR: Final = "mia2026"
AT: Final = datetime(2026, 11, 26, 8, tzinfo=UTC)
BOTH: Final = {Kind.RSA: 0, Kind.ED25519: 1}
"""Which signature of a message is whose, from the top."""

ONE_CLICK: Final = "https://mia.example/u/t0ken"


@cache
def folder() -> Path:
    """Return a folder with one pair of keys, made once."""
    found = Path(mkdtemp(prefix="mia-dkim-"))
    make(found, PAIR)
    return found


@cache
def keys() -> tuple[SigningKey, ...]:
    """Return the pair, ready to sign."""
    return load(folder(), PAIR, DOMAIN)


def signed(message: bytes | None = None) -> bytes:
    """Return an invitation with both signatures."""
    return sign(message or a_message(one_click_url=ONE_CLICK), keys(), at=AT)


def verified(message: bytes) -> list[bool]:
    """Return what dkimpy says about each signature, with the records that we print."""
    return verdicts(message, records(folder(), PAIR, DOMAIN))


def tags(message: bytes, kind: Kind) -> dict[str, str]:
    """Return the tags of one signature, without spaces."""
    headers = re.findall(
        rb"^DKIM-Signature:([^\r]*(?:\r\n[ \t][^\r]*)*)", message, re.MULTILINE
    )
    value = re.sub(r"\s", "", headers[BOTH[kind]].decode())
    return dict(tag.split("=", 1) for tag in value.split(";"))


def test_both_signatures_are_good() -> None:
    """RSA for everybody, Ed25519 beside it (RFC 8463, section 5)."""
    assert verified(signed()) == [True, True]


def test_it_is_the_same_message_below_them() -> None:
    """Nothing but two fields is added, and the wire takes it."""
    message = a_message()

    result = sign(message, keys(), at=AT)

    assert result.endswith(message)
    assert result.count(b"DKIM-Signature:") == 2
    check_content(result)
    head = result.removesuffix(message).split(b"\r\n")
    assert max(map(len, head)) <= 78


def test_a_copy_is_a_twin() -> None:
    """The same letter signed again has the same bytes."""
    assert signed() == signed()


def test_without_keys_nothing_changes() -> None:
    """The town's relay signs: we leave the message alone."""
    assert sign(a_message(), (), at=AT) == a_message()


@pytest.mark.parametrize("kind", list(Kind))
def test_the_tags_are_the_strict_ones(kind: Kind) -> None:
    """Relaxed forms, SHA-256 (RFC 8301, section 3.1), and no length tag (8.2)."""
    found = tags(signed(), kind)

    assert found["v"] == "1"
    assert found["a"] == f"{kind}-sha256"
    assert found["c"] == "relaxed/relaxed"
    assert found["d"] == DOMAIN
    assert found["s"] == signing_keys.selector_of(PAIR, kind)
    assert found["t"] == str(int(AT.timestamp()))
    assert not {"l", "x", "z"} & set(found)


def test_every_field_that_matters_is_signed_once_more_than_it_occurs() -> None:
    """RFC 6376, section 8.15; RFC 8058, section 3.1, for both fields of one-click."""
    names = tags(signed(), Kind.RSA)["h"].split(":")

    for name in ("From", "To", "Subject", "Date", "List-Id", "List-Unsubscribe"):
        assert names.count(name) == 2, name
    assert names.count("List-Unsubscribe-Post") == 2
    assert names.count("Cc") == 1
    assert set(OVERSIGNED) <= set(names)


@pytest.mark.parametrize("name", OVERSIGNED)
def test_nobody_adds_a_field(name: str) -> None:
    """A second From, another Subject, a link to leave: the signatures break."""
    forged = f"{name}: eva@evil.example\r\n".encode() + signed()

    assert verified(forged) == [False, False]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Subject: ", b"Subject: Re: "),
        (b"u/t0ken", b"u/evil"),
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Never"),
        (b"Viele", b"Keine"),
    ],
)
def test_what_is_changed_on_the_way_shows(before: bytes, after: bytes) -> None:
    """Header or body: both signatures break."""
    message = signed()
    assert before in message

    assert verified(message.replace(before, after, 1)) == [False, False]


def test_what_is_appended_shows() -> None:
    """Without a length tag the whole body counts."""
    assert verified(signed() + b"<a href='http://evil.example'>\r\n") == [False, False]


def test_other_spaces_on_the_way_do_not_matter() -> None:
    """A server may fold fields anew and drop empty lines at the end."""
    message = signed()
    moved = message.replace(b"\r\nTo: ", b"\r\ntO:\r\n\t ", 1) + b"\r\n\r\n"
    assert moved != message

    assert verified(moved) == [True, True]


def test_a_letter_without_list_fields_is_signed_too() -> None:
    """A confirm mail belongs to no list; nobody makes it look like one."""
    message = signed(
        a_message(list_id="", unsubscribe_mailto=None, auto_generated=True)
    )

    assert verified(message) == [True, True]
    assert "Auto-Submitted" in tags(message, Kind.RSA)["h"]
    assert verified(b"List-Unsubscribe: <https://evil.example>\r\n" + message) == [
        *(False, False)
    ]


@given(
    st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b".", b"=C3=A4", b"--"])).map(
        b"".join
    )
)
@example(b"")
@example(b" \r\n\r\n")
@example(b"a")
def test_any_body_is_hashed_as_dkimpy_does(body: bytes) -> None:
    """RFC 6376, section 3.4.4, over spaces, tabs and empty lines."""
    body += b"\r\n" if body else b""  # as each message ends on the wire

    assert relaxed_body(body) == Relaxed.canonicalize_body(body)


@given(
    st.lists(st.sampled_from([b" ", b"\t", b"\r\n ", b"a", b":", b"=?"])).map(b"".join)
)
def test_any_field_is_hashed_as_dkimpy_does(value: bytes) -> None:
    """RFC 6376, section 3.4.2, over folds and spaces."""
    ((name, expected),) = Relaxed.canonicalize_headers([(b"SubJect ", value + b"\r\n")])

    assert relaxed_field(b"SubJect :" + value) + b"\r\n" == name + b":" + expected


def test_the_public_half_of_ed25519_is_the_bare_key(tmp_path: Path) -> None:
    """RFC 8463, section 4, with the key of RFC 8032, section 7.1, test 1."""
    secret = bytes.fromhex(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    )
    pem = Ed25519PrivateKey.from_private_bytes(secret).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    make(tmp_path, PAIR)
    signing_keys.path_of(tmp_path, PAIR, Kind.ED25519).write_bytes(pem)

    _, record = records(tmp_path, PAIR, DOMAIN)

    public = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    assert record.text == f"v=DKIM1; k=ed25519; p={public}"
    assert record.name == f"mia2026-ed25519._domainkey.{DOMAIN}"


def test_a_zone_line_has_strings_that_the_dns_takes() -> None:
    """RFC 1035, section 3.3: at most 255 characters each; together the record."""
    rsa, ed25519 = records(folder(), PAIR, DOMAIN)

    for record in (rsa, ed25519):
        strings = re.findall(r'"([^"]*)"', record.zone_line)
        assert "".join(strings) == record.text
        assert max(map(len, strings)) <= 255
        assert record.zone_line.startswith(f"{record.name}. IN TXT ( ")
    assert len(rsa.text) > 255
