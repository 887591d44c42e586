"""Who takes our mail in the end: mailbox providers, and the domains of each.

A provider judges a sender as a whole. When GMX refuses us, it refuses us for gmx.de
and gmx.net alike; so pace and pauses count by provider. The table holds those that
people in Germany use; any other domain is a provider of its own. No DNS is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from subscribers.address import EmailAddress
from subscribers.errors import InvalidAddress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DOMAINS: Final[Mapping[str, tuple[str, ...]]] = {
    # GMX and WEB.DE are one house with one set of mail servers and one postmaster.
    "gmx": (
        "gmx.de",
        "gmx.net",
        "gmx.at",
        "gmx.ch",
        "gmx.com",
        "gmx.eu",
        "gmx.info",
        "gmx.biz",
        "gmx.org",
        "web.de",
        "email.de",
        "mail.com",
    ),
    "t-online": ("t-online.de", "magenta.de"),
    "gmail": ("gmail.com", "googlemail.com"),
    "outlook": (
        "outlook.de",
        "outlook.com",
        "outlook.at",
        "hotmail.de",
        "hotmail.com",
        "hotmail.at",
        "hotmail.ch",
        "live.de",
        "live.com",
        "live.at",
        "msn.com",
        "passport.com",
    ),
    "yahoo": (
        "yahoo.de",
        "yahoo.com",
        "yahoo.at",
        "ymail.com",
        "rocketmail.com",
        "aol.de",
        "aol.com",
    ),
    "apple": ("icloud.com", "me.com", "mac.com"),
    "freenet": ("freenet.de",),
    "vodafone": ("vodafone.de", "arcor.de", "vodafonemail.de", "unitybox.de"),
    "1und1": ("online.de", "onlinehome.de"),
    "posteo": ("posteo.de", "posteo.net"),
    "mailbox.org": ("mailbox.org",),
}
"""Name of a provider, as people type it, to the domains it serves."""

_PROVIDER: Final = {
    domain: name for name, domains in DOMAINS.items() for domain in domains
}


UNKNOWN: Final = (
    "Den Anbieter „{}“ kennt mia nicht. Bitte nennen Sie seine Domain, zum Beispiel "
    f"post.example, oder einen von diesen: {', '.join(DOMAINS)}."
)
"""What is said about a name that is neither known nor a domain."""


def meant(name: str) -> str | None:
    """Return which provider a person means; None for what is no name of one.

    Example:
        >>> meant("WEB.DE"), meant("müller.example"), meant("tonline")
        ('gmx', 'xn--mller-kva.example', None)
    """
    plain = name.strip().casefold()
    if plain in DOMAINS:
        return plain
    try:
        return provider_of(EmailAddress.parse(f"post@{plain}").domain)
    except InvalidAddress:
        return None


def provider_of(domain: str) -> str:
    """Return who serves *domain*; the domain itself if we know no better.

    Args:
        domain: Canonical: A-labels in lower case; the name of a provider will do.

    Example:
        >>> provider_of("web.de"), provider_of("post.example")
        ('gmx', 'post.example')
    """
    return _PROVIDER.get(domain, domain)


def domains_of(providers: Iterable[str]) -> frozenset[str]:
    """Return all domains that *providers* serve.

    Example:
        >>> sorted(domains_of(["t-online", "post.example"]))
        ['magenta.de', 'post.example', 't-online.de']
    """
    return frozenset(
        domain for name in providers for domain in DOMAINS.get(name, (name,))
    )
