"""SPF as RFC 7208 has it: mechanisms, signs, redirect, and the limits on questions."""

from __future__ import annotations

import pytest

from mailer.doctor.spf import SpfResult, judge
from tests.patients import Zone

RELAY = "192.0.2.25"
RELAY_SIX = "2001:db8::25"


def zone(record: str, **more: str) -> Zone:
    """Return DNS in which town.example has *record*; others as ``a_b`` for a.b."""
    others = {f"{name}.example": (text,) for name, text in more.items()}
    return Zone(
        txt={"town.example": (record,), **others},
        a={
            "town.example": ("192.0.2.1",),
            "relay.example": (RELAY, RELAY_SIX),
            "far.example": ("198.51.100.7",),
        },
        mx={"town.example": [(10, "relay.example"), (20, "far.example")]},
    )


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:192.0.2.25 -all", "pass"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("v=spf1 ip4:192.0.2.25/24 -all", "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", "fail"),
        ("v=spf1 ip6:2001:db8::/32 ~all", "softfail"),
        ("v=spf1 ip4:198.51.100.0/24 ?all", "neutral"),
        ("v=spf1 ip4:198.51.100.0/24", "neutral"),
        ("v=spf1 a:relay.example -all", "pass"),
        ("V=SPF1 A:Relay.Example -ALL", "pass"),
        ("v=spf1 a -all", "fail"),
        ("v=spf1 a/24 -all", "pass"),
        ("v=spf1 a:far.example/24 -all", "fail"),
        ("v=spf1 mx -all", "pass"),
        ("v=spf1 mx:town.example/32 -all", "pass"),
        ("v=spf1 -a:relay.example +all", "fail"),
        ("v=spf1 ~ip4:192.0.2.25 -all", "softfail"),
        ("v=spf1 exp=why.example ip4:192.0.2.25", "pass"),
        ("v=spf1", "neutral"),
    ],
)
def test_mechanisms_match_as_they_say(record: str, result: str) -> None:
    """Sections 4.6.2, 5.1 to 5.6: the first that matches decides, with its sign."""
    assert judge("town.example", RELAY, zone(record)).result == result


def test_an_address_of_six_is_asked_for_its_own_kind() -> None:
    """Sections 5.3 and 5.6: "a//64" is about IPv6, "ip4" never matches it."""
    near = "2001:db8::99"
    assert (
        judge("town.example", RELAY_SIX, zone("v=spf1 a:relay.example -all")).result
        == "pass"
    )
    assert (
        judge("town.example", near, zone("v=spf1 a:relay.example -all")).result
        == "fail"
    )
    assert (
        judge("town.example", near, zone("v=spf1 a:relay.example//64 -all")).result
        == "pass"
    )
    assert (
        judge("town.example", near, zone("v=spf1 ip6:2001:db8::/64 -all")).result
        == "pass"
    )
    assert (
        judge("town.example", near, zone("v=spf1 ip4:0.0.0.0/0 -all")).result == "fail"
    )


@pytest.mark.parametrize(
    ("included", "result"),
    [
        ("v=spf1 ip4:192.0.2.25 -all", "pass"),
        ("v=spf1 -all", "softfail"),
        ("v=spf1 ~ip4:192.0.2.25", "softfail"),
        ("v=spf1 +all", "pass"),
    ],
)
def test_include_counts_only_a_pass(included: str, result: str) -> None:
    """Section 5.2: a "fail" inside an include is no match outside."""
    world = zone("v=spf1 include:provider.example ~all", provider=included)
    assert judge("town.example", RELAY, world).result == result


def test_redirect_takes_over() -> None:
    """Section 6.1: only if nothing matched, and an unknown target is an error."""
    world = zone(
        "v=spf1 redirect=provider.example", provider="v=spf1 mx:town.example -all"
    )
    assert judge("town.example", RELAY, world).result is SpfResult.PASS
    world = zone("v=spf1 +all redirect=none.example")
    assert judge("town.example", RELAY, world).result is SpfResult.PASS
    world = zone("v=spf1 redirect=none.example")
    assert judge("town.example", RELAY, world).result is SpfResult.PERMERROR


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 include:none.example -all",
        "v=spf1 ip4:192.0.2 -all",
        "v=spf1 ip4:192.0.2.0/99 -all",
        "v=spf1 relay:192.0.2.25 -all",
        "v=spf1 ip4:192.0.2.25, -all",
        "v=spf1 a:x1.example a:x2.example a:x3.example -all",
    ],
)
def test_a_broken_record_is_a_permanent_error(record: str) -> None:
    """Sections 4.6 and 5.2: a slip of the pen spoils the whole record."""
    found = judge("town.example", RELAY, zone(record))
    assert found.result is SpfResult.PERMERROR
    assert found.reason


def test_two_records_are_an_error() -> None:
    """Section 4.5: nobody knows which one is meant; other TXT records do not count."""
    world = Zone(txt={"town.example": ("v=spf1 -all", "hello", "v=spf1 +all")})
    assert judge("town.example", RELAY, world).result is SpfResult.PERMERROR
    world = Zone(txt={"town.example": ("hello", "v=spf10 +all", "v=spf1 +all")})
    assert judge("town.example", RELAY, world).result is SpfResult.PASS


def test_ten_questions_are_allowed_and_no_more() -> None:
    """Section 4.6.4: the eleventh is an error, wherever it stands."""
    ten = " ".join(f"a:far{n}.example" for n in range(10))
    places = {f"far{n}.example": ("198.51.100.7",) for n in range(11)}
    world = Zone(txt={"town.example": (f"v=spf1 {ten} +all",)}, a=places)
    assert judge("town.example", RELAY, world).result is SpfResult.PASS
    world = Zone(
        txt={"town.example": (f"v=spf1 {ten} a:far10.example +all",)}, a=places
    )
    found = judge("town.example", RELAY, world)
    assert (found.result, found.lookups) == (SpfResult.PERMERROR, 11)


def test_a_circle_of_includes_ends() -> None:
    """Two domains that include each other use up the questions, not the machine."""
    world = zone(
        "v=spf1 include:other.example -all", other="v=spf1 include:town.example -all"
    )
    assert judge("town.example", RELAY, world).result is SpfResult.PERMERROR


def test_many_exchanges_are_an_error() -> None:
    """Section 4.6.4: an "mx" names ten hosts at most."""
    many = [(n, f"mx{n}.example") for n in range(11)]
    world = Zone(
        txt={"town.example": ("v=spf1 mx -all",)},
        mx={"town.example": many},
        a={name: ("198.51.100.7",) for _, name in many},
    )
    assert judge("town.example", RELAY, world).result is SpfResult.PERMERROR


def test_what_needs_a_letter_is_told() -> None:
    """Sections 5.5, 5.7 and 7: "exists", "ptr" and macros are named, not guessed."""
    record = "v=spf1 exists:%{i}.spf.example ptr include:%{d}.example redirect=%{d2}"
    found = judge("town.example", RELAY, zone(record))
    assert found.result is SpfResult.NEUTRAL
    assert found.unread == tuple(record.split()[1:])


def test_a_silent_server_is_a_passing_error() -> None:
    """Section 2.6.6: nobody knows; trying later may help."""
    world = Zone(
        txt={"town.example": ("v=spf1 a:gone.example -all",)},
        dead=frozenset({"gone.example"}),
    )
    found = judge("town.example", RELAY, world)
    assert found.result is SpfResult.TEMPERROR
    assert "gone.example" in found.reason


def test_no_record_is_no_answer() -> None:
    """Section 2.6.1: "none" is what a domain without SPF gets."""
    assert judge("town.example", RELAY, Zone()).result is SpfResult.NONE
