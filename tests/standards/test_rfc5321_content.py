"""RFC 5321, sections 2.3.8 and 4.5.2: what leaves is what arrives."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailer.errors import ContentUnsafe
from mailer.rendering.parcel import Verdict
from mailer.transport.smtp import SmtpTransport
from tests.servers import ScriptedSmtp
from tests.wire import Mark, parcel, relay

if TYPE_CHECKING:
    from collections.abc import Iterator

ASCII_LINES = st.lists(
    st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=60)
    .map(lambda line: line.replace("\r", "").replace("\n", ""))
    .map(str.encode)
    | st.sampled_from([b".", b"..", b". ", b".x", b"...", b"", b"QUIT", b"DATA"]),
    min_size=1,
    max_size=12,
)


class _Line:
    """A transport with an event loop of its own, kept warm between examples."""

    def __init__(self, server: ScriptedSmtp) -> None:
        self.server = server
        self._runner = asyncio.Runner()
        self._transport = SmtpTransport(relay(server))

    def carried(self, content: bytes) -> bytes:
        """Send *content* and return what the server took."""
        sending = self._transport.send(parcel(content=content), Mark())
        outcome = self._runner.run(sending)
        assert outcome.verdict is Verdict.ACCEPTED
        return self.server.accepted.pop().content

    def close(self) -> None:
        """Hang up."""
        self._runner.run(self._transport.close())
        self._runner.close()


@pytest.fixture
def line() -> Iterator[_Line]:
    """A warm connection to a server."""
    with ScriptedSmtp() as server:
        line = _Line(server)
        yield line
        line.close()


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ASCII_LINES)
@example([b"."])
@example([b"", b".", b""])
@example([b".", b"MAIL FROM:<evil@ort.example>"])
def test_any_text_arrives_as_it_is(line: _Line, lines: list[bytes]) -> None:
    """Section 4.5.2: leading periods are doubled on the wire and nowhere else."""
    content = b"\r\n".join([*lines, b""])

    assert line.carried(content) == content


@given(ASCII_LINES, st.sampled_from([b"\r", b"\n", b"\n\r", b"\r\r\n"]), st.data())
def test_bare_line_ends_do_not_leave(
    lines: list[bytes], bare: bytes, data: st.DataObject
) -> None:
    """Section 2.3.8: CR and LF are sent as CRLF only; other forms smuggle messages."""
    place = data.draw(st.integers(0, len(lines)))
    content = b"\r\n".join([*lines[:place], b"x" + bare + b"x", *lines[place:], b""])
    sending = SmtpTransport(relay(1)).send(parcel(content=content), Mark())

    with pytest.raises(ContentUnsafe):
        asyncio.run(sending)
