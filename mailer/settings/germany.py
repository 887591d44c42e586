"""The sixteen German states: which public holidays count.

Our own small table, so that nothing needs the holidays library before a date is
computed; a test compares both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

STATES: Final[Mapping[str, str]] = {
    "BB": "Brandenburg",
    "BE": "Berlin",
    "BW": "Baden-Württemberg",
    "BY": "Bayern",
    "HB": "Bremen",
    "HE": "Hessen",
    "HH": "Hamburg",
    "MV": "Mecklenburg-Vorpommern",
    "NI": "Niedersachsen",
    "NW": "Nordrhein-Westfalen",
    "RP": "Rheinland-Pfalz",
    "SH": "Schleswig-Holstein",
    "SL": "Saarland",
    "SN": "Sachsen",
    "ST": "Sachsen-Anhalt",
    "TH": "Thüringen",
}
"""Code (ISO 3166-2:DE without "DE-") to name."""

ORDINALS: Final[Mapping[int, str]] = {
    6: "sechsten",
    7: "siebten",
    8: "achten",
    9: "neunten",
}
"""Rules people try that no month can keep."""


def find_state(text: str) -> str | None:
    """Return the code of the state named by code or by name; None if there is none.

    Example:
        >>> find_state("sachsen-anhalt")
        'ST'
    """
    wanted = text.strip().casefold()
    for code, name in STATES.items():
        if wanted in {code.casefold(), name.casefold()}:
            return code
    return None


def all_states() -> str:
    """Return "BB (Brandenburg), BE (Berlin), …"."""
    return ", ".join(f"{code} ({name})" for code, name in STATES.items())
