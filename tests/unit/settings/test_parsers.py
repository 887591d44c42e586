"""Single values: what passes, and what is said about the rest."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.settings import net_parsers, parsers, time_parsers
from mailer.settings.fields import CLOSED, SERIES, TABLES, VENUE, VENUE_FACTS
from mailer.settings.model import OnDoubt
from mailer.settings.parsers import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable

choice = parsers.choice(OnDoubt)
port = parsers.whole(1, 65535)


@pytest.mark.parametrize(
    ("parse", "given_value", "expected"),
    [
        (parsers.text, "  MIA ", "MIA"),
        (parsers.text, "", ""),
        (parsers.prose, "eins\n  zwei ", "eins zwei"),
        (parsers.lines, ["eins", " zwei"], ("eins", "zwei")),
        (parsers.lines, [], ()),
        (port, 587, 587),
        (choice, "hold", OnDoubt.HOLD),
        (parsers.state, "st", "ST"),
        (parsers.state, "Sachsen-Anhalt", "ST"),
        (parsers.state, "BADEN-WÜRTTEMBERG", "BW"),
        (parsers.key, "miteinander-reden", "miteinander-reden"),
        (parsers.postcode, "06449", "06449"),
        (parsers.phone, "03473 958-111", "03473 958-111"),
        (parsers.phone, "+49 3473 958111", "+49 3473 958111"),
        (net_parsers.list_id, "mia.aschersleben.de", "mia.aschersleben.de"),
        (net_parsers.maybe_email, "", None),
        (net_parsers.host, "", ""),
        (net_parsers.host, "::1", "::1"),
        (net_parsers.base_url, "https://mia.example/", "https://mia.example"),
        (net_parsers.base_url, "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        (net_parsers.base_url, "", ""),
        (net_parsers.database_url, "sqlite:///a.db", "sqlite:///a.db"),
        (time_parsers.day, date(2026, 2, 1), date(2026, 2, 1)),
        (time_parsers.day, "2026-02-01", date(2026, 2, 1)),
        (time_parsers.maybe_day, "", None),
        (
            time_parsers.days,
            [date(2026, 2, 1), "2026-01-29", date(2026, 2, 1)],
            (date(2026, 1, 29), date(2026, 2, 1)),
        ),
        (time_parsers.clock_time, "10:00", time(10)),
        (time_parsers.clock_time, "9.30 Uhr", time(9, 30)),
        (time_parsers.clock_time, time(13), time(13)),
        (time_parsers.duration, "7 Tage", timedelta(days=7)),
        (time_parsers.duration, "60s", timedelta(seconds=60)),
        (time_parsers.duration, "1 Woche", timedelta(days=7)),
        (time_parsers.zone, "Europe/Berlin", ZoneInfo("Europe/Berlin")),
        (time_parsers.weekday, "donnerstag", 3),
        (time_parsers.weekday, "So", 6),
        (time_parsers.nth, [1, 3], (1, 3)),
        (time_parsers.nth, -1, (-1,)),
    ],
)
def test_good_values_pass(
    parse: Callable[[object], object], given_value: object, expected: object
) -> None:
    """What a town clerk may write means what it says."""
    assert parse(given_value) == expected


@pytest.mark.parametrize(
    ("parse", "given_value", "expected"),
    [
        (parsers.text, 7, "hier steht aber 7"),
        (parsers.text, True, "hier steht aber true"),
        (parsers.text, ["a"], "hier steht aber eine Liste"),
        (parsers.text, {"a": 1}, "hier steht aber ein Abschnitt"),
        (parsers.text, date(2026, 1, 1), "ein Datum oder eine Uhrzeit"),
        (parsers.text, "a\r\nBcc: x@example.org", "keinen Zeilenumbruch"),
        (parsers.text, "a\x07", "Steuerzeichen"),
        (parsers.filled, "  ", "darf nicht leer sein"),
        (parsers.lines, "eins", 'etwa ["eins"]'),
        (parsers.some_lines, [], "Liste darf nicht leer sein"),
        (parsers.some_lines, [""], "darf nicht leer sein"),
        (port, "587", "ganze Zahl gebraucht, hier steht aber ein Text"),
        (port, 1.5, "hier steht aber 1.5"),
        (port, True, "hier steht aber true"),
        (port, 0, "0 geht nicht; möglich ist 1 bis 65535"),
        (choice, "never", "möglich sind „resend“, „hold“"),
        (parsers.state, "Preußen", "ST (Sachsen-Anhalt), TH (Thüringen)"),
        (parsers.key, "Miteinander Reden", "Kleinbuchstaben"),
        (parsers.postcode, "6449", "fünf Ziffern"),
        (parsers.phone, "ruf an", "03473 958-111"),
        (net_parsers.list_id, "mia", "mindestens einen Punkt"),
        (net_parsers.list_id, f"a.{'b.' * 130}de", "mindestens einen Punkt"),
        (net_parsers.email, "k_sommer", "das Zeichen @ fehlt"),
        (net_parsers.email, "a@b.example\nBcc: c@d.example", "Zeilenumbruch"),
        (net_parsers.host, "https://mail", "nur den Namen"),
        (net_parsers.base_url, "http://mia.example", "mit https:// beginnen"),
        (net_parsers.base_url, "https://mia.example/?x=1", "keine Internetadresse"),
        (net_parsers.base_url, "https://[mia", "keine Internetadresse"),
        (net_parsers.database_url, "mysql://x", "sqlite:/// oder postgresql://"),
        (net_parsers.database_url, "sqlite://", "sqlite:/// oder postgresql://"),
        (net_parsers.database_url, "sqlite:///:memory:", "sqlite:/// oder"),
        (net_parsers.database_url, "postgresql://h:xx/mia", "sqlite:/// oder"),
        (time_parsers.day, "1.2.2026", "Jahr-Monat-Tag"),
        (time_parsers.day, "2026-02-30", "kein Tag im Kalender"),
        (time_parsers.day, datetime(2026, 2, 1, 10, tzinfo=UTC), "ohne Uhrzeit"),
        (time_parsers.days, "2026-01-29", "Liste von Tagen"),
        (time_parsers.clock_time, "10", "keine Uhrzeit"),
        (time_parsers.clock_time, "25:00", "keine Uhrzeit"),
        (time_parsers.clock_time, time(10, 0, 30), "keine Uhrzeit"),
        (time_parsers.duration, 7, "Zahl und Einheit"),
        (time_parsers.duration, "7", "Zahl und Einheit"),
        (time_parsers.duration, "0 Tage", "1 Sekunde bis 3700 Tage"),
        (time_parsers.duration, "999999 Tage", "1 Sekunde bis 3700 Tage"),
        (time_parsers.zone, "Europe/Aschersleben", "Europe/Berlin"),
        (time_parsers.zone, "../etc/passwd", "Europe/Berlin"),
        (time_parsers.weekday, "Thursday", "kein Wochentag"),
        (time_parsers.nth, [], "Liste darf nicht leer sein"),
        (time_parsers.nth, [1, "3"], "ganze Zahlen"),
        (time_parsers.nth, [1, 1], "kommt doppelt vor"),
    ],
)
def test_bad_values_get_a_sentence(
    parse: Callable[[object], object], given_value: object, expected: str
) -> None:
    """The sentence says what is wrong and what would do."""
    with pytest.raises(Unfit) as caught:
        parse(given_value)
    sentence = str(caught.value)
    assert expected in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("mail.example.org", False),
        ("localhost.evil.example", False),
        ("10.0.0.1", False),
    ],
)
def test_only_this_machine_is_loopback(name: str, *, expected: bool) -> None:
    """Names are not looked up, so nobody can redirect them."""
    assert net_parsers.is_loopback(name) is expected


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.times(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
ALL_FIELDS = [
    one
    for fields in (*TABLES.values(), VENUE, VENUE_FACTS, SERIES, CLOSED)
    for one in fields.values()
]


@given(VALUES)
def test_a_parser_never_fails_otherwise(value: object) -> None:
    """Whatever TOML can hold, a parser takes it or says a sentence."""
    for one in ALL_FIELDS:
        try:
            one.parse(value)
        except Unfit as error:
            assert str(error).endswith(".")  # noqa: PT017 - both ways are fine
