"""What the law wants to be read: imprint, privacy, and the statement on accessibility.

The words are ours, the facts are settings. What is not set is left out: a page with a
gap in brackets helps nobody. ``mia doctor`` tells the operator what is missing.

Source: § 5 DDG; Art. 13 DSGVO; §§ 16a to 16d BGG LSA; BITV 2.0, § 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from mailer import german
from mailer.web import reading
from mailer.web.reading import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.web.site import Site

IMPRINT: Final = Text("/impressum", "imprint", "Impressum", "Wer macht diese Seite?")

PRIVACY: Final = Text(
    "/datenschutz", "privacy", "Hinweise zum Datenschutz", "Was ist Daten-Schutz?"
)

ACCESSIBILITY: Final = Text(
    "/barrierefreiheit",
    "accessibility",
    "Erklärung zur Barrierefreiheit",
    "Können alle diese Seite benutzen?",
)


def _imprint(site: Site) -> Mapping[str, object]:
    stated = site.settings.imprint
    return {"stated": stated, "phone_uri": german.phone_uri(stated.phone)}


def _privacy(site: Site) -> Mapping[str, object]:
    days = site.settings.policy.confirm_within.days
    return {
        "stated": site.settings.privacy,
        "confirm_days": f"{days} {'Tag' if days == 1 else 'Tage'}",
    }


def _accessibility(site: Site) -> Mapping[str, object]:
    stated = site.settings.accessibility
    return {
        "stated": stated,
        "host": urlsplit(site.settings.web_base_url).hostname or "",
        "assessed": german.short_day(stated.assessed_on) if stated.assessed_on else "",
        "stated_on": german.short_day(stated.stated_on) if stated.stated_on else "",
    }


ROUTES: Final = (
    *reading.routes(IMPRINT, _imprint),
    *reading.routes(PRIVACY, _privacy),
    *reading.routes(ACCESSIBILITY, _accessibility),
)
