"""Several relays and the pace of providers: tables of which there may be many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.errors import SettingsInvalid
from mailer.settings import Security, example_toml, load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mailer.settings import Loaded

SECRET = {"MIA_SECRET": "00" * 32}

TWO = """
[[relay]]
host = "mail2.example.org"
user = "mia"
per_hour = 200
ehlo_name = "mia.example.org"

[[relay]]
host = "localhost"
security = "plain"
"""

TWICE = """
[[provider]]
name = "GMX"
per_day = 5

[[provider]]
name = "web.de"
per_day = 9
"""


def loaded(folder: Path, more: str, environ: Mapping[str, str] | None = None) -> Loaded:
    """Load the example network with *more* at the end of its file."""
    path = folder / "mia.toml"
    text = example_toml().replace('secret_file = "mia.secret"\n', "")
    text = text.replace('# host = "mail.example.org"', 'host = "mail.example.org"')
    path.write_text(text + more, encoding="utf-8")
    return load(path, {**SECRET, **(environ or {})}, flags={})


def problem(folder: Path, more: str) -> str:
    """Return the one thing that is said about *more*."""
    with pytest.raises(SettingsInvalid) as caught:
        loaded(folder, more)
    (sentence,) = caught.value.problems
    return sentence


def test_relays_follow_the_first_one_in_order(tmp_path: Path) -> None:
    """Same keys, same defaults; what comes back takes the one way."""
    found = loaded(tmp_path, TWO, {"MIA_RELAY_1_PASSWORD": "geheim"})
    first, second = found.settings.relays
    assert (first.name, second.name) == ("mail2.example.org:587", "localhost:25")
    assert (first.password, second.password) == ("geheim", "")
    assert (first.per_hour, second.per_hour) == (200, 0)
    assert second.security is Security.PLAIN
    assert first.return_path == found.settings.smtp.return_path
    assert "geheim" not in repr(found)
    assert found.entries["relay[1].host"].value == "mail2.example.org"


def test_a_login_needs_its_password(tmp_path: Path) -> None:
    """The sentence names the variable of this relay."""
    assert "MIA_RELAY_1_PASSWORD" in problem(tmp_path, TWO)


def test_a_password_in_the_file_is_refused(tmp_path: Path) -> None:
    """As everywhere: a secret never stands in the settings file."""
    sentence = problem(
        tmp_path, '[[relay]]\nhost = "mail2.example.org"\npassword = "geheim"\n'
    )
    assert "Geheimnis" in sentence
    assert "geheim" not in sentence


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ("[[relay]]\n", "fehlt"),
        ('[[relay]]\nhost = ""\n', "leer"),
        ('[[relay]]\nhost = "mail.example.org"\n', "schon"),
        ('[[relay]]\nhost = "m.example.org"\nsecurity = "plain"\n', "starttls"),
        ('[[relay]]\nhost = "m.example.org"\ndata_timeout = "1 Minute"\n', "10 Min"),
        ('[[relay]]\nhost = "m.example.org"\ncommand_timeout = "1 Tag"\n', "Frist"),
        ('[[relay]]\nhost = "m.example.org"\nca_file = "nein.pem"\n', "nein.pem"),
        ('[[relay]]\nhost = "m.example.org"\nreturn_path = "a@b.example"\n', "nicht"),
        ('[[relay]]\nhost = "m.example.org"\nper_hour = -1\n', "möglich ist 0"),
        ("[[provider]]\nper_hour = 5\n", "fehlt"),
        ('[[provider]]\nname = "gmx"\nper_week = 5\n', "gibt es nicht"),
        ('[[provider]]\nname = "tonline"\nper_day = 5\n', "t-online"),
        (TWICE, "„web.de“ und „GMX“ sind ein Anbieter (gmx)"),
        ('[relay]\nhost = "m.example.org"\n', "doppelten Klammern"),
    ],
)
def test_a_mistake_has_its_sentence(tmp_path: Path, more: str, word: str) -> None:
    """Each says where it stands and what to do."""
    sentence = problem(tmp_path, more)
    assert word in sentence
    assert "mia.toml" in sentence


def test_providers_have_their_pace(tmp_path: Path) -> None:
    """A name that mia knows, one of its domains, or a domain that mia does not know."""
    more = (
        '[[provider]]\nname = "T-Online"\nper_minute = 20\nper_day = 500\n'
        '[[provider]]\nname = "web.de"\nper_hour = 9\n'
        '[[provider]]\nname = "müller.example"\nper_hour = 7\n'
    )
    found = loaded(tmp_path, more).settings.providers
    assert [
        (one.provider, one.per_minute, one.per_hour, one.per_day) for one in found
    ] == [
        ("t-online", 20, 0, 500),
        ("gmx", 0, 9, 0),
        ("xn--mller-kva.example", 0, 7, 0),
    ]
