"""Which certificates are believed, and which hosts are this machine."""

from __future__ import annotations

import ssl

import pytest

from mailer.transport.tls import client_context, is_loopback
from tests.certificates import ca_file


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("::1", True),
        ("128.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - a name to refuse, nothing listens there
        ("::", False),
        ("192.168.1.1", False),
        ("localhost.example.org", False),
        ("mail.example.org", False),
        ("127.0.0.1.example.org", False),
        ("", False),
    ],
)
def test_only_this_machine_is_this_machine(host: str, expected: bool) -> None:
    """Clear text is allowed by address or by the one reserved name."""
    assert is_loopback(host) is expected


def test_chain_and_name_are_always_checked() -> None:
    """Neither the system's nor our own authorities switch a check off."""
    for path in (None, ca_file()):
        context = client_context(path, host="localhost:25")
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_own_authorities_replace_those_of_the_system() -> None:
    """With ca_file only what stands in it is trusted."""
    assert len(client_context(ca_file(), host="").get_ca_certs()) == 1
