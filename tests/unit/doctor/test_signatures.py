"""The doctor looks at keys, policies and a letter that arrived."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from mailer.doctor import settings, signatures
from mailer.doctor.policies import is_aligned, key_problem
from mailer.rendering import signing_keys
from tests.patients import Zone, a_patient, spoken, told

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database

OURS = {"sender.address": "k@town.example", "smtp.host": "relay.example"}
SIGNING = OURS | {"dkim.selector": "mia2026"}

KEY = base64.b64encode(bytes(294)).decode()
SHORT = base64.b64encode(bytes(162)).decode()


def letter(*fields: str, sender: str = "k@town.example") -> bytes:
    """Return a letter of ours as a receiving server stored it."""
    head = [*fields, f"From: Kathrin <{sender}>", "Subject: Einladung"]
    return "\r\n".join([*head, "", "Guten Tag!", ""]).encode()


SIGNED = "DKIM-Signature: v=1; a=rsa-sha256;\r\n d=town.example; s=relay1; b=abc="
PUBLISHED = {"relay1._domainkey.town.example": (f"v=DKIM1; p={KEY}",)}


def test_our_own_keys_have_to_be_in_the_dns(
    settings_file: Path, database: Database
) -> None:
    """None, another one, the right one in two strings: each pair of records is told."""
    folder = settings_file.parent / "dkim"
    signing_keys.make(folder, "mia2026")
    rsa, small = signing_keys.records(folder, "mia2026", "town.example")
    zone = Zone()
    patient = a_patient(settings_file, database, SIGNING, resolver=zone)
    found = spoken(signatures.own_keys_are_published(patient))
    assert [one.severity for one in found] == ["error", "error"]
    assert "fehlt im DNS" in found[0].what

    zone.txt = {rsa.name: (f"v=DKIM1; p={KEY}",), small.name: (small.text,)}
    found = spoken(signatures.own_keys_are_published(patient))
    assert [one.severity for one in found] == ["error", "ok"]
    assert "ein anderer Schlüssel" in found[0].what

    zone.txt = {rsa.name: (rsa.text,), small.name: (small.text,)}
    assert told(signatures.own_keys_are_published, patient) == {"dkim": "ok"}


def test_a_signing_key_is_private(settings_file: Path, database: Database) -> None:
    """Whoever reads it signs in our name."""
    paths = signing_keys.make(settings_file.parent / "dkim", "mia2026")
    patient = a_patient(settings_file, database, SIGNING)
    assert told(settings.signing_keys_are_private, patient) == {"dkim-mode": "ok"}
    paths[0].chmod(0o644)
    assert told(settings.signing_keys_are_private, patient) == {"dkim-mode": "error"}


def test_without_a_letter_nobody_knows_about_signatures(
    settings_file: Path, database: Database
) -> None:
    """The relay may sign, or not: how to find out is told; who signs himself knows."""
    patient = a_patient(settings_file, database, OURS)
    assert told(signatures.signature_can_be_checked, patient) == {"dkim-letter": "hint"}
    signing_keys.make(settings_file.parent / "dkim", "mia2026")
    patient = a_patient(settings_file, database, SIGNING)
    assert told(signatures.signature_can_be_checked, patient) == {}


@pytest.mark.parametrize(
    ("fields", "txt", "levels"),
    [
        ((SIGNED,), PUBLISHED, ["ok"]),
        ((SIGNED,), {}, ["error"]),
        ((SIGNED,), {"relay1._domainkey.town.example": ("v=DKIM1; p=",)}, ["error"]),
        ((), {}, ["warning"]),
        (
            ("DKIM-Signature: v=1; d=provider.example; s=x; b=abc",),
            {"x._domainkey.provider.example": (f"p={KEY}",)},
            ["warning", "ok"],
        ),
    ],
)
def test_the_signature_of_a_letter_is_followed(
    settings_file: Path,
    database: Database,
    fields: tuple[str, ...],
    txt: dict[str, tuple[str, ...]],
    levels: list[str],
) -> None:
    """Its key is there, missing or withdrawn; no signature, or only the provider's."""
    patient = a_patient(
        settings_file, database, OURS, resolver=Zone(txt=txt), sample=letter(*fields)
    )
    found = spoken(signatures.signature_can_be_checked(patient))
    assert [one.severity for one in found] == levels


@pytest.mark.parametrize(
    ("record", "word"),
    [
        (f"v=DKIM1; k=rsa; p={KEY}", ""),
        (f"p={KEY[:100]} {KEY[100:]}", ""),
        (f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(32)).decode()}", ""),
        ("v=DKIM1; p=", "zurückgezogen"),
        ("v=DKIM1; p=kein_Schlüssel", "verstümmelt"),
        (f"v=DKIM1; p={SHORT}", "2048"),
        ("v=DKIM2; p=abc", "kein DKIM"),
        ("v=spf1 -all", "kein DKIM"),
    ],
)
def test_a_key_has_to_be_one(record: str, word: str) -> None:
    """RFC 6376, section 3.6.1; RFC 8301, section 3.2: no short ones."""
    problem = key_problem(record)
    assert (word in problem) if word else (problem == "")


REJECT = ("v=DMARC1; p=reject",)


@pytest.mark.parametrize(
    ("flags", "txt", "level"),
    [
        ({}, {}, "warning"),
        (
            {},
            {"_dmarc.town.example": ("v=DMARC1; p=none", "v=DMARC1; p=reject")},
            "warning",
        ),
        ({}, {"_dmarc.town.example": ("v=DMARC1; p=none",)}, "ok"),
        ({}, {"_dmarc.town.example": REJECT}, "ok"),
        (
            {"smtp.return_path": "post@provider.example"},
            {"_dmarc.town.example": REJECT},
            "error",
        ),
        (
            {"smtp.return_path": "post@provider.example"},
            {"_dmarc.town.example": ("v=DMARC1; p=none",)},
            "warning",
        ),
        (
            {"smtp.return_path": "post@mail.town.example"},
            {"_dmarc.town.example": REJECT},
            "ok",
        ),
        (
            {"smtp.return_path": "post@mail.town.example"},
            {"_dmarc.town.example": ("v=DMARC1; p=reject; aspf=s",)},
            "error",
        ),
        (
            {"sender.address": "k@mia.town.example"},
            {"_dmarc.town.example": ("v=DMARC1; p=reject; sp=none",)},
            "ok",
        ),
    ],
)
def test_dmarc_has_to_let_us_through(
    settings_file: Path,
    database: Database,
    flags: dict[str, str],
    txt: dict[str, tuple[str, ...]],
    level: str,
) -> None:
    """No policy, an aligned return path, a strange one under each kind of wish."""
    patient = a_patient(settings_file, database, OURS | flags, resolver=Zone(txt=txt))
    assert told(signatures.dmarc_lets_us_through, patient) == {"dmarc": level}


def test_a_signature_speaks_for_us_too(settings_file: Path, database: Database) -> None:
    """With a strange return path an aligned signature is enough, seen or our own."""
    zone = Zone(txt={"_dmarc.town.example": REJECT})
    flags = OURS | {"smtp.return_path": "post@provider.example"}
    patient = a_patient(
        settings_file, database, flags, resolver=zone, sample=letter(SIGNED)
    )
    assert told(signatures.dmarc_lets_us_through, patient) == {"dmarc": "ok"}
    signing_keys.make(settings_file.parent / "dkim", "mia2026")
    patient = a_patient(settings_file, database, flags | SIGNING, resolver=zone)
    assert told(signatures.dmarc_lets_us_through, patient) == {"dmarc": "ok"}


@pytest.mark.parametrize(
    ("fields", "levels"),
    [
        (
            (
                "Authentication-Results: mx; spf=pass;\r\n dkim=pass; dmarc=pass",
                "Authentication-Results: forged.example; dmarc=fail",
            ),
            ["ok", "ok", "ok"],
        ),
        (
            ("Authentication-Results: mx.example; spf=softfail; dmarc=fail",),
            ["warning", "error"],
        ),
        ((), ["hint"]),
    ],
)
def test_what_the_receiving_server_said_is_repeated(
    settings_file: Path, database: Database, fields: tuple[str, ...], levels: list[str]
) -> None:
    """Its own line is the uppermost; those below anybody may have written."""
    patient = a_patient(settings_file, database, OURS, sample=letter(*fields))
    found = spoken(signatures.others_believed_us(patient))
    assert [one.severity for one in found] == levels


@pytest.mark.parametrize("sample", [letter(sender="x@other.example"), b"\0\0"])
def test_a_file_that_is_no_letter_of_ours_is_told(
    settings_file: Path, database: Database, sample: bytes
) -> None:
    """Somebody else's mail, or no mail at all."""
    patient = a_patient(settings_file, database, OURS, sample=sample)
    assert told(signatures.letter_is_ours, patient) == {"letter": "warning"}


@pytest.mark.parametrize(
    ("domain", "sender", "is_strict", "expected"),
    [
        ("town.example", "town.example", True, True),
        ("mail.town.example", "town.example", False, True),
        ("mail.town.example", "town.example", True, False),
        ("TOWN.example", "town.EXAMPLE", False, True),
        ("provider.example", "town.example", False, False),
        ("", "town.example", False, False),
    ],
)
def test_alignment_is_strict_or_relaxed(
    domain: str, sender: str, *, is_strict: bool, expected: bool
) -> None:
    """RFC 7489, section 3.1: the same domain, or one family."""
    assert is_aligned(domain, sender, is_strict=is_strict) is expected
