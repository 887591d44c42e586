"""Who serves a domain, and which domains somebody serves."""

from __future__ import annotations

from mailer.settings.providers import DOMAINS, domains_of, meant, provider_of


def test_one_house_is_one_provider() -> None:
    """GMX and WEB.DE share servers and judgement, and so do their pauses."""
    assert provider_of("gmx.net") == provider_of("web.de") == "gmx"


def test_a_domain_that_nobody_knows_is_its_own_provider() -> None:
    """The town's own server is judged by itself."""
    assert provider_of("rathaus.example") == "rathaus.example"
    assert domains_of(["rathaus.example"]) == {"rathaus.example"}


def test_every_domain_has_one_provider() -> None:
    """The table is consistent: canonical spelling, and nothing twice."""
    domains = [domain for row in DOMAINS.values() for domain in row]
    assert len(domains) == len(set(domains))
    assert all(domain == domain.lower() and domain.isascii() for domain in domains)
    for name, row in DOMAINS.items():
        assert domains_of([name]) == set(row)
        assert {provider_of(domain) for domain in row} == {name}


def test_a_person_may_name_a_provider_by_any_of_its_names() -> None:
    """Capitals and umlauts do not matter; what is no name leads nowhere."""
    for name, domains in DOMAINS.items():
        assert {meant(one.upper()) for one in (name, *domains)} == {name}
    assert meant(" Müller.example ") == "xn--mller-kva.example"
    assert meant("tonline") is meant("") is meant("gmx, web") is None
