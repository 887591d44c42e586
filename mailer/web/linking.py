"""A lost link: whoever is with us gets her own link once more, in her mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.web import entries, gate, joining
from mailer.web.entries import Problem
from mailer.web.models import Wish, WishKind
from mailer.web.pages import render
from mailer.web.visit import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from mailer.web.site import Site
    from mailer.web.visit import Visit

PATH: Final = "/link"

FORM: Final = "link"


def show(site: Site, visit: Visit) -> Response:
    """Ask for the address."""
    return _form(site, visit)


def act(site: Site, visit: Visit) -> Response:
    """Take down the wish; the answer says nothing about who is with us."""
    address = entries.address(visit)
    too_early = gate.problem(site, visit, FORM)
    if gate.is_trapped(visit):
        return _told(site)
    if isinstance(address, Problem) or too_early is not None:
        found = (too_early, address)
        return _form(site, visit, [one for one in found if isinstance(one, Problem)])
    wish = Wish(kind=WishKind.LINK, address=address.text, made_at=site.now)
    return joining.take(site, visit, wish, address) or _told(site)


def _form(site: Site, visit: Visit, problems: Sequence[Problem] = ()) -> Response:
    return render(
        site,
        "lost_link",
        "Meinen Link noch einmal bekommen",
        status=joining.UNFIT if problems else 200,
        other=f"{PATH}#leichte-sprache",
        problems=problems,
        typed={entries.EMAIL: visit.typed(entries.EMAIL)},
        stamp=gate.stamp(site, FORM),
    )


def _told(site: Site) -> Response:
    return render(site, "link_sent", "Bitte sehen Sie in Ihr E-Mail-Postfach")


ROUTES: Final = (Route(PATH, show, act),)
