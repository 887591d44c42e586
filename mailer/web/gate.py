"""The gate before every form: is it ours, is it of an age, did a person fill it in?

Whoever is turned away gets her form back with all she has typed, and a sentence that
says what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.web import guard
from mailer.web.entries import Problem
from mailer.web.guard import Age

if TYPE_CHECKING:
    from mailer.web.site import Site
    from mailer.web.visit import Visit

FORM: Final = "formular"
"""The form as a whole, where a problem is no single field's."""

_AGES: Final = {
    Age.TOO_OLD: (
        "Die Seite war zu lange geöffnet. Ihre Angaben sind noch da. Bitte senden Sie "
        "das Formular noch einmal ab."
    ),
    Age.TOO_NEW: (
        "Das ging sehr schnell. Bitte prüfen Sie Ihre Angaben und senden Sie das "
        "Formular noch einmal ab."
    ),
    Age.NOT_OURS: (
        "Das Formular ist nicht vollständig angekommen. Ihre Angaben sind noch da. "
        "Bitte senden Sie es noch einmal ab."
    ),
}


def is_trapped(visit: Visit) -> bool:
    """Tell whether a machine filled in what people do not see.

    It gets the same answer as everybody, and nothing happens.
    """
    return bool(visit.typed(guard.TRAP))


def stamp(site: Site, form: str) -> str:
    """Return the stamp of a form that is shown now."""
    return guard.stamp(site.desk.keys.form_key, form, site.now)


def problem(site: Site, visit: Visit, form: str) -> Problem | None:
    """Return why a form is not taken as it is; None if nothing is wrong with it."""
    given = visit.typed(guard.STAMP)
    found = guard.age(site.desk.keys.form_key, form, given, site.now)
    return None if found is Age.FINE else Problem(FORM, _AGES[found])
