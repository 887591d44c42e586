"""From file, environment and flags to settings: order, origins, all mistakes."""

from __future__ import annotations

import re
import sys
import tomllib
from datetime import date, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.errors import SettingsInvalid, UsageRefused
from mailer.settings import (
    OnDoubt,
    OriginKind,
    Security,
    VenueAnswer,
    build,
    example_toml,
    load,
)
from mailer.settings.source import Source, key_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.settings import Loaded

SECRET = {"MIA_SECRET": "00" * 32}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The example network's file, without the secret file that it names."""
    path = tmp_path / "mia.toml"
    text = example_toml().replace('secret_file = "mia.secret"\n', "")
    path.write_text(text, encoding="utf-8")
    return path


def loaded(
    path: Path,
    *changes: tuple[str, str],
    environ: Mapping[str, str] | None = None,
    **flags: str,
) -> Loaded:
    """Load the file with some texts replaced; ``smtp__port="1"`` is a flag."""
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return load(
        path,
        {**SECRET, **(environ or {})},
        flags={key.replace("__", "."): value for key, value in flags.items()},
    )


def problems(
    path: Path,
    *changes: tuple[str, str],
    environ: Mapping[str, str] | None = None,
    **flags: str,
) -> list[str]:
    """Return what is said about the file with some texts replaced."""
    with pytest.raises(SettingsInvalid) as caught:
        loaded(path, *changes, environ=environ, **flags)
    return list(caught.value.problems)


def line_of(path: Path, text: str) -> int:
    """Return the line in which *text* stands."""
    before, _, _ = path.read_text(encoding="utf-8").partition(text)
    return before.count("\n") + 1


def test_the_example_is_the_network_of_aschersleben(path: Path) -> None:
    """The built-in example carries the facts of the press release."""
    found = loaded(path).settings
    (series,) = found.series
    assert found.network.full_name == "MIA – Miteinander Inklusion Aschersleben"
    assert found.coordinator.email.text == "k_sommer@aschersleben.de"
    assert found.coordinator.phone == "03473 958-111"
    assert len(found.network.fields_of_work) == 8
    assert (series.weekday, series.nth) == (3, (1, 3))
    assert (series.start, series.end) == (time(10), time(13))
    assert series.zone.key == "Europe/Berlin"
    assert series.first_on == date(2026, 2, 1)
    assert series.added == (date(2026, 1, 29),)
    venue = found.venues[series.venue]
    assert venue.label == "Konferenzraum, Hohe Straße 21, 06449 Aschersleben"
    assert venue.in_sentence == "im Konferenzraum in der Hohen Straße 21"
    assert found.state == "ST"


def test_the_example_claims_nothing_about_access(path: Path) -> None:
    """Nobody knows whether the room is step-free, so nothing says so."""
    (venue,) = loaded(path).settings.venues.values()
    facts = venue.facts
    assert facts.step_free is VenueAnswer.UNKNOWN
    assert facts.toilet is VenueAnswer.UNKNOWN
    assert facts.checked_on is None


def test_defaults_follow_from_other_values(path: Path) -> None:
    """Sender, return path, port and database need not be said twice."""
    found = loaded(path, ('security = "starttls"', 'security = "tls"')).settings
    assert found.sender.name == "Kathrin Sommer"
    assert found.sender.address == found.coordinator.email
    assert found.smtp.return_path == found.coordinator.email
    assert found.smtp.port == 465
    assert found.smtp.host == ""
    assert found.database.url == f"sqlite:///{path.parent / 'mia.db'}"
    assert found.policy.on_doubt is OnDoubt.RESEND
    assert found.policy.invite_before == timedelta(days=7)
    assert found.smtp.data_timeout == timedelta(minutes=10)


def test_flag_wins_over_environment_over_file_over_default(path: Path) -> None:
    """Each layer is beaten by the one before it, and says who it is."""
    environ = {"MIA_SMTP_HOST": "env.example", "MIA_SMTP_PORT": "2525"}
    host = ('# host = "mail.example.org"', 'host = "file.example"')
    found = loaded(path, host, environ=environ, smtp__host="flag.example")
    assert found.settings.smtp.host == "flag.example"
    assert found.settings.smtp.port == 2525
    assert found.origins["smtp.host"].german == "--set smtp.host"
    assert found.origins["smtp.port"].german == "Umgebungsvariable MIA_SMTP_PORT"
    line = line_of(path, 'security = "starttls"')
    assert found.origins["smtp.security"].german == f"Datei mia.toml, Zeile {line}"
    assert found.origins["smtp.user"].kind is OriginKind.DEFAULT
    assert found.origins["smtp.user"].german == "Vorgabe"


def test_any_network_can_be_described(path: Path) -> None:
    """Two series, the last Monday of a month, two venues, Bavaria, closed days."""
    more = """
[[series]]
key = "stammtisch"
title = "Stammtisch"
weekday = "Montag"
nth = -1
start = 18:30:00
end = "21:00"
first_on = 2027-01-01
venue = "rathaus"
about = "Wir sitzen zusammen."

[venues.rathaus]
room = "Ratssaal"
street = "Markt 1"
postcode = "80331"
city = "München"
in_sentence = "im Ratssaal am Markt 1"
facts = { step_free = "ja", lift = "auf Anfrage", checked_on = 2026-11-01 }

[[closed]]
first_on = 2026-12-24
reason = "Betriebsferien"
"""
    text = path.read_text(encoding="utf-8") + more
    path.write_text(text, encoding="utf-8")
    found = loaded(path, ('state = "ST"', 'state = "Bayern"')).settings
    second = found.series[1]
    assert (second.weekday, second.nth) == (0, (-1,))
    assert second.start == time(18, 30)
    assert second.audience == "für alle Interessierten, mit und ohne Behinderung"
    assert found.venues["rathaus"].room_easy == "Ratssaal"
    assert found.venues["rathaus"].facts.step_free is VenueAnswer.YES
    assert found.venues["rathaus"].facts.checked_on == date(2026, 11, 1)
    assert found.closed[0].last_on == date(2026, 12, 24)
    assert found.state == "BY"


def test_all_mistakes_are_told_at_once_by_line(path: Path) -> None:
    """Nobody has to repair, run, repair, run."""
    found = problems(
        path,
        ('organisation = "Stadt Aschersleben"\n', ""),
        ('email = "k_sommer@aschersleben.de"', 'email = "k_sommer"'),
        ("nth = [1, 3]", "nth = [1, 6]"),
        ('state = "ST"', 'state = "Preußen"'),
        ("next_dates = 3", 'next_date = "drei"'),
        environ={"MIA_SMTP_PORT": "viele"},
    )
    assert len(found) == 6
    assert all(
        re.match(r"mia\.toml, Zeile \d+, [a-z_.\[\]0-9]+: ", f) for f in found[:5]
    )
    lines = [int(re.findall(r"Zeile (\d+)", f)[0]) for f in found[:5]]
    assert lines == sorted(lines)
    assert found[0].endswith("network.organisation: Diese Angabe fehlt.")
    assert "das Zeichen @ fehlt" in found[1]
    assert "Einen sechsten Donnerstag gibt es in keinem Monat." in found[2]
    assert "ST (Sachsen-Anhalt)" in found[3]
    assert found[4].endswith(
        "Diese Einstellung gibt es nicht. Meinten Sie „next_dates“?"
    )
    assert found[5].startswith("Umgebungsvariable MIA_SMTP_PORT: ")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[smtp]", "[stmp]", "Meinten Sie „smtp“?"),
        ('security = "starttls"', "securty = 1", "Meinten Sie „security“?"),
        ("step_free =", "stepfree =", "Meinten Sie „step_free“?"),
        ('room = "Konferenzraum"', 'zimmer = "a"', "Diese Einstellung gibt es nicht."),
        ("weekday =", "wekday =", "Meinten Sie „weekday“?"),
    ],
)
def test_a_misspelt_name_gets_its_neighbour(
    path: Path, old: str, new: str, expected: str
) -> None:
    """In every table, the nearest known name is offered."""
    assert any(expected in sentence for sentence in problems(path, (old, new)))


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ("nth = [1, 3]", "nth = [7]", "series[1].nth", "Einen siebten Donnerstag"),
        ("nth = [1, 3]", "nth = [12]", "series[1].nth", "Einen 12. Donnerstag"),
        ("nth = [1, 3]", "nth = [0]", "series[1].nth", "Einen 0. Donnerstag"),
        ('end = "13:00"', 'end = "10:00"', "series[1].end", "nach dem Beginn (10:00)"),
        (
            'venue = "treffpunkt"',
            'venue = "rathaus"',
            "series[1].venue",
            "Den Ort „rathaus“ gibt es nicht; unter [venues] steht: „treffpunkt“.",
        ),
        (
            'data_timeout = "10 Minuten"',
            'data_timeout = "9 Minuten"',
            "smtp.data_timeout",
            "Weniger als 10 Minuten gehen nicht",
        ),
        ('lease = "20 Minuten"', 'lease = "15 Minuten"', "policy.lease", "muss länger"),
        (
            'draft_before = "14 Tage"',
            'draft_before = "90 Tage"',
            "network_update.draft_before",
            "zwischen einem Tag und 60 Tagen",
        ),
        (
            '# ca_file = "zertifikate.pem"',
            'ca_file = "nichts.pem"',
            "smtp.ca_file",
            "nichts.pem gibt es nicht",
        ),
        (
            '# templates = "vorlagen"',
            'templates = "vorlagen"',
            "letters.templates",
            "vorlagen gibt es nicht",
        ),
        (
            '# url = "sqlite:///mia.db"',
            'url = "postgresql://mia:geheim@db.example/mia"',
            "database.url",
            "Ein Passwort darf hier nicht stehen.",
        ),
    ],
)
def test_what_does_not_fit_together_is_said(
    path: Path, old: str, new: str, key: str, expected: str
) -> None:
    """Rules between settings have their line and their key too."""
    (sentence,) = problems(path, (old, new))
    line = line_of(path, new)
    assert sentence.startswith(f"mia.toml, Zeile {line}, {key}: ")
    assert expected in sentence
    assert "geheim@" not in sentence


def test_plain_security_is_for_this_machine_only(path: Path) -> None:
    """Without protection nothing leaves the machine."""
    (sentence,) = problems(path, smtp__host="mail.example.org", smtp__security="plain")
    assert sentence.startswith("--set smtp.security: Ohne Verschlüsselung")
    found = loaded(path, smtp__host="127.0.0.1", smtp__security="plain").settings
    assert (found.smtp.security, found.smtp.port) == (Security.PLAIN, 25)


def test_series_and_closed_days_are_checked_each(path: Path) -> None:
    """A second series of the same key, and days in the wrong order."""
    text = path.read_text(encoding="utf-8")
    start = text.index("[[series]]")
    twin = text[start : text.index("# An Feiertagen")]
    days = '[[closed]]\nfirst_on = 2026-12-24\nlast_on = 2026-12-23\nreason = "x"\n'
    path.write_text(f"{text}\n{twin}\n{days}", encoding="utf-8")
    first, second = problems(path)
    assert "series[2].key: Die Terminreihe „miteinander-reden“ gibt es schon." in first
    assert "closed[1].last_on: Der letzte Tag darf nicht vor dem ersten" in second


def test_a_network_needs_a_place_and_a_series(path: Path) -> None:
    """Both are missed in one go."""
    text = path.read_text(encoding="utf-8")
    head = text[: text.index("[venues.treffpunkt]")]
    tail = text[text.index("[holidays]") :]
    path.write_text(head + tail, encoding="utf-8")
    assert problems(path) == [
        "mia.toml, venues: Es fehlt ein Ort [venues.NAME].",
        "mia.toml, series: Es fehlt eine Terminreihe [[series]].",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("smtp = 1", "smtp: Hier wird ein Abschnitt [smtp] gebraucht."),
        ("[series]\nkey = 1", "series: Bitte schreiben Sie [[series]] mit doppelten"),
        ("series = [1]", "series[1]: Hier wird ein Abschnitt"),
        ("venues = 3", "venues: Es fehlt ein Ort"),
        ("[venues]\nx = 3", "venues.x: Hier wird ein Abschnitt"),
        ("keys = 3", "keys: Hier wird ein Abschnitt"),
    ],
)
def test_tables_of_the_wrong_kind_are_said(
    path: Path, text: str, expected: str
) -> None:
    """A value where a table belongs is one more problem, never a crash."""
    path.write_text(text, encoding="utf-8")
    assert any(expected in sentence for sentence in problems(path))


def test_one_venue_need_not_be_named(path: Path) -> None:
    """The only venue is the venue; with two it must be said which."""
    change = ('venue = "treffpunkt"\n', "")
    assert loaded(path, change).settings.series[0].venue == "treffpunkt"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("[venues.treffpunkt]"), text.index("# Was über die Barr")
    second = text[start:end].replace("treffpunkt", "rathaus")
    path.write_text(f"{text}\n{second}", encoding="utf-8")
    (sentence,) = problems(path)
    assert "series[1].venue: Bitte nennen Sie einen Ort aus [venues]." in sentence


def test_unknown_variables_and_flags_are_refused(path: Path) -> None:
    """A typo in the environment is not silently without effect."""
    variable = (
        "Umgebungsvariable MIA_SMTP_HOTS: Diese Einstellung gibt es nicht. "
        "Meinten Sie „MIA_SMTP_HOST“?"
    )

    found = problems(path, environ={"MIA_SMTP_HOTS": "x"}, smtp__prot="1")

    assert found == [
        "--set smtp.prot: Diese Einstellung gibt es nicht. Meinten Sie „smtp.port“?",
        variable,
    ]


@pytest.mark.parametrize("key", ["series[1].title", "venues.treffpunkt.room"])
def test_lists_are_only_set_in_the_file(path: Path, key: str) -> None:
    """Tables of which there may be many have no variable and no flag."""
    with pytest.raises(SettingsInvalid) as caught:
        load(path, SECRET, flags={key: "x"})
    assert caught.value.problems == (
        f"--set {key}: Das kann nur in der Datei eingestellt werden.",
    )


def test_the_environment_of_others_is_left_alone(path: Path) -> None:
    """Variables that only begin like ours are no settings."""
    loaded(path, environ={"MIA_NOW": "x", "MIA_TEST_PG_BINDIR": "x", "SMTP_HOST": "x"})


@pytest.mark.parametrize("key", ["smtp.password", "keys.secret"])
def test_a_secret_on_the_command_line_is_refused(path: Path, key: str) -> None:
    """Everybody on the machine could read it; the four ways are named."""
    with pytest.raises(UsageRefused) as caught:
        load(path, SECRET, flags={key: "geheim"})
    sentence = caught.value.sentence
    assert "geheim“" not in sentence
    assert "systemd-Credential" in sentence
    assert "_file" in sentence
    assert "_command" in sentence
    assert "Umgebungsvariable MIA_" in sentence


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("[keys]", '[keys]\nsecret = "abc"', "keys.secret"),
        ("[smtp]", '[smtp]\npassword = "abc"', "smtp.password"),
    ],
)
def test_a_secret_in_the_file_is_refused(
    path: Path, old: str, new: str, key: str
) -> None:
    """A settings file is mailed around; a secret in it is none any more."""
    (sentence,) = problems(path, (old, new))
    assert f"{key}: Ein Geheimnis darf nicht in der Datei stehen." in sentence
    assert "abc" not in sentence


def test_a_login_without_a_password_is_said(path: Path) -> None:
    """Better now than at the relay."""
    (sentence,) = problems(path, smtp__user="mia")
    assert sentence.startswith("--set smtp.user: Zu diesem Namen fehlt das Passwort.")


def test_without_a_secret_nothing_starts(path: Path) -> None:
    """The four ways are named."""
    with pytest.raises(SettingsInvalid) as caught:
        load(path, {}, flags={})
    (sentence,) = caught.value.problems
    assert "keys.secret: Der geheime Schlüssel fehlt." in sentence
    assert "MIA_SECRET" in sentence


def test_an_unreadable_secret_is_said(path: Path) -> None:
    """With the key that names it, and only once."""
    (sentence,) = problems(path, smtp__password_file="nope", smtp__user="mia")
    assert "smtp.password: Die Datei " in sentence
    assert sentence.endswith("das gibt es nicht.")


def test_a_weak_secret_is_said(path: Path) -> None:
    """The sentence says where it came from, not what it is."""
    (sentence,) = problems(path, environ={"MIA_SECRET": "abc123"})
    assert sentence.startswith(
        "Umgebungsvariable MIA_SECRET: Der geheime Schlüssel ist unbrauchbar"
    )
    assert "abc123" not in sentence


def test_a_password_of_the_database_comes_from_the_environment(path: Path) -> None:
    """It is used, but never shown."""
    url = "postgresql://mia:geheim@db.example/mia"
    found = loaded(path, environ={"MIA_DATABASE_URL": url})
    assert found.settings.database.url == url
    assert found.entries["database.url"].value == "postgresql://mia:…@db.example/mia"


def test_postgresql_needs_its_driver(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed without it, the sentence says how to get it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    (sentence,) = problems(path, database__url="postgresql://db.example/mia")
    assert "psycopg. Bitte richten Sie mia mit „make install“ ein." in sentence


def test_no_secret_is_ever_shown(path: Path) -> None:
    """Neither entries nor the repr of settings hold a secret."""
    environ = {"MIA_SMTP_PASSWORD": "geheim", "MIA_SECRET": "ab" * 32}
    found = loaded(path, environ=environ, smtp__user="mia")
    assert found.settings.smtp.password == "geheim"
    assert found.settings.secret == b"\xab" * 32
    assert found.entries["smtp.password"].value == "gesetzt"
    shown = repr(found)
    assert "geheim" not in shown
    assert "ab" * 8 not in shown
    assert repr(b"\xab" * 32) not in shown


def test_entries_hold_every_value_as_people_write_it(path: Path) -> None:
    """Durations, days, weekdays and lists are shown in the words of the file."""
    entries = loaded(path).entries
    assert entries["series[1].weekday"].value == "Donnerstag"
    assert entries["series[1].start"].value == "10:00"
    assert entries["series[1].first_on"].value == "2026-02-01"
    assert entries["series[1].nth"].value == ["1", "3"]
    assert entries["policy.lease"].value == "20 Minuten"
    assert entries["policy.invite_before"].value == "7 Tage"
    assert entries["smtp.connect_timeout"].value == "1 Minute"
    assert entries["sender.reply_to"].value is None
    assert next(iter(entries)) == "network.name"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.dates() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)
KEYS = st.sampled_from(sorted(dict(key_lines(example_toml()))))


@settings(max_examples=40)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_no_file_makes_the_loader_stumble(changes: dict[str, object]) -> None:
    """Whatever stands where: settings, or sentences, never another error."""
    values = tomllib.loads(example_toml())
    del values["keys"]
    for key, value in changes.items():
        target: Any = values
        *path, last = re.findall(r"[a-z_-]+", key)
        for part in path:
            inner = target.get(part) if isinstance(target, dict) else None
            target = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(target, dict):
            target[last] = value
    try:
        build(Source(Path("/nowhere/mia.toml"), values, {}), SECRET, flags={})
    except SettingsInvalid as error:
        assert error.problems  # noqa: PT017 - both ways are fine, but not silence


def test_two_people_must_say_yes_before_anything_goes_out(path: Path) -> None:
    """Where a second person must release, nothing may go out unanswered."""
    second = "leitung@aschersleben.de"
    found = problems(path, coordinator__second_release=second)
    assert len(found) == 2
    assert "unanswered.invitation" in found[0]
    assert "darf nichts ohne Antwort hinausgehen" in found[0]
    changes = (
        ('invitation = "send"', 'invitation = "hold"'),
        ('holiday = "send"', 'holiday = "hold"'),
    )
    settings = loaded(path, *changes, coordinator__second_release=second).settings
    assert settings.coordinator.second_release is not None
    own = "k_sommer@aschersleben.de"
    assert "jemand anderes" in problems(path, coordinator__second_release=own)[0]


def test_a_provider_has_its_limits_in_one_place(path: Path) -> None:
    """Two tables of one name: nobody could say which of them holds."""
    twin = '[[provider]]\nname = "{}"\nper_hour = 100\n'
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n{twin.format('gmx')}{twin.format('GMX')}", "utf-8")
    (sentence,) = problems(path)
    assert "provider[2].name: „GMX“ und „gmx“ sind ein Anbieter (gmx)." in sentence
