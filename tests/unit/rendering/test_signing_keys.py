"""Keys that sign: private to their owner, never overwritten, refused when wrong."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from mailer.errors import CannotCreate, SigningKeyUnusable
from mailer.rendering import signing_keys
from mailer.rendering.signing_keys import Kind, load, make, path_of

if TYPE_CHECKING:
    from pathlib import Path


def pem(
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
    lock: KeySerializationEncryption | None = None,
) -> bytes:
    """Return a private key as a file has it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock or NoEncryption())


def small_rsa() -> bytes:
    """Return a key that receivers may not trust any more."""
    size = 1024  # below what we take
    return pem(rsa.generate_private_key(public_exponent=65537, key_size=size))


def locked() -> bytes:
    """Return a key behind a password."""
    key = ed25519.Ed25519PrivateKey.generate()
    return pem(key, BestAvailableEncryption(b"geheim"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one pair."""
    make(tmp_path / "dkim", "mia2026")
    return tmp_path / "dkim"


def test_nobody_else_reads_the_keys(folder: Path) -> None:
    """Files 0600 in a folder 0700, whatever the umask is."""
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}

    assert modes == {"mia2026.pem": 0o600, "mia2026-ed25519.pem": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert signing_keys.open_to_others(folder, "mia2026") == []


def test_a_key_that_others_can_read_is_named(folder: Path) -> None:
    """Somebody has copied it about."""
    path = path_of(folder, "mia2026", Kind.RSA)
    path.chmod(0o640)

    assert signing_keys.open_to_others(folder, "mia2026") == [path]


def test_what_exists_is_never_overwritten(folder: Path) -> None:
    """A lost private key would make all records in the DNS worthless."""
    before = [path.read_bytes() for path in sorted(folder.iterdir())]

    with pytest.raises(CannotCreate):
        make(folder, "mia2026")

    assert [path.read_bytes() for path in sorted(folder.iterdir())] == before


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file is in its place."""
    (tmp_path / "dkim").write_text("")

    with pytest.raises(CannotCreate):
        make(tmp_path / "dkim", "mia2026")


def test_a_pair_is_ready_to_sign(folder: Path) -> None:
    """RSA first, Ed25519 beside it, both for our domain."""
    keys = load(folder, "mia2026", "stadt.example")

    assert [(key.algorithm, key.selector) for key in keys] == [
        ("rsa-sha256", "mia2026"),
        ("ed25519-sha256", "mia2026-ed25519"),
    ]
    assert {key.domain for key in keys} == {"stadt.example"}
    assert "PRIVATE" not in repr(keys)


@pytest.mark.parametrize(
    ("kind", "content", "reason"),
    [
        (Kind.RSA, None, "das gibt es nicht"),
        (Kind.ED25519, None, "das gibt es nicht"),
        (Kind.RSA, b"", "keinen privaten Schlüssel"),
        (Kind.RSA, b"-----BEGIN PRIVATE KEY-----\nAAAA\n", "keinen privaten"),
        (Kind.RSA, small_rsa(), "1024 Bit"),
        (Kind.RSA, pem(ec.generate_private_key(ec.SECP256R1())), "für „rsa“"),
        (Kind.ED25519, small_rsa(), "für „ed25519“"),
        (Kind.ED25519, locked(), "mit einem Passwort"),
    ],
)
def test_a_wrong_key_is_refused_with_its_reason(
    folder: Path, kind: Kind, content: bytes | None, reason: str
) -> None:
    """Before anything is signed with it: which file, and what is wrong."""
    path = path_of(folder, "mia2026", kind)
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SigningKeyUnusable) as caught:
        load(folder, "mia2026", "stadt.example")

    assert reason in caught.value.sentence
    assert str(path) in caught.value.sentence
