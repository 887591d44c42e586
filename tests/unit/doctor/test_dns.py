"""The doctor asks DNS what receiving servers ask: each record broken once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.doctor import dns
from tests.patients import Zone, a_patient, spoken, told

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database

RELAYED = {"smtp.host": "relay.example", "sender.address": "k@town.example"}
AT_HOME = {"relay.example": ("192.0.2.25",)}


@pytest.mark.parametrize(
    ("record", "level"),
    [
        ((), "warning"),
        (("v=spf1 a:relay.example -all",), "ok"),
        (("v=spf1 -all",), "warning"),
        (("v=spf1 exists:%{i}.spf.example -all",), "hint"),
        (("v=spf1 -all", "v=spf1 +all"), "error"),
        (("v=spf1 include:gone.example -all",), "warning"),
    ],
)
def test_spf_has_to_know_the_relay(
    settings_file: Path, database: Database, record: tuple[str, ...], level: str
) -> None:
    """No record, a strange relay, one that needs a letter, two records, no answer."""
    zone = Zone(
        txt={"town.example": record}, a=AT_HOME, dead=frozenset({"gone.example"})
    )
    patient = a_patient(settings_file, database, RELAYED, resolver=zone)
    assert told(dns.spf_knows_the_relay, patient) == {"spf": level}


def test_every_address_of_the_relay_is_asked_for(
    settings_file: Path, database: Database
) -> None:
    """A relay that sends over IPv6 too needs both in the record."""
    zone = Zone(
        txt={"town.example": ("v=spf1 ip4:192.0.2.25 ~all",)},
        a={"relay.example": ("192.0.2.25", "2001:db8::25")},
    )
    patient = a_patient(settings_file, database, RELAYED, resolver=zone)
    found = spoken(dns.spf_knows_the_relay(patient))
    assert [one.severity for one in found] == ["ok", "warning"]
    assert "2001:db8::25" in found[1].what


def test_the_return_path_counts_for_spf(
    settings_file: Path, database: Database
) -> None:
    """A receiving server asks the domain of the envelope, not the one of From."""
    flags = RELAYED | {"smtp.return_path": "post@bounce.example"}
    zone = Zone(txt={"bounce.example": ("v=spf1 a:relay.example -all",)}, a=AT_HOME)
    patient = a_patient(settings_file, database, flags, resolver=zone)
    assert told(dns.spf_knows_the_relay, patient) == {"spf": "ok"}


def test_a_relay_here_is_known_by_its_greeting(
    settings_file: Path, database: Database
) -> None:
    """127.0.0.1 means nothing to others: the name it greets with does."""
    flags = RELAYED | {
        "smtp.host": "127.0.0.1",
        "smtp.security": "plain",
        "smtp.ehlo_name": "relay.example",
    }
    zone = Zone(txt={"town.example": ("v=spf1 a:relay.example -all",)}, a=AT_HOME)
    patient = a_patient(settings_file, database, flags, resolver=zone)
    assert told(dns.spf_knows_the_relay, patient) == {"spf": "ok"}
    assert told(dns.relays_have_names, patient) == {"relay-name": "warning"}


def test_without_a_relay_there_is_little_to_ask(
    settings_file: Path, database: Database
) -> None:
    """A missing record is told all the same; whom it must name is not known yet."""
    flags = {"sender.address": "k@town.example"}
    patient = a_patient(settings_file, database, flags)
    assert told(dns.spf_knows_the_relay, patient) == {"spf": "warning"}
    assert told(dns.relays_have_names, patient) == {}


def test_a_relay_without_an_address_is_told(
    settings_file: Path, database: Database
) -> None:
    """A slip in its name, or a name that only this house knows."""
    zone = Zone(txt={"town.example": ("v=spf1 -all",)})
    patient = a_patient(settings_file, database, RELAYED, resolver=zone)
    assert told(dns.spf_knows_the_relay, patient) == {"spf": "hint"}


def test_every_relay_has_to_be_in_the_record(
    settings_file: Path, database: Database
) -> None:
    """A second way out that nobody may use is found before it is needed."""
    with settings_file.open("a", encoding="utf-8") as file:
        file.write('\n[[relay]]\nhost = "second.example"\n')
    zone = Zone(
        txt={"town.example": ("v=spf1 a:relay.example -all",)},
        a=AT_HOME | {"second.example": ("198.51.100.7",)},
    )
    patient = a_patient(settings_file, database, RELAYED, resolver=zone)
    found = spoken(dns.spf_knows_the_relay(patient))
    assert [one.severity for one in found] == ["ok", "warning"]
    assert "second.example" in found[1].what


@pytest.mark.parametrize(
    ("zone", "level"),
    [
        (Zone(mx={"town.example": [(10, "mx.town.example")]}), "ok"),
        (Zone(a={"town.example": ("192.0.2.1",)}), "hint"),
        (Zone(), "error"),
        (
            Zone(mx={"town.example": [(0, "")]}, a={"town.example": ("192.0.2.1",)}),
            "error",
        ),
    ],
)
def test_reports_need_somebody_who_takes_them(
    settings_file: Path, database: Database, zone: Zone, level: str
) -> None:
    """An MX is right, an address will do; nothing, or "nobody" (RFC 7505), will not."""
    patient = a_patient(settings_file, database, RELAYED, resolver=zone)
    assert told(dns.reports_find_home, patient) == {"mx": level}


@pytest.mark.parametrize(
    ("ptr", "level"),
    [
        ({"192.0.2.25": ("relay.example",)}, "ok"),
        ({"192.0.2.25": ("liar.example",)}, "hint"),
        ({}, "hint"),
    ],
)
def test_the_relays_address_has_a_name(
    settings_file: Path, database: Database, ptr: dict[str, tuple[str, ...]], level: str
) -> None:
    """Forth and back must agree; a provider's relay is the provider's business."""
    zone = Zone(a=AT_HOME, ptr=ptr)
    patient = a_patient(settings_file, database, RELAYED, resolver=zone)
    assert told(dns.relays_have_names, patient) == {"relay-name": level}


def test_a_relay_given_as_a_number_needs_no_question(
    settings_file: Path, database: Database
) -> None:
    """An IP address is its own answer."""
    flags = RELAYED | {"smtp.host": "192.0.2.25"}
    zone = Zone(ptr={"192.0.2.25": ("relay.example",)}, a=AT_HOME)
    patient = a_patient(settings_file, database, flags, resolver=zone)
    assert told(dns.relays_have_names, patient) == {"relay-name": "ok"}


def test_silence_is_a_finding(settings_file: Path, database: Database) -> None:
    """A nameserver that does not answer ends one check, with the name it was about."""
    zone = Zone(dead=frozenset({"town.example"}))
    patient = a_patient(settings_file, database, RELAYED, resolver=zone)
    (found,) = spoken(dns.reports_find_home(patient))
    assert (found.name, found.severity) == ("reports-find-home", "warning")
    assert "town.example" in found.what
