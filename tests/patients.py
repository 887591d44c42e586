"""An installation for the doctor, in which a test breaks one thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailer.application import Application
from mailer.doctor.patient import Patient
from mailer.doctor.resolver import DnsTrouble, Exchange
from mailer.settings import load
from subscribers.clock import FixedClock
from tests.conftest import PRESENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from mailer.doctor.diagnosis import Diagnosis
    from mailer.doctor.patient import Check
    from subscribers.database import Database


@dataclass(slots=True)
class Zone:
    """DNS as a test wants it: names in lower case and what they have.

    Attributes:
        dead: Names about which no nameserver answers.
        asked: Every question, in order: "TXT mia.example".
    """

    txt: Mapping[str, Sequence[str]] = field(default_factory=dict)
    a: Mapping[str, Sequence[str]] = field(default_factory=dict)
    mx: Mapping[str, Sequence[tuple[int, str]]] = field(default_factory=dict)
    ptr: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dead: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def texts(self, name: str) -> Sequence[str]:
        """Return the TXT records."""
        self._hear("TXT", name)
        return self.txt.get(name.lower(), ())

    def addresses(self, name: str) -> Sequence[str]:
        """Return the addresses."""
        self._hear("A", name)
        return self.a.get(name.lower(), ())

    def exchanges(self, name: str) -> Sequence[Exchange]:
        """Return the MX records."""
        self._hear("MX", name)
        return [Exchange(*one) for one in sorted(self.mx.get(name.lower(), ()))]

    def names(self, address: str) -> Sequence[str]:
        """Return the PTR records."""
        self._hear("PTR", address)
        return self.ptr.get(address, ())

    def _hear(self, kind: str, name: str) -> None:
        self.asked.append(f"{kind} {name}")
        if name.lower() in self.dead:
            raise DnsTrouble(name, "der Nameserver antwortet nicht")


def a_patient(
    settings_file: Path,
    database: Database,
    flags: Mapping[str, str] | None = None,
    *,
    resolver: Zone | None = None,
    sample: bytes = b"",
) -> Patient:
    """Return the example network on *database*; *flags* are settings by dotted key."""
    url = database.url.render_as_string(hide_password=False)
    environ = {"MIA_SMTP_PASSWORD": "geheim", "MIA_INBOX_PASSWORD": "geheim"}
    given = {"database.url": url, **(flags or {})}
    loaded = load(settings_file, environ, flags=given)
    app = Application(loaded.settings, FixedClock(PRESENT))
    app.unchecked_database = database
    return Patient(loaded, app, resolver or Zone(), sample)


def told(check: Check, patient: Patient) -> dict[str, str]:
    """Return what *check* says: severity by name; the sentences have their own look."""
    return {one.name: one.severity.value for one in spoken(check(patient))}


def spoken(found: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Return *found*; whoever is not well is told why, and what to do."""
    kept = list(found)
    for one in kept:
        sentences = (
            [one.what] if one.severity == "ok" else [one.what, one.why, one.todo]
        )
        assert all(text and text[-1] in ".?“" for text in sentences), one
    return kept
