"""A certification authority that lives for one test run, and what it signs."""

from __future__ import annotations

import atexit
import shutil
import ssl
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_SINCE: Final = datetime(2020, 1, 1, tzinfo=ZoneInfo("UTC"))
_UNTIL: Final = datetime(2090, 1, 1, tzinfo=ZoneInfo("UTC"))


class Certificate(StrEnum):
    """What a server on localhost shows to its clients."""

    GOOD = "good"
    WRONG_HOST = "wrong host"
    EXPIRED = "expired"
    UNKNOWN_CA = "unknown CA"


@dataclass(frozen=True, slots=True)
class _Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


@cache
def ca_file() -> Path:
    """Return the PEM file of the authority that the tests trust."""
    path = _folder() / "ca.pem"
    path.write_bytes(_pem(_authority("MIA test authority").certificate))
    return path


def server_file(kind: Certificate = Certificate.GOOD) -> Path:
    """Return the PEM file of a server that shows *kind*: certificate and key."""
    server_context(kind)
    return _folder() / f"{kind}.pem"


@cache
def server_context(kind: Certificate) -> ssl.SSLContext:
    """Return the TLS rules of a server that shows *kind*."""
    trusted = kind is not Certificate.UNKNOWN_CA
    authority = _authority("MIA test authority" if trusted else "Somebody else")
    names: list[x509.GeneralName] = (
        [x509.DNSName("mail.elsewhere.example")]
        if kind is Certificate.WRONG_HOST
        else [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    )
    until = _SINCE + timedelta(days=1) if kind is Certificate.EXPIRED else _UNTIL
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _started("localhost", authority.certificate.subject, key, until)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(
                authority.key.public_key()
            ),
            critical=False,
        )
        .sign(authority.key, hashes.SHA256())
    )
    path = _folder() / f"{kind}.pem"
    path.write_bytes(_pem(certificate) + _pem(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="mia-certificates-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@cache
def _authority(name: str) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _started(name, subject, key, _UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return _Authority(key, certificate)


def _started(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_SINCE)
        .not_valid_after(until)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(public), critical=False
        )
    )


def _pem(thing: x509.Certificate | ec.EllipticCurvePrivateKey) -> bytes:
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
