"""The real resolver against a real nameserver on this machine."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Final

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from typing_extensions import override

from mailer.doctor.nameserver import Nameserver
from mailer.doctor.resolver import DnsTrouble, Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDS: Final = {
    ("town.example.", "TXT"): ['"v=spf1 " "-all"', '"gr\\195\\188\\195\\159e"'],
    ("town.example.", "A"): ["192.0.2.1"],
    ("town.example.", "AAAA"): ["2001:db8::1"],
    ("town.example.", "MX"): ["20 late.example.", "10 early.example."],
    ("silent.example.", "MX"): ["0 ."],
    ("25.2.0.192.in-addr.arpa.", "PTR"): ["relay.example."],
}


class Answering(threading.Thread):
    """A nameserver on a port of loopback, as much of one as the tests need."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.asked: list[str] = []

    @override
    def run(self) -> None:
        """Answer until the empty datagram comes."""
        while True:
            packet, sender = self.socket.recvfrom(4096)
            if not packet:
                break
            self.socket.sendto(self._answer(dns.message.from_wire(packet)), sender)

    def _answer(self, query: dns.message.Message) -> bytes:
        question = query.question[0]
        name, kind = (
            question.name.to_text().lower(),
            dns.rdatatype.to_text(question.rdtype),
        )
        self.asked.append(f"{kind} {name}")
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if name == "broken.example.":
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif found := RECORDS.get((name, kind)):
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *found))
        elif name not in {known for known, _ in RECORDS}:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()


@pytest.fixture
def server() -> Iterator[Answering]:
    """A nameserver that answers."""
    server = Answering()
    server.start()
    yield server
    server.socket.sendto(b"", ("127.0.0.1", server.port))
    server.join(10)
    server.socket.close()


@pytest.fixture
def nameserver(server: Answering) -> Nameserver:
    """Our resolver, asking that server."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = server.port
    return Nameserver(resolver)


def test_records_come_as_the_checks_want_them(nameserver: Nameserver) -> None:
    """Strings joined, both kinds of address, the preferred host first, no last dot."""
    assert set(nameserver.texts("town.example")) == {"v=spf1 -all", "grüße"}
    assert list(nameserver.addresses("Town.example")) == ["192.0.2.1", "2001:db8::1"]
    assert list(nameserver.exchanges("town.example")) == [
        Exchange(10, "early.example"),
        Exchange(20, "late.example"),
    ]
    assert list(nameserver.exchanges("silent.example")) == [Exchange(0, "")]
    assert list(nameserver.names("192.0.2.25")) == ["relay.example"]


def test_nothing_is_an_answer(nameserver: Nameserver) -> None:
    """A name that does not exist, and one without such a record, are both empty."""
    assert list(nameserver.texts("nowhere.example")) == []
    assert list(nameserver.texts("silent.example")) == []


def test_trouble_is_no_answer(nameserver: Nameserver) -> None:
    """A server that fails, and a name that cannot be one, are told apart from empty."""
    with pytest.raises(DnsTrouble):
        nameserver.texts("broken.example")
    with pytest.raises(DnsTrouble):
        nameserver.texts(f"{'a' * 70}.example")


def test_no_question_is_asked_twice(server: Answering, nameserver: Nameserver) -> None:
    """Several checks want to know the same."""
    nameserver.texts("town.example")
    nameserver.texts("TOWN.example")
    assert server.asked == ["TXT town.example."]
