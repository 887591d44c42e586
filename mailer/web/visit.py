"""A visit: one request, as the pages see it, and the table row that leads to a page.

A page is an ordinary function of the site and a visit. It runs in a thread of its own,
may open a transaction, and knows nothing of the server before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from starlette.responses import Response

from mailer.web.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Visit:
    """One request.

    Attributes:
        method: "GET", "HEAD" or "POST".
        path: Below the base URL, "/anmelden"; it may hold a token.
        params: The places of the route, "token" in "/abmelden/{token}".
        query: What stands behind the question mark, the first of each name.
        form: What a form brought, all values of each name; empty without one.
        headers: By name in small letters.
        network: From where, "198.51.100.0/24"; for limits alone, it is never stored.
        is_from_here: Somebody on this very machine asks, and for nobody else.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    network: str = ""
    is_from_here: bool = False

    @property
    def acts(self) -> bool:
        """Whether it may change something; looking never does."""
        return self.method == "POST"

    def typed(self, name: str) -> str:
        """Return what was typed into a field, without spaces around it."""
        return self.form.get(name, ("",))[0].strip()

    def ticked(self, name: str) -> tuple[str, ...]:
        """Return the boxes that were ticked."""
        return self.form.get(name, ())


Page: TypeAlias = Callable[[Site, Visit], Response]
"""Answers a visit. Whatever it raises becomes a page of its own."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a page is.

    Attributes:
        path: Below the base URL, "/abmelden/{token}".
        show: Answers GET and HEAD; changes nothing.
        act: Answers POST; None if nothing can be done there.
        is_open: Forms of other sites, and programs, may post here as well: one-click.
        is_quick: It needs no database and is answered when every thread is busy.
    """

    path: str
    show: Page
    act: Page | None = None
    is_open: bool = False
    is_quick: bool = False
