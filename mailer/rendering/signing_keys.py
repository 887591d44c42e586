"""The keys that sign our messages: made, kept in a folder, read, shown as DNS records.

A pair has one name, the selector, and two keys side by side: RSA, which everybody
checks, and Ed25519, which is smaller and which some check already. Each stands in a
file of its own that only its owner reads, and below a name of its own in the DNS.

The package ``cryptography`` is an extra: whoever imports this module needs it.

Source: RFC 6376, section 3.6.1; RFC 8301, section 3.2; RFC 8463, section 4.
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from mailer.errors import CannotCreate, SigningKeyUnusable
from mailer.rendering.dkim import SigningKey
from subscribers.errors import spoken

if TYPE_CHECKING:
    from pathlib import Path

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700

RSA_BITS: Final = 2048
"""RFC 8301, section 3.2: signers should use at least as many."""

TXT_CHARS: Final = 255
"""Characters of one string of a TXT record (RFC 1035, section 3.3)."""

ED25519_ENDING: Final = "-ed25519"
"""The second key of a pair has a selector of its own: one name, one key."""


class Kind(StrEnum):
    """The two kinds of key, as the tag "k" of a DNS record names them."""

    RSA = "rsa"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What has to stand in the DNS.

    Attributes:
        name: "mia2026._domainkey.town.example".
        text: "v=DKIM1; k=rsa; p=…".
    """

    name: str
    text: str

    @property
    def zone_line(self) -> str:
        """As a zone file wants it: strings of 255 characters at most."""
        pieces = [
            f'"{self.text[i : i + TXT_CHARS]}"'
            for i in range(0, len(self.text), TXT_CHARS)
        ]
        return f"{self.name}. IN TXT ( {' '.join(pieces)} )"


def selector_of(pair: str, kind: Kind) -> str:
    """Return the selector of one key of a pair."""
    return pair if kind is Kind.RSA else f"{pair}{ED25519_ENDING}"


def path_of(folder: Path, pair: str, kind: Kind) -> Path:
    """Return the file of one key of a pair."""
    return folder / f"{selector_of(pair, kind)}.pem"


def make(folder: Path, pair: str) -> list[Path]:
    """Make a new pair of keys and return its files; nothing is overwritten.

    Raises:
        CannotCreate: A file exists already, or cannot be written.
    """
    paths = [path_of(folder, pair, kind) for kind in Kind]
    for path in paths:
        if path.exists():
            raise CannotCreate(path, "diesen Schlüssel gibt es schon, und er bleibt")
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotCreate(folder, spoken(error)) from None
    for path, kind in zip(paths, Kind, strict=True):
        _write(path, _pem(_new(kind)))
    return paths


def load(folder: Path, pair: str, domain: str) -> tuple[SigningKey, ...]:
    """Return the keys of a pair, ready to sign for *domain*.

    Raises:
        SigningKeyUnusable: A file is missing, or holds no key of its kind.
    """
    return tuple(_signing_key(folder, pair, kind, domain) for kind in Kind)


def records(folder: Path, pair: str, domain: str) -> list[KeyRecord]:
    """Return what has to stand in the DNS for a pair.

    Raises:
        SigningKeyUnusable: As for ``load``.

    Source: RFC 6376, section 3.6.1; RFC 8463, section 4: the bare key of Ed25519.
    """
    found = []
    for kind in Kind:
        public = _public(_read(path_of(folder, pair, kind), kind))
        name = f"{selector_of(pair, kind)}._domainkey.{domain}"
        found.append(KeyRecord(name, f"v=DKIM1; k={kind}; p={public}"))
    return found


def open_to_others(folder: Path, pair: str) -> list[Path]:
    """Return the files of a pair that somebody else could read."""
    paths = [path_of(folder, pair, kind) for kind in Kind]
    shared = stat.S_IRWXG | stat.S_IRWXO
    return [path for path in paths if path.stat().st_mode & shared]


def _new(kind: Kind) -> PrivateKey:
    if kind is Kind.RSA:
        return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return ed25519.Ed25519PrivateKey.generate()


def _pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        Encoding.PEM,
        PrivateFormat.PKCS8,
        NoEncryption(),
    )


def _write(path: Path, content: bytes) -> None:
    """Write a new file that only its owner reads, and make it last."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise CannotCreate(path, spoken(error)) from None


def _signing_key(folder: Path, pair: str, kind: Kind, domain: str) -> SigningKey:
    key = _read(path_of(folder, pair, kind), kind)

    def seal(content: bytes) -> bytes:
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(content, padding.PKCS1v15(), SHA256())
        # RFC 8463, section 3: Ed25519 signs the hash.
        return key.sign(hashlib.sha256(content).digest())

    return SigningKey(domain, selector_of(pair, kind), f"{kind}-sha256", seal)


def _read(path: Path, kind: Kind) -> PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SigningKeyUnusable(path, spoken(error)) from None
    except TypeError:
        reason = "er ist mit einem Passwort verschlossen"
        raise SigningKeyUnusable(path, reason) from None
    except (ValueError, UnsupportedAlgorithm):
        reason = "die Datei enthält keinen privaten Schlüssel"
        raise SigningKeyUnusable(path, reason) from None
    if kind is Kind.RSA and isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < RSA_BITS:
            reason = f"er hat {key.key_size} Bit, nötig sind mindestens {RSA_BITS}"
            raise SigningKeyUnusable(path, reason)
        return key
    if kind is Kind.ED25519 and isinstance(key, ed25519.Ed25519PrivateKey):
        return key
    raise SigningKeyUnusable(path, f"es ist kein Schlüssel für „{kind}“")


def _public(key: PrivateKey) -> str:
    public = key.public_key()
    if isinstance(key, rsa.RSAPrivateKey):
        raw = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()
