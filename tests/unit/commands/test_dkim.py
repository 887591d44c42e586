"""``mia dkim check``: what the DNS has, compared with our keys."""

from __future__ import annotations

import pytest

from mailer.commands.dkim import published_as
from mailer.errors import ExitCode
from mailer.rendering.signing_keys import KeyRecord
from tests.patients import Zone

RSA = KeyRecord("mia2026._domainkey.stadt.example", "v=DKIM1; k=rsa; p=AAAA")
ED25519 = KeyRecord("mia2026-ed25519._domainkey.stadt.example", "v=DKIM1; p=BBBB")

FINE = "steht im DNS und passt"


@pytest.mark.parametrize(
    ("texts", "says", "code"),
    [
        (["v=DKIM1; k=rsa; p=AAAA"], FINE, ExitCode.OK),
        (["k=rsa;p=AA AA;"], FINE, ExitCode.OK),
        ([], "fehlt im DNS", ExitCode.FAILURE),
        (["v=DKIM1; k=rsa; p=AAAB"], "ein anderer Schlüssel", ExitCode.FAILURE),
        (["v=DKIM1; k=rsa; p="], "ein anderer Schlüssel", ExitCode.FAILURE),
        (["something else"], "ein anderer Schlüssel", ExitCode.FAILURE),
        (["p=AAAA", "p=AAAA"], "stehen 2 Einträge", ExitCode.FAILURE),
    ],
)
def test_the_record_in_the_dns_is_compared_with_the_key(
    texts: list[str], says: str, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    """Spaces and other tags do not matter; the key does."""
    assert published_as([RSA], Zone(txt={RSA.name: texts})) == code

    line = capsys.readouterr().out
    assert line.startswith(f"{RSA.name}: ")
    assert says in line


def test_a_nameserver_that_is_silent_proves_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Try again; unless another record is known to be wrong."""
    silent = Zone(dead=frozenset({RSA.name}), txt={ED25519.name: [ED25519.text]})

    assert published_as([RSA, ED25519], silent) == ExitCode.TRY_AGAIN
    assert "noch unbekannt" in capsys.readouterr().out
    assert published_as([RSA, ED25519], Zone(dead=silent.dead)) == ExitCode.FAILURE
