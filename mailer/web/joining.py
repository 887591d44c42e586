"""Joining: the form, what is wrong with it, and the page that says where to look.

Whoever asks is answered at once and always in the same way: her wish is written down,
and whether we know her is found out afterwards, by the clerk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.editions.service import wording_names
from mailer.web import counting, entries, gate, limits, refusals
from mailer.web.entries import Problem
from mailer.web.limits import Reached
from mailer.web.models import Wish, WishKind
from mailer.web.pages import render
from mailer.web.visit import Route
from subscribers.wordings import Wording, WordingName, wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from mailer.web.site import Site
    from mailer.web.visit import Visit
    from subscribers.address import EmailAddress

PATH: Final = "/anmelden"

FORM: Final = "join"

UNFIT: Final = 422
"""What was typed is understood and cannot be taken (RFC 9110, section 15.5.21)."""


def show(site: Site, visit: Visit) -> Response:
    """Show the form."""
    return _form(site, visit)


def act(site: Site, visit: Visit) -> Response:
    """Take down the wish to join."""
    address, name = entries.address(visit), entries.name(visit)
    found = [
        gate.problem(site, visit, FORM),
        address if isinstance(address, Problem) else None,
        name if isinstance(name, Problem) else None,
        entries.consent(visit),
    ]
    problems = [one for one in found if one is not None]
    if gate.is_trapped(visit):
        return _told(site)
    if problems or isinstance(address, Problem) or isinstance(name, Problem):
        return _form(site, visit, problems)
    other = entries.meant(address)
    if other is not None and not visit.typed(entries.MEANT):
        return _form(site, visit, meant=other.text)
    if other is not None and visit.typed(entries.MEANT) == "ja":
        address = other
    words = consent_words(site)
    wish = Wish(
        kind=WishKind.JOIN,
        address=address.text,
        name=name,
        style=entries.style(visit),
        wording_version=words.version,
        wording=words.text,
        made_at=site.now,
    )
    return take(site, visit, wish, address) or _told(site)


def take(
    site: Site, visit: Visit, wish: Wish, address: EmailAddress
) -> Response | None:
    """Write *wish* down for the clerk; return a page only if it cannot be taken now.

    Args:
        address: Whom it is about; her visits are counted, not kept.
    """
    with site.database.transaction("wish") as db:
        reached = counting.admit(
            db,
            limits.LETTERS,
            key=site.desk.keys.tally_key,
            network=visit.network,
            address=address.canonical,
            now=site.now,
        )
        if reached is None:
            db.add(wish)
    match reached:
        case Reached.WAIT:
            return refusals.page_for(site, refusals.TOO_MANY)
        case Reached.ATTACK:
            return render(site, "by_mail", "Bitte schreiben Sie uns eine E-Mail")
        case _:
            site.ring()
            return None


def consent_words(site: Site) -> Wording:
    """Return what somebody agrees to who ticks the box."""
    return wording(WordingName.INVITATIONS_WEB, wording_names(site.settings))


def _form(
    site: Site, visit: Visit, problems: Sequence[Problem] = (), *, meant: str = ""
) -> Response:
    return render(
        site,
        "join",
        "Einladungen per E-Mail bekommen",
        status=UNFIT if problems or meant else 200,
        here="anmelden",
        other=f"{PATH}#leichte-sprache",
        problems=problems,
        meant=meant,
        typed={name: visit.typed(name) for name in (entries.EMAIL, entries.NAME)},
        style=visit.typed(entries.STYLE),
        is_agreed=bool(visit.ticked(entries.CONSENT)),
        words=consent_words(site).text,
        stamp=gate.stamp(site, FORM),
    )


def _told(site: Site) -> Response:
    return render(
        site,
        "look_for_mail",
        "Bitte sehen Sie in Ihr E-Mail-Postfach",
        here="anmelden",
        days=site.settings.policy.confirm_within.days,
    )


ROUTES: Final = (Route(PATH, show, act),)
