"""Who is to blame for a refusal: the person's mailbox, or we?

A provider that does not trust us says "never" to one recipient after the other. Taken
at its word, each of them would be left out for a fault that is ours. So refusals are
counted in a row:

* one that names us (our server, our signature, our sender address) is enough;
* the same words to several recipients of one provider are about us as well, and then
  whatever else that provider refuses, until it takes a letter;
* the same words to recipients of several providers are our own relay's: these do not
  agree on words, so it takes nothing from us;
* so are many refusals in a row, whatever is said: then the relay takes nothing either;
* a letter that is too large for our relay is too large for everybody: one is enough.

What this leads to is an ``Alarm``: whom to leave alone, why, and which refusals of the
row are taken back, because nobody knows yet whether they were meant. No address is
ever disabled by any of it.

Source: RFC 3463, section 3.8; RFC 7372 (5.7.20 to 5.7.26); RFC 7505 (5.7.27);
RFC 5248, section 2.4 (5.7.13 is about the recipient's account); RFC 7293 (5.7.17 and
5.7.18: the mailbox changed hands).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from mailer.rendering.parcel import Verdict
from mailer.settings.providers import provider_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailer.rendering.parcel import Outcome, SmtpReply

RUN_FACTOR: Final = 4
"""So many times as many refusals in a row, of whomever, stop the whole run."""


SPEAK_ALIKE: Final = 3
"""So many providers in a row that seem to refuse in the same words: two may have the
same software, three are one relay that speaks for itself."""


class About(StrEnum):
    """Whom a refusal is about."""

    US = "us"
    PERSON = "person"
    LETTER = "letter"
    """What we sent: it would be refused whoever reads it."""
    UNCLEAR = "unclear"


_US: Final = frozenset(
    {
        "1.7",  # our sender address is malformed
        "1.8",  # the domain of our sender address does not exist
        "7.8",  # our login is wrong
        "7.20",  # no DKIM signature passes
        "7.21",  # none that the recipient accepts
        "7.22",  # none that belongs to our From
        "7.23",  # SPF fails
        "7.24",  # SPF cannot be evaluated
        "7.25",  # our server has no name for its address
        "7.26",  # several kinds of authentication fail
        "7.27",  # our domain says that it takes no mail
        "7.515",  # Outlook: authentication is required of senders like us
    }
)
"""RFC 3463 "subject.detail" that can only be meant for us."""

_BANNED: Final = range(606, 650)
"""Outlook: 5.7.606 to 5.7.649 name an address of ours that is on a list."""

_PERSON: Final = frozenset(
    {
        "7.2",  # may not write to this mailing list
        "7.13",  # the account is disabled
        "7.17",  # the mailbox has another owner now
        "7.18",  # the domain has another owner now
    }
)
"""Details of the security group that speak of the recipient all the same."""

_TOO_BIG: Final = "3.4"
"""Too big for the system that we talk to, not for one mailbox (that is 5.2.3)."""

_ADDRESSING: Final = frozenset({"1", "2"})
"""Subjects "address" and "mailbox" are about the person."""

_NOISE: Final = re.compile(r"[^\s<>]+@[^\s<>]+|\d+|[0-9a-f]{8,}", re.IGNORECASE)
"""What differs between two replies that say the same: addresses, numbers, ids."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A row of refusals that is about us.

    Attributes:
        provider: Whom to leave alone for now; None for everybody.
        reason: A German sentence for the operator.
        deliveries: Numbers of those refused in this row.
        is_about_letter: What they belong to is left alone, and all else goes on.
    """

    provider: str | None
    reason: str
    deliveries: tuple[int, ...]
    is_about_letter: bool = False


@dataclass(slots=True)
class _Row:
    """Equal refusals, one after the other."""

    words: str = ""
    deliveries: list[int] = field(default_factory=list)
    providers: set[str] = field(default_factory=set)

    def add(self, words: str, delivery: int, provider: str) -> None:
        """Take note of a refusal; other words begin a row of their own."""
        if self.words != words:
            self.words, self.deliveries, self.providers = words, [], set()
        self.deliveries.append(delivery)
        self.providers.add(provider)


@dataclass(slots=True)
class Judge:
    """Hears how every attempt ended, in the order in which they end.

    It remembers rows of refusals, nothing else, and forgets with the run: after a
    restart a row begins anew.

    Attributes:
        enough: So many equal refusals in a row are about us, at least 1.
    """

    enough: int
    _rows: dict[str, _Row] = field(default_factory=dict)
    _accused: set[str] = field(default_factory=set)
    _alike: _Row = field(default_factory=_Row)
    _everywhere: list[int] = field(default_factory=list)
    _all_accused: bool = False

    def heard(self, delivery: int, domain: str, outcome: Outcome) -> Alarm | None:
        """Take note of one outcome; return an alarm if it completes a row."""
        if outcome.verdict is Verdict.ACCEPTED and not self._remembers:
            return None
        provider = provider_of(domain)
        if outcome.verdict is not Verdict.REFUSED or outcome.reply is None:
            if outcome.verdict is Verdict.ACCEPTED:
                self._rows.pop(provider, None)
                self._accused.discard(provider)
                self._alike = _Row()
                self._everywhere.clear()
                self._all_accused = False
            return None
        if about(outcome.reply) is About.LETTER:
            return _of_letter(delivery, outcome.reply)
        if outcome.reply.code is None:  # our own words: no server has refused us
            return None
        self._note(delivery, provider, outcome.reply)
        return (
            self._of_relay(outcome.reply)
            or self._of_provider(provider, outcome.reply)
            or self._of_many(outcome.reply)
        )

    @property
    def _remembers(self) -> bool:
        """Whether anybody has refused anything since the last letter was taken."""
        return bool(
            self._rows or self._accused or self._everywhere or self._all_accused
        )

    def _note(self, delivery: int, provider: str, reply: SmtpReply) -> None:
        """Put a refusal into the rows that it belongs to, and end the others."""
        self._everywhere.append(delivery)
        if about(reply) is About.PERSON:
            self._rows.pop(provider, None)
            self._alike = _Row()
            return
        words = _NOISE.sub("", reply.text).casefold()
        for row in (self._rows.setdefault(provider, _Row()), self._alike):
            row.add(words, delivery, provider)

    def _of_relay(self, reply: SmtpReply) -> Alarm | None:
        row = self._alike
        is_long = len(row.deliveries) >= self.enough
        if not is_long or len(row.providers) < SPEAK_ALIKE:
            return None
        return self._of_all(row.deliveries, reply)

    def _of_provider(self, provider: str, reply: SmtpReply) -> Alarm | None:
        row = self._rows.get(provider)
        if row is None:
            return None
        is_certain = about(reply) is About.US or provider in self._accused
        if not is_certain and len(row.deliveries) < self.enough:
            return None
        del self._rows[provider]
        self._accused.add(provider)
        return Alarm(
            provider,
            f"Der Anbieter {provider} nimmt von uns nichts an: {_quoted(reply)}.",
            tuple(row.deliveries),
        )

    def _of_many(self, reply: SmtpReply) -> Alarm | None:
        enough = 1 if self._all_accused else self.enough * RUN_FACTOR
        if len(self._everywhere) < enough:
            return None
        return self._of_all(self._everywhere, reply)

    def _of_all(self, deliveries: Sequence[int], reply: SmtpReply) -> Alarm:
        alarm = Alarm(
            None,
            "Der Mailserver hat viele Empfänger nacheinander abgelehnt, zuletzt so: "
            f"{_quoted(reply)}. Bitte fragen Sie seinen Betreiber.",
            tuple(deliveries),
        )
        self._everywhere.clear()
        self._rows.clear()
        self._alike = _Row()
        self._all_accused = True
        return alarm


def about(reply: SmtpReply) -> About:
    """Return whom a refusal is about.

    Example:
        >>> from mailer.rendering.parcel import SmtpReply
        >>> about(SmtpReply(550, "5.7.26 unauthenticated", "5.7.26"))
        <About.US: 'us'>
    """
    if reply.enhanced is None:
        return About.UNCLEAR
    _, _, rest = reply.enhanced.partition(".")
    subject, _, detail = rest.partition(".")
    if rest in _US or (subject == "7" and int(detail) in _BANNED):
        return About.US
    if rest in _PERSON or subject in _ADDRESSING:
        return About.PERSON
    return About.LETTER if rest == _TOO_BIG else About.UNCLEAR


def _of_letter(delivery: int, reply: SmtpReply) -> Alarm:
    return Alarm(
        None,
        f"Der Brief ist dem Mailserver zu groß: {_quoted(reply)}. Bitte lassen Sie "
        "dort die Grenze erhöhen.",
        (delivery,),
        is_about_letter=True,
    )


def _quoted(reply: SmtpReply) -> str:
    code = "" if reply.code is None else f"{reply.code} "
    return f"„{code}{reply.text.rstrip(' .')}“"
