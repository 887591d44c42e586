"""``docs/faults.md``, made from the tables of faults."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mailer.rendering.parcel import Verdict
from tests.faults import connecting, content, envelope, replies
from tests.faults.elsewhere import ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.faults.fault import Expected, Fault

SECTIONS: Final[Mapping[str, Sequence[Fault]]] = {
    "Greeting": connecting.GREETING,
    "EHLO": connecting.EHLO,
    "TLS": connecting.TLS,
    "Login": connecting.LOGIN,
    "MAIL": envelope.SENDER,
    "RCPT": envelope.RECIPIENT,
    "What it offers": envelope.CAPABILITY,
    "DATA, before the content": content.BEFORE,
    "Within the content": content.WITHIN,
    "After the final dot": content.AFTER,
    "Good-bye": content.GOOD_BYE,
    "The form of its replies": replies.FORM,
    "Replies that nobody asked for": replies.UNASKED,
}

FAULTS: Final[Sequence[Fault]] = [row for rows in SECTIONS.values() for row in rows]

OUTCOMES: Final = {
    Verdict.ACCEPTED: "accepted",
    Verdict.DEFERRED: "later",
    Verdict.REFUSED: "refused",
    Verdict.UNKNOWN: "in doubt",
    Verdict.NOT_SENT: "not sent",
}
"""What becomes of the letter; an error says that it has not left."""

HEAD: Final = """\
# Faults of SMTP servers

Made from `tests/faults` by `make docs`; do not edit.

What servers are known to do wrong or at the wrong moment, what becomes of the letter,
and why. `tests/unit/transport/test_misbehaviours.py` has a server that does exactly
that, for each row and for both ways of speaking: step by step, and reading ahead.

* **accepted**: the server has taken it, and said so.
* **later**: it holds nothing; the letter is tried again.
* **refused**: it holds nothing and never will.
* **in doubt**: the content had left and no fitting answer came. By default the letter
  is sent once more, with identical bytes, and listed.
* an error such as `TransportBusy`: it is about us, the server or the line. No letter
  was marked and none has left; the run ends, or goes on with another connection.
"""


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for title, rows in SECTIONS.items():
        parts.append(f"\n## {title}\n\n| no. | the server … | outcome | because |\n")
        parts.append("| --- | --- | --- | --- |\n")
        parts += [_row(one.name, _outcome(one.expected), one.because) for one in rows]
    parts.append("\n## With tests of their own\n\n")
    parts.append("| no. | what happens | outcome | because | test |\n")
    parts.append("| --- | --- | --- | --- | --- |\n")
    for one in ELSEWHERE:
        row = _row(one.name, one.outcome, one.because).rstrip()
        parts.append(f"{row} `{one.test.partition('::')[0]}` |\n")
    return "".join(parts)


def numbers() -> Iterator[int]:
    """Yield the number of every row that has one."""
    for name in [one.name for one in FAULTS] + [one.name for one in ELSEWHERE]:
        if found := re.match(r"\d+", name):
            yield int(found[0])


def _row(name: str, outcome: str, because: str) -> str:
    found = re.fullmatch(r"(\d*) ?(.+)", name)
    assert found is not None
    return f"| {found[1] or '–'} | {found[2]} | {outcome} | {because} |\n"


def _outcome(expected: Expected) -> str:
    if isinstance(expected, Verdict):
        return OUTCOMES[expected]
    return f"`{expected.__name__}`"
