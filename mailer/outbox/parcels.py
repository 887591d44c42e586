"""From a claim to a parcel: the frozen letter, filled for one reader.

The letters of a list are read once for a run and kept; others have one reader, may be
large, and are forgotten again.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import sqlalchemy as sa

from mailer.outbox.addressing import list_message, list_parcel, parcel_for
from mailer.outbox.letterhead import ON_THE_LIST, Occurrence
from mailer.outbox.models import FrozenFile, FrozenLetter
from mailer.outbox.origins import LetterOrigin
from mailer.rendering.letter import Letter, LetterFile
from mailer.rendering.signer import Signer
from mailer.rendering.splice import Splice
from subscribers.address import EmailAddress
from subscribers.models import Mailbox

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.outbox.ledger import Claim
    from mailer.outbox.letterhead import Letterhead
    from mailer.rendering.parcel import Parcel
    from subscribers.database import Database, Db
    from subscribers.topics import LetterStyle

_Frozen: TypeAlias = "tuple[Letter, datetime, Occurrence]"
"""A letter as issued, its Date, and what is special about it."""

_Listed: TypeAlias = "tuple[Splice, Signer]"
"""What writes a list's letter for one reader, and what signs it."""


class ParcelMaker:
    """Makes the parcels of one run."""

    def __init__(self, database: Database, letterhead: Letterhead) -> None:
        """Begin without any letter."""
        self._database = database
        self._letterhead = letterhead
        self._letters: dict[tuple[str, LetterStyle], _Listed] = {}
        self._reading = asyncio.Lock()

    async def parcel(self, claimed: Claim) -> Parcel:
        """Return what the transport gets for *claimed*.

        Raises:
            MessageUnsafe: Something about the reader cannot stand in a message.
        """
        parcel = self.listed(claimed)
        if parcel is None:
            async with self._reading:
                # Another lane may have asked for it.
                parcel = self.listed(claimed) or await self._first(claimed)
        return parcel

    def listed(self, claimed: Claim) -> Parcel | None:
        """Return the same if its letter goes to a list, and was read before.

        Raises:
            MessageUnsafe: As ``parcel``.
        """
        letter = self._letters.get((claimed.occasion, claimed.style))
        if letter is None:
            return None
        splice, signer = letter
        return self._signed(list_parcel(claimed, self._letterhead, splice), signer)

    async def _first(self, claimed: Claim) -> Parcel:
        """Read the letter of *claimed*, keep it if others get it too, and write it."""
        head = self._letterhead
        letter, dated_at, occurrence = await asyncio.to_thread(self._read, claimed)
        # Every copy is signed at the moment of its Date: the bytes are the same.
        signer = Signer(head.signing_keys, at=dated_at)
        if occurrence is not ON_THE_LIST:
            parcel = parcel_for(claimed, letter, dated_at, head, occurrence)
        else:
            build = partial(list_message, letter, dated_at, head)
            splice = Splice(build, cuts=head.splices)
            self._letters[claimed.occasion, claimed.style] = splice, signer
            parcel = list_parcel(claimed, head, splice)
        return self._signed(parcel, signer)

    def _signed(self, parcel: Parcel, signer: Signer) -> Parcel:
        """Return *parcel* as it leaves: signed, if that is our task.

        Not in a thread: a third of a millisecond is less than what a slow answer costs,
        and the interpreter belongs to whoever signs in any case.
        """
        if not self._letterhead.signing_keys:
            return parcel
        return parcel._replace(content=signer.signed(parcel.content))

    def _read(self, claimed: Claim) -> _Frozen:
        # Read only: whoever writes just now is not in the way.
        with self._database.reading("letter") as db:
            return _frozen(db, claimed)


def _frozen(db: Db, claimed: Claim) -> _Frozen:
    """Return the letter of *claimed* as it was issued, its Date, what is special."""
    row = db.scalars(
        sa.select(FrozenLetter).where(
            FrozenLetter.occasion == claimed.occasion,
            FrozenLetter.style == claimed.style,
        )
    ).one()
    letter = Letter(
        subject=row.subject,
        text=row.text,
        html=row.html,
        calendar=row.calendar,
        method=row.method,
        files=tuple(
            LetterFile(one.name, one.media_type, one.content)
            for one in db.scalars(
                sa.select(FrozenFile)
                .where(FrozenFile.occasion == claimed.occasion)
                .order_by(FrozenFile.number)
            )
        ),
    )
    return letter, row.dated_at, _occurrence(db, row)


def _occurrence(db: Db, row: FrozenLetter) -> Occurrence:
    if row.origin is LetterOrigin.EDITION:
        return ON_THE_LIST
    asker = db.get(Mailbox, row.reply_to_id) if row.reply_to_id else None
    reply_to = None
    if asker is not None and asker.address and asker.canonical:
        reply_to = EmailAddress.restore(asker.address, asker.canonical)
    return Occurrence(
        origin=row.origin,
        in_reply_to=row.in_reply_to,
        thread=tuple(row.thread.split()),
        reply_to=reply_to,
        enclosed=row.attachment,
    )
